"""Servers for the tests of the HTTP side."""

import asyncio

import pytest

from digest.feeds import FeedRequest
from digest.selection import Selection
from digest.taxonomy import parse_spec
from tests.sites import Site


async def _filled() -> Site:
    site = Site()
    service = site.service()
    contexts = ("cs.CL", "cs.LG", "stat.ML")
    await service.feed(FeedRequest(parse_spec("+".join(contexts)), Selection()), "json", self_url="", page_url="")
    await service.keep_warm()
    await service.aclose()
    return site


@pytest.fixture(scope="session")
def filled_site():
    return asyncio.run(_filled())


@pytest.fixture
def site(filled_site):
    """A server that holds the week of cs.LG, stat.ML and cs.CL and has asked arXiv nothing yet."""
    return filled_site.copy()


@pytest.fixture
def cold_site():
    """A server that holds nothing."""
    return Site()


@pytest.fixture
async def client(site):
    async with site.client() as opened:
        yield opened
