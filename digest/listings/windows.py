"""What feeds are made of, as values: the listings of a window, the answer to a search. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime

from digest.arxiv import schedule
from digest.listings.freshness import jitter
from digest.listings.states import ContextState
from digest.models import Frozen, Listing, Paper


@dataclass(frozen=True)
class Window:
    """What is known of the listings that a feed is made of, before they are read.

    Attributes:
        states: What is known of each context.
        first_day: The oldest day that may belong to the window.
        days: The announcement days of the window, newest first, by the calendar and by what arXiv showed.
        fresh_until: When asking arXiv can next bring something new, UTC; now or earlier while a refresh is due.
        filling: Days that are being completed now.
        is_settling: Whether work is under way that may bring more soon.
        waits: Whether the reader waits for arXiv; pages don't.
        is_crowded: Whether the reader would have waited, but too many do: another look is worth it in a second.
    """

    states: dict[str, ContextState]
    first_day: date
    days: tuple[date, ...]
    fresh_until: datetime
    filling: frozenset[tuple[str, date]]
    is_settling: bool
    waits: bool = field(default=True, kw_only=True)
    is_crowded: bool = field(default=False, kw_only=True)

    @property
    def marks(self) -> dict[tuple[str, date], str]:
        """The fingerprint of each listing by context and day."""
        return {
            (context, day): known.mark
            for context, state in self.states.items()
            for day, known in state.held.items()
            if day >= self.first_day
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """Contexts of which nothing is stored."""
        return tuple(context for context, state in self.states.items() if not state.held)


@dataclass(frozen=True)
class LoadedWindow(Window):
    """A window with its listings.

    Attributes:
        listings: Of all contexts, newest day first; one a context and day.
    """

    listings: tuple[Listing, ...]


def with_listings(window: Window, listings: tuple[Listing, ...], **changes: Any) -> LoadedWindow:
    """Return a window with its listings; *changes* replace what is known of them."""
    known = {one.name: getattr(window, one.name) for one in fields(Window)}
    return LoadedWindow(**{**known, **changes}, listings=listings)


def behind(window: LoadedWindow, day: date) -> LoadedWindow:
    """Return the part of *window* that was announced after *day*; what is known of the days before is left out."""
    states = {
        context: state.model_copy(update={"days": {one: known for one, known in state.days.items() if one > day}})
        for context, state in window.states.items()
    }
    return replace(
        window,
        listings=tuple(one for one in window.listings if one.day > day),
        states=states,
        first_day=max(window.first_day, day + timedelta(days=1)),
        days=tuple(one for one in window.days if one > day),
    )


def part_of(window: LoadedWindow, days: Collection[date]) -> LoadedWindow:
    """Return the part of *window* that some of its *days* are made of; what is known of others is left out."""
    states = {
        context: state.model_copy(update={"days": {one: known for one, known in state.days.items() if one in days}})
        for context, state in window.states.items()
    }
    return replace(
        window,
        listings=tuple(one for one in window.listings if one.day in days),
        states=states,
        first_day=min(days),
        days=tuple(sorted(days, reverse=True)),
    )


def of_contexts(window: LoadedWindow, contexts: Collection[str]) -> LoadedWindow:
    """Return the part of *window* that concerns some of its *contexts*."""
    return replace(
        window,
        listings=tuple(one for one in window.listings if one.context in contexts),
        states={context: state for context, state in window.states.items() if context in contexts},
        filling=frozenset(place for place in window.filling if place[0] in contexts),
    )


def joined(windows: Sequence[LoadedWindow], days: Collection[date]) -> LoadedWindow:
    """Return the windows of single days of the same contexts as one of all *days*, some of which may have none.

    Args:
        windows: At least one, each of its own day.
        days: Of the window to make.
    """
    states = dict(windows[0].states)
    for window in windows[1:]:
        for context, state in window.states.items():
            known = {**states[context].days, **state.days}
            states[context] = state.model_copy(update={"days": known})
    return replace(
        windows[0],
        states=states,
        listings=tuple(sorted((one for w in windows for one in w.listings), key=lambda one: one.day, reverse=True)),
        first_day=min(days),
        days=tuple(sorted(days, reverse=True)),
        fresh_until=min(window.fresh_until for window in windows),
        filling=frozenset().union(*(window.filling for window in windows)),
        is_settling=any(window.is_settling for window in windows),
        is_crowded=any(window.is_crowded for window in windows),
    )


@dataclass(frozen=True)
class Announcement:
    """One paper in one listing.

    Attributes:
        state: What is known of the listing's context.
        day: arXiv's date of the listing.
    """

    state: ContextState
    day: date
    paper: Paper


class SearchResult(Frozen):
    """What a query found."""

    query: str
    """As sent to arXiv."""
    papers: tuple[Paper, ...]
    total: int
    fetched_at: AwareDatetime

    @property
    def day(self) -> date:
        """The day of asking, in arXiv's time."""
        return schedule.eastern_date(self.fetched_at)

    def fresh_until(self) -> datetime:
        """Return when the API can have something new: it is updated once a day."""
        return schedule.next_feed_change(self.fetched_at) + timedelta(minutes=30) + jitter(self.query)


def first_day_of(states: Iterable[ContextState], newest: date, count: int) -> date:
    """Return the oldest day of a window of *count* announcements that ends with *newest*."""
    return schedule.previous_days(newest, count, without=_days_without(states))[0]


def window_days(states: Iterable[ContextState], newest: date, count: int) -> tuple[date, ...]:
    """Return the days of that window, newest first: those of the calendar, and others of which something is stored."""
    states = list(states)
    weekdays = schedule.previous_days(newest, count, without=_days_without(states))
    shown = {day for state in states for day in state.held if day >= weekdays[0]}
    return tuple(sorted({*weekdays, *shown}, reverse=True))


def _days_without(states: Iterable[ContextState]) -> frozenset[date]:
    """Return the days that had no announcement: in none of the contexts by arXiv's word."""
    states = list(states)
    held = {day for state in states for day, known in state.held.items() if known.held.total}
    return frozenset[date]().union(*(state.without_announcement for state in states)) - held
