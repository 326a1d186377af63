"""Search feeds over a whole service: what arXiv's API is asked, how often, and how many searches there may be."""

import asyncio
import json

import httpx
import pytest

from digest import searching
from digest.errors import InputError, QuerySyntaxError, TooManyRequestsError, UnavailableError
from digest.searching import to_arxiv_query
from digest.views import View
from tests.sites import Site

pytestmark = pytest.mark.anyio


async def search(service, text):
    document = await service.search(text, View(), "json", self_url="http://x.test/a", page_url="http://x.test/b")
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


class TestNumber:
    async def test_no_more_are_added_while_all_are_in_use_and_the_one_unread_longest_gives_way(self, monkeypatch):
        monkeypatch.setattr(searching, "MOST_SEARCHES", 4)
        site = Site()
        service = site.service()
        for number in range(4):
            await search(service, f"ti:word{number}")
        with pytest.raises(TooManyRequestsError):
            await search(service, "ti:more")
        site.clock.advance(days=2)
        for number in range(1, 4):
            await search(service, f"ti:word{number}")
        await search(service, "ti:more")
        with pytest.raises(TooManyRequestsError):
            await search(service, "ti:word0")


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

    def test_tells_where_it_can_t_be_read(self):
        with pytest.raises(QuerySyntaxError) as caught:
            to_arxiv_query("ti:a AND")
        assert caught.value.name == "query"
