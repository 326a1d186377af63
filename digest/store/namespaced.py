"""A store whose keys and locks are apart from those of other upstreams."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from digest.store.protocol import Lease, Store, SureWrites


class NamespacedStore:
    """Prefix every key and lock of *inner* with a mark made of *namespace*; "" is a namespace, too."""

    def __init__(self, inner: Store, namespace: str) -> None:
        self._inner = inner
        mark = hashlib.sha256(namespace.encode()).hexdigest()[:8] if namespace else "arxiv"
        self._prefix = f"digest:{mark}:"

    @property
    def kind(self) -> str:
        """See `Store`; the same holds for all that follows."""
        return self._inner.kind

    @property
    def degraded(self) -> bool:
        return self._inner.degraded

    @property
    def refusal(self) -> str:
        return self._inner.refusal

    @property
    def sure(self) -> SureWrites:
        return _NamespacedWrites(self._inner.sure, self._prefix)

    def describe(self) -> str:
        return self._inner.describe()

    async def get(self, key: str) -> bytes | None:
        return await self._inner.get(self._prefix + key)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return await self._inner.get_many([self._prefix + key for key in keys])

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        return await self._inner.set(self._prefix + key, value, ttl=ttl, lease=lease)

    async def delete(self, key: str) -> None:
        await self._inner.delete(self._prefix + key)

    async def keys(self, prefix: str) -> list[str]:
        return [key.removeprefix(self._prefix) for key in await self._inner.keys(self._prefix + prefix)]

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        return await self._inner.increment(self._prefix + key, by, ttl=ttl)

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        return await self._inner.acquire(self._prefix + name, ttl=ttl)

    async def release(self, lease: Lease) -> bool:
        return await self._inner.release(lease)

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        return await self._inner.extend(lease, ttl)

    async def close(self) -> None:
        await self._inner.close()


class _NamespacedWrites:
    """The sure writes of *inner*, with every key prefixed."""

    def __init__(self, inner: SureWrites, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        return await self._inner.set(self._prefix + key, value, ttl=ttl, lease=lease)

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        return await self._inner.increment(self._prefix + key, by, ttl=ttl)
