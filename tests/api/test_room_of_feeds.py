"""Long feeds: every format and the page show the same papers, and name where the rest is."""

import re

import pytest

from digest.feeds import room
from tests.sites import Site

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
