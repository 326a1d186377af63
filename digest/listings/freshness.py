"""What is known of a context, and when arXiv is worth asking for it. Pure.

A context is fresh until arXiv's next run can be out. From then on arXiv is asked at most each
quarter of an hour until the new day appears; slower on a day that may be a holiday. What arXiv
says decides; the calendar only makes asking slower on a weekday that may have no announcement. A day that is stored is
complete once arXiv's own totals say so; until then other sources are asked, ever more seldom.

A weekday without papers is believed only by rules of its own, see `digest.listings.empty_days`.
"""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta

from digest.arxiv import schedule
from digest.listings.states import ContextState, DayState, without_days

POLL = timedelta(minutes=15)
HOLIDAY_POLL = timedelta(hours=1)
_RUSH = timedelta(minutes=10)
"""Requests spread over this long after arXiv's clock strikes, so that not everyone asks in the same second."""
LEASE = timedelta(seconds=60)
"""For how long the right to ask for a context is held, unless it is held anew."""
_STARTS_AWAITED = 2
"""Checks that began without an end which readers wait for: the first, and the one after it was left behind."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(minutes=30)
_PAUSES_BEHIND = (POLL, timedelta(hours=6))
_PAUSES_WHILE_WAITED_FOR = (timedelta(minutes=1), timedelta(hours=1))
"""The first and the longest pause after attempts to get a day that brought nothing."""
_ATTEMPTS_KEPT = 40
"""Days of which nothing but attempts is known, a context."""
_QUIET_CHECKS = 3
"""Answers without a new day, a quarter of an hour apart, after which arXiv is asked hourly."""


def due_at(state: ContextState, now: datetime) -> datetime:
    """Return when *state*'s context should be asked for next; not later than *now* means it is due."""
    if state.checked_at is None:
        return max(state.retry_at, now) if state.retry_at else now
    latest = schedule.latest_feed_day(now)
    if state.is_settled(latest):
        due = schedule.next_feed_change(now) + jitter(state.context)
    else:
        seen = state.seen_day is not None and state.seen_day >= latest and state.answers >= _QUIET_CHECKS
        pause = HOLIDAY_POLL if seen or schedule.explain_day(latest) else POLL
        due = max(state.checked_at + pause, schedule.feed_instant(latest) + jitter(state.context))
    return max(due, state.retry_at) if state.retry_at else due


def is_due(state: ContextState, now: datetime) -> bool:
    """Tell whether arXiv is worth asking for the context now."""
    return due_at(state, now) <= now


def is_first_check(state: ContextState, now: datetime) -> bool:
    """Tell whether no check has ended since the newest announcement could be out, so that the next one may well bring it.

    Never on a day that the calendar calls a holiday.
    """
    latest = schedule.latest_feed_day(now)
    if schedule.explain_day(latest) or state.is_settled(latest):
        return False
    asked_at = state.asked_at or state.checked_at
    return asked_at is None or asked_at < schedule.feed_instant(latest)


def wait_left(state: ContextState, now: datetime, wait: timedelta) -> timedelta:
    """Return how long a reader may wait for a check of the context: *wait* in all, from the start of the check.

    A check that was left behind (see `is_left_behind`) is made again, and waited for once more.
    """
    starts = _starts(state, now)
    if not starts or state.began_at is None or is_left_behind(state, now):
        return wait if starts < _STARTS_AWAITED else timedelta(0)
    since = max(now - state.began_at, timedelta(0))
    return max(wait - since, timedelta(0)) if starts <= _STARTS_AWAITED else timedelta(0)


def _starts(state: ContextState, now: datetime) -> int:
    """Return how many checks of the newest announcement began without an end."""
    opening = schedule.feed_instant(schedule.latest_feed_day(now))
    return state.begun if state.began_at is not None and state.began_at >= opening else 0


def is_left_behind(state: ContextState, now: datetime) -> bool:
    """Tell whether whoever began a check was probably frozen or killed, or hangs: it never takes as long as a lease."""
    return state.began_at is not None and now - state.began_at >= LEASE


def needs_settling(state: ContextState, asked: tuple[str, ...], now: datetime) -> bool:
    """Tell whether a feed of the contexts *asked* needs more than the provisional listing that is stored.

    A provisional listing is exact for feeds that hold all contexts of the union that brought it.
    """
    if state.newest is None or (state.retry_at and state.retry_at > now):
        return False
    unsettled = state.days[state.newest].unsettled
    return bool(unsettled) and not set(unsettled) <= set(asked)


def incomplete_days(state: ContextState, count: int, now: datetime) -> tuple[date, ...]:
    """Return the days of the newest *count* announcements that should be completed now, newest first.

    Weekdays that are over and newer than all that is stored are among them: arXiv may have announced on them, whatever the
    calendar says, while nobody asked.
    """
    if state.newest is None:
        return ()
    reach = state.newest - timedelta(days=schedule.CATCH_UP_DAYS)
    window = schedule.previous_days(state.newest, count, without=state.without_announcement)
    since = schedule.previous_days(schedule.eastern_date(now) - timedelta(days=1), count)
    wanted = {*window, *(day for day in (*since, *state.held) if day >= window[0])}
    return tuple(
        day
        for day in sorted(wanted, reverse=True)
        if day >= reach and is_worth_asking(state.days.get(day), now) and not _may_still_come(state, day, now)
    )


def _may_still_come(state: ContextState, day: date, now: datetime) -> bool:
    """Tell whether *day* isn't over, and no page showed it yet: that is for `due_at`, its catch-up page is empty till then."""
    known = state.days.get(day, DayState())
    return day >= schedule.eastern_date(now) and not known.held.total and not known.is_on_pages


def outdated_days(state: ContextState, count: int, now: datetime) -> tuple[date, ...]:
    """Return those of the newest *count* announcements that are whole and should be read again, newest first."""
    if state.newest is None:
        return ()
    window = schedule.previous_days(state.newest, count, without=state.without_announcement)
    first = max(window[0], state.newest - timedelta(days=schedule.CATCH_UP_DAYS))
    return tuple(
        day
        for day, known in sorted(state.held.items(), reverse=True)
        if day >= first and known.is_complete and is_worth_reading(known, now)
    )


def is_worth_reading(known: DayState, now: datetime) -> bool:
    """Tell whether to ask for a day now: something is to be completed, or papers are to be read again."""
    again = known.is_outdated and bool(known.held.total) and (known.next_try is None or known.next_try <= now)
    return again or is_worth_asking(known, now)


def is_worth_completing(state: ContextState, day: date, now: datetime) -> bool:
    """Tell whether a day that is stored should be completed now; not where nothing is known of the present."""
    reached = state.checked_at and state.newest and day >= state.newest - timedelta(days=schedule.CATCH_UP_DAYS)
    return bool(reached) and day in state.held and is_worth_asking(state.days[day], now)


def next_completion(state: ContextState, first_day: date) -> datetime | None:
    """Return when a day from *first_day* on is asked for again, None if none is: all add up and none is to be checked."""
    tries = (known.next_try for day, known in state.days.items() if day >= first_day)
    return min((instant for instant in tries if instant), default=None)


def is_worth_asking(known: DayState | None, now: datetime) -> bool:
    """Tell whether a day of which that is *known* should be asked for now."""
    if known is None:
        return True
    return known.next_try <= now if known.next_try else not known.is_complete


def after_failure(
    state: ContextState, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note a failed attempt: the pause grows with each in a row, or is what arXiv asked for."""
    pause = retry_after or min(_FIRST_RETRY * 3 ** min(state.failures, 5), _LONGEST_RETRY)
    return with_error(state, error, now).model_copy(
        update={"failures": state.failures + 1, "retry_at": now + pause, **_ended(now)}
    )


def with_error(state: ContextState, error: str, now: datetime) -> ContextState:
    """Note what went wrong."""
    return state.model_copy(update={"last_error": error[:300], "last_error_at": now})


def after_answer(state: ContextState, seen_day: date, now: datetime) -> ContextState:
    """Note that arXiv gave a usable answer about *seen_day*, the newest that it knows."""
    answers = state.answers + 1 if state.seen_day == seen_day else 1
    return state.model_copy(
        update={
            "checked_at": now,
            "seen_day": seen_day,
            "answers": answers,
            "failures": 0,
            "retry_at": None,
            **_ended(now),
        }
    )


def after_start(state: ContextState, now: datetime) -> ContextState:
    """Note that arXiv is being asked."""
    return state.model_copy(update={"began_at": now, "begun": _starts(state, now) + 1})


def _ended(now: datetime) -> dict[str, object]:
    return {"asked_at": now, "began_at": None, "begun": 0}


def growing_pause(tries: int, first: timedelta, longest: timedelta) -> timedelta:
    """Return the pause after so many attempts in a row that brought nothing: it doubles from *first* up to *longest*."""
    return min(first * (1 << min(tries - 1, 16)), longest)


def after_try(known: DayState, now: datetime) -> DayState:
    """Note an attempt behind the answers that left the day incomplete: the next one waits longer."""
    tries = known.tries + 1
    next_try = now + growing_pause(tries, *_PAUSES_BEHIND)
    return known.model_copy(update={"tries": tries, "next_try": next_try, "error": ""})


def with_failed_day(
    state: ContextState, day: date, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note that a day that somebody waits for, and of which nothing is stored, was not available."""
    known = state.days.get(day, DayState())
    pause = retry_after or growing_pause(known.tries + 1, *_PAUSES_WHILE_WAITED_FOR)
    failed = known.model_copy(update={"tries": known.tries + 1, "next_try": now + pause, "error": error[:300]})
    attempts = {at: one for at, one in state.days.items() if not one.mark and one.error and at != day}
    soonest = sorted(attempts, key=lambda at: attempts[at].next_try or now)
    return without_days(
        state.model_copy(update={"days": {**state.days, day: failed}}),
        soonest[: max(len(soonest) + 1 - _ATTEMPTS_KEPT, 0)],
    )


def jitter(context: str) -> timedelta:
    """Return a delay between zero and ten minutes, always the same for one context."""
    return _RUSH * (zlib.crc32(context.encode()) % 1000 / 1000)
