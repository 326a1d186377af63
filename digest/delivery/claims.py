"""Who may send: claimed in the configured store, where all instances see it, before anything is sent.

Whoever counts an attempt's number to one may make it, nobody else, for 90 days. Counting goes past every stand-in, so
without the configured store nothing is sent. A claim whose outcome was never written is that of a process that was killed
meanwhile.

One process at a time works on a target, by a lease; the claims hold even if two believe that they have it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from digest.errors import StoreError
from digest.feeds.periods import Period
from digest.store.protocol import Lease, Store

KEPT = timedelta(days=90)
_LEASE = timedelta(minutes=3)
"""Longer than one run may take; whoever is killed keeps others from the target for so long."""
_MOST_ROUNDS = 50

Pair = tuple[str, str]
"""A feed and a target, by their names."""


class Claims:
    """Claims of attempts.

    Args:
        store: The configured store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def obstacle(self) -> str:
        """Why nothing can be claimed now, as far as this process knows; "" if it can be tried."""
        if self._store.kind == "memory":
            return "the store is this process's memory, which can't say what was sent before; set CACHE_URL"
        if self._store.degraded:
            return "the store doesn't answer"
        return f"the store refuses writes: {self._store.refusal}" if self._store.refusal else ""

    @asynccontextmanager
    async def alone(self, target: str) -> AsyncIterator[Lease | None]:
        """Hold the right to work on *target*; None if another process does."""
        lease = await self._store.acquire(f"delivery:{target}", ttl=_LEASE)
        try:
            yield lease
        finally:
            if lease:
                await asyncio.shield(self._store.release(lease))

    async def claim(self, pair: Pair, period: Period, attempt: int) -> bool:
        """Claim one attempt; False if it was claimed before.

        Raises:
            StoreError: The configured store can't say.
        """
        if self.obstacle:
            raise StoreError(self.obstacle)
        feed, target = pair
        key = f"delivery:claim:{target}:{feed}:{period.name}:{attempt}"
        return await self._store.sure.increment(key, ttl=KEPT) == 1

    async def claim_next(self, pair: Pair, period: Period, after: int) -> int:
        """Claim the first attempt after number *after* that nobody has claimed, and return its number.

        Raises:
            StoreError: The configured store can't say.
        """
        for attempt in range(after + 1, after + _MOST_ROUNDS):
            if await self.claim(pair, period, attempt):
                return attempt
        raise StoreError("too many attempts were claimed already")


def identity(pair: Pair, period: Period, round_: int = 0) -> str:
    """Return a delivery's id: the same for every attempt, in every process; another one each time it is sent again."""
    text = "\x1f".join((*pair, period.name, *([str(round_)] if round_ else [])))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
