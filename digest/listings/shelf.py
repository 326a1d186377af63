"""Where listings and what is known of them are kept: the store, and a bounded memory of what was read lately."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from digest.concurrency.coalescing import BatchedReads, SingleFlight
from digest.listings.archive import Archive
from digest.listings.bare import BareDays
from digest.listings.context_leases import ContextLeases
from digest.listings.parsed import Key, ParsedListings
from digest.listings.reconciling import unite
from digest.listings.states import ContextState, day_state, with_day
from digest.listings.stored import StoredListing, mentions, pack_listing, unpack_listing
from digest.listings.tally_shelf import TallyShelf
from digest.models import Listing, Summary
from digest.store.codec import pack, unpack
from digest.store.protocol import Store
from digest.summaries.kept import KEPT, summaries_version

log = logging.getLogger(__name__)

SCHEMA = 1
"""Version of what is stored; a change drops what older versions wrote."""
_READ_BYTES = 6_700_000
"""Of one read: Upstash takes 10 MB a request, and base64 adds a third."""
_PAPER_BYTES = 680
"""Of a paper with its summary in the store, rather too much than too little."""
_LISTING_BYTES = 500


Summarise = Callable[[Listing], Sequence[Summary | None]]
"""Makes the built-in summaries of a listing's papers, in their order; None for papers without abstract."""


class Shelf:
    """Read and write listings and states.

    States are written only under their context's lease.

    Args:
        store: The store.
        keep: For how long listings are kept.
        now: The clock.

    Attributes:
        bare: Days whose listing is stored without built-in summaries of this version.
        archive: Listings of days that no state reaches.
        leases: The right to write states.
        tallies: The numbers of each day, for years.
    """

    def __init__(self, store: Store, *, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keep = keep
        self._now = now
        self._parsed = ParsedListings()
        self.bare = BareDays()
        self.archive = Archive(store, keep=keep)
        self.leases = ContextLeases(store)
        self.tallies = TallyShelf(store)
        self._reading = BatchedReads(self._read_states)
        self._unpacking: SingleFlight[tuple[Key, ...], dict[Key, Listing]] = SingleFlight()

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

    async def keep(self, state: ContextState, listing: Listing, *, summarise: Summarise | None = None) -> ContextState:
        """Store *listing*, united with what is stored of its day, and return the state that knows of it (unsaved).

        `DayState.sources` names who agrees: of a day without papers those that have none, else those that have some.

        Args:
            state: What is known of the context; the caller has its lease.
            listing: A fresh one.
            summarise: Makes the built-in summaries that are stored with it; without, that is left for later.
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
            if summarise:
                await self.embed(kept, await asyncio.to_thread(summarise, kept))
                self.bare.forget(kept.context, kept.day)
            else:
                await self._store.set(_listing_key(kept.context, kept.day), pack(kept, SCHEMA), ttl=self._keep)
                self.bare.note(kept.context, kept.day)
            self._parsed.put({(kept.context, kept.day, mark): kept})
        return with_day(state, kept.day, day_state(kept, mark, tuple(dict.fromkeys(sources)), known), keep=self._keep)

    async def load(
        self, states: Iterable[ContextState], first_day: date, *, until: date | None = None
    ) -> tuple[Listing, ...]:
        """Return the stored listings from *first_day* on, newest day first."""
        states = list(states)
        wanted = _keys(states, first_day, until)
        found = {key: listing for key in wanted if (listing := self._parsed.get(key))}
        absent = tuple(key for key in wanted if key not in found)
        if absent:
            sizes = _sizes(states)
            found |= await self._unpacking.run(absent, lambda: self._unpacked(absent, sizes))
        self._parsed.put(found)
        return tuple(sorted(found.values(), key=lambda one: (-one.day.toordinal(), one.context)))

    async def mentioning(self, ident: str, states: Iterable[ContextState], first_day: date) -> list[Listing]:
        """Return the stored listings from *first_day* on that may hold the paper of that id; only these are parsed."""
        states = list(states)
        keys = _keys(states, first_day, None)
        parsed = [listing for key in keys if (listing := self._parsed.get(key))]
        absent = [key for key in keys if self._parsed.get(key) is None]
        stored = await self._read(absent, _sizes(states))
        return parsed + await asyncio.to_thread(
            lambda: [one.listing for data in stored if mentions(data, ident) and (one := _with_summaries(data))]
        )

    async def _read(self, keys: Sequence[Key], sizes: Mapping[Key, int]) -> list[bytes | None]:
        """Return what is stored of *keys*, in as few requests as stores take."""
        found: list[bytes | None] = []
        for part in split_by_size(keys, sizes, _READ_BYTES):
            found += await self._store.get_many([_listing_key(context, day) for context, day, _ in part])
        return found

    async def anyone_holds(self, day: date) -> bool:
        """Tell whether any context is known to have papers of *day*."""
        return any(state.days[day].held.total for state in await self.known() if day in state.days)

    async def embed(self, listing: Listing, summaries: Sequence[Summary | None]) -> None:
        """Store a listing with the built-in summaries of its papers, and its numbers; the caller has the lease."""
        packed = await asyncio.to_thread(pack_listing, listing, summaries, summaries_version())
        await self._store.set(_listing_key(listing.context, listing.day), packed, ttl=self._keep)
        await self.tallies.put(listing)

    async def _unpacked(self, keys: Sequence[Key], sizes: Mapping[Key, int]) -> dict[Key, Listing]:
        """Read listings from the store, and remember the summaries that are stored with them."""
        stored = await self._read(keys, sizes)
        unpacked = await asyncio.to_thread(lambda: [_with_summaries(data) for data in stored])
        found: dict[Key, Listing] = {}
        for key, one in zip(keys, unpacked, strict=True):
            if one is None:
                log.warning("listing of %s, %s: no longer in the store", key[0], key[1])
                continue
            found[key] = one.listing
            if one.summaries is None:
                self.bare.note(*key[:2])
        return found


def fingerprint(listing: Listing) -> str:
    """Return a short hash of what *listing* says, the time of fetching left out."""
    body = listing.model_dump_json(exclude={"fetched_at", "agreed"}, exclude_computed_fields=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def split_by_size(keys: Sequence[Key], sizes: Mapping[Key, int], most: int) -> list[list[Key]]:
    """Return *keys* in order, in parts whose sizes add up to *most* at most; one that is larger is a part of its own."""
    parts: list[list[Key]] = []
    used = 0
    for key in keys:
        used += sizes[key]
        if not parts or used > most:
            parts.append([])
            used = sizes[key]
        parts[-1].append(key)
    return parts


def _keys(states: Iterable[ContextState], first_day: date, until: date | None) -> list[Key]:
    return [
        (state.context, day, known.mark)
        for state in states
        for day, known in state.held.items()
        if day >= first_day and (until is None or day <= until)
    ]


def _sizes(states: Iterable[ContextState]) -> dict[Key, int]:
    """Return how long each listing is in the store, about."""
    return {
        (state.context, day, known.mark): _LISTING_BYTES + _PAPER_BYTES * known.held.total
        for state in states
        for day, known in state.held.items()
    }


def _with_summaries(data: bytes | None) -> StoredListing | None:
    found = unpack_listing(data, summaries_version())
    if found and found.summaries:
        for paper, summary in zip(found.listing.papers, found.summaries, strict=True):
            if summary:
                KEPT.put(paper.title, paper.abstract, summary)
    return found


def _state_key(context: str) -> str:
    return f"state:{context}"


def _listing_key(context: str, day: date) -> str:
    return f"listing:{context}:{day}"
