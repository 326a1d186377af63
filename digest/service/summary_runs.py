"""Fill in grades and model summaries of all configured feeds, as the cron and the command line do.

Grades first, since they decide what is shown. One run: papers of each feed, newest and highest score first → what the model lacks → the store, until time or budget ends it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from digest.errors import DigestError
from digest.feeds.papers import FeedContent, FeedRequest
from digest.models import Entry
from digest.reports.filling import FillReport
from digest.reports.refreshing import SummariesForecast, SummariesOutcome
from digest.service.model_desk import ModelDesk

log = logging.getLogger(__name__)

Progress = Callable[[str, SummariesOutcome], None]


class SummaryRuns:
    """Runs over the configured feeds. Without a model every run is over at once, with nothing.

    Args:
        requests: The configured feeds.
        desk: What writes.
        compose: Returns what a feed holds now.
        now: The clock.
    """

    def __init__(
        self,
        requests: Sequence[FeedRequest],
        desk: ModelDesk,
        *,
        compose: Callable[[FeedRequest], Awaitable[FeedContent]],
        now: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._desk = desk
        self._compose = compose
        self._now = now

    async def grade(
        self, budget: timedelta, on_progress: Progress = lambda _feed, _outcome: None
    ) -> dict[str, SummariesOutcome]:
        """Grade what is missing for wishes, feed by feed, for at most *budget*; papers count once for each wish.

        Raises nothing but cancellation, as `fill`.
        """
        deadline = self._now() + budget
        outcomes: dict[str, SummariesOutcome] = {}
        for request, candidates in await self._wished():
            name = request.name or ""

            def tell(report: FillReport, name: str = name) -> None:
                on_progress(name, SummariesOutcome.of(report))

            report = await self._desk.grades.fill(request, candidates, deadline=deadline, on_progress=tell)
            if report:
                outcomes[name] = SummariesOutcome.of(report)
                on_progress(name, outcomes[name])
        return outcomes

    async def forecast_grades(self) -> dict[str, SummariesForecast]:
        """Return what grading all that is missing would need. Sends nothing to the model.

        Raises:
            StoreError: The store can't be read.
        """
        found: dict[str, SummariesForecast] = {}
        for request, candidates in await self._wished():
            expected = await self._desk.grades.forecast(request, candidates)
            if expected:
                found[request.name or ""] = SummariesForecast.of(expected)
        return found

    async def fill(
        self, budget: timedelta, on_progress: Progress = lambda _feed, _outcome: None
    ) -> dict[str, SummariesOutcome]:
        """Write what is missing, feed by feed, for at most *budget*; return how far each feed came.

        Raises nothing but cancellation: a feed without papers is left out, whatever the model does is told.
        """
        deadline = self._now() + budget
        outcomes: dict[str, SummariesOutcome] = {}
        for name, content in await self._contents():

            def tell(report: FillReport, name: str = name) -> None:
                on_progress(name, SummariesOutcome.of(report))

            report = await self._desk.summaries.fill(
                content.request, content.entries, deadline=deadline, on_progress=tell
            )
            if report:
                outcomes[name] = SummariesOutcome.of(report)
                on_progress(name, outcomes[name])
        return outcomes

    async def forecast(self) -> dict[str, SummariesForecast]:
        """Return what filling in all that is missing would need. Sends nothing to the model.

        Raises:
            StoreError: The store can't be read.
        """
        found: dict[str, SummariesForecast] = {}
        for name, content in await self._contents():
            expected = await self._desk.summaries.forecast(content.request, content.entries)
            if expected:
                found[name] = SummariesForecast.of(expected)
        return found

    async def _wished(self) -> list[tuple[FeedRequest, Sequence[Entry]]]:
        """Return the feeds with wishes that may spend, and their candidates."""
        found: list[tuple[FeedRequest, Sequence[Entry]]] = []
        for request in self._requests:
            if not self._desk.wish_rules.spends(request):
                continue
            try:
                found.append((request, (await self._compose(request)).candidates))
            except DigestError as error:
                log.warning("no grades for %s: %s", request.name, error)
        return found

    async def _contents(self) -> list[tuple[str, FeedContent]]:
        """Return what the feeds hold that may spend."""
        contents = []
        for request in self._requests:
            if not self._desk.rules.spends(request):
                continue
            try:
                contents.append((request.name or "", await self._compose(request)))
            except DigestError as error:
                log.warning("no summaries for %s: %s", request.name, error)
        return contents
