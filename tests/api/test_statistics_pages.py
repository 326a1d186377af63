"""Pages of statistics: numbers of what was fetched, never a fetch of their own."""

import re
from datetime import timedelta

import anyio
import pytest

from digest.listings.tallies import Tally
from digest.listings.tally_shelf import KEEP
from digest.models import Counts
from digest.store.codec import pack
from digest.store.namespaced import NamespacedStore
from tests.sites import ARXIV_URL, Site

pytestmark = pytest.mark.anyio


async def get(client, path, status=200):
    found = await client.get(path)
    assert found.status_code == status, found.text[:300]
    return found


async def counted(site, path):
    """Ask until the days that were stored without numbers are counted; each client is a process of its own."""
    for _ in range(20):
        async with site.client() as client:
            page = (await get(client, path)).text
            await anyio.sleep(0.05)
        if "<table>" in page:
            return page
    raise AssertionError(page)


async def test_days_stored_by_an_older_version_are_counted_behind_the_answer(site):
    store = NamespacedStore(site.store, ARXIV_URL)
    for key in await store.keys("tally:"):
        await store.delete(key)
    asked = len(site.arxiv.requests)
    page = await counted(site, "/stats/cs.LG+stat.ML")
    assert len(site.arxiv.requests) == asked
    assert re.search(r'<th scope="row"><a href="/list/cs.LG">cs.LG</a></th><td class="number">\d', page)
    assert "Share of papers that link a repository" in page
    assert "<svg" in page


async def test_days_that_are_fetched_are_counted_with_them():
    site = Site()
    async with site.client() as client:
        assert "Nothing is counted yet" in (await get(client, "/stats/cs.LG")).text
        assert not site.arxiv.requests
        await get(client, "/rss/cs.LG")
    await counted(site, "/stats/cs.LG")


async def test_a_feeds_own_papers_and_words_come_first(site):
    page = await counted(site, "/stats/feeds/machines")
    assert "Papers of this feed, day by day" in page
    assert "Statistics: Machines" in page
    assert 'href="/feeds/machines"' in page


async def test_a_year_is_shown_by_weeks_in_one_page(site):
    store = NamespacedStore(site.store, ARXIV_URL)
    day, newest = site.clock.now.date() - timedelta(days=364), site.clock.now.date()
    while day <= newest:
        if day.weekday() < 5:
            tally = Tally(counts=Counts(new=130, cross=110), code=40, terms={f"term {n}": 3 for n in range(40)})
            await store.set(f"tally:cs.LG:{day}", pack(tally, 1), ttl=KEEP)
        day += timedelta(days=1)
    async with site.client() as client:
        page = await get(client, "/stats/cs.LG")
    assert "on average over each week" in page.text
    assert '<th scope="row">2025-W50</th><td class="number">240</td>' in page.text
    assert len(page.content) < 60_000


@pytest.mark.parametrize("path", ["/stats/xx.YY", "/stats/cs.LG?years=4", "/stats/cs.LG?days=3"])
async def test_what_makes_no_sense_is_refused(client, path):
    await get(client, path, 400)


async def test_an_unknown_feed_is_none(client):
    await get(client, "/stats/feeds/nope", 404)
    assert (await get(client, "/stats/cs.LG?years=1", 301)).headers["location"] == "/stats/cs.LG"
    assert (await get(client, "/stats/cs.LG?years=3")).headers["cache-control"].startswith("public")
