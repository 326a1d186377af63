"""Long feeds: every format and the page show the same papers, and name where the rest is."""

import base64
import json
import re

import feedparser
import pytest

from digest.feeds import room
from tests.sites import Site, ask_until_settled

pytestmark = pytest.mark.anyio


@pytest.fixture
def small(monkeypatch):
    """Readers that take few papers."""
    monkeypatch.setattr(room, "USUAL_ITEMS", 1)


async def test_formats_and_the_page_agree_and_the_rest_is_where_they_say(site: Site, small):
    async with site.client() as client:
        feed = (await client.get("/json/cs.LG")).json()
        receipt = feed["_arxiv"]["receipt"]
        shown = [item["id"] for item in feed["items"]]
        whole = (await client.get(receipt["rest"])).json()
        rss = (await client.get("/rss/cs.LG")).text
        atom = (await client.get("/atom/cs.LG")).text
        page = (await client.get("/list/cs.LG")).text
        bib = (await client.get("/list/cs.LG.bib")).text
        papers = (await client.get("/api/papers?page_size=500&spec=cs.LG")).json()
    assert shown
    assert receipt["rest"] == "http://papers.test/json/cs.LG?days=7"
    assert [item["id"] for item in whole["items"]][: len(shown)] == shown
    assert len(whole["items"]) == len(shown) + receipt["left_out"]["size"]
    assert "rest" not in whole["_arxiv"]["receipt"]
    assert (rss.count("<item>"), atom.count("<entry")) == (len(shown), len(shown))
    assert len(re.findall(r'<article class="entry"', page)) == len(shown)
    assert bib.count("@misc") == len(shown)
    assert 'href="/list/cs.LG?days=7"' in page
    assert f"{receipt['left_out']['size']} older papers" in page
    assert papers["total"] == len(whole["items"])


async def test_the_key_of_a_closed_server_is_part_of_that_address(site: Site, small):
    site.environ["ACCESS_TOKEN"] = "correct horse battery"
    async with site.client() as client:
        receipt = (await client.get("/json/cs.LG?key=correct+horse+battery")).json()["_arxiv"]["receipt"]
        again = await client.get(receipt["rest"])
    assert again.status_code == 200
    assert "key=" in receipt["rest"]


@pytest.mark.parametrize("path", ["/json/cs.LG?days=7", "/json/cs.LG?limit=100", "/feeds/languages.json"])
async def test_what_is_asked_for_is_given(site: Site, small, path):
    async with site.client() as client:
        receipt = (await client.get(path)).json()["_arxiv"]["receipt"]
    assert receipt["left_out"]["size"] == 0


def members_of(name, body):
    """Return the ids of a feed's items, and where it goes on, as other programs read them."""
    if name == "json":
        feed = json.loads(body)
        return [item["id"] for item in feed["items"]], feed.get("next_url"), feed
    feed = feedparser.parse(body)
    assert not feed.bozo
    older = [link["href"] for link in feed.feed.links if link["rel"] == "prev-archive"]
    assert len(older) <= 1
    return [entry.id for entry in feed.entries], older[0] if older else None, feed.feed


async def nothing():
    """What happens between two requests of most readers."""


async def follow(client, name, path, meanwhile=nothing):
    """Read a feed and all that it leads to; return the items of each document."""
    parts, url = [], path
    while url and len(parts) < 200:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        items, url, _ = members_of(name, answer.text)
        parts.append(items)
        await meanwhile()
    return parts


def with_longest(site, megabytes):
    site.config = site.config.model_copy(
        update={"server": site.config.server.model_copy(update={"max_answer_mb": megabytes})}
    )


CHAINS = [
    ("json", "/json/cs.LG", 0),
    ("atom", "/atom/cs.LG+stat.ML?types=new,cross", 0),
    ("rss", "/feeds/machines.rss", 0),
    ("json", "/json/cs.LG?days=7", 0.03),  # cut in the middle of days
    ("atom", "/atom/cs.LG?days=7&sort=date", 0.03),
    ("rss", "/rss/cs.LG+stat.ML?days=7&title=A+%26+B", 0.04),
    ("json", "/json/cs.LG?days=7&top=4", 0.025),
    ("json", "/json/cs.LG?keywords=learning:2,model:1", 0.03),
    ("json", "/feeds/machines.json?days=2", 0.03),
    ("json", "/json/cs.LG?days=7&like=2611.91803", 0.03),
]


@pytest.mark.parametrize(("name", "path", "longest"), CHAINS)
async def test_a_reader_that_follows_the_links_gets_every_paper_of_the_window_once(
    site: Site, monkeypatch, name, path, longest
):
    async with site.copy().client() as client:
        whole, older, _ = members_of(name, (await ask_until_settled(client, path)).text)
    assert older is None
    monkeypatch.setattr(room, "USUAL_ITEMS", 1)
    if longest:
        with_longest(site, longest)
    async with site.client() as client:
        first = await client.get(path)
        asked = len(site.arxiv.requests)
        parts = await follow(client, name, path)
    assert len(parts) >= 3
    assert all(parts)
    assert members_of(name, first.text)[0] == parts[0]
    assert [ident for part in parts for ident in part] == whole
    assert len(site.arxiv.requests) == asked


async def test_what_is_announced_meanwhile_changes_nothing_behind(site: Site, small):
    """A reader follows the links over weeks; each newer day begins a chain of its own."""
    async with site.client() as client:
        whole = (await client.get("/json/cs.LG?days=7")).json()

        async def next_day():
            site.clock.advance(days=4)
            await ask_until_settled(client, "/json/cs.LG")

        parts = await follow(client, "json", "/json/cs.LG", next_day)
        newer = await client.get("/json/cs.LG")
    assert [ident for part in parts for ident in part] == [item["id"] for item in whole["items"]]
    assert newer.json()["items"][0]["id"] not in parts[0]


async def test_older_papers_name_the_feed_and_themselves(site: Site, small):
    async with site.client() as client:
        _, older, _ = members_of("json", (await client.get("/json/cs.LG")).text)
        answer = await client.get(older)
        whole = (await client.get("/json/cs.LG?days=7")).json()["_arxiv"]["receipt"]
        atom = (await client.get(older.replace("/json/", "/atom/"))).text
        rss = (await client.get(older.replace("/json/", "/rss/"))).text
        newest = (await client.get("/atom/cs.LG")).text
    feed = answer.json()
    assert feed["feed_url"] == older != feed["next_url"]
    receipt = feed["_arxiv"]["receipt"]
    assert receipt["days"] == whole["days"]
    assert receipt["shown"] == len(feed["items"])
    assert receipt["papers"] == receipt["shown"] + sum(receipt["left_out"].values()) == whole["papers"]
    assert "rest" not in receipt
    assert int(re.search(r"s-maxage=(\d+)", answer.headers["cache-control"])[1]) <= 3600
    for name, text in (("atom", atom), ("rss", rss)):
        assert "<fh:archive/>" in text
        head = feedparser.parse(text).feed
        links = {link["rel"]: link["href"] for link in head.links}
        assert links["current"] == f"http://papers.test/{name}/cs.LG"
        assert links["self"] == older.replace("/json/", f"/{name}/")
        assert "cursor=" in links["prev-archive"]
        assert head.link == "http://papers.test/list/cs.LG"
    assert "fh:" not in newest


async def test_what_fits_leads_nowhere(site: Site):
    async with site.client() as client:
        texts = [(await client.get(f"/{name}/cs.LG")).text for name in ("rss", "atom", "json")]
    assert not any(word in text for text in texts for word in ("prev-archive", "next_url", "fh:", "cursor="))


async def test_older_papers_of_a_closed_server_need_its_key(site: Site, small):
    site.environ["ACCESS_TOKEN"] = "correct horse battery"
    async with site.client() as client:
        parts = await follow(client, "atom", "/atom/cs.LG?key=correct+horse+battery")
        _, older, _ = members_of("json", (await client.get("/json/cs.LG?key=correct+horse+battery")).text)
        refused = await client.get(older.replace("key=", "q="))
    assert len(parts) >= 3
    assert refused.status_code == 401


def packed(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", packed("{}"), packed("[]"), packed('"q"'), packed("{" * 300), packed('{"q": 1, "n": 2}'), "A" * 501],
)
async def test_a_cursor_of_nobodys_is_refused(site: Site, cursor):
    async with site.client() as client:
        answer = await client.get(f"/json/cs.LG?cursor={cursor}")
    assert answer.status_code == 400
    assert "cursor" in answer.json()["detail"]


async def test_cursors_belong_to_their_feed_and_end_with_what_is_stored(site: Site, small, cold_site):
    async with site.client() as client:
        _, older, _ = members_of("json", (await client.get("/json/cs.LG")).text)
        cursor = older.partition("cursor=")[2]
        pages = (await client.get("/api/papers?page_size=5&spec=cs.LG")).json()
        others = [
            await client.get(f"/json/stat.ML?cursor={cursor}"),
            await client.get(f"/json/cs.LG?cursor={cursor}&days=3"),
            await client.get(f"/json/cs.LG?cursor={pages['cursor']}"),  # names no day
            await client.get(f"/json/cs.LG?cursor={cursor}&group=day"),
            await client.get(f"/list/cs.LG?cursor={cursor}"),  # pages have numbers
        ]
    assert [answer.status_code for answer in others] == [400] * 5
    async with cold_site.client() as client:
        lost = await client.get(f"/json/cs.LG?cursor={cursor}")
    assert lost.status_code == 404
    assert not cold_site.arxiv.requests
