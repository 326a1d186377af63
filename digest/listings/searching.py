"""Search feeds: any query of arXiv's API, asked at most once an announcement, bounded in number and in pace.

What an ad-hoc address can make us ask arXiv is limited. A new search counts towards its client's allowance; it waits
behind everything that feeds need, only so many wait at a time, and it is dropped once nobody waits for it any more.
At most `MOST_SEARCHES` results are kept; a new one takes the place of the one used least.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import Field

from digest import costs
from digest.concurrency.coalescing import SingleFlight
from digest.concurrency.turns import Turns
from digest.costs import Admit
from digest.errors import InputError, QuerySyntaxError, UnavailableError, UpstreamError
from digest.listings.windows import SearchResult
from digest.models import Frozen
from digest.selection import parse_query, spelled_alike
from digest.store.codec import pack, unpack
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, Service

log = logging.getLogger(__name__)

MOST_SEARCHES = 200
RESULTS = 100
_LONGEST_QUERY = 1_000
_SCHEMA = 1
_INDEX_SCHEMA = 2
_KEEP = timedelta(days=30)
_IN_USE = timedelta(days=1)
_NOTE_AGAIN = timedelta(hours=6)
_RETRY = timedelta(minutes=15)
_LEASE = timedelta(seconds=90)
_INDEX_LEASE = timedelta(seconds=10)
_INDEX_TRIES = 20
_AT_ONCE = 2
"""Searches that stand in line for arXiv at a time; of one client one, while others wait, too."""
_MOST_WAITING = 20
_PLACE_WEIGHT = 4_000
"""As much as four seconds of waiting: about what arXiv takes for a search."""
_ONLY_THERE = re.compile(r"\b(?:submittedDate|lastUpdatedDate|rn):(?:\[[^\]]*\]|[^\s()]*)")
_UNSEEN = frozenset({"Cc", "Cs", "Cn"})
"""Unicode's categories of control characters, halves of characters, and what is no character."""
_INDEX = "searches"


class Use(Frozen):
    """How much a search is used."""

    days: int
    """On how many days it was read."""
    reads: int
    last: datetime


class SearchIndex(Frozen):
    """Which results are kept, by key."""

    uses: dict[str, Use] = Field(default_factory=dict)

    def with_reads(self, reads: Counter[str], now: datetime) -> SearchIndex:
        """Return the index after these reads; the rest of the world may have dropped some of the searches."""
        uses = dict(self.uses)
        for key, count in reads.items():
            known = uses.get(key, Use(days=0, reads=0, last=now))
            is_new_day = not known.days or known.last.date() < now.date()
            uses[key] = Use(days=known.days + is_new_day, reads=known.reads + count, last=now)
        return SearchIndex(uses=uses)

    def bounded(self, most: int, now: datetime) -> tuple[SearchIndex, tuple[str, ...]]:
        """Return the index with *most* searches at most, and those that had to go: the ones used least."""

        def usefulness(key: str) -> tuple[bool, int, int, datetime]:
            use = self.uses[key]
            in_use = now - use.last <= _IN_USE
            return in_use, use.days * in_use, use.reads * in_use, use.last

        surplus = max(len(self.uses) - most, 0)
        dropped = tuple(sorted(self.uses, key=usefulness)[:surplus])
        return SearchIndex(uses={key: use for key, use in self.uses.items() if key not in dropped}), dropped


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
        self._fetching: SingleFlight[str, SearchResult | None] = SingleFlight(drops=lambda _: True)
        self._turns = Turns(_AT_ONCE, most_waiting=_MOST_WAITING, place_weight=_PLACE_WEIGHT, now=time.monotonic)
        self._reads: Counter[str] = Counter()
        """Reads that the index doesn't know yet."""
        self._noted_at: dict[str, datetime] = {}

    async def search(self, text: str, *, admit: Admit = costs.free) -> SearchResult:
        """Return what arXiv's API finds for *text*, newest submissions first.

        Raises:
            QuerySyntaxError, InputError: The query can't be understood.
            TooManyRequestsError: Nothing is stored, and *admit* refuses to let arXiv be asked.
            UnavailableError: Nothing is stored and arXiv gives nothing now, or too many searches wait.
        """
        query, key = to_arxiv_query(text), key_of(text)
        held = unpack(SearchResult, await self._store.get(f"search:{key}"), _SCHEMA)
        if held:
            await self._note_read(key)
            if held.fresh_until() > self._now():
                return held
        found = await self._ask(key, query, admit, is_new=held is None) or held
        if found is None:
            raise UnavailableError("arXiv's API gave no answer to this query.", retry_after=_RETRY)
        return found

    async def _ask(self, key: str, query: str, admit: Admit, *, is_new: bool) -> SearchResult | None:
        """Return what arXiv answers in time, however many ask; with nobody left who asks, it is given up."""
        if key not in self._fetching:
            if await self._store.get(f"search-failed:{key}"):
                return None
            if is_new:
                await admit([f"search:{key}"])
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._fetching.run(key, lambda: self._fetch(key, query))
        except TimeoutError:
            return None
        except UnavailableError:
            if is_new:
                raise
            return None

    async def _fetch(self, key: str, query: str) -> SearchResult | None:
        """Ask arXiv, unless another process is asking; feeds go first."""
        parameters = {
            "search_query": query,
            "max_results": RESULTS,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
        }
        from digest.upstream.parsing.query_api import parse_query_result  # heavy, and seldom needed (cold start)

        async with self._turns.turn(costs.client(), 0), self._lease(f"search:{key}", _LEASE) as is_ours:
            if not is_ours:
                return None
            try:
                body = await self._client.fetch(Service.API, f"/api/query?{urlencode(parameters)}", urgent=False)
                answer = await asyncio.to_thread(parse_query_result, body)
            except UpstreamError as error:
                log.warning("search %r: %s", query, error)
                await self._store.set(f"search-failed:{key}", b"1", ttl=_RETRY)
                return None
            found = SearchResult(query=query, papers=answer.papers, total=answer.total, fetched_at=self._now())
            if await self._note_kept(key):
                await self._store.set(f"search:{key}", pack(found, _SCHEMA), ttl=_KEEP)
            return found

    async def _note_read(self, key: str) -> None:
        """Count a read; the index learns of it within hours, and before anything is dropped."""
        self._reads[key] += 1
        now = self._now()
        if now - self._noted_at.get(key, now - _NOTE_AGAIN) >= _NOTE_AGAIN:
            await self._note()

    async def _note_kept(self, key: str) -> bool:
        """Give a result its place in the index; False if the index can't be changed now."""
        self._reads[key] += 1
        return await self._note()

    async def _note(self) -> bool:
        """Bring the index up to date, and drop the results that are used least beyond `MOST_SEARCHES`."""
        async with self._lease(_INDEX, _INDEX_LEASE, tries=_INDEX_TRIES) as is_ours:
            if not is_ours:
                return False
            now, reads = self._now(), self._reads
            self._reads = Counter()
            index = unpack(SearchIndex, await self._store.get(_INDEX), _INDEX_SCHEMA) or SearchIndex()
            index, dropped = index.with_reads(reads, now).bounded(MOST_SEARCHES, now)
            await self._store.set(_INDEX, pack(index, _INDEX_SCHEMA), ttl=_KEEP)
            for key in dropped:
                await self._store.delete(f"search:{key}")
            self._noted_at = {
                key: now if key in reads else self._noted_at.get(key, use.last) for key, use in index.uses.items()
            }
            return True

    @asynccontextmanager
    async def _lease(self, name: str, ttl: timedelta, *, tries: int = 1) -> AsyncIterator[bool]:
        """Hold a lease of the store while the body runs, if it can be had."""
        lease = await self._store.acquire(name, ttl=ttl)
        while lease is None and tries > 1:
            tries -= 1
            await asyncio.sleep(0.1)
            lease = await self._store.acquire(name, ttl=ttl)
        try:
            yield lease is not None
        finally:
            if lease:
                await self._store.release(lease)


def key_of(text: str) -> str:
    """Return the key of a query that can be understood; the same for those that differ in spaces, order or capitals."""

    def stand_in(found: re.Match[str]) -> str:
        return "only" + hashlib.sha256(" ".join(found[0].split()).encode()).hexdigest()[:20]

    try:
        meant = str(spelled_alike(parse_query(_ONLY_THERE.sub(stand_in, text), name="query")))
    except QuerySyntaxError:
        meant = " ".join(text.split())
    return hashlib.sha256(meant.encode()).hexdigest()[:20]


def to_arxiv_query(text: str) -> str:
    """Return a query as arXiv's API understands it: parenthesised, since it knows no precedence.

    A query with fields that only the API knows (`submittedDate`, `rn`) is sent as it is.

    Raises:
        QuerySyntaxError: It can't be parsed.
        InputError: It is empty or too long, holds control characters, or has unbalanced parentheses or quotes.
    """
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        raise InputError("a query can't contain control characters", name="query")
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
