"""A store that never fails its callers: while the real one is down, memory is used instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from digest.errors import StoreError, StoreFullError
from digest.store.breaker import Breaker
from digest.store.memory import MemoryStore
from digest.store.protocol import KEYS_LIMIT, Lease, Store, SureWrites

_TIMEOUT = timedelta(seconds=4)
_RETRY_AFTER = timedelta(seconds=10)
_ALONE_AFTER = timedelta(seconds=15)


class ResilientStore:
    """A `Store` over *primary* that raises no `StoreError`.

    After a failure or time-out *fallback* answers alone for *retry_after* (in the first *alone_after* for
    three seconds at most); then one caller tries the primary again. What was written meanwhile stays visible to this process: what the primary doesn't
    have is looked up in the fallback. A primary that only refuses writes (`StoreFullError`) goes on being read.

    Through `sure` nothing stands in: such a write reaches the primary or raises `StoreError`.

    Locks are taken in the fallback first and then in the primary, so that tasks of this process
    exclude each other even across an outage. For the first *alone_after* of one nobody gets a lock: most
    are over by then, and until then other processes may hold it in the primary. Counters start anew in an outage, in each process by itself.
    """

    def __init__(
        self,
        primary: Store,
        fallback: MemoryStore | None = None,
        *,
        timeout: timedelta = _TIMEOUT,
        retry_after: timedelta = _RETRY_AFTER,
        alone_after: timedelta = _ALONE_AFTER,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._fallback = fallback or MemoryStore()
        self._timeout_s = timeout.total_seconds()
        self._breaker = Breaker(
            primary.describe, timeout=timeout, retry_after=retry_after, alone_after=alone_after, monotonic=monotonic
        )
        self._sure = _PrimaryWrites(primary, self._breaker)
        self._local_leases: dict[str, tuple[Lease, Lease]] = {}
        self._outdated: set[str] = set()
        """Keys whose values in the primary are older than those in memory."""

    @property
    def kind(self) -> str:
        return self._primary.kind

    @property
    def degraded(self) -> bool:
        return self._breaker.is_down

    @property
    def refusal(self) -> str:
        return self._breaker.refusal

    @property
    def sure(self) -> SureWrites:
        return self._sure

    def describe(self) -> str:
        if self.degraded:
            return self._primary.describe() + ", not answering: memory is used instead"
        return self._primary.describe() + (", refusing writes: memory keeps them" if self.refusal else "")

    async def get(self, key: str) -> bytes | None:
        return (await self.get_many([key]))[0]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        try:
            found = await self._breaker.ask(lambda: self._primary.get_many(keys))
        except StoreError:
            return await self._fallback.get_many(keys)
        # What was written while the primary was down or full is only here, or newer here.
        missing = [key for key, value in zip(keys, found, strict=True) if value is None or key in self._outdated]
        local = dict(zip(missing, await self._fallback.get_many(missing), strict=True))
        return [value if (here := local.get(key)) is None else here for key, value in zip(keys, found, strict=True)]

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        try:
            written = await self._sure.set(key, value, ttl=ttl, lease=lease)
        except StoreFullError:
            await self._outdate(key)
        except StoreError:
            pass
        else:
            if written:
                self._outdated.discard(key)
                await self._fallback.delete(key)
            return written
        return await self._fallback.set(key, value, ttl=ttl, lease=lease and self._local_lease(lease))

    async def delete(self, key: str) -> None:
        await self._fallback.delete(key)
        try:
            await self._breaker.ask(lambda: self._primary.delete(key))
        except StoreError:
            return

    async def keys(self, prefix: str) -> list[str]:
        local = await self._fallback.keys(prefix)
        try:
            shared = await self._breaker.ask(lambda: self._primary.keys(prefix))
        except StoreError:
            return local
        return sorted({*shared, *local})[:KEYS_LIMIT]

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        try:
            return await self._sure.increment(key, by, ttl=ttl)
        except StoreError:
            return await self._fallback.increment(key, by, ttl=ttl)

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        local = await self._fallback.acquire(name, ttl=ttl)
        if local is None:
            return None
        try:
            shared = await self._breaker.ask(lambda: self._primary.acquire(name, ttl=ttl), writes=True)
        except StoreError:
            if self._breaker.is_down_for_long:
                return local
            await self._fallback.release(local)
            return None
        except BaseException:
            await self._fallback.release(local)
            raise
        if shared is None:
            await self._fallback.release(local)
            return None
        self._local_leases[name] = (shared, local)
        return shared

    async def release(self, lease: Lease) -> bool:
        local = self._local_lease(lease)
        if local != lease:
            del self._local_leases[lease.name]
        was_held = await self._fallback.release(local)
        if was_held and local == lease:
            return True
        try:
            return await self._breaker.ask(lambda: self._primary.release(lease))
        except StoreError:
            return was_held

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        local = self._local_lease(lease)
        is_held = await self._fallback.extend(local, ttl)
        if is_held and local == lease:
            return True
        try:
            return await self._breaker.ask(lambda: self._primary.extend(lease, ttl))
        except StoreError:
            return is_held

    async def close(self) -> None:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                await self._primary.close()

    async def _outdate(self, key: str) -> None:
        """Let what the primary still holds under *key*, which is old now, not hide what memory will keep."""
        try:
            await self._breaker.ask(lambda: self._primary.delete(key))
        except StoreError:  # it can only be read
            self._outdated.add(key)

    def _local_lease(self, lease: Lease) -> Lease:
        """Return the fallback's lease that goes with one of the primary, else *lease* itself."""
        shared, local = self._local_leases.get(lease.name, (None, lease))
        return local if shared == lease else lease


def primary_of(store: Store) -> Store:
    """Return the real store behind one that has a stand-in."""
    return store._primary if isinstance(store, ResilientStore) else store  # noqa: SLF001 - a friend of the class


class _PrimaryWrites:
    """Writes that *primary* takes, or that fail."""

    def __init__(self, primary: Store, breaker: Breaker) -> None:
        self._primary = primary
        self._breaker = breaker

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        return await self._breaker.ask(lambda: self._primary.set(key, value, ttl=ttl, lease=lease), writes=True)

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        return await self._breaker.ask(lambda: self._primary.increment(key, by, ttl=ttl), writes=True)
