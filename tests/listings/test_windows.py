"""Parts of a window."""

from datetime import date, timedelta

from digest.listings.states import ContextState, DayState
from digest.listings.windows import LoadedWindow, behind
from digest.models import Counts
from tests.builders import NOON, make_listing, make_paper

MONDAY = date(2026, 11, 16)
DAYS = tuple(MONDAY + timedelta(n) for n in (2, 1, 0))


def test_what_was_announced_later_is_a_window_of_its_own():
    state = ContextState(context="cs.LG", days={day: DayState(mark="x", held=Counts(new=1)) for day in DAYS})
    listings = tuple(make_listing(make_paper(announced=day), day=day) for day in DAYS)
    whole = LoadedWindow(
        states={"cs.LG": state},
        first_day=MONDAY,
        days=DAYS,
        fresh_until=NOON,
        filling=frozenset(),
        is_settling=False,
        listings=listings,
    )
    part = behind(whole, MONDAY)
    assert [listing.day for listing in part.listings] == list(DAYS[:2])
    assert (part.days, part.first_day) == (DAYS[:2], DAYS[1])
    assert part.marks.keys() == {("cs.LG", day) for day in DAYS[:2]}
    assert behind(whole, DAYS[0]).listings == ()
    assert behind(whole, MONDAY - timedelta(30)).listings == listings
