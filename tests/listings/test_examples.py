"""The texts behind `like`: from arXiv, each once, and from BibTeX files beside the configuration."""

import os
from datetime import timedelta

import httpx
import pytest

from digest.errors import InputError
from digest.listings.examples import Examples
from digest.upstream.fetching import ArxivClient, FetchLimits
from tests.fakes import Clock, FakeArxiv, quick_store
from tests.sites import ARXIV_URL, demo_replies

pytestmark = pytest.mark.anyio
KNOWN = "2611.91801"
BIB = "@article{quill, title = {On {\\'E}tudes}, abstract = {Notes.}, eprint = {2601.05174}}"


@pytest.fixture
def arxiv():
    return FakeArxiv(demo_replies(Clock()))


@pytest.fixture
def store():
    return quick_store()


@pytest.fixture
def examples(arxiv, store, tmp_path):
    limits = FetchLimits(interval=timedelta(milliseconds=1))
    client = ArxivClient(store, base_url=ARXIV_URL, user_agent="test", limits=limits, transport=arxiv, now=Clock())
    return Examples(store, client, folder=tmp_path)


async def test_papers_are_asked_for_together_and_once(examples, arxiv):
    (found,) = await examples.texts([KNOWN])
    assert (found.id, bool(found.title), bool(found.abstract)) == (KNOWN, True, True)
    assert await examples.texts([f"arXiv:{KNOWN}v1"]) == (found,)
    assert [request.url.params["id_list"] for request in arxiv.requests] == [KNOWN]


@pytest.mark.parametrize("reply", [httpx.Response(404), None], ids=["down", "unknown"])
async def test_one_that_can_t_be_had_is_logged_and_left_alone_for_a_while(examples, arxiv, caplog, reply):
    if reply:
        arxiv.now_reply(reply)
    for _ in range(2):
        assert await examples.texts(["2611.99999"]) == ()
    assert "2611.99999" in caplog.text
    assert len(arxiv.requests) == 1


async def test_a_bibtex_file_is_read_again_when_it_changes(examples, tmp_path, arxiv):
    path = tmp_path / "mine.bib"
    path.write_text(BIB, encoding="utf-8")
    (found,) = await examples.texts(["mine.bib"])
    assert (found.id, found.title, found.abstract) == ("2601.05174", "On Études", "Notes.")
    path.write_text(BIB.replace("Notes.", "More notes."), encoding="utf-8")
    os.utime(path, (0, 0))  # the clock of a file system is coarse
    (found,) = await examples.texts(["mine.bib"])
    assert found.abstract == "More notes."
    assert arxiv.requests == []


@pytest.mark.parametrize("name", ["absent.bib", "words", "2611"])
async def test_a_name_that_is_neither_id_nor_file_is_refused(examples, name):
    with pytest.raises(InputError, match=name):
        await examples.texts([name])
