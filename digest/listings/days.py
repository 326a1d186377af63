"""Single days from the sources that can give them: the newest one, those of a window, those that lie far behind.

*Behind the answers* the days of a window are made whole: one that is missing is filled in, the others are compared with
arXiv's own totals, one request after the other, and everything urgent goes first. A day that stays incomplete is tried
again, ever more seldom.

*While somebody waits* a day that isn't stored is fetched, each once. One that the state of its context reaches becomes
part of that; others are archived beside it, so that an old day is never taken for the newest one that is stored.

Who is asked for what is the table `digest.upstream.sources.BY_DAY`; when again, `digest.listings.freshness`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from digest import costs
from digest.arxiv import schedule
from digest.concurrency.coalescing import Background, SingleFlight
from digest.concurrency.turns import Turns
from digest.costs import Admit
from digest.errors import NoAnswerError, ParseError, RateLimitedError, UnavailableError, UpstreamError
from digest.listings.embedding import summaries_of
from digest.listings.empty_days import UNCONFIRMED_FOR, after_dispute, after_empty_answer, is_unusual
from digest.listings.freshness import after_try, is_worth_reading, with_failed_day
from digest.listings.reconciling import unknown_papers
from digest.listings.shelf import Shelf, fingerprint
from digest.listings.states import ContextState, DayState, day_state, with_day, without_days
from digest.models import Listing, Source
from digest.upstream.sources import BY_DAY, ArxivSources, DayRequest, DaySource

log = logging.getLogger(__name__)

_FORGET = timedelta(days=100)
_REACH = timedelta(days=schedule.CATCH_UP_DAYS)
_MOST_WAITING = 40
"""Listings that wait to be fetched, of all clients together, half of them of one; one takes a request to arXiv or two."""
_MOST_COUNTED = 20
"""What one request counts as at most, so that a server of many categories can show an old day of them all."""
_LONGEST_LEASE_S = 12.0
"""Days of one context are completed under one lease, which saves commands, but no longer: readers may need it."""
_PLACE_WEIGHT = 5_000
"""As much as five seconds of waiting: about what arXiv takes for a day."""

Place = tuple[str, date]


class Days:
    """Fetch and complete days: one task a context at a time behind the answers, one request at a time before them.

    Args:
        shelf: Where listings are kept.
        sources: Where they come from.
        now: The clock.
    """

    def __init__(self, shelf: Shelf, sources: ArxivSources, *, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._sources = sources
        self._now = now
        self._completing: Background[str] = Background()
        self._confirming: Background[tuple[str, ...]] = Background()
        self._unconfirmed: defaultdict[date, set[str]] = defaultdict(set)
        """Contexts of which a day is empty on the word of one service, to be asked for together."""
        self._turn = asyncio.Lock()
        """One day at a time: whoever waits for arXiv holds the lease of a context, which readers may need."""
        self._fetching: SingleFlight[Place, None] = SingleFlight(drops=lambda place: place not in self._begun)
        self._begun: set[Place] = set()
        self._turns = Turns(1, most_waiting=_MOST_WAITING, place_weight=_PLACE_WEIGHT, now=time.monotonic)
        """However many days are asked for, feeds wait for one of them at most."""

    def start(self, wanted: Mapping[str, Sequence[date]]) -> tuple[asyncio.Task[None], ...]:
        """Start completing the days *wanted* of each context, newest first; return the tasks that concern them."""
        lacking = {context: tuple(days) for context, days in wanted.items() if days}
        for context, days in lacking.items():
            self._completing.start(context, partial(self._complete, context, days), doing=f"completing {context}")
        if lacking:
            self._confirming.start(
                tuple(lacking), partial(self._confirm_all, tuple(lacking)), doing=f"confirming {'+'.join(lacking)}"
            )
        return (*self._completing.tasks(lacking), *self._confirming.tasks((tuple(lacking),)))

    async def ask_present(self, context: str, expected: date) -> tuple[Listing | None, UpstreamError | None]:
        """Ask the sources behind the announcement feed for the newest announcement, which should be that of *expected*.

        Returns:
            The first listing that one of them gives, with papers or without, and otherwise the last error.
        """
        wanted = DayRequest(context, expected, self._now(), urgent=True)
        return await self._first_of([row for row in BY_DAY if row.reaches(expected, expected)], wanted)

    async def confirm(self, states: Sequence[ContextState], day: date, *, urgent: bool) -> tuple[ContextState, ...]:
        """Hold a day that is empty on the word of one service against the query API, all of *states* in one query.

        The caller has their leases. Returns the states that know the outcome, unsaved.
        """
        now = self._now()
        without = frozenset[date]().union(*(state.without_announcement for state in states))
        contexts = tuple(state.context for state in states)
        try:
            estimates = await self._sources.query_api(contexts, day, now, urgent=urgent, without=without)
        except UpstreamError as error:
            log.warning("query API of %s, %s, passed over: %s", "+".join(contexts), day, error)
            return tuple(with_day(one, day, after_try(one.days[day], now), keep=_FORGET) for one in states)
        return tuple([await self._held_against(*pair, day) for pair in zip(states, estimates, strict=True)])

    async def keep_empty(self, state: ContextState, listing: Listing) -> ContextState:
        """Keep that a source has no papers of a day, for what that is worth; the caller has the lease, and saves."""
        now, day = self._now(), listing.day
        known = state.days.get(day, DayState())
        state = await self._shelf.keep(state, listing)
        outcome = state.days[day]
        if not outcome.is_empty:  # it can't be so: papers of that day are stored
            return with_day(state, day, after_try(outcome.model_copy(update={"tries": known.tries}), now), keep=_FORGET)
        if listing.source is Source.LISTING_PAGE:  # it states the day, so arXiv has announced something
            outcome = outcome.model_copy(update={"passed_over": False})
        is_over = day < schedule.eastern_date(now)
        if outcome.passed_over and outcome.is_on_pages and is_over and not await self._shelf.anyone_holds(day):
            outcome = outcome.model_copy(update={"no_announcement": True})
        unusual = is_unusual(state, day) or not outcome.is_on_pages
        outcome = after_empty_answer(known, outcome, now, unusual=unusual)
        return with_day(state, day, outcome, keep=_FORGET)

    async def fetch(
        self, contexts: Sequence[str], day: date, *, patience: timedelta, admit: Admit = costs.free
    ) -> None:
        """Fetch *day* of each of *contexts*, unless it failed lately; wait for it as long as *patience* allows.

        What nobody waits for any more, and has not begun, is dropped.

        Raises:
            TooManyRequestsError: *admit* refuses that much.
            UnavailableError: Too many days wait to be fetched.
        """
        states = await self._shelf.states(contexts)
        wanted = [(context, day) for context in contexts if _may_be_fetched(states[context], day, self._now())]
        added = [place for place in wanted if place not in self._fetching]
        if added:
            await admit([f"{context} {day}" for context, day in added[:_MOST_COUNTED]])
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

    async def held(self, contexts: Sequence[str], day: date) -> tuple[dict[str, ContextState], tuple[Listing, ...]]:
        """Return what is known of *contexts*, and the listings of *day* that are stored, by context or archived."""
        states = await self._shelf.states(contexts)
        listings = {one.context: one for one in await self._shelf.load(states.values(), day, until=day)}
        lacking = [context for context in contexts if context not in listings]
        archived = {one.context: one for one in await self._archived(lacking, day)} if lacking else {}
        states |= {context: _with_archived(states[context], day, archived.get(context)) for context in lacking}
        return states, tuple((listings | archived).values())

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._fetching.aclose()
        await self._confirming.aclose()
        await self._completing.aclose()

    async def _held_against(self, state: ContextState, estimate: Listing, day: date) -> ContextState:
        """Return *state* with what the API's *estimate* means for a day that was empty, or lacked a section."""
        known, now = state.days[day], self._now()
        extra = unknown_papers(estimate, await self._shelf.load([state], day - _FORGET))
        if extra:
            log.warning(
                "listing of %s, %s: arXiv's API names %d papers that are stored under no day",
                state.context,
                day,
                len(extra),
            )
            return with_day(state, day, after_dispute(known, now), keep=_FORGET)
        agreeing = known.model_copy(update={"sources": tuple(dict.fromkeys((*known.sources, Source.QUERY_API)))})
        unusual = known.is_empty and (is_unusual(state, day) or not known.is_on_pages)
        outcome = after_empty_answer(known, agreeing, now, unusual=unusual)
        return with_day(state, day, outcome, keep=_FORGET)

    async def _complete(self, context: str, days: tuple[date, ...]) -> None:
        left = list(days)
        while left:
            async with self._turn, self._shelf.leases.of((context,)):
                state = (await self._shelf.states((context,)))[context]
                ends = time.monotonic() + _LONGEST_LEASE_S
                while left:
                    state = await self._complete_next(state, left.pop(0))
                    if time.monotonic() > ends or self._shelf.leases.is_wanted(context):
                        break  # a reader may wait for the right, here or in another process

    async def _complete_next(self, state: ContextState, day: date) -> ContextState:
        """Complete one day of a context whose lease is held, save what that brings, and return it."""
        known = state.days.get(day, DayState())
        if known.mark and not await self._shelf.load([state], day, until=day):
            state, known = without_days(state, (day,)), DayState()  # the store has lost it
        if not is_worth_reading(known, self._now()):
            return state  # another process was here in the meantime
        if not _needs_only_a_second_word(known, self._now()):
            state = await self._complete_day(state, day, known)
            await self._shelf.save(state)
        if state.days[day].is_unconfirmed and not state.days[day].disputed_at:
            self._unconfirmed[day].add(state.context)
        return state

    async def _confirm_all(self, contexts: Collection[str]) -> None:
        """Once *contexts* are completed, ask the query API once a day for all that is unconfirmed of it."""
        if tasks := self._completing.tasks(contexts):
            await asyncio.wait(tasks)
        while self._unconfirmed:
            day = max(self._unconfirmed)
            wanted = sorted(self._unconfirmed.pop(day))
            async with self._turn, self._shelf.leases.of(wanted):
                states = (await self._shelf.states(wanted)).values()
                open_ones = [one for one in states if one.days.get(day, DayState()).is_unconfirmed]
                for state in await self.confirm(open_ones, day, urgent=False) if open_ones else ():
                    await self._shelf.save(state)

    async def _complete_day(self, state: ContextState, day: date, known: DayState) -> ContextState:
        """Ask for one day and return the state that knows the outcome."""
        now = self._now()
        newest = state.newest or day
        rows = [row for row in BY_DAY if row.reaches(day, newest) and (row.totals or not known.mark)]
        if known.is_empty:  # the newest page may have moved on
            rows = [row for row in rows if row.reach != timedelta(0)]
        wanted = DayRequest(state.context, day, now, urgent=False, without=state.without_announcement)
        listing, _ = await self._first_of(rows, wanted, only=day)
        if listing is None:
            return with_day(state, day, after_try(known, now), keep=_FORGET)
        if not listing.papers:
            return await self.keep_empty(state, listing)
        backfilled = not known.mark and day != state.newest
        fresh = listing.model_copy(update={"backfilled": backfilled})
        state = await self._shelf.keep(state, fresh, summarise=summaries_of)
        outcome = state.days[day]
        if outcome.is_unconfirmed and outcome.disputed_at:
            checked = after_empty_answer(known, outcome, now, unusual=False)
            return with_day(state, day, checked, keep=_FORGET)
        if outcome.is_complete or outcome.is_unconfirmed:
            return state
        lacking = outcome.shortfall.total
        if lacking:
            log.warning(
                "listing of %s, %s: %d papers that arXiv announced are not stored yet", state.context, day, lacking
            )
        return with_day(state, day, after_try(outcome.model_copy(update={"tries": known.tries}), now), keep=_FORGET)

    async def _first_of(
        self, rows: Sequence[DaySource], wanted: DayRequest, *, only: date | None = None
    ) -> tuple[Listing | None, UpstreamError | None]:
        """Ask *rows* in order until one answers (with a listing of the day *only*, if given)."""
        problem: UpstreamError | None = None
        silent: set[str] = set()
        for row in rows:
            if row.source.service in silent:
                continue
            try:
                listing = await row.ask(self._sources, wanted)
                if only is None and row.empty_until_announced and not listing.papers and not self._is_over(wanted.day):
                    raise ParseError(f"expected papers of {wanted.day}, got none so far")
            except UpstreamError as error:
                log.warning("%s of %s, %s, passed over: %s", row.source.value, wanted.context, wanted.day, error)
                problem = error
                if isinstance(error, NoAnswerError):
                    silent.add(row.source.service)
                continue
            if only is None or listing.day == only:
                return listing, None
        return None, problem

    def _is_over(self, day: date) -> bool:
        return day < schedule.eastern_date(self._now())

    async def _archived(self, contexts: Sequence[str], day: date) -> list[Listing]:
        """Return what is archived of *day*; a listing that is empty on the word of one source holds for an hour only."""
        listings = await self._shelf.archive.of(contexts, day)
        in_reach = schedule.eastern_date(self._now()) - day < _REACH
        return [
            one
            for one in listings
            if one.papers or one.agreed or not in_reach or one.fetched_at + UNCONFIRMED_FOR > self._now()
        ]

    async def _fetch(self, place: Place) -> None:
        async with self._turns.turn(costs.client(), 0):
            self._begun.add(place)
            try:
                await self._fetch_now(*place)
            finally:
                self._begun.discard(place)

    async def _fetch_now(self, context: str, day: date) -> None:
        async with self._shelf.leases.of((context,)):
            states, listings = await self.held((context,), day)
            if listings:
                return  # another process was here in the meantime
            state = states[context]
            listing, problem = await self._ask_past(state, day)
            if listing is None:
                log.warning("listing of %s, %s: %s", context, day, problem)
                pause = problem.retry_after if isinstance(problem, RateLimitedError) else None
                await self._shelf.save(with_failed_day(state, day, str(problem), self._now(), retry_after=pause))
            elif state.newest and state.newest - _REACH <= day < state.newest:
                await self._shelf.save(await self._shelf.keep(state, listing))
            else:
                await self._shelf.archive.put(listing)
                if day in state.days:
                    await self._shelf.save(without_days(state, (day,)))

    async def _ask_past(self, state: ContextState, day: date) -> tuple[Listing | None, UpstreamError | None]:
        """Ask for a day that somebody waits for; an empty page needs the word of a source without totals as well."""
        today = schedule.eastern_date(self._now())
        wanted = DayRequest(state.context, day, self._now(), urgent=True)
        rows = [row for row in BY_DAY if row.reaches(day, today)]
        listing, problem = await self._first_of(rows, wanted, only=day)
        if listing is None or listing.backfilled:  # an estimate has that word already
            return listing, problem
        agreed = () if listing.papers else await self._agreeing(state, wanted)
        return listing.model_copy(update={"backfilled": True, "agreed": agreed}), None

    async def _agreeing(self, state: ContextState, wanted: DayRequest) -> tuple[Source, ...]:
        """Ask the sources without totals for a day whose page is empty; return who has no papers either that aren't stored."""
        rows = [row for row in BY_DAY if not row.totals]
        estimate, _ = await self._first_of(rows, wanted, only=wanted.day)
        if estimate is None:
            return ()
        held = await self._shelf.load([state], wanted.day - _REACH)
        return () if unknown_papers(estimate, held) else (estimate.source,)


def _may_be_fetched(state: ContextState, day: date, now: datetime) -> bool:
    known = state.days.get(day)
    return known is None or not known.error or known.next_try is None or known.next_try <= now


def _needs_only_a_second_word(known: DayState, now: datetime) -> bool:
    """Tell whether a page left the day without papers, or a section, so lately that only another service can add to it."""
    asked = known.asked_at or known.fetched_at
    said = known.is_on_pages and asked is not None and now - asked < UNCONFIRMED_FOR
    return known.is_unconfirmed and not known.disputed_at and said


def _with_archived(state: ContextState, day: date, listing: Listing | None) -> ContextState:
    """Correct what the state says of a day that the store has lost, or that is archived."""
    if listing is None:
        return without_days(state, (day,)) if day in state.held else state
    known = day_state(listing, fingerprint(listing), (listing.source, *listing.agreed))
    return state.model_copy(update={"days": {**state.days, day: known}})
