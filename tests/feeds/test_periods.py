"""Days, weeks and ranges as addresses write them."""

from datetime import date

import pytest

from digest.errors import InputError
from digest.feeds.periods import (
    Period,
    explain_period,
    following,
    one_day,
    parse_day,
    parse_period,
    preceding,
    week_of,
    weeks_back,
)

MONDAY, FRIDAY = date(2026, 1, 26), date(2026, 1, 30)


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("2026-01-29", date(2026, 1, 29), date(2026, 1, 29), "2026-01-29"),
        ("2026-W05", MONDAY, FRIDAY, "2026-W05"),
        ("2026-W5", MONDAY, FRIDAY, "2026-W05"),
        ("2026-w05", MONDAY, FRIDAY, "2026-W05"),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 2), "2026-W01"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 1), "2026-W53"),
        ("2026-01-22..2026-01-29", date(2026, 1, 22), date(2026, 1, 29), "2026-01-22..2026-01-29"),
        ("2026-01-01..2026-01-31", date(2026, 1, 1), date(2026, 1, 31), "2026-01-01..2026-01-31"),
        ("2026-01-29..2026-01-29", date(2026, 1, 29), date(2026, 1, 29), "2026-01-29"),
    ],
)
def test_periods_are_read_and_have_one_name(text, first, last, name):
    period = parse_period(text)
    assert (period.first, period.last, period.name) == (first, last, name)


@pytest.mark.parametrize("text", ["latest", "today"])
def test_the_newest_day_has_words(text):
    assert parse_period(text) is None
    assert parse_day("latest") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20260129", "no day, week or range"),
        ("2026-02-30", "no day, week or range"),
        ("", "no day, week or range"),
        ("2026-01-29\n", "no day, week or range"),
        ("٢٠٢٦-٠١-٢٩", "no day, week or range"),
        ("2026-W00", "no week 0"),
        ("2025-W53", "no week 53"),
        ("0000-W01", "no week 1"),
        ("2026-W005", "no day, week or range"),
        ("2026-01-29..2026-01-22", "ends before it begins"),
        ("2026-01-01..2026-02-01", "longer than 31 days"),
        ("2026-01-01..", "no day, week or range"),
        ("2026-W05..2026-W06", "no day, week or range"),
        ("2026-01-01...2026-01-02", "no day, week or range"),
    ],
)
def test_others_are_refused_with_what_is_expected(text, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_period(text)
    assert caught.value.hint


def test_a_range_is_no_day():
    with pytest.raises(InputError, match="more than one day"):
        parse_day("2026-W05")
    assert parse_day("2026-01-29") == date(2026, 1, 29)


def test_a_week_has_five_days_and_a_range_its_weekdays():
    assert week_of(date(2026, 1, 29)).weekdays == tuple(date(2026, 1, day) for day in range(26, 31))
    weekend = Period(date(2026, 1, 30), date(2026, 2, 2))
    assert weekend.weekdays == (FRIDAY, date(2026, 2, 2))


def test_weeks_follow_one_another_across_the_year():
    first = week_of(date(2026, 1, 1))
    assert preceding(first, date(1991, 8, 14)).name == "2025-W52"
    assert following(first, date(2026, 1, 5)).name == "2026-W02"
    assert following(first, date(2026, 1, 4)) is None
    assert preceding(week_of(date(1991, 8, 14)), date(1991, 8, 14)) is None
    assert following(one_day(MONDAY), FRIDAY) is None
    assert [one.name for one in weeks_back(date(2026, 1, 5), 3)] == ["2026-W02", "2026-W01", "2025-W52"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-01-31", "no announcement: Saturday"),
        ("2026-01-31..2026-02-01", "no announcement: a weekend"),
        ("2026-W05", ""),
        ("2026-01-02..2026-01-04", "Fri 2 Jan: no announcement: US holiday (New Year's Day)"),
    ],
)
def test_why_there_is_nothing(text, words):
    assert explain_period(parse_period(text)) == words
