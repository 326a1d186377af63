"""What is known of a context, and when arXiv is worth asking for it. Pure.

A context is fresh until arXiv's next run can be out. From then on arXiv is asked at most each
quarter of an hour until the new day appears; slower on a day that may be a holiday. What arXiv
says decides, the calendar only says when asking can be worth it. A day that is held is complete once
arXiv's own totals say so; until then other sources are asked, ever more seldom.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from pydantic import Field

from digest import schedule
from digest.models import Counts, Frozen, Listing, Source

POLL = timedelta(minutes=15)
HOLIDAY_POLL = timedelta(hours=1)
_RUSH = timedelta(minutes=10)
"""Requests spread over this long after arXiv's clock strikes, so that not everyone asks in the same second."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(minutes=30)
_LONGEST_COMPLETION_RETRY = timedelta(hours=6)
CATCH_UP_DAYS = 90
"""arXiv's catch-up pages reach this far back."""


class DayState(Frozen):
    """What is known of one context on one day. Nothing is held while `mark` is empty."""

    mark: str = ""
    """Fingerprint of the listing that is held."""
    held: Counts = Counts()
    announced: Counts | None = None
    """arXiv's own totals, None while no source stated them."""
    sources: tuple[Source, ...] = ()
    """Where the listing came from, first the one that brought it."""
    backfilled: bool = False
    unsettled: tuple[str, ...] = ()
    """What the listing was asked together with, while it is provisional."""
    tries: int = 0
    """Attempts to complete it that left it incomplete."""
    next_try: datetime | None = None
    """Not to be completed before, after such an attempt."""
    fetched_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all is held that arXiv says it announced."""
        return self.announced is not None and not self.unsettled and not self.shortfall.total

    @property
    def shortfall(self) -> Counts:
        """How many announced papers are not held, by type. Replacements that both forms name count together."""
        if self.announced is None:
            return Counts()
        lacking = {name: getattr(self.announced, name) - getattr(self.held, name) for name in Counts.model_fields}
        replaced = max(lacking.pop("replace") + lacking.pop("replace_cross"), 0)
        return Counts(new=max(lacking["new"], 0), cross=max(lacking["cross"], 0), replace=replaced)


class ContextState(Frozen):
    """What is known of one context, apart from the papers."""

    context: str
    days: dict[date, DayState] = Field(default_factory=dict)
    checked_at: datetime | None = None
    """When arXiv last gave a usable answer about the present, UTC."""
    seen_day: date | None = None
    """The day that this answer was about, with papers or without."""
    failures: int = 0
    """Failed attempts since then."""
    retry_at: datetime | None = None
    """Not to be asked before, after a failure."""
    last_error: str = ""
    last_error_at: datetime | None = None

    @property
    def held(self) -> dict[date, DayState]:
        """The days of which a listing is held."""
        return {day: known for day, known in self.days.items() if known.mark}

    @property
    def newest(self) -> date | None:
        """The newest day held; a day with papers rather than one that was, or seemed, without."""
        held = self.held
        return max((day for day, known in held.items() if known.held.total), default=None) or max(held, default=None)


def due_at(state: ContextState, now: datetime) -> datetime:
    """Return when *state*'s context should be asked for next; not later than *now* means it is due."""
    if state.checked_at is None:
        return max(state.retry_at, now) if state.retry_at else now
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
    if state.newest is None or (state.retry_at and state.retry_at > now):
        return False
    unsettled = state.days[state.newest].unsettled
    return bool(unsettled) and not set(unsettled) <= set(asked)


def incomplete_days(state: ContextState, count: int, now: datetime) -> tuple[date, ...]:
    """Return the days of the newest *count* announcements that should be completed now, newest first."""
    if state.newest is None:
        return ()
    first = schedule.previous_days(state.newest, count)[0]
    reach = state.newest - timedelta(days=CATCH_UP_DAYS)
    wanted = {*schedule.previous_days(state.newest, count), *(day for day in state.days if day >= first)}
    return tuple(
        day for day in sorted(wanted, reverse=True) if day >= reach and _worth_completing(state.days.get(day), now)
    )


def is_worth_completing(state: ContextState, day: date, now: datetime) -> bool:
    """Tell whether a day that is held should be completed now; not where nothing is known of the present."""
    reached = state.checked_at and state.newest and day >= state.newest - timedelta(days=CATCH_UP_DAYS)
    return bool(reached) and day in state.held and _worth_completing(state.days[day], now)


def next_completion(state: ContextState, first_day: date) -> datetime | None:
    """Return when a day from *first_day* on that doesn't add up is tried again, None if all do."""
    tries = (known.next_try for day, known in state.days.items() if day >= first_day and not known.is_complete)
    return min((instant for instant in tries if instant), default=None)


def _worth_completing(known: DayState | None, now: datetime) -> bool:
    if known is None:
        return True
    return not known.is_complete and (known.next_try is None or known.next_try <= now)


def after_failure(
    state: ContextState, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note a failed attempt: the pause grows with each in a row, or is what arXiv asked for."""
    pause = retry_after or min(_FIRST_RETRY * 3 ** min(state.failures, 5), _LONGEST_RETRY)
    return with_error(state, error, now).model_copy(update={"failures": state.failures + 1, "retry_at": now + pause})


def with_error(state: ContextState, error: str, now: datetime) -> ContextState:
    """Note what went wrong."""
    return state.model_copy(update={"last_error": error[:300], "last_error_at": now})


def after_answer(state: ContextState, seen_day: date, now: datetime) -> ContextState:
    """Note that arXiv gave a usable answer about *seen_day*, the newest that it knows."""
    return state.model_copy(update={"checked_at": now, "seen_day": seen_day, "failures": 0, "retry_at": None})


def with_day(state: ContextState, day: date, known: DayState, *, keep: timedelta) -> ContextState:
    """Note what is known of *day*; days older than *keep* before it are forgotten."""
    return state.model_copy(update={"days": {**{d: k for d, k in state.days.items() if d >= day - keep}, day: known}})


def without_days(state: ContextState, lost: Collection[date]) -> ContextState:
    """Forget the days of *lost*."""
    return state.model_copy(update={"days": {day: known for day, known in state.days.items() if day not in lost}})


def day_state(listing: Listing, mark: str, sources: tuple[Source, ...]) -> DayState:
    """Describe a listing that is held."""
    return DayState(
        mark=mark,
        held=listing.counts,
        announced=listing.announced,
        sources=sources,
        backfilled=listing.backfilled,
        unsettled=listing.asked if listing.provisional else (),
        fetched_at=listing.fetched_at,
    )


def after_try(known: DayState, now: datetime) -> DayState:
    """Note an attempt that left the day incomplete: the next one waits longer."""
    pause = min(POLL * 2 ** min(known.tries, 6), _LONGEST_COMPLETION_RETRY)
    return known.model_copy(update={"tries": known.tries + 1, "next_try": now + pause})


def jitter(context: str) -> timedelta:
    """Return a delay between zero and ten minutes, always the same for one context."""
    return _RUSH * (zlib.crc32(context.encode()) % 1000 / 1000)
