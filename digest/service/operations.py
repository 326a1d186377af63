"""The use cases of those who run the server: what is held and how old it is, refreshing, keeping warm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from digest.config.settings import Config
from digest.feeds.named import named_request
from digest.feeds.papers import DEFAULT_DAYS, NONE
from digest.listings.listings import Listings
from digest.reports.refreshing import FetchOutcome, RefreshOutcome, age_of, fetched, outcome_of
from digest.reports.status import Status
from digest.service.contents import Contents
from digest.service.model_desk import ModelDesk
from digest.service.server_status import server_status
from digest.service.summary_runs import SummaryRuns
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient


class Operations:
    """What an operator asks for.

    Args:
        config: The settings.
        store: Shared memory of all instances.
        client: The connection to arXiv.
        listings: What arXiv announced.
        contents: What feeds hold.
        desk: Summaries by a model.
        summaries: Runs that fill them in.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        store: Store,
        client: ArxivClient,
        listings: Listings,
        contents: Contents,
        desk: ModelDesk,
        summaries: SummaryRuns,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._listings = listings
        self._contents = contents
        self._desk = desk
        self._summaries = summaries
        self._now = now

    async def status(self) -> Status:
        """Return what an operator wants to know in one look. Never asks arXiv."""
        return server_status(
            self._store,
            self._client.counters,
            await self._client.cooldowns(),
            await self._listings.held.known(),
            await self._desk.engine.status(),
            now=self._now(),
        )

    async def held_counts(self) -> dict[str, tuple[int, int] | None]:
        """Return for each configured feed and topic how many papers it would show: of the newest day, and in all.

        None where nothing is held. Never asks arXiv for listings.
        """
        counts: dict[str, tuple[int, int] | None] = {}
        for name in self._config.feed_names:
            request = named_request(self._config, name)
            window = await self._listings.held.window(request.spec.contexts, days=request.days)
            counts[name] = None
            if window is not None:
                content = await self._contents.of_window(request, window, shown=NONE)
                today = sum(entry.paper.announced == window.days[0] for entry in content.entries)
                counts[name] = (today, len(content.entries))
        return counts

    async def ready(self) -> tuple[bool, str]:
        """Tell whether feeds can be served, and why not."""
        if self._store.degraded:
            return False, f"the store {self._store.describe()} doesn't answer; memory stands in"
        if self._store.refusal:
            return False, f"the store {self._store.describe()}: {self._store.refusal}"
        return True, "ready"

    async def age(self) -> timedelta | None:
        """Return how long ago arXiv was asked for the configured context left alone longest; None: for one never."""
        return age_of(await self._listings.held.states(self._config.contexts), self._now())

    async def keep_warm(self) -> None:
        """Refresh and complete what readers asked for lately."""
        await self._listings.keep_warm(days=self._longest_days)

    async def fetch(self, contexts: Sequence[str] = ()) -> Mapping[str, FetchOutcome]:
        """Fetch what is due of *contexts* (none given: of all configured feeds)."""
        states = await self._listings.refresh(contexts or self._config.contexts)
        return {context: fetched(state) for context, state in states.items()}

    async def refresh(self, budget: timedelta) -> RefreshOutcome:
        """Fetch what is due of all configured feeds and complete their days, as far as *budget* reaches."""
        days = self._longest_days
        states = await self._listings.refresh_within(self._config.contexts, days=days, budget=budget)
        return outcome_of(states, days, self._now())

    async def refresh_and_summarise(self, budget: timedelta) -> RefreshOutcome:
        """Do as `refresh`, then write the model summaries that are missing, as far as *budget* reaches."""
        ends = asyncio.get_running_loop().time() + budget.total_seconds()
        outcome = await self.refresh(budget)
        left = timedelta(seconds=ends - asyncio.get_running_loop().time())
        return outcome.model_copy(update={"summaries": await self._summaries.fill(left)})

    @property
    def _longest_days(self) -> int:
        return max([DEFAULT_DAYS, *(feed.days for feed in self._config.feeds.values())])
