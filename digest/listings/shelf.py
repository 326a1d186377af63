"""Where listings and what is known of them are kept: the store, and a bounded memory of what was read lately."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta

from digest.concurrency.coalescing import BatchedReads, SingleFlight
from digest.listings.freshness import LEASE, ContextState, day_state, with_day
from digest.listings.reconciling import unite
from digest.models import Listing
from digest.store.codec import pack, unpack
from digest.store.protocol import Lease, Store

log = logging.getLogger(__name__)

SCHEMA = 1
"""Version of what is stored; a change drops what older versions wrote."""
_LONGEST_PAUSE_S = 1.5
_HEARTBEAT = timedelta(seconds=20)
_PARSED_PAPERS = 4_000
"""Papers kept parsed in memory; others are unpacked when they are needed."""

_Key = tuple[str, date, str]
"""Context, day and fingerprint of a listing."""


class Shelf:
    """Read and write listings and states.

    States are written only under their context's lease.

    Args:
        store: The store.
        keep: For how long listings are kept.
        now: The clock.
    """

    def __init__(self, store: Store, *, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keep = keep
        self._now = now
        self._parsed: OrderedDict[_Key, Listing] = OrderedDict()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reading = BatchedReads(self._read_states)
        self._unpacking: SingleFlight[tuple[_Key, ...], dict[_Key, Listing]] = SingleFlight()

    async def states(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        """Return what is known of each of *contexts*."""
        return await self._reading.get(contexts) if contexts else {}

    async def _read_states(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        stored = await self._store.get_many([_state_key(context) for context in contexts])
        read = (unpack(ContextState, data, SCHEMA) for data in stored)
        return {c: state or ContextState(context=c) for c, state in zip(contexts, read, strict=True)}

    async def known(self) -> list[ContextState]:
        """Return what is known of every context that was ever asked for."""
        prefix = _state_key("")
        contexts = [key.removeprefix(prefix) for key in await self._store.keys(prefix)]
        return list((await self.states(contexts)).values())

    async def save(self, state: ContextState) -> None:
        """Write a state."""
        await self._store.set(_state_key(state.context), pack(state, SCHEMA), ttl=self._keep)

    async def keep(self, state: ContextState, listing: Listing) -> ContextState:
        """Store *listing*, united with what is held of its day, and return the state that knows of it (unsaved).

        `DayState.sources` names who agrees: of a day without papers those that have none, else those that have some.
        """
        known = state.days.get(listing.day)
        held = (await self.load([state], listing.day, until=listing.day)) if known and known.mark else ()
        kept = unite(held[0], listing) if held else listing
        if held and known and kept is held[0]:
            return state
        agrees = not held or bool(kept.papers) == bool(held[0].papers)
        sources = (*(known.sources if known and agrees else ()), listing.source, *listing.agreed)
        mark = fingerprint(kept)
        if held and known and known.mark == mark:
            kept = held[0]
        else:
            await self._store.set(_listing_key(kept.context, kept.day), pack(kept, SCHEMA), ttl=self._keep)
            self._remember({(kept.context, kept.day, mark): kept})
        return with_day(state, kept.day, day_state(kept, mark, tuple(dict.fromkeys(sources)), known), keep=self._keep)

    async def newest(self, state: ContextState) -> Listing | None:
        """Return the newest listing held of a context."""
        newest = state.newest
        found = await self.load([state], newest, until=newest) if newest else ()
        return found[0] if found else None

    async def load(
        self, states: Iterable[ContextState], first_day: date, *, until: date | None = None
    ) -> tuple[Listing, ...]:
        """Return the listings held from *first_day* on, newest day first."""
        wanted = [
            (state.context, day, known.mark)
            for state in states
            for day, known in state.held.items()
            if day >= first_day and (until is None or day <= until)
        ]
        found = {key: self._parsed[key] for key in wanted if key in self._parsed}
        absent = tuple(key for key in wanted if key not in found)
        if absent:
            found |= await self._unpacking.run(absent, lambda: self._unpacked(absent))
        self._remember(found)
        return tuple(sorted(found.values(), key=lambda one: (-one.day.toordinal(), one.context)))

    async def anyone_holds(self, day: date) -> bool:
        """Tell whether any context is known to have papers of *day*."""
        return any(state.days[day].held.total for state in await self.known() if day in state.days)

    async def archive(self, listing: Listing) -> None:
        """Store a listing of a day that its context's state doesn't reach."""
        await self._store.set(_archive_key(listing.context, listing.day), pack(listing, SCHEMA), ttl=self._keep)

    async def archived(self, contexts: Sequence[str], day: date) -> tuple[Listing, ...]:
        """Return the listings of *day* that were archived."""
        stored = await self._store.get_many([_archive_key(context, day) for context in contexts])
        unpacked = await asyncio.to_thread(lambda: [unpack(Listing, data, SCHEMA) for data in stored])
        return tuple(listing for listing in unpacked if listing)

    async def _unpacked(self, keys: Sequence[_Key]) -> dict[_Key, Listing]:
        """Read listings from the store."""
        stored = await self._store.get_many([_listing_key(context, day) for context, day, _ in keys])
        unpacked = await asyncio.to_thread(lambda: [unpack(Listing, data, SCHEMA) for data in stored])
        for (context, day, _), listing in zip(keys, unpacked, strict=True):
            if listing is None:
                log.warning("listing of %s, %s: no longer in the store", context, day)
        return {key: listing for key, listing in zip(keys, unpacked, strict=True) if listing}

    @asynccontextmanager
    async def leases(
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
                await turns.enter_async_context(self._turns[context])
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

    def _remember(self, found: dict[_Key, Listing]) -> None:
        for key, listing in found.items():
            self._parsed[key] = listing
            self._parsed.move_to_end(key)
        while len(self._parsed) > 1 and sum(len(one.papers) for one in self._parsed.values()) > _PARSED_PAPERS:
            self._parsed.popitem(last=False)


def fingerprint(listing: Listing) -> str:
    """Return a short hash of what *listing* says, the time of fetching left out."""
    body = listing.model_dump_json(exclude={"fetched_at", "agreed"}, exclude_computed_fields=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _state_key(context: str) -> str:
    return f"state:{context}"


def _listing_key(context: str, day: date) -> str:
    return f"listing:{context}:{day}"


def _archive_key(context: str, day: date) -> str:
    return f"archive:{context}:{day}"
