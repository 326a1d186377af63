"""Who may read: nobody without the token, where one is set. And the security headers of every answer."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

from starlette.requests import Request
from starlette.types import Message, Scope, Send

from api import problems
from api.mcp_protocol import MCP_PATH
from api.private_paths import FOLDER

ICON_PATHS = ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png")
_OPEN_PATHS = frozenset({"/healthz", *ICON_PATHS, "/robots.txt"})
_OPEN_FOLDER = "/static/"
"""Style and scripts say nothing of what is read here, and a page opened by ?key= must find them."""
CRON_PATH = "/api/cron/refresh"
_KEY = b"key="
_MAX_AGE = re.compile(rb"max-age=\d+")

SECURITY_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
"""On every answer. The second keeps addresses, which may hold a key, from the sites that links lead to."""

_DETAIL = (
    "This server is closed: give its token as ?key= in the address, or as the password of HTTP Basic "
    "authentication (any user name)."
)


class Gate:
    """Lets requests in that know the token; everything where there is none.

    The key never goes further than here: it is taken out of the query, so that neither routes nor logs see it.

    Args:
        token: The token, "" for an open server.
        cron_secret: What the platform's cron calls `CRON_PATH` with, "" for none.
    """

    def __init__(self, token: str, cron_secret: str = "") -> None:
        self._token = token
        self._digest = _digest(token)
        self._cron_digest = _digest(cron_secret) if cron_secret else None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Gate":
        """Return the gate of `ACCESS_TOKEN` and `CRON_SECRET`."""
        return cls(environ.get("ACCESS_TOKEN", "").strip(), environ.get("CRON_SECRET", "").strip())

    @property
    def is_closed(self) -> bool:
        """Whether a token is needed."""
        return bool(self._token)

    def admitted(self, scope: Scope) -> Scope | None:
        """Return *scope* without its key; None if it may not come in."""
        query: bytes = scope["query_string"]
        keys: list[bytes] = []
        if _KEY in query:
            parts = query.split(b"&")
            keys = [part.removeprefix(_KEY) for part in parts if part.startswith(_KEY)]
            scope = {**scope, "query_string": b"&".join(part for part in parts if not part.startswith(_KEY))}
        if not self.is_closed or scope["path"] in _OPEN_PATHS or scope["path"].startswith((_OPEN_FOLDER, FOLDER)):
            return scope
        given = [unquote_plus(key.decode("latin-1")) for key in keys]
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode("latin-1")
        given.extend(_credentials(header))
        if any(hmac.compare_digest(_digest(one), self._digest) for one in given):
            return scope
        return scope if self.is_cron(scope["path"], header) else None

    def is_cron(self, path: str, authorization: str) -> bool:
        """Tell whether a request to *path* is the cron's, by the secret that only the platform knows, as a bearer token."""
        scheme, _, secret = authorization.partition(" ")
        expected = self._cron_digest or b""
        is_known = hmac.compare_digest(_digest(_sent(secret.strip())), expected)
        return is_known and path == CRON_PATH and scheme.lower() == "bearer"

    @property
    def has_cron_secret(self) -> bool:
        """Whether a secret is set for the cron."""
        return self._cron_digest is not None

    def private(self, send: Send, *, with_key: bool) -> Send:
        """Wrap *send* so that no shared cache keeps the answer, and redirects keep the key that came in the address."""

        async def private_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [self._closed_header(*header, with_key=with_key) for header in message.get("headers", [])]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"private, no-cache"))
                message = {**message, "headers": headers}
            await send(message)

        return private_send

    def link(self, url: str) -> str:
        """Return *url*, one of ours, with the key where one is needed: for addresses that go into feed readers."""
        if not self.is_closed:
            return url
        address, hash_, fragment = url.partition("#")
        return f"{address}{'&' if '?' in address else '?'}key={quote(self._token, safe='')}{hash_}{fragment}"

    async def refuse(self, scope: Scope, send: Send) -> None:
        """Answer that a token is needed."""
        # Programs look for their token where this says Bearer; metadata of OAuth would make them begin a sign-in.
        way = "Bearer" if scope["path"] == MCP_PATH else "Basic"
        charset = ', charset="UTF-8"' if way == "Basic" else ""
        headers = {"Cache-Control": "no-store", "WWW-Authenticate": f'{way} realm="arxiv-digest"{charset}'}
        await problems.problem(Request(scope), 401, _DETAIL, headers=headers)(scope, _nothing, send)

    def _closed_header(self, name: bytes, value: bytes, *, with_key: bool) -> tuple[bytes, bytes]:
        if name == b"cache-control" and value.startswith(b"public"):
            age = _MAX_AGE.search(value)
            return name, b"private, " + (age[0] if age else b"no-cache")
        if name == b"location" and with_key:
            return name, self.link(value.decode("latin-1")).encode("latin-1")
        return name, value


def has_key(scope: Scope) -> bool:
    """Tell whether a request came with a key in its address."""
    return any(part.startswith(_KEY) for part in scope["query_string"].split(b"&"))


def with_security(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return *headers* with those of `SECURITY_HEADERS` that they lack."""
    complete = list(headers)
    present = {name for name, _ in complete}
    complete += [
        (name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items() if name.encode() not in present
    ]
    return complete


def _credentials(authorization: str) -> list[str]:
    """Return what an Authorization header offers as the token: Basic's password, or a bearer token.

    Bearer tokens are ASCII by their RFC; others are read as UTF-8, which is what clients send.

    Source: https://www.rfc-editor.org/rfc/rfc7617, https://www.rfc-editor.org/rfc/rfc6750.
    """
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return [_sent(value.strip())]
    if scheme.lower() != "basic":
        return []
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [decoded.partition(":")[2]]


def _sent(header: str) -> str:
    """Return what a client meant by a header's value, decoded as Latin-1 here: UTF-8 if it is that."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _digest(text: str) -> bytes:
    # Equal lengths, so that comparing takes equally long.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


async def _nothing() -> Any:
    return {"type": "http.disconnect"}
