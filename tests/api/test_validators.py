"""Whoever only ever sends the last validators ends with the same items as whoever never sends any."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summaries.kept import KEPT
from tests.sites import Site

PATHS = ("/rss/cs.LG", "/json/cs.LG+stat.ML", "/feeds/languages.json", "/list/cs.LG")

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
    """Keeps the last body and its validators for each address, as feed readers do."""

    def __init__(self):
        self._kept = {}

    async def poll(self, client, path):
        tag, _ = self._kept.get(path, ("", ""))
        answer = await client.get(path, headers={"if-none-match": tag} if tag else {})
        if answer.status_code == 200:
            self._kept[path] = (answer.headers["etag"], answer.text)
        else:
            assert answer.status_code in {304, 503}

    def body(self, path):
        return self._kept[path][1] if path in self._kept else ""


async def play(site, script):
    """Play *script*, each part of it in a process of its own where it says "restart"; return what the reader has at last."""
    reader = Reader()
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
                    site.clock.advance(seconds=20)  # answers given lately are repeated for some seconds
            if not rest:
                site.clock.advance(seconds=20)
                fresh = {path: (await client.get(path)).text for path in PATHS}
    return {path: reader.body(path) for path in PATHS}, fresh


@pytest.mark.anyio
@pytest.mark.end_to_end
@given(script=steps)
@settings(max_examples=4)
async def test_validators_never_hide_a_change(script):
    had, fresh = await play(Site(), script)
    assert had == fresh
