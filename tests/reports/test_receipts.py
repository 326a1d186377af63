"""Receipts: how far each day is known, and what a feed says of it in one line. Tables of small cases."""

from datetime import date

import pytest

from digest.listings.states import ContextState, DayState
from digest.models import Counts, Source
from digest.reports.receipts import DayReceipt, DayStatus, FeedReceipt, day_receipts
from digest.selection import LeftOut

WEDNESDAY, TUESDAY = date(2026, 11, 18), date(2026, 11, 17)
SATURDAY, CHRISTMAS = date(2026, 11, 21), date(2026, 12, 25)
THREE = Counts(new=2, cross=1)
NOTHING = Counts()
TWO = (Source.LISTING_PAGE, Source.QUERY_API)
"""Two services agree."""


def receipt_of(known, *, day=WEDNESDAY, filling=()):
    """Return the receipt of one day of cs.LG of which *known* is known, None for nothing."""
    state = ContextState(context="cs.LG", days={day: known} if known else {})
    (receipt,) = day_receipts([state], [day], frozenset(filling))
    return receipt


@pytest.mark.parametrize(
    ("known", "filling", "status"),
    [
        (None, (), "missing"),
        (None, [("cs.LG", WEDNESDAY)], "filling"),
        (None, [("cs.LG", TUESDAY), ("cs.CL", WEDNESDAY)], "missing"),
        (DayState(announced=THREE), (), "missing"),
        (DayState(mark="x", held=THREE), (), "unconfirmed"),
        (DayState(mark="x", held=THREE), [("cs.LG", WEDNESDAY)], "unconfirmed"),
        (DayState(mark="x", held=NOTHING), (), "unconfirmed"),
        (DayState(mark="x", held=THREE, announced=THREE), (), "complete"),
        (DayState(mark="x", held=THREE, announced=NOTHING, sources=TWO), (), "complete"),
        (DayState(mark="x", held=NOTHING, announced=NOTHING, sources=TWO), (), "quiet"),
        (DayState(mark="x", held=NOTHING, announced=NOTHING, no_announcement=True), (), "quiet"),
        (DayState(mark="x", held=THREE, announced=Counts(new=3, cross=1)), (), "short"),
        (DayState(mark="x", held=NOTHING, announced=THREE), (), "short"),
        (DayState(mark="x", held=THREE, announced=THREE, unsettled=("cs.CL", "cs.LG")), (), "unconfirmed"),
        (DayState(mark="x", held=THREE, announced=Counts(new=9), unsettled=("cs.CL", "cs.LG")), (), "short"),
    ],
)  # fmt: skip
def test_the_status_of_a_day(known, filling, status):
    assert receipt_of(known, filling=filling).status.value == status


@pytest.mark.parametrize(
    ("status", "is_held", "is_final"),
    [
        ("complete", True, True),
        ("quiet", True, True),
        ("unconfirmed", True, False),
        ("short", True, False),
        ("filling", False, False),
        ("missing", False, False),
    ],
)
def test_what_a_status_says(status, is_held, is_final):
    assert (DayStatus(status).is_held, DayStatus(status).is_final) == (is_held, is_final)


@pytest.mark.parametrize(
    ("known", "day", "note"),
    [
        (DayState(mark="x", announced=NOTHING), SATURDAY, "no announcement: Saturday"),
        (DayState(mark="x", announced=NOTHING, sources=TWO), WEDNESDAY, "arXiv announced nothing here"),
        (DayState(mark="x", announced=NOTHING, no_announcement=True), WEDNESDAY, "no announcement"),
        (DayState(mark="x", held=THREE, announced=THREE), WEDNESDAY, ""),
        (DayState(mark="x", held=THREE), SATURDAY, ""),
        (None, SATURDAY, "no announcement: Saturday"),
        (None, WEDNESDAY, ""),
    ],
)
def test_the_note_of_a_day(known, day, note):
    assert receipt_of(known, day=day).note.startswith(note)
    assert bool(receipt_of(known, day=day).note) is bool(note)


@pytest.mark.parametrize(
    "facts",
    [
        {"announced": Counts(new=9), "held": THREE},
        {"sources": (Source.LISTING_PAGE, Source.QUERY_API)},
        {"backfilled": True},
        {"backfilled": False},
    ],
)
def test_a_receipt_says_what_is_known(facts):
    receipt = receipt_of(DayState(mark="x", **facts))
    assert (receipt.context, receipt.day) == ("cs.LG", WEDNESDAY)
    assert {name: getattr(receipt, name) for name in facts} == facts


@pytest.mark.parametrize(("unsettled", "provisional"), [((), False), (("cs.CL", "cs.LG"), True)])
def test_a_day_is_provisional_while_its_union_is_not_settled(unsettled, provisional):
    assert receipt_of(DayState(mark="x", unsettled=unsettled)).provisional is provisional


def test_each_day_has_a_receipt_for_each_context():
    states = [ContextState(context=context) for context in ("cs.CL", "cs.LG")]
    made = day_receipts(iter(states), [WEDNESDAY, TUESDAY], frozenset())
    assert [(one.day, one.context) for one in made] == [
        (WEDNESDAY, "cs.CL"),
        (WEDNESDAY, "cs.LG"),
        (TUESDAY, "cs.CL"),
        (TUESDAY, "cs.LG"),
    ]


def day(status="complete", **facts):
    return DayReceipt(**{"context": "cs.LG", "day": WEDNESDAY, "status": status, **facts})


def feed(*days, papers=3, shown=3, **left_out):
    return FeedReceipt(days=days, papers=papers, shown=shown, left_out=LeftOut(**left_out))


@pytest.mark.parametrize(
    ("statuses", "complete"),
    [
        ((), True),
        (("complete",), True),
        (("quiet", "complete"), True),
        (("complete", "unconfirmed"), False),
        (("short", "complete"), False),
        (("missing",), False),
        (("filling",), False),
    ],
)
def test_a_feed_is_complete_where_all_its_days_are(statuses, complete):
    assert feed(*map(day, statuses)).is_complete is complete
