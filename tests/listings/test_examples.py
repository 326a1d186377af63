"""The texts behind `like` and `dislike`: from the listings, from arXiv behind the answer, from files and libraries."""

import asyncio
import os
from datetime import timedelta

import httpx
import pytest

from digest.costs import Costs, account, free
from digest.errors import InputError, TooManyRequestsError
from digest.listings.examples import Examples
from digest.listings.libraries import Libraries
from digest.selection import Scoring, Selection, narrow
from digest.selection.libraries import check_example_name
from digest.store.memory import MemoryStore
from digest.upstream.fetching import ArxivClient, FetchLimits
from digest.upstream.zotero import ZoteroClient
from tests.fakes import Clock, FakeArxiv, flying_clock
from tests.sites import ARXIV_URL, demo_replies
from tests.zotero import FakeZotero, make_item

pytestmark = pytest.mark.anyio
KNOWN = "2611.91801"
UNKNOWN = "2611.99999"
BIB = "@article{quill, title = {On {\\'E}tudes}, abstract = {Notes.}, eprint = {2601.05174}}"
RIS = "TY  - JOUR\nTI  - On Quills\nAB  - Feathers.\nER  -\n"
SECRET = "Unpublished thoughts"


class Bench:
    """Examples over stand-ins for arXiv and Zotero."""

    def __init__(self, folder, *, key=None, is_open=True):
        self.clock = Clock()
        self.store_clock = flying_clock()
        self.store = MemoryStore(now=self.store_clock)
        self.arxiv = FakeArxiv(demo_replies(self.clock))
        items = [make_item(number, title=f"{SECRET} {number}") for number in (2, 1)]
        self.zotero = FakeZotero({"users/1": items}, private={"users/1": key} if key else {})
        self.folder, self._key, self._is_open = folder, key, is_open
        self.examples = self.another()

    def another(self):
        limits = FetchLimits(interval=timedelta(milliseconds=1))
        client = ArxivClient(
            self.store, base_url=ARXIV_URL, user_agent="test", limits=limits, transport=self.arxiv, now=self.clock
        )
        zotero = ZoteroClient(self.store, user_agent="test", key=self._key, transport=self.zotero, now=self.clock)
        libraries = Libraries(self.store, zotero, now=self.clock)
        return Examples(self.store, client, folder=self.folder, libraries=libraries, is_open=self._is_open)

    async def of(self, *like, configured=True, admit=free, **scoring):
        """Return what is known of these once nothing is under way any more."""
        selection = Selection(scoring=Scoring(like=like, **scoring))
        return await self.examples.ranking(selection, is_configured=configured, admit=admit)

    async def for_reader(self, *like, admit=free):
        """Return the same as a reader's request gets it, and let what it began end."""
        costs = Costs()
        with account(costs):
            found = await self.of(*like, configured=False, admit=admit)
        await asyncio.gather(*costs.behind)
        return found

    @property
    def queries(self):
        return [request.url.params["id_list"] for request in self.arxiv.requests]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


async def test_papers_are_asked_for_together_and_once(bench):
    (found,) = (await bench.of(KNOWN)).examples
    assert (found.id, bool(found.title), bool(found.abstract)) == (KNOWN, True, True)
    assert (await bench.of(f"arXiv:{KNOWN}v1")).examples == (found,)
    bench.examples = bench.another()
    assert (await bench.of(KNOWN)).examples == (found,)
    assert bench.queries == [KNOWN]


async def test_a_reader_doesn_t_wait_and_finds_them_the_next_time(bench):
    first = await bench.for_reader(KNOWN, UNKNOWN)
    assert (first.examples, first.asked, first.is_settling) == ((), 2, True)
    again = await bench.for_reader(KNOWN, UNKNOWN)
    assert ([one.id for one in again.examples], again.asked, again.is_settling) == ([KNOWN], 2, False)
    assert not again.is_lacking
    assert len(bench.queries) == 1


async def test_an_unknown_id_is_asked_for_again_after_a_week_and_a_known_one_isn_t(bench):
    for days in (0, 6, 2):
        bench.store_clock.advance(days=days)
        bench.examples = bench.another()
        await bench.for_reader(UNKNOWN, KNOWN)
    assert bench.queries == [f"{UNKNOWN},{KNOWN}", UNKNOWN]


async def test_one_query_asks_for_fifty_and_each_costs_its_client_one_miss(bench):
    charged = []

    async def admit(contexts):
        charged.append(len(contexts))

    await bench.for_reader(*(f"2611.{number:05d}" for number in range(120)), admit=admit)
    assert [len(query.split(",")) for query in bench.queries] == [50, 50, 20]
    assert charged == [3]


async def test_who_may_not_make_arxiv_be_asked_is_refused(bench):
    async def refuse(_):
        raise TooManyRequestsError("enough", retry_after=timedelta(hours=1))

    with pytest.raises(TooManyRequestsError):
        await bench.for_reader(KNOWN, admit=refuse)
    with account(Costs()):
        assert (await bench.of(KNOWN, admit=refuse)).is_settling, "what the operator configured is nobody's cost"


async def test_arxiv_that_is_down_is_logged_and_left_alone_for_a_while(bench, caplog):
    bench.arxiv.now_reply(httpx.Response(404))
    for _ in range(2):
        found = await bench.of(UNKNOWN)
        assert (found.examples, found.is_lacking) == ((), True)
    assert UNKNOWN in caplog.text
    assert len(bench.arxiv.requests) == 1


@pytest.mark.parametrize(
    ("name", "text", "more"),
    [("mine.bib", BIB, BIB.replace("Notes.", "More notes.")), ("mine.RIS", RIS, RIS.replace("Feathers.", "Geese."))],
)
async def test_a_file_is_read_again_when_it_changes(bench, name, text, more):
    path = bench.folder / name
    path.write_text(text, encoding="utf-8")
    (found,) = (await bench.of(name)).examples
    assert found.title in {"On Études", "On Quills"}
    path.write_text(more, encoding="utf-8")
    os.utime(path, (0, 0))  # the clock of a file system is coarse
    (changed,) = (await bench.of(name)).examples
    assert changed.abstract in {"More notes.", "Geese."}
    assert bench.arxiv.requests == []


@pytest.mark.parametrize("name", ["absent.bib", "absent.ris"])
async def test_a_file_that_isn_t_there_is_named(bench, name):
    with pytest.raises(InputError, match=name):
        await bench.of(name)


@pytest.mark.parametrize("name", ["words", "2611", "zotero:users/me", "zotero:1", "mine.txt"])
def test_a_name_that_is_nothing_of_it_all_is_refused(name):
    with pytest.raises(InputError, match=name):
        check_example_name(name)


async def test_works_of_a_library_are_examples_and_older_ones_count_less(bench):
    bench.zotero.libraries["users/1"][1]["data"]["dateAdded"] = "2024-01-04T10:00:00Z"
    newer, older = (await bench.of("zotero:users/1")).examples
    assert (newer.title, newer.weight, newer.private) == (f"{SECRET} 2", 1.0, False)
    assert older.weight == 0.5
    assert bench.arxiv.requests == []


@pytest.mark.parametrize(
    ("key", "is_open", "reasons", "private"),
    [
        (None, True, None, False),
        ("k", True, None, True),
        ("k", False, None, False),
        ("k", True, "titles", False),
        ("k", True, "words", True),
        (None, True, "words", True),
        ("k", False, "words", True),
    ],
)
async def test_titles_of_a_private_library_stay_private_on_an_open_server(tmp_path, key, is_open, reasons, private):
    bench = Bench(tmp_path, key=key, is_open=is_open)
    found = await bench.of("zotero:users/1", reasons=reasons)
    assert [example.private for example in found.examples] == [private, private]


async def test_a_library_that_can_t_be_read_counts_as_one_unknown_example(tmp_path):
    bench = Bench(tmp_path)
    bench.zotero.private["users/1"] = "another key"
    found = await bench.of("zotero:users/1", "zotero:users/2")
    assert (found.examples, found.asked, found.is_lacking, found.is_settling) == ((), 2, True, False)


async def test_each_example_stands_at_its_level_and_side_once(bench):
    (bench.folder / "mine.bib").write_text(BIB, encoding="utf-8")
    base = Selection(scoring=Scoring(like=("mine.bib", "mine.bib", KNOWN)))
    by = Selection(scoring=Scoring(dislike=(KNOWN,)))
    found = await bench.examples.ranking(narrow(base, by), is_configured=True)
    placed = {(example.id, example.disliked, example.narrowing) for example in found.examples}
    assert placed == {("2601.05174", False, False), (KNOWN, False, False), (KNOWN, True, True)}
    assert len(found.examples) == 3
