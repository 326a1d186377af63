"""What every run that asks a model about many papers has in common: when it ends, what it claims, what failures cost."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from digest.errors import EndpointError, StoreError
from digest.llm.endpoint_records import EndpointRecords, Pause
from digest.llm.ledger import Account
from digest.llm.records import PaperRecords
from digest.models import Paper
from digest.reports.filling import FillReport

log = logging.getLogger(__name__)

LOCK_MARGIN = timedelta(seconds=30)
_FAILURES_LIMIT = 3
_REFUSALS_LIMIT = 8
_OVERLOADED = frozenset({408, 409, 429, 503, 529})
"""Statuses that say nothing about the paper."""
_UNTIL_MENDED = timedelta(minutes=30)
_USUAL_SHARE = 0.3
_CUT_FACTOR = 1.5


class Pace:
    """When a run ends: out of time, or because the endpoint is to be left alone.

    Args:
        report: Says why it ended.
        records: What is known of the endpoint.
        ends: When it must end, on the event loop's clock.
        kind: What one piece of work is, for how long it usually takes.
    """

    def __init__(self, report: FillReport, records: EndpointRecords, *, ends: float, kind: str = "") -> None:
        self._report = report
        self._records = records
        self._ends = ends
        self._kind = kind
        self._usual_s = 0.0
        self._failures = 0
        self._refusals = 0

    @property
    def left_s(self) -> float:
        """Seconds until it must end."""
        return self._ends - asyncio.get_running_loop().time()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be begun; says so in the report."""
        if not self._report.stopped and self.left_s <= self._usual_s:
            self._report.stopped = "out of time"
        return bool(self._report.stopped)

    async def begin(self, account: Account) -> None:
        """Find out whether anything may be asked at all."""
        self._report.stopped = await account.problem()
        self._usual_s = await self._records.usual_s(self._kind)
        if pause := await self._records.pause():
            self._report.stopped = left_alone_words(pause)

    async def note_success(self, seconds: float) -> None:
        """Take note that the endpoint works, and how long it took."""
        self._failures = self._refusals = 0
        before = self._usual_s
        self._usual_s = seconds if not before else before + (seconds - before) * _USUAL_SHARE
        await self._records.note_usual(self._usual_s, self._kind)
        await self._records.forget_pauses()

    async def blames_endpoint(self, error: EndpointError) -> bool:
        """Tell whether a failure says nothing about the paper; the endpoint is left alone then."""
        if not error.passing or not error.answers or error.retry_after or error.status in _OVERLOADED:
            await self.leave_alone(str(error), least=error.retry_after if error.passing else _UNTIL_MENDED)
            return True
        return False

    async def count_failure(self, error: EndpointError, *, seconds: float) -> None:
        """Take note of a failure that may be a paper's doing."""
        if self.left_s <= 0:
            # How long it would have taken isn't known; a run with clearly more time may try.
            self._usual_s = max(self._usual_s, seconds * _CUT_FACTOR)
            await self._records.note_usual(self._usual_s, self._kind)
            return
        self._failures += 1
        if self._failures >= _FAILURES_LIMIT:
            await self.leave_alone(str(error))

    async def count_refusal(self, what: str) -> None:
        """Take note of a paper without a usable answer; after several in a row the endpoint is left alone."""
        self._refusals += 1
        if self._refusals >= _REFUSALS_LIMIT:
            await self.leave_alone(f"{self._refusals} {what}")

    async def leave_alone(self, reason: str, *, least: timedelta | None = None) -> None:
        """End the run, and let all instances leave the endpoint alone."""
        if not self._report.stopped:
            self._report.stopped = reason
            await self._records.note_pause(reason, least=least)


class Claims:
    """Which papers a run may ask for, and what became of them.

    Args:
        report: Counts them.
        records: Where claims and refusals are kept.
        pace: Ends the run when the store takes nothing.
        product: What a model writes about a paper, for people, and the same of several papers.
    """

    def __init__(self, report: FillReport, records: PaperRecords, pace: Pace, product: tuple[str, str]) -> None:
        self._report = report
        self._records = records
        self._pace = pace
        self._product, self._products = product

    async def take(self, key: str, *, room_bytes: int) -> bool:
        """Note in the configured store that the paper is asked for; False, and the run ends, if it takes no note."""
        try:
            await self._records.claim(key, room_bytes=room_bytes)
        except StoreError as error:
            self._report.stopped = f"the store would not keep a {self._product}, so none is paid for: {error}"
            return False
        return True

    async def stop(self, key: str, reason: str) -> None:
        """End the run; the paper is as if it had not been touched."""
        self._report.stopped = self._report.stopped or reason
        await self._records.drop_claim(key)

    async def refuse(self, key: str, paper: Paper, error: Exception) -> None:
        """Leave a paper alone for a time that grows with each refusal."""
        reason = str(error) or type(error).__name__
        refusal = await self._records.note_refusal(key, reason)
        self._report.refused += 1
        self._report.reasons[paper.id] = reason
        log.info("no model %s of %s, next try after %s: %s", self._product, paper.id, refusal.until.isoformat(), reason)

    async def not_kept(self, paper: Paper, error: StoreError, *, ends: bool) -> None:
        """Take note that what was paid for lies in this process' memory only; if that *ends* the run, nothing more is asked."""
        log.warning("model %s of %s is kept in memory only: %s", self._product, paper.id, error)
        self._report.refused += 1
        self._report.reasons[paper.id] = f"its {self._product} was written, but the store didn't take it: {error}"
        if ends:
            await self._pace.leave_alone(f"the store doesn't keep {self._products}: {error}")


def left_alone_words(pause: Pause) -> str:
    """Say that the endpoint is left alone."""
    return f"paused until {pause.until:%Y-%m-%d %H:%M} UTC: {pause.reason}"
