"""Digests over HTTP and on the command line: pages, documents, feeds, old days, quiet days, refusals."""

import asyncio
import json
import re
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import httpx
import pytest
from typer.testing import CliRunner

from digest.cli.commands import app as commands
from digest.cli.export import Export
from digest.cli.running import CLOCK
from digest.feeds.digests import load_digest
from digest.rendering import slices
from tests.builders import NOON
from tests.demo_arxiv import DemoArxiv
from tests.fakes import flying_clock
from tests.sites import demo_replies

pytestmark = pytest.mark.anyio
DAY = "2026-11-18"
BEFORE = "2026-11-17"
SUNDAY = "2026-11-15"


@contextmanager
def command_line_at(clock):
    before = CLOCK.set(clock)
    yield
    CLOCK.reset(before)


async def answer(client, path, status=200):
    found = await client.get(path)
    assert found.status_code == status, found.text[:300]
    return found


class TestDocuments:
    @pytest.mark.parametrize("word", ["latest", "today"])
    @pytest.mark.parametrize(
        "path", ["/digest/{}", "/digest/{}.md?layout=ranked", "/digest/{}.json", "/api/digests/{}"]
    )
    async def test_latest_leads_to_the_newest_day_held_until_there_is_a_newer_one(self, client, path, word):
        found = await answer(client, path.format(word), 302)
        assert found.headers["location"] == path.format(DAY)
        assert (
            "max-age=300, s-maxage=43215," in found.headers["cache-control"]
        )  # seven in the morning to 19:00, arXiv's feeds

    async def test_markdown_says_what_it_is(self, client):
        found = await answer(client, f"/digest/{DAY}.md")
        assert found.headers["content-type"] == "text/markdown; charset=utf-8"

    @pytest.mark.parametrize(
        ("layout", "start"), [("analysis", "# 20261118\n"), ("tagged", "### 1 "), ("ranked", "# arXiv digest 2026")]
    )
    async def test_come_in_each_layout(self, client, layout, start):
        assert (await answer(client, f"/digest/{DAY}.md?layout={layout}")).text.startswith(start)

    async def test_toc_goes_without_saying(self, client):
        assert (await answer(client, f"/digest/{DAY}.md")).text.startswith("<div id=toc></div>")
        assert (await answer(client, f"/digest/{DAY}.md?layout=toc", 301)).headers["location"] == f"/digest/{DAY}.md"

    async def test_json_is_a_digest_document(self, client):
        digest = load_digest((await answer(client, f"/digest/{DAY}.json?feed=machines")).content)
        assert digest.categories == ("cs.LG", "stat.ML")
        assert {entry.section for entry in digest.entries} == {"cs.LG", "stat.ML"}

    async def test_hold_what_that_day_announced_and_the_feed_selects(self, client):
        digest = (await answer(client, f"/digest/{BEFORE}.json?feed=machines")).json()
        report = (await answer(client, f"/api/digests/{BEFORE}?feed=machines")).json()
        listed = [entry["paper"]["id"] for section in report["sections"] for entry in section["entries"]]
        assert listed == [entry["paper"]["id"] for entry in digest["entries"]]
        assert all(entry.startswith("2611.917") for entry in listed)
        assert (report["previous"], report["next"]) == ("2026-11-16", DAY)

    async def test_parameters_narrow_them(self, client):
        whole = (await answer(client, f"/digest/{DAY}.json?feed=machines")).json()["entries"]
        some = (await answer(client, f"/digest/{DAY}.json?feed=machines&limit=1")).json()["entries"]
        assert some == whole[:1]

    async def test_answer_conditional_requests(self, client):
        first = await answer(client, f"/digest/{BEFORE}.md")
        again = await client.get(f"/digest/{BEFORE}.md", headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304

    async def test_of_settled_days_may_be_kept_for_long(self, client, site):
        await answer(client, f"/digest/{BEFORE}.md?feed=machines")
        site.clock.advance(days=7)
        found = await answer(client, f"/digest/{BEFORE}.json?feed=machines")
        assert "max-age=86400, s-maxage=604800" in found.headers["cache-control"]


def digest_of_all(service):
    return service.digests.scope(tuple(map(service.feeds.named, service.config.feeds)))


class TestSomeFeedsCold:
    """A digest of several feeds shows those that arXiv gives, and says what is still to come."""

    @staticmethod
    def without(site, *categories):
        """Let arXiv give nothing of *categories*."""
        usual = demo_replies(site.clock)

        def reply(request):
            asked = request.url.path + request.url.query.decode()
            return httpx.Response(404) if any(one in asked for one in categories) else usual(request)

        site.arxiv.now_reply(reply)

    @pytest.mark.parametrize("path", [f"/digest/{DAY}.md", "/digest/feed.json", f"/digest/{DAY}?wait=1"])
    async def test_the_others_are_shown(self, cold_site, path):
        self.without(cold_site, "cs.CL")
        async with cold_site.client() as client:
            found = await answer(client, path)
            assert int(re.search(r"s-maxage=(\d+)", found.headers["cache-control"])[1]) <= 60
            assert "Rowing Boat" in found.text

    async def test_the_receipt_names_what_is_to_come(self, cold_site):
        self.without(cold_site, "cs.CL")
        async with cold_site.client() as client:
            report = (await answer(client, f"/api/digests/{DAY}")).json()
        receipts = {one["context"]: one["status"] for one in report["receipts"]}
        assert [context for context, status in receipts.items() if status == "filling"] == ["cs.CL"]

    async def test_the_newest_day_is_known_as_soon_as_one_feed_has_it(self, cold_site):
        async def hang():
            if "cs.CL" in cold_site.arxiv.requests[-1].url.path:
                await asyncio.Event().wait()

        cold_site.arxiv.before_reply = hang
        async with cold_site.client() as client:
            found = await asyncio.wait_for(client.get("/digest/latest.md"), 10)
        assert (found.status_code, found.headers["location"]) == (302, f"/digest/{DAY}.md")
        assert "s-maxage=60" in found.headers["cache-control"]

    async def test_where_none_is_there_the_digest_is_unavailable(self, cold_site):
        self.without(cold_site, "")
        async with cold_site.client() as client:
            for path in ("/digest/latest.json", f"/digest/{DAY}.json", "/digest/feed.json"):
                await answer(client, path, status=503)

    async def test_a_page_that_does_not_wait_says_why_there_is_nothing_and_when_it_is_tried_again(self, cold_site):
        self.without(cold_site, "cs.CL")
        async with cold_site.client() as client:
            await answer(client, f"/digest/{DAY}.md")  # now the other feed is held
            page = (await answer(client, f"/digest/{DAY}")).text
        assert "Nothing is stored of cs.CL yet, and arXiv gave no listing" in page
        assert "The next try is at" in page


class TestOldDays:
    async def test_come_from_the_catch_up_page_without_touching_the_present(self, cold_site):
        async with cold_site.client() as client:
            digest = (await answer(client, "/digest/2026-11-12.json?spec=cs.LG")).json()
            assert digest["entries"]
            asked = list(cold_site.arxiv.paths)
            feed = (await answer(client, "/json/cs.LG?days=1")).json()
        assert asked == ["/catchup/cs.LG/2026-11-12"]
        assert {item["date_published"][:10] for item in feed["items"]} == {DAY}

    async def test_are_rebuilt_from_the_query_api_where_there_is_no_catch_up_page(self, cold_site):
        reply = demo_replies(cold_site.clock)

        def without_catch_up(request):
            return httpx.Response(404) if request.url.path.startswith("/catchup/") else reply(request)

        cold_site.arxiv.now_reply(without_catch_up)
        async with cold_site.client() as client:
            digest = (await answer(client, "/digest/2026-11-12.json?spec=cs.LG")).json()
            report = (await answer(client, "/api/digests/2026-11-12?spec=cs.LG")).json()
        assert digest["entries"]
        assert all(entry["paper"]["id"].startswith("2611.912") for entry in digest["entries"])
        assert report["receipts"][0]["sources"] == ["query-api"]

    async def test_beyond_the_reach_of_catch_up_pages_ask_the_query_api_alone(self, cold_site):
        async with cold_site.client() as client:
            found = await answer(client, "/digest/2026-03-18.md?spec=cs.LG")
        assert cold_site.arxiv.paths == ["/api/query"]
        assert "Not confirmed: only one of arXiv's services says that nothing was announced." in found.text

    async def test_are_asked_for_once(self, cold_site):
        async with cold_site.client() as client:
            for ending in (".md", ".json", ""):
                await answer(client, f"/digest/2026-10-21{ending}?spec=cs.LG")
        assert cold_site.arxiv.paths == ["/catchup/cs.LG/2026-10-21", "/api/query"]

    async def test_that_arxiv_does_not_give_are_unavailable_and_left_alone_for_a_while(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(404))
        async with cold_site.client() as client:
            found = await answer(client, "/digest/2026-03-18.md?spec=cs.LG", 503)
            asked = len(cold_site.arxiv.requests)
            await answer(client, "/digest/2026-03-18.json?spec=cs.LG", 503)
        assert found.headers["retry-after"] == "60"
        assert len(cold_site.arxiv.requests) == asked

    async def test_are_left_alone_ever_longer_while_arxiv_does_not_give_them(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(404))
        pauses, asked = [], 0
        async with cold_site.client() as client:
            for _ in range(9):
                found = await answer(client, "/digest/2026-03-18.json?spec=cs.LG", 503)
                assert len(cold_site.arxiv.requests) == asked + 1
                asked += 1
                pauses.append(int(found.headers["retry-after"]))
                cold_site.clock.advance(seconds=pauses[-1] - 1)
                await answer(client, "/digest/2026-03-18.json?spec=cs.LG", 503)
                assert len(cold_site.arxiv.requests) == asked
                cold_site.clock.advance(seconds=1)
        assert [pause // 60 for pause in pauses] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


class TestQuietDays:
    @pytest.mark.parametrize("ending", ["", ".md", ".json"])
    async def test_say_why_and_ask_nobody(self, cold_site, ending):
        async with cold_site.client() as client:
            found = await answer(client, f"/digest/{SUNDAY}{ending}")
        assert "No announcement: Sunday." in found.text
        assert cold_site.arxiv.requests == []

    async def test_the_future_is_not_found(self, client):
        found = await answer(client, "/digest/2026-11-19.md", 404)
        assert found.json()["detail"] == "2026-11-19: announcement not out yet; the newest is of 2026-11-18"
        weekend = await answer(client, "/digest/2026-11-21.md", 404)
        assert weekend.json()["detail"].startswith("2026-11-21: no announcement: Saturday;")

    async def test_nor_is_what_came_before_arxiv(self, client):
        await answer(client, "/digest/1991-08-13", 404)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/digest/x.md", "date"),
        (f"/digest/{DAY}.md?layout=x", "layout"),
        (f"/digest/{DAY}?days=2", "days"),
        (f"/digest/{DAY}?feed=machines&spec=cs.LG", "spec"),
        (f"/digest/{DAY}?spec=cs.XX", "spec"),
        (f"/digest/{DAY}.json?layout=toc", "layout"),
    ],
)
async def test_refusals_name_the_parameter(client, path, parameter):
    problem = (await answer(client, path, 400)).json()
    assert parameter in json.dumps(problem)


async def test_an_unknown_feed_is_not_found(client):
    await answer(client, f"/digest/{DAY}?feed=nothing", 404)


class TestPage:
    async def test_has_contents_anchors_folded_details_and_neighbours(self, client):
        page = (await answer(client, f"/digest/{BEFORE}?feed=machines")).text
        for mark in ('href="#cs.LG"', '<section id="cs.LG"', "<details>", 'rel="prev"', 'rel="next"', "digest.js"):
            assert mark in page
        assert f"/digest/{DAY}?feed=machines" in page

    async def test_anchors_are_those_that_the_feed_of_days_links_to(self, client):
        page = (await answer(client, f"/digest/{DAY}?feed=machines")).text
        feed = (await answer(client, "/digest/feed.json?feed=machines")).json()
        item = next(item for item in feed["items"] if DAY in item["id"])
        anchors = set(re.findall(rf'digest/{DAY}\?feed=machines#([^"]+)', item["content_html"]))
        assert anchors
        assert all(f'id="{anchor}"' in page for anchor in anchors)

    async def test_index_lists_the_days_held_by_month(self, client):
        page = (await answer(client, "/digest")).text
        assert "November 2026" in page
        assert f'href="/digest/{DAY}"' in page
        assert 'href="/digest?feed=machines"' in page


class TestFeedOfDays:
    async def test_has_an_item_for_each_day_newest_first(self, client):
        items = (await answer(client, "/digest/feed.json")).json()["items"]
        days = [item["id"].split(":")[3] for item in items]
        assert days == sorted(days, reverse=True)
        assert len(set(days)) == len(days) > 3

    @pytest.mark.parametrize("path", ["/feeds/machines.rss", "/rss/cs.LG"])
    async def test_any_feed_can_be_grouped_by_day(self, client, path):
        root = ET.fromstring((await answer(client, f"{path}?group=day")).content)
        items = root.findall("channel/item")
        assert items
        assert all(item.findtext("guid").startswith("urn:arxiv-digest:day:2026-11-") for item in items)

    async def test_an_item_is_the_digest_of_its_day(self, client):
        feed = (await answer(client, "/feeds/languages.json?group=day")).json()
        digest = (await answer(client, f"/digest/{DAY}.json?feed=languages")).json()
        item = next(item for item in feed["items"] if DAY in item["id"])
        assert item["url"] == f"http://papers.test/digest/{DAY}?feed=languages"
        assert all(entry["paper"]["id"] in item["content_html"] for entry in digest["entries"])

    async def test_filters_make_another_feed_views_do_not(self, client):
        async def first_id(query):
            return (await answer(client, f"/feeds/machines.json?group=day{query}")).json()["items"][0]["id"]

        assert await first_id("&math=tex") == f"urn:arxiv-digest:day:{DAY}:feeds/machines"
        assert await first_id("&types=new") == f"urn:arxiv-digest:day:{DAY}:feeds/machines?types=new"


class TestExport:
    async def test_writes_what_the_server_serves_and_only_what_changed(self, site, client, tmp_path):
        service = site.service()
        first = Export(service, tmp_path, "https://me.example.org/papers")
        await first.run(3)
        second = Export(service, tmp_path, "https://me.example.org/papers")
        await second.run(3)
        await service.aclose()
        assert first.problems == []
        assert second.written == []
        names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
        assert names == set(first.written)
        assert {"index.html", "opml.xml", "feeds/machines.rss", f"digest/{DAY}.md", "static/style.css"} <= names
        served = (await answer(client, f"/digest/{DAY}.md?layout=tagged")).content
        assert (tmp_path / "digest" / f"{DAY}.tagged.md").read_bytes() == served

    async def test_every_link_of_a_page_leads_to_a_file(self, site, tmp_path):
        service = site.service()
        await Export(service, tmp_path, "https://me.example.org/papers").run(2)
        await service.aclose()
        for page in tmp_path.rglob("*.html"):
            for target in re.findall(r'\s(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")):
                if not re.match(r"[a-z]+:|#", target):
                    assert (page.parent / target.partition("#")[0]).is_file(), (page, target)

    async def test_a_long_day_has_all_its_pages(self, site, tmp_path, monkeypatch):
        monkeypatch.setattr(slices, "PAGE_SIZE", 2)
        service = site.service()
        await Export(service, tmp_path, "https://me.example.org").run(1)
        await service.aclose()
        pages = sorted((tmp_path / "digest" / DAY).glob("*.html"))
        held = json.loads((tmp_path / "digest" / f"{DAY}.json").read_bytes())["entries"]
        assert len(pages) == -(-len(held) // 2) > 2
        shown = [
            ident for page in pages for ident in re.findall(r'data-id="([^"]+)"', page.read_text(encoding="utf-8"))
        ]
        assert sorted(shown) == sorted(entry["paper"]["id"] for entry in held)

    async def test_every_page_of_a_feed_names_the_text_of_all_its_papers(self, site, tmp_path, monkeypatch):
        monkeypatch.setattr(slices, "PAGE_SIZE", 2)
        service = site.service()
        await Export(service, tmp_path, "https://me.example.org").run(1)
        await service.aclose()
        items = json.loads((tmp_path / "feeds" / "machines.json").read_bytes())["items"]
        text = (tmp_path / "feeds" / "machines.md").read_text(encoding="utf-8")
        assert text.count("](https://arxiv.org/abs/") == len(items) > 2
        for page in (tmp_path / "feeds" / "machines").glob("*.html"):
            assert 'data-md="../machines.md"' in page.read_text(encoding="utf-8")

    async def test_removes_nothing(self, site, tmp_path):
        (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
        service = site.service()
        await Export(service, tmp_path, "https://me.example.org").run(1)
        await service.aclose()
        assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


class TestCommands:
    def test_render_prints_one_line_a_problem_and_nothing_else(self):
        found = CliRunner().invoke(commands, ["render", "--layout", "toc"], input='{"date": "x"}')
        assert found.exit_code == 2
        assert found.stdout == ""
        assert found.stderr.splitlines()[0].startswith("date: ")
        assert all(": " in line for line in found.stderr.splitlines())

    def test_render_refuses_a_layout_and_a_file_that_there_is_not(self, tmp_path):
        for arguments in (["--layout", "x"], ["--layout", "toc", str(tmp_path / "none.json")]):
            found = CliRunner().invoke(commands, ["render", *arguments], input="{}")
            assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (2, "", 1)

    def test_digest_writes_a_file(self, tmp_path):
        config = tmp_path / "config.yaml"
        config.write_text("feeds:\n  one:\n    categories: [cs.LG]\n", encoding="utf-8")
        out = tmp_path / "out" / "day.md"
        with DemoArxiv(now=NOON) as arxiv, command_line_at(flying_clock()):
            environment = {"ARXIV_URL": arxiv.url, "CACHE_URL": "memory://"}
            arguments = ["digest", "latest", "--config", str(config), "--feed", "one", "--layout", "tagged"]
            found = CliRunner().invoke(commands, [*arguments, "--out", str(out)], env=environment)
        assert (found.exit_code, found.stdout) == (0, "")
        assert out.read_text(encoding="utf-8").startswith("### 1 ")
