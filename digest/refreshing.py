"""What a refresh reached and what it left: told by the cron's address and the command line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from pydantic import computed_field

from digest.freshness import ContextState, incomplete_days, is_due
from digest.models import Frozen


class ContextOutcome(Frozen):
    """How a refresh left one context."""

    newest_day: date | None
    is_due: bool
    """Whether arXiv is still to be asked for the present listing."""
    days_left: int
    """Days of the window that can be completed now, but are not."""
    error: str | None
    """What went wrong last; None if nothing did since the last success."""


class RefreshOutcome(Frozen):
    """How a refresh left all contexts."""

    contexts: dict[str, ContextOutcome]

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def left(self) -> int:
        """Requests that are still to be made, about; none are if all is done or what failed has to wait."""
        return sum(one.is_due + one.days_left for one in self.contexts.values())


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
