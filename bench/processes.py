"""Processes that benchmarks start, and what is asked of them."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_ADDRESS = re.compile(rb"127\.0\.0\.1(?::| port )(\d+)")
_PATIENCE_S = 30


def run_json(module: str, *arguments: str) -> Any:
    """Run `python -m MODULE ARGUMENTS` and return the JSON of its last line of output."""
    made = subprocess.run([sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(made.stdout.splitlines()[-1])


@contextmanager
def server(module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a server as `python -m MODULE ARGUMENTS` on a free port of its choice, and give this port as its log tells."""
    with TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", module, *arguments],
            stdout=log,
            stderr=log,
            env={**os.environ, **(environ or {})},
        )
        try:
            yield _port(process, log.fileno())
        finally:
            process.terminate()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: int) -> int:
    until = time.monotonic() + _PATIENCE_S
    said = b""
    while process.poll() is None and time.monotonic() < until:
        said = os.pread(log, 1 << 16, 0)
        ports = [int(port) for port in _ADDRESS.findall(said) if int(port)]
        if ports:
            return ports[0]
        time.sleep(0.05)
    raise RuntimeError(f"no server came up: {said.decode(errors='replace')}")


def rss_mb() -> float:
    """Return this process's resident memory; where the system doesn't tell, the most that it ever had."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
