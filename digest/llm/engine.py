"""Model summaries: looked up at once, filled in where time and budget allow, one call a paper, each paid for once.

Nothing that goes wrong with one paper reaches another or the caller: a paper without a model summary
keeps the built-in one. A paper that gave no usable summary is left alone for a time that grows with each
refusal; an endpoint that can't be used is left alone by all instances, and the run ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.config.model import ModelConfig
from digest.config.summary_plans import Plan, TextSource, paper_key
from digest.config.summary_schemas import ROOM_BYTES
from digest.errors import (
    BudgetError,
    DigestError,
    EndpointError,
    RateLimitedError,
    StoreError,
    ValueTooLargeError,
)
from digest.llm.endpoint import ModelEndpoint
from digest.llm.endpoint_records import EndpointRecords, Pause
from digest.llm.ledger import Account, Ledger, cost
from digest.llm.prompts import build_prompt, output_tokens, text_limit
from digest.llm.records import SummaryRecords
from digest.llm.running import LOCK_MARGIN, Claims, Pace, left_alone_words
from digest.llm.waiting import Waiting, WaitingPapers
from digest.models import Paper, Summary
from digest.reports.filling import FillReport, Forecast, Usage
from digest.store.protocol import Lease, Store

if TYPE_CHECKING:
    from digest.llm.fulltext import FullTexts
    from digest.llm.writing import SummaryWriter

log = logging.getLogger(__name__)


class ModelSummaries:
    """The use case of this package; see the module.

    Args:
        store: Shared by all instances.
        endpoint: The model.
        ledger: Budgets and accounts.
        config: Bounds.
        now: The clock.
        full_texts: Where full texts come from; None where no plan needs them.
    """

    def __init__(
        self,
        store: Store,
        endpoint: ModelEndpoint,
        ledger: Ledger,
        config: ModelConfig,
        *,
        now: Callable[[], datetime],
        full_texts: FullTexts | None = None,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._config = config
        self._now = now
        self._records = SummaryRecords(store, endpoint.mark, keep=timedelta(days=config.keep_days), now=now)
        self._of_endpoint = EndpointRecords(store, endpoint.mark, now=now)
        self._waiting = WaitingPapers(store)
        self._endpoint = endpoint
        self._full_texts = full_texts

    async def lookup(self, papers: Sequence[Paper], plan: Plan) -> dict[str, Summary]:
        """Return the summaries that the store has, by paper id, in one round trip.

        Raises:
            StoreError: The store can't be read.
        """
        found = await self._records.summaries([paper_key(paper, plan) for paper in papers])
        return {paper.id: summary for paper, summary in zip(papers, found, strict=True) if summary}

    async def forecast(self, papers: Sequence[Paper], plan: Plan) -> Forecast:
        """Return what `fill` would need for those of *papers* that lack a summary. Sends nothing.

        Raises:
            StoreError: The store can't be read.
        """
        present = await self.lookup(papers, plan)
        lacking = {paper.id: paper for paper in papers if paper.id not in present}
        room = text_limit(plan, self._config) // 4 if plan.source is TextSource.FULLTEXT else 0
        read = sum(build_prompt(paper, plan, paper.abstract).tokens + room for paper in lacking.values())
        most = output_tokens(plan, self._config)
        usage = Usage(read, len(lacking) * most // 3)
        problem = await self.problem(Usage(read // len(lacking), most)) if lacking else ""
        return Forecast(papers=len(lacking), calls=len(lacking), usage=usage, money=self._money(usage), problem=problem)

    async def pause(self) -> Pause | None:
        """Return why and until when the endpoint is left alone, None if it may be asked."""
        return await self._of_endpoint.pause()

    async def problem(self, needs: Usage) -> str:
        """Return why no call that *needs* so much would be sent now, and until when; "" if one may be.

        Raises:
            StoreError: The store can't be read.
        """
        pause = await self.pause()
        return left_alone_words(pause) if pause else await self._ledger.problem(needs)

    async def waiting(self, feeds: Sequence[str]) -> tuple[int, str]:
        """Return how many papers the last runs of *feeds* left, and why none would be asked for now; "" if one may be.

        Raises:
            StoreError: The store can't be read.
        """
        found = await self._waiting.of(feeds)
        least = min((Usage(one.input_tokens, one.output_tokens) for one in found), key=lambda u: u.total, default=None)
        papers = sum(one.papers for one in found)
        problem = await self.problem(least or Usage(0, 1))
        return papers, f"{problem}; {papers} papers wait" if problem and papers else problem

    async def fill(
        self,
        papers: Iterable[Paper],
        plan: Plan,
        *,
        feed: str,
        deadline: datetime,
        on_progress: Callable[[FillReport], None] | None = None,
    ) -> FillReport:
        """Write the summaries that are missing, in the order of *papers*, until all is done or something ends it.

        Raises nothing but cancellation: failures are in the report, in the log and known to later runs.

        Args:
            papers: Most wanted first.
            plan: What to write.
            feed: On whose account, by name.
            deadline: No call goes on beyond it, and none is begun that could not usually end before it.
            on_progress: Called after each paper with the report so far.
        """
        from digest.llm.writing import SummaryWriter

        by_key: dict[str, Paper] = {}
        for paper in papers:
            by_key.setdefault(paper_key(paper, plan), paper)
        report = FillReport(wanted=len(by_key))
        ends = asyncio.get_running_loop().time() + (deadline - self._now()).total_seconds()
        pace = Pace(report, self._of_endpoint, ends=ends)
        run = _Run(
            plan=plan,
            store=self._store,
            records=self._records,
            pace=pace,
            claims=Claims(report, self._records, pace, ("summary", "summaries")),
            writer=SummaryWriter(self._endpoint, self._config, self._now, self._full_texts),
            account=self._ledger.account(feed),
            config=self._config,
            report=report,
            on_progress=on_progress or (lambda _: None),
        )
        try:
            await run.choose(by_key)
            await run.work(until=lambda: self._endpoint.is_proven)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._config.concurrency, len(run.queue))):
                    group.create_task(run.work())
        except StoreError as error:
            report.stopped = f"the store failed: {error}"
        done = (report.present, report.written, report.refused, report.backing_off, report.busy)
        report.left = report.wanted - sum(done)
        report.calls, report.usage = run.account.calls, run.account.usage
        report.money = self._money(report.usage)
        await self._note_waiting(feed, by_key, plan, report.left)
        if report.stopped:
            log.warning("model summaries for %s: stopped with %d left: %s", feed, report.left, report.stopped)
        return report

    async def _note_waiting(self, feed: str, by_key: dict[str, Paper], plan: Plan, left: int) -> None:
        waiting = None
        if left:
            paper = next(iter(by_key.values()))
            read = build_prompt(paper, plan, paper.abstract).tokens
            waiting = Waiting(papers=left, input_tokens=read, output_tokens=output_tokens(plan, self._config))
        try:
            await self._waiting.note(feed, waiting)
        except StoreError as error:
            log.warning("the rest of %s can't be recorded: %s", feed, error)

    def _money(self, usage: Usage) -> float:
        return cost(usage, self._config.prices) / 1_000_000


@dataclass(slots=True)
class _Run:
    """One run of `fill`: a queue, and workers that empty it."""

    plan: Plan
    store: Store
    records: SummaryRecords
    pace: Pace
    claims: Claims
    writer: SummaryWriter
    account: Account
    config: ModelConfig
    report: FillReport
    on_progress: Callable[[FillReport], None]
    queue: deque[tuple[str, Paper]] = field(default_factory=deque)

    async def choose(self, by_key: dict[str, Paper]) -> None:
        """Queue the papers that lack a summary and are due."""
        if self.store.degraded:
            self.report.stopped = "the store doesn't answer, so nothing can be counted"
            return
        keys = list(by_key)
        summaries, refusals = await self.records.summaries(keys), await self.records.refusals(keys)
        for key, summary, refusal in zip(keys, summaries, refusals, strict=True):
            if summary:
                self.report.present += 1
            elif refusal:
                self.report.backing_off += 1
            else:
                self.queue.append((key, by_key[key]))
        if self.queue:
            await self.pace.begin(self.account)

    async def work(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Take papers from the queue until it is empty, the run has stopped, or *until* says so."""
        while self.queue and not self.report.stopped and not until():
            if self.pace.is_over:
                return
            key, paper = self.queue.popleft()
            try:
                await self._take(key, paper)
            except StoreError as error:
                self.report.stopped = f"the store failed: {error}"
            self.on_progress(self.report)

    async def _take(self, key: str, paper: Paper) -> None:
        ttl = timedelta(seconds=self.config.total_timeout_s) + LOCK_MARGIN
        lease = await self.store.acquire(f"llm:{key}", ttl=ttl)
        if lease is None:
            self.report.busy += 1
            return
        try:
            # Another instance may have finished or failed since the run began.
            if (await self.records.summaries([key]))[0]:
                self.report.present += 1
            elif (await self.records.refusals([key]))[0]:
                self.report.backing_off += 1
            elif await self.claims.take(key, room_bytes=ROOM_BYTES[self.plan.schema]):
                await self._write(key, paper, lease)
        finally:
            await self.store.release(lease)

    async def _write(self, key: str, paper: Paper, lease: Lease) -> None:
        began = asyncio.get_running_loop().time()
        timeout_s = min(self.config.total_timeout_s, self.pace.left_s)
        try:
            summary = await self.writer.write(paper, self.plan, self.account, timeout_s=timeout_s)
        except asyncio.CancelledError:
            await asyncio.shield(self.records.drop_claim(key))
            raise
        except BudgetError as error:
            await self.claims.stop(key, str(error))
        except RateLimitedError as error:
            await self.claims.stop(key, f"arXiv gives no full texts now: {error}")
        except EndpointError as error:
            await self._endpoint_failed(key, paper, error, seconds=asyncio.get_running_loop().time() - began)
        except Exception as error:  # one paper must not cost the rest
            if not isinstance(error, DigestError):
                log.exception("model summary of %s", paper.id)
            await self.claims.refuse(key, paper, error)
            await self.pace.count_refusal("answers in a row could not be used")
        else:
            await self._keep(key, paper, summary, lease)
            await self.pace.note_success(asyncio.get_running_loop().time() - began)

    async def _keep(self, key: str, paper: Paper, summary: Summary, lease: Lease) -> None:
        try:
            await self.records.keep_summary(key, summary, lease)
        except StoreError as error:
            await self.claims.not_kept(paper, error, ends=not isinstance(error, ValueTooLargeError))
            return
        await self.account.note_summary()
        self.report.written += 1

    async def _endpoint_failed(self, key: str, paper: Paper, error: EndpointError, *, seconds: float) -> None:
        if await self.pace.blames_endpoint(error):
            await self.records.drop_claim(key)
            return
        # It may be this paper that takes too long or makes the endpoint fail: others come first next time.
        await self.claims.refuse(key, paper, error)
        await self.pace.count_failure(error, seconds=seconds)
