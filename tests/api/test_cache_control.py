"""What caches are told in every state that an answer can have."""

import re
import time
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from api.responses import cache_control
from digest.arxiv import schedule
from digest.listings.expiry import Expiry
from tests.sites import Site, demo_replies

pytestmark = pytest.mark.anyio

FEEDS = ("/rss/cs.LG", "/atom/cs.LG+stat.ML", "/feeds/machines.json", "/api/papers?spec=cs.LG", "/list/cs.LG", "/")
DIGESTS = ("/digest?spec=cs.LG", "/digest/latest.json?spec=cs.LG", "/digest/feed.rss?spec=cs.LG")


def told(response):
    """Return max-age and s-maxage of an answer that caches may keep."""
    control = response.headers["cache-control"]
    assert "stale-while-revalidate" not in control
    found = re.fullmatch(r"public, max-age=(\d+), s-maxage=(\d+), stale-if-error=604800", control)
    assert found, control
    return int(found[1]), int(found[2])


async def ask(site, path):
    async with site.client() as client:
        return await client.get(path)


def until_next_change(site):
    """Return seconds until the next announcement, with the longest time by which we ask later."""
    return (schedule.next_feed_change(site.clock.now) - site.clock.now).total_seconds() + 15 * 60


@pytest.mark.parametrize("path", [*FEEDS, *DIGESTS])
class TestWhatDependsOnAnnouncements:
    async def test_held_and_fresh(self, site, path):
        browser, shared = told(await ask(site, path))
        assert browser <= 300
        assert shared <= until_next_change(site)

    async def test_due_while_arxiv_is_away(self, site, path):
        site.clock.now = datetime(2026, 11, 20, 6, tzinfo=UTC)
        site.arxiv.now_reply(httpx.Response(503))
        browser, shared = told(await ask(site, path))
        assert browser <= shared <= 300

    async def test_at_the_weekend(self, site, path):
        site.clock.now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        await ask(site, path)
        site.clock.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        browser, shared = told(await ask(site, path))
        assert browser <= 300
        assert shared <= until_next_change(site)


@pytest.mark.parametrize("path", [path for path in FEEDS if path not in {"/", "/list/cs.LG"}])
async def test_cold_and_arxiv_is_away(cold_site, path):
    cold_site.arxiv.now_reply(httpx.Response(503))
    response = await ask(cold_site, path)
    assert (response.status_code, response.headers["cache-control"]) == (503, "no-store")


async def test_a_part_is_missing(site):
    held = demo_replies(site.clock)
    site.arxiv.now_reply(lambda request: httpx.Response(503) if "math" in str(request.url) else held(request))
    browser, shared = told(await ask(site, "/rss/cs.LG+math.AG"))
    assert browser <= shared <= 60


async def test_a_digest_that_nothing_changes_any_more(site):
    path = f"/digest/{date(2026, 11, 17)}.json?spec=cs.LG"
    await ask(site, path)
    site.clock.advance(days=7)
    assert told(await ask(site, path)) == (86_400, 7 * 86_400)


async def test_the_state_of_the_server(site):
    assert told(await ask(site, "/status")) == (30, 30)


async def test_a_form_without_papers(site):
    assert told(await ask(site, "/build")) == (300, 3600)


async def test_files_that_are_named_by_their_content(client):
    page = (await client.get("/")).text
    address = re.search(r"/static/style\.css\?v=\w+", page)[0]
    assert (await client.get(address)).headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("expiry", "age_s", "control"),
    [
        (Expiry(timedelta(hours=3)), 0.0, "public, max-age=300, s-maxage=10800, stale-if-error=604800"),
        (Expiry(timedelta(hours=3)), 12.0, "public, max-age=300, s-maxage=10788, stale-if-error=604800"),
        (Expiry(timedelta(seconds=20)), 12.5, "public, max-age=8, s-maxage=8, stale-if-error=604800"),
        (Expiry(timedelta(seconds=20)), 30.0, "public, max-age=1, s-maxage=1, stale-if-error=604800"),
        (Expiry(timedelta(seconds=5), is_kept=False), 0.0, "no-store"),
    ],
)
def test_an_answer_that_is_given_again_lasts_no_longer_than_the_first(expiry, age_s, control):
    assert cache_control(expiry, age_s) == control


async def test_a_hot_answer_is_given_again_with_the_time_that_is_left(site: Site, monkeypatch):
    async with site.client() as client:
        _, first = told(await client.get("/rss/cs.LG"))
        monotonic = time.monotonic
        monkeypatch.setattr("api.responses.time.monotonic", lambda: monotonic() + 10)
        _, again = told(await client.get("/rss/cs.LG"))
    assert first - 11 <= again <= first - 9
