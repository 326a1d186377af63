"""Reference libraries as examples: the last good copy from the store, read anew behind the answer once a day."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from digest.concurrency.coalescing import Background
from digest.errors import RateLimitedError, UpstreamError
from digest.models import Frozen
from digest.selection.libraries import LibraryName
from digest.store.codec import pack, unpack
from digest.store.protocol import Store
from digest.upstream.parsing.zotero_items import LibraryItem
from digest.upstream.zotero import ZoteroClient

log = logging.getLogger(__name__)

_SCHEMA = 1
_KEEP = timedelta(days=180)
_FRESH = timedelta(days=1)
_LEASE = timedelta(minutes=5)
_RETRY = timedelta(minutes=30)


class StoredLibrary(Frozen):
    """What is known of one library.

    Attributes:
        version: Zotero's number of what was read, None before the first reading.
        items: The newest works as last read whole, those added last first.
        next_reading: When it is worth asking again, UTC.
        problem: Why the last reading failed, "" if it didn't.
    """

    version: int | None = None
    items: tuple[LibraryItem, ...] = ()
    next_reading: datetime
    problem: str = ""


class Libraries:
    """Keep the libraries that the configuration names.

    Args:
        store: Where their works are kept.
        client: Zotero's API.
        now: The clock.
    """

    def __init__(self, store: Store, client: ZoteroClient, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._client = client
        self._now = now
        self._reading: Background[LibraryName] = Background()
        self._last: dict[LibraryName, tuple[bytes | None, StoredLibrary | None]] = {}

    @property
    def may_be_private(self) -> bool:
        """Tell whether titles may come from a library that the public can't see."""
        return self._client.has_key

    async def items(self, names: Sequence[LibraryName]) -> dict[LibraryName, StoredLibrary | None]:
        """Return what is stored of *names*, None for one never read; those that are due are read behind the answer."""
        found = await self.stored(names)
        for name, known in found.items():
            if known is None or known.next_reading <= self._now():
                self._reading.start(name, partial(self._read, name), doing=f"reading {name}")
        return found

    def tasks(self, names: Sequence[LibraryName]) -> tuple[asyncio.Task[None], ...]:
        """Return what is under way of *names*."""
        return self._reading.tasks(names)

    async def settle(self, names: Sequence[LibraryName]) -> None:
        """Wait until what is being read of *names* is stored."""
        if tasks := self._reading.tasks(names):
            await asyncio.wait(tasks)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._reading.aclose()

    async def stored(self, names: Sequence[LibraryName]) -> dict[LibraryName, StoredLibrary | None]:
        """Return what is stored of *names*, None for one never read. Asks Zotero nothing."""
        stored = await self._store.get_many([_key(name) for name in names])
        return {name: self._unpacked(name, data) for name, data in zip(names, stored, strict=True)}

    def _unpacked(self, name: LibraryName, data: bytes | None) -> StoredLibrary | None:
        """Return a stored library; the last one of each name is unpacked once."""
        if name not in self._last or self._last[name][0] != data:
            self._last[name] = (data, unpack(StoredLibrary, data, _SCHEMA))
        return self._last[name][1]

    async def _read(self, name: LibraryName) -> None:
        """Read a library, unless another instance does; a failure keeps the last good copy and says when to try again."""
        lease = await self._store.acquire(_key(name), ttl=_LEASE)
        if lease is None:
            return
        try:
            known = (await self.stored([name]))[name]
            if known and known.next_reading > self._now():
                return
            packed = pack(await self._outcome(name, known), _SCHEMA)
            await self._store.set(_key(name), packed, ttl=_KEEP, lease=lease)
        finally:
            await self._store.release(lease)

    async def _outcome(self, name: LibraryName, known: StoredLibrary | None) -> StoredLibrary:
        """Ask Zotero, and return what is known then."""
        before = known or StoredLibrary(next_reading=self._now())
        try:
            library = await self._client.read(name, since=before.version)
        except UpstreamError as error:
            log.warning("%s", error)
            told = error.retry_after if isinstance(error, RateLimitedError) else None
            return before.model_copy(update={"problem": str(error), "next_reading": self._now() + (told or _RETRY)})
        read = {"version": library.version, "items": library.items} if library else {}
        return before.model_copy(update={**read, "problem": "", "next_reading": self._now() + _FRESH})


def _key(name: LibraryName) -> str:
    return f"library:{name}"
