"""Rendered answers in memory, bounded in bytes, and the threads that render."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from cachetools import LRUCache

from digest import costs
from digest.concurrency.coalescing import SingleFlight
from digest.concurrency.turns import Turns
from digest.listings.expiry import UNDECIDED
from digest.rendering.bodies import Body, Edition
from digest.rendering.documents import Document, Known

T = TypeVar("T")

LIMIT_BYTES = 48_000_000
NAMES_KEPT = 20_000
ENTRY_BYTES = 600
"""What an entry takes beside its body: key, objects, places in tables."""
_SMALL_BYTES = 1_000_000
"""A body that is larger when it comes competes with its like only, so that large ones never push out small ones."""
_PLAIN_BYTES = 4_000_000
_THREADS = 3
_BYTES_OF_A_PAPER = 3_000
_LONG_BYTES = 256_000
"""A longer body is unpacked in a thread."""


class Renderings:
    """What was rendered, by a name of all that it was made of; what was asked for least lately goes first.

    Two things are kept: bodies by their tag, packed, as many as fit; and under far more names the tag alone,
    which is enough to tell a client that nothing changed.

    Args:
        limit_bytes: Of the bodies, all together, three quarters for small ones; a body longer than its share isn't kept.
    """

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._tags: LRUCache[str, Document] = LRUCache(NAMES_KEPT)
        self._small: LRUCache[str, Body] = LRUCache(limit_bytes * 3 // 4, _size_of)
        self._large: LRUCache[str, Body] = LRUCache(limit_bytes // 4, _size_of)
        self._plain: LRUCache[tuple[str, str], bytes] = LRUCache(_PLAIN_BYTES, len)
        self._packing: SingleFlight[tuple[str, str], Edition] = SingleFlight()
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="render")
        self._turns = Turns(_THREADS, now=time.monotonic)

    @property
    def size_bytes(self) -> int:
        """Memory that the bodies take, about."""
        return int(self._small.currsize + self._large.currsize + self._plain.currsize)

    @property
    def names(self) -> int:
        """How many renderings are remembered by their tag."""
        return len(self._tags)

    def unchanged(self, name: str, known: Known) -> Document | None:
        """Return what was rendered under *name*, without its body, if the client has it already."""
        found = self._tags.get(name)
        return found if found and known(found.etag, found.last_modified) else None

    def get(self, name: str) -> Document | None:
        """Return what was rendered under *name*, which was asked for now; None if its body is gone."""
        found = self._tags.get(name)
        body = self.body(found.etag) if found else None
        return replace(found, content=body) if found and body else None

    def keep(self, name: str, document: Document) -> Document:
        """Keep a rendering under *name*; return it with the body that is kept."""
        self._tags[name] = replace(document, content=None, expiry=UNDECIDED)
        return self.hold(document)

    def hold(self, document: Document) -> Document:
        """Keep the body of *document* by its tag alone; return it with the body that is kept."""
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
            found = await self._in_thread(edition.plain) if is_long else edition.plain()
            if len(found) <= self._plain.maxsize // 2:
                self._plain[key] = found
        return found

    async def run(self, work: Callable[[], T], *, weight: int = 0) -> T:
        """Return what *work* makes in a thread for rendering, in a fair turn; what it raises is raised here.

        Args:
            work: What to do.
            weight: Papers that it is about: light work of a client goes first.

        Raises:
            UnavailableError: Too much work waits already.
        """
        async with self._turns.turn(costs.client(), weight):
            return await self._in_thread(work)

    def close(self) -> None:
        """Give up the threads; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Return what *work* makes; a thread can't be stopped, so who gives up waits for its end."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    async def _made(self, body: Body, origin: str) -> Edition:
        return await self.run(lambda: body.made(origin), weight=body.length // _BYTES_OF_A_PAPER)

    def _put(self, etag: str, body: Body) -> None:
        for shelf in (self._small, self._large):
            shelf.pop(etag, None)
        shelf = self._small if _size_of(body) <= _SMALL_BYTES else self._large
        if _size_of(body) <= shelf.maxsize:
            shelf[etag] = body


def _size_of(body: Body) -> int:
    return body.size_bytes + ENTRY_BYTES
