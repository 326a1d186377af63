"""arXiv's sources of listings: what each is asked for, each answering with the same `Listing`.

Their order, and why:

1. The *announcement feed* is made for programs: one request for many categories, full author
   lists, versions, licences. It holds one announcement, is empty at weekends, and may be stale.
2. The *listing page* of one context states the day and arXiv's own totals, and keeps the last
   announcement over the weekend. It cuts author lists at 100 names and seldom tells the version.
3. The *catch-up page* is the listing page of any announcement of the last 90 days: it fills gaps.
4. The *query API* knows every paper, but not when it was announced: the day is computed from the
   submission, which is wrong for papers that were held back. It stands in when nothing else answers.

When all fail, the last good listing is served; see `digest.listings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest.fetching import ArxivClient, Service
from digest.models import Listing
from digest.parsing.announcement_feed import parse_announcement_feed, split_by_context

UNION_SIZE = 8
"""Most categories in one union request. arXiv cuts feeds at 2,000 papers, new ones first; eight large
categories stay below it on the fullest day."""


class ArxivSources:
    """Ask arXiv's sources. Raises what `ArxivClient.fetch` raises, and `ParseError` for a body that is no listing."""

    def __init__(self, client: ArxivClient) -> None:
        self._client = client

    async def announcement_feed(self, contexts: Sequence[str], now: datetime) -> tuple[Listing, ...]:
        """Return today's listing of each of *contexts*, from one request."""
        body = await self._client.fetch(Service.FEEDS, f"/rss/{'+'.join(contexts)}")
        return split_by_context(parse_announcement_feed(body), tuple(contexts), now)
