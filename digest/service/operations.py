"""The use cases of those who run the server: what is stored and how old it is, refreshing, keeping warm."""

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
from digest.service.deliveries import Deliveries
from digest.service.delivery_messages import DeliveryMessages
from digest.service.delivery_trials import DeliveryTrials
from digest.service.model_desk import ModelDesk
from digest.service.server_status import server_status
from digest.service.summary_runs import SummaryRuns
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient

_SHARE = timedelta(seconds=15)
"""What deliveries have of a refresh that is bounded in time."""
_STEADY_SHARE = timedelta(seconds=60)
"""What they have while listings are kept warm, each minute or so."""


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
        messages: What chats, phones and mailboxes are to be told.
        deliveries: What sends it.
        trials: Tells what was sent.
        is_open: Whether anybody may read this server.
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
        messages: DeliveryMessages,
        deliveries: Deliveries,
        trials: DeliveryTrials,
        is_open: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._listings = listings
        self._contents = contents
        self._desk = desk
        self._summaries = summaries
        self._messages = messages
        self._deliveries = deliveries
        self._trials = trials
        self._is_open = is_open
        self._now = now

    async def status(self, *, for_owner: bool = False) -> Status:
        """Return what an operator wants to know in one look. Never asks arXiv.

        Args:
            for_owner: Whether the owner asks, on an open server, too; others learn less of deliveries there.
        """
        deliveries = await self._trials.status()
        if deliveries and self._is_open and not for_owner:
            deliveries = deliveries.for_strangers()
        return server_status(
            self._store,
            self._client.counters,
            await self._client.cooldowns(),
            await self._listings.held.known(),
            await self._desk.engine.status(),
            deliveries=deliveries,
            now=self._now(),
        )

    async def held_counts(self) -> dict[str, tuple[int, int] | None]:
        """Return for each configured feed and topic how many papers it would show: of the newest day, and in all.

        None where nothing is stored. Never asks arXiv for listings.
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
            return False, f"the store {self._store.describe()} doesn't answer; memory is used instead"
        if self._store.refusal:
            return False, f"the store {self._store.describe()}: {self._store.refusal}"
        return True, "ready"

    async def age(self) -> timedelta | None:
        """Return how long ago arXiv was asked for the configured context left alone longest; None: for one never."""
        return age_of(await self._listings.held.states(self._config.contexts), self._now())

    async def keep_warm(self) -> None:
        """Refresh and complete what readers asked for lately, and what is delivered; deliver what is due."""
        await self._listings.keep_warm(days=self._longest_days, also=self._messages.wanted[0])
        await self._deliveries.run(within=_STEADY_SHARE, is_steady=True)

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
        """Do as `refresh`, then grade for wishes, send what is due, and write missing summaries, as far as *budget* reaches.

        Grades come first: they decide what a feed shows, and so what is sent. Where anything is delivered, that has a
        share of its own, however long arXiv and the model take.
        """
        ends = asyncio.get_running_loop().time() + budget.total_seconds()

        def left() -> timedelta:
            return timedelta(seconds=ends - asyncio.get_running_loop().time())

        share = min(_SHARE, budget / 2) if self._messages.pairs else timedelta(0)
        outcome = await self.refresh(budget - share)
        grades = await self._summaries.grade(left() - share)
        delivered = await self._deliveries.run(within=share)
        summaries = await self._summaries.fill(left())
        return outcome.model_copy(update={"grades": grades, "delivered": delivered, "summaries": summaries})

    @property
    def _longest_days(self) -> int:
        return max([DEFAULT_DAYS, self._messages.wanted[1], *(feed.days for feed in self._config.feeds.values())])
