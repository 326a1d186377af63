"""Grades for wishes: looked up at once, filled in where time and budget allow, several papers a call, each paid for once.

papers × wishes that lack a grade ─▶ about eight of one wish a request ─▶ proofs ─┬▶ 0 to 2: kept
                                                                                  ├▶ 3, 4: asked alone, the lower counts
                                                                                  └▶ a refused one: all asked alone, one repair each

What goes wrong with one paper reaches no other: a text that seems to address a grader is asked alone from the start,
a request that fails as a whole is asked in halves, and a paper without a grade that can be believed is left alone for a
time that grows with each refusal. A grade that is still to be confirmed is kept, so that only the confirmation is paid.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.config.model import ModelConfig
from digest.errors import AnswerError, BudgetError, DigestError, EndpointError, StoreError, ValueTooLargeError
from digest.llm.endpoint import Completion, ModelEndpoint
from digest.llm.endpoint_records import EndpointRecords
from digest.llm.ledger import Account, Ledger, cost
from digest.llm.proofs import addresses_grader
from digest.llm.records import StoredVerdict, VerdictRecords
from digest.llm.running import LOCK_MARGIN, Claims, Pace, left_alone_words
from digest.llm.verdicts import (
    NEEDS_CONFIRMATION,
    Grade,
    Reading,
    build_question,
    confirmed,
    output_tokens,
    read_verdicts,
    verdict_key,
)
from digest.models import Paper
from digest.reports.filling import FillReport, Forecast, Usage
from digest.selection.wishes import Verdict
from digest.store.protocol import Lease, Store

log = logging.getLogger(__name__)

BATCH = 8
"""Papers a request at most."""
_ROOM_BYTES = 500
_LETTERS = "BCDFGHJKMNPQRSTVWXZ"
_LABEL_LENGTH = 4
_LONGEST_COMPLAINT = 300
_ALONE_SHARE = 0.3
"""Of the papers so many are asked alone a second time, about: those with high grades."""


class Judging:
    """The use case of this module.

    Args:
        store: Shared by all instances.
        endpoint: The model.
        ledger: Budgets and accounts.
        config: Bounds.
        now: The clock.
        draw: Draws labels, fences and the order in a request.
    """

    def __init__(
        self,
        store: Store,
        endpoint: ModelEndpoint,
        ledger: Ledger,
        config: ModelConfig,
        *,
        now: Callable[[], datetime],
        draw: random.Random | None = None,
    ) -> None:
        self._store = store
        self._endpoint = endpoint
        self._ledger = ledger
        self._config = config
        self._now = now
        self._draw = draw or random.SystemRandom()
        self._records = VerdictRecords(store, endpoint.mark, keep=timedelta(days=config.keep_days), now=now)
        self._of_endpoint = EndpointRecords(store, endpoint.mark, now=now)

    async def lookup(self, papers: Sequence[Paper], wishes: Sequence[str]) -> dict[str, dict[str, Verdict]]:
        """Return the grades that count, by paper id and wish, in one round trip.

        Raises:
            StoreError: The store can't be read.
        """
        pairs = [(paper, wish) for wish in wishes for paper in papers]
        stored = await self._records.verdicts([self._key(paper, wish) for paper, wish in pairs])
        found: dict[str, dict[str, Verdict]] = {}
        for (paper, wish), one in zip(pairs, stored, strict=True):
            if one and one.confirmed:
                found.setdefault(paper.id, {})[wish] = one.verdict
        return found

    async def forecast(self, papers: Sequence[Paper], wishes: Sequence[str]) -> Forecast:
        """Return what `fill` would need for what lacks a grade, confirmations included. Sends nothing.

        Raises:
            StoreError: The store can't be read.
        """
        present = await self.lookup(papers, wishes)
        usage, calls, lacking = Usage(), 0, set()
        for wish in wishes:
            missing = [paper for paper in papers if wish not in present.get(paper.id, {})]
            lacking |= {paper.id for paper in missing}
            again = missing[: round(len(missing) * _ALONE_SHARE)]
            requests = [*_chunks(missing, BATCH), *_chunks(again, 1)]
            calls += len(requests)
            for some in requests:
                read = build_question({str(n): paper for n, paper in enumerate(some)}, wish, fence="-" * 12).tokens
                usage = Usage(usage.input_tokens + read, usage.output_tokens + output_tokens(len(some)) // 3)
        problem = await self.problem() if lacking else ""
        money = cost(usage, self._config.prices) / 1_000_000
        return Forecast(papers=len(lacking), calls=calls, usage=usage, money=money, problem=problem)

    async def problem(self) -> str:
        """Return why nothing would be asked now, and until when; "" if it may be.

        Raises:
            StoreError: The store can't be read.
        """
        pause = await self._of_endpoint.pause()
        return left_alone_words(pause) if pause else await self._ledger.problem()

    async def fill(
        self,
        papers: Sequence[Paper],
        wishes: Sequence[str],
        *,
        account: Account,
        deadline: datetime,
        on_progress: Callable[[FillReport], None] = lambda _: None,
    ) -> FillReport:
        """Get the grades that are missing, in the order of *papers*, until all is done or something ends it.

        Raises nothing but cancellation: failures are in the report, in the log and known to later runs. The report
        counts a paper once for each wish.

        Args:
            papers: Most promising first.
            wishes: Their texts.
            account: On whose account.
            deadline: No call goes on beyond it.
            on_progress: Called after each request with the report so far.
        """
        items = self._items(papers, wishes)
        report = FillReport(wanted=len(items))
        ends = asyncio.get_running_loop().time() + (deadline - self._now()).total_seconds()
        pace = Pace(report, self._of_endpoint, ends=ends, kind=":grades")
        run = _Run(
            store=self._store,
            records=self._records,
            pace=pace,
            claims=Claims(report, self._records, pace, ("grade", "grades")),
            account=account,
            config=self._config,
            report=report,
            on_progress=on_progress,
            endpoint=self._endpoint,
            draw=self._draw,
        )
        try:
            await run.choose(items)
            await run.work(until=lambda: self._endpoint.is_proven)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._config.concurrency, len(run.queue))):
                    group.create_task(run.work())
        except StoreError as error:
            report.stopped = f"the store failed: {error}"
        done = (report.present, report.written, report.refused, report.backing_off, report.busy)
        report.left = report.wanted - sum(done)
        report.calls, report.usage = account.calls, account.usage
        report.money = cost(report.usage, self._config.prices) / 1_000_000
        if report.stopped:
            log.warning("grades for %s: stopped with %d left: %s", account.feed, report.left, report.stopped)
        return report

    def _items(self, papers: Sequence[Paper], wishes: Sequence[str]) -> list[_Item]:
        """Return what is to be graded: for the first few papers all wishes, then for the next ones."""
        items: dict[str, _Item] = {}
        for some in _chunks(papers, BATCH):
            for wish in wishes:
                for paper in some:
                    key = self._key(paper, wish)
                    items.setdefault(key, _Item(key, paper, wish, alone=_speaks_to_graders(paper)))
        return list(items.values())

    def _key(self, paper: Paper, wish: str) -> str:
        return verdict_key(paper, wish, self._config.model or "")


def _chunks(papers: Sequence[Paper], size: int) -> Iterator[Sequence[Paper]]:
    return (papers[start : start + size] for start in range(0, len(papers), size))


def _speaks_to_graders(paper: Paper) -> bool:
    return addresses_grader(paper.title) or addresses_grader(paper.abstract)


@dataclass(slots=True)
class _Item:
    """A paper to grade for a wish."""

    key: str
    paper: Paper
    wish: str
    alone: bool = False
    """Its text seems to address whoever grades, or its neighbours' failed."""
    first: Grade | None = None
    """A grade that is still to be confirmed."""


@dataclass(slots=True)
class _Run:
    """One run of `fill`: a queue, workers that empty it, and what they learn."""

    store: Store
    records: VerdictRecords
    pace: Pace
    claims: Claims
    account: Account
    config: ModelConfig
    report: FillReport
    on_progress: Callable[[FillReport], None]
    endpoint: ModelEndpoint
    draw: random.Random
    queue: deque[_Item] = field(default_factory=deque)
    size: int = BATCH
    """Papers of the next request; fewer after one that couldn't be used."""

    async def choose(self, items: Sequence[_Item]) -> None:
        """Queue what lacks a grade and is due."""
        if self.store.degraded:
            self.report.stopped = "the store doesn't answer, so nothing can be counted"
            return
        self.queue.extend(await self._due(items))
        if self.queue:
            await self.pace.begin(self.account)

    async def work(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Take papers from the queue until it is empty, the run has stopped, or *until* says so."""
        while self.queue and not self.report.stopped and not until():
            if self.pace.is_over:
                return
            try:
                await self._take(self._next())
            except StoreError as error:
                self.report.stopped = f"the store failed: {error}"
            self.on_progress(self.report)

    def _next(self) -> list[_Item]:
        """Take the papers of one request from the queue: of one wish, and no more than the model's context holds."""
        taken = [self.queue.popleft()]
        room = self.config.context_tokens
        while self.queue and len(taken) < self.size and not (taken[0].alone or taken[0].first):
            following = self.queue[0]
            if following.wish != taken[0].wish or following.alone or following.first:
                break
            papers = {str(number): item.paper for number, item in enumerate([*taken, following])}
            needs = build_question(papers, following.wish, fence="-" * 12).tokens + output_tokens(len(papers))
            if needs > room:
                break
            taken.append(self.queue.popleft())
        return taken

    async def _due(self, items: Sequence[_Item]) -> list[_Item]:
        """Return those that have no grade and weren't refused lately; count the others."""
        keys = [item.key for item in items]
        verdicts, refusals = await self.records.verdicts(keys), await self.records.refusals(keys)
        due = []
        for item, stored, refusal in zip(items, verdicts, refusals, strict=True):
            if stored and stored.confirmed:
                self.report.present += 1
            elif refusal:
                self.report.backing_off += 1
            else:
                item.first = Grade(stored.verdict.grade, stored.verdict.proof) if stored else item.first
                due.append(item)
        return due

    async def _take(self, items: list[_Item]) -> None:
        leases: dict[str, Lease] = {}
        try:
            for item in items:
                if lease := await self.store.acquire(f"llm:{item.key}", ttl=self._lease_ttl):
                    leases[item.key] = lease
                else:
                    self.report.busy += 1
            # Another instance may have finished or failed since the run began.
            due = await self._due([item for item in items if item.key in leases])
            claimed = [item for item in due if await self.claims.take(item.key, room_bytes=_ROOM_BYTES)]
            if self.report.stopped:
                await self._drop(claimed)
            elif claimed:
                await _Request(self, claimed, leases).judge()
        finally:
            for lease in leases.values():
                await self.store.release(lease)

    @property
    def _lease_ttl(self) -> timedelta:
        return timedelta(seconds=self.config.total_timeout_s) + LOCK_MARGIN

    async def _drop(self, items: Sequence[_Item]) -> None:
        for item in items:
            await self.records.drop_claim(item.key)

    async def extend(self, leases: Mapping[str, Lease]) -> None:
        """Hold leases for as long as one more request may take."""
        for lease in leases.values():
            await self.store.extend(lease, self._lease_ttl)

    async def ask(self, items: Sequence[_Item], complaint: str = "") -> dict[str, Grade | str]:
        """Ask once for papers of one wish, in an order that is drawn.

        Returns:
            By key, a grade or why there is none that can be believed; a paper that the answer leaves out is absent.

        Raises:
            ModelError: No answer.
        """
        order = self.draw.sample(list(items), len(items))
        labels = dict(zip(self._labels(len(items)), order, strict=True))
        papers = {label: item.paper for label, item in labels.items()}
        fence = f"{self.draw.getrandbits(48):012x}"
        prompt = build_question(papers, items[0].wish, fence=fence, complaint=complaint[:_LONGEST_COMPLAINT])
        timeout_s = max(min(self.config.total_timeout_s, self.pace.left_s), 0.0)
        tokens = min(output_tokens(len(items)), self.config.context_tokens // 2)
        try:
            async with asyncio.timeout(timeout_s):
                answer: Completion = await self.endpoint.complete(prompt, max_tokens=tokens, account=self.account)
        except TimeoutError as error:
            raise EndpointError(f"no grades within {timeout_s:.0f} s", passing=True) from error
        reading: Reading = await asyncio.to_thread(read_verdicts, answer.text, papers, items[0].wish)
        if reading.problem:
            return {item.key: reading.problem for item in items}
        return {
            item.key: found
            for label, item in labels.items()
            if (found := reading.grades.get(label) or reading.problems.get(label))
        }

    def _labels(self, count: int) -> list[str]:
        labels: set[str] = set()
        while len(labels) < count:
            labels.add("".join(self.draw.choices(_LETTERS, k=_LABEL_LENGTH)))
        return self.draw.sample(sorted(labels), count)


class _Request:
    """Papers that were claimed together, and what is still open of them."""

    def __init__(self, run: _Run, items: Sequence[_Item], leases: Mapping[str, Lease]) -> None:
        self._run = run
        self._items = items
        self._leases = leases
        self._open = {item.key: item for item in items}
        self._clock = asyncio.get_running_loop().time

    async def judge(self) -> None:
        """Ask until every paper has a grade, is refused, or has to wait for another request or run."""
        try:
            if len(self._items) > 1 and not await self._together():
                return
            for item in list(self._open.values()):
                if self._run.report.stopped or self._run.pace.left_s <= 0:
                    break
                await self._alone(item)
        finally:
            await asyncio.shield(self._drop_open())

    async def _together(self) -> bool:
        """Ask for all at once and keep what that settles; tell whether the rest is to be asked alone now."""
        run, began = self._run, self._clock()
        try:
            found = await run.ask(self._items)
        except BudgetError as error:
            run.report.stopped = run.report.stopped or str(error)
            return False
        except AnswerError as error:
            log.info("%d papers in one request: %s", len(self._items), error)
            self._ask_fewer(again=error.too_long)
            return not error.too_long
        except EndpointError as error:
            if not await run.pace.blames_endpoint(error):
                self._ask_fewer(again=True)
                await run.pace.count_failure(error, seconds=self._clock() - began)
            return False
        await run.pace.note_success(self._clock() - began)
        grades = {key: one for key, one in found.items() if isinstance(one, Grade)}
        if len(grades) < len(found):
            self._ask_fewer(again=False)  # one quote is refused, and no grade of this answer is believed
            return True
        run.size = min(run.size * 2, BATCH)
        for key, grade in grades.items():
            await self._settle(self._open[key], grade, is_alone=False)
        return True

    def _ask_fewer(self, *, again: bool) -> None:
        """Let later requests hold fewer papers; with *again*, let these be part of them."""
        self._run.size = max(len(self._items) // 2, 1)
        if again:
            self._run.queue.extendleft(reversed(self._items))

    async def _alone(self, item: _Item) -> None:
        run, began = self._run, self._clock()
        try:
            await run.extend(self._leases)
            grade = await self._believed(item)
        except BudgetError as error:
            run.report.stopped = run.report.stopped or str(error)
        except EndpointError as error:
            if not await run.pace.blames_endpoint(error):
                await self._refuse(item, error)
                await run.pace.count_failure(error, seconds=self._clock() - began)
        except StoreError:
            raise
        except Exception as error:  # one paper must not cost the rest
            if not isinstance(error, DigestError):
                log.exception("grade of %s", item.paper.id)
            await self._refuse(item, error)
            await run.pace.count_refusal("answers in a row could not be used")
        else:
            await self._settle(item, confirmed(item.first, grade) if item.first else grade, is_alone=True)
            await run.pace.note_success(self._clock() - began)

    async def _believed(self, item: _Item) -> Grade:
        """Ask for one paper, and once more with what was wrong.

        Raises:
            ModelError: There is no grade that can be believed.
        """
        complaint = ""
        for is_last in (False, True):
            try:
                found = (await self._run.ask([item], complaint)).get(item.key, "the label was missing")
            except AnswerError as error:
                if is_last or not error.again:
                    raise
                continue
            if isinstance(found, Grade):
                return found
            complaint = found
        raise AnswerError(f"no grade could be believed: {complaint}")

    async def _refuse(self, item: _Item, error: Exception) -> None:
        del self._open[item.key]
        await self._run.claims.refuse(item.key, item.paper, error)

    async def _settle(self, item: _Item, grade: Grade, *, is_alone: bool) -> None:
        """Keep a grade; a high one that wasn't given to the paper alone stays open."""
        run = self._run
        is_final = is_alone or grade.value < NEEDS_CONFIRMATION
        stored = StoredVerdict(verdict=Verdict(grade=grade.value, proof=grade.proof), confirmed=is_final)
        try:
            await run.records.keep_verdict(item.key, stored, self._leases[item.key])
        except StoreError as error:
            del self._open[item.key]
            await run.claims.not_kept(item.paper, error, ends=not isinstance(error, ValueTooLargeError))
            return
        if is_final:
            del self._open[item.key]
            run.report.written += 1
        else:
            item.first = grade
            await run.claims.take(item.key, room_bytes=_ROOM_BYTES)

    async def _drop_open(self) -> None:
        for item in self._open.values():
            await self._run.records.drop_claim(item.key)
