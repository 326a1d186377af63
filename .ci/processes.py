"""Servers for the black-box runs: arXiv's replica and ours, as separate processes, and what to ask them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PYTHON = str(ROOT / ".venv" / "bin" / "python")


@dataclass
class Answer:
    """Status, headers (small letters) and body of one answer; errors are answers, too."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server and its address."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None, timeout: float = 60) -> Answer:
        request = urllib.request.Request(self.url + path, headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def json(self, path: str, body: object = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=data), timeout=30) as response:
            answer: dict[str, Any] = json.loads(response.read() or b"{}")
        return answer

    def stop(self, how: int = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        return self.process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start(command: list[str], port: int, environ: Mapping[str, str], probe: str, log: Path) -> Server:
    """Start *command* in its own process group and wait until *probe* answers."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ}, stdout=out, stderr=out, start_new_session=True
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        with contextlib.suppress(OSError):
            if server.get(probe, timeout=2).status < 500:
                return server
        time.sleep(0.1)
    raise SystemExit(f"{command} did not answer within 60 s:\n{log.read_text()[-3000:]}")


@dataclass
class Scene:
    """A folder for what is written, and every server started in it; all are stopped at the end."""

    folder: Path
    servers: list[Server] = field(default_factory=list)

    def arxiv(self, *arguments: str, port: int | None = None) -> Server:
        port = port or free_port()
        command = [sys.executable, str(SHARED / "arxiv_replica" / "serve.py"), "--port", str(port), *arguments]
        return self._keep(start(command, port, {}, "/__control", self.folder / "arxiv.log"))

    def ours(
        self, arxiv: Server | str, *, prefix: tuple[str, ...] = (), cache: str | None = None, **environ: str
    ) -> Server:
        port = free_port()
        url = arxiv if isinstance(arxiv, str) else arxiv.url
        settings = {"ARXIV_URL": url, "CACHE_URL": cache or f"sqlite:///{self.folder}/cache.sqlite3", "PORT": str(port)}
        command = [*prefix, PYTHON, "-m", "digest", "serve"]
        return self._keep(start(command, port, {**settings, **environ}, "/healthz", self.folder / "ours.log"))

    def ours_with_clock(
        self, arxiv: Server, clock: Path, *, store: str = "", services: int | None = None, **environ: str
    ) -> Server:
        """Ours, with the seconds in *clock* added to the system's time, over a SQLite file of its own or *store*.

        Its messages go to the stand-ins at the port *services*.
        """
        port = free_port()
        script = str(Path(__file__).with_name("clock_server.py"))
        command = [PYTHON, script, str(clock), store or str(self.folder / "cache.sqlite3"), str(port)]
        command += [] if services is None else [str(services)]
        return self._keep(
            start(command, port, {"ARXIV_URL": arxiv.url, **environ}, "/healthz", self.folder / "ours.log")
        )

    def _keep(self, server: Server) -> Server:
        self.servers.append(server)
        return server


@contextlib.contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Scene(folder)
    try:
        yield made
    finally:
        for server in made.servers:
            if server.process.poll() is None:
                server.stop(signal.SIGKILL)
