"""Everything the program does, in parts: routes, commands and the export name the part that they use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from digest.config.settings import Config
from digest.service.agents import Agents
from digest.service.deliveries import Deliveries
from digest.service.delivery_trials import DeliveryTrials
from digest.service.digests import Digests
from digest.service.feeds import Feeds
from digest.service.finding_pages import FindingPages
from digest.service.kept_bodies import KeptBodies
from digest.service.operations import Operations
from digest.service.pages import Pages
from digest.service.papers import Papers
from digest.service.profile_feeds import ProfileFeeds
from digest.service.profiles import Profiles
from digest.service.rendering_threads import RenderingThreads
from digest.service.statistics import StatisticsDesk
from digest.service.subscriptions import Subscriptions
from digest.service.summary_runs import SummaryRuns
from digest.service.wish_trials import WishTrials


@dataclass(frozen=True)
class DigestService:
    """The parts of one service; `wiring.create_service` makes it.

    Attributes:
        config: The settings.
        feeds: Feeds of papers.
        papers: Papers one by one.
        digests: Days of a feed or of all feeds.
        pages: Pages for people.
        finding: Pages that help them to find their way.
        statistics: Pages of numbers.
        agents: Questions of programs.
        profiles: Readers' profiles.
        profile_feeds: Their feeds and pages.
        operations: What an operator asks for.
        subscriptions: Lists of feeds for readers.
        summaries: Runs that fill in model summaries.
        wish_trials: Wishes tried before they are switched on.
        deliveries: A feed's days to chats, phones and mailboxes.
        delivery_trials: Deliveries shown and tried.
        bodies: Bodies of answers in memory.
        closing: What stops what is under way and frees connections, in this order.
        threads: Those that render; the last to go.
    """

    config: Config
    feeds: Feeds
    papers: Papers
    digests: Digests
    pages: Pages
    finding: FindingPages
    statistics: StatisticsDesk
    agents: Agents
    profiles: Profiles
    profile_feeds: ProfileFeeds
    operations: Operations
    subscriptions: Subscriptions
    summaries: SummaryRuns
    wish_trials: WishTrials
    deliveries: Deliveries
    delivery_trials: DeliveryTrials
    bodies: KeptBodies
    closing: tuple[Callable[[], Awaitable[None]], ...]
    threads: RenderingThreads

    async def aclose(self) -> None:
        """Stop what is under way and free connections and threads."""
        for close in self.closing:
            await close()
        self.threads.close()
