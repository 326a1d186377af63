"""Rendered documents in memory."""

from datetime import timedelta

import pytest

from digest.documents import Document, etag_for
from digest.renderings import Renderings
from tests.builders import NOON

pytestmark = pytest.mark.anyio


def make_document(size):
    body = b"x" * size
    return Document(body, "text/plain", etag_for(body), NOON, timedelta(0))


class TestKeeping:
    async def test_what_was_asked_for_least_lately_goes_first(self):
        kept = Renderings(limit_bytes=100)
        for name in ("a", "b", "c"):
            kept.keep(name, make_document(30))
        assert kept.get("a")
        kept.keep("d", make_document(30))
        assert [name for name in "abcd" if kept.get(name)] == ["a", "c", "d"]

    async def test_the_last_one_is_kept_however_long_it_is(self):
        kept = Renderings(limit_bytes=100)
        kept.keep("a", make_document(60))
        kept.keep("b", make_document(500))
        assert [name for name in "ab" if kept.get(name)] == ["b"]

    async def test_one_in_the_place_of_another_counts_once(self):
        kept = Renderings(limit_bytes=100)
        kept.keep("a", make_document(60))
        kept.keep("b", make_document(30))
        kept.keep("b", make_document(40))
        assert kept.get("a")
        assert len(kept.get("b").body) == 40


class TestRendering:
    async def test_gives_what_is_made_and_what_is_raised(self):
        renderings = Renderings()
        assert await renderings.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await renderings.run(lambda: 1 / 0)
        renderings.close()
