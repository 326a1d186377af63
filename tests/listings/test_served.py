"""What a feed with `top` showed: days that are over only gain papers."""

import asyncio
from datetime import date, timedelta

import pytest

from digest.listings.served import _A_PLACE, _MOST_IDS, Served, ServedDays
from digest.models import Entry
from digest.store.memory import MemoryStore
from tests.builders import make_paper
from tests.fakes import Clock, flying_clock, quick_store

pytestmark = pytest.mark.anyio
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 1, day) for day in (26, 27, 28))


def shown(**days):
    """Entries by day: `shown(mon="ab")` are the papers a and b of Monday."""
    names = {"mon": MONDAY, "tue": TUESDAY, "wed": WEDNESDAY}
    return [Entry(paper=make_paper(id=ident, announced=names[day])) for day, ids in days.items() for ident in ids]


def held(served):
    return {day.strftime("%a").lower(): "".join(ids) for day, ids in served.days.items()}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([shown(mon="ab")], {"mon": "ab"}),
        ([shown(mon="ab"), shown(mon="bc")], {"mon": "bc"}),
        ([shown(mon="ab", tue="d"), shown(mon="bc", tue="e")], {"mon": "abc", "tue": "e"}),
        ([shown(tue="d"), shown(mon="a")], {"mon": "a", "tue": "d"}),
        ([shown(mon="a"), shown(tue="d")], {"mon": "a", "tue": "d"}),
        ([shown(mon="a", tue="d"), shown()], {"mon": "a", "tue": "d"}),
    ],
    ids=["first", "newest-changes", "older-gains", "older-later", "next-day", "nothing"],
)
async def test_days_that_are_over_only_gain(steps, expected):
    days = ServedDays(quick_store())
    for entries in steps:
        await days.note("feed", entries, is_configured=False)
    assert held(await days.of("feed", is_configured=False)) == expected


@pytest.mark.parametrize(
    ("newest", "closed"), [(MONDAY, [MONDAY]), (TUESDAY, [MONDAY]), (WEDNESDAY, [MONDAY, TUESDAY])]
)
def test_a_day_is_over_once_a_later_one_is_known(newest, closed):
    served = Served(feed="x").with_shown(shown(mon="a", tue="b"))
    assert [one.day for one in served.before(newest)] == closed


async def test_addresses_share_a_bounded_number_of_places(monkeypatch):
    monkeypatch.setattr("digest.listings.served._PLACES", 1)
    monkeypatch.setattr("digest.listings.served._A_PLACE", 1)
    store = quick_store()
    days = ServedDays(store)
    await days.note("one", shown(mon="a"), is_configured=False)
    await days.note("mine", shown(mon="b"), is_configured=True)
    await days.note("other", shown(mon="c"), is_configured=False)
    found = [
        held(await days.of(name, is_configured=own)) for name, own in (("one", False), ("mine", True), ("other", False))
    ]
    assert found == [{}, {"mon": "b"}, {"mon": "c"}]
    assert len(await store.keys("served:")) == 2


async def test_feeds_of_a_place_know_their_days_side_by_side_until_it_is_full(monkeypatch):
    monkeypatch.setattr("digest.listings.served._PLACES", 1)
    days = ServedDays(quick_store())
    for number in range(_A_PLACE):
        await days.note(f"feed{number}", shown(mon=f"{number}"), is_configured=False)
    await days.note("feed0", shown(mon="0", tue="x"), is_configured=False)
    await days.note("late", shown(mon="l"), is_configured=False)
    names = [*(f"feed{number}" for number in range(_A_PLACE)), "late"]
    found = [held(await days.of(name, is_configured=False)) for name in names]
    assert found == [{"mon": "0", "tue": "x"}, {}, {"mon": "2"}, {"mon": "3"}, {"mon": "l"}]


class SlowStore(MemoryStore):
    """Lets others in after each look, as a store on another machine does."""

    async def get(self, key):
        found = await super().get(key)
        await asyncio.sleep(0)
        return found


@pytest.mark.parametrize("is_configured", [True, False])
async def test_processes_that_show_a_feed_at_once_lose_nothing_of_a_day_that_is_over(is_configured):
    store = SlowStore(now=flying_clock())
    await ServedDays(store).note("feed", shown(tue="t"), is_configured=is_configured)
    processes = [ServedDays(store) for _ in range(5)]
    told = await asyncio.gather(
        *(
            process.note("feed", shown(mon=paper, tue="t"), is_configured=is_configured)
            for process, paper in zip(processes, "abcde", strict=True)
        )
    )
    assert held(await ServedDays(store).of("feed", is_configured=is_configured)) == {"mon": "abcde", "tue": "t"}
    assert max(len(one.days[MONDAY]) for one in told) == 5, "the last to write learns of all the others"


async def test_a_lease_whose_holder_died_is_waited_for():
    store = quick_store()
    assert await store.acquire("served:feed", ttl=timedelta(seconds=1))
    await ServedDays(store).note("feed", shown(mon="a"), is_configured=True)
    assert held(await ServedDays(store).of("feed", is_configured=True)) == {"mon": "a"}


async def test_a_write_that_a_later_lease_overtook_is_repeated():
    days = ServedDays(OvertakenStore(now=flying_clock()))
    await days.note("feed", shown(mon="a"), is_configured=True)
    assert held(await days.of("feed", is_configured=True)) == {"mon": "a"}


class OvertakenStore(MemoryStore):
    """Refuses the first write under a lease, as if its holder had been frozen."""

    has_refused = False

    async def set(self, key, value, *, ttl=None, lease=None):
        if lease and not self.has_refused:
            self.has_refused = True
            return False
        return await super().set(key, value, ttl=ttl, lease=lease)


async def test_a_place_that_stays_locked_holds_no_answer_back_for_ever(monkeypatch, caplog):
    monkeypatch.setattr("digest.listings.served._TRIES", 2)
    monkeypatch.setattr("digest.listings.served._WAIT_S", 0)
    store = MemoryStore(now=Clock())
    assert await store.acquire("served:feed", ttl=timedelta(seconds=1))
    told = await ServedDays(store).note("feed", shown(mon="a"), is_configured=True)
    assert held(told) == {"mon": "a"}
    assert "not recorded" in caplog.text


def test_only_so_many_papers_are_remembered_those_of_the_newest_days():
    entries = [
        Entry(paper=make_paper(id=f"{number}-{place}", announced=MONDAY - timedelta(days=number)))
        for number in range(3)
        for place in range(_MOST_IDS // 2)
    ]
    assert sorted(Served(feed="x").with_shown(entries).days) == [MONDAY - timedelta(days=1), MONDAY]
