"""The services that deliveries go to, as one local server, and the way of our requests there.

The rules are those of `tests/services.py`. Our server takes every host for one of them: whatever address a request is
sent to, it arrives here, under the name that it was meant for.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from processes import free_port

from digest.clock import Clock
from digest.delivery.sending import Sender
from tests.services import Services


class ToStandIns(httpx.AsyncBaseTransport):
    """Carry each request to the stand-ins at *port*."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on, whatever host it names."""
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        headers = {**request.headers, "x-meant-for": request.headers["host"]}
        async with httpx.AsyncClient(timeout=60) as http:
            found = await http.request(request.method, url, content=await request.aread(), headers=headers)
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(found.content))


async def resolve(host: str, port: int) -> Sequence[str]:
    """Look names up: the mail server is here, the others are anywhere."""
    del port
    return ["127.0.0.1"] if host == "mail.test" else ["93.184.216.34"]


def sender_to(port: int, now: Clock) -> Sender:
    """Return what sends to the stand-ins."""
    return Sender(user_agent="arxiv-digest/ci", transport=ToStandIns(port), resolve=resolve, now=now)


@dataclass
class StandIns:
    """The running stand-ins.

    Attributes:
        port: Of the web services.
        mail_port: Of the mail server.
        services: What they took and refused.
        mails: Mails as text, in order.
    """

    port: int
    mail_port: int
    services: Services
    mails: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        self.mails.append(envelope.original_content or b"")
        return "250 OK"


@contextlib.contextmanager
def stand_ins(now: Callable[[], datetime]) -> Iterator[StandIns]:
    """Serve all services until the end."""
    services = Services(now)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            host = self.headers["x-meant-for"]
            headers = {**dict(self.headers.items()), "host": host}
            request = httpx.Request(self.command, f"https://{host}{self.path}", headers=headers, content=body)
            with lock:
                answer = asyncio.run(_answered(services, request))
            if answer is None:  # as a service that was cut off
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in {"content-length", "transfer-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PUT = do_PATCH = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = StandIns(server.server_port, free_port(), services)
    mail = Controller(found, hostname="127.0.0.1", port=found.mail_port)
    mail.start()
    try:
        yield found
    finally:
        mail.stop()
        server.shutdown()
        thread.join()
        server.server_close()


async def _answered(services: Services, request: httpx.Request) -> httpx.Response | None:
    """Return the services' answer; None where a fault is that there is none."""
    try:
        answer = await services.handle_async_request(request)
        await answer.aread()
    except httpx.HTTPError:
        return None
    return answer


def moved_clock(file: Path) -> Clock:
    """Return a clock that is the system's, moved by the seconds that *file* holds."""
    return lambda: datetime.now(UTC) + timedelta(seconds=int(file.read_text()))
