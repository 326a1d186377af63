"""Reading a Zotero library: whole or not at all, politely, from one host."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from digest.errors import FetchError, InputError, ParseError, RateLimitedError
from digest.selection.libraries import LibraryName, parse_library_name
from digest.store.memory import MemoryStore
from digest.upstream.parsing.zotero_items import parse_items
from digest.upstream.zotero import HOST, NEWEST, ZoteroClient
from tests.fakes import Clock
from tests.zotero import FakeZotero, make_item

pytestmark = pytest.mark.anyio

MINE = LibraryName("users/1")


def client_of(zotero, *, key=None, clock=None, store=None):
    clock = clock or Clock()
    return ZoteroClient(store or MemoryStore(now=clock), user_agent="test", key=key, transport=zotero, now=clock)


class TestNames:
    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("zotero:users/123", "/users/123/items/top"),
            ("zotero:groups/456", "/groups/456/items/top"),
            ("zotero:users/123/collections/ABCD2345", "/users/123/collections/ABCD2345/items/top"),
            ("zotero:groups/9/collections/ZZZZ9999", "/groups/9/collections/ZZZZ9999/items/top"),
        ],
    )
    def test_a_name_leads_to_its_top_level_items_and_back(self, text, path):
        name = parse_library_name(text)
        assert name.items_path == path
        assert str(name) == text

    @pytest.mark.parametrize(
        "text",
        [
            "zotero:",
            "zotero:users",
            "zotero:users/abc",
            "zotero:people/1",
            "zotero:users/1/collections/short",
            "zotero:users/1/items",
            "zotero:users/1/../2",
            "zotero:users/１２",
            "zotero:users/1?key=x",
            "https://www.zotero.org/users/1",
        ],
    )
    def test_anything_else_is_refused_with_what_to_write(self, text):
        with pytest.raises(InputError, match="no Zotero library") as caught:
            parse_library_name(text)
        assert "zotero:users/123" in caught.value.hint


class TestItems:
    def parsed(self, *items):
        return parse_items(httpx.Response(200, json=list(items)).content)[0]

    def test_a_work_is_read_with_title_abstract_day_and_arxiv_id(self):
        (item,) = self.parsed(
            make_item(3, title=" A \n b ", archiveID="arXiv:2401.00001", dateAdded="2026-01-04T10:00:00Z")
        )
        assert (item.key, item.title, item.abstract) == ("K0000003", "A b", "About thing 3.")
        assert (item.arxiv_id, item.added) == ("2401.00001", datetime(2026, 1, 4, 10, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("field", "value", "ident"),
        [
            ("url", "http://arxiv.org/abs/2401.00002v3", "2401.00002"),
            ("DOI", "10.48550/arXiv.2401.00003", "2401.00003"),
            ("extra", "arXiv:hep-th/9901001 [hep-th]", "hep-th/9901001"),
            ("url", "https://example.org/2401.00002", None),
        ],
    )
    def test_an_arxiv_id_is_found_where_zotero_puts_it(self, field, value, ident):
        (item,) = self.parsed(make_item(1, **{field: value}))
        assert item.arxiv_id == ident

    def test_attachments_notes_and_works_without_title_are_no_examples(self):
        kinds = [make_item(1, itemType="attachment"), make_item(2, itemType="note"), make_item(3, title="")]
        assert self.parsed(*kinds, make_item(4, title="", caseName="A v. B"))[0].title == "A v. B"
        assert len(self.parsed(*kinds)) == 0

    @pytest.mark.parametrize("broken", [{}, {"data": None}, {"data": {"itemType": "book"}}, 7, None])
    def test_one_item_that_cannot_be_read_costs_no_other(self, broken, caplog):
        assert [item.key for item in self.parsed(broken, make_item(1))] == ["K0000001"]

    @pytest.mark.parametrize("payload", [b"", b"<html>", b'{"a": 1}', b"[" * 100_000])
    def test_a_body_that_is_no_array_is_refused(self, payload):
        with pytest.raises(ParseError):
            parse_items(payload)


class TestReading:
    async def test_all_pages_are_read_in_order_a_hundred_at_a_time(self):
        zotero = FakeZotero({"users/1": [make_item(number) for number in range(250)]})
        library = await client_of(zotero).read(MINE)
        assert library is not None
        assert [item.key for item in library.items] == [f"K{number:07d}" for number in range(250)]
        assert [request.url.params["start"] for request in zotero.requests] == ["0", "100", "200"]
        assert {f"{request.url.scheme}://{request.url.host}" for request in zotero.requests} == {HOST}

    async def test_only_the_newest_are_read_of_a_large_library(self):
        zotero = FakeZotero({"users/1": [make_item(number) for number in range(NEWEST + 250)]})
        library = await client_of(zotero).read(MINE)
        assert library is not None
        assert len(library.items) == NEWEST
        assert len(zotero.requests) == NEWEST // 100
        assert zotero.requests[0].url.params["sort"] == "dateAdded"
        assert zotero.requests[0].url.params["direction"] == "desc"

    async def test_a_collection_gives_its_own_works_only(self):
        items = [make_item(1, collections=["ABCD2345"]), make_item(2)]
        library = await client_of(FakeZotero({"users/1": items})).read(LibraryName("users/1", "ABCD2345"))
        assert library is not None
        assert [item.title for item in library.items] == ["Work 1"]

    async def test_nothing_is_read_again_while_the_version_stands(self):
        zotero = FakeZotero({"users/1": [make_item(1)]})
        client = client_of(zotero)
        library = await client.read(MINE)
        assert library is not None
        assert await client.read(MINE, since=library.version) is None
        zotero.version += 1
        assert await client.read(MINE, since=library.version) is not None

    async def test_a_library_that_shrinks_while_it_is_read_is_read_again(self):
        zotero = FakeZotero({"users/1": [make_item(number) for number in range(150)]})

        def shrink(request):
            if len(zotero.requests) == 2:
                del zotero.libraries["users/1"][0]
                zotero.version += 1

        zotero.before = shrink
        library = await client_of(zotero).read(MINE)
        assert library is not None
        assert [item.key for item in library.items] == [f"K{number:07d}" for number in range(1, 150)]
        assert library.version == zotero.version

    async def test_one_that_never_holds_still_is_given_up(self):
        zotero = FakeZotero({"users/1": [make_item(number) for number in range(150)]})

        def change(request):
            zotero.version += 1

        zotero.before = change
        with pytest.raises(ParseError, match="changed each time"):
            await client_of(zotero).read(MINE)
        assert len(zotero.requests) == 6

    async def test_an_empty_library_is_one(self):
        library = await client_of(FakeZotero({"users/1": []})).read(MINE)
        assert library is not None
        assert library.items == ()


class TestKey:
    async def test_a_private_library_needs_its_key_which_travels_in_a_header(self):
        zotero = FakeZotero({"users/1": [make_item(1)]}, private={"users/1": "s3cret"})
        assert await client_of(zotero, key="s3cret").read(MINE) is not None
        assert "s3cret" not in str(zotero.requests[0].url)

    @pytest.mark.parametrize(("key", "words"), [(None, "put a key"), ("wrong", "doesn't open it")])
    async def test_without_it_the_error_says_what_to_do_and_not_the_key(self, key, words):
        zotero = FakeZotero({"users/1": []}, private={"users/1": "s3cret"})
        with pytest.raises(FetchError, match=words) as caught:
            await client_of(zotero, key=key).read(MINE)
        assert caught.value.status == 403
        assert not key or key not in str(caught.value)

    async def test_a_library_that_is_not_there_is_named(self):
        with pytest.raises(FetchError, match="zotero:users/1: there is no such library"):
            await client_of(FakeZotero({})).read(MINE)


class TestPauses:
    @pytest.mark.parametrize("status", [429, 503])
    async def test_a_refusal_holds_for_everyone_who_shares_the_store(self, status):
        clock = Clock()
        store = MemoryStore(now=clock)
        zotero = FakeZotero({"users/1": []}, before=lambda _: httpx.Response(status, headers={"Retry-After": "120"}))
        with pytest.raises(RateLimitedError) as caught:
            await client_of(zotero, clock=clock, store=store).read(MINE)
        assert caught.value.retry_after == timedelta(seconds=120)
        with pytest.raises(RateLimitedError, match="not asked"):
            await client_of(zotero, clock=clock, store=store).read(LibraryName("groups/2"))
        assert len(zotero.requests) == 1
        clock.advance(seconds=121)
        with pytest.raises(RateLimitedError, match="refused"):
            await client_of(zotero, clock=clock, store=store).read(MINE)

    async def test_a_refusal_without_a_time_means_some_minutes(self):
        zotero = FakeZotero({"users/1": []}, before=lambda _: httpx.Response(429))
        with pytest.raises(RateLimitedError) as caught:
            await client_of(zotero).read(MINE)
        assert caught.value.retry_after == timedelta(minutes=5)

    async def test_a_backoff_on_a_good_answer_is_obeyed_before_the_next_reading(self):
        clock = Clock()
        store = MemoryStore(now=clock)
        zotero = FakeZotero({"users/1": [make_item(1)]}, headers={"Backoff": "60"})
        client = client_of(zotero, clock=clock, store=store)
        assert await client.read(MINE) is not None
        with pytest.raises(RateLimitedError, match="not asked"):
            await client.read(MINE)
        clock.advance(seconds=61)
        assert await client.read(MINE) is not None

    async def test_a_long_backoff_between_pages_ends_the_reading(self):
        zotero = FakeZotero({"users/1": [make_item(number) for number in range(150)]}, headers={"Backoff": "60"})
        with pytest.raises(RateLimitedError) as caught:
            await client_of(zotero).read(MINE)
        assert caught.value.retry_after == timedelta(seconds=60)
        assert len(zotero.requests) == 1


class TestFaults:
    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, json=[]),
            httpx.Response(200, text="<html>", headers={"Total-Results": "1", "Last-Modified-Version": "1"}),
            httpx.Response(200, json={}, headers={"Total-Results": "1", "Last-Modified-Version": "1"}),
            httpx.Response(302, headers={"Location": "https://evil.test/"}),
            httpx.Response(500),
        ],
    )
    async def test_an_answer_that_is_not_the_api_s_is_refused(self, answer):
        zotero = FakeZotero({"users/1": []}, before=lambda _: answer)
        with pytest.raises((ParseError, FetchError)):
            await client_of(zotero).read(MINE)
        assert len(zotero.requests) == 1

    async def test_a_broken_connection_is_one_error_with_its_cause(self):
        def fail(request):
            raise httpx.ConnectError("refused")

        with pytest.raises(FetchError, match="zotero:users/1: refused") as caught:
            await client_of(FakeZotero({"users/1": []}, before=fail)).read(MINE)
        assert isinstance(caught.value.__cause__, httpx.ConnectError)
