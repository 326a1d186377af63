"""arXiv's clock over ten years, daylight saving and holidays included."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv import schedule
from digest.arxiv.schedule import (
    announcement_day_of,
    announcement_instant,
    explain_day,
    feed_instant,
    holiday_on,
    is_announcement_day,
    latest_feed_day,
    next_feed_change,
    previous_days,
)

DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
weekdays = days.filter(lambda day: day.weekday() < 5)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def eastern_is_daylight(instant: datetime) -> bool:
    """US rule since 2007, computed without a time zone database: second Sunday of March to first of November."""

    def nth_sunday(month: int, nth: int) -> date:
        first = date(instant.year, month, 1)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))

    start = datetime.combine(nth_sunday(3, 2), datetime.min.time(), UTC) + timedelta(hours=7)
    end = datetime.combine(nth_sunday(11, 1), datetime.min.time(), UTC) + timedelta(hours=6)
    return start <= instant < end


@pytest.mark.parametrize(
    ("day", "announcement", "feed"),
    [
        ("2026-01-26", "2026-01-26T01:00", "2026-01-26T05:00"),  # Monday: announced on Sunday evening, winter
        ("2026-01-29", "2026-01-29T01:00", "2026-01-29T05:00"),
        ("2026-03-06", "2026-03-06T01:00", "2026-03-06T05:00"),  # the last day before the switch
        ("2026-03-09", "2026-03-09T00:00", "2026-03-09T04:00"),  # Sunday's switch has been
        ("2026-07-15", "2026-07-15T00:00", "2026-07-15T04:00"),
        ("2026-10-30", "2026-10-30T00:00", "2026-10-30T04:00"),
        ("2026-11-02", "2026-11-02T01:00", "2026-11-02T05:00"),
    ],
)
def test_announcements_are_made_at_20_and_feeds_change_at_midnight_eastern(day, announcement, feed):
    day = date.fromisoformat(day)
    assert announcement_instant(day) == utc(announcement)
    assert feed_instant(day) == utc(feed)


@given(days)
def test_instants_follow_daylight_saving_in_every_year(day):
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    feed, announcement = feed_instant(day), announcement_instant(day)
    assert feed - midnight == timedelta(hours=4 if eastern_is_daylight(feed) else 5)
    assert announcement - (midnight - DAY) == timedelta(hours=24 if eastern_is_daylight(announcement) else 25)
    assert feed - announcement == timedelta(hours=4)
    assert feed.tzinfo is announcement.tzinfo is UTC


@given(days)
def test_announcement_days_are_weekdays_and_every_other_day_is_explained(day):
    if is_announcement_day(day):
        assert day.weekday() < 5
        assert explain_day(day) == "" or not holiday_on(day).certain
    else:
        assert explain_day(day).startswith("no announcement: ")
    if not 2025 <= day.year <= 2026 and day != date(2027, 1, 1):
        assert is_announcement_day(day) == (day.weekday() < 5)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-29", ""),
        ("2026-01-31", "no announcement: Saturday"),
        ("2026-02-01", "no announcement: Sunday"),
        ("2026-11-26", ""),  # the holiday itself has the mailing of the evening before
        ("2026-11-27", "no announcement: US holiday (Thanksgiving)"),
        ("2026-01-20", "no announcement: US holiday (Martin Luther King Jr. Day)"),
        ("2025-07-07", "no announcement: US holiday (Independence Day)"),
        ("2026-07-06", "perhaps no announcement: US holiday (Independence Day)"),
        ("2027-01-01", "no announcement: US holiday (New Year's Eve)"),
    ],
)
def test_a_day_without_announcement_says_why(day, expected):
    assert explain_day(date.fromisoformat(day)) == expected


def test_a_friday_holiday_is_doubtful_and_its_monday_still_expected():
    monday = date(2026, 6, 22)
    assert is_announcement_day(monday)
    assert holiday_on(monday) == schedule.Holiday("Juneteenth", date(2026, 6, 19), certain=False)
    assert is_announcement_day(date(2026, 6, 19))


def test_beyond_the_table_a_holiday_is_an_announcement_day():
    assert is_announcement_day(date(2027, 11, 26))


@pytest.mark.parametrize(
    ("now", "day", "following"),
    [
        ("2026-01-29T14:30", "2026-01-29", "2026-01-30T05:00"),  # Thursday morning in New York
        ("2026-01-30T04:59", "2026-01-29", "2026-01-30T05:00"),  # announced, but not in the feeds before midnight
        ("2026-01-30T05:00", "2026-01-30", "2026-02-02T05:00"),
        ("2026-01-31T12:00", "2026-01-30", "2026-02-02T05:00"),  # Saturday
        ("2026-01-20T12:00", "2026-01-20", "2026-01-21T05:00"),  # a holiday: arXiv may announce all the same
    ],
)
def test_what_can_be_out_now_and_what_comes_next(now, day, following):
    assert latest_feed_day(utc(now)) == date.fromisoformat(day)
    assert next_feed_change(utc(now)) == utc(following)


@given(instants)
def test_now_is_between_the_latest_day_and_the_next_change(now):
    day, change = latest_feed_day(now), next_feed_change(now)
    assert day.weekday() < 5
    assert feed_instant(day) <= now < change
    assert latest_feed_day(change) > day
    assert latest_feed_day(change - timedelta(microseconds=1)) == day
    assert change - feed_instant(day) <= timedelta(days=3, hours=1)


@pytest.mark.parametrize(
    ("submitted", "announced"),
    [
        ("2026-01-26T18:59", "2026-01-27"),  # Monday 13:59
        ("2026-01-26T19:00", "2026-01-28"),  # Monday 14:00
        ("2026-01-28T15:00", "2026-01-29"),
        ("2026-01-29T18:59", "2026-01-30"),
        ("2026-01-29T19:00", "2026-02-02"),  # Thursday 14:00: announced on Sunday evening
        ("2026-01-30T18:59", "2026-02-02"),  # Friday 13:59
        ("2026-01-30T19:00", "2026-02-03"),  # Friday 14:00: announced on Monday evening
        ("2026-02-01T12:00", "2026-02-03"),  # Sunday
        ("2026-07-13T17:59", "2026-07-14"),  # summer
        ("2026-07-13T18:00", "2026-07-15"),
        ("2026-01-17T12:00", "2026-01-21"),  # the weekend before a holiday: Tuesday's batch is put off
        ("2026-01-20T12:00", "2026-01-21"),
    ],
)
def test_a_submission_is_in_the_announcement_after_its_cut_off(submitted, announced):
    assert announcement_day_of(utc(submitted)) == date.fromisoformat(announced)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_submissions_are_announced_in_order_and_within_a_week(submitted, later):
    day = announcement_day_of(submitted)
    assert is_announcement_day(day)
    assert timedelta(hours=6) <= announcement_instant(day) - submitted <= timedelta(days=7)
    assert announcement_day_of(submitted + later) >= day


@given(days, st.integers(0, 30))
def test_previous_days_are_all_weekdays_up_to_a_day(day, count):
    found = previous_days(day, count)
    assert len(found) == count
    assert list(found) == sorted(set(found))
    if found:
        span = (found[0] + n * DAY for n in range((day - found[0]).days + 1))
        assert tuple(one for one in span if one.weekday() < 5) == found


def test_previous_days_skip_weekends_and_what_is_known_to_have_had_none():
    holiday = date(2026, 1, 20)
    assert previous_days(date(2026, 1, 21), 3) == (date(2026, 1, 19), holiday, date(2026, 1, 21))
    without = previous_days(date(2026, 1, 21), 3, without={holiday})
    assert without == (date(2026, 1, 16), date(2026, 1, 19), date(2026, 1, 21))
    assert previous_days(date(2026, 1, 25), 1) == (date(2026, 1, 23),)


@pytest.mark.parametrize("function", [latest_feed_day, next_feed_change, announcement_day_of])
def test_an_instant_without_zone_is_refused(function):
    with pytest.raises(ValueError, match="timezone"):
        function(datetime(2026, 1, 29, 12))  # noqa: DTZ001
