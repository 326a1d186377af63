"""Listings of single days that lie behind what feeds keep: fetched when somebody asks for the day.

A day of the last 90 comes from its catch-up page, with arXiv's totals; an older one is rebuilt from the query API.
A day that the state of its context reaches becomes part of that; others are archived beside it, so that an old
day is never taken for the newest one that is held.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from digest import costs
from digest.arxiv import schedule
from digest.concurrency.coalescing import SingleFlight
from digest.concurrency.turns import Turns
from digest.errors import RateLimitedError, UnavailableError, UpstreamError
from digest.listings.freshness import CATCH_UP_DAYS, UNCONFIRMED_FOR, ContextState, day_state, without_days
from digest.listings.reconciling import unknown_papers
from digest.listings.shelf import Shelf, fingerprint
from digest.models import Listing, Source
from digest.upstream.sources import ArxivSources

log = logging.getLogger(__name__)

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_FAILURES_KEPT = 1_000
_MOST_WAITING = 40
"""Listings that wait to be fetched, of all clients together, half of them of one; one takes a request to arXiv or two."""
_MOST_COUNTED = 20
"""What one request counts as at most, so that a server of many categories can show an old day of them all."""
_PLACE_WEIGHT = 5_000
"""As much as five seconds of waiting: about what arXiv takes for a day."""
_REACH = timedelta(days=CATCH_UP_DAYS)

Place = tuple[str, date]


@dataclass(frozen=True)
class Failure:
    """Attempts in a row that brought nothing: why, and when the next one is worth it."""

    reason: str
    tries: int
    next_try: datetime


class History:
    """Fetch days, each once, one request after the other.

    Args:
        shelf: Where listings are kept.
        sources: Where they come from.
        now: The clock.
    """

    def __init__(self, shelf: Shelf, sources: ArxivSources, *, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._sources = sources
        self._now = now
        self._fetching: SingleFlight[Place, None] = SingleFlight(drops=lambda place: place not in self._begun)
        self._begun: set[Place] = set()
        self._failures: dict[Place, Failure] = {}
        self._turns = Turns(1, most_waiting=_MOST_WAITING, place_weight=_PLACE_WEIGHT, now=time.monotonic)
        """However many days are asked for, feeds wait for one of them at most."""

    async def fetch(self, contexts: Sequence[str], day: date, *, patience: timedelta) -> None:
        """Fetch *day* of each of *contexts*, unless it failed lately; wait for it as long as *patience* allows.

        What nobody waits for any more, and has not begun, is dropped.

        Raises:
            TooManyRequestsError: Who asks may not make arXiv be asked for that much.
            UnavailableError: Too many days wait to be fetched.
        """
        wanted = [place for place in ((context, day) for context in contexts) if self._may_be_asked(place)]
        added = [place for place in wanted if place not in self._fetching]
        if added:
            await costs.admit([f"{context} {day}" for context, day in added[:_MOST_COUNTED]])
        fetching = (self._fetching.run(place, partial(self._fetch, place)) for place in wanted)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                ends = await asyncio.gather(*fetching, return_exceptions=True)
        except TimeoutError:
            return
        refused = [end for end in ends if isinstance(end, UnavailableError)]
        if refused and len(refused) == len(ends):
            raise refused[0]
        for (context, _), end in zip(wanted, ends, strict=True):
            if isinstance(end, Exception) and end not in refused:
                log.error("fetching %s of %s failed", day, context, exc_info=end)

    def _may_be_asked(self, place: Place) -> bool:
        failure = self._failures.get(place)
        return failure is None or failure.next_try <= self._now()

    async def held(self, contexts: Sequence[str], day: date) -> tuple[dict[str, ContextState], tuple[Listing, ...]]:
        """Return what is known of *contexts*, and the listings of *day* that are held, by context or archived."""
        states = await self._shelf.states(contexts)
        listings = {one.context: one for one in await self._shelf.load(states.values(), day, until=day)}
        lacking = [context for context in contexts if context not in listings]
        archived = {one.context: one for one in await self._archived(lacking, day)} if lacking else {}
        states |= {context: _with_archived(states[context], day, archived.get(context)) for context in lacking}
        return states, tuple((listings | archived).values())

    async def _archived(self, contexts: Sequence[str], day: date) -> list[Listing]:
        """Return what is archived of *day*; a listing that is empty on the word of one source holds for an hour only."""
        listings = await self._shelf.archived(contexts, day)
        in_reach = schedule.eastern_date(self._now()) - day < _REACH
        return [
            one
            for one in listings
            if one.papers or one.agreed or not in_reach or one.fetched_at + UNCONFIRMED_FOR > self._now()
        ]

    def failures(self, contexts: Sequence[str], day: date) -> list[Failure]:
        """Return what went wrong lately with *day* of *contexts*."""
        return [self._failures[context, day] for context in contexts if (context, day) in self._failures]

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._fetching.aclose()

    async def _fetch(self, place: Place) -> None:
        async with self._turns.turn(costs.client(), 0):
            self._begun.add(place)
            try:
                await self._fetch_now(place)
            finally:
                self._begun.discard(place)

    async def _fetch_now(self, place: Place) -> None:
        context, day = place
        async with self._shelf.leases((context,)):
            states, listings = await self.held((context,), day)
            if listings:
                return  # another process was here in the meantime
            state = states[context]
            try:
                listing = await self._ask(state, day)
            except UpstreamError as error:
                log.warning("listing of %s, %s: %s", context, day, error)
                self._note_failure(place, error)
                return
            self._failures.pop(place, None)
            if state.newest and state.newest - _REACH <= day < state.newest:
                await self._shelf.save(await self._shelf.keep(state, listing))
            else:
                await self._shelf.archive(listing)

    async def _ask(self, state: ContextState, day: date) -> Listing:
        now, context = self._now(), state.context
        if schedule.eastern_date(now) - day < _REACH:
            try:
                listing = await self._sources.catch_up_page(context, day, now, urgent=True)
            except UpstreamError as error:
                log.warning("catch-up page of %s, %s, passed over: %s", context, day, error)
            else:
                agreed = () if listing.papers else await self._agreeing(state, day)
                return listing.model_copy(update={"backfilled": True, "agreed": agreed})
        return (await self._sources.query_api((context,), day, now, urgent=True))[0]

    async def _agreeing(self, state: ContextState, day: date) -> tuple[Source, ...]:
        """Ask the query API for a day whose page is empty; return it if it has no papers either that aren't held."""
        try:
            (estimate,) = await self._sources.query_api((state.context,), day, self._now(), urgent=True)
        except UpstreamError as error:
            log.warning("query API of %s, %s, passed over: %s", state.context, day, error)
            return ()
        held = await self._shelf.load([state], day - _REACH)
        return () if unknown_papers(estimate, held) else (Source.QUERY_API,)

    def _note_failure(self, place: Place, error: UpstreamError) -> None:
        tries = self._failures[place].tries + 1 if place in self._failures else 1
        told = error.retry_after if isinstance(error, RateLimitedError) else None
        pause = told or min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), _LONGEST_PAUSE)
        self._failures.pop(place, None)
        self._failures[place] = Failure(str(error), tries, self._now() + pause)
        while len(self._failures) > _FAILURES_KEPT:
            del self._failures[next(iter(self._failures))]


def _with_archived(state: ContextState, day: date, listing: Listing | None) -> ContextState:
    """Correct what the state says of a day that the store has lost, or that is archived."""
    state = without_days(state, (day,))
    if listing is None:
        return state
    known = day_state(listing, fingerprint(listing), (listing.source, *listing.agreed))
    return state.model_copy(update={"days": {**state.days, day: known}})
