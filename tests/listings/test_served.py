"""What a feed with `top` showed: days that are over only gain papers."""

from datetime import date, timedelta

import pytest

from digest.listings.served import _MOST_IDS, Served, ServedDays
from digest.models import Entry
from tests.builders import make_paper
from tests.fakes import quick_store

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


def test_only_so_many_papers_are_remembered_those_of_the_newest_days():
    entries = [
        Entry(paper=make_paper(id=f"{number}-{place}", announced=MONDAY - timedelta(days=number)))
        for number in range(3)
        for place in range(_MOST_IDS // 2)
    ]
    assert sorted(Served(feed="x").with_shown(entries).days) == [MONDAY - timedelta(days=1), MONDAY]
