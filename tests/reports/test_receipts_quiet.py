"""What receipts say of days without papers."""

from datetime import date

import pytest

from digest.listings.states import ContextState, DayState
from digest.models import Counts, Source
from digest.reports.receipts import DayStatus, day_receipts
from tests.builders import NOON, WEDNESDAY

FEED, PAGE, API = Source.ANNOUNCEMENT_FEED, Source.CATCH_UP_PAGE, Source.QUERY_API
HOLIDAY = date(2026, 11, 27)
ONE_SAYS = "not confirmed: only one of arXiv's services says that nothing was announced"


def receipt(day, known, **options):
    return day_receipts([ContextState(context="cs.LG", days={day: known})], [day], frozenset(), **options)[0]


def empty(*sources, **facts):
    return DayState(mark="e", sources=sources, announced=Counts(), asked_at=NOON, **facts)


@pytest.mark.parametrize(
    ("day", "known", "status", "note"),
    [
        (WEDNESDAY, empty(PAGE), DayStatus.UNCONFIRMED, ONE_SAYS),
        (WEDNESDAY, empty(PAGE, API), DayStatus.QUIET, "arXiv announced nothing here"),
        (WEDNESDAY, empty(PAGE, API, disputed_at=NOON), DayStatus.UNCONFIRMED, ONE_SAYS),
        (WEDNESDAY, empty(PAGE, no_announcement=True), DayStatus.QUIET, "no announcement"),
        (HOLIDAY, empty(FEED, PAGE), DayStatus.QUIET, "no announcement: US holiday (Thanksgiving)"),
        (HOLIDAY, empty(PAGE), DayStatus.UNCONFIRMED, "no announcement: US holiday (Thanksgiving); not confirmed yet"),
        (HOLIDAY, DayState(), DayStatus.MISSING, "no announcement: US holiday (Thanksgiving)"),
        (HOLIDAY, DayState(mark="x", held=Counts(new=2)), DayStatus.UNCONFIRMED, ""),
    ],
)
def test_say_who_is_believed_and_why_there_is_nothing(day, known, status, note):
    found = receipt(day, known)
    assert (found.status, found.note) == (status, note)


def test_days_stored_as_quiet_before_services_had_to_agree_are_in_doubt_in_the_window_only():
    old = empty(PAGE).model_copy(update={"asked_at": None})
    assert receipt(WEDNESDAY, old).status is DayStatus.UNCONFIRMED
    assert receipt(WEDNESDAY, old, window_from=WEDNESDAY).status is DayStatus.UNCONFIRMED
    assert receipt(WEDNESDAY, old, window_from=date(2026, 11, 19)).status is DayStatus.QUIET
    assert receipt(WEDNESDAY, empty(PAGE), window_from=date(2026, 11, 19)).status is DayStatus.UNCONFIRMED
