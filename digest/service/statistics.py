"""The use case of statistics: what the tallies in the store tell of categories, or of a feed. Never asks arXiv."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from digest.arxiv import schedule
from digest.concurrency.coalescing import Background
from digest.config.settings import Config
from digest.errors import UnavailableError
from digest.feeds.papers import NONE, FeedContent, FeedRequest
from digest.listings.expiry import expiry
from digest.listings.held import HeldListings
from digest.listings.tallies import Tally
from digest.listings.tally_shelf import TallyShelf
from digest.rendering.documents import HTML, Document
from digest.rendering.pages.statistics import render_feed_days, render_statistics
from digest.rendering.pages.status import render_trends
from digest.rendering.pages.templating import Site
from digest.reports.statistics import statistics_of
from digest.selection import Selection
from digest.service.publishing import Publisher, published

T = TypeVar("T")
_YEAR = timedelta(days=365)


class Render(Protocol):
    """Runs work where rendering is done; its weight is the number of papers."""

    async def __call__(self, work: Callable[[], T], *, weight: int = 0) -> T: ...


class StatisticsDesk:
    """Make pages of statistics.

    Args:
        config: The settings.
        tallies: The numbers of each day.
        held: The listings that are stored.
        publisher: Makes what concerns one feed's window.
        render: Runs work where rendering is done.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        tallies: TallyShelf,
        held: HeldListings,
        publisher: Publisher,
        render: Render,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._tallies = tallies
        self._held = held
        self._publisher = publisher
        self._render = render
        self._now = now
        self._counting: Background[str] = Background()

    async def page(self, request: FeedRequest, site: Site, *, years: int) -> Document:
        """Return the statistics of a feed's categories over so many years, and of what the feed itself looks for.

        Days that are stored without a tally, by an older version of this program, are counted behind the answer.
        """
        now = self._now()
        last = schedule.latest_feed_day(now)
        first = last - years * _YEAR
        days = [day for n in range((last - first).days + 1) if (day := first + timedelta(days=n)).weekday() < 5]
        contexts = request.spec.contexts
        tallies = await self._tallies.of(contexts, days)
        is_counting = await self._count_missing(contexts, tallies)
        parts = [part for part in (await self._shown(request, site), await self._words(request, site)) if part]
        statistics = statistics_of(tallies)
        body = await self._render(
            lambda: render_statistics(statistics, request, site, years=years, parts=parts).encode()
        )
        modified = schedule.announcement_instant(statistics.last or first)
        lasting = expiry(now, [schedule.next_feed_change(now)], unfinished=is_counting, at_most=timedelta(hours=1))
        return published(body, HTML, modified, lasting)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._counting.aclose()

    async def _count_missing(self, contexts: Sequence[str], tallies: Mapping[str, Mapping[date, Tally]]) -> bool:
        """Begin to count days that are stored without a tally; return whether there are any."""
        lacking = {
            context: [day for day, known in state.held.items() if known.held.total and day not in tallies[context]]
            for context, state in (await self._held.states(contexts)).items()
        }
        for context, days in lacking.items():
            if days:
                self._counting.start(context, partial(self._count, context, days), doing=f"counting {context}")
        return any(lacking.values())

    async def _count(self, context: str, days: Sequence[date]) -> None:
        for day in days:
            if listing := await self._held.listing(context, day):
                await self._tallies.put(listing)
                await asyncio.sleep(0)

    async def _shown(self, request: FeedRequest, site: Site) -> str:
        """Return how many papers a configured feed shows a day; "" for categories alone, and while nothing is stored."""
        if not request.name:
            return ""
        return await self._fragment(request, "stats", site, lambda content: render_feed_days(content, site))

    async def _words(self, request: FeedRequest, site: Site) -> str:
        """Return how often the words were met that a configured feed looks for; "" as above, or if it looks for none."""
        feed = self._config.feeds.get(request.name or "")
        terms = feed.terms if feed else ()
        if not terms:
            return ""
        everything = FeedRequest(spec=request.spec, selection=Selection(), days=request.days)
        return await self._fragment(
            everything, "words", site, lambda content: render_trends(content, terms, (), site), terms
        )

    async def _fragment(
        self, request: FeedRequest, kind: str, site: Site, render: Callable[[FeedContent], str], *key: object
    ) -> str:
        try:
            found = await self._publisher.feed(
                request,
                HTML,
                lambda content: render(content).encode(),
                kind,
                repr((site, key)),
                wait=False,
                shown=NONE,
            )
        except UnavailableError:  # the page says that nothing is counted yet
            return ""
        return found.body.decode()
