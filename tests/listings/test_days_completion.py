"""Days made whole over a whole service: which answers count, and what is asked next where one doesn't."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedRequest
from digest.selection import Selection
from tests.builders import WEDNESDAY
from tests.fakes import settled
from tests.sites import Site, demo_replies

pytestmark = pytest.mark.anyio
Reply = Callable[[httpx.Request], httpx.Response]


async def week_of(site: Site) -> dict[str, tuple[str, int]]:
    """Fill a week of cs.LG and return status and number of papers of each day."""
    service = site.service()
    request = FeedRequest(parse_spec("cs.LG"), Selection())
    await service.feeds.feed(request, "json", self_url="http://papers.test/x", page_url="http://papers.test/")
    await service.operations.keep_warm()
    (context,) = (await service.operations.status()).contexts
    await service.aclose()
    return {str(one.day): (one.status.value, one.held.total) for one in context.days}


def replying(by_path: dict[str, Reply | httpx.Response], otherwise: Reply) -> Reply:
    """Answer requests whose path begins with one of *by_path* as it says there."""

    def reply(request: httpx.Request) -> httpx.Response:
        found = next((one for start, one in by_path.items() if request.url.path.startswith(start)), otherwise)
        return found(request) if callable(found) else found

    return reply


@pytest.fixture
async def whole() -> dict[str, tuple[str, int]]:
    """What becomes of the week where nothing goes wrong."""
    return await week_of(Site())


async def test_a_listing_page_of_another_day_is_passed_over_for_the_catch_up_page(whole):
    site = Site()
    yesterday = demo_replies(lambda: site.clock.now - timedelta(days=1))
    site.arxiv.now_reply(replying({"/list/": yesterday}, demo_replies(site.clock)))
    assert await week_of(site) == whole
    assert whole[str(WEDNESDAY)][0] == "complete"
    assert f"/catchup/cs.LG/{WEDNESDAY}" in site.arxiv.paths


async def test_a_catch_up_page_of_another_day_leaves_that_day_to_the_query_api(whole):
    site = Site()
    other = demo_replies(site.clock)

    def one_day_earlier(request: httpx.Request) -> httpx.Response:
        path = request.url.path.replace("2026-11-16", "2026-11-13")
        return other(httpx.Request("GET", request.url.copy_with(path=path)))

    site.arxiv.now_reply(replying({"/catchup/cs.LG/2026-11-16": one_day_earlier}, other))
    found = await week_of(site)
    assert found == whole | {"2026-11-16": ("unconfirmed", found["2026-11-16"][1])}
    assert found["2026-11-16"][1] > 0


async def test_who_needs_the_right_to_write_a_context_gets_it_between_two_days() -> None:
    site = Site()
    service = site.service()
    asked_before: list[asyncio.Task[int]] = []

    async def note() -> None:
        if "/catchup/" in site.arxiv.requests[-1].url.path and not asked_before:
            asked_before.append(asyncio.create_task(enter()))
            await asyncio.sleep(0.05)

    async def enter() -> int:
        async with service.operations._listings._shelf.leases.of(("cs.LG",)):
            return sum("/catchup/" in path for path in site.arxiv.paths)

    site.arxiv.before_reply = note
    request = FeedRequest(parse_spec("cs.LG"), Selection())
    await settled(service.feeds.feed(request, "json", self_url="http://a/json/x", page_url="http://a/"))
    assert sum("/catchup/" in path for path in site.arxiv.paths) > 2
    assert await asked_before[0] == 1
    await service.aclose()
