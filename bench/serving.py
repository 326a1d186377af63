"""A warm feed and a 304 on one worker against a bare FastAPI route that returns the same bytes."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.bare import BODY_VARIABLE
from bench.material import fill
from bench.processes import server
from bench.report import Figure, print_figures
from digest.clock import utc_now
from digest.store.factory import open_store

PAPERS = 50
ROUNDS = 24
_CONNECTIONS = 8
_TURNS = 40
NOWHERE = "http://127.0.0.1:9"
"""Everything is in the store; nothing may be fetched."""
_PATH = "/rss/cs.LG?days=1"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TAG = re.compile(rb'etag: *("[^"]*")', re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"


class Client:
    """Some keep-alive connections with one request in flight on each, so that the server never waits for the client."""

    def __init__(self, port: int) -> None:
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(_CONNECTIONS)]

    def get(self, request: bytes) -> tuple[bytes, bytes]:
        """Return head and body of one answer."""
        self._sockets[0].sendall(request)
        return receive(self._sockets[0])

    def time_per_answer(self, request: bytes) -> float:
        """Return seconds, averaged over `_TURNS` on every connection."""
        start = time.perf_counter()
        for _ in range(_TURNS):
            for one in self._sockets:
                one.sendall(request)
            for one in self._sockets:
                receive(one)
        return (time.perf_counter() - start) / (_TURNS * _CONNECTIONS)

    def close(self) -> None:
        for one in self._sockets:
            one.close()


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: bench", *headers, "", ""]).encode()


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    received = connection.recv(1 << 18)
    while (end := received.find(_HEAD_END)) < 0:
        received += _more(connection)
    head, body = received[:end], bytearray(received[end + len(_HEAD_END) :])
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += _more(connection)
    return head, bytes(body)


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(1 << 18)
    if not chunk:
        raise ConnectionError("the server closed the connection")
    return chunk


def start_both(stack: ExitStack) -> tuple[Client, Client, bytes]:
    """Start ours, with a feed that is warm, and the bare one; return a client of each, and the feed's tag."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    store_url = f"sqlite:///{folder}/cache.sqlite3"
    asyncio.run(fill_store(store_url))
    ours = client(
        stack,
        *("digest", "serve", "--host", "127.0.0.1", "--port", "0"),
        environ={"CACHE_URL": store_url, "ARXIV_URL": NOWHERE, "DIGEST_CONFIG": os.devnull},
    )
    head, body = ours.get(get(_PATH))
    assert head.startswith(b"HTTP/1.1 200"), head
    (folder / "body").write_bytes(body)
    bare = client(
        stack,
        *("uvicorn", "bench.bare:app", "--host", "127.0.0.1", "--port", "0", "--no-access-log"),
        environ={BODY_VARIABLE: str(folder / "body")},
    )
    assert bare.get(get("/feed"))[1] == body
    tag = TAG.search(head)
    assert tag, head
    return ours, bare, tag[1]


async def fill_store(url: str) -> None:
    store = open_store(url, {})
    await fill(store, ["cs.LG"], papers_a_day=PAPERS, now=utc_now(), arxiv=NOWHERE)
    await store.close()


def client(stack: ExitStack, *command: str, **options: Any) -> Client:
    made = Client(stack.enter_context(server(*command, **options)))
    stack.callback(made.close)
    return made


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        ours, bare, tag = start_both(stack)
        known = get(_PATH, f"If-None-Match: {tag.decode()}")
        assert ours.get(known)[0].startswith(b"HTTP/1.1 304")
        for what, goal, ours_asked, bare_asked in (
            (f"warm feed of {PAPERS} papers", 0.8, get(_PATH), get("/feed")),
            ("304", 0.9, known, get("/unchanged")),
        ):
            pairs = [(bare.time_per_answer(bare_asked), ours.time_per_answer(ours_asked)) for _ in range(ROUNDS)]
            ratio = statistics.median(bare_s / ours_s for bare_s, ours_s in pairs)
            rates = [1 / statistics.median(times) for times in zip(*pairs, strict=True)]
            note = f"{rates[1]:,.0f} requests a second against {rates[0]:,.0f}"
            yield Figure(what, ratio, goal=goal, at_least=True, note=note)


def main() -> None:
    print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
