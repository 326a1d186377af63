"""Deliveries as those who run the server see and try them: previews, tests, sending once more, and what was sent last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.config.deliveries import DeliveryConfig
from digest.delivery.answers import Answer
from digest.delivery.claims import Claims, Pair, identity
from digest.delivery.history import History
from digest.delivery.messages import Message
from digest.delivery.payloads import Payload, payload_of
from digest.delivery.planning import Runs, plan
from digest.delivery.records import Record, State, first_record
from digest.delivery.sending import TIMEOUT, Sender
from digest.errors import InputError, UnavailableError
from digest.feeds.periods import Period
from digest.reports.delivering import DeliveriesStatus, DeliveryStatus
from digest.service.deliveries import Deliveries
from digest.service.delivery_messages import DeliveryMessages, States, is_complete, is_worth_sending

Refresh = Callable[[tuple[str, ...], int, timedelta], Awaitable[object]]


@dataclass(frozen=True)
class Preview:
    """A message as it would be sent now.

    Attributes:
        payload: The request; its address and headers may hold a token.
        kind: The target's kind.
        status: What is known of it: sent, waiting until when and why, due.
    """

    feed: str
    target: str
    kind: str
    period: str
    payload: Payload
    status: str


class DeliveryTrials:
    """What an owner asks of deliveries.

    Args:
        messages: What there is to say, and to whom.
        deliveries: What delivers.
        claims: Who may send.
        history: What was sent.
        sender: What sends.
        refresh: Fetches what is due of contexts, so many days of them, within a time.
        now: The clock.
    """

    def __init__(
        self,
        messages: DeliveryMessages,
        deliveries: Deliveries,
        *,
        claims: Claims,
        history: History,
        sender: Sender,
        refresh: Refresh,
        now: Callable[[], datetime],
    ) -> None:
        self._messages = messages
        self._deliveries = deliveries
        self._claims = claims
        self._history = history
        self._sender = sender
        self._refresh = refresh
        self._now = now

    async def prepare(self, within: timedelta) -> None:
        """Fetch what the next messages are made of, as far as the time reaches."""
        contexts, days = self._messages.wanted
        await self._refresh(contexts, days, within)

    async def preview(self, feed: str | None = None, target: str | None = None) -> tuple[Preview, ...]:
        """Return the newest message of each feed and target, or of those named, as it would be sent now. Sends nothing.

        Raises:
            NotFoundError: There is no such feed or target.
            UnavailableError: Nothing is stored of any of them.
        """
        found = [await self._preview(pair) for pair in self._messages.named(feed, target)]
        previews = tuple(one for one in found if one)
        if not previews:
            raise UnavailableError("nothing is stored yet; run refresh first", retry_after=timedelta(minutes=1))
        return previews

    async def test(self, feed: str, target: str) -> Answer:
        """Send the newest message, marked as a sample; nothing is claimed or noted.

        Raises:
            NotFoundError: There is no such feed or target.
            InputError: Its variables aren't set.
            UnavailableError: Nothing is stored of the feed.
        """
        pair, settings = self._ready(feed, target)
        period, message, _ = await self._messages.newest(pair)
        ident = f"{identity(pair, period)}-test-{int(self._now().timestamp())}"
        payload = payload_of(message.as_test(), settings, name=target, ident=ident)
        return await self._sender.send(payload, settings)

    async def again(self, feed: str, target: str) -> Answer:
        """Send the newest message once more, whatever is known of it.

        Raises:
            NotFoundError: There is no such feed or target.
            InputError: Its variables aren't set.
            UnavailableError: Nothing is stored of the feed, or another process is at this target.
            StoreError: The configured store can't keep count.
        """
        pair, settings = self._ready(feed, target)
        period, message, _ = await self._messages.newest(pair)
        async with self._claims.alone(target) as lease:
            if lease is None:
                raise UnavailableError("another process is at this target", retry_after=timedelta(minutes=3))
            known = (await self._history.of(pair, [period])).get(period) or first_record(period, self._now())
            update = {
                "attempts": await self._claims.claim_next(pair, period, known.attempts),
                "round": known.round + 1,
                "head": message.head,
                "is_complete": message.is_complete,
                "tried_at": None,
                "message": "",
            }
            record = known.model_copy(update=update)
            answer, record = await self._deliveries.attempt(
                pair, period, message, settings, record=record, left=TIMEOUT
            )
            await self._history.note(pair, period, record, lease)
            return answer

    async def status(self) -> DeliveriesStatus | None:
        """Return the last delivery of each feed and target; None where none is configured."""
        pairs = self._messages.pairs
        if not pairs:
            return None
        last = await self._history.last(pairs)
        told = [await self._status_of(pair, last.get(pair)) for pair in pairs]
        return DeliveriesStatus(problem=self._claims.obstacle or None, deliveries=tuple(told))

    async def _preview(self, pair: Pair) -> Preview | None:
        try:
            period, message, states = await self._messages.newest(pair)
        except UnavailableError:
            return None
        target = self._messages.target(pair[1])
        payload = payload_of(message, target, name=pair[1], ident=identity(pair, period))
        status = await self._preview_status(pair, period, message, states)
        return Preview(*pair, target.kind.value, period.name, payload, status)

    async def _preview_status(self, pair: Pair, period: Period, message: Message, states: States) -> str:
        target, now = self._messages.target(pair[1]), self._now()
        if lacking := target.missing(pair[1]):
            return f"not sent: {', '.join(lacking)} is not set"
        if self._claims.obstacle:
            return f"not sent: {self._claims.obstacle}"
        known = (await self._history.of(pair, [period])).get(period)
        if known and known.state.is_settled:
            return f"{known.state.value} at {known.at:%Y-%m-%d %H:%M} UTC" + (f": {known.error}" if known.error else "")
        if not is_worth_sending(message, target):
            return "not sent: too few papers"
        record = known or first_record(period, now)
        steady = Runs(is_steady=True)
        action = plan(period, target, record, steady, now, is_complete=is_complete(states, period))
        until = f" until {action.until:%Y-%m-%d %H:%M} UTC" if action.until else ""
        return "due" if action.is_due else f"{action.reason}{until}"

    async def _status_of(self, pair: Pair, last: Record | None) -> DeliveryStatus:
        feed, name = pair
        periods = self._messages.periods(pair, await self._messages.states(pair))[-1:]
        newest = (await self._history.of(pair, periods)).get(periods[0]) if periods else None
        record = newest or last
        lacking = self._messages.target(name).missing(name)
        error = f"{', '.join(lacking)} is not set" if lacking else (record.error if record else "")
        sent = [one for one in (newest, last) if one and one.state is State.SENT]
        return DeliveryStatus(
            feed=feed,
            target=name,
            sent_at=max((one.at for one in sent), default=None),
            period=record.period if record else None,
            state=record.state.value if record else None,
            head=(record.head or None) if record else None,
            error=error or None,
        )

    def _ready(self, feed: str, target: str) -> tuple[Pair, DeliveryConfig]:
        (pair,) = self._messages.named(feed, target)
        settings = self._messages.target(target)
        if lacking := settings.missing(target):
            raise InputError(f"{', '.join(lacking)} is not set in the environment", name=lacking[0])
        return pair, settings
