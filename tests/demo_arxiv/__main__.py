"""Command line: serve the stub until ctrl-C."""

import argparse
import os
import sys
import threading
from contextlib import suppress
from datetime import date, datetime

from tests.demo_arxiv.archive import EASTERN
from tests.demo_arxiv.server import DemoArxiv


def moment(text: str) -> datetime:
    """Read an ISO time; without a zone it is US Eastern."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=EASTERN)


def serve_against(arxiv: DemoArxiv) -> int:
    """Serve the program over the stub until ctrl-C, everything in memory."""
    from digest.cli.commands import main as run

    with arxiv:
        os.environ |= {"ARXIV_URL": arxiv.url, "DIGEST_ARXIV_DEMO": "true", "CACHE_URL": "memory://"}
        sys.argv[1:] = ["serve"]
        run()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo_arxiv", description="Serve a small stub arXiv.")
    parser.add_argument("--port", type=int, default=8791, help="port on 127.0.0.1; 0 takes a free one (%(default)s)")
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--today", type=date.fromisoformat, help="stand still at noon of this day, US Eastern")
    clock.add_argument("--now", type=moment, help="stand still at this ISO time; without a zone it is US Eastern")
    parser.add_argument(
        "--serve", action="store_true", help="serve the program against the stub, which takes a free port"
    )
    options = parser.parse_args()
    try:
        arxiv = DemoArxiv(today=options.today, now=options.now, port=0 if options.serve else options.port)
    except OSError as error:
        print(f"can't serve on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    if options.serve:
        return serve_against(arxiv)
    with arxiv:
        print(f"demo arXiv at {arxiv.url}", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
