"""Budgets that hold, and an account of who spent what."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import BudgetError
from digest.llm import Budget, Ledger, ModelConfig, Prices, Usage
from digest.store import MemoryStore, ResilientStore, Store
from digest.store.sqlite import SqliteStore
from tests.adapters.llm.llm_kit import Clock

pytestmark = pytest.mark.anyio
CALL = Usage(600, 400)


def make_ledger(store: Store, clock: Clock, **settings: object) -> Ledger:
    values = {"model": "m", "base_url": "http://model.test", "prices": Prices(input=0.5, output=1.5)} | settings
    return Ledger(store, ModelConfig(**values), now=clock)


async def test_settling_replaces_what_was_reserved() -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock)
    account = ledger.account("robots")
    reservation = await account.reserve(CALL)
    assert (await ledger.totals())[0].tokens == 1000
    await account.settle(reservation, Usage(500, 100))
    await account.note_summary()
    day, month = await ledger.totals()
    assert (day.period, day.calls, day.tokens) == ("2026-01-29", 1, 600)
    assert (month.period, month.tokens) == ("2026-01", 600)
    assert day.money == pytest.approx(500e-6 * 0.5 + 100e-6 * 1.5)
    (row,) = await ledger.rows()
    assert (row.feed, row.model, row.calls, row.input_tokens, row.output_tokens) == (
        "robots",
        "m",
        1,
        500,
        100,
    )
    assert row.summaries == 1


@pytest.mark.parametrize(
    ("budget", "allowed"),
    [(Budget(calls=3), 3), (Budget(tokens=2500), 2), (Budget(money=0.002), 2), (Budget(calls=0), 0), (Budget(), 20)],
)
async def test_no_limit_is_passed_however_many_ask_at_once(budget: Budget, allowed: int, tmp_path: Path) -> None:
    clock = Clock()
    stores = [SqliteStore(tmp_path / "cache.sqlite3", now=clock) for _ in range(2)]
    ledgers = [make_ledger(store, clock, daily=budget) for store in stores]
    asked = [ledgers[number % 2].reserve("robots", "m", CALL) for number in range(20)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    granted = [result for result in results if not isinstance(result, BaseException)]
    # Those who come at the same time may refuse each other near the limit; nobody passes it.
    assert len(granted) <= allowed
    assert (await ledgers[0].totals())[0].calls == len(granted)
    for _ in range(allowed - len(granted)):
        await ledgers[0].reserve("robots", "m", CALL)
    if allowed < 20:
        with pytest.raises(BudgetError, match="for 2026-01-29 is spent"):
            await ledgers[1].reserve("robots", "m", CALL)
    for store in stores:
        await store.close()


async def test_a_month_s_limit_holds_when_the_day_is_over() -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock, daily=Budget(calls=1), monthly=Budget(calls=2))
    for _ in range(2):
        await ledger.reserve("robots", "m", CALL)
        clock.advance(timedelta(days=1))
    with pytest.raises(BudgetError, match="for 2026-01 is spent"):
        await ledger.reserve("robots", "m", CALL)
    clock.advance(timedelta(days=1))
    await ledger.reserve("robots", "m", CALL)


async def test_names_of_any_kind_stay_apart() -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock, model="org/model:latest")
    for feed in ("a:b", "a"):
        await ledger.account(feed).reserve(CALL)
    assert sorted((row.feed, row.model) for row in await ledger.rows()) == [
        ("a", "org/model:latest"),
        ("a:b", "org/model:latest"),
    ]


async def test_while_the_store_is_down_nothing_is_granted() -> None:
    """Each instance would count for itself, and together they could pass the limit."""
    clock = Clock()

    class Down(MemoryStore):
        async def increment(self, *_: object, **__: object) -> int:
            from digest.errors import StoreError

            raise StoreError("down")

    ledger = make_ledger(ResilientStore(Down(now=clock), MemoryStore(now=clock)), clock)
    with pytest.raises(BudgetError, match="store"):
        await ledger.reserve("robots", "m", CALL)
