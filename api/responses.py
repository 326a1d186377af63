"""Documents as HTTP answers: validators, 304, HEAD, gzip, Cache-Control. Written once, for every route.

Source: https://www.rfc-editor.org/rfc/rfc9110 (sections 8.8, 13.1, 15.4.5), https://www.rfc-editor.org/rfc/rfc9111,
https://www.rfc-editor.org/rfc/rfc5861 (stale-if-error; never stale-while-revalidate, by which a CDN answers with
yesterday's announcement).
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

from cachetools import TLRUCache
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import cors
from api.access import SECURITY_HEADERS
from api.context import origin_of
from digest import costs
from digest.listings.expiry import Expiry
from digest.rendering.bodies import ORIGIN, PACKED_FROM_BYTES, Body, Edition, placed_tag
from digest.rendering.documents import Document, Known
from digest.service.kept_bodies import KeptBodies

_LONGEST_MAX_AGE = timedelta(minutes=5)
"""A CDN may have kept its copy for hours: one hour more in a reader's own cache would hide an announcement."""
_SETTLED_MAX_AGE = timedelta(days=1)
_HOT_S = 15.0
"""Seconds for which an answer is given again without looking at the store."""
_HOT_WHILE_UNFINISHED_S = 2.0
"""The same while work is under way that may bring more: days are filled in one after the other, over minutes."""
_HOT_BYTES = 8_000_000
_ENTRY_BYTES = 1_000
"""What an answer takes beside its headers and its address: objects, places in tables."""
_HEADER_BYTES = 170
"""What a header takes beside its name and value."""

Headers = list[tuple[bytes, bytes]]
HotKey = tuple[str, bytes, str, bytes]
_NO_HEADERS: Headers = []
_GZIPPED = (b"content-encoding", b"gzip")


def cache_control(expiry: Expiry, age_s: float = 0.0) -> str:
    """Return the Cache-Control of an answer that was made *age_s* seconds ago."""
    if not expiry.is_kept:
        return "no-store"
    seconds = max(int(expiry.fresh_for.total_seconds()) - int(age_s), 1)
    browser = min(seconds, int((_SETTLED_MAX_AGE if expiry.settled else _LONGEST_MAX_AGE).total_seconds()))
    return f"public, max-age={browser}, s-maxage={seconds}, stale-if-error=604800"


class Servable:
    """One document, ready to be sent again and again: plain and compressed, whole and as 304.

    Its body is one of *bodies*; where it had to give way there, only 304 can be answered.
    """

    def __init__(
        self,
        document: Document,
        bodies: KeptBodies,
        *,
        origin: str = ORIGIN,
        compress: bool,
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare *document* for clients that know this server as *origin*; *length* of its body, None if nobody knows."""
        self._expiry = document.expiry
        self._made = time.monotonic()
        hot_s = _HOT_WHILE_UNFINISHED_S if document.expiry.unfinished else _HOT_S
        self.expires = self._made + min(hot_s, document.expiry.fresh_for.total_seconds())
        self._bodies = bodies
        self._stored_tag = document.etag
        self._origin = origin
        self._compress = compress
        self._media_type = document.media_type
        self._modified = document.last_modified.replace(microsecond=0)
        etag = placed_tag(document.etag, origin)
        self._tags = tags_of(etag)
        shared = {
            "last-modified": format_datetime(document.last_modified.astimezone(UTC), usegmt=True),
            **cors.OPEN,
            **SECURITY_HEADERS,
            **(headers or {}),
        }
        if compress:
            shared["vary"] = "Accept-Encoding"
        self._plain = _encoded({"etag": etag, **shared})
        # A compressed answer has other bytes, so a strong tag of its own.
        is_packed = compress and (length is None or length >= PACKED_FROM_BYTES)
        self._gzip = _encoded({"etag": self._tags[1], **shared}) if is_packed else self._plain

    @property
    def size_bytes(self) -> int:
        """Memory that it takes without the body, about."""
        variants = (self._plain,) if self._gzip is self._plain else (self._plain, self._gzip)
        return sum(len(name) + len(value) + _HEADER_BYTES for headers in variants for name, value in headers)

    def is_ready(self, scope: Scope) -> bool:
        """Tell whether a request can be answered at once."""
        if self._knows(scope):
            return True
        return self._edition() is not None

    async def send(self, scope: Scope, send: Send, more: Headers = _NO_HEADERS, edition: Edition | None = None) -> int:
        """Answer the request of *scope*, with *more* headers, and return the status.

        Args:
            scope: The request; see `is_ready`.
            send: Where to.
            more: Added to the headers.
            edition: The body, None to take it from memory.
        """
        packs = self._compress and accepts_gzip(_header(scope, b"accept-encoding"))
        headers = self._gzip if packs else self._plain
        if self._knows(scope):
            await send({"type": "http.response.start", "status": 304, "headers": [*headers, self._lasting(), *more]})
            await send({"type": "http.response.body", "body": b""})
            return 304
        edition = edition or self._edition()
        assert edition is not None, "see is_ready"
        headers, data = await self._encoded_body(edition, packs=packs, is_head=scope["method"] == "HEAD")
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, self._lasting(), *more]})
        await send({"type": "http.response.body", "body": data})
        return 200

    async def _encoded_body(self, edition: Edition, *, packs: bool, is_head: bool) -> tuple[Headers, bytes]:
        """Return the headers of a 200 and the body in the encoding that the client takes."""
        kind = (b"content-type", self._media_type.encode("latin-1"))
        if packs and edition.is_packed:
            length = (b"content-length", b"%d" % len(edition.data))
            return [kind, length, _GZIPPED, *self._gzip], b"" if is_head else edition.data
        length = (b"content-length", b"%d" % edition.length)
        data = b"" if is_head else await self._bodies.plain(self._stored_tag, edition)
        return [kind, length, *self._plain], data

    def _lasting(self) -> tuple[bytes, bytes]:
        """Return Cache-Control as it is now: a copy that is hot for seconds never lasts longer than what it shows."""
        return b"cache-control", cache_control(self._expiry, time.monotonic() - self._made).encode("latin-1")

    def _edition(self) -> Edition | None:
        body = self._bodies.body(self._stored_tag)
        return body.ready(self._origin) if body else None

    def _knows(self, scope: Scope) -> bool:
        return is_known(scope, self._tags, self._modified)


def tags_of(etag: str) -> tuple[str, str]:
    """Return the tags of a document, plain and compressed."""
    return etag, f'{etag[:-1]}-gzip"'


def is_known(scope: Scope, tags: Collection[str], modified: datetime) -> bool:
    """Tell whether the client of *scope* holds this content: by tag, and only without one by date.

    The date has to be the very one that was sent with the content. A later one doesn't tell that the client has it: what
    arXiv gave before that date may have become part of the content after it.
    """
    if given := _header(scope, b"if-none-match"):
        return names_any(given.decode("latin-1"), tags)
    if since := _header(scope, b"if-modified-since"):
        try:
            moment = parsedate_to_datetime(since.decode("latin-1"))
        except (ValueError, OverflowError):
            return False
        return modified.replace(microsecond=0) == moment.replace(tzinfo=moment.tzinfo or UTC)
    return False


def known_to(request: Request) -> Known:
    """Return what tells whether the client has a content already, so that nothing need be rendered for it."""
    scope, origin = request.scope, origin_of(request)
    if not (_header(scope, b"if-none-match") or _header(scope, b"if-modified-since")):
        return lambda _etag, _modified: False
    return lambda etag, modified: is_known(scope, tags_of(placed_tag(etag, origin)), modified)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for one, value in scope["headers"] if one == name), b"")


def unless_known(request: Request, response: Response) -> Response:
    """Return *response*, which has an ETag, or a 304 in its place if the client holds that content."""
    if not names_any(request.headers.get("if-none-match", ""), {response.headers["etag"]}):
        return response
    kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def names_any(if_none_match: str, tags: Collection[str]) -> bool:
    """Tell whether a client names one of *tags* as what it has."""
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in given or any(tag in given for tag in tags)


def _encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def accepts_gzip(header: bytes) -> bool:
    """Tell whether a client of that Accept-Encoding takes gzip."""
    if header == b"gzip":
        return True
    for part in header.decode("latin-1").lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in {"gzip", "x-gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


class HotAnswers:
    """The answers given lately, by full address, so that a poll costs no more than sending bytes.

    Only their headers lie here, with a bound of their own and no longer than they are hot; bodies are those of
    `KeptBodies`.
    """

    def __init__(self) -> None:
        self._answers: TLRUCache[HotKey, _Hot] = TLRUCache(
            _HOT_BYTES, lambda _key, hot, _now: hot.answer.expires, getsizeof=lambda hot: hot.size_bytes
        )

    @property
    def size_bytes(self) -> int:
        """Memory that they take, about."""
        return int(self._answers.currsize)

    def get(self, key: HotKey) -> Servable | None:
        """Return the answer for *key* while it is hot."""
        found = self._answers.get(key)
        return found.answer if found else None

    def put(self, key: HotKey, answer: Servable) -> None:
        """Keep *answer*; those that are no longer hot go, then those asked for least lately."""
        hot = _Hot(answer, answer.size_bytes + _ENTRY_BYTES + sum(map(len, key)))
        if hot.size_bytes <= _HOT_BYTES:
            self._answers[key] = hot


class _Hot(NamedTuple):
    answer: Servable
    size_bytes: int


def hot_key(scope: Scope) -> HotKey:
    """Return the full address of a request as the key of its answer."""
    return scope["scheme"], _header(scope, b"host"), scope["path"], scope["query_string"]


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
        bodies: KeptBodies = state.backend.service().bodies
        origin = origin_of(Request(scope))
        document = bodies.hold(self._document)
        body = document.content
        edition = await bodies.edition(document.etag, body, origin) if isinstance(body, Body) else None
        length = edition.length if edition else None
        answer = Servable(document, bodies, origin=origin, compress=state.compress, length=length, headers=self._more)
        if document.expiry.is_kept:
            state.hot.put(hot_key(scope), answer)
        await answer.send(scope, send, edition=edition)
        if state.linger_s and (behind := costs.behind()):
            # A platform that freezes idle processes lets this finish, since the request is still open.
            await asyncio.wait(behind, timeout=state.linger_s)
