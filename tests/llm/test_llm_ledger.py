"""Budgets that hold, and an account of who spent what."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from digest.config.model import Budget, ModelConfig, Prices
from digest.errors import BudgetError
from digest.llm.ledger import Ledger, cost
from digest.reports.filling import Usage
from digest.store.memory import MemoryStore
from digest.store.protocol import Store
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from tests.llm.llm_kit import Clock

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


async def test_an_account_adds_up_what_its_calls_used() -> None:
    clock = Clock()
    account = make_ledger(MemoryStore(now=clock), clock).account("robots")
    assert (account.feed, account.model, account.calls, account.usage) == ("robots", "m", 0, Usage())
    for used in (Usage(500, 100), Usage(70, 8)):
        await account.settle(await account.reserve(CALL), used)
    assert (account.calls, account.usage) == (2, Usage(570, 108))


async def test_rows_are_of_the_last_days_newest_first_and_each_is_settled() -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock)
    for number in range(9):
        await ledger.settle("robots", "m", await ledger.reserve("robots", "m", CALL), Usage(1000 * number + 10, 4))
        clock.advance(timedelta(days=1))
    rows = await ledger.rows()
    assert [row.day.day for row in rows] == [6, 5, 4, 3, 2, 1]
    assert [(row.calls, row.input_tokens, row.output_tokens) for row in rows][:2] == [(1, 8010, 4), (1, 7010, 4)]
    assert rows[0].money == pytest.approx((8010 * 0.5 + 4 * 1.5) / 1e6)
    assert [row.day.day for row in await ledger.rows(2)] == [6]
    money = {row.day: row.money for row in await ledger.rows(30)}
    assert len(money) == 9
    assert (await ledger.totals())[1].money == pytest.approx(sum(money[day] for day in money if day.month == 2))


async def test_a_row_costs_what_the_totals_say_however_calls_are_rounded() -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock)
    await ledger.settle("robots", "m", await ledger.reserve("robots", "m", Usage(1, 0)), Usage(2, 0))
    (row,) = await ledger.rows()
    assert row.money == (await ledger.totals())[0].money == pytest.approx(1e-6)
    assert row.summaries == 0


async def test_nothing_is_spent_at_first_and_accounts_are_forgotten_after_fourteen_months() -> None:
    clock = Clock()
    store = MemoryStore(now=clock)
    ledger = make_ledger(store, clock)
    assert [(total.calls, total.tokens, total.money) for total in await ledger.totals()] == [(0, 0, 0)] * 2
    await ledger.reserve("robots", "m", CALL)
    clock.advance(timedelta(days=429))
    kept = await store.keys("llm:ledger:") + await store.keys("llm:total:")
    assert len(kept) == 10
    clock.advance(timedelta(days=2))
    assert await store.keys("llm:ledger:") + await store.keys("llm:total:") == []


async def test_an_account_without_a_model_has_an_empty_name() -> None:
    clock = Clock()
    assert make_ledger(MemoryStore(now=clock), clock, model=None).account("robots").model == ""


@pytest.mark.parametrize(
    ("usage", "prices", "millionths"),
    [
        (Usage(1000, 500), Prices(input=0.5, output=1.5), 1250),
        (Usage(1, 0), Prices(input=0.5, output=1.5), 1),
        (Usage(0, 1), Prices(input=0.5, output=1.5), 2),
        (Usage(3, 0), Prices(), 0),
        (Usage(), Prices(input=9, output=9), 0),
    ],
)
def test_a_call_costs_what_its_tokens_cost_rounded_up(usage: Usage, prices: Prices, millionths: int) -> None:
    assert cost(usage, prices) == millionths


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"daily": Budget(calls=1)}, "the budget of calls for 2026-01-29 is spent"),
        ({"daily": Budget(tokens=1999)}, "the budget of tokens for 2026-01-29 is spent"),
        ({"daily": Budget(money=0.0017)}, "the budget of money for 2026-01-29 is spent"),
        ({"monthly": Budget(tokens=1999)}, "the budget of tokens for 2026-01 is spent"),
        ({"monthly": Budget(money=0.0017)}, "the budget of money for 2026-01 is spent"),
        ({"daily": Budget(calls=2, tokens=2000, money=0.0018), "monthly": Budget(calls=2, tokens=2000)}, ""),
    ],
)
async def test_a_refusal_names_the_limit_and_books_nothing(limits: dict[str, Budget], problem: str) -> None:
    clock = Clock()
    ledger = make_ledger(MemoryStore(now=clock), clock, **limits)
    await ledger.reserve("robots", "m", CALL)
    before = (await ledger.totals(), await ledger.rows())
    if problem:
        with pytest.raises(BudgetError) as caught:
            await ledger.reserve("robots", "m", CALL)
        assert str(caught.value).startswith(f"{problem}; it goes on at 2026-")
        assert (await ledger.totals(), await ledger.rows()) == before
    else:
        await ledger.reserve("robots", "m", CALL)
        assert [total.calls for total in await ledger.totals()] == [2, 2]


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
    with pytest.raises(BudgetError) as caught:
        await ledger.reserve("robots", "m", CALL)
    assert str(caught.value) == "the store doesn't answer, so nothing can be counted or spent"
