"""The connection to a model, made once it is needed: what it takes is imported then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from digest.config.settings import Config
from digest.reports.status import MissingModel, ModelStatus, SummariesStatus
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, Service

if TYPE_CHECKING:
    import httpx

    from digest.llm.endpoint import ModelEndpoint
    from digest.llm.engine import ModelSummaries
    from digest.llm.judging import Judging
    from digest.llm.ledger import Ledger


@dataclass(frozen=True, slots=True)
class OpenEngine:
    """What asks the model, what counts the money, what writes, what grades."""

    endpoint: ModelEndpoint
    ledger: Ledger
    summaries: ModelSummaries
    judging: Judging


class ModelEngine:
    """The engine of one process.

    Args:
        config: The settings.
        store: Shared by all instances.
        client: Where full texts come from.
        now: The clock.
        transport: What carries requests to the model; None for the network.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        client: ArxivClient,
        *,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._now = now
        self._transport = transport
        self._engine: OpenEngine | None = None

    def opened(self) -> OpenEngine:
        """Return the engine, made now if nobody needed it before."""
        if self._engine is None:
            from digest.llm.endpoint import ModelEndpoint
            from digest.llm.engine import ModelSummaries
            from digest.llm.fulltext import FullTexts
            from digest.llm.judging import Judging
            from digest.llm.ledger import Ledger

            async def fetch(path: str) -> bytes:
                return await self._client.fetch(Service.PAGES, path, urgent=False)

            model, store, now = self._config.model, self._store, self._now
            endpoint = ModelEndpoint(model, store, now=now, transport=self._transport)
            ledger = Ledger(store, model, now=now)
            texts = FullTexts(store, fetch)
            self._engine = OpenEngine(
                endpoint,
                ledger,
                ModelSummaries(store, endpoint, ledger, model, now=now, full_texts=texts),
                Judging(store, endpoint, ledger, model, now=now),
            )
        return self._engine

    async def status(self) -> SummariesStatus | None:
        """Return what an operator wants to know: the model, whether it is left alone, what was spent on what; None without a model."""
        model = self._config.model
        if not model.is_enabled:
            return MissingModel(problem=model.missing) if model.missing else None
        engine = self.opened()
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
        """Close connections."""
        if self._engine:
            await self._engine.endpoint.aclose()
