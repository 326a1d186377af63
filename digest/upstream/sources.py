"""arXiv's sources of listings: each answers with the same `Listing`, which says where it came from.

Their order, and why:

1. The *announcement feed* is made for programs: one request for many categories, full author
   lists, versions, licences. It holds one announcement, is empty at weekends, and may be stale.
2. The *listing page* of one context states the day and arXiv's own totals, and keeps the last
   announcement over the weekend. It cuts author lists at 100 names and seldom tells the version.
3. The *catch-up page* is the listing page of any announcement of the last 90 days: it fills gaps.
4. The *query API* knows every paper, but not when it was announced: the day is computed from the
   submission, which is wrong for papers that were held back. It stands in when nothing else answers.

When all fail, the last good listing is served; see `digest.listings.listings`. The sources that answer for one context and
one day are the rows of `BY_DAY`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from digest.arxiv import schedule
from digest.arxiv.taxonomy import belongs, codes_of
from digest.errors import ParseError
from digest.models import AnnounceType, Listing, Paper, Source
from digest.selection.order import within_day
from digest.upstream.fetching import ArxivClient, Service

if TYPE_CHECKING:  # parsers are heavy: they are loaded by the first answer (cold start)
    from digest.upstream.parsing.listing_page import ListingPage
    from digest.upstream.parsing.query_api import QueryResult

UNION_SIZE = 8
"""Most categories in one union request. arXiv cuts feeds at 2,000 papers, new ones first; eight large
categories stay below it on the fullest day."""
_PAGE_SIZE = 2_000
_MOST_PAGES = 5
_API_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class DayRequest:
    """What a source is asked for.

    Attributes:
        context: A category or an archive.
        day: The announcement.
        now: For `fetched_at`.
        urgent: See `ArxivClient.fetch`.
        without: Days known to have had no announcement, see `schedule.submission_window`.
    """

    context: str
    day: date
    now: datetime
    urgent: bool
    without: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class DaySource:
    """One source of single days.

    Attributes:
        source: Its name.
        reach: How far back it reaches from the newest announcement, None for any day.
        totals: Whether it states how many papers arXiv announced.
        ask: Return the listing. It may be of another day than the one asked for.
        empty_until_announced: Whether a day that is not announced yet looks there like one without papers.
    """

    source: Source
    reach: timedelta | None
    totals: bool
    ask: Callable[[ArxivSources, DayRequest], Awaitable[Listing]]
    empty_until_announced: bool = False

    def reaches(self, day: date, newest: date) -> bool:
        """Tell whether it can have *day*, where *newest* is the day of the newest announcement."""
        return self.reach is None or newest - day <= self.reach


class ArxivSources:
    """Ask arXiv's sources. Each method raises what `ArxivClient.fetch` raises, and `ParseError` for a body that is no listing.

    Args:
        client: The paced connection.
    """

    def __init__(self, client: ArxivClient) -> None:
        self._client = client

    def hurry(self, is_awaited: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let requests made inside go first, see `ArxivClient.hurry`."""
        return self._client.hurry(is_awaited)

    def awaited(self) -> AbstractContextManager[None]:
        """Note that a reader waits until the context is left, see `ArxivClient.fetch`."""
        return self._client.awaited()

    async def all_cooling(self) -> bool:
        """Tell whether every service is left alone now, because it refused lately."""
        return len(await self._client.cooldowns()) == len(Service)

    async def announcement_feed(self, contexts: Sequence[str], now: datetime) -> tuple[Listing, ...]:
        """Return the present listing of each of *contexts*, from one request."""
        from digest.upstream.parsing.announcement_feed import parse_announcement_feed, split_by_context

        body = await self._client.fetch(Service.FEEDS, f"/rss/{'+'.join(contexts)}", gives_way=True)
        return await asyncio.to_thread(lambda: split_by_context(parse_announcement_feed(body), tuple(contexts), now))

    async def listing_page(self, context: str, now: datetime, *, urgent: bool) -> Listing:
        """Return the last announcement of *context*, with arXiv's totals."""

        async def page(number: int) -> ListingPage:
            skip = number * _PAGE_SIZE
            path = f"/list/{context}/new" + (f"?skip={skip}&show={_PAGE_SIZE}" if skip else "")
            return await self._page(path, context, now, skip=skip, urgent=urgent)

        return await _joined(page)

    async def catch_up_page(self, context: str, day: date, now: datetime, *, urgent: bool) -> Listing:
        """Return the announcement of *day*, with arXiv's totals; without papers if nothing was announced.

        Raises:
            ParseError: Also if arXiv answers with another day.
        """

        async def page(number: int) -> ListingPage:
            path = f"/catchup/{context}/{day.isoformat()}?abs=True" + (f"&page={number + 1}" if number else "")
            return await self._page(path, context, now, skip=number * _PAGE_SIZE, urgent=urgent)

        listing = await _joined(page)
        if listing.day != day:
            raise ParseError(f"expected the catch-up page of {day}, got that of {listing.day}")
        return listing

    async def query_api(
        self, contexts: Sequence[str], day: date, now: datetime, *, urgent: bool, without: Collection[date] = ()
    ) -> tuple[Listing, ...]:
        """Return for each of *contexts* the papers whose submission puts them into the announcement of *day*.

        That is an estimate, without totals; a listing may be without papers. One query asks for all contexts.

        Args:
            contexts: Categories and archives.
            day: The announcement.
            now: For `fetched_at`.
            urgent: See `ArxivClient.fetch`.
            without: Days known to have had no announcement, see `schedule.submission_window`.

        Raises:
            ParseError: Also if the API says that there are papers, and gives none of them.
        """
        since, until = schedule.submission_window(day, without=without)
        names = " OR ".join(f"cat:{code}" for code in sorted({code for one in contexts for code in codes_of(one)}))
        span = f"submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"
        papers: dict[str, Paper] = {}
        total = 1
        start = 0
        while start < min(total, _MOST_PAGES * _API_PAGE):
            found = await self._query(f"({names}) AND {span}", start=start, urgent=urgent)
            papers |= {paper.id: paper for paper in found.papers}
            if found.total > found.start and not found.shown:
                raise ParseError(f"expected {found.total} papers of {day} from the query API, got an empty page")
            start, total = found.start + max(found.shown, 1), found.total
        return tuple(_estimated(context, day, papers.values(), now) for context in contexts)

    async def _page(self, path: str, context: str, now: datetime, *, skip: int, urgent: bool) -> ListingPage:
        from digest.upstream.parsing.listing_page import parse_listing_page

        body = await self._client.fetch(Service.PAGES, path, urgent=urgent, gives_way=urgent)
        return await asyncio.to_thread(parse_listing_page, body, context=context, fetched_at=now, skip=skip)

    async def _query(self, query: str, *, start: int, urgent: bool) -> QueryResult:
        from urllib.parse import urlencode

        from digest.upstream.parsing.query_api import parse_query_result

        parameters = {
            "search_query": query,
            "start": start,
            "max_results": _API_PAGE,
            "sortBy": "submittedDate",
            "sortOrder": "ascending",
        }
        body = await self._client.fetch(Service.API, f"/api/query?{urlencode(parameters)}", urgent=urgent)
        return await asyncio.to_thread(parse_query_result, body)


async def _joined(page: Callable[[int], Awaitable[ListingPage]]) -> Listing:
    from digest.upstream.parsing.listing_page import join_pages

    pages = [await page(0)]
    while pages[-1].next_skip is not None and len(pages) < _MOST_PAGES:
        pages.append(await page(len(pages)))
    return join_pages(pages)


def _estimated(context: str, day: date, papers: Iterable[Paper], now: datetime) -> Listing:
    """Return those of *papers* that belong to *context* as its listing of *day*."""
    own = [_as_announced(paper, context, day) for paper in papers if belongs(paper.categories, context)]
    return Listing(
        context=context,
        day=day,
        papers=tuple(sorted(own, key=within_day)),
        source=Source.QUERY_API,
        asked=(context,),
        backfilled=True,
        fetched_at=now,
    )


def _as_announced(paper: Paper, context: str, day: date) -> Paper:
    at_home = belongs((paper.primary_category,), context)
    kind = AnnounceType.NEW if at_home else AnnounceType.CROSS
    return paper.model_copy(update={"announce_type": kind, "announced": day, "replaced": None})


async def _listing_page(sources: ArxivSources, wanted: DayRequest) -> Listing:
    return await sources.listing_page(wanted.context, wanted.now, urgent=wanted.urgent)


async def _catch_up_page(sources: ArxivSources, wanted: DayRequest) -> Listing:
    return await sources.catch_up_page(wanted.context, wanted.day, wanted.now, urgent=wanted.urgent)


async def _query_api(sources: ArxivSources, wanted: DayRequest) -> Listing:
    contexts, without = (wanted.context,), wanted.without
    return (await sources.query_api(contexts, wanted.day, wanted.now, urgent=wanted.urgent, without=without))[0]


BY_DAY: tuple[DaySource, ...] = (
    DaySource(Source.LISTING_PAGE, timedelta(0), totals=True, ask=_listing_page),
    DaySource(
        Source.CATCH_UP_PAGE,
        timedelta(days=schedule.CATCH_UP_DAYS - 1),
        totals=True,
        ask=_catch_up_page,
        empty_until_announced=True,
    ),
    DaySource(Source.QUERY_API, None, totals=False, ask=_query_api),
)
"""The sources of single days, in the order in which they are asked."""
