"""What is held of one context, for status pages and programs. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from digest import schedule
from digest.freshness import ContextState, due_at
from digest.receipts import day_receipts

_STATUS_DAYS = 14


def context_status(state: ContextState, now: datetime) -> dict[str, Any]:
    """Return what is known of a context and of its newest days."""
    days = sorted(state.days, reverse=True)[:_STATUS_DAYS]
    return {
        "context": state.context,
        "newest_day": state.newest,
        "behind_calendar": state.newest is None or state.newest < schedule.latest_feed_day(now),
        "days_held": len(state.held),
        "checked_at": state.checked_at,
        "failures": state.failures,
        "last_error": state.last_error or None,
        "last_error_at": state.last_error_at,
        "next_check": due_at(state, now),
        "days": [
            {**receipt.model_dump(mode="json"), "fetched_at": state.days[receipt.day].fetched_at}
            for receipt in day_receipts([state], days, frozenset())
        ],
    }
