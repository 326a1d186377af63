"""Receipts: what arXiv announced, what is stored, what a feed shows, and why not the rest. Pure.

A receipt holds counts and days only, no times of fetching: a feed's bytes depend on content alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field

from digest.arxiv import schedule
from digest.listings.states import ContextState, DayState
from digest.models import Counts, Frozen, Source
from digest.selection import LeftOut, WishAccount


class DayStatus(StrEnum):
    """How far one day of one context is known."""

    COMPLETE = "complete"
    """All that arXiv says it announced is stored."""
    UNCONFIRMED = "unconfirmed"
    """Held; arXiv's totals are not known (yet), or only one of its services says that there is nothing (more)."""
    SHORT = "short"
    """arXiv announced more than is stored; other sources are being asked."""
    QUIET = "quiet"
    """arXiv announced nothing: two of its services agree."""
    FILLING = "filling"
    """Not stored yet, being fetched."""
    MISSING = "missing"
    """Not stored; it is tried again from time to time."""

    @property
    def is_held(self) -> bool:
        """Whether there is a listing, if perhaps one without papers."""
        return self not in {DayStatus.FILLING, DayStatus.MISSING}

    @property
    def is_final(self) -> bool:
        """Whether all that arXiv says it announced is stored, be it nothing."""
        return self in {DayStatus.COMPLETE, DayStatus.QUIET}


class DayReceipt(Frozen):
    """One context on one day."""

    context: str = Field(description="Category (`cs.LG`) or archive (`cs`).")
    day: date = Field(description="arXiv's date of the announcement, US Eastern.")
    status: DayStatus = Field(description="How far the day is known.")
    announced: Counts | None = Field(None, description="arXiv's own totals; null while unknown.")
    held: Counts = Field(Counts(), description="Papers stored on this server, by announce type.")
    sources: tuple[Source, ...] = Field((), description="Where the listing came from, first the one that brought it.")
    backfilled: bool = Field(default=False, description="Whether it was filled in later, after a newer day.")
    provisional: bool = Field(
        default=False,
        description="From a request for several categories, which doesn't say for every paper whether it belongs here.",
    )
    note: str = Field("", description="Why there is nothing: `no announcement: US holiday (…)`; else empty.")


_ONE_SAYS = "not confirmed: only one of arXiv's services says that nothing was announced"


class ExampleCount(Frozen):
    """How many of the examples that a feed is ranked by are known."""

    known: int
    asked: int


_IF_ANY = ("examples", "wishes", "rest")


class FeedReceipt(Frozen):
    """One feed: its days, how many papers they hold together, and what became of them."""

    days: tuple[DayReceipt, ...]
    papers: int
    """Different papers in the listings of the window."""
    shown: int
    left_out: LeftOut
    examples: ExampleCount | None = None
    """None where the feed is not ranked by examples."""
    wishes: WishAccount | None = None
    """How far the papers of a feed with wishes came; None where it has none."""
    rest: str | None = None
    """Address with the papers that `top` left out, or a want of room; None where none were."""

    def with_rest(self, address: str | None) -> FeedReceipt:
        """Return the receipt with the address of the rest, if `top` left anything out."""
        return self.model_copy(update={"rest": address}) if self.left_out.top else self

    def as_json(self) -> dict[str, Any]:
        """Return the receipt for a JSON document; what it says of examples and of the rest only where there are any."""
        return self.model_dump(mode="json", exclude={name for name in _IF_ANY if getattr(self, name) is None})

    @property
    def is_complete(self) -> bool:
        """Whether every day of every context adds up."""
        return all(day.status.is_final for day in self.days)


def left_out_by_size(receipt: FeedReceipt, count: int) -> FeedReceipt:
    """Return *receipt* with *count* papers fewer shown, for want of room."""
    left_out = receipt.left_out + LeftOut(size=count)
    return receipt.model_copy(update={"shown": receipt.shown - count, "left_out": left_out})


def day_receipts(
    states: Iterable[ContextState],
    days: Iterable[date],
    filling: frozenset[tuple[str, date]],
    *,
    window_from: date = date.min,
) -> tuple[DayReceipt, ...]:
    """Return a receipt for each of *days* (newest first) and each context.

    Of days before *window_from*, those that were stored as quiet before two services had to agree pass for quiet.
    """
    states = list(states)
    return tuple(_day_receipt(state, day, filling, in_window=day >= window_from) for day in days for state in states)


def _day_receipt(
    state: ContextState, day: date, filling: frozenset[tuple[str, date]], *, in_window: bool
) -> DayReceipt:
    known = state.days.get(day, DayState())
    note = schedule.explain_day(day)
    status = _status(known, is_filling=(state.context, day) in filling)
    if known.is_empty and known.asked_at is None and not in_window:
        status = DayStatus.QUIET
    if status is DayStatus.QUIET and not note:
        note = "no announcement" if known.no_announcement else "arXiv announced nothing here"
    if known.is_empty and status is DayStatus.UNCONFIRMED:
        note = f"{note}; not confirmed yet" if note else _ONE_SAYS
    return DayReceipt(
        context=state.context,
        day=day,
        status=status,
        announced=known.announced,
        held=known.held,
        sources=known.sources,
        backfilled=known.backfilled,
        provisional=bool(known.unsettled),
        note=note if known.is_empty or not status.is_held else "",
    )


def _status(known: DayState, *, is_filling: bool) -> DayStatus:
    if not known.mark:
        return DayStatus.FILLING if is_filling else DayStatus.MISSING
    if known.is_complete:
        return DayStatus.COMPLETE if known.held.total else DayStatus.QUIET
    return DayStatus.SHORT if known.shortfall.total else DayStatus.UNCONFIRMED
