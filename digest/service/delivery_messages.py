"""Which messages there are: each feed and target, the periods that are out, and what is said of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta

from digest.arxiv import schedule
from digest.config.deliveries import DeliveryConfig
from digest.config.settings import Config
from digest.delivery.claims import Pair
from digest.delivery.messages import Message, message_of
from digest.delivery.planning import is_over, is_stale, periods_of
from digest.errors import NotFoundError, UnavailableError
from digest.feeds.daily import feed_scope
from digest.feeds.named import named_request
from digest.feeds.papers import FeedContent, FeedRequest
from digest.feeds.periods import Period
from digest.listings.held import HeldListings
from digest.listings.states import ContextState
from digest.listings.windows import LoadedWindow, part_of
from digest.rendering.day_item import digest_url
from digest.reports.receipts import day_receipts
from digest.words import words_in

_DAYS = 7
"""Announcements that are looked at: who was away for longer gets the last ones."""
_WEEKS_DAYS = 15
_WEEKLY_DAYS = 10
"""From the Monday of a week that is over to the Friday after it."""

_LATER = timedelta(minutes=1)

Compose = Callable[[FeedRequest, LoadedWindow], Awaitable[FeedContent]]
States = Mapping[str, ContextState]


class DeliveryMessages:
    """Messages of what is stored; arXiv is never asked here.

    Args:
        config: The settings.
        held: What is stored of what arXiv announced.
        compose: Makes a feed's content of a window.
        now: The clock.
    """

    def __init__(self, config: Config, *, held: HeldListings, compose: Compose, now: Callable[[], datetime]) -> None:
        self._config = config
        self._held = held
        self._compose = compose
        self._now = now

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Each feed and target that goes with it."""
        return tuple((feed, name) for feed, known in self._config.feeds.items() for name in known.deliver)

    @property
    def wanted(self) -> tuple[tuple[str, ...], int]:
        """The contexts that messages are made of, and how many announcements of them."""
        feeds = dict.fromkeys(feed for feed, _ in self.pairs)
        contexts = dict.fromkeys(context for feed in feeds for context in self._config.feeds[feed].spec.contexts)
        is_weekly = any(self._config.deliveries[name].weekly for _, name in self.pairs)
        return tuple(contexts), _WEEKLY_DAYS if is_weekly else 1

    def target(self, name: str) -> DeliveryConfig:
        """Return the settings of a target."""
        return self._config.deliveries[name]

    def named(self, feed: str | None, target: str | None) -> tuple[Pair, ...]:
        """Return the pairs of that feed and target; where both are given, also if they aren't configured to go together.

        Raises:
            NotFoundError: There is no such feed or target, or none goes together.
        """
        for name, known in ((feed, self._config.feeds), (target, self._config.deliveries)):
            if name is not None and name not in known:
                listed = ", ".join(known) or "none"
                raise NotFoundError(f"no feed or delivery is named {name!r}; configured are: {listed}")
        if feed and target:
            return ((feed, target),)
        found = tuple(pair for pair in self.pairs if feed in {None, pair[0]} and target in {None, pair[1]})
        if not found:
            raise NotFoundError("no feed has deliveries; `deliver` in config.yaml names them")
        return found

    async def states(self, pair: Pair) -> States:
        """Return what is known of the contexts of a pair's feed."""
        return await self._held.states(self._config.feeds[pair[0]].spec.contexts)

    def periods(self, pair: Pair, states: States) -> tuple[Period, ...]:
        """Return the periods that are out, oldest first."""
        newest, now, target = _newest(states), self._now(), self.target(pair[1])
        if newest is None:
            return ()
        days = schedule.previous_days(newest, _WEEKS_DAYS if target.weekly else _DAYS)
        held = {day for state in states.values() for day in state.held if days[0] <= day}
        found = periods_of({*days, *held}, weekly=target.weekly)
        return tuple(one for one in found if is_over(one, newest, target, now) and not is_stale(one, now))

    async def message(self, pair: Pair, period: Period) -> Message | None:
        """Return the message about a period; None if nothing is stored of it."""
        content = await self._content(pair, period)
        if content is None:
            return None
        feed, name = pair
        target = self.target(name)
        words = words_in(target.language or self._config.feeds[feed].language)
        return message_of(content, period, words, top=target.top, link=self._link(feed, period))

    async def _content(self, pair: Pair, period: Period) -> FeedContent | None:
        request = named_request(self._config, pair[0])
        window = await self._held.window(request.spec.contexts, days=_WEEKS_DAYS)
        if window is None:
            return None
        known = {*window.days, *(one.day for one in window.listings)}
        days = [day for day in period.weekdays or (period.first,) if day in known]
        return await self._compose(request, part_of(window, days)) if days else None

    async def newest(self, pair: Pair) -> tuple[Period, Message, States]:
        """Return the newest period of a pair, its message, and what that is made of.

        Raises:
            UnavailableError: Nothing is stored of the feed.
        """
        states = await self.states(pair)
        period = next(reversed(self.periods(pair, states)), None)
        message = await self.message(pair, period) if period else None
        if period is None or message is None:
            raise UnavailableError(f"nothing is stored of {pair[0]} lately", retry_after=_LATER)
        return period, message, states

    def _link(self, feed: str, period: Period) -> str | None:
        """Return the page with all of it; None where nobody knows this server's address."""
        base = self._config.server.public_url
        return digest_url(base, feed_scope(named_request(self._config, feed)), period) if base else None


def is_complete(states: States, period: Period) -> bool:
    """Tell whether all that arXiv says it announced in a period is stored, be it nothing."""
    newest = _newest(states) or period.last
    held = {day for state in states.values() for day in state.held}
    days = [day for day in period.weekdays or (period.first,) if day <= newest or day in held]
    receipts = day_receipts(states.values(), days, frozenset())
    return bool(receipts) and all(receipt.status.is_final for receipt in receipts)


def is_worth_sending(message: Message, target: DeliveryConfig) -> bool:
    """Tell whether a message has enough to say."""
    return target.empty if not message.shown else message.shown >= target.at_least


def mark_of(states: States) -> object:
    """Name what deliveries depend on."""
    return {
        context: {day: (known.mark, known.announced, known.is_complete) for day, known in state.held.items()}
        for context, state in states.items()
    }


def _newest(states: States) -> date | None:
    return max((state.newest for state in states.values() if state.newest), default=None)
