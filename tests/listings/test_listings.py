"""Listings over a whole service: who asks arXiv, how often, and what is served meanwhile."""

import asyncio
import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.errors import UnavailableError
from digest.feeds.papers import FeedRequest
from digest.listings import listings as listings_module
from digest.listings.listings import Listings
from digest.listings.shelf import SCHEMA, fingerprint
from digest.listings.states import ContextState
from digest.listings.stored import unpack_listing
from digest.models import AnnounceType, Author
from digest.selection import Selection
from digest.store.codec import pack, unpack
from digest.store.sqlite import SqliteStore
from digest.upstream.fetching import ArxivClient, FetchLimits
from digest.upstream.sources import ArxivSources
from tests import fakes
from tests.builders import WEDNESDAY
from tests.fakes import flying_clock
from tests.sites import ARXIV_URL, Site, demo_replies

pytestmark = pytest.mark.anyio

LINKS = {"self_url": "http://papers.test/rss/x?days=7", "page_url": "http://papers.test/"}
ET_AL = Author(name="et al.")
DOWN = httpx.ConnectError("refused")


def ask(spec, **selection):
    return FeedRequest(parse_spec(spec), Selection(**selection))


async def feed(service, spec):
    return await service.feeds.feed(ask(spec), "json", **LINKS)


async def filled(spec, **site):
    """A site that holds the week of these categories; its list of requests is empty."""
    made = Site(**site)
    service = made.service()
    await feed(service, spec)
    await service.operations.keep_warm()
    await service.aclose()
    made.arxiv.requests.clear()
    return made


def ids_of(document):
    return [item["id"] for item in json.loads(document.body)["items"]]


def feeds_asked(site):
    return [path for path in site.arxiv.paths if path.startswith("/rss")]


async def settled(service, spec):
    """Ask for a feed and wait for what that left behind."""
    return await fakes.settled(feed(service, spec))


class TestSharing:
    async def test_what_many_ask_for_at_once_is_made_once(self):
        site = await filled("cs.LG")
        service = site.service()
        documents = await asyncio.gather(*(feed(service, "cs.LG") for _ in range(50)))
        assert len({id(document.body) for document in documents}) == 1
        assert site.arxiv.requests == []

    async def test_several_processes_on_one_file_ask_once(self, tmp_path):
        clock = flying_clock()
        sites = [Site(store=SqliteStore(tmp_path / "cache.sqlite3", now=clock)) for _ in range(3)]
        services = [site.service() for site in sites]
        await asyncio.gather(*(feed(service, "cs.LG+stat.ML") for service in services))
        for service in services:
            await service.aclose()
        assert sum((Counter(feeds_asked(site)) for site in sites), Counter()) == {"/rss/cs.LG+stat.ML": 1}

    async def test_what_one_process_fetched_serves_another_that_has_no_network(self, tmp_path):
        clock = flying_clock()
        first = await filled("cs.LG", store=SqliteStore(tmp_path / "cache.sqlite3", now=clock))
        second = Site(store=SqliteStore(tmp_path / "cache.sqlite3", now=clock))
        second.arxiv.now_reply(DOWN)
        services = first.service(), second.service()
        assert (await feed(services[0], "cs.LG")).body == (await feed(services[1], "cs.LG")).body
        for service in services:
            await service.aclose()
        assert second.arxiv.requests == []


class TestFreshness:
    async def test_nothing_is_asked_before_the_next_announcement_can_be_out(self):
        site = await filled("cs.LG")
        site.clock.advance(hours=11, minutes=59)
        await feed(site.service(), "cs.LG")
        assert feeds_asked(site) == []

    async def test_what_is_held_is_served_while_it_is_refreshed_to_who_does_not_wait(self):
        site = await filled("cs.LG")
        site.config = site.config.model_copy(update={"arxiv": site.config.arxiv.model_copy(update={"wait_s": 0.0})})
        before = await feed(site.service(), "cs.LG")
        site.clock.advance(hours=12, minutes=11)
        held_back = asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        during, behind = await fakes.with_behind(feed(service, "cs.LG"))
        assert ids_of(during) == ids_of(before)
        assert during.expiry.fresh_for == timedelta(minutes=1)
        held_back.set()
        await asyncio.wait(behind)
        assert ids_of(await feed(service, "cs.LG")) != ids_of(before)
        assert feeds_asked(site) == ["/rss/cs.LG"]

    async def test_above_the_bound_of_readers_an_answer_lasts_a_second(self, monkeypatch):
        site = await filled("cs.LG")
        monkeypatch.setattr(listings_module, "_MOST_WAITING", 0)
        site.clock.advance(hours=12, minutes=11)
        assert (await feed(site.service(), "cs.LG")).expiry.fresh_for == timedelta(seconds=1)

    async def test_a_late_announcement_is_asked_for_each_quarter_of_an_hour(self):
        site = await filled("cs.LG")
        yesterday = demo_replies(lambda: site.clock.now - timedelta(days=1))
        site.arxiv.now_reply(yesterday)
        site.clock.advance(hours=12, minutes=11)
        service = site.service()
        for _ in range(60):
            await settled(service, "cs.LG")
            site.clock.advance(minutes=1)
        assert 4 <= len(feeds_asked(site)) <= 5

    async def test_days_without_announcement_are_left_in_peace(self):
        site = await filled("cs.LG")
        site.clock.now += timedelta(days=3)  # Saturday noon; Thursday and Friday are caught up with
        service = site.service()
        await settled(service, "cs.LG")
        await settled(service, "cs.LG")
        site.arxiv.requests.clear()
        for _ in range(20):
            site.clock.advance(hours=1)
            await settled(service, "cs.LG")
        assert feeds_asked(site) == []


class TestFailures:
    async def test_the_last_good_listing_is_served_and_arxiv_left_alone_more_and_more(self):
        site = await filled("cs.LG")
        before = await feed(site.service(), "cs.LG")
        site.arxiv.now_reply(httpx.Response(404))
        site.clock.advance(hours=12, minutes=11)
        service = site.service()
        asked = []
        for minute in range(60):
            document = await settled(service, "cs.LG")
            assert document.body == before.body
            asked += [minute] * len(feeds_asked(site))
            site.arxiv.requests.clear()
            site.clock.advance(minutes=1)
        gaps = [later - earlier for earlier, later in pairwise(asked)]
        assert asked[0] == 0
        assert gaps == sorted(gaps)
        assert len(asked) <= 5

    async def test_nothing_held_is_told_with_the_reason(self):
        site = Site()
        site.arxiv.now_reply(httpx.Response(429, headers={"retry-after": "1200"}))
        with pytest.raises(
            UnavailableError, match=r"Nothing is stored of cs\.LG yet, and .*refused with status 429"
        ) as caught:
            await feed(site.service(), "cs.LG")
        assert timedelta(minutes=19) < caught.value.retry_after <= timedelta(minutes=20)

    async def test_one_unknown_category_of_two_does_not_cost_the_other(self):
        site = await filled("cs.LG")
        site.arxiv.now_reply(httpx.Response(404))
        document = await feed(site.service(), "cs.LG+stat.ML")
        assert document.body == (await feed(site.service(), "cs.LG+stat.ML")).body
        assert document.expiry.fresh_for == timedelta(minutes=1)


class TestOlderParsers:
    """What an older version's parsers made of a day is served, and read again behind the answer."""

    @staticmethod
    async def spoil(site):
        """Make the stored week what an older version would have left."""
        stored = {key: await site.store.get(key) for key in await site.store.keys("")}
        marks = {}
        for key, data in stored.items():
            if stored_listing := unpack_listing(data, ""):
                listing = stored_listing.listing
                papers = [paper.model_copy(update={"authors": (*paper.authors, ET_AL)}) for paper in listing.papers]
                old = listing.model_copy(update={"papers": tuple(papers), "parser": 1})
                marks[listing.day] = fingerprint(old)
                await site.store.set(key, pack(old, SCHEMA), ttl=timedelta(days=9))
        for key, data in stored.items():
            if state := unpack(ContextState, data, SCHEMA):
                known = {day: state.days[day].model_copy(update={"parser": 1, "mark": marks[day]}) for day in marks}
                await site.store.set(key, pack(state.model_copy(update={"days": known}), SCHEMA), ttl=timedelta(days=9))

    async def test_days_of_the_window_are_read_again_once(self):
        site = await filled("cs.LG")
        await self.spoil(site)
        service = site.service()
        during, behind = await fakes.with_behind(feed(service, "cs.LG"))
        assert b"et al." in during.body
        await asyncio.wait(behind)
        read = [path for path in site.arxiv.paths if path.startswith("/catchup/cs.LG/")]
        assert [path[-2:] for path in read] == ["17", "16", "13", "12"]  # those with papers
        asked = len(site.arxiv.paths)
        after = await settled(service, "cs.LG")
        assert b"et al." not in after.body
        assert len(site.arxiv.paths) == asked

    async def test_a_day_that_cannot_be_read_again_stays_and_is_left_alone_for_a_while(self):
        site = await filled("cs.LG")
        await self.spoil(site)
        site.arxiv.now_reply(httpx.Response(404))
        service = site.service()
        await settled(service, "cs.LG")
        asked = len(site.arxiv.paths)
        assert asked
        assert b"et al." in (await settled(service, "cs.LG")).body
        assert len(site.arxiv.paths) == asked


class TestLosses:
    """A store is a cache: what it evicts is fetched again, and never silently missing."""

    @staticmethod
    async def lose(site, *days):
        for key in await site.store.keys(""):
            if ":listing:" in key and any(key.endswith(str(day)) for day in days):
                await site.store.delete(key)

    async def test_a_lost_day_is_fetched_again(self):
        site = await filled("cs.LG")
        before = await feed(site.service(), "cs.LG")
        await self.lose(site, date(2026, 11, 16))
        service = site.service()
        during, behind = await fakes.with_behind(feed(service, "cs.LG"))
        assert during.body != before.body
        assert during.expiry.fresh_for == timedelta(minutes=1)
        await asyncio.wait(behind)
        after = await service.feeds.papers(ask("cs.LG"), cursor=None, limit=500)
        assert date(2026, 11, 16) in {entry.paper.announced for entry in after.entries}
        assert site.arxiv.paths == ["/catchup/cs.LG/2026-11-16"]

    async def test_a_store_that_lost_every_day_is_filled_before_the_answer(self):
        site = await filled("cs.LG")
        await self.lose(site, "")
        page = await site.service().feeds.papers(ask("cs.LG"), cursor=None, limit=500)
        assert WEDNESDAY in {entry.paper.announced for entry in page.entries}

    async def test_is_never_an_empty_feed_when_arxiv_fails_too(self):
        site = await filled("cs.LG")
        await self.lose(site, "")
        site.arxiv.now_reply(httpx.Response(404))
        with pytest.raises(UnavailableError):
            await feed(site.service(), "cs.LG")


class TestUnions:
    async def test_one_request_brings_several_categories(self):
        site = Site()
        await feed(site.service(), "cs.CL+cs.LG+math.AG+stat.ML")
        assert feeds_asked(site) == ["/rss/cs.CL+cs.LG+math.AG+stat.ML"]

    async def test_more_than_eight_categories_are_several_requests_and_archives_their_own(self):
        site = Site()
        spec = "+".join([f"cs.{code}" for code in ("AI", "CC", "CL", "CR", "CV", "DB", "DS", "LG", "RO")] + ["hep-th"])
        await feed(site.service(), spec)
        assert sorted(feeds_asked(site)) == sorted(
            ["/rss/cs.AI+cs.CC+cs.CL+cs.CR+cs.CV+cs.DB+cs.DS+cs.LG", "/rss/cs.RO", "/rss/hep-th"]
        )

    async def test_a_paper_is_as_new_as_its_strongest_listing_says(self):
        site = await filled("cs.CL+cs.LG+stat.ML")
        service = site.service()
        union = await service.feeds.papers(ask("cs.CL+cs.LG+stat.ML"), cursor=None, limit=500)
        for context in ("cs.CL", "cs.LG", "stat.ML"):
            part = await service.feeds.papers(ask(context), cursor=None, limit=500)
            new = {entry.paper.id for entry in part.entries if entry.paper.announce_type is AnnounceType.NEW}
            assert new <= {entry.paper.id for entry in union.entries if entry.paper.announce_type is AnnounceType.NEW}


class TestPatience:
    async def test_who_gives_up_waiting_is_told_what_is_known_of_the_reason(self):
        site = Site()

        def reply(request):
            return httpx.Response(404 if request.url.path.startswith("/rss") else 200)

        async def hold_others_back():
            if not site.arxiv.paths[-1].startswith("/rss"):
                await asyncio.Event().wait()

        site.arxiv.now_reply(reply)
        site.arxiv.before_reply = hold_others_back
        limits = FetchLimits(interval=timedelta(milliseconds=1))
        client = ArxivClient(
            site.store, base_url=ARXIV_URL, user_agent="t", limits=limits, transport=site.arxiv, now=site.clock
        )
        listings = Listings(
            site.store,
            ArxivSources(client),
            keep=timedelta(days=30),
            patience=timedelta(milliseconds=100),
            now=site.clock,
        )
        with pytest.raises(UnavailableError, match="arXiv gave no listing: answered with status 404"):
            await listings.window(("cs.LG",), days=7)
        await listings.aclose()
