"""The right to write what is known of a context: one task of this process at a time, and one process."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from digest.listings.freshness import LEASE
from digest.store.protocol import Lease, Leases

_LONGEST_PAUSE_S = 1.5
_HEARTBEAT = timedelta(seconds=20)


class ContextLeases:
    """Leases of the store, one a context, kept alive while they are in use."""

    def __init__(self, store: Leases) -> None:
        self._store = store
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()

    def is_wanted(self, context: str) -> bool:
        """Tell whether somebody of this process waits for the right to write the state of *context*."""
        return self._waiting[context] > 0

    @asynccontextmanager
    async def of(
        self, contexts: Sequence[str], *, still_needed: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[bool]:
        """Hold the right to write the states of *contexts*; waits while another process has it.

        Args:
            contexts: Whose states.
            still_needed: Asked while waiting; once it says no, the body runs without the right.

        Yields:
            Whether the right is held.
        """
        async with AsyncExitStack() as turns:
            for context in sorted(contexts):
                # In order of asking within this process: who takes one lease after the other lets others in between.
                self._waiting[context] += 1
                try:
                    await turns.enter_async_context(self._turns[context])
                finally:
                    self._waiting[context] -= 1
            async with self._leased(contexts, still_needed) as is_held:
                yield is_held

    @asynccontextmanager
    async def _leased(
        self, contexts: Sequence[str], still_needed: Callable[[], Awaitable[bool]] | None
    ) -> AsyncIterator[bool]:
        held: list[Lease] = []
        heartbeat = asyncio.create_task(self._keep_alive(held))
        try:
            for context in sorted(contexts):
                lease = await self._lease(context, still_needed)
                if lease is None:
                    break
                held.append(lease)
            yield len(held) == len(contexts)
        finally:
            heartbeat.cancel()
            for lease in held:
                await self._store.release(lease)

    async def _lease(self, context: str, still_needed: Callable[[], Awaitable[bool]] | None) -> Lease | None:
        pause_s = 0.3
        while True:
            lease = await self._store.acquire(f"refresh:{context}", ttl=LEASE)
            if lease:
                return lease
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.3, _LONGEST_PAUSE_S)  # many may wait for long, and each look is a write
            if still_needed and not await still_needed():
                return None

    async def _keep_alive(self, held: Sequence[Lease]) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT.total_seconds())
            for lease in held:
                await self._store.extend(lease, LEASE)
