"""Listings from the store, else from arXiv: each is fetched once an announcement, whoever asks.

The way of a request: read the *states* of its contexts; those that are due are asked for (one task
in this process and one lease in the store a context, so that neither a thousand readers nor ten
processes make a second request); who has something to serve doesn't wait for it; who has nothing
waits as long as readers do, then gets an error that says when to come back.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from digest import schedule
from digest.errors import RateLimitedError, UnavailableError, UpstreamError
from digest.freshness import ContextState, after_answer, after_failure, due_at, is_due, needs_settling
from digest.merging import merge_announcements
from digest.models import Listing, Paper
from digest.sources import UNION_SIZE, ArxivSources
from digest.store import Lease, Store, pack, unpack
from digest.taxonomy import is_archive

log = logging.getLogger(__name__)

SCHEMA = 1
"""Version of what is stored; a change drops what older versions wrote."""
_LEASE = timedelta(seconds=60)
_HEARTBEAT = timedelta(seconds=20)
_PARSED_PAPERS = 4_000
"""Papers kept parsed in memory; others are unpacked when they are needed."""


@dataclass(frozen=True)
class Window:
    """The listings that a feed is made of.

    Attributes:
        listings: Of all contexts, newest day first; one a context and day.
        states: What is known of each context.
        first_day: Nothing older belongs to the window.
        fresh_until: When asking arXiv can next bring something new, UTC; now or earlier while a refresh is due.
        pending: Refreshes under way; await them after answering where the platform stops idle processes.
    """

    listings: tuple[Listing, ...]
    states: dict[str, ContextState]
    first_day: date
    fresh_until: datetime
    pending: tuple[asyncio.Task[None], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Contexts of which nothing is held."""
        return tuple(context for context, state in self.states.items() if not state.held)


class Listings:
    """Keep listings fresh, complete and at hand.

    Args:
        store: Where they are kept.
        sources: Where they come from.
        keep: For how long.
        patience: How long a request without anything to serve waits for arXiv.
        now: The clock.
    """

    def __init__(
        self,
        store: Store,
        sources: ArxivSources,
        *,
        keep: timedelta,
        patience: timedelta = timedelta(seconds=18),
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._sources = sources
        self._keep = keep
        self._patience = patience
        self._now = now
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._parsed: OrderedDict[tuple[str, date, str], Listing] = OrderedDict()

    async def window(self, contexts: Sequence[str], *, days: int) -> Window:
        """Return the listings of *contexts* for the newest *days* announcements.

        Raises:
            UnavailableError: Nothing is held of any of them, and arXiv gave nothing in time.
        """
        now = self._now()
        states = await self.states(contexts)
        settling = [c for c in contexts if needs_settling(states[c], tuple(contexts), now)]
        due = [c for c in contexts if is_due(states[c], now) or c in settling]
        pending = self._start(due, alone=settling)
        awaited = {self._refreshing[c] for c in due if c in self._refreshing and (not states[c].held or c in settling)}
        if awaited:
            await asyncio.wait(awaited, timeout=self._patience.total_seconds())
            states = await self.states(contexts)
        newest = max((state.newest for state in states.values() if state.newest), default=None)
        if newest is None:
            raise self._unavailable(states.values(), now)
        first_day = schedule.previous_days(newest, days)[0]
        listings = await self._load(states.values(), first_day)
        fresh_until = min(due_at(state, now) for state in states.values())
        return Window(listings, states, first_day, fresh_until, tuple(task for task in pending if not task.done()))

    async def states(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        """Return what is known of each of *contexts*."""
        stored = await self._store.get_many([_state_key(context) for context in contexts])
        read = (unpack(ContextState, data, SCHEMA) if data else None for data in stored)
        return {c: state or ContextState(context=c) for c, state in zip(contexts, read, strict=True)}

    async def refresh(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        """Ask arXiv for those of *contexts* that are due, wait for it, and return what is known then."""
        states = await self.states(contexts)
        tasks = self._start([c for c in contexts if is_due(states[c], self._now())], alone=())
        if tasks:
            await asyncio.wait(tasks)
        return await self.states(contexts)

    async def known(self) -> list[ContextState]:
        """Return what is known of every context that was ever asked for."""
        prefix = _state_key("")
        contexts = [key.removeprefix(prefix) for key in await self._store.keys(prefix)]
        return list((await self.states(contexts)).values())

    async def find(self, ident: str) -> Paper | None:
        """Return the paper of that id from the listings held, all its announcements merged."""
        states = [state for state in await self.known() if state.held]
        announcements: list[Paper] = []
        for state in states:
            for listing in await self._load([state], min(state.held)):
                announcements += [paper for paper in listing.papers if paper.id == ident]
            if announcements:
                break
        return merge_announcements(announcements) if announcements else None

    async def aclose(self) -> None:
        """Stop what is under way."""
        tasks = set(self._refreshing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, due: Sequence[str], *, alone: Sequence[str]) -> tuple[asyncio.Task[None], ...]:
        """Start what isn't under way yet and return all tasks that concern *due*."""
        fresh = [context for context in due if context not in self._refreshing]
        for group in _groups(fresh, alone):
            task = asyncio.create_task(self._refresh_group(group), name=f"refresh {'+'.join(group)}")
            for context in group:
                self._refreshing[context] = task
            task.add_done_callback(partial(self._forget, group))
        return tuple(dict.fromkeys(self._refreshing[context] for context in due))

    def _forget(self, group: tuple[str, ...], _: asyncio.Task[None]) -> None:
        for context in group:
            self._refreshing.pop(context, None)

    async def _refresh_group(self, group: tuple[str, ...]) -> None:
        async with self._leases(group):
            now = self._now()
            states = await self.states(group)
            open_ = tuple(c for c in group if is_due(states[c], now) or needs_settling(states[c], group, now))
            if not open_:
                return
            try:
                listings = await self._sources.announcement_feed(open_, self._now())
            except UpstreamError as error:
                log.warning("listings of %s not refreshed: %s", "+".join(open_), error)
                pause = error.retry_after if isinstance(error, RateLimitedError) else None
                for context in open_:
                    await self._save_state(after_failure(states[context], str(error), self._now(), retry_after=pause))
                return
            for listing in listings:
                await self._keep_listing(states[listing.context], listing)

    async def _keep_listing(self, state: ContextState, listing: Listing) -> None:
        """Store *listing* unless it says nothing, then the state that knows of it."""
        held = {day: mark for day, mark in state.held.items() if day >= listing.day - self._keep}
        if listing.papers:
            mark = fingerprint(listing)
            if held.get(listing.day) != mark:
                await self._store.set(_listing_key(listing.context, listing.day), pack(listing, SCHEMA), ttl=self._keep)
                held[listing.day] = mark
        await self._save_state(after_answer(state, listing, held, self._now()))

    async def _save_state(self, state: ContextState) -> None:
        await self._store.set(_state_key(state.context), pack(state, SCHEMA), ttl=self._keep)

    async def _load(self, states: Iterable[ContextState], first_day: date) -> tuple[Listing, ...]:
        wanted = [(s.context, day, mark) for s in states for day, mark in s.held.items() if day >= first_day]
        absent = [key for key in wanted if key not in self._parsed]
        stored = (
            await self._store.get_many([_listing_key(context, day) for context, day, _ in absent]) if absent else []
        )
        found = {key: self._parsed[key] for key in wanted if key in self._parsed}
        for key, data in zip(absent, stored, strict=True):
            listing = unpack(Listing, data, SCHEMA) if data else None
            if listing is None:
                log.warning("listing of %s, %s: no longer in the store", key[0], key[1])
            else:
                found[key] = listing
        self._remember(found)
        return tuple(sorted(found.values(), key=lambda one: (-one.day.toordinal(), one.context)))

    def _remember(self, found: dict[tuple[str, date, str], Listing]) -> None:
        for key, listing in found.items():
            self._parsed[key] = listing
            self._parsed.move_to_end(key)
        while len(self._parsed) > 1 and sum(len(one.papers) for one in self._parsed.values()) > _PARSED_PAPERS:
            self._parsed.popitem(last=False)

    @asynccontextmanager
    async def _leases(self, group: tuple[str, ...]) -> AsyncIterator[None]:
        """Hold the right to refresh each of *group*; waits while another process has it."""
        held = [await self._lease(context) for context in sorted(group)]
        heartbeat = asyncio.create_task(self._keep_alive(held))
        try:
            yield
        finally:
            heartbeat.cancel()
            for lease in held:
                await self._store.release(lease)

    async def _lease(self, context: str) -> Lease:
        while True:
            lease = await self._store.acquire(f"refresh:{context}", ttl=_LEASE)
            if lease:
                return lease
            await asyncio.sleep(0.3)

    async def _keep_alive(self, held: Sequence[Lease]) -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT.total_seconds())
            for lease in held:
                await self._store.extend(lease, _LEASE)

    def _unavailable(self, states: Iterable[ContextState], now: datetime) -> UnavailableError:
        states = list(states)
        reasons = "; ".join(dict.fromkeys(state.last_error for state in states if state.last_error))
        again = min((state.retry_at for state in states if state.retry_at), default=None)
        wait = max(again - now, timedelta(seconds=5)) if again else timedelta(seconds=30)
        contexts = "+".join(state.context for state in states)
        said = f"arXiv gave no listing: {reasons}" if reasons else "arXiv has not answered yet"
        return UnavailableError(f"Nothing is held of {contexts} yet, and {said}.", retry_after=wait)


def fingerprint(listing: Listing) -> str:
    """Return a short hash of what *listing* says, the time of fetching left out."""
    body = listing.model_dump_json(exclude={"fetched_at"}, exclude_computed_fields=True)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _groups(contexts: Sequence[str], alone: Sequence[str]) -> list[tuple[str, ...]]:
    """Divide *contexts* into requests: archives and those of *alone* each for itself, categories in unions."""
    single = [(context,) for context in contexts if is_archive(context) or context in alone]
    united = [context for context in contexts if not (is_archive(context) or context in alone)]
    return single + [tuple(united[n : n + UNION_SIZE]) for n in range(0, len(united), UNION_SIZE)]


def _state_key(context: str) -> str:
    return f"state:{context}"


def _listing_key(context: str, day: date) -> str:
    return f"listing:{context}:{day}"
