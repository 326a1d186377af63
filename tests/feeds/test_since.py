"""What a program has read: ids of receipts, and which days they prove."""

from datetime import date, timedelta

import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.errors import InputError
from digest.feeds.papers import FeedRequest
from digest.feeds.since import (
    accounts_of,
    cursor_of,
    day_of_receipt,
    days_between,
    place_of,
    read_through,
    receipt_id,
    window_since,
)
from digest.models import Counts
from digest.reports.receipts import DayReceipt, DayStatus
from digest.selection import Selection

MONDAY = date(2026, 11, 16)
FEED = FeedRequest(parse_spec("cs.LG"), Selection(), days=7)
NAMED = FeedRequest(parse_spec("cs.LG"), Selection(), days=3, name="machines")


def receipt(days, status, context="cs.LG", announced=5, held=5):
    known = None if announced is None else Counts(new=announced)
    return DayReceipt(
        context=context, day=MONDAY + timedelta(days), status=status, announced=known, held=Counts(new=held)
    )


class TestAccounts:
    def test_a_day_is_known_as_far_as_its_least_known_category(self):
        found = accounts_of(
            [
                receipt(1, DayStatus.COMPLETE),
                receipt(0, DayStatus.COMPLETE),
                receipt(0, DayStatus.SHORT, "cs.CL", announced=9, held=7),
            ]
        )
        assert [(one.day, one.status, one.announced, one.stored) for one in found] == [
            (MONDAY, DayStatus.SHORT, 14, 12),
            (MONDAY + timedelta(1), DayStatus.COMPLETE, 5, 5),
        ]

    def test_a_total_that_is_not_known_makes_none(self):
        (found,) = accounts_of([receipt(0, DayStatus.UNCONFIRMED, announced=None), receipt(0, DayStatus.COMPLETE, "x")])
        assert found.announced is None

    def test_a_quiet_day_announced_nothing(self):
        (found,) = accounts_of([receipt(0, DayStatus.QUIET, announced=None, held=0)])
        assert found.announced == 0

    @pytest.mark.parametrize(
        ("statuses", "days"),
        [
            ([], -3),
            (["complete", "quiet", "complete"], 2),
            (["complete", "short", "complete"], 0),
            (["complete", "unconfirmed", "complete"], 0),
            (["missing", "complete", "complete"], -3),
            (["complete", "complete", "filling"], 1),
        ],
    )
    def test_days_count_as_read_up_to_the_first_that_does_not_add_up(self, statuses, days):
        accounts = accounts_of([receipt(n, DayStatus(status)) for n, status in enumerate(statuses)])
        assert read_through(accounts, MONDAY - timedelta(3)) == MONDAY + timedelta(days)


class TestIds:
    def test_name_the_feed_and_the_day(self):
        assert day_of_receipt(receipt_id(FEED, MONDAY), FEED) == MONDAY

    def test_hold_however_many_days_are_asked_for(self):
        wider = FeedRequest(FEED.spec, FEED.selection, days=60)
        assert day_of_receipt(receipt_id(FEED, MONDAY), wider) == MONDAY

    @pytest.mark.parametrize(
        "other",
        [
            NAMED,
            FeedRequest(parse_spec("cs.CL"), Selection()),
            FeedRequest(parse_spec("cs.LG"), Selection(include=("x",))),
        ],
    )
    def test_of_another_feed_are_refused(self, other):
        with pytest.raises(InputError, match="another feed"):
            day_of_receipt(receipt_id(FEED, MONDAY), other)

    @pytest.mark.parametrize("text", ["x", "", "W10", "e30", "bnVsbA", "eyJxIjoxLCJ0IjoiMjAyNiJ9", "é", "[" * 400])
    def test_of_anybody_else_are_refused(self, text):
        with pytest.raises(InputError):
            day_of_receipt(text, FEED)
        with pytest.raises(InputError):
            place_of(text)

    def test_cursors_remember_the_day(self):
        assert place_of(cursor_of("abc", MONDAY)) == ("abc", MONDAY)


@pytest.mark.parametrize(
    ("request_", "days_ago", "count"), [(FEED, 0, 1), (FEED, 4, 4), (FEED, 7, 5), (FEED, 365, 60), (NAMED, 30, 3)]
)
def test_the_window_reaches_back_as_far_as_it_may(request_, days_ago, count):
    assert window_since(request_, MONDAY, MONDAY + timedelta(days_ago)) == count


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (MONDAY, []),
        (MONDAY + timedelta(1), []),
        (MONDAY + timedelta(3), [1, 2]),
        (MONDAY + timedelta(7), [1, 2, 3, 4]),
        (MONDAY + timedelta(14), [1, 2, 3, 4, 7, 8, 9, 10]),
    ],
)
def test_days_out_of_reach_are_announcement_days(first, days):
    assert days_between(MONDAY, first) == tuple(MONDAY + timedelta(n) for n in days)
