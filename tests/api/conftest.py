"""Servers for the tests of the HTTP side."""

import asyncio

import pytest

from tests.sites import Site, fill_site


@pytest.fixture(scope="session")
def filled_site():
    return asyncio.run(fill_site())


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
