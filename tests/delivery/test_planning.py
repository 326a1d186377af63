"""When a message is sent: complete or waited for, outside the quiet hours, and what follows each way an attempt can end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.config.deliveries import parse_not_before
from digest.delivery.answers import Answer, Outcome
from digest.delivery.planning import (
    Runs,
    after_answer,
    deadline,
    due_after,
    is_over,
    is_stale,
    missed,
    next_opening,
    periods_of,
    plan,
)
from digest.delivery.records import State, first_record
from digest.feeds.periods import one_day, week_of
from tests.delivery.kit import THURSDAY, target_of

PERIOD = one_day(THURSDAY)
OUT = datetime(2026, 1, 29, 5, 0, tzinfo=UTC)
"""Midnight US Eastern, when feeds have the day."""
STEADY = Runs(is_steady=True)


def at(text):
    return datetime.fromisoformat(f"{text}+00:00")


def record_at(moment=OUT, **update):
    return first_record(PERIOD, moment).model_copy(update=update)


def runs_at(*moments):
    return Runs(past=tuple(at(one) for one in moments))


HOURLY = tuple(f"2026-01-28T{hour:02}:10" for hour in range(24))
DAILY = ("2026-01-28T06:40",)


@pytest.mark.parametrize(
    ("now", "runs", "is_complete", "is_due", "note"),
    [
        ("2026-01-29T05:10", STEADY, True, True, ""),
        ("2026-01-29T05:10", STEADY, False, False, ""),
        ("2026-01-29T10:59", STEADY, False, False, ""),
        ("2026-01-29T11:00", STEADY, False, True, ""),
        ("2026-01-29T06:15", runs_at(*HOURLY), False, False, ""),
        ("2026-01-29T09:59", runs_at(*HOURLY), False, True, "message.early"),
        ("2026-01-29T06:15", runs_at(*DAILY), False, True, "message.early"),
        ("2026-01-29T06:15", runs_at(), False, True, "message.early"),
        ("2026-01-29T06:15", runs_at(), True, True, ""),
        ("2026-01-29T12:00", runs_at(), False, True, ""),
    ],
    ids=str,
)
def test_an_incomplete_day_waits_while_somebody_will_look_again(now, runs, is_complete, is_due, note):
    action = plan(PERIOD, target_of("slack"), record_at(), runs, at(now), is_complete=is_complete)
    assert (action.is_due, action.note) == (is_due, note)
    if not is_due:
        assert action.until == OUT + timedelta(hours=6)


@pytest.mark.parametrize(
    ("begin", "past", "expected"),
    [
        ("2026-01-29T06:15", ("2026-01-28T07:10", "2026-01-28T08:10"), True),  # a Thursday
        ("2026-01-29T06:15", ("2026-01-26T07:10", "2026-01-26T08:10"), False),
        ("2026-01-26T06:15", ("2026-01-23T07:10", "2026-01-23T08:10"), True),  # a Monday: as on Friday
        ("2026-01-26T06:15", ("2026-01-25T07:10", "2026-01-25T08:10"), False),
        ("2026-01-29T06:15", ("2026-01-28T07:10",), False),
        ("2026-01-29T06:15", ("2026-01-28T06:10", "2026-01-28T11:10"), False),
    ],
)
def test_a_schedule_is_two_runs_of_the_weekday_before(begin, past, expected):
    assert runs_at(*past).expects(at(begin), at(begin) + timedelta(hours=4)) is expected


def test_a_day_that_comes_late_is_waited_for_from_then_on():
    late = record_at(at("2026-01-29T20:00"))
    assert deadline(PERIOD, target_of("slack"), late) == at("2026-01-30T02:00")
    assert deadline(PERIOD, target_of("slack", "hours: 0.5"), record_at()) == at("2026-01-29T05:30")


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("07:30 Europe/Berlin", "2026-01-29T05:10", "2026-01-29T06:30"),
        ("07:30 Europe/Berlin", "2026-01-29T06:30", None),
        ("07:30 Europe/Berlin", "2026-01-29T23:30", "2026-01-30T06:30"),  # 00:30 of the next day there
        ("07:30 Europe/Berlin", "2026-01-29T22:30", None),
        ("07:30 Asia/Shanghai", "2026-01-29T05:10", None),  # 13:10 there
        ("07:30 Asia/Shanghai", "2026-01-29T16:10", "2026-01-29T23:30"),
        ("07:30 America/Los_Angeles", "2026-01-29T05:10", "2026-01-29T15:30"),  # 21:10 of the evening before
        ("00:00 UTC", "2026-01-29T05:10", None),
    ],
)
def test_quiet_hours_are_those_of_the_target(quiet, now, until):
    found = next_opening(PERIOD, parse_not_before(quiet), at(now))
    assert found == (at(until) if until else None)


@pytest.mark.parametrize(
    ("day", "quiet", "now", "until"),
    [
        # Germany, 29 March 2026: 02:00 is 03:00. US, 8 March. A time that is left out is as late as it would have been.
        (date(2026, 3, 27), "07:30 Europe/Berlin", "2026-03-28T23:30", "2026-03-29T05:30"),
        (date(2026, 3, 27), "02:30 Europe/Berlin", "2026-03-29T00:40", "2026-03-29T01:30"),
        (date(2026, 3, 6), "02:30 America/New_York", "2026-03-08T06:40", "2026-03-08T07:30"),
        # Germany, 25 October 2026: 03:00 is 02:00. US, 1 November. Of a time that comes twice, the first one counts.
        (date(2026, 10, 23), "07:30 Europe/Berlin", "2026-10-24T22:30", "2026-10-25T06:30"),
        (date(2026, 10, 23), "02:30 Europe/Berlin", "2026-10-24T23:40", "2026-10-25T00:30"),
        (date(2026, 10, 30), "01:30 America/New_York", "2026-11-01T04:40", "2026-11-01T05:30"),
        (date(2026, 10, 23), "02:30 Europe/Berlin", "2026-10-25T01:10", None),  # 02:10 for the second time
    ],
)
def test_changes_of_the_clocks(day, quiet, now, until):
    found = next_opening(one_day(day), parse_not_before(quiet), at(now))
    assert found == (at(until) if until else None)


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 3, 6), "2026-03-06T11:00"), (date(2026, 3, 9), "2026-03-09T10:00"), (date(2026, 11, 2), "2026-11-02T11:00")]
)  # fmt: skip
def test_arxiv_s_own_clock_changes_too(day, expected):
    record = first_record(one_day(day), at("2026-01-01T00:00"))
    assert deadline(one_day(day), target_of("slack"), record) == at(expected)


@pytest.mark.parametrize(
    ("runs", "is_due", "is_silent"),
    [(STEADY, False, False), (runs_at(*HOURLY), False, False), (runs_at(*DAILY), True, True), (runs_at(), True, True)],
)
def test_who_comes_once_a_day_sends_in_quiet_hours_without_ringing(runs, is_due, is_silent):
    target = target_of("telegram", 'not_before: "07:30 Europe/Berlin"')
    action = plan(PERIOD, target, record_at(), runs, at("2026-01-29T06:15"), is_complete=True)
    assert (action.is_due, action.is_silent) == (is_due, is_silent)


@pytest.mark.parametrize(
    ("moment", "is_due"),
    [("2025-12-29T05:10", True), ("2026-02-27T07:10", True)],
)
def test_a_clock_that_jumps_a_month_holds_nothing_back(moment, is_due):
    """Set back, the limit and the quiet hours would lie weeks ahead."""
    target = target_of("telegram", 'not_before: "07:30 Europe/Berlin"')
    record = record_at(retry_at=OUT + timedelta(minutes=5), state=State.RETRYING)
    assert plan(PERIOD, target, record, STEADY, at(moment), is_complete=False).is_due is is_due


def test_a_retry_waits_for_its_time():
    record = record_at(state=State.RETRYING, retry_at=at("2026-01-29T05:20"))
    for now, is_due in (("2026-01-29T05:19", False), ("2026-01-29T05:20", True)):
        assert plan(PERIOD, target_of("slack"), record, STEADY, at(now), is_complete=True).is_due is is_due


@pytest.mark.parametrize(
    ("outcome", "is_idempotent", "tried_before", "state"),
    [
        (Outcome.SENT, False, None, State.SENT),
        (Outcome.BUSY, False, None, State.RETRYING),
        (Outcome.UNREACHED, False, None, State.RETRYING),
        (Outcome.REFUSED, False, None, State.RETRYING),
        (Outcome.UNKNOWN, False, None, State.UNKNOWN),
        (Outcome.UNKNOWN, True, None, State.RETRYING),
        (Outcome.UNKNOWN, True, timedelta(hours=19), State.RETRYING),
        (Outcome.UNKNOWN, True, timedelta(hours=20), State.UNKNOWN),
        (Outcome.UNREACHED, False, timedelta(hours=29), State.RETRYING),
        (Outcome.UNREACHED, False, timedelta(hours=30), State.FAILED),
        (Outcome.REFUSED, True, timedelta(hours=30), State.FAILED),
        (Outcome.BUSY, True, timedelta(hours=-30), State.FAILED),  # the clock was set back
    ],
)
def test_what_follows_an_attempt(outcome, is_idempotent, tried_before, state):
    record = record_at(attempts=1, tried_at=OUT - tried_before if tried_before is not None else None)
    after = after_answer(record, Answer(outcome, "why"), OUT, is_idempotent=is_idempotent)
    assert after.state is state
    assert after.error == ("" if outcome is Outcome.SENT else "why")
    assert (after.retry_at is not None) == (state is State.RETRYING)
    assert after.tried_at == (OUT - tried_before if tried_before is not None else OUT)


@pytest.mark.parametrize(
    ("outcome", "pause", "attempts", "expected"),
    [
        (Outcome.BUSY, timedelta(seconds=42), 1, timedelta(seconds=42)),
        (Outcome.BUSY, None, 1, timedelta(seconds=5)),
        (Outcome.UNREACHED, None, 3, timedelta(seconds=20)),
        (Outcome.UNREACHED, None, 40, timedelta(hours=1)),
        (Outcome.REFUSED, None, 1, timedelta(minutes=15)),
        (Outcome.REFUSED, None, 40, timedelta(hours=8)),
    ],
)
def test_pauses_grow_or_are_what_the_service_asks_for(outcome, pause, attempts, expected):
    after = after_answer(record_at(attempts=attempts), Answer(outcome, pause=pause), OUT, is_idempotent=False)
    assert after.retry_at == OUT + expected


@pytest.mark.parametrize(("is_idempotent", "state"), [(False, State.UNKNOWN), (True, State.RETRYING)])
def test_an_attempt_without_a_word_may_have_been_sent(is_idempotent, state):
    after = missed(record_at(attempts=1), OUT, is_idempotent=is_idempotent)
    assert after.state is state
    assert after.error


@pytest.mark.parametrize(
    ("newest", "now", "expected"),
    [
        (date(2026, 1, 29), "2026-01-29T15:00", False),
        (date(2026, 1, 30), "2026-01-30T05:10", True),
        (date(2026, 2, 2), "2026-02-02T05:10", True),
        (date(2026, 1, 29), "2026-01-30T11:00", True),  # a Friday without announcement is waited for as long as any day
    ],
)
def test_a_week_is_over_with_its_friday(newest, now, expected):
    assert is_over(week_of(THURSDAY), newest, target_of("slack"), at(now)) is expected


@pytest.mark.parametrize(("now", "expected"), [("2026-02-08T05:00", False), ("2026-02-08T05:01", True)])
def test_old_days_are_no_news(now, expected):
    assert is_stale(PERIOD, at(now)) is expected


def test_runs_are_remembered_for_a_day_and_counted_once():
    runs = Runs()
    for minute in range(0, 60 * 120, 4):
        runs = runs.with_run(OUT + timedelta(minutes=minute))
    assert runs.past[0] >= OUT + timedelta(hours=119, minutes=56) - timedelta(days=3, hours=2)
    assert all(b - a >= timedelta(minutes=14) for a, b in zip(runs.past, runs.past[1:], strict=False))
    assert 200 < len(runs.past) < 400
    assert Runs(past=(OUT + timedelta(days=9),)).with_run(OUT).past == (OUT,)  # noted under a clock that ran ahead


def test_periods_come_in_order_and_a_new_target_gets_the_newest_alone():
    days = [date(2026, 1, 29), date(2026, 1, 27), date(2026, 1, 28)]
    periods = periods_of(days, weekly=False)
    assert [one.last.day for one in periods] == [27, 28, 29]
    assert [one.last.day for one in due_after(periods, None)] == [29]
    assert [one.last.day for one in due_after(periods, date(2026, 1, 27))] == [28, 29]
    assert due_after(periods, date(2026, 1, 29)) == due_after((), None) == ()
    assert len(periods_of(days, weekly=True)) == 1
