"""Make the days of a window whole: fill in those that are missing, hold the others against arXiv's own totals.

Works behind the answers, one request after the other, and lets everything urgent go first. A day that
stays incomplete is tried again, ever more seldom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from digest.coalescing import Background
from digest.errors import UpstreamError
from digest.freshness import ContextState, DayState, after_try, with_day, without_days
from digest.models import Listing, Source
from digest.shelf import Shelf
from digest.sources import ArxivSources

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
        self._turn = asyncio.Lock()
        """One day at a time: whoever waits for arXiv holds the lease of a context, which readers may need."""

    def start(self, wanted: Mapping[str, Sequence[date]]) -> tuple[asyncio.Task[None], ...]:
        """Start completing the days *wanted* of each context, newest first; return the tasks that concern them."""
        lacking = {context: tuple(days) for context, days in wanted.items() if days}
        for context, days in lacking.items():
            self._completing.start(context, partial(self._complete, context, days), doing=f"completing {context}")
        return self._completing.tasks(lacking)

    async def ask_present(self, context: str, expected: date) -> tuple[Listing | None, UpstreamError | None]:
        """Ask the sources behind the announcement feed for the newest announcement, which should be that of *expected*.

        Returns:
            The first listing that one of them gives, and otherwise the last error.
        """
        now = self._now()
        return await self._first_of(
            context,
            expected,
            (
                (Source.LISTING_PAGE, lambda: self._sources.listing_page(context, now, urgent=True)),
                (Source.CATCH_UP_PAGE, lambda: self._sources.catch_up_page(context, expected, now, urgent=True)),
                (Source.QUERY_API, lambda: self._sources.query_api(context, expected, now, urgent=True)),
            ),
        )

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._completing.aclose()

    async def _complete(self, context: str, days: tuple[date, ...]) -> None:
        for day in days:
            async with self._turn, self._shelf.leases((context,)):
                state = (await self._shelf.states((context,)))[context]
                known = state.days.get(day, DayState())
                if known.mark and not await self._shelf.load([state], day, until=day):
                    state, known = without_days(state, (day,)), DayState()  # the store has lost it
                if known.is_complete or (known.next_try and known.next_try > self._now()):
                    continue  # another process was here in the meantime
                await self._shelf.save(await self._complete_day(state, day, known))

    async def _complete_day(self, state: ContextState, day: date, known: DayState) -> ContextState:
        """Ask for one day and return the state that knows the outcome."""
        now = self._now()
        page = (Source.LISTING_PAGE, lambda: self._sources.listing_page(state.context, now, urgent=False))
        catch_up = (Source.CATCH_UP_PAGE, lambda: self._sources.catch_up_page(state.context, day, now, urgent=False))
        query = (Source.QUERY_API, lambda: self._sources.query_api(state.context, day, now, urgent=False))
        asked = (page, catch_up) if day == state.newest else (catch_up,)
        if not known.mark:
            asked = (*asked, query)
        listing, _ = await self._first_of(state.context, day, asked, only=day)
        if listing is None:
            return with_day(state, day, after_try(known, now), keep=_FORGET)
        backfilled = not known.mark and day != state.newest
        state = await self._shelf.keep(state, listing.model_copy(update={"backfilled": backfilled}))
        outcome = state.days[day]
        if outcome.is_complete:
            return state
        lacking = outcome.shortfall.total
        if lacking:
            log.warning(
                "listing of %s, %s: %d papers that arXiv announced are not held yet", state.context, day, lacking
            )
        return with_day(state, day, after_try(outcome.model_copy(update={"tries": known.tries}), now), keep=_FORGET)

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
