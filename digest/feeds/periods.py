"""What a digest is about: one announcement day, an ISO week of them, or a range of dates. Pure.

Weeks are those of ISO 8601, by arXiv's dates of the announcements: from Monday to Friday, since arXiv announces nothing
dated Saturday or Sunday. The year of a week is ISO's, too: 29 December 2025 belongs to 2026-W01.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from digest.arxiv import schedule
from digest.errors import InputError

MOST_DAYS = 31
"""Calendar days of a range, its first and its last included."""
_DAY = timedelta(days=1)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_WEEK = re.compile(r"(\d{4})-[Ww](\d{1,2})", re.ASCII)
_NEWEST = frozenset({"latest", "today"})
_EXPECTED = "expected a date like 2026-01-29, a week like 2026-W05, a range like 2026-01-22..2026-01-29, or latest"


@dataclass(frozen=True, order=True)
class Period:
    """Announcement dates from *first* to *last*, both included."""

    first: date
    last: date
    is_week: bool = False

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last

    @property
    def name(self) -> str:
        """How addresses write it: `2026-01-29`, `2026-W05`, `2026-01-22..2026-01-29`."""
        if self.is_day:
            return str(self.first)
        if self.is_week:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first}..{self.last}"

    @property
    def weekdays(self) -> tuple[date, ...]:
        """The dates on which arXiv can announce, oldest first."""
        days = (self.first + n * _DAY for n in range((self.last - self.first).days + 1))
        return tuple(day for day in days if day.weekday() < 5)


def one_day(day: date) -> Period:
    """Return the period of one announcement."""
    return Period(day, day)


def week_of(day: date) -> Period:
    """Return the week that *day* belongs to, from Monday to Friday."""
    monday = day - day.weekday() * _DAY
    return Period(monday, monday + 4 * _DAY, is_week=True)


def weeks_back(newest: date, count: int) -> tuple[Period, ...]:
    """Return the *count* weeks up to that of *newest*, newest first."""
    last = week_of(newest).first
    return tuple(week_of(last - 7 * n * _DAY) for n in range(count))


def parse_period(text: str) -> Period | None:
    """Read a day, a week or a range as addresses write it; None for `latest` and `today`, the newest day.

    Raises:
        InputError: It is none of them, or a range ends before it begins or is longer than `MOST_DAYS`.
    """
    if text in _NEWEST:
        return None
    if found := _ISO_WEEK.fullmatch(text):
        return _week(text, int(found[1]), int(found[2]))
    first, dots, last = text.partition("..")
    return _range(_day(text, first), _day(text, last)) if dots else one_day(_day(text, text))


def parse_day(text: str) -> date | None:
    """Read one announcement's date; None for `latest`, the newest.

    Raises:
        InputError: It is none, or more than one day.
    """
    period = parse_period(text)
    if period is not None and not period.is_day:
        raise InputError(f"{text} is more than one day", name="date", hint="expected a date like 2026-01-29, or latest")
    return period.first if period else None


def following(period: Period, newest: date) -> Period | None:
    """Return the week after a week; None if it has not begun on *newest*, and for what is no week."""
    if not period.is_week:
        return None
    found = week_of(period.first + 7 * _DAY)
    return found if found.first <= newest else None


def preceding(period: Period, oldest: date) -> Period | None:
    """Return the week before a week; None if it ended before *oldest*, and for what is no week."""
    if not period.is_week:
        return None
    found = week_of(period.first - 7 * _DAY)
    return found if found.last >= oldest else None


def explain_period(period: Period) -> str:
    """Return why a period has no announcement, day by day, in a few words for people; "" if the calendar doesn't tell."""
    if period.is_day:
        return schedule.explain_day(period.first)
    if not period.weekdays:
        return "no announcement: a weekend"
    known = [(day, schedule.explain_day(day)) for day in period.weekdays]
    if not all(why for _, why in known):
        return ""
    return "; ".join(f"{day:%a} {day.day} {day:%b}: {why}" for day, why in known)


def _day(text: str, part: str) -> date:
    try:
        if _ISO_DAY.fullmatch(part):
            return date.fromisoformat(part)
    except ValueError:
        pass
    raise _refused(text)


def _week(text: str, year: int, number: int) -> Period:
    try:
        return week_of(date.fromisocalendar(year, number, 1))
    except ValueError:
        raise _refused(text, f"the year {year} has no week {number}") from None


def _range(first: date, last: date) -> Period:
    name = f"{first}..{last}"
    if last < first:
        raise InputError(f"{name} ends before it begins", name="date", hint=f"write {last}..{first}")
    if (last - first).days >= MOST_DAYS:
        shorter = f"{first}..{first + (MOST_DAYS - 1) * _DAY}"
        raise InputError(f"{name} is longer than {MOST_DAYS} days", name="date", hint=f"write {shorter}, for example")
    return Period(first, last)


def _refused(text: str, why: str = "") -> InputError:
    return InputError(why or f"{text[:40]!r} is no day, week or range", name="date", hint=_EXPECTED)
