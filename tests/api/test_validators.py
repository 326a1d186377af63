"""Whoever only ever sends the last validators ends with the same items as whoever never sends any."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summaries.kept import KEPT
from tests.builders import NOON
from tests.fakes import Clock, until
from tests.sites import Site, ask_anew, ask_until_settled

PATHS = ("/rss/cs.LG", "/json/cs.LG+stat.ML", "/feeds/languages.json", "/list/cs.LG")
BY_TAG, BY_DATE = ("etag", "if-none-match"), ("last-modified", "if-modified-since")
A_LOOK = timedelta(seconds=0.3)
"""A date has whole seconds: a clock that stands still would give two answers of arXiv the same one."""

steps = st.lists(
    st.one_of(
        st.tuples(st.just("later"), st.integers(1, 40)),
        st.tuples(st.just("poll"), st.sampled_from(PATHS)),
        st.tuples(st.sampled_from(["restart", "keep warm", "forget"]), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


class Reader:
    """Keeps the last body and one validator of it for each address, as feed readers do."""

    def __init__(self, validator):
        self._header, self._condition = validator
        self._kept = {}

    async def poll(self, client, path):
        known, _ = self._kept.get(path, ("", ""))
        answer = await ask_anew(client, path, {self._condition: known} if known else {})
        if answer.status_code == 200:
            self._kept[path] = (answer.headers[self._header], answer.text)
        else:
            assert answer.status_code in {304, 503}

    def body(self, path):
        return self._kept[path][1] if path in self._kept else ""


async def play(site, script, reader):
    """Play *script*, each part of it in a process of its own where it says "restart"; return what others read at last."""
    rest = [*script, ("keep warm", 0), *(("poll", path) for path in PATHS)]
    while rest:
        async with site.client() as client:
            while rest:
                what, argument = rest.pop(0)
                if what == "restart":
                    break
                if what == "later":
                    site.clock.advance(hours=argument)
                elif what == "poll":
                    await reader.poll(client, argument)
                elif what == "forget":
                    KEPT.clear()
                else:
                    service = site.service()
                    await service.operations.keep_warm()
                    await service.aclose()
            if not rest:
                fresh = {}
                for path in PATHS:
                    fresh[path] = (await ask_until_settled(client, path)).text
                    await reader.poll(client, path)
    return fresh


@pytest.mark.anyio
@pytest.mark.end_to_end
@pytest.mark.parametrize("validator", [BY_TAG, BY_DATE], ids=["tag", "date"])
@given(script=steps)
@settings(max_examples=4)
async def test_validators_never_hide_a_change(validator, script):
    reader = Reader(validator)
    fresh = await play(Site(clock=Clock(NOON, step=A_LOOK)), script, reader)
    assert {path: reader.body(path) for path in PATHS} == fresh


@pytest.mark.anyio
async def test_nor_does_the_date_of_the_last_poll():
    """What arXiv was asked for before that poll, and gave after it, bears the date of the question."""
    site, gate = Site(clock=Clock(NOON, step=A_LOOK)), asyncio.Event()

    async def hold():
        await (gate if "/rss/" in site.arxiv.requests[-1].url.path else asyncio.Event()).wait()

    async with site.client() as client:
        await ask_until_settled(client, "/list/cs.LG")
        site.clock.advance(days=1)
        site.arxiv.before_reply, asked = hold, len(site.arxiv.requests)
        before = await ask_anew(client, "/list/cs.LG")  # the page begins a check, and doesn't wait for it
        await until(lambda: len(site.arxiv.requests) > asked)
        site.clock.advance(seconds=3)
        polled = format_datetime(site.clock(), usegmt=True)
        gate.set()
        for _ in range(500):
            await asyncio.sleep(0.01)
            if (fresh := await ask_anew(client, "/list/cs.LG")).text != before.text:
                break
        again = await ask_anew(client, "/list/cs.LG", {"if-modified-since": polled})
    assert fresh.text != before.text
    assert (again.status_code, again.text) == (200, fresh.text)
