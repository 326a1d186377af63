"""Libraries in the store: read behind the answer, once a day, and never replaced by a reading that failed."""

import httpx
import pytest

from digest.listings.libraries import Libraries
from digest.selection.libraries import LibraryName
from digest.store.memory import MemoryStore
from digest.upstream.zotero import ZoteroClient
from tests.fakes import Clock
from tests.zotero import FakeZotero, make_item

pytestmark = pytest.mark.anyio

MINE = LibraryName("users/1")


class Desk:
    """Libraries over a stand-in, with what they share."""

    def __init__(self, *items):
        self.clock = Clock()
        self.store = MemoryStore(now=self.clock)
        self.zotero = FakeZotero({"users/1": list(items)})
        self.libraries = self.another()

    def another(self):
        client = ZoteroClient(self.store, user_agent="test", key=None, transport=self.zotero, now=self.clock)
        return Libraries(self.store, client, now=self.clock)

    async def titles(self, libraries=None):
        """Return the titles stored, and let what was begun end."""
        libraries = libraries or self.libraries
        known = (await libraries.items([MINE]))[MINE]
        await libraries.settle([MINE])
        return None if known is None else [item.title for item in known.items]


async def test_the_first_answer_does_not_wait_and_the_next_has_the_works():
    desk = Desk(make_item(1), make_item(2))
    assert await desk.titles() is None
    assert await desk.titles() == ["Work 1", "Work 2"]
    assert len(desk.zotero.requests) == 1


async def test_a_library_is_read_once_a_day():
    desk = Desk(make_item(1))
    await desk.titles()
    desk.clock.advance(hours=23)
    await desk.titles()
    assert len(desk.zotero.requests) == 1
    desk.clock.advance(hours=2)
    await desk.titles()
    assert desk.zotero.requests[-1].headers["If-Modified-Since-Version"] == "7"
    assert len(desk.zotero.requests) == 2


async def test_an_unchanged_library_keeps_its_works_for_another_day():
    desk = Desk(make_item(1))
    await desk.titles()
    desk.clock.advance(hours=25)
    await desk.titles()
    assert await desk.titles() == ["Work 1"]
    assert len(desk.zotero.requests) == 2


async def test_a_failed_reading_keeps_the_last_good_copy_and_is_tried_again_later():
    desk = Desk(make_item(1))
    await desk.titles()
    desk.clock.advance(hours=25)
    desk.zotero.before = lambda _: httpx.Response(500)
    await desk.titles()
    known = (await desk.libraries.items([MINE]))[MINE]
    assert [item.title for item in known.items] == ["Work 1"]
    assert "status 500" in known.problem
    assert len(desk.zotero.requests) == 2
    desk.clock.advance(minutes=31)
    desk.zotero.before = lambda _: None
    await desk.titles()
    assert (await desk.libraries.items([MINE]))[MINE].problem == ""


async def test_a_half_read_library_replaces_nothing():
    desk = Desk(*(make_item(number) for number in range(150)))
    await desk.titles()
    desk.clock.advance(hours=25)
    desk.zotero.version += 1
    desk.zotero.libraries["users/1"] = [make_item(number) for number in range(500, 650)]
    desk.zotero.before = lambda request: httpx.Response(500) if request.url.params["start"] == "100" else None
    await desk.titles()
    titles = await desk.titles()
    assert len(titles) == 150
    assert titles[0] == "Work 0"


async def test_two_instances_read_it_once():
    desk = Desk(make_item(1))
    one, other = desk.libraries, desk.another()
    await one.items([MINE])
    await other.items([MINE])
    await one.settle([MINE])
    await other.settle([MINE])
    assert len(desk.zotero.requests) == 1
