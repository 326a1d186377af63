"""A server to attack: real HTTP over an invented arXiv whose clock stands still.

The quick form runs with all other tests. `ATTACK=long` makes many times as many cases, for an hour by hand.
"""

import asyncio
import os
import threading
import time

import pytest
import uvicorn

from api.factory import create_app
from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedRequest
from digest.selection import Selection
from tests.builders import make_config
from tests.sites import ARXIV_URL, FEEDS, Site

LONG = os.environ.get("ATTACK") == "long"


@pytest.fixture(scope="session")
def scale():
    """Returns the first number in the quick form, the second in the long one."""
    return lambda quick, long: long if LONG else quick


def unlimited_site():
    """A site whose clients may make arXiv be asked for as much as they like."""
    site = Site()
    site.config = make_config(f"server:\n  new_categories_per_hour: 0\n{FEEDS}", arxiv_url=ARXIV_URL)
    return site


async def filled(site):
    service = site.service()
    spec = parse_spec("cs.CL+cs.LG+stat.ML")
    await service.feeds.feed(FeedRequest(spec, Selection()), "json", self_url="", page_url="")
    await service.operations.keep_warm()
    await service.aclose()
    return site


@pytest.fixture(scope="session")
def attacked():
    """The port of a running server."""
    site = asyncio.run(filled(unlimited_site()))
    app = create_app(site.config, environ={}, make=lambda _config, _environ: site.service())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)
