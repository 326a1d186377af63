"""Dates and instants in the words of a page's language. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

from digest.words import Words


def long_day(day: date, say: Words) -> str:
    """Return a date for people: "Thursday, 29 January 2026", "2026年1月29日星期四"."""
    weekday, month = _named(day, say, "date.weekdays", "date.months")
    return say("date.long", weekday=weekday, day=day.day, month=month, year=day.year)


def short_day(day: date, say: Words) -> str:
    """Return a date in little space: "Wed 18 Nov", "11月18日周三"."""
    weekday, month = _named(day, say, "date.weekdays_short", "date.months_short")
    return say("date.short", weekday=weekday, day=day.day, month=month)


def weekday_of(day: date, say: Words) -> str:
    """Return the day of the week in little space: "Wed", "周三"."""
    return _named(day, say, "date.weekdays_short", "date.months_short")[0]


def day_month(day: date, say: Words) -> str:
    """Return day and month: "18 Nov", "11月18日"."""
    _, month = _named(day, say, "date.weekdays_short", "date.months_short")
    return say("date.day_month", day=day.day, month=month)


def month_of(day: date, say: Words) -> str:
    """Return the month of a date: "January 2026", "2026年1月"."""
    _, month = _named(day, say, "date.weekdays", "date.months")
    return say("date.month", month=month, year=day.year)


def instant(moment: datetime, say: Words) -> str:
    """Return an instant for people, UTC: "18 Nov 2026, 05:00 UTC"."""
    at = moment.astimezone(UTC)
    _, month = _named(at.date(), say, "date.weekdays_short", "date.months_short")
    return say("date.instant", day=at.day, month=month, year=at.year, time=f"{at:%H:%M}")


def _named(day: date, say: Words, weekdays: str, months: str) -> tuple[str, str]:
    return say(weekdays).split("|")[day.weekday()], say(months).split("|")[day.month - 1]
