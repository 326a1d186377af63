"""Addresses that people try, and pages in another language."""

import os
import re

import html5lib
import httpx
import pytest

from api.factory import create_app
from tests.sites import Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/list/cs.LG/new", "/list/cs.LG"),
        ("/list/cs.LG/recent?include=model", "/list/cs.LG?include=model"),
        ("/list/cs.LG+stat.ML/pastweek", "/list/cs.LG+stat.ML"),
        ("/abs/2611.90001", "/papers/2611.90001"),
        ("/abs/2611.90001v2", "/papers/2611.90001"),
        ("/pdf/hep-th/9901001.pdf", "/papers/hep-th/9901001"),
        ("/cs.LG", "/list/cs.LG"),
        ("/MATH.it", "/list/cs.IT"),
        ("/hep-th", "/list/hep-th"),
        ("/math", "/list/math"),
        ("/rss", "/build"),
        ("/feeds", "/"),
        ("/list", "/search"),
        ("/rss?utm_source=x", "/build"),
    ],
)
async def test_an_address_that_people_try_leads_to_what_they_mean(client, asked, location):
    response = await client.get(asked)
    assert (response.status_code, response.headers["location"]) == (301, location)


@pytest.mark.parametrize("path", ["/cs.XX", "/some-thing", "/abs/nothing", "/robots.text", "/nothing"])
async def test_what_means_nothing_is_404(client, path):
    assert (await client.get(path)).status_code == 404


async def test_a_redirect_leads_below_the_path_of_the_public_address(site):
    server = site.config.server.model_copy(update={"public_url": "https://example.org/papers"})
    site.config = site.config.model_copy(update={"server": server})
    async with site.client() as client:
        assert (await client.get("/papers/cs.LG")).headers["location"] == "/papers/list/cs.LG"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cs.LG, math.AG", ["/list/cs.LG+math.AG", "/list/cs.LG", "/list/math.AG"]),
        ("machine learning", ["/list/cs.LG", "/list/stat.ML"]),
        ("https://arxiv.org/abs/2611.90001v1", ["/papers/2611.90001"]),
        ("hep-th/9901001", ["/papers/hep-th/9901001"]),
    ],
)
async def test_the_box_finds_what_a_text_can_mean(client, text, found):
    page = html5lib.parse((await client.get("/search", params={"q": text})).content, namespaceHTMLElements=False)
    links = [link.get("href") for link in page.iterfind(".//main//a")]
    assert [link for link in links if link in found] == found


async def test_the_box_finds_words_in_stored_papers(client):
    page = (await client.get("/search?q=learning")).text
    items = (await client.get("/json/cs.CL+cs.LG+stat.ML?q=learning")).json()["items"]
    assert f"{len(items)} matches among" in page
    assert 'href="/list/cs.CL+cs.LG+stat.ML?q=learning"' in page


async def test_the_box_says_why_words_can_t_be_looked_for(client):
    response = await client.get("/search?q=ti:(a")
    assert response.status_code == 200
    assert "never closed" in response.text


class TestLanguages:
    @pytest.mark.parametrize(
        "path",
        ["/", "/build", "/build?spec=cs.LG", "/list/cs.LG", "/feeds/machines", "/digest", "/digest/2026-11-18", "/status",
         "/docs", "/help", "/saved", "/search?q=learning", "/papers/{id}"],
    )  # fmt: skip
    async def test_a_page_is_in_the_language_that_its_address_names(self, client, path):
        if "{id}" in path:
            path = path.format(id=(await client.get("/json/cs.LG")).json()["items"][0]["_arxiv"]["id"])
        asked = f"{path}{'&' if '?' in path else '?'}ui=zh"
        response = await client.get(asked, headers={"accept-language": "en"})
        assert response.status_code == 200, response.headers.get("location")
        page = html5lib.parse(response.content, namespaceHTMLElements=False)
        assert page.get("lang") == "zh"
        assert "本站与 arXiv 无隶属关系" in response.text
        # Links lead on in that language; feeds and files have none.
        links = [link.get("href") for link in page.iterfind(".//nav//a")]
        assert [link for link in links if "ui=zh" not in link and not link.startswith("#")] == []
        own = next(link for link in page.iterfind(".//footer//a") if link.get("hreflang") == "en")
        assert own.get("href") == path
        assert "accept-language" not in response.headers.get("vary", "").lower()

    async def test_the_server_s_language_needs_no_parameter(self, site):
        server = site.config.server.model_copy(update={"language": "zh-CN"})
        site.config = site.config.model_copy(update={"server": server})
        async with site.client() as client:
            page = (await client.get("/list/cs.LG")).text
            other = (await client.get("/list/cs.LG?ui=en")).text
        assert '<html lang="zh">' in page
        assert "ui=zh" not in page
        assert '<html lang="en">' in other
        assert 'href="/build?ui=en"' in other

    async def test_names_of_categories_stay_in_english(self, client):
        page = (await client.get("/build?ui=zh")).text
        assert "Mathematics（全部分类）" in page
        assert "all of Mathematics" in (await client.get("/build")).text

    @pytest.mark.parametrize("path", ["/?ui=xx", "/list/cs.LG?ui=de", "/help?ui=zh-CN"])
    async def test_another_language_is_refused(self, client, path):
        assert (await client.get(path)).status_code == 400

    async def test_feeds_know_no_such_parameter(self, client):
        assert (await client.get("/rss/cs.LG?ui=zh")).status_code == 400


class TestOffline:
    async def test_a_machine_without_network_is_told_so_in_one_sentence(self, cold_site):
        def refuse(request):
            raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)

        cold_site.arxiv.now_reply(refuse)
        async with cold_site.client() as client:
            feed = await client.get("/rss/cs.LG")
            page = await client.get("/list/cs.LG")
            home = await client.get("/?wait=1")
        assert feed.status_code == 503
        assert feed.json()["detail"].startswith("This machine can't reach arXiv. The next try is at ")
        assert "make demo" in feed.json()["detail"]
        for text in (page.text, home.text):
            assert "This machine can’t reach arXiv. The next try is at" in text
            assert "Errno" not in text
            assert "data-later" not in text


class TestAddressesOfOnesOwnNetwork:
    @pytest.mark.parametrize(
        ("host", "is_local"),
        [("127.0.0.1:8000", True), ("localhost:8000", True), ("192.168.1.4", True), ("[::1]:8000", True), ("nas.local", True),
         ("nas", True), ("papers.example.org", False), ("8.8.8.8", False)],
    )  # fmt: skip
    async def test_offers_no_reader_on_the_web(self, client, host, is_local):
        page = (await client.get("/", headers={"host": host})).text
        assert ("feedly.com" not in page) is is_local
        assert ("only known in your own network" in page) is is_local
        assert "feed:http" in page


async def test_a_feed_that_was_added_after_the_start_asks_for_a_restart(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("feeds: {a: {categories: [cs.LG]}}", encoding="utf-8")
    site = Site()

    def make(config, _environ):
        site.config = config
        return site.service()

    app = create_app(environ={"DIGEST_CONFIG": str(file)}, make=make, now=site.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://papers.test") as client:
        before = (await client.get("/feeds/b.rss")).json()["detail"]
        os.utime(file, ns=(1, 1))
        after = (await client.get("/feeds/b.rss")).json()
    assert "restart" not in before
    assert "changed after this server had read it: restart the server" in after["detail"]


class TestFeedsInABrowser:
    OPENED = {"sec-fetch-dest": "document"}

    @pytest.mark.parametrize("name", ["rss", "atom"])
    async def test_a_feed_is_shown_by_its_style_sheet_and_stays_the_same(self, client, name):
        feed = await client.get(f"/{name}/cs.LG")
        for _ in range(2):  # also from memory
            opened = await client.get(f"/{name}/cs.LG", headers=self.OPENED)
            assert opened.headers["content-type"] == "text/xml; charset=utf-8"
            assert (opened.content, opened.headers["etag"]) == (feed.content, feed.headers["etag"])
        assert feed.headers["content-type"] == f"application/{name}+xml; charset=utf-8"
        style = re.search(r'<\?xml-stylesheet type="text/css" href="http://papers.test([^"]+)"\?>', feed.text)[1]
        answer = await client.get(style)
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]

    async def test_the_form_of_arxiv_has_none(self, client):
        assert "xml-stylesheet" not in (await client.get("/rss/cs.LG?compat=arxiv")).text

    async def test_pages_and_json_keep_their_types(self, client):
        for path in ("/", "/json/cs.LG", "/opml.xml"):
            plain, opened = await client.get(path), await client.get(path, headers=self.OPENED)
            assert opened.headers["content-type"] == plain.headers["content-type"]
