"""The state of the server, for status pages and programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from digest import __version__
from digest.arxiv import schedule
from digest.feeds.papers import DEFAULT_DAYS
from digest.listings.freshness import due_at
from digest.listings.states import ContextState
from digest.reports.delivering import DeliveriesStatus
from digest.reports.receipts import day_receipts
from digest.reports.status import (
    ArxivStatus,
    ContextDay,
    ContextStatus,
    ScheduleStatus,
    Status,
    StoreStatus,
    SummariesStatus,
)
from digest.store.protocol import Health
from digest.upstream.fetching import FetchCounters, Service

_STATUS_DAYS = 14


def server_status(
    store: Health,
    counters: FetchCounters,
    cooldowns: Mapping[Service, timedelta],
    known: Sequence[ContextState],
    summaries: SummariesStatus | None,
    *,
    deliveries: DeliveriesStatus | None,
    now: datetime,
) -> Status:
    """Return all that an operator wants to know in one look.

    Args:
        store: Only described.
        counters: Of requests to arXiv.
        cooldowns: Services of arXiv that are left alone, and for how long.
        known: All contexts that were ever asked for.
        summaries: What is known of the model, None without one.
        deliveries: The last ones, None where none is configured.
        now: The present, UTC.
    """
    return Status(
        version=__version__,
        now=now,
        store=StoreStatus(
            kind=store.kind,
            place=store.describe(),
            degraded=store.degraded or bool(store.refusal),
            refusal=store.refusal or None,
        ),
        arxiv=ArxivStatus(
            requests=counters.requests,
            failures=counters.failures,
            refusals=counters.refusals,
            last_error=counters.last_error or None,
            cooldowns_s={service.name.lower(): round(left.total_seconds()) for service, left in cooldowns.items()},
        ),
        schedule=ScheduleStatus(
            latest_announcement_expected=schedule.latest_expected_day(now),
            next_expected_change=schedule.next_feed_change(now),
            today=schedule.explain_day(schedule.eastern_date(now)) or "announcement day",
        ),
        contexts=tuple(_context_status(state, now) for state in known),
        summaries=summaries,
        deliveries=deliveries,
    )


def _context_status(state: ContextState, now: datetime) -> ContextStatus:
    since = _window_from(state) if state.newest else date.max  # older days: nothing but attempts to get them
    days = sorted((day for day, known in state.days.items() if known.mark or day >= since), reverse=True)[:_STATUS_DAYS]
    return ContextStatus(
        context=state.context,
        newest_day=state.newest,
        behind_calendar=state.newest is None or not state.is_settled(schedule.latest_expected_day(now)),
        days_held=len(state.held),
        checked_at=state.checked_at,
        failures=state.failures,
        last_error=state.last_error or None,
        last_error_at=state.last_error_at,
        next_check=due_at(state, now),
        days=tuple(
            ContextDay(**dict(receipt), fetched_at=state.days[receipt.day].fetched_at)
            for receipt in day_receipts([state], days, frozenset(), window_from=_window_from(state))
        ),
    )


def _window_from(state: ContextState) -> date:
    """Return the first day of the window that a feed has unless it asks for another: its days are confirmed one by one."""
    if state.newest is None:
        return date.min
    return schedule.previous_days(state.newest, DEFAULT_DAYS, without=state.without_announcement)[0]
