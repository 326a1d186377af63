"""Work of a model behind the answers: what is under way, how far each feed came, when another run is worth it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from digest.concurrency.coalescing import Background
from digest.feeds.papers import FeedRequest
from digest.models import Entry
from digest.reports.filling import FillReport

log = logging.getLogger(__name__)

BEHIND = timedelta(minutes=10)
"""Longest time for which a model works behind one answer."""
_AGAIN = timedelta(minutes=10)
"""After a run that left papers, the next begins no sooner."""
_ACTED_ON = timedelta(seconds=5)
"""After a run that only ran out of time."""


@dataclass(frozen=True, slots=True)
class _LastRun:
    """How far a feed was the last time, in this process."""

    mark: str
    next: datetime | None
    """When another run makes sense; None: every paper has what it may have."""


class Spending(Protocol):
    """What says which feeds may spend."""

    def spends(self, request: FeedRequest) -> bool:
        """Whether a model may be asked for a feed."""
        ...


class Filling(Protocol):
    """What fills in that which papers lack."""

    async def fill(self, request: FeedRequest, entries: Sequence[Entry], *, deadline: datetime) -> FillReport | None:
        """Fill in what *entries* of a feed lack; None for a feed that may not spend."""
        ...


class WorkBehind:
    """Runs behind the answers, one a feed at a time.

    Args:
        rules: Which feeds may spend.
        work: What is run.
        doing: What it does, for the log.
        wait: How long a reader waits for one.
        longest: How long one may take.
        now: The clock.
    """

    def __init__(
        self,
        rules: Spending,
        work: Filling,
        *,
        doing: str,
        wait: timedelta = timedelta(0),
        longest: timedelta = BEHIND,
        now: Callable[[], datetime],
    ) -> None:
        self._rules = rules
        self._work = work
        self._doing = doing
        self._wait_s = wait.total_seconds()
        self._longest = longest
        self._now = now
        self._filling: Background[str] = Background()
        self._last: dict[str, _LastRun] = {}

    async def attend(self, request: FeedRequest, mark: str, entries: Sequence[Entry]) -> None:
        """Begin to fill in behind what a feed lacks, and wait for it as long as readers may wait.

        Args:
            request: The feed.
            mark: Names the papers that it has now.
            entries: Those papers.
        """
        if not self.is_due(request, mark) or not entries:
            return
        name = _name(request)
        self._filling.start(name, partial(self._fill_behind, request, mark, entries), doing=f"{self._doing} {name}")
        if self._wait_s:
            await asyncio.wait(self._filling.tasks([name]), timeout=self._wait_s)

    def is_due(self, request: FeedRequest, mark: str) -> bool:
        """Whether a feed may lack what can be had now, as far as this process knows."""
        name = _name(request)
        if not self._rules.spends(request) or name in self._filling:
            return False
        last = self._last.get(name)
        return last is None or last.mark != mark or (last.next is not None and last.next <= self._now())

    def pending(self, request: FeedRequest) -> tuple[asyncio.Task[None], ...]:
        """Return the work under way for a feed."""
        return self._filling.tasks([_name(request)])

    def lacks(self, request: FeedRequest) -> bool:
        """Whether a later answer of the feed may have more, as far as this process knows."""
        last = self._last.get(_name(request))
        return self._rules.spends(request) and (_name(request) in self._filling or bool(last and last.next))

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._filling.aclose()

    async def _fill_behind(self, request: FeedRequest, mark: str, entries: Sequence[Entry]) -> None:
        name = _name(request)
        self._last[name] = _LastRun(mark, self._now() + _AGAIN)
        try:
            report = await self._work.fill(request, entries, deadline=self._now() + self._longest)
        except Exception:  # nothing that goes wrong here may reach a reader
            log.exception("%s %s", self._doing, name)
            return
        if report:
            is_whole = not (report.left or report.refused or report.backing_off or report.busy)
            wait = _ACTED_ON if report.written and report.left else _AGAIN
            self._last[name] = _LastRun(mark, None if is_whole else self._now() + wait)


def _name(request: FeedRequest) -> str:
    """Name the run of a feed: only configured ones have any."""
    return request.name or ""
