"""What the model costs: hard budgets over all instances, and who spent what. Kept in the store's counters.

A call is *reserved* before it is sent, with the most it is expected to need, and *settled* with what the
endpoint says it used. A process that dies in between leaves the reservation standing: too much is counted
then, never too little. Days and months are those of UTC. Money is counted in millionths.

A call whose reservation the configured store didn't take is not sent: a count in this process's memory would
be one of many. Where the store has lost its counters (see `counters`), nothing more is spent on that day, since
what the others had spent is known nowhere any more.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, unquote

from digest.config.model import ModelConfig, Prices
from digest.errors import BudgetError
from digest.llm.counters import Counters, lost_words
from digest.reports.filling import Usage
from digest.reports.status import LedgerRow, PeriodTotal
from digest.store.protocol import Store

_MILLION = 1_000_000
_COUNTS = ("calls", "input", "output", "money", "summaries")


_LEAST = Usage(0, 1)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A call that was granted; settle it once."""

    day: str
    estimate: Usage
    booked: Mapping[str, int]
    """What was added to which counter."""


def cost(usage: Usage, prices: Prices) -> int:
    """Return what *usage* costs in millionths of the currency, rounded up."""
    return math.ceil(usage.input_tokens * prices.input + usage.output_tokens * prices.output)


class Ledger:
    """Budgets and accounts. What reads may raise `StoreError`."""

    def __init__(self, store: Store, config: ModelConfig, *, now: Callable[[], datetime]) -> None:
        self._counters = Counters(store)
        self._store = store
        self._config = config
        self._now = now

    def account(self, feed: str) -> Account:
        """Return the account that calls for *feed* are booked on."""
        return Account(self, feed, self._config.model or "")

    async def totals(self) -> tuple[PeriodTotal, PeriodTotal]:
        """Return what was spent today and this month."""
        day = self._today()
        made = []
        for period, budget in ((day, self._config.daily), (day[:7], self._config.monthly)):
            calls, tokens, money = await self._counters.read(
                [_total_key(period, name) for name in ("calls", "tokens", "money")]
            )
            made.append(PeriodTotal(period=period, calls=calls, tokens=tokens, money=money / _MILLION, budget=budget))
        return made[0], made[1]

    async def rows(self, days: int = 7) -> tuple[LedgerRow, ...]:
        """Return what each feed spent on each model on the last *days* days, newest first."""
        today = date.fromisoformat(self._today())
        made: list[LedgerRow] = []
        for back in range(days):
            day = (today - timedelta(days=back)).isoformat()
            prefix = f"llm:ledger:{day}:"
            names = sorted({key.removeprefix(prefix).rpartition(":")[0] for key in await self._store.keys(prefix)})
            for name in names:
                calls, read, written, money, summaries = await self._counters.read(
                    [f"{prefix}{name}:{count}" for count in _COUNTS]
                )
                if not any((calls, read, written, summaries)):
                    continue  # every call was refused or cost nothing
                feed, _, model = name.partition(":")
                row = LedgerRow(
                    day=date.fromisoformat(day),
                    feed=unquote(feed),
                    model=unquote(model),
                    calls=calls,
                    input_tokens=read,
                    output_tokens=written,
                    money=money / _MILLION,
                    summaries=summaries,
                )
                made.append(row)
        return tuple(made)

    async def problem(self, needs: Usage = _LEAST) -> str:
        """Return why no call that *needs* so much would be granted now, "" if one may be.

        Raises:
            StoreError: The store can't be read.
        """
        if problem := self._counters.problem:
            return problem
        day = self._today()
        if await self._counters.are_lost(date.fromisoformat(day)):
            return lost_words(date.fromisoformat(day))
        keys = [_total_key(period, name) for period in (day, day[:7]) for name in ("calls", "tokens", "money")]
        totals = dict(zip(keys, await self._counters.read(keys), strict=True))
        call = {"calls": 1, "tokens": needs.total, "money": self._cost(needs)}
        return self._spent(day, {key: total + call[key.rpartition(":")[2]] for key, total in totals.items()})

    async def reserve(self, feed: str, model: str, estimate: Usage) -> Reservation:
        """Book one call and what it may need, all or nothing, in the configured store.

        Raises:
            BudgetError: A limit would be passed, or it can't be counted; nothing is booked.
        """
        day = self._today()
        booked = self._entries(feed, model, day, calls=1, usage=estimate)
        totals, problem = await self._counters.book(date.fromisoformat(day), booked)
        if problem or (problem := self._spent(day, totals)):
            await asyncio.shield(self._counters.add({key: -booked[key] for key in totals}))
            raise BudgetError(problem)
        return Reservation(day, estimate, booked)

    async def settle(self, feed: str, model: str, reservation: Reservation, usage: Usage, *, calls: int = 1) -> None:
        """Replace what was reserved by what was used; *calls* is 0 for a request that costs nothing.

        What the store doesn't take of it stays as it was reserved.
        """
        booked = reservation.booked
        used = self._entries(feed, model, reservation.day, calls=calls, usage=usage)
        await self._counters.add({key: more for key, by in booked.items() if (more := used.get(key, 0) - by)})
        self._counters.confirm({key: min(by, booked[key]) for key, by in used.items() if key in booked})

    async def note_summary(self, feed: str, model: str) -> None:
        """Count a summary that was accepted."""
        await self._counters.add({f"llm:ledger:{self._today()}:{_name(feed, model)}:summaries": 1})

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _cost(self, usage: Usage) -> int:
        return cost(usage, self._config.prices)

    def _spent(self, day: str, totals: Mapping[str, int]) -> str:
        """Return which limit *totals* pass, "" if none."""
        for period, budget in ((day, self._config.daily), (day[:7], self._config.monthly)):
            money = None if budget.money is None else round(budget.money * _MILLION)
            for name, limit in (("calls", budget.calls), ("tokens", budget.tokens), ("money", money)):
                if limit is not None and totals[_total_key(period, name)] > limit:
                    return f"the budget of {name} for {period} is spent; it goes on at {_next_start(period)}"
        return ""

    def _entries(self, feed: str, model: str, day: str, *, calls: int, usage: Usage) -> dict[str, int]:
        """Return what to add to which counter: the totals of day and month, and the feed's row."""
        money = self._cost(usage)
        sums = {"calls": calls, "tokens": usage.total, "money": money}
        row = {"calls": calls, "input": usage.input_tokens, "output": usage.output_tokens, "money": money}
        prefix = f"llm:ledger:{day}:{_name(feed, model)}"
        totals = {_total_key(period, name): by for period in (day, day[:7]) for name, by in sums.items()}
        return totals | {f"{prefix}:{name}": by for name, by in row.items() if by}


class Account:
    """What one feed spends on one model."""

    def __init__(self, ledger: Ledger, feed: str, model: str) -> None:
        self._ledger = ledger
        self.feed = feed
        self.model = model
        self.calls = 0
        self.usage = Usage()

    async def problem(self) -> str:
        """See `Ledger.problem`."""
        return await self._ledger.problem()

    async def reserve(self, estimate: Usage) -> Reservation:
        """See `Ledger.reserve`."""
        reservation = await self._ledger.reserve(self.feed, self.model, estimate)
        self.calls += 1
        return reservation

    async def settle(self, reservation: Reservation, usage: Usage, *, counts: bool = True) -> None:
        """See `Ledger.settle`; without *counts* the request was none that anybody pays for."""
        self.calls -= not counts
        self.usage = Usage(self.usage.input_tokens + usage.input_tokens, self.usage.output_tokens + usage.output_tokens)
        await self._ledger.settle(self.feed, self.model, reservation, usage, calls=int(counts))

    async def note_summary(self) -> None:
        """Count a summary that was accepted."""
        await self._ledger.note_summary(self.feed, self.model)


def _next_start(period: str) -> str:
    """Return when the period after a day or month begins, in words."""
    if len(period) == len("2026-01"):
        first = date.fromisoformat(f"{period}-01")
        return f"{(first + timedelta(days=31)).replace(day=1).isoformat()} 00:00 UTC"
    return f"{(date.fromisoformat(period) + timedelta(days=1)).isoformat()} 00:00 UTC"


def _total_key(period: str, name: str) -> str:
    return f"llm:total:{period}:{name}"


def _name(feed: str, model: str) -> str:
    return f"{quote(feed, safe='')}:{quote(model, safe='')}"
