"""Whoever makes arXiv be asked for something new is charged for it, at whatever address: none of them forgets to say who asks."""

import pytest

from digest.arxiv.schedule import latest_feed_day
from tests.api.test_mcp import post, request_of
from tests.builders import NOON

pytestmark = pytest.mark.anyio

LIKE = "like=2501.00001"


@pytest.fixture
async def spent(filled_site):
    """Return a client that may have nothing new any more."""
    site = filled_site.copy()
    server = site.config.server.model_copy(update={"new_categories_per_hour": 1})
    site.config = site.config.model_copy(update={"server": server})
    async with site.client() as client:
        assert (await client.get("/rss/math.AG")).status_code == 200
        yield client


@pytest.mark.parametrize(
    "address",
    [
        *(f"/{name}/math.NT" for name in ("rss", "atom", "json", "list")),
        *(f"/{name}/cs.LG?{LIKE}" for name in ("rss", "atom", "json", "list")),
        "/list/math.NT?wait=1",
        "/list/math.NT.bib",
        f"/list/cs.LG.md?{LIKE}",
        f"/feeds/machines.rss?{LIKE}",
        f"/feeds/machines?{LIKE}",
        "/rss/math.NT?group=day",
        "/search/rss?query=ti%3Anothing",
        "/build?spec=math.NT",
        f"/build?{LIKE}&spec=cs.LG",
        "/api/papers?spec=math.NT",
        f"/api/papers?{LIKE}&spec=cs.LG",
        "/digest/feed.rss?spec=math.NT",
        f"/digest/feed.atom?{LIKE}&spec=cs.LG",
        "/digest/latest?spec=math.NT",
        "/digest/latest?spec=math.NT&wait=1",
        f"/digest/{latest_feed_day(NOON)}?{LIKE}&spec=cs.LG",
        "/digest/latest.md?spec=math.NT",
        f"/digest/{latest_feed_day(NOON)}.json?spec=math.NT",
        "/digest/2025-03-11.json?spec=cs.LG",
        "/api/digests/2025-03-11?spec=cs.LG",
    ],
)
async def test_what_is_new_is_charged(spent, address):
    assert (await spent.get(address)).status_code == 429


@pytest.mark.parametrize(
    "call",
    [
        {"name": "papers", "spec": "math.NT"},
        {"name": "papers", "spec": "cs.LG", "day": "2025-03-11"},
        {"name": "papers", "spec": "cs.LG", "like": "2501.00001"},
        {"name": "digest", "spec": "math.NT"},
        {"name": "explain", "spec": "math.NT", "id": "2601.00001"},
    ],
    ids=str,
)
async def test_what_is_new_is_charged_to_programs(spent, call):
    arguments = {name: value for name, value in call.items() if name != "name"}
    answer = await post(spent, request_of("tools/call", name=call["name"], arguments=arguments))
    assert "Try again in" in answer.text


@pytest.mark.parametrize(
    "address", ["/rss/cs.LG", "/list/cs.LG", "/", "/status", f"/digest/{latest_feed_day(NOON)}?spec=cs.LG"]
)
async def test_what_is_held_or_configured_is_free(spent, address):
    assert (await spent.get(address)).status_code == 200
