"""However many addresses are asked for, and whatever they look like, what the process remembers stays below a bound."""

import asyncio
import os
import random
import tracemalloc
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from api.factory import create_app
from api.responses import _HOT_BYTES, HotAnswers, Servable
from api.scopes import DigestParams, scope_of
from digest.listings.expiry import UNDECIDED
from digest.rendering.documents import Document, etag_for
from digest.service import digests as digest_service
from digest.service.kept_bodies import LIMIT_BYTES, PLAIN_BYTES, KeptBodies
from digest.service.rendering_threads import RenderingThreads
from digest.service.renderings import NAMES_KEPT, Renderings
from tests.attack.conftest import filled, unlimited_site
from tests.builders import NOON

pytestmark = pytest.mark.anyio

STATM = Path("/proc/self/statm")
LONG = os.environ.get("ATTACK") == "long"
REQUESTS = 100_000 if LONG else 1_500
BOUND_MB = 450 if LONG else 150
"""That the process may grow by; in the quick form most caches don't fill up, so their own counts are what counts."""


def word(rng, most=12):
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, most)))


SHAPES = (
    lambda rng: f"/rss/cs.LG?include={word(rng)}",
    lambda rng: f"/atom/cs.LG?exclude={','.join(sorted(word(rng) for _ in range(90)))}",
    lambda rng: f"/json/stat.ML?author={word(rng, 400)}",
    lambda rng: f"/rss/cs.CL?q=ti%3A{word(rng, 600)}",
    lambda rng: f"/list/cs.LG?include={word(rng)}",
    lambda rng: f"/list/cs.LG.bib?include={word(rng)}",
    lambda rng: f"/build?include={word(rng)}&spec=cs.LG",
    lambda rng: f"/api/papers?include={word(rng)}&spec=stat.ML",
    lambda rng: f"/api/papers?page_size={rng.randint(1, 99)}&q=ti%3A{word(rng)}&spec=cs.LG",
    lambda rng: f"/api/papers/{rng.randint(1000, 2611)}.{rng.randint(10000, 99999)}",
    lambda rng: f"/digest/2026-11-18.json?q=ti%3A{word(rng)}&spec=cs.LG",
    lambda rng: f"/digest/2026-11-17?exclude={word(rng)}&spec=cs.LG",
    lambda rng: f"/digest/2026-11-15.md?q=ti%3A{word(rng, 900)}&spec=cs.LG",
    lambda rng: f"/digest/feed.rss?include={word(rng)}&spec=cs.LG",
    lambda rng: f"/feeds/machines.json?include={word(rng)}",
    lambda rng: f"/search/rss?query=ti%3A{word(rng)}",
    lambda rng: f"/{word(rng, 3_000)}",
    lambda rng: f"/rss/{word(rng)}",
    lambda rng: f"/rss/cs.LG?{word(rng)}=1",
    lambda rng: f"/opml.xml?spec=cs.LG,{word(rng)}",
    lambda rng: "/rss/cs.LG",
    lambda rng: "/",
)


def hosts(rng):
    return rng.choice(
        ["papers.test", f"{word(rng)}.test", word(rng, 250), f"[::{rng.randint(1, 9999):x}]:{rng.randint(1, 65535)}"]
    )


async def attack(app, rng):
    """Send one request; return its status."""
    path, _, query = rng.choice(SHAPES)(rng).partition("?")
    headers = [(b"host", hosts(rng).encode()), (b"accept-encoding", rng.choice([b"gzip", b"identity"]))]
    if rng.random() < 0.3:
        headers.append((b"if-none-match", f'"{word(rng, 3_000)}"'.encode()))
    status = 0

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        nonlocal status
        status = message.get("status", status)

    address = f"192.0.2.{rng.randint(1, 200)}"
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": rng.choice(["GET", "HEAD"]), "scheme": "http", "path": path, "query_string": query.encode(), "root_path": "", "headers": headers, "client": (address, 1), "server": ("127.0.0.1", 80)}  # fmt: skip
    await app(scope, receive, send)
    return status


def make_bodies():
    return KeptBodies(RenderingThreads())


def resident_mb():
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not STATM.exists(), reason="this system doesn't tell the memory of a process so")
async def test_requests_of_any_shape_leave_the_process_below_a_bound():
    site = await filled(unlimited_site())
    app = create_app(site.config, environ={}, make=lambda _config, _environ: site.service())
    rng = random.Random(5)
    for _ in range(100):
        await attack(app, rng)
    before = resident_mb()
    statuses = {await attack(app, rng) for _ in range(REQUESTS)}
    service = app.state.backend.service()
    assert statuses <= {200, 304, 308, 400, 404, 429, 503}
    assert app.state.hot.size_bytes <= _HOT_BYTES
    assert service.bodies.size_bytes <= LIMIT_BYTES + PLAIN_BYTES
    assert len(service.pages._publisher._renderings) <= NAMES_KEPT
    assert app.state.backend.service().digests.size_bytes <= digest_service._CONTENTS_BYTES
    grown = resident_mb() - before
    print(
        f"{REQUESTS:,} requests: {grown:.0f} MB more, of it counted {(service.bodies.size_bytes + app.state.hot.size_bytes) / 1e6:.1f}"
    )
    assert grown < BOUND_MB
    await app.state.backend.aclose()


class TestCounting:
    """Counts are true: not less than what the interpreter allocates."""

    @staticmethod
    def measured(fill):
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = fill()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        return kept, grown

    @pytest.mark.parametrize("host_length", [11, 250])
    async def test_of_hot_answers(self, host_length):
        bodies = make_bodies()

        def fill():
            hot = HotAnswers()
            for number in range(700):
                body = b"%d" % number
                document = Document(body, "text/plain", etag_for(body), NOON, UNDECIDED)
                key = ("http", b"%0*d" % (host_length, number), f"/rss/{number}", b"include=%d" % number)
                hot.put(key, Servable(document, bodies, origin=f"http://{number}", compress=True))
            return hot

        hot, grown = self.measured(fill)
        assert 0.9 * grown < hot.size_bytes < 2.5 * grown

    @pytest.mark.parametrize("length", [10, 900, 9_000])
    async def test_of_bodies(self, length):
        def fill():
            bodies = make_bodies()
            for number in range(1_000):
                body = (b"%d" % number).ljust(length)
                document = Document(body, "text/plain", etag_for(body), NOON, UNDECIDED)
                bodies.hold(document)
            return bodies

        bodies, grown = self.measured(fill)
        assert 0.9 * grown < bodies.size_bytes < 2.5 * grown

    async def test_of_tags(self):
        def fill():
            renderings = Renderings(make_bodies())
            document = Document(b"x", "text/plain", etag_for(b"x"), NOON, UNDECIDED)
            for number in range(2_000):
                etag = etag_for(b"%d" % number)
                renderings.keep(f"{number:064}", Document(b"", "text/plain", etag, NOON, document.expiry))
            return renderings

        _, grown = self.measured(fill)
        assert grown / 2_000 * NAMES_KEPT < 30_000_000

    async def test_of_digests_that_show_nothing(self):
        site = await filled(unlimited_site())
        app = create_app(site.config, environ={}, make=lambda _config, _environ: site.service())
        rng = random.Random(5)
        await attack(app, rng)
        service = app.state.backend.service()
        before = service.digests.size_bytes
        shapes = [f"q=ti%3A{word(rng, 30)}&spec=stat.ML" for _ in range(60)]
        tracemalloc.start()
        start = tracemalloc.get_traced_memory()[0]
        for query in shapes:
            scope = scope_for(service, query)
            period, _ = await service.digests.newest(scope)
            await service.digests.digest(scope, period)
        grown = tracemalloc.get_traced_memory()[0] - start
        tracemalloc.stop()
        counted = service.digests.size_bytes - before
        assert counted >= 60 * digest_service._DAY_BYTES
        assert counted > 0.8 * grown
        await app.state.backend.aclose()


def scope_for(service, query):
    return scope_of(service, DigestParams(**dict(parse_qsl(query))))
