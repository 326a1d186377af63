"""Search feeds over a whole service: what arXiv's API is asked, how often, and how many searches there may be."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.config.views import View
from digest.errors import InputError, QuerySyntaxError, UnavailableError
from digest.feeds.papers import FeedRequest
from digest.listings import searching
from digest.listings.searching import SearchIndex, Use, key_of, to_arxiv_query
from digest.selection import Selection
from digest.store.codec import unpack
from digest.upstream.fetching import Rank
from tests.builders import NOON, make_config
from tests.fakes import until
from tests.sites import ARXIV_URL, Site

pytestmark = pytest.mark.anyio


async def search(service, text):
    document = await service.feeds.search(text, View(), "json", self_url="http://x.test/a", page_url="http://x.test/b")
    return [item["id"] for item in json.loads(document.body)["items"]]


def queries(site):
    return [request.url.params["search_query"] for request in site.arxiv.requests]


class TestSearch:
    async def test_finds_what_arxiv_finds_newest_submissions_first(self):
        site = Site()
        async with site.client() as client:
            response = await client.get("/search/json?query=cat:cs.LG")
        items = response.json()["items"]
        published = [item["date_published"] for item in items]
        assert len(items) > 10
        assert published == sorted(published, reverse=True)
        assert queries(site) == ["cat:cs.LG"]

    async def test_is_asked_once_an_announcement_however_many_read_it(self):
        site = Site()
        service = site.service()
        found = await asyncio.gather(*(search(service, "cat:cs.CL") for _ in range(20)))
        assert found == [found[0]] * 20
        await search(site.service(), "cat:cs.CL")
        assert len(site.arxiv.requests) == 1
        site.clock.advance(days=1)
        assert await search(service, "cat:cs.CL") != found[0]
        assert len(site.arxiv.requests) == 2

    async def test_arxiv_down_leaves_what_is_held(self):
        site = Site()
        service = site.service()
        found = await search(service, "cat:cs.CL")
        site.clock.advance(days=1)
        site.arxiv.now_reply(httpx.Response(404))
        assert await search(service, "cat:cs.CL") == found

    async def test_what_failed_is_left_alone_for_a_while(self):
        site = Site()
        site.arxiv.now_reply(httpx.Response(404))
        service = site.service()
        for _ in range(2):
            with pytest.raises(UnavailableError) as caught:
                await search(service, "cat:cs.CL")
        assert caught.value.retry_after.total_seconds() == 900
        assert len(site.arxiv.requests) == 1

    async def test_is_asked_by_one_process_at_a_time(self):
        one, other = Site(), Site()
        other.store = one.store
        asked, answering = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            asked.set()
            await answering.wait()

        one.arxiv.before_reply = hold
        asking = asyncio.create_task(search(one.service(), "cat:cs.CL"))
        await asked.wait()
        service = other.service()
        meanwhile = asyncio.create_task(search(service, "cat:cs.CL"))
        await asyncio.wait([meanwhile], timeout=0.1)
        answering.set()
        with pytest.raises(UnavailableError):
            await meanwhile
        found = await asking
        assert await search(service, "cat:cs.CL") == found
        assert other.arxiv.requests == []


async def kept(site):
    return len([key for key in await site.store.keys("") if ":search:" in key or key.startswith("search:")])


def word(number):
    """A word of letters alone, another for each number."""
    return f"word{chr(97 + number // 26)}{chr(97 + number % 26)}"


class TestNumber:
    async def test_the_one_that_is_used_least_gives_way(self, monkeypatch):
        monkeypatch.setattr(searching, "MOST_SEARCHES", 4)
        site = Site()
        service = site.service()
        for number in range(4):
            await search(service, f"ti:{word(number)}")
        for number in (0, 2, 3):
            await search(service, f"ti:{word(number)}")
        await search(service, "ti:more")
        assert await kept(site) == 4
        asked = len(site.arxiv.requests)
        for number in (0, 2, 3):
            await search(service, f"ti:{word(number)}")
        assert len(site.arxiv.requests) == asked
        await search(service, f"ti:{word(1)}")
        assert len(site.arxiv.requests) == asked + 1

    @pytest.mark.parametrize(
        ("uses", "goes"),
        [
            ({"a": (1, 5, 0), "b": (1, 2, 0)}, "b"),  # fewer reads
            ({"a": (1, 900, 0), "b": (3, 3, 0)}, "a"),  # days count for more: reads can be had by the thousand
            ({"a": (1, 5, 0), "b": (9, 99, 5)}, "b"),  # nobody reads it any more
            ({"a": (1, 1, 1), "b": (1, 1, 0)}, "a"),  # longer ago
            ({"a": (9, 9, 3), "b": (1, 1, 4)}, "b"),
        ],
    )
    def test_use_is_days_then_reads_then_the_last_of_them(self, uses, goes):
        made = {
            key: Use(days=days, reads=reads, last=NOON - timedelta(days=ago))
            for key, (days, reads, ago) in uses.items()
        }
        index, dropped = SearchIndex(uses=made).bounded(1, NOON)
        assert dropped == (goes,)
        assert set(index.uses) == set(uses) - {goes}

    async def test_is_bounded_however_many_processes_add_to_it_at_once(self, monkeypatch):
        monkeypatch.setattr(searching, "MOST_SEARCHES", 10)
        monkeypatch.setattr(searching, "_MOST_WAITING", 200)
        site = Site()
        services = [site.service() for _ in range(4)]
        jobs = [search(services[number % 4], f"ti:{word(number)}") for number in range(40)]
        await asyncio.gather(*jobs, return_exceptions=True)
        index = unpack(SearchIndex, await site.store.get(await key_in(site, "searches")), searching._INDEX_SCHEMA)
        assert len(index.uses) == 10
        assert await kept(site) == 10


async def key_in(site, name):
    return next(key for key in await site.store.keys("") if key.endswith(name))


class TestCost:
    async def test_a_new_one_counts_towards_the_allowance_of_its_client_one_that_is_held_does_not(self):
        site = Site()
        site.config = make_config("server:\n  new_categories_per_hour: 3\n", arxiv_url=ARXIV_URL)
        async with site.client() as client:
            first = [(await client.get(f"/search/rss?query=ti:{word(n)}")).status_code for n in range(5)]
            again = [(await client.get(f"/search/json?query=ti:{word(n)}")).status_code for n in range(5)]
        assert first == [200, 200, 200, 429, 429]
        assert again == [200, 200, 200, 429, 429]
        assert len(site.arxiv.requests) == 3

    async def test_feeds_go_first(self):
        site, held_back = Site(), asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        searches = [asyncio.create_task(search(service, f"ti:{word(number)}")) for number in range(8)]
        await until(lambda: len(site.arxiv.requests) == 1)
        asked = service.feeds.feed(FeedRequest(parse_spec("cs.LG"), Selection()), "json", self_url="", page_url="")
        feed = asyncio.create_task(asked)
        await until(lambda: any(one.rank is Rank.AWAITED for one in service.operations._client._errands))
        held_back.set()
        await asyncio.gather(feed, *searches)
        await service.aclose()
        assert site.arxiv.paths[:2] == ["/api/query", "/rss/cs.LG"]

    async def test_what_nobody_waits_for_any_more_is_not_asked(self):
        site, held_back = Site(), asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        tasks = [asyncio.create_task(search(service, f"ti:{word(number)}")) for number in range(10)]
        await until(lambda: len(site.arxiv.requests) == 1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        held_back.set()
        await asyncio.sleep(0.05)
        assert len(site.arxiv.requests) <= 1
        assert len(await search(service, "cat:cs.LG")) > 10

    async def test_two_who_wait_for_the_same_are_not_dropped_with_one(self):
        site, held_back = Site(), asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        tasks = [asyncio.create_task(search(service, "cat:cs.LG")) for _ in range(2)]
        await until(lambda: len(site.arxiv.requests) == 1)
        tasks[0].cancel()
        await asyncio.wait(tasks[:1])
        held_back.set()
        assert len(await tasks[1]) > 10
        assert len(site.arxiv.requests) == 1

    async def test_no_more_than_a_few_wait(self):
        site, held_back = Site(), asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        tasks = [asyncio.create_task(search(service, f"ti:{word(number)}")) for number in range(40)]
        await until(lambda: any(task.done() for task in tasks) and len(site.arxiv.requests) == 1)
        await asyncio.sleep(0.05)
        refused = [task for task in tasks if task.done()]
        assert len(refused) == 40 - searching._AT_ONCE - searching._MOST_WAITING
        assert all(isinstance(task.exception(), UnavailableError) for task in refused)
        held_back.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def test_hanging_up_takes_no_place(self):
        site, held_back = Site(), asyncio.Event()
        site.arxiv.before_reply = held_back.wait
        service = site.service()
        for number in range(30):
            task = asyncio.create_task(search(service, f"ti:{word(number)}"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        assert await kept(site) == 0
        held_back.set()


class TestEqual:
    @pytest.mark.parametrize(
        "texts",
        [
            ("ti:a OR ti:b", "ti:b OR ti:a", "  ti:a   OR ti:b ", "(ti:b) OR ((ti:a))", "ti:a OR ti:b OR ti:a"),
            ("au:quill AND cat:cs.LG", "cat:cs.LG au:quill", "AU:quill AND cat:cs.LG".replace("AU", "au")),
            ("ti:Fruit", "ti:fruit", "title:FRUIT"),
            ("ti:a ANDNOT (abs:b OR abs:c)", "ti:a ANDNOT (abs:c OR abs:b)"),
            ('ti:"two  words"', 'ti:"two words"'),
            ("(ti:a AND ti:b) OR (ti:c AND ti:d)", "(ti:d AND ti:c) OR (ti:b AND ti:a)"),
            ("rn:x1 OR ti:a", "ti:a   OR rn:x1"),
            ("cat:cs.LG AND submittedDate:[202611160000 TO 202611162359]", "submittedDate:[202611160000  TO 202611162359] AND cat:cs.LG"),
        ],
    )  # fmt: skip
    def test_queries_have_one_key(self, texts):
        assert len(set(map(key_of, texts))) == 1

    def test_others_have_others(self):
        texts = ["ti:a", "ti:b", "abs:a", "ti:a OR ti:b", "ti:a AND ti:b", "ti:a ANDNOT ti:b", "ti:b ANDNOT ti:a", "ti:a*", "rn:x1", "rn:x2", "submittedDate:[1 TO 2]", "submittedDate:[1 TO 3]"]  # fmt: skip
        assert len(set(map(key_of, texts))) == len(texts)

    async def test_queries_are_asked_once(self):
        site = Site()
        service = site.service()
        for text in ("ti:a OR ti:b", "ti:b OR  ti:a", "(ti:a) OR ti:b"):
            await search(service, text)
        assert len(site.arxiv.requests) == 1


class TestQuery:
    @pytest.mark.parametrize(
        ("text", "sent"),
        [
            ("ti:a OR ti:b ANDNOT au:quill", "ti:a OR (ti:b ANDNOT au:quill)"),
            ("cat:cs.LG AND submittedDate:[202611160000 TO 202611162359]",) * 2,
        ],
    )
    def test_is_sent_as_arxiv_understands_it(self, text, sent):
        assert to_arxiv_query(text) == sent

    @pytest.mark.parametrize("text", ["", "  ", "x" * 1001, 'ti:"a AND rn:1', "(ti:a AND rn:1", "rn:[1 TO 2"])
    def test_that_is_empty_too_long_or_unbalanced_is_refused(self, text):
        with pytest.raises(InputError):
            to_arxiv_query(text)

    @pytest.mark.parametrize(
        "unseen", ["\x00", "\x10", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9f", "\ufffe", "\ud800", "\uffff"]
    )
    async def test_that_holds_control_characters_is_refused_before_it_costs_anything(self, unseen):
        for text in (f'all:"{unseen}"', f"ti:a{unseen}b", f"rn:1{unseen}", unseen, f" ti:a {unseen}OR ti:b"):
            with pytest.raises(InputError):
                to_arxiv_query(text)
        site = Site()
        async with site.client() as client:
            response = await client.get("/search/rss", params={"query": f"ti:fruit{unseen}".encode("utf-8", "replace")})
        assert response.status_code in ({400} if unseen != "\ud800" else {200, 400})

    def test_tells_where_it_can_t_be_read(self):
        with pytest.raises(QuerySyntaxError) as caught:
            to_arxiv_query("ti:a AND")
        assert caught.value.name == "query"
