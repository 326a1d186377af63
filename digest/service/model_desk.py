"""Summaries by a model for the feeds of this server: which feeds have any, those that are there, what is written behind.

Of the package `digest.llm` everything but its settings is imported when a model is configured and a feed is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.config.settings import Config
from digest.service.model_engine import ModelEngine
from digest.service.model_rules import ModelRules
from digest.service.summaries_behind import BEHIND, SummariesBehind
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
    """

    rules: ModelRules
    engine: ModelEngine
    summaries: WrittenSummaries
    behind: SummariesBehind

    async def aclose(self) -> None:
        """Stop what is under way and close connections."""
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
) -> ModelDesk:
    """Make the desk of a service.

    Args:
        config: The settings.
        store: Shared by all instances.
        client: Where full texts come from.
        now: The clock.
        transport: What carries requests to the model; None for the network.
        longest: How long summaries are written behind one answer.
    """
    rules = ModelRules(config)
    engine = ModelEngine(config, store, client, now=now, transport=transport)
    summaries = WrittenSummaries(rules, engine, store)
    wait = timedelta(seconds=config.model.inline_seconds)
    return ModelDesk(rules, engine, summaries, SummariesBehind(rules, summaries, wait=wait, longest=longest, now=now))
