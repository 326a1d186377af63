"""Until when what is held of a context is good, and when arXiv is worth asking again. Pure.

A context is fresh until arXiv's next run can be out. From then on arXiv is asked at most each
quarter of an hour until the new day appears; slower on a day that may be a holiday. What arXiv
says decides, the calendar only says when asking can be worth it.
"""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta

from pydantic import Field

from digest import schedule
from digest.models import Frozen, Listing

POLL = timedelta(minutes=15)
HOLIDAY_POLL = timedelta(hours=1)
_RUSH = timedelta(minutes=10)
"""Requests spread over this long after arXiv's clock strikes, so that not everyone asks in the same second."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(minutes=30)


class ContextState(Frozen):
    """What is known of one context, apart from the papers."""

    context: str
    held: dict[date, str] = Field(default_factory=dict)
    """Days whose listing is held, with the fingerprint of its content."""
    checked_at: datetime | None = None
    """When arXiv last gave a usable answer, UTC."""
    seen_day: date | None = None
    """The day that this answer was about, with papers or without."""
    unsettled: tuple[str, ...] = ()
    """What the newest day's listing was asked together with, while it is provisional."""
    failures: int = 0
    """Failed attempts since then."""
    retry_at: datetime | None = None
    """Not to be asked before, after a failure."""
    last_error: str = ""
    last_error_at: datetime | None = None

    @property
    def newest(self) -> date | None:
        """The newest day held."""
        return max(self.held, default=None)


def due_at(state: ContextState, now: datetime) -> datetime:
    """Return when *state*'s context should be asked for next; not later than *now* means it is due."""
    if state.checked_at is None:
        return max(state.retry_at or now, now) if state.retry_at else now
    latest = schedule.latest_feed_day(now)
    if state.newest and state.newest >= latest:
        due = schedule.next_feed_change(now) + jitter(state.context)
    else:
        quiet = state.seen_day is not None and state.seen_day >= latest
        opening = schedule.feed_instant(latest) + jitter(state.context)
        due = max(state.checked_at + (HOLIDAY_POLL if quiet else POLL), opening)
    return max(due, state.retry_at) if state.retry_at else due


def is_due(state: ContextState, now: datetime) -> bool:
    """Tell whether arXiv is worth asking for the context now."""
    return due_at(state, now) <= now


def needs_settling(state: ContextState, asked: tuple[str, ...], now: datetime) -> bool:
    """Tell whether a feed of the contexts *asked* needs more than the provisional listing that is held.

    A provisional listing is exact for feeds that hold all contexts of the union that brought it.
    """
    may_ask = state.retry_at is None or state.retry_at <= now
    return may_ask and bool(state.unsettled) and not set(state.unsettled) <= set(asked)


def after_failure(
    state: ContextState, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note a failed attempt: the pause grows with each in a row, or is what arXiv asked for."""
    pause = retry_after or min(_FIRST_RETRY * 3 ** min(state.failures, 5), _LONGEST_RETRY)
    return state.model_copy(
        update={
            "failures": state.failures + 1,
            "retry_at": now + pause,
            "last_error": error[:300],
            "last_error_at": now,
        }
    )


def after_answer(state: ContextState, listing: Listing, held: dict[date, str], now: datetime) -> ContextState:
    """Note that arXiv answered with *listing*, after which the days of *held* are held."""
    return state.model_copy(
        update={
            "checked_at": now,
            "seen_day": listing.day,
            "failures": 0,
            "retry_at": None,
            "held": held,
            "unsettled": listing.asked if listing.provisional else (),
        }
    )


def jitter(context: str) -> timedelta:
    """Return a delay between zero and ten minutes, always the same for one context."""
    return _RUSH * (zlib.crc32(context.encode()) % 1000 / 1000)
