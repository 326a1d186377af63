"""The use case of deliveries: each feed's day to each of its targets, once, when the day is complete.

One run: for every target at the same time, for each of its feeds in turn → the periods that are due → wait, or claim and
send → what became of it, kept in the store. Called by refreshes alone; no reader's request sends anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.arxiv import schedule
from digest.config.deliveries import DeliveryConfig
from digest.delivery.answers import Answer, Outcome
from digest.delivery.claims import Claims, Pair, identity
from digest.delivery.history import History
from digest.delivery.kinds import KINDS
from digest.delivery.messages import Message
from digest.delivery.payloads import payload_of
from digest.delivery.planning import Action, Runs, after_answer, due_after, missed, plan
from digest.delivery.records import Record, State, first_record, started_before
from digest.delivery.sending import TIMEOUT, Sender
from digest.errors import DigestError, StoreError
from digest.feeds.periods import Period
from digest.reports.delivering import DeliveriesOutcome, DeliveryOutcome
from digest.service.delivery_messages import DeliveryMessages, States, is_complete, is_worth_sending, mark_of
from digest.store.protocol import Lease

log = logging.getLogger(__name__)

_ATTEMPTS_A_RUN = 3
_PAUSE_WAITED = timedelta(seconds=15)
"""A longer pause before another attempt is left to the next run."""
_LEAST = timedelta(seconds=4)
"""No attempt begins with less time than that."""
_BETWEEN_MESSAGES = timedelta(seconds=1.1)
"""Slack and Telegram take one message a second."""
_EDITS = 5
_SETTLED_LOOK = timedelta(minutes=30)
_LEAVING = timedelta(seconds=5)
_TROUBLE = frozenset({Outcome.UNREACHED, Outcome.UNKNOWN, Outcome.BUSY})


@dataclass(frozen=True)
class Pauses:
    """How long is waited within a run: between two messages to one target, and at most before another attempt."""

    between: timedelta = _BETWEEN_MESSAGES
    longest: timedelta = _PAUSE_WAITED


@dataclass
class _Work:
    """One feed and target within one run."""

    pair: Pair
    target: DeliveryConfig
    states: States
    lease: Lease
    runs: Runs
    ends: float
    sent: int = 0
    is_stuck: bool = False
    """Whether the target can't be reached now: its other feeds needn't try."""

    @property
    def left(self) -> timedelta:
        return timedelta(seconds=self.ends - asyncio.get_running_loop().time())


class Deliveries:
    """Deliver feeds.

    Args:
        messages: What there is to say, and to whom.
        claims: Who may send.
        history: What was sent.
        sender: What sends.
        pauses: Waits within a run.
        now: The clock.
    """

    def __init__(
        self,
        messages: DeliveryMessages,
        *,
        claims: Claims,
        history: History,
        sender: Sender,
        pauses: Pauses = Pauses(),
        now: Callable[[], datetime],
    ) -> None:
        self._messages = messages
        self._claims = claims
        self._history = history
        self._sender = sender
        self._pauses = pauses
        self._now = now
        self._running: set[asyncio.Task[DeliveriesOutcome]] = set()
        self._settled: dict[Pair, tuple[object, datetime]] = {}
        """What a pair had nothing left to do with, and until when that is believed."""

    async def run(self, *, within: timedelta, is_steady: bool = False) -> DeliveriesOutcome:
        """Send what is due.

        Whoever waits for this may go: what was begun comes to its end, so that nothing claimed is left without a word.

        Args:
            within: How long it may take.
            is_steady: Whether this process looks again and again.
        """
        if not self._messages.pairs:
            return DeliveriesOutcome()
        task = asyncio.create_task(self._run(within, is_steady=is_steady))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def attempt(
        self, pair: Pair, period: Period, message: Message, target: DeliveryConfig, *, record: Record, left: timedelta
    ) -> tuple[Answer, Record]:
        """Make one attempt that is claimed; return how it ended."""
        payload = payload_of(message, target, name=pair[1], ident=identity(pair, period, record.round))
        answer = await self._sender.send(payload, target, within=min(left, TIMEOUT))
        record = after_answer(record, answer, self._now(), is_idempotent=KINDS[target.kind].is_idempotent)
        if record.state is State.SENT:
            log.info("delivered %s to %s: %s", *pair, message.head)
        else:
            log.warning("delivery of %s to %s, %s: %s (%s)", *pair, period.name, record.state.value, answer.error)
        return answer, record

    async def aclose(self) -> None:
        """Let what is under way come to its end for a moment, then stop it."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_LEAVING.total_seconds())
            for task in late:
                task.cancel()

    async def _run(self, within: timedelta, *, is_steady: bool) -> DeliveriesOutcome:
        ends = asyncio.get_running_loop().time() + within.total_seconds()
        if problem := self._claims.obstacle:
            log.warning("nothing is delivered: %s", problem)
            return DeliveriesOutcome(problem=problem)
        runs = Runs(is_steady=True) if is_steady else await self._history.note_run(self._now())
        targets = dict.fromkeys(target for _, target in self._messages.pairs)
        told = await asyncio.gather(*(self._serve(target, runs, ends) for target in targets))
        outcomes = tuple(outcome for outcomes, _ in told for outcome in outcomes)
        return DeliveriesOutcome(deliveries=outcomes, sent=sum(sent for _, sent in told), problem=self._claims.obstacle)

    async def _serve(self, name: str, runs: Runs, ends: float) -> tuple[list[DeliveryOutcome], int]:
        """Deliver to one target, whatever happens to the others; its feeds take turns."""
        target = self._messages.target(name)
        pairs = [pair for pair in self._messages.pairs if pair[1] == name]
        if lacking := target.missing(name):
            return [_told(pair, None, f"{', '.join(lacking)} is not set") for pair in pairs], 0
        states = {pair: await self._messages.states(pair) for pair in pairs}
        pairs = [pair for pair in pairs if not self._has_nothing_to_do(pair, states[pair])]
        if not pairs:
            return [], 0
        outcomes: list[DeliveryOutcome] = []
        sent = 0
        async with self._claims.alone(name) as lease:
            if lease is None:
                return [_told(pair, None, "another process is at it", state="busy") for pair in pairs], 0
            for pair in pairs:
                work = _Work(pair, target, states[pair], lease, runs, ends)
                outcomes.append(await self._served(work))
                sent += work.sent
                if work.is_stuck:
                    break
        return outcomes, sent

    async def _served(self, work: _Work) -> DeliveryOutcome:
        try:
            return await self._deliver(work)
        except StoreError as error:
            reason = f"the store can't keep count: {error}"
        except DigestError as error:
            reason = str(error)
        except Exception:  # one delivery must not cost the others
            log.exception("delivery of %s to %s failed", *work.pair)
            reason = "an error of this program; the log has it"
        log.warning("delivery of %s to %s: %s", *work.pair, reason)
        return _told(work.pair, None, reason)

    async def _deliver(self, work: _Work) -> DeliveryOutcome:
        """Bring one feed's periods to one target, oldest first, until one has to wait."""
        periods = self._messages.periods(work.pair, work.states)
        last = (await self._history.last([work.pair])).get(work.pair)
        due = due_after(periods, last.last if last else None)
        known = await self._history.of(work.pair, periods)
        if last is None and due:
            before = started_before(due[0], schedule.previous_days(due[0].first, 2)[0], self._now())
            await self._history.pass_over(work.pair, before, work.lease)
        record, reason = last, ""
        for number, period in enumerate(due):
            if number and work.sent:
                await asyncio.sleep(self._pauses.between.total_seconds())
            record, reason = await self._settle(work, period, known.get(period))
            if not record.state.is_settled:
                break
        else:
            await self._edit_late(work, {period: record for period, record in known.items() if period not in due})
        self._remember(work, record)
        return _told(work.pair, record, reason)

    async def _settle(self, work: _Work, period: Period, known: Record | None) -> tuple[Record, str]:
        """Do what is to be done about one period; return what is known of it then, and why it waits."""
        now = self._now()
        record = known or first_record(period, now)
        if record.state.is_settled:  # noted by a process that was stopped before it went on
            await self._history.pass_over(work.pair, record, work.lease)
            return record, record.error
        is_whole = is_complete(work.states, period)
        action = plan(period, work.target, record, work.runs, now, is_complete=is_whole)
        if action.is_due and work.left >= _LEAST:
            message = await self._messages.message(work.pair, period)
            if message is not None and message.is_settling and is_whole:
                action = plan(period, work.target, record, work.runs, now, is_complete=False)
            if action.is_due:
                record = await self._send(work, period, message, record, action)
                return record, record.error
        if known is None:
            await self._history.note(work.pair, period, record, work.lease)
        return record, action.reason or "no time left in this run"

    async def _send(
        self, work: _Work, period: Period, message: Message | None, record: Record, action: Action
    ) -> Record:
        """Send one period's message, or note that there is none."""
        if message is None or not is_worth_sending(message, work.target):
            error = "" if message else "nothing of it was stored in time"
            update = {"state": State.EMPTY, "at": self._now(), "retry_at": None, "error": error}
            empty = record.model_copy(update=update)
            await self._history.note(work.pair, period, empty, work.lease)
            return empty
        if action.note:
            message = message.with_note(action.note)
        target = work.target.model_copy(update={"silent": True}) if action.is_silent else work.target
        for number in range(_ATTEMPTS_A_RUN):
            record = await self._try(work, period, message, target, record)
            pause = record.retry_at - self._now() if record.retry_at else None
            is_last = number + 1 == _ATTEMPTS_A_RUN
            if pause is None or is_last or pause > min(self._pauses.longest, work.left - _LEAST):
                return record
            await asyncio.sleep(pause.total_seconds())
        return record

    async def _try(
        self, work: _Work, period: Period, message: Message, target: DeliveryConfig, record: Record
    ) -> Record:
        """Claim the next attempt and make it; return what is known then, noted."""
        head = {"head": message.head, "is_complete": message.is_complete}
        record = record.model_copy(update={"attempts": record.attempts + 1, **head})
        if await self._claims.claim(work.pair, period, record.attempts):
            answer, record = await self.attempt(
                work.pair, period, message, target, record=record, left=max(work.left, _LEAST)
            )
            work.sent += answer.outcome is Outcome.SENT
            work.is_stuck = answer.outcome in _TROUBLE
        else:
            record = missed(record, self._now(), is_idempotent=KINDS[target.kind].is_idempotent)
        await self._history.note(work.pair, period, record, work.lease)
        return record

    async def _edit_late(self, work: _Work, known: Mapping[Period, Record]) -> None:
        """Replace messages of periods that were not complete then and are now, where the service can."""
        kind = KINDS[work.target.kind]
        for period, record in known.items():
            is_late = record.state is State.SENT and not record.is_complete and record.edits < _EDITS
            if not (is_late and kind.edit and record.message and is_complete(work.states, period)):
                continue
            if work.left < _LEAST or (message := await self._messages.message(work.pair, period)) is None:
                return
            edits = record.edits + 1
            ident = f"{identity(work.pair, period, record.round)}-{edits}"
            payload = payload_of(message, work.target, name=work.pair[1], ident=ident, replaces=record.message)
            answer = await self._sender.send(payload, work.target, within=min(work.left, TIMEOUT))
            is_done = answer.outcome is Outcome.SENT
            work.sent += is_done
            error = "" if is_done else f"not brought up to date: {answer.error}"
            head = message.head if is_done else record.head
            update = {"edits": edits, "is_complete": is_done, "head": head, "error": error}
            await self._history.note(work.pair, period, record.model_copy(update=update), work.lease)

    def _has_nothing_to_do(self, pair: Pair, states: States) -> bool:
        """Tell whether this process found lately that a pair has nothing left, and nothing has changed since."""
        mark, until = self._settled.get(pair, (None, self._now()))
        return self._now() < until and mark == mark_of(states)

    def _remember(self, work: _Work, record: Record | None) -> None:
        if record is not None and record.state.is_settled:
            self._settled[work.pair] = (mark_of(work.states), self._now() + _SETTLED_LOOK)
        else:
            self._settled.pop(work.pair, None)


def _told(pair: Pair, record: Record | None, reason: str, *, state: str = "waiting") -> DeliveryOutcome:
    feed, target = pair
    if record is None:
        return DeliveryOutcome(feed=feed, target=target, period="", state=state, reason=reason)
    return DeliveryOutcome(feed=feed, target=target, period=record.period, state=record.state.value, reason=reason)
