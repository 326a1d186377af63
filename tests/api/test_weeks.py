"""Weeks and ranges of dates over HTTP, on the command line and as a feed."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from digest.feeds.digests import load_digest

pytestmark = pytest.mark.anyio

WEEK, BEFORE = "2026-W47", "2026-W46"
"""The week of the test's day, a Wednesday, and the one before it."""


async def get(client, path, status=200):
    found = await client.get(path)
    assert found.status_code == status, found.text[:300]
    return found


def ids_of(digest):
    return [entry["paper"]["id"] for entry in digest["entries"]]


def week_in(item):
    return item["id"].split(":")[3]


async def complete(site):
    """Let a server complete what was announced, as one that nobody asks does."""
    service = site.service()
    await service.operations.keep_warm()
    await service.aclose()


class TestAWeek:
    async def test_has_each_paper_of_its_days_once_at_its_first_day(self, client):
        days = [(await get(client, f"/digest/2026-11-{day}.json?spec=cs.LG")).json() for day in (16, 17, 18)]
        week = (await get(client, f"/digest/{WEEK}.json?spec=cs.LG")).json()
        assert sorted(ids_of(week)) == sorted({ident for day in days for ident in ids_of(day)})
        first = {ident: day["date"] for day in reversed(days) for ident in ids_of(day)}
        assert {entry["paper"]["id"]: entry["announced"] for entry in week["entries"]} == first

    async def test_says_which_days_in_every_document(self, client):
        week = await get(client, f"/digest/{WEEK}.json?spec=cs.LG")
        assert load_digest(week.content).period == WEEK
        assert (await get(client, f"/digest/{WEEK}.md?layout=analysis&spec=cs.LG")).text.startswith(f"# {WEEK}\n")
        assert f"# arXiv digest {WEEK}\n" in (await get(client, f"/digest/{WEEK}.md?layout=ranked&spec=cs.LG")).text
        assert "**date**: 2026-11-16\n" in (await get(client, f"/digest/{WEEK}.md?layout=tagged&spec=cs.LG")).text
        assert "period" not in (await get(client, "/digest/2026-11-18.json?spec=cs.LG")).json()

    async def test_adds_the_receipts_of_its_days_up(self, client):
        report = (await get(client, f"/api/digests/{WEEK}?spec=cs.LG")).json()
        assert [one["day"] for one in report["receipts"]] == ["2026-11-18", "2026-11-17", "2026-11-16"]
        assert (report["period"], report["previous"], report["next"]) == (WEEK, BEFORE, None)
        assert report["is_running"]

    async def test_that_is_running_says_so_and_leads_back(self, client):
        page = (await get(client, f"/digest/{WEEK}?spec=cs.LG")).text
        assert "Week 47 of 2026, 16 November to 20 November" in page
        assert "This week is not over" in page
        assert f'href="/digest/{BEFORE}?spec=cs.LG"' in page
        assert "This week is not over" not in (await get(client, f"/digest/{BEFORE}?spec=cs.LG")).text

    @pytest.mark.parametrize("ending", ["", ".md", ".json"])
    async def test_has_one_spelling(self, client, ending):
        lower = await get(client, f"/digest/2026-w47{ending}?spec=cs.LG", 301)
        assert lower.headers["location"] == f"/digest/{WEEK}{ending}?spec=cs.LG"
        week_5 = await get(client, f"/digest/2026-W5{ending}?spec=cs.LG", 301)
        assert week_5.headers["location"] == f"/digest/2026-W05{ending}?spec=cs.LG"

    async def test_of_the_future_is_none(self, client):
        await get(client, "/digest/2026-W48.json?spec=cs.LG", 404)
        await get(client, "/digest/1991-W30.json?spec=cs.LG", 404)

    async def test_best_papers_come_from_all_its_days(self, client):
        ranked = "like=2611.91801&sort=score&spec=cs.LG"
        everything = (await get(client, f"/digest/{WEEK}.json?{ranked}")).json()
        best = (await get(client, f"/digest/{WEEK}.json?like=2611.91801&sort=score&spec=cs.LG&top=3")).json()
        scores = [entry["score"] for entry in everything["entries"]]
        assert scores == sorted(scores, reverse=True)
        assert ids_of(best) == ids_of(everything)[:3]
        report = (await get(client, f"/api/digests/{WEEK}?like=2611.91801&sort=score&spec=cs.LG&top=3")).json()
        assert report["shown"] == 3
        page = (await get(client, f"/digest/{WEEK}?like=2611.91801&sort=score&spec=cs.LG&top=3")).text
        assert "the best papers of these announcements" in page

    async def test_without_sort_keeps_the_best_of_each_day(self, client):
        digest = (await get(client, f"/digest/{WEEK}.json?like=2611.91801&spec=cs.LG&top=1")).json()
        assert [entry["announced"] for entry in digest["entries"]] == ["2026-11-16", "2026-11-17", "2026-11-18"]

    async def test_that_lacks_days_shows_the_others_and_says_so(self, site):
        async with site.client() as client:
            await get(client, "/digest/2026-10-28.json?spec=cs.LG")
            site.arxiv.now_reply(httpx.Response(503))
            found = await get(client, "/api/digests/2026-W44?spec=cs.LG")
            await get(client, "/digest/2026-W43.json?spec=cs.LG", 503)
        states = {one["day"]: one["status"] for one in found.json()["receipts"]}
        assert states.pop("2026-10-28") == "quiet"
        assert set(states.values()) <= {"missing", "filling"}
        assert "s-maxage=60" in found.headers["cache-control"]


class TestARange:
    async def test_holds_its_days(self, client):
        found = (await get(client, "/api/digests/2026-11-13..2026-11-17?spec=cs.LG")).json()
        assert [one["day"] for one in found["receipts"]] == ["2026-11-17", "2026-11-16", "2026-11-13"]
        assert (found["previous"], found["next"], found["is_running"]) == (None, None, False)
        assert "13 November 2026 to 17 November 2026" in (await get(client, "/digest/2026-11-13..2026-11-17")).text

    @pytest.mark.parametrize("text", ["2026-11-18..2026-11-17", "2026-10-01..2026-11-17", "2026-11-17.."])
    async def test_that_is_none_is_refused(self, client, text):
        found = await get(client, f"/digest/{text}.json?spec=cs.LG", 400)
        assert found.json()["parameter"] == "date"

    async def test_of_one_day_is_that_day(self, client):
        found = await get(client, "/digest/2026-11-17..2026-11-17?spec=cs.LG", 301)
        assert found.headers["location"] == "/digest/2026-11-17?spec=cs.LG"

    async def test_of_a_weekend_says_why_it_is_empty(self, client):
        assert "No announcement: a weekend." in (await get(client, "/digest/2026-11-14..2026-11-15")).text


class TestTheFeedOfWeeks:
    async def items(self, client):
        return (await get(client, "/digest/feed.json?group=week&spec=cs.LG")).json()["items"]

    async def test_has_weeks_that_are_over(self, client):
        items = await self.items(client)
        assert [item["id"] for item in items] == [f"urn:arxiv-digest:week:{BEFORE}:list/cs.LG"]
        assert items[0]["url"] == f"http://papers.test/digest/{BEFORE}?spec=cs.LG"

    async def test_gains_a_week_once_its_last_announcement_is_complete(self, site):
        site.clock.now = datetime(2026, 11, 20, 14, tzinfo=UTC)
        await complete(site)
        async with site.client() as client:
            assert [week_in(item) for item in await self.items(client)] == [WEEK, BEFORE]

    async def test_gains_one_that_stays_incomplete_when_the_next_begins(self, site):
        site.clock.now = datetime(2026, 11, 20, 14, tzinfo=UTC)
        async with site.client() as client:
            assert [week_in(item) for item in await self.items(client)] == [BEFORE]
        site.clock.now = datetime(2026, 11, 23, 14, tzinfo=UTC)
        async with site.client() as client:
            assert [week_in(item) for item in await self.items(client)] == [WEEK, BEFORE]

    async def test_is_one_of_a_feed_of_papers_too(self, client):
        found = (await get(client, "/json/cs.LG?group=week")).json()
        assert [week_in(item) for item in found["items"]] == [BEFORE]
        assert found["title"].endswith("weekly digest")

    @pytest.mark.parametrize("format_name", ["rss", "atom"])
    async def test_comes_in_every_format(self, client, format_name):
        text = (await get(client, f"/digest/feed.{format_name}?group=week&spec=cs.LG")).text
        assert f"urn:arxiv-digest:week:{BEFORE}:list/cs.LG" in text


async def test_the_index_leads_to_weeks(client):
    page = (await get(client, "/digest?spec=cs.LG")).text
    assert f'<a href="/digest/{WEEK}?spec=cs.LG">Week 47</a>' in page
    assert '"/digest/feed.rss?group=week&amp;spec=cs.LG"' in page


async def test_programs_ask_for_weeks(client):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "digest", "arguments": {"day": WEEK, "spec": "cs.LG"}}}  # fmt: skip
    answer = await client.post("/mcp", json=call)
    found = json.loads(answer.json()["result"]["content"][0]["text"])
    assert (found["period"], found["is_running"]) == (WEEK, True)
