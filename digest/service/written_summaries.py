"""Model summaries of a feed's papers: reading those that are there, writing those that it lacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import StoreError
from digest.feeds.papers import FeedRequest
from digest.models import Entry, Paper, Summary
from digest.reports.filling import FillReport, Forecast
from digest.selection.order import newest_and_best_first
from digest.service.model_engine import ModelEngine
from digest.service.model_rules import ModelRules
from digest.store.protocol import Store

if TYPE_CHECKING:
    from digest.config.summary_plans import Plan

log = logging.getLogger(__name__)

_COUNTER_KEPT = timedelta(days=400)


class WrittenSummaries:
    """Read and write them. Where no model is configured, every method answers at once, with nothing.

    Args:
        rules: Which feeds have any.
        engine: What writes.
        store: Where an edition is counted.
    """

    def __init__(self, rules: ModelRules, engine: ModelEngine, store: Store) -> None:
        self._rules = rules
        self._engine = engine
        self._store = store
        self._turn = asyncio.Lock()
        """One run at a time: the bound on papers asked for at once is one of the process."""

    async def edition(self, request: FeedRequest) -> str:
        """Return what changes whenever a summary of the feed's plan is written; "" where it shows none."""
        plan = self._rules.plan(request)
        if plan is None:
            return ""
        try:
            return f"{plan.mark}:{(await self._store.get(_edition_key(plan)) or b'0').decode()}"
        except StoreError:
            return plan.mark

    async def lookup(self, request: FeedRequest, papers: Sequence[Paper]) -> dict[str, Summary]:
        """Return the summaries that the store has for a feed, by paper id, in one round trip."""
        plan = self._rules.plan(request)
        if plan is None or not papers:
            return {}
        try:
            return await self._engine.opened().summaries.lookup(papers, plan)
        except StoreError as error:
            log.warning("model summaries can't be read: %s", error)
            return {}

    async def fill(
        self,
        request: FeedRequest,
        entries: Sequence[Entry],
        *,
        deadline: datetime,
        on_progress: Callable[[FillReport], None] = lambda _: None,
    ) -> FillReport | None:
        """Write what a feed lacks until *deadline*, newest and highest score first; None for one that may not spend.

        Raises nothing but cancellation, see `ModelSummaries.fill`.
        """
        plan = self._rules.paid_plan(request)
        if plan is None:
            return None
        told = 0
        noting: set[asyncio.Task[None]] = set()

        def progress(report: FillReport) -> None:
            nonlocal told
            if report.written > told:
                told = report.written
                noting.add(asyncio.create_task(self._note_edition(plan)))
            on_progress(report)

        ranked = sorted(entries, key=newest_and_best_first)
        try:
            async with self._turn:
                return await self._engine.opened().summaries.fill(
                    [entry.paper for entry in ranked],
                    plan,
                    feed=request.name or "",
                    deadline=deadline,
                    on_progress=progress,
                )
        finally:
            if noting:
                await asyncio.wait(noting)

    async def forecast(self, request: FeedRequest, entries: Sequence[Entry]) -> Forecast | None:
        """Return what `fill` would need; None for a feed that may not spend. Sends nothing.

        Raises:
            StoreError: The store can't be read.
        """
        plan = self._rules.paid_plan(request)
        return (
            await self._engine.opened().summaries.forecast([entry.paper for entry in entries], plan) if plan else None
        )

    async def _note_edition(self, plan: Plan) -> None:
        try:
            await self._store.increment(_edition_key(plan), ttl=_COUNTER_KEPT)
        except StoreError as error:
            log.warning("other instances can't be notified of a new model summary: %s", error)


def _edition_key(plan: Plan) -> str:
    return f"llm:edition:{plan.mark}"
