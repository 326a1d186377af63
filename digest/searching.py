"""Search feeds: any query of arXiv's API, asked at most once an announcement and bounded in number.

What an ad-hoc address can make us ask arXiv is limited: at most `MOST_SEARCHES` queries are kept; a new one takes the
place of the one that was not read for the longest time, unless all were read within a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from pydantic import Field

from digest.coalescing import SingleFlight
from digest.errors import InputError, QuerySyntaxError, TooManyRequestsError, UnavailableError, UpstreamError
from digest.fetching import ArxivClient, Service
from digest.models import Frozen
from digest.parsing.query_api import parse_query_result
from digest.selection import parse_query
from digest.store import Store, pack, unpack
from digest.windows import SearchResult

log = logging.getLogger(__name__)

MOST_SEARCHES = 200
RESULTS = 100
_LONGEST_QUERY = 1_000
_SCHEMA = 1
_KEEP = timedelta(days=30)
_IN_USE = timedelta(days=1)
_RETRY = timedelta(minutes=15)
_LEASE = timedelta(seconds=90)
_ONLY_THERE = re.compile(r"\b(?:submittedDate|lastUpdatedDate|rn):")
_INDEX = "searches"


class _Index(Frozen):
    read: dict[str, date] = Field(default_factory=dict)
    """When each search was read last."""


class Searches:
    """Ask the query API and keep what it found.

    Args:
        store: Where results are kept.
        client: The paced connection.
        now: The clock.
        patience: How long a request without anything to serve waits.
    """

    def __init__(
        self,
        store: Store,
        client: ArxivClient,
        *,
        now: Callable[[], datetime],
        patience: timedelta = timedelta(seconds=18),
    ) -> None:
        self._store = store
        self._client = client
        self._now = now
        self._patience = patience
        self._fetching: SingleFlight[str, SearchResult | None] = SingleFlight()

    async def search(self, text: str) -> SearchResult:
        """Return what arXiv's API finds for *text*, newest submissions first.

        Raises:
            QuerySyntaxError, InputError: The query can't be understood.
            TooManyRequestsError: There are too many searches already, all in use.
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """
        query = to_arxiv_query(text)
        key = hashlib.sha256(query.encode()).hexdigest()[:20]
        held = unpack(SearchResult, await self._store.get(f"search:{key}"), _SCHEMA)
        await self._note_read(key)
        if held and held.fresh_until() > self._now():
            return held
        found = await self._ask(key, query) or held
        if found is None:
            raise UnavailableError("arXiv's API gave no answer to this query.", retry_after=_RETRY)
        return found

    async def _ask(self, key: str, query: str) -> SearchResult | None:
        """Return what arXiv answers in time, however many ask; it is fetched and kept even if nobody waits any more."""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._fetching.run(key, lambda: self._fetch(key, query))
        except TimeoutError:
            return None

    async def _fetch(self, key: str, query: str) -> SearchResult | None:
        """Ask arXiv unless it failed to answer this lately, or another process is asking."""
        if await self._store.get(f"search-failed:{key}"):
            return None
        lease = await self._store.acquire(f"search:{key}", ttl=_LEASE)
        if lease is None:
            return None
        parameters = {
            "search_query": query,
            "max_results": RESULTS,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
        }
        try:
            body = await self._client.fetch(Service.API, f"/api/query?{urlencode(parameters)}")
            answer = await asyncio.to_thread(parse_query_result, body)
        except UpstreamError as error:
            log.warning("search %r: %s", query, error)
            await self._store.set(f"search-failed:{key}", b"1", ttl=_RETRY)
            return None
        else:
            found = SearchResult(query=query, papers=answer.papers, total=answer.total, fetched_at=self._now())
            await self._store.set(f"search:{key}", pack(found, _SCHEMA), ttl=_KEEP)
            return found
        finally:
            await self._store.release(lease)

    async def _note_read(self, key: str) -> None:
        """Note that a search is read; make room for a new one.

        Raises:
            TooManyRequestsError: There is no room.
        """
        today = self._now().date()
        index = unpack(_Index, await self._store.get(_INDEX), _SCHEMA)
        read = dict(index.read) if index else {}
        if read.get(key) == today:
            return
        if key not in read and len(read) >= MOST_SEARCHES:
            oldest = min(read, key=lambda one: read[one])
            if today - read[oldest] <= _IN_USE:
                message = f"{MOST_SEARCHES} searches are in use on this server; no more can be added today"
                raise TooManyRequestsError(message, retry_after=_IN_USE)
            del read[oldest]
            await self._store.delete(f"search:{oldest}")
        read[key] = today
        await self._store.set(_INDEX, pack(_Index(read=read), _SCHEMA), ttl=_KEEP)


def to_arxiv_query(text: str) -> str:
    """Return a query as arXiv's API understands it: parenthesised, since it knows no precedence.

    A query with fields that only the API knows (`submittedDate`, `rn`) is sent as it is.

    Raises:
        QuerySyntaxError: It can't be parsed.
        InputError: It is empty or too long, or has unbalanced parentheses or quotes.
    """
    if not text.strip():
        raise InputError("no query given", name="query", hint='for example query=au:"del maestro" AND cat:quant-ph')
    if len(text) > _LONGEST_QUERY:
        raise InputError(f"a query has at most {_LONGEST_QUERY} characters, not {len(text)}", name="query")
    try:
        return parse_query(text, name="query").to_arxiv()
    except QuerySyntaxError:
        if not _ONLY_THERE.search(text):
            raise
    if text.count("(") != text.count(")") or text.count('"') % 2 or text.count("[") != text.count("]"):
        raise InputError("parentheses, brackets or quotes don't match", name="query")
    return " ".join(text.split())
