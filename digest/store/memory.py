"""The store of one process: bounded, least recently used goes first."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from cachetools import TLRUCache

from digest.clock import Clock, utc_now
from digest.store.protocol import (
    FENCE_TTL,
    KEYS_LIMIT,
    Lease,
    SureWrites,
    milliseconds,
    next_token,
    timestamp_ms,
)

_LIMIT_BYTES = 64 * 1024 * 1024
_OVERHEAD_BYTES = 400  # of a key and its bookkeeping in CPython, roughly
_COUNTERS_LIMIT = 10_000


class _Value(NamedTuple):
    """A value and the millisecond at which it is over."""

    data: bytes
    expires: float
    size_bytes: int


class _Lock(NamedTuple):
    """A lease, when it ends, and the time it was given for; milliseconds."""

    lease: Lease
    expires: int
    term: int


class MemoryStore:
    """A `Store` in this process's memory.

    Values are evicted, least recently used first, when together they pass *limit_bytes*; a value
    larger than that isn't kept. Counters and locks are small and not evicted for values.
    """

    kind = "memory"
    degraded = False
    refusal = ""

    def __init__(self, *, limit_bytes: int = _LIMIT_BYTES, now: Clock = utc_now) -> None:
        self._limit_bytes = limit_bytes
        self._now = now
        self._values: TLRUCache[str, _Value] = TLRUCache(
            limit_bytes,
            lambda _key, value, _now: value.expires,
            timer=self._now_ms,
            getsizeof=lambda value: value.size_bytes,
        )
        self._counters: dict[str, tuple[int, int | None]] = {}
        self._locks: dict[str, _Lock] = {}

    @property
    def sure(self) -> SureWrites:
        """See `Store`: nothing replaces this one."""
        return self

    def describe(self) -> str:
        return "memory"

    async def get(self, key: str) -> bytes | None:
        now = self._now_ms()
        if key in self._counters:
            count = self._count(key, now)
            return None if count is None else str(count).encode()
        found = self._values.get(key)
        return found.data if found else None

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [await self.get(key) for key in keys]

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        expires = self._expiry(ttl)
        if lease and lease.name in self._locks and self._locks[lease.name].lease.token > lease.token:
            return False
        self._forget(key)
        found = _Value(value, math.inf if expires is None else expires, _size_bytes(key, value))
        if found.size_bytes <= self._limit_bytes:
            self._values[key] = found
        return True

    async def delete(self, key: str) -> None:
        self._forget(key)

    async def keys(self, prefix: str) -> list[str]:
        now = self._now_ms()
        counters = (key for key, (_, expires) in self._counters.items() if not _is_over(expires, now))
        return sorted(key for key in (*self._values, *counters) if key.startswith(prefix))[:KEYS_LIMIT]

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        expires = self._expiry(ttl)
        if await self.get(key) is not None and key in self._values:
            raise ValueError(f"{key} is a value, not a counter")
        count, expires = self._counters.get(key, (0, expires))
        self._counters[key] = (count + by, expires)
        self._bound_counters()
        return count + by

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        now, term = self._now_ms(), milliseconds(ttl)
        held = self._locks.get(name, _Lock(Lease(name, 0, ""), 0, 0))
        if held.expires > now:
            # More than its term is left where the clock was set back since.
            self._locks[name] = held._replace(expires=min(held.expires, now + held.term))
            return None
        lease = Lease(name, next_token(held.lease.token, now), secrets.token_hex(8))
        remembered = now - milliseconds(FENCE_TTL)
        self._locks = {key: lock for key, lock in self._locks.items() if lock.expires > remembered}
        self._locks[name] = _Lock(lease, now + term, term)
        return lease

    async def release(self, lease: Lease) -> bool:
        return self._move_expiry(lease, 0)

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        return self._move_expiry(lease, milliseconds(ttl))

    async def close(self) -> None:
        """Nothing is open; what is stored stays."""

    def _move_expiry(self, lease: Lease, term: int) -> bool:
        held, now = self._locks.get(lease.name), self._now_ms()
        if held is None or held.lease != lease or held.expires <= now:
            return False
        self._locks[lease.name] = _Lock(lease, now + term, term)
        return True

    def _now_ms(self) -> int:
        return timestamp_ms(self._now())

    def _expiry(self, ttl: timedelta | None) -> int | None:
        return None if ttl is None else self._now_ms() + milliseconds(ttl)

    def _count(self, key: str, now: int) -> int | None:
        count, expires = self._counters[key]
        if _is_over(expires, now):
            del self._counters[key]
            return None
        return count

    def _bound_counters(self) -> None:
        if len(self._counters) <= _COUNTERS_LIMIT:
            return
        now = self._now_ms()
        self._counters = {key: held for key, held in self._counters.items() if not _is_over(held[1], now)}
        while len(self._counters) > _COUNTERS_LIMIT:
            del self._counters[next(iter(self._counters))]

    def _forget(self, key: str) -> None:
        self._counters.pop(key, None)
        self._values.pop(key, None)


def _size_bytes(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD_BYTES


def _is_over(expires: int | None, now: int) -> bool:
    return expires is not None and expires <= now
