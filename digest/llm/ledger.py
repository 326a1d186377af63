"""What the model costs: hard budgets over all instances, and who spent what. Kept in the store's counters.

A call is *reserved* before it is sent, with the most it is expected to need, and *settled* with what the
endpoint says it used. A process that dies in between leaves the reservation standing: too much is counted
then, never too little. Days and months are those of UTC. Money is counted in millionths.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, unquote

from digest.errors import BudgetError
from digest.llm.settings import ModelConfig, Prices
from digest.status import LedgerRow, PeriodTotal
from digest.store import Store

_KEPT = timedelta(days=430)
_MILLION = 1_000_000
_COUNTS = ("calls", "input", "output", "money", "summaries")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of many."""

    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Reservation:
    """A call that was granted; settle it once."""

    day: str
    estimate: Usage


def cost(usage: Usage, prices: Prices) -> int:
    """Return what *usage* costs in millionths of the currency, rounded up."""
    return math.ceil(usage.input_tokens * prices.input + usage.output_tokens * prices.output)


class Ledger:
    """Budgets and accounts. Every method may raise `StoreError`."""

    def __init__(self, store: Store, config: ModelConfig, *, now: Callable[[], datetime]) -> None:
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
            calls, tokens, money = await self._read([_total_key(period, name) for name in ("calls", "tokens", "money")])
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
                calls, read, written, money, summaries = await self._read(
                    [f"{prefix}{name}:{count}" for count in _COUNTS]
                )
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

    async def reserve(self, feed: str, model: str, estimate: Usage) -> Reservation:
        """Book one call and what it may need, all or nothing.

        Raises:
            BudgetError: A limit would be passed; nothing is booked.
        """
        day = self._today()
        booked = {"calls": 1, "tokens": estimate.total, "money": self._cost(estimate)}
        totals = await self._book_totals(day, booked)
        problem = "the store doesn't answer, so nothing can be counted" if self._store.degraded else ""
        if problem or (problem := self._exceeded(day, totals)):
            await asyncio.shield(self._book_totals(day, {name: -by for name, by in booked.items()}))
            raise BudgetError(problem)
        await self._book_row(day, feed, model, calls=1, usage=estimate)
        return Reservation(day, estimate)

    async def settle(self, feed: str, model: str, reservation: Reservation, usage: Usage) -> None:
        """Replace what was reserved by what was used."""
        more = Usage(
            usage.input_tokens - reservation.estimate.input_tokens,
            usage.output_tokens - reservation.estimate.output_tokens,
        )
        money = self._cost(usage) - self._cost(reservation.estimate)
        await self._book_totals(reservation.day, {"tokens": more.total, "money": money})
        await self._book_row(reservation.day, feed, model, calls=0, usage=more, money=money)

    async def note_summary(self, feed: str, model: str) -> None:
        """Count a summary that was accepted."""
        await self._add(f"llm:ledger:{self._today()}:{_name(feed, model)}:summaries", 1)

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _cost(self, usage: Usage) -> int:
        return cost(usage, self._config.prices)

    def _exceeded(self, day: str, totals: dict[str, int]) -> str:
        for period, budget in ((day, self._config.daily), (day[:7], self._config.monthly)):
            money = None if budget.money is None else round(budget.money * _MILLION)
            for name, limit in (("calls", budget.calls), ("tokens", budget.tokens), ("money", money)):
                if limit is not None and totals[_total_key(period, name)] > limit:
                    return f"the budget of {name} for {period} is spent"
        return ""

    async def _book_totals(self, day: str, booked: dict[str, int]) -> dict[str, int]:
        """Add to the totals of day and month; what each addition returned decides who came first."""
        keys = {_total_key(period, name): by for period in (day, day[:7]) for name, by in booked.items()}
        totals = await asyncio.gather(*(self._add(key, by) for key, by in keys.items()))
        return dict(zip(keys, totals, strict=True))

    async def _book_row(
        self, day: str, feed: str, model: str, *, calls: int, usage: Usage, money: int | None = None
    ) -> None:
        prefix = f"llm:ledger:{day}:{_name(feed, model)}"
        money = self._cost(usage) if money is None else money
        for name, by in (
            ("calls", calls),
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
            ("money", money),
        ):
            if by:
                await self._add(f"{prefix}:{name}", by)

    async def _add(self, key: str, by: int) -> int:
        return await self._store.increment(key, by, ttl=_KEPT)

    async def _read(self, keys: list[str]) -> list[int]:
        return [int(value or 0) for value in await self._store.get_many(keys)]


class Account:
    """What one feed spends on one model."""

    def __init__(self, ledger: Ledger, feed: str, model: str) -> None:
        self._ledger = ledger
        self.feed = feed
        self.model = model
        self.calls = 0
        self.usage = Usage()

    async def reserve(self, estimate: Usage) -> Reservation:
        """See `Ledger.reserve`."""
        reservation = await self._ledger.reserve(self.feed, self.model, estimate)
        self.calls += 1
        return reservation

    async def settle(self, reservation: Reservation, usage: Usage) -> None:
        """See `Ledger.settle`."""
        self.usage = Usage(self.usage.input_tokens + usage.input_tokens, self.usage.output_tokens + usage.output_tokens)
        await self._ledger.settle(self.feed, self.model, reservation, usage)

    async def note_summary(self) -> None:
        """Count a summary that was accepted."""
        await self._ledger.note_summary(self.feed, self.model)


def _total_key(period: str, name: str) -> str:
    return f"llm:total:{period}:{name}"


def _name(feed: str, model: str) -> str:
    return f"{quote(feed, safe='')}:{quote(model, safe='')}"
