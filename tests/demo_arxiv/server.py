"""The HTTP side: a threaded server on loopback, a record of requests, and faults to order."""

from __future__ import annotations

import socket
import sys
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from tests.demo_arxiv.archive import EASTERN, Archive
from tests.demo_arxiv.site import Reply, respond


class Request(NamedTuple):
    """One request that arrived: path with query, and when (UTC)."""

    path: str
    time: datetime


@dataclass
class Fault:
    """What goes wrong for requests whose path starts with *path*."""

    kind: str
    path: str
    reply: Reply | None = None


class DemoArxiv:
    """A stub arXiv on 127.0.0.1; a context manager that stops it, open connections included.

    Attributes:
        url: Its address, without a slash at the end.
        requests: What arrived, in order, failed requests included.
        now: The moment it believes in; None is the real one. May be set while it runs.

    Args:
        today: Stand still at noon of this day, US Eastern.
        now: Stand still at this moment (has a zone); wins over *today*.
        quiet_days: Weekdays without an announcement (holidays).
        port: 0 takes a free one.
    """

    def __init__(
        self,
        *,
        today: date | None = None,
        now: datetime | None = None,
        quiet_days: Collection[date] = (),
        port: int = 0,
    ) -> None:
        self.now = now or (datetime.combine(today, time(12), EASTERN) if today else None)
        self.requests: list[Request] = []
        self._archive = Archive(quiet_days)
        self._faults: list[Fault] = []
        self._recovered = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.recover()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()

    @property
    def counts(self) -> Counter[str]:
        """Number of requests by path, queries left off."""
        return Counter(urlsplit(request.path).path for request in self.requests)

    def fail_with(self, status: int, *, path: str = "/", retry_after: int | None = None) -> None:
        """Refuse requests below *path* with this status, until `recover`."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._faults.append(Fault("reply", path, Reply(b"Rate exceeded.", status, "text/plain", headers)))

    def html(self, *, path: str = "/") -> None:
        """Answer requests below *path* with an HTML error page and status 200, until `recover`."""
        page = (
            b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Backend unavailable</h1></body></html>"
        )
        self._faults.append(Fault("reply", path, Reply(page)))

    def truncate(self, *, path: str = "/") -> None:
        """Send half of each body below *path* under a Content-Length that matches, until `recover`."""
        self._faults.append(Fault("truncate", path))

    def hang(self, *, path: str = "/") -> None:
        """Take requests below *path* and say nothing; `recover` closes their connections."""
        self._faults.append(Fault("hang", path))

    def recover(self) -> None:
        """Take all faults back."""
        self._faults.clear()
        self._recovered.set()
        self._recovered = threading.Event()

    def reply_to(self, target: str) -> Reply | None:
        """Note the request and return the answer; None is to close without a word."""
        now = datetime.now(UTC)
        self.requests.append(Request(target, now))
        recovered = self._recovered
        fault = next((fault for fault in reversed(self._faults) if target.startswith(fault.path)), None)
        if fault and fault.kind == "hang":
            recovered.wait()
            return None
        if fault and fault.reply:
            return fault.reply
        reply = respond(self._archive, target, self.now or now)
        if fault:
            half = reply.body[: len(reply.body) // 2]
            return Reply(half, reply.status, reply.content_type, reply.headers)
        return reply


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
    server: _Server

    def do_GET(self) -> None:
        reply = self.server.arxiv.reply_to(self.path)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status, HTTPStatus(reply.status).phrase)
        for name, value in ({"Content-Type": reply.content_type} | reply.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_HEAD = do_GET  # noqa: N815 - the same

    def log_message(self, *args: object) -> None:
        """Stay quiet; `DemoArxiv.requests` has it all."""


Received = socket.socket | tuple[bytes, socket.socket]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for them: nothing is left behind
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], arxiv: DemoArxiv) -> None:
        self.arxiv = arxiv
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Received, client_address: tuple[str, int]) -> None:
        assert isinstance(request, socket.socket)  # a datagram is a tuple; this server has streams
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Received) -> None:
        assert isinstance(request, socket.socket)
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End connections that clients keep open: a stopped arXiv must not answer."""
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Received, client_address: tuple[str, int]) -> None:
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)
