"""Which listings are stored without built-in summaries, as far as this process has kept or read them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from digest.listings.states import ContextState


class BareDays:
    """Days by context, until somebody takes them to store their summaries."""

    def __init__(self) -> None:
        self._days: defaultdict[str, set[date]] = defaultdict(set)

    def note(self, context: str, day: date) -> None:
        """Note that the listing of a day is stored without summaries."""
        self._days[context].add(day)

    def forget(self, context: str, day: date) -> None:
        """Note that the listing of a day is stored with summaries."""
        self._days[context].discard(day)

    def has_any(self, context: str) -> bool:
        """Tell whether there is such a day."""
        return bool(self._days.get(context))

    def take(self, state: ContextState) -> frozenset[date]:
        """Return those days of a context that are stored, and forget them: their listings are stored with summaries next."""
        return frozenset(self._days.pop(state.context, set()) & state.held.keys())
