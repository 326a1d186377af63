"""Feeds over HTTP: addresses, formats, parameters, validators, and what a reader is told when something is wrong."""

import asyncio
import gzip
import re
from datetime import date, timedelta
from email.utils import format_datetime

import feedparser
import httpx
import pytest
from lxml import etree

from digest.config.settings import TopicConfig
from digest.text.tex_text import untex
from tests.builders import NOON
from tests.demo_arxiv.pages import render_listing
from tests.sites import Site, demo_replies

pytestmark = pytest.mark.anyio

MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


def entries_of(response):
    parsed = feedparser.parse(response.content, sanitize_html=False)
    assert not parsed.bozo
    return parsed.entries


def facts_of(entry):
    """What an entry of arXiv's own feed says, other than the time at which the feed was built."""
    names = (
        "id",
        "title",
        "link",
        "published",
        "arxiv_announce_type",
        "arxiv_doi",
        "arxiv_journal_reference",
        "rights",
    )
    facts = {name: entry.get(name) for name in names}
    text, authors = untex(entry.summary), untex(entry.author)
    return {**facts, "summary": " ".join(text.split()), "author": authors, "tags": [tag.term for tag in entry.tags]}


def ids_of(response):
    if "json" in response.headers["content-type"]:
        return [item["id"] for item in response.json()["items"]]
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return [entry.id for entry in parsed.entries]


def self_link(response):
    return next(link.href for link in feedparser.parse(response.content).feed.links if link.rel == "self")


class TestAddresses:
    @pytest.mark.parametrize("name", MEDIA_TYPES)
    @pytest.mark.parametrize("path", ["/{}/cs.LG", "/{}/cs.LG+stat.ML", "/feeds/machines.{}"])
    async def test_give_a_feed_in_the_format_of_their_name(self, client, path, name):
        response = await client.get(path.format(name))
        assert response.status_code == 200
        assert response.headers["content-type"] == MEDIA_TYPES[name]
        assert len(ids_of(response)) > 10

    @pytest.mark.parametrize("path", ["/{}/cs.LG+stat.ML", "/feeds/machines.{}"])
    async def test_give_the_same_items_in_the_same_order_in_all_formats(self, client, path):
        rss, atom, json_feed = [ids_of(await client.get(path.format(name))) for name in MEDIA_TYPES]
        assert rss == atom == json_feed
        assert len(set(rss)) == len(rss)
        assert all(ident.startswith("https://arxiv.org/abs/26") for ident in rss)

    @pytest.mark.parametrize(
        ("asked", "canonical"),
        [
            ("/rss/cs.LG", "/rss/cs.LG"),
            ("/rss/cs.lg", "/rss/cs.LG"),
            ("/rss/stat.ML+cs.LG", "/rss/cs.LG+stat.ML"),
            ("/rss/cs.LG%2Bstat.ML", "/rss/cs.LG+stat.ML"),
            ("/rss/cs.LG+cs.LG", "/rss/cs.LG"),
            ("/rss/cs.LG.xml", "/rss/cs.LG"),
            ("/atom/cs.LG.xml", "/atom/cs.LG"),
            ("/feeds/machines.rss", "/feeds/machines.rss"),
            ("/rss/cs.LG?types=new", "/rss/cs.LG?types=new"),
        ],
    )
    async def test_name_themselves_canonically(self, client, asked, canonical):
        assert self_link(await client.get(asked)) == f"http://papers.test{canonical}"

    async def test_aliases_are_the_category_they_stand_for(self, cold_site):
        async with cold_site.client() as client:
            await client.get("/rss/math.IT")
        assert cold_site.arxiv.paths[0] == "/rss/cs.IT"

    async def test_name_the_public_address_where_one_is_set(self, site):
        server = site.config.server.model_copy(update={"public_url": "https://papers.example.org"})
        site.config = site.config.model_copy(update={"server": server})
        async with site.client() as client:
            response = await client.get("/rss/cs.LG")
        assert self_link(response) == "https://papers.example.org/rss/cs.LG"
        assert b"papers.test" not in response.content


class TestContent:
    async def test_newest_announcement_comes_first_and_the_week_is_kept(self, client):
        items = (await client.get("/json/cs.LG")).json()["items"]
        days = [item["_arxiv"]["announced"] for item in items]
        assert days == sorted(days, reverse=True)
        assert (days[0], days[-1]) == ("2026-11-18", "2026-11-12")

    async def test_a_weekend_is_not_empty(self, site):
        site.clock.advance(days=3.5)
        async with site.client() as client:
            assert len(ids_of(await client.get("/rss/cs.LG"))) > 10

    async def test_a_configured_feed_has_its_title_filter_window_and_limit(self, client):
        feed = (await client.get("/feeds/languages.json")).json()
        assert feed["title"] == "languages"
        assert len(feed["items"]) == 4
        assert {item["_arxiv"]["announce_type"] for item in feed["items"]} == {"new"}
        assert min(item["_arxiv"]["announced"] for item in feed["items"]) >= "2026-11-16"

    async def test_the_same_papers_give_the_same_bytes_whoever_serves_them(self, site):
        answers = []
        for age in (0, 0, 5):
            other = site.copy()
            other.clock.advance(hours=age)
            async with other.client() as client:
                answers.append(await client.get("/rss/cs.LG"))
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["etag"] for answer in answers}) == 1
        assert len({answer.headers["last-modified"] for answer in answers}) == 1


async def items_of(client, path):
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return response.json()["items"]


class TestParameters:
    async def test_types(self, client):
        for value, kinds in [("new", {"new"}), ("cross", {"cross"}), ("new,cross", {"new", "cross"})]:
            items = await items_of(client, f"/json/cs.LG+stat.ML?types={value}")
            assert {item["_arxiv"]["announce_type"] for item in items} == kinds
        kinds = {
            item["_arxiv"]["announce_type"]
            for item in await items_of(client, "/json/cs.LG?types=replace,replace-cross")
        }
        assert kinds <= {"replace", "replace-cross"}
        assert kinds

    async def test_days(self, client):
        items = await items_of(client, "/json/cs.LG?days=2")
        assert {item["_arxiv"]["announced"] for item in items} == {"2026-11-17", "2026-11-18"}

    async def test_limit(self, client):
        everything = await items_of(client, "/json/cs.LG")
        assert await items_of(client, "/json/cs.LG?limit=3") == everything[:3]

    async def test_include_and_exclude(self, client):
        everything = await items_of(client, "/json/cs.LG")
        word = everything[0]["title"].split()[0]
        kept = await items_of(client, f"/json/cs.LG?include={word}")
        left = await items_of(client, f"/json/cs.LG?exclude={word}")
        assert everything[0] in kept
        assert everything[0] not in left
        assert len(kept) + len(left) == len(everything)

    @pytest.mark.parametrize("kind", ["rss", "atom"])
    @pytest.mark.parametrize("spec", ["cs.LG", "stat.ML", "cs.CL"])
    async def test_compat_is_arxivs_own_feed_item_by_item(self, filled_site, kind, spec):
        """What arXiv's feed says and what ours says, read by the same parser; TeX outside math is text here."""
        site = filled_site.copy()
        upstream = demo_replies(site.clock)(httpx.Request("GET", f"http://arxiv.test/{kind}/{spec}"))
        async with site.client() as client:
            every = "new,cross,replace,replace-cross"
            answer = await client.get(f"/{kind}/{spec}?compat=arxiv&days=1&types={every}", follow_redirects=True)
        theirs, ours = ({one["id"]: one for one in map(facts_of, entries_of(body))} for body in (upstream, answer))
        assert theirs
        assert ours == theirs

    async def test_compat_gives_the_text_and_guid_of_arxiv(self, client):
        (item,) = await items_of(client, "/json/cs.LG?compat=arxiv&limit=1")
        assert item["id"].startswith("oai:arXiv.org:26")
        assert item["content_text"].startswith("arXiv:26")
        assert " Announce Type: new \nAbstract: " in item["content_text"]

    @pytest.mark.parametrize("query", ["types=new,cross,replace", "days=60", "limit=5000"])
    async def test_never_widen_a_configured_feed(self, client, query):
        assert await items_of(client, f"/feeds/languages.json?{query}") == await items_of(
            client, "/feeds/languages.json"
        )

    async def test_narrow_a_configured_feed(self, client):
        everything = await items_of(client, "/feeds/languages.json")
        assert await items_of(client, "/feeds/languages.json?limit=2") == everything[:2]


class TestCanonicalQueries:
    @pytest.mark.parametrize(
        ("asked", "location"),
        [
            ("/rss/cs.LG?types=", "/rss/cs.LG"),
            ("/rss/cs.LG?lang=&limit=&math=&sort=", "/rss/cs.LG"),
            ("/rss/cs.LG?types=cross,new", "/rss/cs.LG?types=new,cross"),
            ("/rss/cs.LG?types=new,new", "/rss/cs.LG?types=new"),
            ("/rss/cs.LG?limit=05", "/rss/cs.LG?limit=5"),
            ("/rss/cs.LG?types=new&days=3", "/rss/cs.LG?days=3&types=new"),
            ("/rss/cs.LG?include=b,a,b", "/rss/cs.LG?include=a,b"),
            ('/rss/cs.LG?include="a b"', "/rss/cs.LG?include=a+b"),
            ("/rss/cs.LG?compat=none", "/rss/cs.LG"),
            ("/rss/cs.LG?min_score=-2.0", "/rss/cs.LG?min_score=-2"),
            ("/rss/cs.LG?min_score=-0", "/rss/cs.LG?min_score=0"),
            ("/rss/cs.LG?min_score=-01.2345678", "/rss/cs.LG?min_score=-1.2345678"),
            ("/feeds/machines.rss?limit=05", "/feeds/machines.rss?limit=5"),
            ("/rss/stat.ML+cs.LG?limit=05", "/rss/stat.ML+cs.LG?limit=5"),
            ("/api/papers?spec=cs.LG&limit=5", "/api/papers?limit=5&spec=cs.LG"),
            ("/api/papers?spec=cs.LG+stat.ML", "/api/papers?spec=cs.LG%2Bstat.ML"),
            ("/digest/feed.json?spec=cs.LG+stat.ML", "/digest/feed.json?spec=cs.LG%2Bstat.ML"),
            ("/digest/feed.json?spec=stat.ML,cs.LG", "/digest/feed.json?spec=cs.LG%2Bstat.ML"),
            ("/api/papers?spec=cs.LG,+stat.ML", "/api/papers?spec=cs.LG%2Bstat.ML"),
            ("/opml.xml?spec=cs.LG+stat.ML", "/opml.xml?spec=cs.LG%2Bstat.ML"),
            ("/opml.xml?spec=cs.LG+stat.ML,+hep-th", "/opml.xml?spec=cs.LG%2Bstat.ML,hep-th"),
        ],
    )
    async def test_others_redirect_for_good(self, client, asked, location):
        response = await client.get(asked)
        assert response.status_code == 301
        assert httpx.URL(response.headers["location"]) == httpx.URL(location)
        assert response.headers["access-control-allow-origin"] == "*"
        assert (await client.get(response.headers["location"])).status_code == 200

    @pytest.mark.parametrize(
        ("asked", "location"),
        [
            ("/rss/cs.LG?_=1769696969", "/rss/cs.LG"),
            ("/atom/cs.LG?_=17&limit=2", "/atom/cs.LG?limit=2"),
            ("/rss/cs.LG?_=17&_=18", "/rss/cs.LG"),
            ("/rss/cs.LG?1769696969", "/rss/cs.LG"),
            ("/json/cs.LG?t=1769696969123", "/json/cs.LG"),
            ("/rss/cs.LG?version=2.0", "/rss/cs.LG"),
            ("/rss/cs.LG?mirror=de&version=0.91", "/rss/cs.LG"),
            ("/feeds/machines.rss?utm_source=reader&utm_medium=feed&limit=2", "/feeds/machines.rss?limit=2"),
            ("/list/cs.LG?fbclid=Iw&page=1", "/list/cs.LG"),
            ("/opml.xml?gclid=x&spec=cs.LG", "/opml.xml?spec=cs.LG"),
            ("/build?spec=cs.LG&_=1&utm_campaign=x", "/build?spec=cs.LG"),
            ("/digest/feed.rss?UTM_Source=x", "/digest/feed.rss"),
            ("/api/papers?_=5&spec=cs.LG", "/api/papers?spec=cs.LG"),
            ("/search/rss?query=ti:graph&_=1", "/search/rss?query=ti:graph"),
        ],
    )
    async def test_what_readers_and_caches_add_is_dropped(self, client, asked, location):
        response = await client.get(asked)
        assert (response.status_code, response.headers["location"]) == (301, location)

    @pytest.mark.parametrize("query", ["include=a%20b", "include=a+b", "include=%61+b", "types=new%2Ccross"])
    async def test_a_mere_difference_in_escapes_does_not(self, client, query):
        assert (await client.get(f"/rss/cs.LG?{query}")).status_code == 200

    @pytest.mark.parametrize("query", ["include=x%0d%0aSet-Cookie:a&limit=05", "exclude=//evil.test&limit=05"])
    async def test_a_redirect_stays_on_this_server_and_in_its_header(self, client, query):
        response = await client.get(f"/rss/cs.LG?{query}")
        assert response.status_code == 301
        assert response.headers["location"].startswith("/rss/cs.LG?")
        assert "set-cookie" not in response.headers


class TestTitles:
    @pytest.mark.parametrize(
        ("path", "title"),
        [
            ("/json/cs.LG", "arXiv cs.LG"),
            ("/json/cs.LG?exclude=survey", "arXiv cs.LG: not survey"),
            ("/json/cs.LG?q=ti:model", "arXiv cs.LG: ti:model"),
            ("/json/cs.LG?exclude=survey&title=My+papers", "My papers"),
            ("/json/cs.LG?exclude=survey&group=day", "arXiv cs.LG: not survey: daily digest"),
            ("/feeds/machines.json", "Machines"),
            ("/feeds/machines.json?q=-survey", "Machines: not survey"),
            ("/feeds/machines.json?group=day&q=-survey", "Machines: not survey: daily digest"),
            ("/feeds/machines.json?title=Robots", "Robots"),
            ("/digest/feed.json?q=-survey", "arXiv digest: not survey: daily digest"),
            ("/digest/feed.json?feed=machines&q=-survey", "Machines: not survey: daily digest"),
            ("/digest/feed.json?title=Mine", "Mine"),
            ("/search/json?query=ti:model", "arXiv search: ti:model"),
            ("/search/json?query=ti:model&title=Models", "Models"),
        ],
    )
    async def test_tell_feeds_of_different_filters_apart(self, client, path, title):
        response = await client.get(path, follow_redirects=True)
        assert response.status_code == 200
        assert response.json()["title"] == title

    async def test_are_the_same_in_every_format_and_on_the_page(self, client):
        query = "?exclude=survey&title=A+%3Cb%3E+title"
        for name in ("rss", "atom"):
            parsed = feedparser.parse((await client.get(f"/{name}/cs.LG{query}")).content)
            assert parsed.feed.title == "A <b> title"
        assert ">A &lt;b&gt; title</h1>" in (await client.get(f"/list/cs.LG{query}")).text

    async def test_head_the_pages_of_digests_as_well(self, client):
        assert "Mine: one page for each announcement" in (await client.get("/digest?title=Mine")).text

    async def test_never_change_what_a_day_is_called_for_readers(self, client):
        plain, titled = [
            (await client.get(f"/digest/feed.json?feed=machines{more}")).json() for more in ("", "&title=Mine")
        ]
        assert [item["id"] for item in plain["items"]] == [item["id"] for item in titled["items"]]

    async def test_have_one_spelling_and_a_length(self, client):
        response = await client.get("/rss/cs.LG?title=+My%20%20papers&limit=2")
        assert (response.status_code, response.headers["location"]) == (301, "/rss/cs.LG?limit=2&title=My+papers")
        assert (await client.get("/rss/cs.LG?title=%20")).headers["location"] == "/rss/cs.LG"
        assert (await client.get(f"/rss/cs.LG?title={'x' * 201}")).status_code == 400


class TestValidators:
    async def test_a_tag_that_is_known_gives_304_without_a_body(self, client):
        first = await client.get("/rss/cs.LG")
        tag = first.headers["etag"]
        assert tag.startswith('"')
        assert tag.endswith('"')
        for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = await client.get("/rss/cs.LG", headers={"if-none-match": given})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert again.headers["last-modified"] == first.headers["last-modified"]

    @pytest.mark.parametrize("path", ["/opml.xml", "/static/style.css"])
    async def test_what_else_has_a_tag_compares_it_too(self, client, path):
        first = await client.get(path)
        for given in (first.headers["etag"], f"W/{first.headers['etag']}"):
            again = await client.get(path, headers={"if-none-match": given})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == first.headers["cache-control"]
        assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200

    async def test_another_tag_gives_the_feed_whatever_the_date_says(self, client):
        headers = {"if-none-match": '"other"', "if-modified-since": "Sun, 01 Jan 2040 00:00:00 GMT"}
        assert (await client.get("/rss/cs.LG", headers=headers)).status_code == 200

    async def test_the_date_that_was_sent_with_it_gives_304(self, client):
        modified = (await client.get("/rss/cs.LG")).headers["last-modified"]
        assert (await client.get("/rss/cs.LG", headers={"if-modified-since": modified})).status_code == 304

    @pytest.mark.parametrize(
        "since",
        [
            "Sun, 01 Nov 2026 00:00:00 GMT",
            "Sun, 01 Jan 2040 00:00:00 GMT",
            "yesterday",
            "",
            "Wed, 18 Nov 99999999999 17:00:30 GMT",
        ],
    )
    async def test_another_or_unreadable_date_gives_the_feed(self, client, since):
        assert (await client.get("/rss/cs.LG", headers={"if-modified-since": since})).status_code == 200

    async def test_each_format_and_filter_has_a_tag_of_its_own(self, client):
        paths = ["/rss/cs.LG", "/atom/cs.LG", "/json/cs.LG", "/rss/cs.LG?limit=3", "/rss/cs.CL"]
        tags = {(await client.get(path)).headers["etag"] for path in paths}
        assert len(tags) == len(paths)

    async def test_a_new_announcement_changes_the_tag(self, site):
        async with site.client() as client:
            before = await client.get("/rss/cs.LG")
        site.clock.advance(days=1)
        await site.service().operations.fetch(["cs.LG"])
        async with site.client() as client:
            after = await client.get("/rss/cs.LG", headers={"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        assert ids_of(after)[0] not in ids_of(before)


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/rss/cs.LG", "/feeds/machines.json", "/api/papers?spec=cs.LG", "/api/feeds", "/"]
    )
    async def test_head_is_get_without_the_body(self, client, path):
        get, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in set(get.headers) - {"x-request-id", "server-timing"}:
            assert head.headers[name] == get.headers[name]

    async def test_caches_are_told_by_the_clock_of_arxiv(self, site):
        async with site.client() as client:
            told = (await client.get("/rss/cs.LG?days=5")).headers["cache-control"]
        # The next feed is out at 05:00 UTC, twelve hours from noon in New York, and up to ten minutes later.
        assert told.startswith("public, max-age=300, s-maxage=432")
        assert told.endswith(", stale-if-error=604800")
        assert "stale-while-revalidate" not in told

    async def test_a_feed_of_nothing_but_unconfirmed_days_is_unavailable_and_kept_by_nobody(self, cold_site):
        def reply(request):
            path = request.url.raw_path.decode()
            if not path.startswith("/list/"):
                return httpx.Response(404)
            return httpx.Response(200, content=render_listing("cs.LG", date(2026, 11, 18), ()))

        cold_site.arxiv.now_reply(reply)
        async with cold_site.client() as client:
            found = await client.get("/rss/cs.LG")
        assert (found.status_code, found.headers["retry-after"]) == (503, "60")
        assert found.headers["cache-control"] == "no-store"

    async def test_nothing_is_kept_for_long_while_something_is_missing(self, cold_site):
        async with cold_site.client() as client:
            told = (await client.get("/rss/cs.LG")).headers["cache-control"]
        assert told.startswith("public, max-age=60, s-maxage=60,")

    async def test_are_open_to_scripts_and_set_no_cookie(self, client):
        headers = (await client.get("/rss/cs.LG")).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers

    async def test_gzip_for_those_who_take_it_under_a_tag_of_its_own(self, site):
        async with site.client() as client:
            plain = await client.get("/rss/cs.LG")
            packed = await client.get("/rss/cs.LG", headers={"accept-encoding": "gzip, deflate, br"})
            known = await client.get(
                "/rss/cs.LG", headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
            )
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content  # the client unpacks
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        assert packed.headers["etag"] != plain.headers["etag"]
        assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
        assert known.status_code == 304
        assert "content-encoding" not in known.headers

    @pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, identity"])
    async def test_plain_for_those_who_don_t(self, client, accepted):
        response = await client.get("/rss/cs.LG", headers={"accept-encoding": accepted})
        assert "content-encoding" not in response.headers

    async def test_plain_on_vercel_which_compresses_by_itself(self, site):
        site.environ = {"VERCEL": "1"}
        async with site.client() as client:
            response = await client.get("/rss/cs.LG", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in response.headers

    async def test_compression_is_the_same_bytes_each_time(self, site):
        bodies = set()
        for _ in range(2):
            async with (
                site.copy().client() as client,
                client.stream("GET", "/rss/cs.LG", headers={"accept-encoding": "gzip"}) as response,
            ):
                bodies.add(b"".join([chunk async for chunk in response.aiter_raw()]))
        assert len(bodies) == 1
        assert gzip.decompress(bodies.pop()).startswith(b"<?xml")


class TestSubscriptionList:
    async def test_holds_each_feed_once_whatever_it_is_called(self, client):
        opml = (await client.get("/opml.xml?spec=math.IT,cs.IT,cs.LG,cs.lg")).text
        assert re.findall(r'xmlUrl="([^"]*)"', opml) == ["http://papers.test/rss/cs.IT", "http://papers.test/rss/cs.LG"]

    async def test_joins_categories_with_a_plus_and_separates_feeds_with_commas(self, client):
        opml = (await client.get("/opml.xml?spec=stat.ML%2Bcs.LG,hep-th")).text
        addresses = ["http://papers.test/rss/cs.LG+stat.ML", "http://papers.test/rss/hep-th"]
        assert re.findall(r'xmlUrl="([^"]*)"', opml) == addresses

    async def test_has_a_folder_each_for_feeds_topics_and_digests(self, filled_site):
        site = filled_site.copy()
        topics = {"robots": TopicConfig(label="Robots", q="abs:robot")}
        site.config = site.config.model_copy(update={"topics": topics})
        async with site.client() as client:
            root = etree.fromstring((await client.get("/opml.xml")).content)
            folders = {one.get("text"): one.findall("outline") for one in root.find("body")}
            assert {
                title: [one.get("xmlUrl").removeprefix("http://papers.test") for one in listed]
                for title, listed in folders.items()
            } == {
                "Feeds": [f"/feeds/{name}.rss" for name in site.config.feeds],
                "Topics": ["/feeds/robots.rss"],
                "Digests": [
                    "/digest/feed.rss",
                    *(f"/digest/feed.rss?feed={name}" for name in (*site.config.feeds, "robots")),
                ],
            }
            for one in (one for listed in folders.values() for one in listed):
                feed = feedparser.parse((await client.get(one.get("xmlUrl"))).content).feed
                assert feed.title == one.get("title") == one.get("text")
                assert (await client.get(one.get("htmlUrl"))).status_code == 200
                assert one.get("type") == "rss"

    async def test_an_empty_folder_is_left_out(self, client):
        root = etree.fromstring((await client.get("/opml.xml")).content)
        assert [one.get("text") for one in root.find("body")] == ["Feeds", "Digests"]

    async def test_is_dated_with_the_start_and_compares_dates(self, filled_site):
        site = filled_site.copy()
        started = format_datetime(site.clock.now, usegmt=True)
        async with site.client() as client:
            first = await client.get("/opml.xml")
            site.clock.advance(days=1)
            dates = [
                (await client.get(path)).headers["last-modified"] for path in ("/opml.xml", "/opml.xml?spec=cs.LG")
            ]
            assert {first.headers["last-modified"], *dates} == {started}
            again = await client.get("/opml.xml", headers={"if-modified-since": started})
            assert (again.status_code, again.content) == (304, b"")


class TestMistakes:
    @pytest.mark.parametrize(
        ("path", "status", "parameter", "said"),
        [
            ("/rss/cs.XX", 400, "spec", "unknown category cs.XX"),
            ("/rss/machine%20learning", 400, "spec", "by that name: cs.LG, stat.ML"),
            ("/api/papers?spec=machine%2Blearning", 400, "spec", "by that name: cs.LG, stat.ML"),
            ("/rss/cs.LG%252Bstat.ML", 400, "spec", "encoded twice"),
            ("/rss/" + "+".join(["cs.LG"] * 21), 400, "spec", "at most 20 are allowed"),
            ("/rss/cs.LG?typs=new", 400, "typs", "unknown parameter typs; did you mean types? allowed are types, days, "),
            ("/rss/cs.LG?limmit=5&_=1", 400, "limmit", "unknown parameter limmit; did you mean limit?"),
            ("/rss/cs.LG?versions=2", 400, "versions", "unknown parameter versions; "),
            ("/rss/cs.LG?t=5", 400, "t", "unknown parameter t; "),
            ("/rss/cs.LG?limit=2&limit=3&_=1", 400, "limit", "limit is given twice"),
            ("/rss/cs.LG?q=ti:%2522graph%2522", 400, "q", 'q is encoded twice: write " where it says %22'),
            ("/rss/cs.LG?include=flow%2520matching", 400, "include", "include is encoded twice: write   where"),
            ("/rss/cs.LG?author=Sch%25C3%25B6lkopf", 400, "author", "author is encoded twice"),
            ("/search/rss?query=au:%2522del+maestro%2522", 400, "query", "query is encoded twice"),
            ("/opml.xml?spec=cs.LG%252Bstat.ML", 400, "spec", "spec is encoded twice"),
            ("/rss/cs.LG?page_size=3", 400, "page_size", "unknown parameter page_size; "),
            ("/rss/cs.LG?types=nwe", 400, "types", "types: input should be 'new', 'cross', 'replace' or 'replace-cross', not 'nwe'"),
            ("/rss/cs.LG?days=0", 400, "days", "days: input should be greater than or equal to 1, not '0'"),
            ("/rss/cs.LG?days=61", 400, "days", "less than or equal to 60"),
            ("/rss/cs.LG?limit=many", 400, "limit", "limit: input should be a valid integer"),
            ("/rss/cs.LG?min_score=1", 400, "min_score", "nothing gives points in this feed, so min_score would leave no paper"),
            ("/rss/cs.LG?compat=rss", 400, "compat", "compat: input should be 'none' or 'arxiv', not 'rss'"),
            ("/rss/cs.LG?include=*", 400, "include", "has nothing to look for"),
            ('/rss/cs.LG?include="a', 400, "include", "no partner"),
            ("/rss/cs.LG?limit=3&limit=4", 400, "limit", "limit"),
            ("/rss/cs.LG?include=" + "x" * 2001, 400, "include", "at most 2000 characters"),
            ("/feeds/machines.rss?typs=new", 400, "typs", "did you mean types?"),
            ("/search/rss", 400, "query", "query: field required"),
            ("/search/rss?query=" + "x" * 1001, 400, "query", "query: string should have at most 1000 characters"),
            ("/search/rss?limit=5&query=x", 400, "limit", "unknown parameter limit; allowed are query, summary, "),
            ("/opml.xml?specs=cs.LG", 400, "specs", "unknown parameter specs; did you mean spec? allowed are spec"),
        ],
    )  # fmt: skip
    async def test_are_problem_details_that_name_the_parameter_and_help(self, client, path, status, parameter, said):
        response = await client.get(path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["cache-control"] == "public, max-age=60"
        problem = response.json()
        assert (problem["status"], problem["title"]) == (400, "Bad Request")
        assert said in problem["detail"]
        assert parameter in {problem.get("parameter"), *(one["parameter"] for one in problem.get("errors", []))}

    async def test_in_a_query_are_told_once_with_their_place(self, client):
        problem = (await client.get("/rss/cs.LG?q=titel:graph")).json()
        assert problem["detail"] == "q: unknown field titel: (character 1)"
        assert problem["position"] == 0
        assert "fields are ti:" in problem["hint"]

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("/feeds/machine.rss", "no feed is named 'machine'; configured are: machines, languages"),
            ("/feeds/machines.xml", "no feed is named"),
            ("/nothing", "There is nothing at this address"),
            ("/nothing/here", "There is nothing at this address"),
            ("/rss/", "There is nothing at this address"),
            ("/rsss", "There is nothing at this address"),
        ],
    )
    async def test_what_is_not_there_is_404(self, client, path, said):
        response = await client.get(path)
        assert response.status_code == 404
        assert said in response.json()["detail"]

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    async def test_feeds_can_only_be_read(self, client, method):
        response = await client.request(method, "/rss/cs.LG")
        assert response.status_code == 405
        assert {part.strip() for part in response.headers["allow"].split(",")} == {"GET", "HEAD"}
        assert response.json()["detail"] == "Only GET and HEAD are allowed here."

    async def test_a_script_of_another_site_may_ask_with_validators(self, client):
        asked = {"origin": "https://reader.test", "access-control-request-method": "GET"}
        asked["access-control-request-headers"] = "if-none-match"
        response = await client.options("/json/cs.LG", headers=asked)
        assert (response.status_code, response.text) == (204, "")
        assert response.headers["access-control-allow-origin"] == "*"
        assert "If-None-Match" in response.headers["access-control-allow-headers"]
        answer = await client.get("/json/cs.LG", headers={"origin": "https://reader.test"})
        assert "ETag" in answer.headers["access-control-expose-headers"]

    async def test_a_browser_gets_a_page(self, client):
        accept = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
        response = await client.get("/rss/cs.XX<script>", headers=accept)
        assert response.status_code == 400
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.headers["vary"] == "Accept"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "nknown category" in response.text
        assert "cs.XX&lt;script" in response.text

    async def test_a_head_request_has_the_status_only(self, client):
        response = await client.head("/rss/cs.XX")
        assert (response.status_code, response.content) == (400, b"")


class TestArxivFails:
    async def test_without_anything_held_a_feed_is_503_and_says_when_to_come_back(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(429, headers={"retry-after": "600"}))
        async with cold_site.client() as client:
            response = await client.get("/rss/cs.LG")
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["cache-control"] == "no-store"
        assert 500 <= int(response.headers["retry-after"]) <= 600
        assert response.json()["detail"].startswith("Nothing is stored of cs.LG yet, and arXiv gave no listing: ")

    @pytest.mark.parametrize(
        "reply",
        [
            httpx.Response(429),
            httpx.Response(404),
            httpx.Response(200, content=b"<!DOCTYPE html><html><body>Backend unavailable</body></html>"),
            httpx.Response(200, content=b"<?xml version='1.0'?><rss version='2.0'><channel><title>cut"),
            httpx.Response(200, content=b""),
        ],
        ids=["throttled", "gone", "page", "cut", "empty"],
    )
    async def test_a_held_feed_goes_on_being_served_until_arxiv_is_back(self, site, reply):
        async with site.client() as client:
            before = await client.get("/rss/cs.LG")
        site.clock.advance(days=1)
        site.arxiv.now_reply(reply)
        async with site.client() as client:
            during = await client.get("/rss/cs.LG")
            assert during.status_code == 200
            assert ids_of(during) == ids_of(before)
            assert during.headers["cache-control"].startswith("public, max-age=60, s-maxage=60,")
        site.recover()
        site.clock.advance(days=1)
        await site.service().operations.fetch(["cs.LG"])
        async with site.client() as client:
            assert ids_of(await client.get("/rss/cs.LG"))[0] not in ids_of(before)

    async def test_an_unknown_failure_is_500_with_the_id_of_the_request_and_no_detail(self, site, caplog):
        site.store.get_many = None  # as no store should be
        async with site.client() as client:
            response = await client.get("/rss/cs.LG")
        assert response.status_code == 500
        problem = response.json()
        assert problem["request"] == response.headers["x-request-id"]
        assert problem["request"] in caplog.text
        assert "NoneType" not in response.text
        assert response.headers["cache-control"] == "no-store"


class TestManyAtOnce:
    async def test_a_thousand_requests_for_a_cold_feed_make_one_upstream_request(self, cold_site):
        async with cold_site.client() as client:
            responses = await asyncio.gather(*(client.get("/rss/cs.LG") for _ in range(1000)))
        assert {response.status_code for response in responses} == {200}
        assert cold_site.arxiv.paths.count("/rss/cs.LG") == 1
        assert cold_site.arxiv.most_at_once == 1

    async def test_two_servers_with_one_store_ask_once(self, cold_site):
        other = Site(store=cold_site.store)
        async with cold_site.client() as one, other.client() as two:
            responses = await asyncio.gather(*(client.get("/rss/cs.LG") for client in (one, two) for _ in range(3)))
        assert {response.status_code for response in responses} == {200}
        paths = cold_site.arxiv.paths + other.arxiv.paths
        assert paths.count("/rss/cs.LG") == 1

    async def test_a_union_answers_for_its_parts_without_another_request(self, cold_site):
        async with cold_site.client() as client:
            await client.get("/rss/cs.CL+cs.LG+stat.ML")
            for spec in ("cs.CL", "cs.LG", "stat.ML"):
                assert (await client.get(f"/rss/{spec}")).status_code == 200
        assert [path for path in cold_site.arxiv.paths if path.startswith("/rss")] == ["/rss/cs.CL+cs.LG+stat.ML"]

    async def test_a_feed_is_not_asked_for_again_before_the_next_announcement(self, site):
        for hours in (0, 4, 7):
            site.clock.now = NOON + timedelta(hours=hours)
            async with site.client() as client:
                await client.get("/rss/cs.LG")
        assert [path for path in site.arxiv.paths if path.startswith("/rss")] == []
