"""Summaries by a model for the feeds of this server: which plan a feed has, what is there already, what is written behind.

Of the package `digest.llm` everything but its settings is imported when a model is configured and a feed is asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from digest.concurrency.coalescing import Background
from digest.config.settings import Config
from digest.config.views import SummaryMode
from digest.errors import StoreError
from digest.feeds.papers import FeedRequest
from digest.models import Entry, Paper, Summary
from digest.reports.filling import FillReport, Forecast
from digest.reports.status import MissingModel, ModelStatus, SummariesStatus
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, Service

if TYPE_CHECKING:
    import httpx

    from digest.config.summary_plans import Plan
    from digest.llm.endpoint import ModelEndpoint
    from digest.llm.engine import ModelSummaries
    from digest.llm.ledger import Ledger

log = logging.getLogger(__name__)

BEHIND = timedelta(minutes=10)
"""Longest time for which summaries are written behind one answer."""
_SUMMARISING = frozenset({SummaryMode.AUTO, SummaryMode.MODEL})
_COUNTER_KEPT = timedelta(days=400)
_AGAIN = timedelta(minutes=10)
"""After a run that left papers without a summary, the next begins no sooner."""
_ACTED_ON = timedelta(seconds=5)
"""After a run that only ran out of time."""


@dataclass(frozen=True, slots=True)
class _Engine:
    """What is made once a model is needed."""

    endpoint: ModelEndpoint
    ledger: Ledger
    summaries: ModelSummaries


@dataclass(frozen=True, slots=True)
class _LastRun:
    """How far a feed was the last time, in this process."""

    mark: str
    next: datetime | None
    """When another run makes sense; None: every paper has its summary."""


class ModelDesk:
    """Give model summaries to feeds. Where no model is configured, every method answers at once, with nothing.

    Args:
        config: The settings.
        store: Shared by all instances.
        client: Where full texts come from.
        now: The clock.
        transport: What carries requests to the model; None for the network.
        behind: Longest time for which summaries are written behind one answer.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        client: ArxivClient,
        *,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
        behind: timedelta = BEHIND,
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._now = now
        self._transport = transport
        self._behind = behind
        self._engine: _Engine | None = None
        self._filling: Background[str] = Background()
        self._last: dict[str, _LastRun] = {}
        self._turn = asyncio.Lock()
        """One run at a time: the bound on papers asked for at once is one of the process."""

    @property
    def is_open(self) -> bool:
        """Whether there is a model."""
        return self._config.model.is_enabled

    def plan(self, request: FeedRequest) -> Plan | None:
        """Return what a model writes for the papers of a feed; None where it shows no such summaries.

        A feed that isn't configured has the usual plan: the store may hold summaries that others paid for.
        """
        if not self.is_open or request.view.summary not in _SUMMARISING:
            return None
        from digest.config.summary_plans import Plan, TextSource
        from digest.config.summary_schemas import SummarySchema

        feed = self._config.feeds.get(request.name or "")
        schema, source = (feed.summary_schema, feed.source) if feed else (SummarySchema.TLDR, TextSource.ABSTRACT)
        language = request.view.lang or (feed.language if feed else "en")
        return Plan(schema, language, source, self._config.model.model or "")

    def spends(self, request: FeedRequest) -> bool:
        """Whether summaries may be written for a feed: only for a configured one, as it is, in its own language."""
        feed = self._config.feeds.get(request.name or "")
        return (
            self.is_open
            and feed is not None
            and request.view.summary in _SUMMARISING
            and request.view.lang in {None, feed.language}
            and (request.days, request.selection) == (feed.days, feed.selection(self._config.tagging))
        )

    async def edition(self, request: FeedRequest) -> str:
        """Return what changes whenever a summary of the feed's plan is written; "" where it shows none."""
        plan = self.plan(request)
        if plan is None:
            return ""
        try:
            return f"{plan.mark}:{(await self._store.get(_edition_key(plan)) or b'0').decode()}"
        except StoreError:
            return plan.mark

    async def lookup(self, request: FeedRequest, papers: Sequence[Paper]) -> dict[str, Summary]:
        """Return the summaries that the store has for a feed, by paper id, in one round trip."""
        plan = self.plan(request)
        if plan is None or not papers:
            return {}
        try:
            return await self._opened().summaries.lookup(papers, plan)
        except StoreError as error:
            log.warning("model summaries can't be read: %s", error)
            return {}

    async def attend(self, request: FeedRequest, mark: str, entries: Sequence[Entry]) -> None:
        """Begin to write behind what a feed lacks, and wait for it as long as readers may wait.

        Args:
            request: The feed.
            mark: Names the papers that it has now.
            entries: Those papers.
        """
        if not self.is_due(request, mark) or not entries:
            return
        name = _name(request)
        self._filling.start(name, partial(self._fill_behind, request, mark, entries), doing=f"summarising {name}")
        if self._config.model.inline_seconds:
            await asyncio.wait(self._filling.tasks([name]), timeout=self._config.model.inline_seconds)

    def is_due(self, request: FeedRequest, mark: str) -> bool:
        """Whether a feed may lack summaries that can be written now, as far as this process knows."""
        name = _name(request)
        if not self.spends(request) or name in self._filling:
            return False
        last = self._last.get(name)
        return last is None or last.mark != mark or (last.next is not None and last.next <= self._now())

    def pending(self, request: FeedRequest) -> tuple[asyncio.Task[None], ...]:
        """Return the work under way for a feed."""
        return self._filling.tasks([_name(request)])

    def lacks(self, request: FeedRequest) -> bool:
        """Whether a later answer of the feed may have more summaries, as far as this process knows."""
        last = self._last.get(_name(request))
        return self.spends(request) and (_name(request) in self._filling or bool(last and last.next))

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
        plan = self.plan(request) if self.spends(request) else None
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

        ranked = sorted(entries, key=lambda entry: (entry.paper.announced, entry.score), reverse=True)
        try:
            async with self._turn:
                return await self._opened().summaries.fill(
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
        plan = self.plan(request) if self.spends(request) else None
        return await self._opened().summaries.forecast([entry.paper for entry in entries], plan) if plan else None

    async def status(self) -> SummariesStatus | None:
        """Return what an operator wants to know: the model, whether it is left alone, what was spent on what; None without a model."""
        model = self._config.model
        if not self.is_open:
            return MissingModel(problem=model.missing) if model.missing else None
        engine = self._opened()
        waiting, problem = await engine.summaries.waiting(list(self._config.feeds))
        today, month = await engine.ledger.totals()
        return ModelStatus(
            model=model.model or "",
            problem=problem or None,
            waiting=waiting,
            currency=model.prices.currency,
            today=today,
            month=month,
            ledger=await engine.ledger.rows(),
        )

    async def aclose(self) -> None:
        """Stop what is under way and close connections."""
        await self._filling.aclose()
        if self._engine:
            await self._engine.endpoint.aclose()

    async def _fill_behind(self, request: FeedRequest, mark: str, entries: Sequence[Entry]) -> None:
        name = _name(request)
        self._last[name] = _LastRun(mark, self._now() + _AGAIN)
        try:
            report = await self.fill(request, entries, deadline=self._now() + self._behind)
        except Exception:  # nothing that goes wrong here may reach a reader
            log.exception("model summaries for %s", name)
            return
        if report:
            is_whole = not (report.left or report.refused or report.backing_off or report.busy)
            wait = _ACTED_ON if report.written and report.left else _AGAIN
            self._last[name] = _LastRun(mark, None if is_whole else self._now() + wait)

    async def _note_edition(self, plan: Plan) -> None:
        try:
            await self._store.increment(_edition_key(plan), ttl=_COUNTER_KEPT)
        except StoreError as error:
            log.warning("a new model summary can't be told to the other instances: %s", error)

    def _opened(self) -> _Engine:
        if self._engine is None:
            from digest.llm.endpoint import ModelEndpoint
            from digest.llm.engine import ModelSummaries
            from digest.llm.fulltext import FullTexts
            from digest.llm.ledger import Ledger

            async def fetch(path: str) -> bytes:
                return await self._client.fetch(Service.PAGES, path, urgent=False)

            model, store, now = self._config.model, self._store, self._now
            endpoint = ModelEndpoint(model, store, now=now, transport=self._transport)
            ledger = Ledger(store, model, now=now)
            texts = FullTexts(store, fetch)
            self._engine = _Engine(
                endpoint, ledger, ModelSummaries(store, endpoint, ledger, model, now=now, full_texts=texts)
            )
        return self._engine


def _edition_key(plan: Plan) -> str:
    return f"llm:edition:{plan.mark}"


def _name(request: FeedRequest) -> str:
    """Name the run of a feed: only configured ones have any."""
    return request.name or ""
