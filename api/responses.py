"""Documents as HTTP answers: validators, 304, HEAD, gzip, Cache-Control. Written once, for every route.

Source: RFC 9110 (sections 8.8, 13.1, 15.4.5), RFC 9111, RFC 5861 (stale-while-revalidate, stale-if-error).
"""

import asyncio
import gzip
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import cors
from api.access import SECURITY_HEADERS
from digest.documents import Document

_LONGEST_MAX_AGE = timedelta(hours=1)
"""Some readers wait out max-age whatever it is."""
_SETTLED_MAX_AGE = timedelta(days=1)
_GZIP_FROM_BYTES = 1_000
_HOT_S = 15.0
"""Seconds for which an answer is given again without looking at the store."""
_HOT_WHILE_PENDING_S = 2.0
"""The same while work is under way that may bring more: days are filled in one after the other, over minutes."""
_GZIP_LEVEL = 5
"""A hundredth larger than at 6, in two thirds of the time."""
_HOT_BYTES = 48_000_000

Headers = list[tuple[bytes, bytes]]
HotKey = tuple[Any, ...]
_NO_HEADERS: Headers = []


def _cache_control(fresh_for: timedelta, *, settled: bool) -> str:
    """Return the Cache-Control of an answer that nothing newer can replace for *fresh_for*; see `Document.settled`."""
    seconds = max(int(fresh_for.total_seconds()), 1)
    browser = min(seconds, int((_SETTLED_MAX_AGE if settled else _LONGEST_MAX_AGE).total_seconds()))
    return f"public, max-age={browser}, s-maxage={seconds}, stale-while-revalidate=86400, stale-if-error=604800"


class Servable:
    """One document, ready to be sent again and again: plain and compressed, whole and as 304."""

    def __init__(
        self,
        document: Document,
        *,
        compress: bool,
        gzipped: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare *document*; *gzipped* is its compressed body where that is known already."""
        self.expires = time.monotonic() + (_HOT_WHILE_PENDING_S if document.pending else _HOT_S)
        self.etag = document.etag
        self._modified = document.last_modified.replace(microsecond=0)
        self._tags = {document.etag}
        shared = {
            "cache-control": _cache_control(document.fresh_for, settled=document.settled),
            "last-modified": format_datetime(document.last_modified.astimezone(UTC), usegmt=True),
            **cors.OPEN,
            **SECURITY_HEADERS,
            **(headers or {}),
        }
        if compress:
            shared["vary"] = "Accept-Encoding"
        self._plain = _Variant(document.body, document.media_type, document.etag, shared)
        self._gzip: _Variant | None = None
        if compress and len(document.body) >= _GZIP_FROM_BYTES:
            # A compressed answer has other bytes, so a strong tag of its own.
            tag = f'{document.etag[:-1]}-gzip"'
            self._tags.add(tag)
            gzipped = gzipped or gzip.compress(document.body, _GZIP_LEVEL, mtime=0)
            self._gzip = _Variant(gzipped, document.media_type, tag, {**shared, "content-encoding": "gzip"})

    @property
    def size_bytes(self) -> int:
        """Memory that it takes, about."""
        return len(self._plain.body) + (len(self._gzip.body) if self._gzip else 0)

    @property
    def gzipped(self) -> bytes | None:
        """The compressed body, None where there is none."""
        return self._gzip.body if self._gzip else None

    async def send(self, scope: Scope, send: Send, more: Headers = _NO_HEADERS) -> int:
        """Answer the request of *scope*, with *more* headers, and return the status."""
        asked: dict[bytes, bytes] = dict(scope["headers"])
        variant = self._gzip if self._gzip and _accepts_gzip(asked.get(b"accept-encoding", b"")) else self._plain
        if self._is_known(asked):
            await send({"type": "http.response.start", "status": 304, "headers": variant.headers_304 + more})
            await send({"type": "http.response.body", "body": b""})
            return 304
        await send({"type": "http.response.start", "status": 200, "headers": variant.headers_200 + more})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else variant.body})
        return 200

    def _is_known(self, asked: dict[bytes, bytes]) -> bool:
        """Tell whether the client holds this content: by tag, and only without one by date."""
        if tags := asked.get(b"if-none-match"):
            return _names_any(tags.decode("latin-1"), self._tags)
        if since := asked.get(b"if-modified-since"):
            try:
                moment = parsedate_to_datetime(since.decode("latin-1"))
            except (ValueError, OverflowError):
                return False
            return self._modified <= moment.replace(tzinfo=moment.tzinfo or UTC)
        return False


class _Variant:
    """A body in one encoding and its headers."""

    def __init__(self, body: bytes, media_type: str, etag: str, headers: dict[str, str]) -> None:
        self.body = body
        kept = {"etag": etag, **headers}
        self.headers_304 = _encoded({name: value for name, value in kept.items() if name != "content-encoding"})
        self.headers_200 = _encoded({"content-type": media_type, "content-length": str(len(body)), **kept})


def unless_known(request: Request, response: Response) -> Response:
    """Return *response*, which has an ETag, or a 304 in its place if the client holds that content."""
    if not _names_any(request.headers.get("if-none-match", ""), {response.headers["etag"]}):
        return response
    kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def _names_any(if_none_match: str, tags: Collection[str]) -> bool:
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in given or any(tag in given for tag in tags)


def _encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _accepts_gzip(header: bytes) -> bool:
    if header == b"gzip":
        return True
    for part in header.decode("latin-1").lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in {"gzip", "x-gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


class HotAnswers:
    """The answers given lately, by full address, so that a poll costs no more than sending bytes."""

    def __init__(self) -> None:
        self._answers: OrderedDict[HotKey, Servable] = OrderedDict()
        self._bytes = 0
        self._packing: dict[str, asyncio.Task[bytes]] = {}

    def get(self, key: HotKey) -> Servable | None:
        """Return the answer for *key* while it is hot."""
        found = self._answers.get(key)
        return found if found is not None and found.expires >= time.monotonic() else None

    async def gzipped(self, key: HotKey, document: Document) -> bytes | None:
        """Return the body of *document*, asked for under *key*, compressed; None if it is too small for that.

        What *key* had last, hot or not, is used again while its content is the same, and many who
        ask at the same time share the work.
        """
        if len(document.body) < _GZIP_FROM_BYTES:
            return None
        found = self._answers.get(key)
        if found is not None and found.etag == document.etag:
            return found.gzipped
        running = self._packing.get(document.etag)
        if running is None:
            running = asyncio.create_task(asyncio.to_thread(gzip.compress, document.body, _GZIP_LEVEL, mtime=0))
            self._packing[document.etag] = running
            running.add_done_callback(lambda _: self._packing.pop(document.etag))
        return await asyncio.shield(running)

    def put(self, key: HotKey, answer: Servable) -> None:
        """Keep *answer*, dropping the oldest beyond the bound."""
        replaced = self._answers.pop(key, None)
        self._bytes += answer.size_bytes - (replaced.size_bytes if replaced else 0)
        self._answers[key] = answer
        while self._bytes > _HOT_BYTES and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._bytes -= dropped.size_bytes


def hot_key(scope: Scope) -> HotKey:
    """Return the full address of a request as the key of its answer."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return scope["scheme"], host, scope["path"], scope["query_string"]


class DocumentResponse(Response):
    """A `Document` as the answer of a route; remembered as hot, briefly while work on it is under way.

    Args:
        document: The content.
        headers: More headers, names in small letters.
    """

    def __init__(self, document: Document, headers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._document = document
        self._more = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the document, then await the work it left."""
        state = scope["app"].state
        document = self._document
        key = hot_key(scope)
        gzipped = await state.hot.gzipped(key, document) if state.compress else None
        answer = Servable(document, compress=state.compress, gzipped=gzipped, headers=self._more)
        state.hot.put(key, answer)
        await answer.send(scope, send)
        if document.pending and state.linger_s:
            # A platform that freezes idle processes lets this finish, since the request is still open.
            await asyncio.wait(document.pending, timeout=state.linger_s)
