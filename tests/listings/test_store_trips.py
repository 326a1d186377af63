"""How often the store is asked: each trip is milliseconds before an answer, and commands are what Upstash counts."""

import asyncio
import copy
import itertools
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv.taxonomy import parse_spec
from digest.costs import Costs, account
from digest.feeds.papers import FeedRequest
from digest.listings.listings import contexts_noted
from digest.listings.shelf import split_by_size
from digest.selection import Selection
from digest.store.memory import MemoryStore
from digest.upstream.fetching import ArxivClient, FetchLimits, Service
from tests.builders import NOON
from tests.fakes import FakeArxiv, flying_clock, settled
from tests.sites import Site, fill_site

pytestmark = pytest.mark.anyio

COMMANDS = ("get", "get_many", "set", "delete", "keys", "increment", "acquire", "release", "extend")
SPEC = "cs.CL+cs.LG+stat.ML"


class CountingStore(MemoryStore):
    """Notes every command."""

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []
        self.inside = 0

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name not in COMMANDS:
            return found

        async def noted(*args, **options):
            if not self.inside:  # this store reads many one by one, within one command
                self.asked.append((name, args[0]))
            self.inside += 1
            try:
                return await found(*args, **options)
            finally:
                self.inside -= 1

        return noted


@pytest.fixture(scope="module")
def filled():
    return asyncio.run(fill_site())


@pytest.fixture
def site(filled):
    """A server that holds a week, over a store that counts, in a process that has read nothing."""
    store = CountingStore(now=flying_clock())
    store.__dict__.update(
        {name: copy.deepcopy(value) for name, value in filled.store.__dict__.items() if name != "_now"}
    )
    return Site(store=store, config=filled.config)


async def test_a_paper_takes_three_trips_however_many_categories_are_held(site):
    service = site.service()
    feed = FeedRequest(parse_spec("cs.LG"), Selection())
    material = await site.service().feeds.papers(feed, cursor=None, limit=1)
    ident = material.entries[0].paper.id
    site.store.asked.clear()
    assert (await service.papers.find(ident)).id == ident
    assert [name for name, _ in site.store.asked] == ["keys", "get_many", "get_many"]


async def test_the_first_poll_of_many_categories_takes_three_trips(site):
    service, costs = site.service(), Costs()
    with account(costs):
        request = FeedRequest(parse_spec(SPEC), Selection(), days_given=True)
        await service.feeds.feed(request, "rss", self_url="http://a/rss/x?days=7", page_url="http://a/")
    before = [name for name, key in site.store.asked if "asked:" not in key]
    assert len(before) <= 3
    await asyncio.wait(costs.behind)
    notes = [key for name, key in site.store.asked if name == "set" and "asked:" in key]
    assert [key.partition("asked:")[2] for key in notes] == [SPEC]
    await service.aclose()


async def test_a_cold_category_takes_few_commands_behind_its_answer():
    store = CountingStore(now=flying_clock())
    site = Site(store=store)
    service = site.service()
    request = FeedRequest(parse_spec("cs.LG"), Selection())
    await settled(service.feeds.feed(request, "json", self_url="http://a/json/x", page_url="http://a/"))
    asked = Counter(name for name, _ in store.asked)
    assert len(site.arxiv.requests) >= 9  # the feed, a week of pages, a query
    assert asked.total() <= 10 * len(site.arxiv.requests)  # one of them for the numbers of a day
    assert sum(name == "acquire" and "refresh:" in key for name, key in store.asked) <= 8  # one a day, formerly
    await service.aclose()


async def test_who_is_noted_together_is_kept_warm_one_by_one(site):
    store = MemoryStore(now=flying_clock())
    warm = Site(store=store, config=site.config)
    service = warm.service()
    await store.set("digest:" + (await _prefix(site)) + "asked:cs.LG+stat.ML", b"1")
    await service.operations.keep_warm()
    assert {state.context for state in await service.operations._listings.held.known()} == {"cs.LG", "stat.ML"}
    await service.aclose()


async def _prefix(site):
    key = next(key for key in await site.store.keys("digest:") if "state:" in key)
    return key.removeprefix("digest:").partition("state:")[0]


def test_notes_of_older_versions_name_one_context_each():
    assert contexts_noted(["asked:cs.LG", "asked:cs.LG+stat.ML", "asked:hep-th"]) == {"cs.LG", "stat.ML", "hep-th"}


@given(st.lists(st.integers(1, 90), max_size=30))
def test_reads_are_split_where_they_would_be_too_long(sizes):
    keys = [("cs.LG", NOON.date(), str(n)) for n in range(len(sizes))]
    by_key = dict(zip(keys, sizes, strict=True))
    parts = split_by_size(keys, by_key, 60)
    assert [key for part in parts for key in part] == keys
    assert all(sum(map(by_key.get, part)) <= 60 or len(part) == 1 for part in parts)
    assert all(sum(map(by_key.get, (*part, following[0]))) > 60 for part, following in itertools.pairwise(parts))


class TestWaitingForTheTurn:
    @staticmethod
    def clients(store, now, number):
        limits = FetchLimits(interval=timedelta(seconds=0.8), timeout=timedelta(seconds=5))
        arxiv = FakeArxiv(httpx.Response(200, content=b"a feed"))
        return [
            ArxivClient(store, base_url="http://arxiv.test", user_agent="test", limits=limits, transport=arxiv, now=now)
            for _ in range(number)
        ]

    @pytest.mark.real_time
    @pytest.mark.parametrize("instances", [1, 2])
    async def test_whoever_waits_looks_twice_at_most(self, instances):
        from digest.clock import utc_now

        store = CountingStore(now=utc_now)
        clients = self.clients(store, utc_now, instances)
        await clients[0].fetch(Service.FEEDS, "/first")
        store.asked.clear()
        assert await clients[-1].fetch(Service.FEEDS, "/second", urgent=False) == b"a feed"
        assert sum(name == "acquire" for name, _ in store.asked) <= 2
        assert len(store.asked) <= 12
        for client in clients:
            await client.aclose()
