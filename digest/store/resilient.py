"""A store that never fails its callers: while the real one is down, memory stands in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from digest.errors import StoreError, StoreFullError, ValueTooLargeError
from digest.store.memory import MemoryStore
from digest.store.protocol import KEYS_LIMIT, Lease, Store, SureWrites

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

_TIMEOUT = timedelta(seconds=4)
_RETRY_AFTER = timedelta(seconds=10)
_ALONE_AFTER = timedelta(seconds=15)
_EARLY_RETRY_AFTER = timedelta(seconds=3)
_LOG_INTERVAL = timedelta(minutes=1)
_REFUSAL_SHOWN = timedelta(minutes=5)
"""A store that is almost full takes some writes and refuses others: a refusal stays visible for so long."""


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
        self._retry_after_s = retry_after.total_seconds()
        self._alone_after_s = alone_after.total_seconds()
        self._alone_from = 0.0
        self._monotonic = monotonic
        self._degraded = False
        self._retry_at = 0.0
        self._log_at = float("-inf")
        self._refusal = ""
        self._refused_at = self._written_at = float("-inf")
        self._local_leases: dict[str, tuple[Lease, Lease]] = {}
        self._outdated: set[str] = set()
        """Keys whose values in the primary are older than those in memory."""

    @property
    def kind(self) -> str:
        return self._primary.kind

    @property
    def degraded(self) -> bool:
        return self._degraded

    @property
    def refusal(self) -> str:
        if self._refused_at > self._written_at or self._monotonic() < self._refused_at + _REFUSAL_SHOWN.total_seconds():
            return self._refusal
        return ""

    @property
    def sure(self) -> SureWrites:
        return _PrimaryWrites(self)

    def describe(self) -> str:
        if self._degraded:
            return self._primary.describe() + ", not answering: memory stands in"
        return self._primary.describe() + (", refusing writes: memory keeps them" if self.refusal else "")

    async def get(self, key: str) -> bytes | None:
        return (await self.get_many([key]))[0]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        try:
            found = await self._ask(lambda: self._primary.get_many(keys))
        except StoreError:
            return await self._fallback.get_many(keys)
        # What was written while the primary was down or full is only here, or newer here.
        missing = [key for key, value in zip(keys, found, strict=True) if value is None or key in self._outdated]
        local = dict(zip(missing, await self._fallback.get_many(missing), strict=True))
        return [value if (here := local.get(key)) is None else here for key, value in zip(keys, found, strict=True)]

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        try:
            written = await self.set_surely(key, value, ttl=ttl, lease=lease)
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

    async def set_surely(
        self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None
    ) -> bool:
        """Do as `set`, in the primary only.

        Raises:
            StoreError: It was not written there.
        """
        return await self._ask(lambda: self._primary.set(key, value, ttl=ttl, lease=lease), writes=True)

    async def increment_surely(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        """Do as `increment`, in the primary only.

        Raises:
            StoreError: It was not counted there, as far as can be told.
        """
        return await self._ask(lambda: self._primary.increment(key, by, ttl=ttl), writes=True)

    async def delete(self, key: str) -> None:
        await self._fallback.delete(key)
        try:
            await self._ask(lambda: self._primary.delete(key))
        except StoreError:
            return

    async def keys(self, prefix: str) -> list[str]:
        local = await self._fallback.keys(prefix)
        try:
            shared = await self._ask(lambda: self._primary.keys(prefix))
        except StoreError:
            return local
        return sorted({*shared, *local})[:KEYS_LIMIT]

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        try:
            return await self.increment_surely(key, by, ttl=ttl)
        except StoreError:
            return await self._fallback.increment(key, by, ttl=ttl)

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        local = await self._fallback.acquire(name, ttl=ttl)
        if local is None:
            return None
        try:
            shared = await self._ask(lambda: self._primary.acquire(name, ttl=ttl), writes=True)
        except StoreError:
            if self._monotonic() >= self._alone_from:
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
            return await self._ask(lambda: self._primary.release(lease))
        except StoreError:
            return was_held

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        local = self._local_lease(lease)
        is_held = await self._fallback.extend(local, ttl)
        if is_held and local == lease:
            return True
        try:
            return await self._ask(lambda: self._primary.extend(lease, ttl))
        except StoreError:
            return is_held

    async def close(self) -> None:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                await self._primary.close()

    async def _outdate(self, key: str) -> None:
        """Let what the primary still holds under *key*, which is old now, not hide what memory will keep."""
        try:
            await self._ask(lambda: self._primary.delete(key))
        except StoreError:  # it can only be read
            self._outdated.add(key)

    def _local_lease(self, lease: Lease) -> Lease:
        """Return the fallback's lease that goes with one of the primary, else *lease* itself."""
        shared, local = self._local_leases.get(lease.name, (None, lease))
        return local if shared == lease else lease

    async def _ask(self, call: Callable[[], Awaitable[_T]], *, writes: bool = False) -> _T:
        """Call the primary, unless it failed a short while ago; *writes*: success shows that it takes writes.

        Raises:
            StoreError: It was not asked, or failed (`StoreFullError`: it refused a write).
        """
        now = self._monotonic()
        if self._degraded:
            if now < self._retry_at:
                raise StoreError("not asked: it failed a short while ago")
            self._retry_at = now + self._pause_s(now)  # one caller tries, the others needn't wait with it
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await call()
        except StoreFullError as error:
            self._log("refuses writes, memory keeps them", error)
            self._degraded = False
            if not isinstance(error, ValueTooLargeError):
                self._refusal, self._refused_at = str(error), self._monotonic()
            raise
        except (StoreError, TimeoutError) as error:
            now = self._monotonic()
            if not self._degraded:
                self._alone_from = now + self._alone_after_s
            self._retry_at = now + self._pause_s(now)
            self._degraded = True
            self._log("doesn't answer, memory stands in", error)
            raise StoreError(str(error) or "no answer in time") from error
        self._degraded = False
        if writes:
            self._written_at = self._monotonic()
        return answer

    def _pause_s(self, now: float) -> float:
        """Return how long to leave the primary alone: not long while it may only have been a moment's overload."""
        early = min(_EARLY_RETRY_AFTER.total_seconds(), self._retry_after_s)
        return self._retry_after_s if now >= self._alone_from else early

    def _log(self, what: str, error: Exception) -> None:
        now = self._monotonic()
        if now >= self._log_at:
            self._log_at = now + _LOG_INTERVAL.total_seconds()
            logger.warning("store %s %s: %s", self._primary.describe(), what, str(error) or "no answer in time")


class _PrimaryWrites:
    """Writes of *store* that its primary takes, or that fail."""

    def __init__(self, store: ResilientStore) -> None:
        self._store = store

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        return await self._store.set_surely(key, value, ttl=ttl, lease=lease)

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        return await self._store.increment_surely(key, by, ttl=ttl)
