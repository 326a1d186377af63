"""Make the days of a window whole: fill in those that are missing, hold the others against arXiv's own totals.

Works behind the answers, one request after the other, and lets everything urgent go first. A day that
stays incomplete is tried again, ever more seldom.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from digest.arxiv import schedule
from digest.concurrency.coalescing import Background
from digest.errors import ParseError, UpstreamError
from digest.listings.freshness import (
    UNCONFIRMED_FOR,
    ContextState,
    DayState,
    after_dispute,
    after_empty_answer,
    after_try,
    is_unusual,
    is_worth_reading,
    with_day,
    without_days,
)
from digest.listings.reconciling import unknown_papers
from digest.listings.shelf import Shelf
from digest.models import Listing, Source
from digest.upstream.sources import ArxivSources

log = logging.getLogger(__name__)

_FORGET = timedelta(days=100)


class Completer:
    """Complete days, one task a context at a time.

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
        now = self._now()
        return await self._first_of(
            context,
            expected,
            (
                (Source.LISTING_PAGE, lambda: self._sources.listing_page(context, now, urgent=True)),
                (Source.CATCH_UP_PAGE, lambda: self._announced(context, expected)),
                (Source.QUERY_API, lambda: self._estimate(context, expected, urgent=True)),
            ),
        )

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
        if not outcome.is_empty:  # it can't be so: papers of that day are held
            return with_day(state, day, after_try(outcome.model_copy(update={"tries": known.tries}), now), keep=_FORGET)
        if listing.source is Source.LISTING_PAGE:  # it states the day, so arXiv has announced something
            outcome = outcome.model_copy(update={"passed_over": False})
        is_over = day < schedule.eastern_date(now)
        if outcome.passed_over and outcome.is_on_pages and is_over and not await self._shelf.anyone_holds(day):
            outcome = outcome.model_copy(update={"no_announcement": True})
        unusual = is_unusual(state, day) or not outcome.is_on_pages
        outcome = after_empty_answer(known, outcome, now, unusual=unusual)
        return with_day(state, day, outcome, keep=_FORGET)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._confirming.aclose()
        await self._completing.aclose()

    async def _held_against(self, state: ContextState, estimate: Listing, day: date) -> ContextState:
        """Return *state* with what the API's *estimate* means for a day that was empty, or lacked a section."""
        known, now = state.days[day], self._now()
        extra = unknown_papers(estimate, await self._shelf.load([state], day - _FORGET))
        if extra:
            log.warning(
                "listing of %s, %s: arXiv's API names %d papers that are held nowhere", state.context, day, len(extra)
            )
            return with_day(state, day, after_dispute(known, now), keep=_FORGET)
        agreeing = known.model_copy(update={"sources": tuple(dict.fromkeys((*known.sources, Source.QUERY_API)))})
        unusual = known.is_empty and (is_unusual(state, day) or not known.is_on_pages)
        outcome = after_empty_answer(known, agreeing, now, unusual=unusual)
        return with_day(state, day, outcome, keep=_FORGET)

    async def _complete(self, context: str, days: tuple[date, ...]) -> None:
        for day in days:
            async with self._turn, self._shelf.leases((context,)):
                state = (await self._shelf.states((context,)))[context]
                known = state.days.get(day, DayState())
                if known.mark and not await self._shelf.load([state], day, until=day):
                    state, known = without_days(state, (day,)), DayState()  # the store has lost it
                if not is_worth_reading(known, self._now()):
                    continue  # another process was here in the meantime
                if not _needs_only_a_second_word(known, self._now()):
                    state = await self._complete_day(state, day, known)
                    await self._shelf.save(state)
                if state.days[day].is_unconfirmed and not state.days[day].disputed_at:
                    self._unconfirmed[day].add(context)

    async def _confirm_all(self, contexts: Collection[str]) -> None:
        """Once *contexts* are completed, ask the query API once a day for all that is unconfirmed of it."""
        if tasks := self._completing.tasks(contexts):
            await asyncio.wait(tasks)
        while self._unconfirmed:
            day = max(self._unconfirmed)
            wanted = sorted(self._unconfirmed.pop(day))
            async with self._turn, self._shelf.leases(wanted):
                states = (await self._shelf.states(wanted)).values()
                open_ones = [one for one in states if one.days.get(day, DayState()).is_unconfirmed]
                for state in await self.confirm(open_ones, day, urgent=False) if open_ones else ():
                    await self._shelf.save(state)

    async def _complete_day(self, state: ContextState, day: date, known: DayState) -> ContextState:
        """Ask for one day and return the state that knows the outcome."""
        now = self._now()
        page = (Source.LISTING_PAGE, lambda: self._sources.listing_page(state.context, now, urgent=False))
        catch_up = (Source.CATCH_UP_PAGE, lambda: self._sources.catch_up_page(state.context, day, now, urgent=False))
        without = state.without_announcement
        query = (Source.QUERY_API, lambda: self._estimate(state.context, day, urgent=False, without=without))
        asked = (page, catch_up) if day == state.newest and not known.is_empty else (catch_up,)
        if not known.mark:
            asked = (*asked, query)
        listing, _ = await self._first_of(state.context, day, asked, only=day)
        if listing is None:
            return with_day(state, day, after_try(known, now), keep=_FORGET)
        if not listing.papers:
            return await self.keep_empty(state, listing)
        backfilled = not known.mark and day != state.newest
        state = await self._shelf.keep(state, listing.model_copy(update={"backfilled": backfilled}))
        outcome = state.days[day]
        if outcome.is_unconfirmed and outcome.disputed_at:
            checked = after_empty_answer(known, outcome, now, unusual=False)
            return with_day(state, day, checked, keep=_FORGET)
        if outcome.is_complete or outcome.is_unconfirmed:
            return state
        lacking = outcome.shortfall.total
        if lacking:
            log.warning(
                "listing of %s, %s: %d papers that arXiv announced are not held yet", state.context, day, lacking
            )
        return with_day(state, day, after_try(outcome.model_copy(update={"tries": known.tries}), now), keep=_FORGET)

    async def _announced(self, context: str, day: date) -> Listing:
        """Return the catch-up page of *day* if it has papers: before the announcement it looks as on a quiet day."""
        listing = await self._sources.catch_up_page(context, day, self._now(), urgent=True)
        if not listing.papers and day >= schedule.eastern_date(self._now()):
            raise ParseError(f"expected papers on the catch-up page of {day}, got none so far")
        return listing

    async def _estimate(
        self, context: str, day: date, *, urgent: bool, without: frozenset[date] = frozenset()
    ) -> Listing:
        return (await self._sources.query_api((context,), day, self._now(), urgent=urgent, without=without))[0]

    async def _first_of(
        self,
        context: str,
        day: date,
        sources: Sequence[tuple[Source, Callable[[], Awaitable[Listing]]]],
        *,
        only: date | None = None,
    ) -> tuple[Listing | None, UpstreamError | None]:
        """Ask *sources* in order until one answers (with a listing of the day *only*, if given)."""
        problem: UpstreamError | None = None
        for source, ask in sources:
            try:
                listing = await ask()
            except UpstreamError as error:
                log.warning("%s of %s, %s, passed over: %s", source.value, context, day, error)
                problem = error
                continue
            if only is None or listing.day == only:
                return listing, None
        return None, problem


def _needs_only_a_second_word(known: DayState, now: datetime) -> bool:
    """Tell whether a page left the day without papers, or a section, so lately that only another service can add to it."""
    asked = known.asked_at or known.fetched_at
    said = known.is_on_pages and asked is not None and now - asked < UNCONFIRMED_FOR
    return known.is_unconfirmed and not known.disputed_at and said
