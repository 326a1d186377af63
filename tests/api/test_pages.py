"""The pages over HTTP: what they hold, their addresses, and how they are cached."""

import asyncio
import re
from collections import Counter

import bibtexparser
import feedparser
import html5lib
import httpx
import pytest

from digest.config.reading import parse_config
from digest.models import AnnounceType
from digest.selection import Selection
from tests.builders import make_config
from tests.fakes import FakeArxiv
from tests.sites import ARXIV_URL, Site

pytestmark = pytest.mark.anyio

PAGES = ["/", "/build", "/build?include=model&spec=cs.LG", "/list/cs.LG", "/feeds/machines", "/status", "/docs"]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def page_of(client, path, status=200):
    response = await client.get(path, headers=BROWSER)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return html5lib.parse(response.content, treebuilder="lxml", namespaceHTMLElements=False, transport_encoding="utf-8")


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def titles_of(page):
    return [text_of(heading) for heading in page.iterfind(".//article//*[@class='title']")]


def links_of(page, pattern):
    return [link.get("href") for link in page.iterfind(".//a") if re.search(pattern, link.get("href"))]


class TestEveryPage:
    @pytest.mark.parametrize("path", PAGES)
    async def test_is_small_and_well_formed_and_runs_own_scripts_only(self, client, path):
        response = await client.get(path)
        assert len(response.content) < 100_000
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        html5lib.HTMLParser(strict=True).parse(response.content, transport_encoding="utf-8")
        assert " style=" not in response.text
        assert "<style" not in response.text
        loaded = re.findall(
            r'<(?:script|img|link rel="(?:icon|stylesheet)")[^>]*?(?:src|href)="([^"]+)"', response.text
        )
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)

    @pytest.mark.parametrize("path", PAGES)
    async def test_names_the_configured_feeds_for_autodiscovery(self, client, path):
        page = await page_of(client, path)
        found = [link.get("href") for link in page.iterfind(".//link[@rel='alternate']")]
        for name in ("machines", "languages"):
            for ending in ("rss", "atom", "json"):
                assert f"http://papers.test/feeds/{name}.{ending}" in found

    @pytest.mark.parametrize("path", ["/", "/build?include=model&spec=cs.LG", "/list/cs.LG", "/feeds/machines"])
    async def test_is_cached_by_the_clock_of_arxiv_and_answers_304(self, client, path):
        first = await client.get(path)
        again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "s-maxage=" in first.headers["cache-control"]
        assert first.headers["content-security-policy"]

    @pytest.mark.parametrize("path", PAGES)
    async def test_links_to_nothing_that_is_not_there(self, client, path):
        page = await page_of(client, path)
        addresses = {link.get("href") for link in page.iterfind(".//a")}
        addresses |= {link.get("href") for link in page.iterfind(".//link")}
        own = {address.removeprefix("http://papers.test").partition("#")[0] for address in addresses}
        for address in sorted(one for one in own if one.startswith("/")):
            response = await client.get(address)
            assert response.status_code == 200, address

    async def test_lives_under_the_path_of_the_public_address(self, site):
        server = site.config.server.model_copy(update={"public_url": "https://example.org/papers"})
        site.config = site.config.model_copy(update={"server": server})
        async with site.client() as client:
            page = await page_of(client, "/list/cs.LG")
        own = [link.get("href") for link in page.iterfind(".//a") if link.get("href").startswith("/")]
        assert own
        assert all(address.startswith("/papers/") for address in own)
        assert links_of(page, r"^https://example\.org/papers/rss/cs\.LG$")


class TestStatic:
    async def test_files_are_kept_for_a_year_under_the_mark_of_their_content(self, client):
        page = (await client.get("/")).text
        for address in re.findall(r'"(/static/[^"]+)"', page):
            response = await client.get(address)
            assert response.headers["cache-control"] == "public, max-age=31536000, immutable"

    async def test_files_without_or_with_another_mark_are_not(self, client):
        for address in ("/static/style.css", "/static/style.css?v=0"):
            response = await client.get(address)
            assert response.status_code == 200
            assert response.headers["cache-control"] == "public, max-age=300"

    @pytest.mark.parametrize("name", ["other.css", "..%2Fconfig.py", "style.css.map"])
    async def test_there_are_no_others(self, client, name):
        assert (await client.get(f"/static/{name}")).status_code == 404


class TestHome:
    async def test_shows_each_feed_with_its_newest_titles_and_receipt(self, client):
        page = await page_of(client, "/")
        cards = [text_of(card) for card in page.iterfind(".//li[@class='card']")]
        feed = feedparser.parse((await client.get("/feeds/machines.rss")).content)
        machines = next(card for card in cards if "Machines that learn" in card)
        for entry in feed.entries[:3]:
            assert entry.title[:20] in machines
        assert f"{len(feed.entries)} papers of the last 7 announcements, complete." in machines

    async def test_opens_feeds_in_readers(self, client):
        page = await page_of(client, "/")
        links = links_of(page, "machines.rss")
        assert "feed:http://papers.test/feeds/machines.rss" in links
        for host in ("feedly.com", "www.inoreader.com", "www.newsblur.com", "theoldreader.com", "feedbin.com"):
            assert [link for link in links if f"//{host}/" in link and "http%3A%2F%2Fpapers.test" in link]

    async def test_does_not_wait_for_arxiv_and_says_so(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(503))
        async with cold_site.client() as client:
            page = await page_of(client, "/")
        assert len(page.findall(".//li[@class='card'][@data-again='true']")) == 2
        assert links_of(page, "^http://papers.test/feeds/machines.rss$")

    async def test_shows_topics_with_their_feeds(self, site):
        topics = parse_config("topics: {owls: {label: About owls, q: owls, categories: [stat.ML]}}", {}).topics
        site.config = site.config.model_copy(update={"topics": topics})
        async with site.client() as client:
            page = await page_of(client, "/")
        assert links_of(page, "^/feeds/owls$")


class TestReadingPage:
    @pytest.mark.parametrize("path", ["/list/cs.LG", "/list/cs.LG?include=model", "/feeds/machines"])
    async def test_holds_the_papers_of_the_feed_in_its_order(self, client, path):
        page = await page_of(client, path)
        feed = "/json" + path[5:] if path.startswith("/list") else f"{path}.json"
        items = (await client.get(feed)).json()["items"]
        ids = [article.get("data-id") for article in page.iterfind(".//article")]
        assert ids == [item["id"].removeprefix("https://arxiv.org/abs/") for item in items]

    async def test_is_the_page_that_feeds_name(self, client):
        for feed, page in (
            ("/json/cs.LG?types=new", "/list/cs.LG?types=new"),
            ("/feeds/machines.json", "/feeds/machines"),
        ):
            assert (await client.get(feed)).json()["home_page_url"] == f"http://papers.test{page}"
        named = (await client.get("/opml.xml")).text
        assert 'htmlUrl="http://papers.test/feeds/machines"' in named

    async def test_shows_what_a_reader_decides_by(self, client):
        page = await page_of(client, "/list/cs.LG")
        article = page.find(".//article")
        links = [link.get("href") for link in article.iterfind(".//span[@class='links']/a")]
        assert [link.split("/")[3] for link in links[:3]] == ["abs", "pdf", "html"]
        main = text_of(page.find(".//main"))
        assert main.count("is taken from its abstract") == 1
        assert article.find(".//details") is not None

    @pytest.mark.parametrize(
        ("asked", "location"),
        [
            ("/list/cs.LG?types=cross,new", "/list/cs.LG?types=new,cross"),
            ("/list/cs.LG?page=1", "/list/cs.LG"),
            ("/feeds/machines?include=b,a", "/feeds/machines?include=a,b"),
        ],
    )
    async def test_has_one_address(self, client, asked, location):
        response = await client.get(asked)
        assert (response.status_code, response.headers["location"]) == (301, location)

    async def test_says_what_is_wrong_with_an_address(self, client):
        page = await page_of(client, "/list/cs.LGG", 400)
        assert "Unknown category cs.LGG; did you mean cs.LG?" in text_of(page.find(".//main"))
        assert links_of(page, "^/build$")

    async def test_its_pages_hold_each_paper_once(self, client):
        first, second = [await page_of(client, f"/list/cs.CL+cs.LG+stat.ML{query}") for query in ("", "?page=2")]
        feed = (await client.get("/json/cs.CL+cs.LG+stat.ML")).json()
        assert titles_of(first) + titles_of(second) == [item["title"] for item in feed["items"]]
        assert len(titles_of(first)) == 25
        assert links_of(first, r"\?page=2$")
        assert links_of(second, r"stat\.ML$")

    async def test_there_is_no_page_behind_the_last(self, client):
        page = await page_of(client, "/list/cs.LG?page=2", 404)
        assert "There is no page 2: these papers fill 1 page" in text_of(page.find(".//main"))

    async def test_nothing_that_fits_is_explained(self, client):
        page = await page_of(client, "/list/cs.LG?include=xylophone")
        assert titles_of(page) == []
        assert "None of the 14 papers in these 7 announcements passes" in text_of(page.find(".//main"))
        rows = [[text_of(cell) for cell in row] for row in page.iterfind(".//section//tbody/tr")]
        assert [row[:2] for row in rows] == [
            ["types", "announced as new or cross"],
            ["include", "xylophone in title or abstract"],
        ]
        assert rows[1][2] == "0"

    async def test_each_condition_is_a_chip_with_what_it_leaves_and_the_list_without_it(self, client):
        page = await page_of(client, "/list/cs.LG?exclude=survey&include=model,network&q=ti:learning&top=5")
        chips = [
            (
                text_of(chip).removesuffix(f"×Remove {text_of(chip).partition('×Remove ')[2]}").strip(),
                chip.find("a").get("href"),
            )
            for chip in page.iterfind(".//ul[@class='chips']/li[@class='chip']")
        ]
        assert [re.sub(r" \d+$", " N", text) for text, _ in chips] == [
            "without: survey N",
            "word: model N",
            "word: network N",
            "query: ti:learning N",
            "best 5 of each day",
        ]
        assert chips[1][1] == "/list/cs.LG?exclude=survey&include=network&q=ti:learning&top=5"
        assert chips[3][1] == "/list/cs.LG?exclude=survey&include=model,network&top=5"
        alone = (await client.get("/json/cs.LG?include=model")).json()["items"]
        assert chips[1][0].endswith(f" {len(alone)}")

    async def test_a_list_without_a_filter_has_no_chips(self, client):
        assert 'class="chips"' not in (await client.get("/list/cs.LG")).text

    async def test_gives_its_papers_as_bibtex(self, client):
        response = await client.get("/list/cs.LG.bib?types=new")
        assert response.headers["content-type"] == "application/x-bibtex; charset=utf-8"
        items = (await client.get("/json/cs.LG?types=new")).json()["items"]
        library = bibtexparser.parse_string(response.text)
        assert library.failed_blocks == []
        assert [entry["url"] for entry in library.entries] == [item["id"] for item in items]

    async def test_as_text_it_is_whole_unless_a_page_is_asked_for(self, client):
        address = "/list/cs.CL+cs.LG+stat.ML"
        items = (await client.get(address.replace("list", "json"))).json()["items"]
        parts = [(await client.get(f"{address}.md{query}")).text for query in ("", "?page=1", "?page=2")]
        assert [text.count("\n- ") + 1 for text in parts] == [len(items), 25, len(items) - 25]
        assert parts[0] == "\n".join(parts[1:])

    async def test_gives_its_papers_as_markdown(self, client):
        response = await client.get("/feeds/machines.md")
        items = (await client.get("/feeds/machines.json")).json()["items"]
        assert re.findall(r"^- \[.*\]\((\S+)\)", response.text, re.MULTILINE) == [item["id"] for item in items]


class TestBuilder:
    async def test_offers_every_living_category_once(self, client):
        page = await page_of(client, "/build")
        codes = [box.get("value") for box in page.iterfind(".//input[@name='spec']")]
        assert len(codes) == len(set(codes)) > 150
        assert {"cs", "cs.LG", "hep-th", "math", "eess.SY", "astro-ph.CO"} <= set(codes)
        assert not {"cs.SY", "math.IT", "cmp-lg"} & set(codes)

    async def test_a_form_without_scripts_leads_to_a_short_address(self, client):
        asked = "/build?spec=stat.ML&spec=cs.LG&types=new&types=cross&include=model&exclude=&author=&q=&days=&limit=&summary="
        response = await client.get(asked)
        assert (response.status_code, response.headers["location"]) == (301, "/build?include=model&spec=cs.LG,stat.ML")

    @pytest.mark.parametrize("spec", ["cs.LG+stat.ML", "cs.LG%2Bstat.ML", "stat.ML,cs.LG", "cs.lg stat.ml"])
    async def test_reads_categories_however_they_are_joined(self, client, spec):
        response = await client.get(f"/build?spec={spec}")
        assert response.headers["location"] == "/build?spec=cs.LG,stat.ML"

    async def test_names_the_canonical_addresses_which_work(self, client):
        page = await page_of(client, "/build?days=3&include=model&spec=cs.LG,stat.ML")
        tail = "cs.LG+stat.ML?days=3&include=model"
        for name in ("rss", "atom", "json"):
            address = f"http://papers.test/{name}/{tail}"
            assert address in links_of(page, name)
            assert (await client.get(address)).status_code == 200
        assert f"/list/{tail}" in links_of(page, "list")

    async def test_the_preview_counts_what_the_feed_holds_and_says_why(self, client):
        page = await page_of(client, "/build?include=learning,model&spec=cs.LG")
        items = (await client.get("/json/cs.LG?include=learning,model")).json()["items"]
        result = page.find(".//section[@id='result']")
        assert f"{len(items)} matches among" in text_of(result)
        assert len(titles_of(page)) == min(len(items), 10)
        assert all('" found' in text_of(why) for why in result.iterfind(".//ul[@class='why']"))
        columns = [column.find("span").text for column in result.iterfind(".//ol[@class='week']/li")]
        assert sum(map(int, columns)) == len(items)

    async def test_the_newest_day_is_shown_by_examples_beside_arxiv_s_order(self, client):
        papers = [item["_arxiv"]["id"] for item in (await client.get("/json/cs.LG")).json()["items"]]
        liked = sorted(papers[-6:])
        page = await page_of(client, f"/build?like={','.join(liked)}&spec=cs.LG&top=2")
        result = page.find(".//section[@id='result']")
        assert "6 of 6 example papers known" in text_of(result)
        assert "shows the best 2 of each day" in text_of(result)
        rows = result.findall(".//table/tbody/tr")
        assert len(rows) > 2
        columns = [[row.findall("td")[number].find("a").get("href") for row in rows] for number in (1, 2)]
        assert sorted(columns[0]) == sorted(columns[1])
        assert columns[0] != columns[1]
        assert "like “" in text_of(rows[0])
        snippet = parse_config(page.find(".//pre[@id='snippet']").text, {}).feeds["cs-lg"]
        assert (snippet.top, sorted(snippet.scoring.like)) == (2, liked)

    async def test_a_bibtex_file_becomes_the_ids_that_it_names(self, client):
        file = (
            "@misc{a, title={One}, eprint={2501.00001}} @misc{b, title={Two}, url={https://arxiv.org/abs/2402.00002v3}}"
        )
        response = await client.get("/build", params={"spec": "cs.LG", "like": file})
        assert response.headers["location"] == "/build?like=2402.00002,2501.00001&spec=cs.LG"

    async def test_the_limit_does_not_hide_how_many_there_are(self, client):
        page = await page_of(client, "/build?limit=1&spec=cs.LG")
        assert len(titles_of(page)) == 1
        assert "the feed keeps at most 1" in text_of(page.find(".//section[@id='result']"))

    async def test_the_configuration_means_the_same(self, client):
        query = 'author=Bengio, Y.;Hinton&days=3&exclude="a, b",survey&has=code&limit=9&q=ti:x OR abs:"y z"&spec=cs.LG&types=new'
        page = await page_of(client, f"/build?{query}")
        snippet = page.find(".//pre[@id='snippet']").text
        (feed,) = parse_config(snippet, {}).feeds.values()
        assert feed.categories == ("cs.LG",)
        assert (feed.days, feed.limit, feed.has) == (3, 9, ("code",))
        assert feed.types == (AnnounceType.NEW,)
        assert sorted(feed.author) == ["Bengio, Y.", "Hinton"]
        assert sorted(feed.exclude) == ["a, b", "survey"]
        assert feed.q == Selection(q='ti:x OR abs:"y z"').q

    @pytest.mark.parametrize(
        ("query", "field", "said"),
        [
            ("q=ti:(a&spec=cs.LG", "q", "never closed"),
            ("like=words&spec=cs.LG", "like", "is no arXiv id"),
            ("like=@a{b, title={c}}&spec=cs.LG", "like", "names an arXiv id"),
            ("dislike=2501.00001&like=2501.00001&spec=cs.LG", "dislike", "is in like and in dislike"),
            ("days=99&spec=cs.LG", "days", "less than or equal to 60"),
            ("spec=cs.XX", "spec", "unknown category cs.XX"),
            ("author=;!;&spec=cs.LG", "author", "is no name"),
        ],
    )
    async def test_mistakes_stand_at_their_field_and_nothing_is_lost(self, client, query, field, said):
        response = await client.get(f"/build?{query}&include=kept", headers=BROWSER)
        assert response.status_code == 400
        page = html5lib.parse(response.content, treebuilder="lxml", namespaceHTMLElements=False)
        assert said.lower() in text_of(page.find(f".//p[@id='{field}-problem']")).lower()
        assert page.find(".//input[@name='include']").get("value") == "kept"

    async def test_an_unknown_parameter_is_refused(self, client):
        response = await client.get("/build?colour=red")
        assert response.status_code == 400
        assert response.json()["parameter"] == "colour"

    async def test_arxiv_that_is_silent_leaves_the_addresses(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(503))
        async with cold_site.client() as client:
            page = await page_of(client, "/build?spec=cs.LG")
        assert links_of(page, "^http://papers.test/rss/cs.LG$")
        assert links_of(page, "^/build\\?spec=cs.LG&wait=1$")


class TestStatus:
    async def test_shows_what_is_held_of_what_was_announced(self, client):
        page = await page_of(client, "/status")
        heat = page.find(".//table[@class='heat']")
        assert [text_of(row.find("a")) for row in heat.iterfind(".//tbody/tr/th")] == ["cs.CL", "cs.LG", "stat.ML"]
        status = (await client.get("/api/status")).json()
        newest = {one["context"]: sum(one["days"][0]["held"].values()) for one in status["contexts"]}
        shown = {
            text_of(row.find("th/a")): row.findall("td")[-1].find("span").text for row in heat.iterfind(".//tbody/tr")
        }
        assert shown == {context: str(number) for context, number in newest.items()}

    async def test_charts_have_tables(self, client):
        page = await page_of(client, "/status")
        assert page.findall(".//svg") or page.findall(".//{http://www.w3.org/2000/svg}svg")
        assert "Papers a day: the numbers as a table" in text_of(page.find(".//main"))

    async def test_tells_the_next_announcement_for_people_and_scripts(self, client):
        page = await page_of(client, "/status")
        moment = page.find(".//time[@data-local='true']")
        assert moment.get("datetime") == "2026-11-19T05:00:00+00:00"
        assert text_of(moment) == "19 Nov 2026, 05:00 UTC"

    async def test_tells_a_late_announcement(self, site):
        site.clock.advance(days=1)
        site.arxiv.now_reply(httpx.Response(503))
        async with site.client() as client:
            page = await page_of(client, "/status")
        assert "not here yet for cs.CL, cs.LG, stat.ML" in text_of(page.find(".//main"))

    async def test_tells_of_a_category_of_which_no_day_is_held(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(429))
        async with cold_site.client() as client:
            await client.get("/rss/cs.LG")
            page = await page_of(client, "/status")
        assert "not here yet for cs.LG" in text_of(page.find(".//main"))
        assert "refused with status 429" in text_of(page.find(".//main"))

    async def test_counts_each_topic_by_day(self, site):
        text = "feeds: {a: {categories: [cs.LG]}}\ntopics: {ours: {label: All of ours, q: 'cat:cs.LG OR cat:stat.ML'}}"
        topics = parse_config(text, {}).topics
        site.config = site.config.model_copy(update={"topics": topics})
        async with site.client() as client:
            page = await page_of(client, "/status")
            items = (await client.get("/feeds/ours.json")).json()["items"]
        captions = {text_of(table.find("caption")): table for table in page.iterfind(".//table[caption]")}
        table = captions["Keywords a day"]
        assert [text_of(name) for name in table.iterfind(".//thead/tr/th")] == ["Day", "All of ours"]
        numbers = [int(text_of(row.find("td"))) for row in table.iterfind(".//tbody/tr")]
        counts = Counter(item["_arxiv"]["announced"] for item in items)
        assert [number for number in numbers if number] == [counts[day] for day in sorted(counts)]

    async def test_works_before_anything_was_asked_for(self):
        site = Site(config=parse_config("", {}))
        site.arxiv = FakeArxiv(httpx.Response(503))
        async with site.client() as client:
            page = await page_of(client, "/status")
        assert "Nobody has opened a feed yet" in text_of(page.find(".//main"))


async def test_an_error_is_told_even_if_templates_fail(site, monkeypatch):
    from digest.rendering.pages import api_page

    monkeypatch.delattr(api_page, "render_error")
    async with site.client() as client:
        page = await page_of(client, "/nothing", 404)
    assert "There is nothing at this address" in text_of(page.getroot())


class TestPagesNeverWaitForArxiv:
    """Nothing is held, and arXiv doesn't answer before it is let go; who waits for it waits 18 s."""

    @pytest.fixture
    def silent(self, cold_site):
        cold_site.arxiv.before_reply = asyncio.Event().wait
        return cold_site

    @pytest.mark.parametrize(
        ("path", "later"),
        [
            ("/", "/?wait=1"),
            ("/list/cs.LG", "/list/cs.LG?wait=1"),
            ("/list/cs.LG+stat.ML?include=model", "/list/cs.LG+stat.ML?include=model&wait=1"),
            ("/feeds/machines", "/feeds/machines?wait=1"),
            ("/build?spec=cs.LG", "/build?spec=cs.LG&wait=1"),
            ("/digest/latest?spec=cs.LG", "/digest/latest?spec=cs.LG&wait=1"),
            ("/digest/2026-11-18?spec=cs.LG", "/digest/2026-11-18?spec=cs.LG&wait=1"),
            ("/digest/2026-11-03?feed=machines", "/digest/2026-11-03?feed=machines&wait=1"),
        ],
    )
    async def test_a_cold_page_names_the_address_that_waits(self, silent, path, later):
        async with silent.client() as client:
            async with asyncio.timeout(10):
                response = await client.get(path)
        assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
        page = html5lib.parse(response.content, treebuilder="lxml", namespaceHTMLElements=False)
        assert [link.get("href") for link in page.iterfind(".//a[@data-later]")] == [later]

    @pytest.mark.parametrize("path", ["/status", "/digest?spec=cs.LG"])
    async def test_others_have_something_to_say(self, silent, path):
        async with silent.client() as client:
            async with asyncio.timeout(10):
                assert (await client.get(path)).status_code == 200

    @pytest.mark.parametrize(
        "path", ["/?wait=1", "/list/cs.LG?wait=1", "/build?spec=cs.LG&wait=1", "/digest/2026-11-18?spec=cs.LG&wait=1"]
    )
    async def test_the_address_that_waits_has_the_papers(self, cold_site, path):
        async with cold_site.client() as client:
            response = await client.get(path)
        assert response.status_code == 200
        assert "no-store" not in response.headers["cache-control"]
        assert "arxiv.org/abs/" in response.text
        assert "data-later" not in response.text

    async def test_a_page_begins_the_fetch_that_the_waiting_address_joins(self, cold_site):
        async with cold_site.client() as client:
            await client.get("/list/cs.LG")
            await client.get("/list/cs.LG?wait=1")
        assert cold_site.arxiv.paths.count("/rss/cs.LG") == 1

    async def test_a_fetch_that_a_page_begins_counts_for_its_client(self, silent):
        silent.config = make_config("server: {new_categories_per_hour: 2}", arxiv_url=ARXIV_URL)
        async with silent.client() as client:
            statuses = [(await client.get(f"/list/{spec}")).status_code for spec in ("cs.LG", "math.AG", "hep-th")]
        assert statuses == [200, 200, 429]

    @pytest.mark.parametrize("path", ["/list/cs.LG?wait=true", "/list/cs.LG.bib?wait=1", "/list/cs.LG?wait=0"])
    async def test_other_forms_of_the_parameter_are_not_canonical(self, site, path):
        async with site.client() as client:
            assert (await client.get(path)).status_code == 301

    async def test_what_is_held_is_shown_while_arxiv_is_asked(self, site):
        site.clock.advance(hours=18)
        site.arxiv.before_reply = asyncio.Event().wait
        async with site.client() as client:
            async with asyncio.timeout(10):
                response = await client.get("/list/cs.LG")
        assert "arxiv.org/abs/" in response.text
        assert response.headers["cache-control"].startswith("public, max-age=60, s-maxage=60,")


class TestClosedServer:
    @pytest.fixture
    async def page(self, site):
        site.environ["ACCESS_TOKEN"] = "open sesame"
        async with site.client() as client:
            yield await page_of(client, "/build?key=open%20sesame&spec=cs.LG")

    async def test_addresses_for_readers_hold_the_key_and_links_between_pages_don_t(self, page):
        assert "http://papers.test/rss/cs.LG?key=open%20sesame" in links_of(page, "/rss/")
        feeds = [link.get("href") for link in page.iterfind(".//link[@rel='alternate']")]
        assert feeds
        assert all(address.endswith("?key=open%20sesame") for address in feeds)
        assert not links_of(page, "^/.*key=")

    async def test_a_page_finds_its_style_without_the_key(self, site):
        site.environ["ACCESS_TOKEN"] = "open sesame"
        async with site.client() as client:
            assert (await client.get("/static/style.css")).status_code == 200
            assert (await client.get("/build")).status_code == 401
