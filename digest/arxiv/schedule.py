"""arXiv's clock: announcement days, when each source can show one, and why a day has none.

arXiv announces at 20:00 US Eastern from Sunday to Thursday. The announcement is dated with the next day, so
*announcement days* run from Monday to Friday. The listing page has it at once, the feeds and the query API from
midnight Eastern.

Everything here is what should happen. Holidays move, mailings are put off on short notice, machines are late:
take every instant as "not before" and every holiday as a hint, and decide by what the listing page says. So holidays
explain days; what is asked for, and when, goes by weekdays alone.
All instants are aware, in UTC; all dates are arXiv's, US Eastern.

Source: arXiv help, https://info.arxiv.org/help/availability.html (announcement schedule, deferred mailings).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

CATCH_UP_DAYS = 90
"""arXiv's catch-up pages reach this far back."""
_DAY = timedelta(days=1)
_ANNOUNCEMENT_TIME = time(20)
_CUT_OFF = time(14)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Why a day has, or may have, no announcement."""

    name: str
    evening: date
    """The day in arXiv's table, whose evening mailing is put off."""
    certain: bool
    """False where the holiday is a Friday, which has no evening mailing: arXiv doesn't say which one is put off.
    The next one, Monday's, is the likely one (in 2025 the table named a Sunday for a Friday holiday)."""


# The table of deferred mailings on arXiv's "Availability of submissions". arXiv gives dates only, the names are the
# US holidays on or next to them; late December has breaks of arXiv's own.
_PUBLISHED: dict[date, str] = {
    date(2024, 12, 31): "New Year's Eve",  # table for 2024, as of August 2024
    date(2025, 1, 1): "New Year's Day",  # table for 2025, as of August 2025
    date(2025, 1, 20): "Martin Luther King Jr. Day",
    date(2025, 6, 19): "Juneteenth",
    date(2025, 7, 6): "Independence Day",
    date(2025, 9, 1): "Labor Day",
    date(2025, 11, 27): "Thanksgiving",
    date(2025, 12, 25): "Christmas Day",
    date(2025, 12, 30): "end of the year",
    date(2026, 1, 1): "New Year's Day",  # table for 2026, as of May 2026
    date(2026, 1, 19): "Martin Luther King Jr. Day",
    date(2026, 6, 19): "Juneteenth",
    date(2026, 7, 3): "Independence Day",
    date(2026, 9, 7): "Labor Day",
    date(2026, 11, 26): "Thanksgiving",
    date(2026, 12, 25): "Christmas Day",
    date(2026, 12, 29): "end of the year",
    date(2026, 12, 31): "New Year's Eve",
}


def holiday_on(day: date) -> Holiday | None:
    """Return the holiday that leaves *day* (or may leave it, see `certain`) without an announcement, else None.

    A holiday puts off its evening's mailing, so what is missing is the listing dated the day after: Thanksgiving
    on Thursday leaves Friday empty.
    """
    return _holidays().get(day)


def is_announcement_day(day: date) -> bool:
    """Tell whether an announcement dated *day* is to be expected: Monday to Friday, but for certain holidays.

    Beyond our table, which arXiv renews around the turn of the year, every weekday counts.
    """
    holiday = holiday_on(day)
    return day.weekday() < 5 and not (holiday and holiday.certain)


def explain_day(day: date) -> str:
    """Return why *day* has no announcement, in a few words for people; "" for an ordinary announcement day."""
    if day.weekday() >= 5:
        return f"no announcement: {('Saturday', 'Sunday')[day.weekday() - 5]}"
    holiday = holiday_on(day)
    if holiday is None:
        return ""
    return f"{'' if holiday.certain else 'perhaps '}no announcement: US holiday ({holiday.name})"


def announcement_instant(day: date) -> datetime:
    """Return when the announcement dated *day* is made: 20:00 US Eastern of the evening before, in UTC."""
    return _instant(day - _DAY, _ANNOUNCEMENT_TIME)


def feed_instant(day: date) -> datetime:
    """Return when the announcement feeds can first hold *day*: midnight US Eastern, in UTC."""
    return _instant(day, time.min)


def midnight(day: date) -> datetime:
    """Return the instant with which arXiv's own feed dates the papers of *day*: its midnight, in the zone of New York."""
    return datetime.combine(day, time(), _zone())


def latest_feed_day(now: datetime) -> date:
    """Return the newest weekday whose feed can be out at *now*, a holiday or not.

    Raises:
        ValueError: *now* has no timezone; the same holds for all functions that take an instant.
    """
    return previous_days(_eastern(now).date(), 1)[0]


def latest_expected_day(now: datetime) -> date:
    """Return the newest day whose feed should be out at *now*, holidays left out: for people, not for deciding."""
    day = _eastern(now).date()
    while not is_announcement_day(day):
        day -= _DAY
    return day


def next_feed_change(now: datetime) -> datetime:
    """Return the first instant later than *now* at which the feeds can hold a new day, in UTC."""
    day = _eastern(now).date() + _DAY
    while day.weekday() >= 5:
        day += _DAY
    return feed_instant(day)


def eastern_date(instant: datetime) -> date:
    """Return arXiv's date at *instant*: the day in US Eastern time."""
    return _eastern(instant).date()


def announcement_day_of(submitted: datetime) -> date:
    """Return the earliest announcement that a paper submitted at this instant can be in.

    Cut-offs are at 14:00 US Eastern from Monday to Friday; what arrives at the cut-off itself waits for the next.
    What is put off by a holiday is in the announcement after. Moderation holds some papers back, so the real one
    may be later, never earlier.
    """
    local = _eastern(submitted)
    cut_off = local.date() if local.time() < _CUT_OFF else local.date() + _DAY
    while cut_off.weekday() >= 5:
        cut_off += _DAY
    day = cut_off + _DAY
    while not is_announcement_day(day):
        day += _DAY
    return day


def submission_window(day: date, *, without: Collection[date] = ()) -> tuple[datetime, datetime]:
    """Return the first and the last minute of submissions that the announcement dated *day* takes, in UTC.

    The window runs from the cut-off of the announcement before to the last cut-off before the announcement. The days
    of *without* are known to have had none: what they would have announced is in the next one.
    """
    before = previous_days(day - _DAY, 1, without=without)[0]
    return _cut_off_for(before), _cut_off_for(day) - timedelta(minutes=1)


def _cut_off_for(day: date) -> datetime:
    """Return the cut-off of the announcement dated *day*: 14:00 US Eastern of the last weekday before it."""
    evening = day - _DAY
    while evening.weekday() >= 5:
        evening -= _DAY
    return _instant(evening, _CUT_OFF)


def previous_days(day: date, count: int, *, without: Collection[date] = ()) -> tuple[date, ...]:
    """Return the last *count* weekdays up to and including *day*, oldest first, those of *without* left out."""
    days: list[date] = []
    while len(days) < count:
        if day.weekday() < 5 and day not in without:
            days.append(day)
        day -= _DAY
    return tuple(reversed(days))


@lru_cache(maxsize=1)
def _holidays() -> dict[date, Holiday]:
    """Return the holidays by the announcement day that they concern."""
    table: dict[date, Holiday] = {}
    for evening, name in _PUBLISHED.items():
        friday = evening.weekday() == 4
        table[evening + (3 * _DAY if friday else _DAY)] = Holiday(name, evening, certain=not friday)
    return table


@lru_cache(maxsize=1)
def _zone() -> ZoneInfo:
    return ZoneInfo("America/New_York")


def _eastern(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"an instant with a timezone is needed, not {instant!r}")
    return instant.astimezone(_zone())


def _instant(day: date, wall_clock: time) -> datetime:
    """Return a US Eastern wall-clock time in UTC (none that we use falls into a DST switch, at 02:00)."""
    return datetime.combine(day, wall_clock, _zone()).astimezone(UTC)
