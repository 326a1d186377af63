"""What a refresh reached and what it left: told by the cron's address and the command line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Self

from pydantic import Field, computed_field

from digest.listings.freshness import incomplete_days, is_due
from digest.listings.states import ContextState
from digest.models import Frozen
from digest.reports.delivering import DeliveriesOutcome
from digest.reports.filling import FillReport, Forecast


class FetchOutcome(Frozen):
    """How asking arXiv left one context."""

    newest_day: date | None
    complete: bool
    """Whether everything of the newest day is stored, as far as arXiv said."""
    error: str | None
    """What went wrong last; None if nothing did since the last success."""


class ContextOutcome(Frozen):
    """How a refresh left one context."""

    newest_day: date | None
    is_due: bool
    """Whether arXiv is still to be asked for the present listing."""
    days_left: int
    """Days of the window that can be completed now, but are not."""
    error: str | None
    """What went wrong last; None if nothing did since the last success."""


class SummariesOutcome(Frozen):
    """How far the model summaries of a feed came, or its grades. `present` to `left` add up to `wanted`."""

    wanted: int
    present: int
    """Had one before."""
    written: int
    refused: int
    """Asked for, without a usable answer: the built-in summary stands."""
    backing_off: int
    """Refused before, and left alone for now."""
    busy: int
    """Another instance is at it."""
    left: int
    """Not reached."""
    calls: int
    input_tokens: int
    output_tokens: int
    money: float
    stopped: str
    """Why it ended before its papers did; "" if it didn't."""
    reasons: dict[str, str]
    """Why papers were refused, by id."""

    @classmethod
    def of(cls, report: FillReport) -> Self:
        """Return what *report* says."""
        names = ("wanted", "present", "written", "refused", "backing_off", "busy", "left", "calls", "money", "stopped")
        return cls(
            **{name: getattr(report, name) for name in names},
            input_tokens=report.usage.input_tokens,
            output_tokens=report.usage.output_tokens,
            reasons=dict(report.reasons),
        )


class SummariesForecast(Frozen):
    """What filling in the model summaries of a feed would need, about."""

    papers: int
    calls: int
    input_tokens: int
    output_tokens: int
    money: float
    problem: str
    """Why nothing of it would be written now, and until when; "" if it may be."""

    @classmethod
    def of(cls, expected: Forecast) -> Self:
        """Return what *expected* says."""
        return cls(
            papers=expected.papers,
            calls=expected.calls,
            input_tokens=expected.usage.input_tokens,
            output_tokens=expected.usage.output_tokens,
            money=expected.money,
            problem=expected.problem,
        )


class RefreshOutcome(Frozen):
    """How a refresh left all contexts, and the model summaries of the feeds that have any."""

    contexts: dict[str, ContextOutcome]
    grades: dict[str, SummariesOutcome] = Field(default_factory=dict)
    """Of feeds with wishes; a paper counts once for each wish."""
    summaries: dict[str, SummariesOutcome] = Field(default_factory=dict)
    delivered: DeliveriesOutcome = DeliveriesOutcome()

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def left(self) -> int:
        """Requests that are still to be made, about; none are if all is done or what failed has to wait."""
        return sum(one.is_due + one.days_left for one in self.contexts.values())


def fetched(state: ContextState) -> FetchOutcome:
    """Tell how asking arXiv left a context."""
    return FetchOutcome(
        newest_day=state.newest,
        complete=state.newest is not None and state.days[state.newest].is_complete,
        error=state.last_error if state.failures else None,
    )


def outcome_of(states: Mapping[str, ContextState], days: int, now: datetime) -> RefreshOutcome:
    """Tell how a refresh of the newest *days* left the contexts."""
    return RefreshOutcome(
        contexts={
            context: ContextOutcome(
                newest_day=state.newest,
                is_due=is_due(state, now),
                days_left=len(incomplete_days(state, days, now)),
                error=state.last_error if state.failures else None,
            )
            for context, state in states.items()
        }
    )


def age_of(states: Mapping[str, ContextState], now: datetime) -> timedelta | None:
    """Return how long ago arXiv was asked for the context that was left alone longest; None: for one never."""
    asked = [max((t for t in (s.checked_at, s.last_error_at) if t), default=None) for s in states.values()]
    known = [moment for moment in asked if moment]
    return now - min(known) if known and len(known) == len(asked) else None
