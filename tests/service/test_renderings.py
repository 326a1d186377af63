"""Rendered documents in memory, and the threads that render."""

import asyncio
import os
import threading
from dataclasses import replace

import pytest

from digest.costs import Costs, account
from digest.listings.expiry import UNDECIDED
from digest.rendering.bodies import ORIGIN
from digest.rendering.documents import Document, etag_for
from digest.service.kept_bodies import ENTRY_BYTES, LIMIT_BYTES, KeptBodies
from digest.service.rendering_threads import RenderingThreads
from digest.service.renderings import NAMES_KEPT, Renderings
from tests.builders import NOON

pytestmark = pytest.mark.anyio


def make_document(size, *, seed=b"x"):
    body = seed * size
    return Document(body, "text/plain", etag_for(body), NOON, UNDECIDED)


def random_document(size):
    body = os.urandom(size)
    return Document(body, "text/plain", etag_for(body), NOON, UNDECIDED)


def make_renderings(limit_bytes=LIMIT_BYTES):
    bodies = KeptBodies(RenderingThreads(), limit_bytes=limit_bytes)
    return Renderings(bodies), bodies


def known(tag):
    return lambda etag, _modified: etag == tag


class TestKeeping:
    async def test_what_was_asked_for_least_lately_goes_first(self):
        kept, _bodies = make_renderings(4 * (3 * (ENTRY_BYTES + 30)) // 3)
        for name in "abc":
            kept.keep(name, make_document(30, seed=name.encode()))
        assert kept.get("a")
        kept.keep("d", make_document(30, seed=b"d"))
        assert [name for name in "abcd" if kept.get(name)] == ["a", "c", "d"]

    async def test_equal_bodies_under_many_names_are_kept_once(self):
        kept, bodies = make_renderings()
        for name in "abc":
            kept.keep(name, make_document(500))
        assert bodies.size_bytes == ENTRY_BYTES + 500
        assert kept.get("a").body == kept.get("c").body == b"x" * 500

    async def test_large_ones_push_out_large_ones_only(self):
        kept, bodies = make_renderings(16_000_000)
        kept.keep("small", make_document(5_000, seed=b"s"))
        for number in range(8):
            document = kept.keep(f"large {number}", random_document(1_500_000))
            await bodies.edition(document.etag, document.content, ORIGIN)
        assert kept.get("small")
        assert [number for number in range(8) if kept.get(f"large {number}")] == [6, 7]

    async def test_one_that_has_no_room_costs_the_others_nothing(self):
        kept, bodies = make_renderings(8_000_000)
        kept.keep("a", make_document(60))
        document = kept.keep("b", random_document(3_000_000))
        await bodies.edition(document.etag, document.content, ORIGIN)
        assert [name for name in "ab" if kept.get(name)] == ["a"]

    async def test_a_body_is_kept_packed_once_it_was_asked_for(self):
        kept, bodies = make_renderings()
        document = kept.keep("a", make_document(100_000))
        edition = await bodies.edition(document.etag, document.content, ORIGIN)
        assert edition.is_packed
        assert bodies.size_bytes < 2_000
        assert await bodies.plain(document.etag, edition) == b"x" * 100_000
        assert kept.get("a").body == b"x" * 100_000


class TestTags:
    async def test_outlive_the_bodies(self):
        kept, _bodies = make_renderings(10_000)
        first = make_document(900, seed=b"0")
        for number in range(40):
            kept.keep(str(number), make_document(900, seed=b"%d" % number))
        assert kept.get("0") is None
        assert kept.unchanged("0", known(first.etag)) == replace(first, content=None)
        assert kept.unchanged("0", known('"other"')) is None
        assert kept.unchanged("none", known(first.etag)) is None

    async def test_are_bounded(self):
        kept, _bodies = make_renderings()
        document = make_document(10)
        for number in range(NAMES_KEPT + 1):
            kept.keep(str(number), document)
        assert kept.unchanged("0", known(document.etag)) is None
        assert kept.unchanged(str(NAMES_KEPT), known(document.etag))


class TestRendering:
    async def test_gives_what_is_made_and_what_is_raised(self):
        threads = RenderingThreads()
        assert await threads.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)
        threads.close()

    async def test_a_client_with_much_to_render_leaves_a_thread_to_others(self):
        threads, held_back = RenderingThreads(), threading.Event()
        with account(Costs(client="greedy")):
            greedy = [asyncio.create_task(threads.run(held_back.wait)) for _ in range(10)]
        await asyncio.sleep(0)
        with account(Costs(client="modest")):
            assert await asyncio.wait_for(threads.run(lambda: 7), 5) == 7
        held_back.set()
        await asyncio.gather(*greedy)
        threads.close()

    async def test_who_gives_up_before_the_turn_costs_nothing(self):
        threads, held_back, made = RenderingThreads(), threading.Event(), []
        begun = [asyncio.create_task(threads.run(held_back.wait)) for _ in range(2)]
        waiting = asyncio.create_task(threads.run(lambda: made.append(1)))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        held_back.set()
        await asyncio.gather(*begun)
        assert await threads.run(lambda: 7) == 7
        assert made == []
        threads.close()
