"""Whether a message is sent now, later or never. Pure.

A day is sent when all that arXiv announced is there, or when that was waited for long enough; never in the quiet hours of
its target, unless nobody would be there to send it later.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from digest.arxiv import schedule
from digest.config.deliveries import DeliveryConfig, NotBefore
from digest.delivery.answers import Answer, Outcome
from digest.delivery.records import Record, State
from digest.feeds.periods import Period, one_day, week_of

TRIED_FOR = timedelta(hours=30)
"""How long attempts go on: a cron that runs once a day, somewhere within an hour, has one more try."""
STALE = timedelta(days=10)
"""A period that ended longer ago by this clock is never sent."""
REPEATED_FOR = timedelta(hours=20)
"""How long a request may be repeated that a service may have taken; Resend remembers a key for 24 hours."""
_DAY = timedelta(days=1)
_MEMORY = timedelta(days=3, hours=2)
_DAYS_SINCE_WEEKDAY = {0: 3, 6: 2}
_MOST_RUNS = 400
"""Enough for three days of a run each quarter of an hour."""
_SAME_RUN = timedelta(minutes=14)
_REACH_OF_QUIET = timedelta(hours=6)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)
_FIRST_PAUSE_AFTER_REFUSAL = timedelta(minutes=15)
_LONGEST_PAUSE_AFTER_REFUSAL = timedelta(hours=8)


class Action(NamedTuple):
    """What to do.

    Attributes:
        is_due: Whether to send now.
        until: When to look again, where it isn't.
        reason: Why it waits.
        note: A key of the words that tell how it is sent otherwise than asked for; "" for none.
        is_silent: Whether no phone may ring, whatever the target says.
    """

    is_due: bool
    until: datetime | None = None
    reason: str = ""
    note: str = ""
    is_silent: bool = False


@dataclass(frozen=True)
class Runs:
    """When deliveries are looked at: all the time, or whenever somebody calls.

    Attributes:
        is_steady: Whether this process looks again and again.
        past: When it was looked at lately, oldest first, UTC.
    """

    is_steady: bool = False
    past: tuple[datetime, ...] = ()

    def expects(self, begin: datetime, end: datetime) -> bool:
        """Tell whether a run is to be expected in that time, by the runs of the weekday before.

        One run may lie anywhere in its hour, before *begin* today: only two of them are taken for a schedule. Schedules
        that leave weekends out are common, since arXiv announces nothing then.
        """
        if self.is_steady:
            return True
        since = _DAYS_SINCE_WEEKDAY.get(begin.weekday(), 1) * _DAY
        return sum(begin < moment + since <= end for moment in self.past) >= 2

    def with_run(self, now: datetime) -> Runs:
        """Return the runs with one more, those of more than three days ago left out."""
        kept = tuple(moment for moment in self.past if now - _MEMORY <= moment <= now)
        is_new = not kept or now - kept[-1] >= _SAME_RUN
        return Runs(self.is_steady, (*kept, now)[-_MOST_RUNS:] if is_new else kept)


def periods_of(days: Collection[date], *, weekly: bool) -> tuple[Period, ...]:
    """Return the days, or their weeks, oldest first."""
    return tuple(sorted({week_of(day) if weekly else one_day(day) for day in days}))


def due_after(periods: Sequence[Period], last: date | None) -> tuple[Period, ...]:
    """Return the periods that end later than *last*; without it the newest one alone, so that nobody gets a backlog."""
    if last is None:
        return tuple(periods[-1:])
    return tuple(period for period in periods if period.last > last)


def deadline(period: Period, target: DeliveryConfig, record: Record) -> datetime:
    """Return until when a period's completeness is waited for: so long after it was first seen, and could be out."""
    since = max(schedule.feed_instant(period.last), record.seen_at)
    return since + timedelta(hours=target.hours)


def plan(
    period: Period, target: DeliveryConfig, record: Record, runs: Runs, now: datetime, *, is_complete: bool
) -> Action:
    """Return what to do about a period that isn't settled."""
    if record.retry_at and now < record.retry_at and record.retry_at - now <= TRIED_FOR:
        return Action(is_due=False, until=record.retry_at, reason="waiting for another try")
    note = ""
    if not is_complete:
        limit = deadline(period, target, record)
        if now < limit and limit - now <= _DAY + timedelta(hours=target.hours):
            if runs.expects(now, limit):
                return Action(is_due=False, until=limit, reason="waiting for the rest of it")
            note = "message.early"
    opening = next_opening(period, target.quiet_until, now)
    if opening is None:
        return Action(is_due=True, note=note)
    if runs.expects(opening, opening + _REACH_OF_QUIET):
        return Action(is_due=False, until=opening, reason="not before that time of day")
    return Action(is_due=True, note=note, is_silent=True)


def next_opening(period: Period, quiet: NotBefore | None, now: datetime) -> datetime | None:
    """Return when the quiet hours end that it is now in, UTC; None outside of them.

    They last until that time of the period's last day, where the target is; on later days from midnight till then. A
    time that a change of the clocks leaves out is as late as it would have been; of one that comes twice, the first counts.
    """
    if quiet is None:
        return None
    first = _instant(period.last, quiet)
    today = now.astimezone(quiet.zone).date()
    opening = max(first, _instant(today, quiet))
    return opening if now < opening and opening - now < 8 * _DAY else None


def _instant(day: date, quiet: NotBefore) -> datetime:
    return datetime.combine(day, quiet.clock, quiet.zone).astimezone(UTC)


def is_over(period: Period, newest: date, target: DeliveryConfig, now: datetime) -> bool:
    """Tell whether a period's last day is out, or should have been so long ago that nobody waits for it any more."""
    return newest >= period.last or now >= schedule.feed_instant(period.last) + timedelta(hours=target.hours)


def is_stale(period: Period, now: datetime) -> bool:
    """Tell whether a period is too old, by this clock, to be news."""
    return now - schedule.feed_instant(period.last) > STALE


def after_answer(record: Record, answer: Answer, now: datetime, *, is_idempotent: bool) -> Record:
    """Return the record after an attempt that ended with *answer*."""
    tried_at = record.tried_at or now
    known = record.model_copy(update={"at": now, "tried_at": tried_at, "error": answer.error, "retry_at": None})
    if answer.outcome is Outcome.SENT:
        return known.model_copy(update={"state": State.SENT, "message": answer.message or record.message, "error": ""})
    spent = abs(now - tried_at)
    if answer.outcome is Outcome.UNKNOWN and not (is_idempotent and spent < REPEATED_FOR):
        return known.model_copy(update={"state": State.UNKNOWN})
    if spent >= TRIED_FOR:
        return known.model_copy(update={"state": State.FAILED})
    return known.model_copy(update={"state": State.RETRYING, "retry_at": now + _pause(record.attempts, answer)})


def _pause(attempts: int, answer: Answer) -> timedelta:
    first, longest = _FIRST_PAUSE, _LONGEST_PAUSE
    if answer.outcome is Outcome.REFUSED:
        first, longest = _FIRST_PAUSE_AFTER_REFUSAL, _LONGEST_PAUSE_AFTER_REFUSAL
    return answer.pause or min(first * 2 ** min(max(attempts - 1, 0), 12), longest)


def missed(record: Record, now: datetime, *, is_idempotent: bool) -> Record:
    """Return the record of an attempt that somebody claimed and told nothing of: whoever it was, was killed over it."""
    return after_answer(
        record, Answer(Outcome.UNKNOWN, "an attempt ended without a word"), now, is_idempotent=is_idempotent
    )
