"""What a model does for the feeds of this server: grades for wishes, then summaries; what is there, what is had behind.

Of the package `digest.llm` everything but its settings is imported when a model is configured and a feed is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.config.settings import Config
from digest.feeds.papers import FeedRequest
from digest.models import Entry
from digest.service.model_engine import ModelEngine
from digest.service.model_rules import ModelRules
from digest.service.wish_desk import WishGrades, WishRules
from digest.service.work_behind import BEHIND, WorkBehind
from digest.service.written_summaries import WrittenSummaries
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class ModelDesk:
    """What has to do with the model, in parts.

    Attributes:
        rules: Which feeds have summaries, and which may spend on them.
        engine: The connection, and what it cost.
        summaries: Those of a feed's papers.
        behind: What is written behind the answers.
        wish_rules: Which feeds may spend on grades.
        grades: Those of feeds with wishes. They come first: what a feed doesn't show needs no summary.
        grading: What is graded behind the answers.
    """

    rules: ModelRules
    engine: ModelEngine
    summaries: WrittenSummaries
    behind: WorkBehind
    wish_rules: WishRules
    grades: WishGrades
    grading: WorkBehind

    async def edition(self, request: FeedRequest) -> str:
        """Return what changes whenever a grade or a summary of the feed does."""
        return f"{await self.grades.edition(request)}{await self.summaries.edition(request)}"

    async def attend(
        self, request: FeedRequest, mark: str, entries: Sequence[Entry], candidates: Sequence[Entry]
    ) -> None:
        """Begin to fill in behind an answer what a feed lacks: grades; once nothing is being graded, summaries.

        Args:
            request: The feed.
            mark: Names the papers that it has now.
            entries: Those that it shows.
            candidates: Those that are to be graded.
        """
        await self.grading.attend(request, mark, candidates)
        if not self.grading.pending(request):
            await self.behind.attend(request, self._shown_mark(request, mark), entries)

    def is_due(self, request: FeedRequest, mark: str) -> bool:
        """Whether a feed may lack something that can be had now, as far as this process knows."""
        if self.grading.is_due(request, mark):
            return True
        return not self.grading.pending(request) and self.behind.is_due(request, self._shown_mark(request, mark))

    def pending(self, request: FeedRequest) -> tuple[asyncio.Task[None], ...]:
        """Return the work under way for a feed."""
        return (*self.grading.pending(request), *self.behind.pending(request))

    def lacks(self, request: FeedRequest) -> bool:
        """Whether a later answer of the feed may have more, as far as this process knows."""
        return self.grading.lacks(request) or self.behind.lacks(request)

    def _shown_mark(self, request: FeedRequest, mark: str) -> str:
        """Name the papers that a feed shows: those that it has, and how far they are graded."""
        return f"{mark}{self.grades.shown_mark(request)}"

    async def aclose(self) -> None:
        """Stop what is under way and close connections."""
        await self.grading.aclose()
        await self.behind.aclose()
        await self.engine.aclose()


def open_desk(
    config: Config,
    store: Store,
    client: ArxivClient,
    *,
    now: Callable[[], datetime],
    transport: httpx.AsyncBaseTransport | None = None,
    longest: timedelta = BEHIND,
    forgets: bool = False,
) -> ModelDesk:
    """Make the desk of a service.

    Args:
        config: The settings.
        store: Shared by all instances.
        client: Where full texts come from.
        now: The clock.
        transport: What carries requests to the model; None for the network.
        longest: How long a model works behind one answer.
        forgets: Whether the store forgets with every process.
    """
    rules = ModelRules(config)
    engine = ModelEngine(config, store, client, now=now, transport=transport)
    summaries = WrittenSummaries(rules, engine, store)
    wait = timedelta(seconds=config.model.inline_seconds)
    wish_rules = WishRules(config)
    grades = WishGrades(wish_rules, engine, store, now=now, forgets=forgets)
    return ModelDesk(
        rules,
        engine,
        summaries,
        WorkBehind(rules, summaries, doing="summarising", wait=wait, longest=longest, now=now),
        wish_rules,
        grades,
        WorkBehind(wish_rules, grades, doing="grading", longest=longest, now=now),
    )
