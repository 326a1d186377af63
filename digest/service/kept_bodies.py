"""Bodies of answers in memory, packed, by their tag; bounded in bytes."""

from __future__ import annotations

from dataclasses import replace

from cachetools import LRUCache

from digest.concurrency.coalescing import SingleFlight
from digest.rendering.bodies import Body, Edition
from digest.rendering.documents import Document
from digest.service.rendering_threads import RenderingThreads

LIMIT_BYTES = 48_000_000
ENTRY_BYTES = 600
"""What an entry takes beside its body: key, objects, places in tables."""
_SMALL_BYTES = 1_000_000
"""A body that is larger when it comes competes with its like only, so that large ones never push out small ones."""
PLAIN_BYTES = 4_000_000
"""Memory for bodies unpacked for the few who want them so."""
_BYTES_OF_A_PAPER = 3_000
_LONG_BYTES = 256_000
"""A longer body is unpacked in a thread."""


class KeptBodies:
    """Equal bodies once, whatever they were made for; what was asked for least lately goes first.

    Args:
        threads: Where they are packed.
        limit_bytes: Of all together, three quarters for small ones; a body longer than its share isn't kept.
    """

    def __init__(self, threads: RenderingThreads, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._threads = threads
        self._small: LRUCache[str, Body] = LRUCache(limit_bytes * 3 // 4, _size_of)
        self._large: LRUCache[str, Body] = LRUCache(limit_bytes // 4, _size_of)
        self._plain: LRUCache[tuple[str, str], bytes] = LRUCache(PLAIN_BYTES, len)
        self._packing: SingleFlight[tuple[str, str], Edition] = SingleFlight()

    @property
    def size_bytes(self) -> int:
        """Memory that they take, about."""
        return int(self._small.currsize + self._large.currsize + self._plain.currsize)

    def hold(self, document: Document) -> Document:
        """Keep the body of *document*; return it with the body that is kept."""
        if not isinstance(document.content, bytes):
            return document
        body = self.body(document.etag)
        if body is None:
            body = Body(document.content)
            if _size_of(body) <= _SMALL_BYTES:  # a longer one when it is packed
                self._small[document.etag] = body
        return replace(document, content=body)

    def body(self, etag: str) -> Body | None:
        """Return the body of that tag, which was asked for now."""
        return self._small.get(etag) or self._large.get(etag)

    async def edition(self, etag: str, body: Body, origin: str) -> Edition:
        """Return *body*, of that tag, as clients get it that know this server as *origin*; however many ask, it is made once."""
        if ready := body.ready(origin):
            return ready
        made = await self._packing.run((etag, origin), lambda: self._made(body, origin))
        if body.ready(origin) is None:
            body.adopt(made)
            self._put(etag, body)
        return made

    async def plain(self, etag: str, edition: Edition) -> bytes:
        """Return an edition of the body of that tag uncompressed, for the few clients who want it so."""
        if not edition.is_packed:
            return edition.data
        key = (etag, edition.origin)
        found = self._plain.get(key)
        if found is None:
            is_long = edition.length > _LONG_BYTES
            found = await self._threads.run_at_once(edition.plain) if is_long else edition.plain()
            if len(found) <= self._plain.maxsize // 2:
                self._plain[key] = found
        return found

    async def _made(self, body: Body, origin: str) -> Edition:
        return await self._threads.run(lambda: body.made(origin), weight=body.length // _BYTES_OF_A_PAPER)

    def _put(self, etag: str, body: Body) -> None:
        for shelf in (self._small, self._large):
            shelf.pop(etag, None)
        shelf = self._small if _size_of(body) <= _SMALL_BYTES else self._large
        if _size_of(body) <= shelf.maxsize:
            shelf[etag] = body


def _size_of(body: Body) -> int:
    return body.size_bytes + ENTRY_BYTES
