"""Rendered feeds in the store: the first answer of a process that starts over a filled store takes no rendering.

Only feeds under their bare address are stored: `/rss/cs.LG`, a feed of the configuration. Parameters, tokens and profiles stand
in a query, and such answers stay in memory. One address has one place, where newer bytes replace older ones; unions, of which
there are more than any store could hold, share a few. The name of all that a rendering was made of is stored with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import timedelta
from functools import cache
from pathlib import Path

from pydantic import AwareDatetime

from digest import __version__, costs
from digest.concurrency.coalescing import Background
from digest.feeds.papers import FeedRequest
from digest.listings.expiry import UNDECIDED
from digest.models import Frozen
from digest.rendering.documents import Document
from digest.store.codec import UnreadableError, pack_text, unpack_text
from digest.store.protocol import Values

log = logging.getLogger(__name__)

LIMIT_BYTES = 8_000_000
"""Longest body that is stored: packed about 2 MB, and Upstash takes 10 MB a request."""
KEEP = timedelta(days=2)
_SCHEMA = 1
_PLACES_OF_UNIONS = 32
_MADE_BY = ("feeds", "listings", "rendering", "reports", "selection", "summaries", "text")
"""Packages whose code decides what the bytes of a feed are."""


class Head(Frozen):
    """What is stored of a document beside its body."""

    name: str
    media_type: str
    etag: str
    last_modified: AwareDatetime


class StoredRenderings:
    """Read and write rendered feeds.

    Args:
        store: The store.
    """

    def __init__(self, store: Values) -> None:
        self._store = store
        self._writing: Background[str] = Background()

    async def get(self, place: str, name: str) -> Document | None:
        """Return what is stored in *place*, if it was made of all that *name* stands for, by this version."""
        data = await self._store.get(_key(place))
        return await asyncio.to_thread(_document, data, _named(name)) if data else None

    def keep(self, place: str, name: str, document: Document) -> None:
        """Begin to store *document*, unless it is too long."""
        if len(document.body) <= LIMIT_BYTES:
            self._writing.start(place, lambda: self._write(place, name, document), doing=f"storing {place}")
            costs.note_behind(self._writing.tasks((place,)))

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._writing.aclose()

    async def _write(self, place: str, name: str, document: Document) -> None:
        packed = await asyncio.to_thread(_packed, document, _named(name))
        await self._store.set(_key(place), packed, ttl=KEEP)


def place_of(request: FeedRequest, format_name: str, *addresses: str) -> str | None:
    """Return where a feed of *request* is stored; None if it isn't, since one of its *addresses* has a query."""
    if any("?" in address for address in addresses) or not all(addresses):
        return None
    if request.name is not None:
        return f"named:{request.name}:{format_name}"
    contexts = request.spec.contexts
    if len(contexts) == 1:
        return f"spec:{contexts[0]}:{format_name}"
    number = int.from_bytes(hashlib.sha256(f"{contexts} {format_name}".encode()).digest()[:4])
    return f"union:{number % _PLACES_OF_UNIONS}"


@cache
def renderer_version() -> str:
    """Name the program and the code that makes feeds: bytes that another version made are never served."""
    package = Path(__file__).parents[1]
    files = sorted(path for name in _MADE_BY for path in (package / name).rglob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return f"{__version__}-{code}"


def _named(name: str) -> str:
    return f"{renderer_version()} {name}"


def _key(place: str) -> str:
    return f"rendered:{place}"


def _packed(document: Document, name: str) -> bytes:
    head = Head(
        name=name, media_type=document.media_type, etag=document.etag, last_modified=document.last_modified
    ).model_dump_json()
    return pack_text(head.encode() + b"\n" + document.body, _SCHEMA)


def _document(data: bytes, name: str) -> Document | None:
    """Read what `_packed` made; None for what another version, or something else, was made of."""
    try:
        head_text, _, body = unpack_text(data, _SCHEMA).partition(b"\n")
        head = Head.model_validate_json(head_text)
    except (UnreadableError, ValueError) as error:
        log.debug("stored rendering of %d bytes counts as absent: %s", len(data), type(error).__name__)
        return None
    if head.name != name:
        return None
    return Document(body, head.media_type, head.etag, head.last_modified, UNDECIDED)
