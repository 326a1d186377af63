"""Nothing is spent that isn't counted in the configured store, and nothing is paid for again and again."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from digest.config.model import Budget, ModelConfig, Prices
from digest.errors import BudgetError, StoreError, StoreFullError, ValueTooLargeError
from digest.llm.ledger import Ledger
from digest.reports.filling import Usage
from digest.store.memory import MemoryStore
from digest.store.protocol import Store
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from tests.llm.llm_kit import GOOD, START, TLDR, Clock, FakeModel, Kit, answer, make_kit, make_paper, refusal

pytestmark = pytest.mark.anyio
CALL = Usage(600, 400)
PAPERS = [make_paper(number) for number in range(12)]


class Moody(MemoryStore):
    """A shared store that can be told which writes to refuse."""

    kind = "redis"

    def __init__(self, now: Clock) -> None:
        super().__init__(now=now)
        self.refused: dict[str, Exception] = {}
        """By the beginning of the key; "" for all."""

    def _suffer(self, key: str) -> None:
        for beginning, error in self.refused.items():
            if key.startswith(beginning):
                raise error

    async def set(self, key: str, value: bytes, **options: Any) -> bool:
        self._suffer(key)
        return await super().set(key, value, **options)

    async def increment(self, key: str, by: int = 1, **options: Any) -> int:
        self._suffer(key)
        return await super().increment(key, by, **options)

    async def acquire(self, name: str, **options: Any) -> Any:
        self._suffer(name)
        return await super().acquire(name, **options)


FULL = StoreFullError("OOM command not allowed when used memory > 'maxmemory'")


class Processes:
    """Four processes on one store and one model."""

    def __init__(self, store: Any = None, **settings: Any) -> None:
        self.clock = Clock()
        self.shared = store or Moody(self.clock)
        self.model = FakeModel()
        self.settings = {"prices": Prices(input=1.0, output=2.0), "concurrency": 2} | settings
        self.kits = [self.start() for _ in range(4)]

    def start(self) -> Kit:
        local = MemoryStore(now=self.clock)
        store = ResilientStore(self.shared, local, monotonic=lambda: self.clock().timestamp())
        return make_kit(self.model, store=store, clock=self.clock, **self.settings)

    def restart(self) -> None:
        self.kits = [self.start() for _ in range(4)]

    async def run(self) -> list[str]:
        """Let all run at once; return why they stopped."""
        reports = await asyncio.gather(*(kit.fill(*PAPERS) for kit in self.kits))
        return [report.stopped for report in reports]


BUDGETS = [Budget(calls=3), Budget(tokens=4000), Budget(money=0.005)]


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("when", ["from the beginning", "later"])
async def test_four_processes_spend_nothing_while_the_store_refuses_writes(budget: Budget, when: str) -> None:
    group = Processes(daily=budget)
    if when == "later":
        await group.run()
        assert 1 <= len(group.model.requests) < len(PAPERS)
    spent = len(group.model.requests)
    group.shared.refused = {"": FULL}
    for _ in range(3):
        assert all("refuses writes" in why or "would not keep" in why or "is spent" in why for why in await group.run())
        group.restart()
        group.clock.advance(timedelta(hours=1))
    assert len(group.model.requests) == spent


@pytest.mark.parametrize("refused", ["llm:total", "llm:ledger", "llm:epoch", "llm:refusal", "llm:total:2026-01:tokens"])
async def test_one_counter_or_note_that_can_not_be_written_spends_nothing(refused: str) -> None:
    group = Processes()
    group.shared.refused = {refused: FULL}
    await group.run()
    group.restart()
    assert all(await group.run())
    assert group.model.requests == []


async def test_what_can_not_be_stored_is_not_asked_for_again_and_again() -> None:
    """Each start of a process used to pay for the same papers."""
    group = Processes()
    group.shared.refused = {"llm:summary": ValueTooLargeError("max request size exceeded")}
    await group.run()
    assert len(group.model.requests) == len(PAPERS)
    for _ in range(3):
        group.clock.advance(timedelta(days=1))
        group.restart()
        await group.run()
    assert len(group.model.requests) == len(PAPERS)


async def test_a_process_shows_what_it_could_not_store_as_long_as_it_lives() -> None:
    group = Processes(concurrency=1)
    group.shared.refused = {"llm:summary": ValueTooLargeError("max request size exceeded")}
    report = await group.kits[0].fill(PAPERS[0])
    assert (report.written, report.refused) == (0, 1)
    assert "store" in report.reasons[PAPERS[0].id]
    assert (await group.kits[0].engine.lookup(PAPERS, TLDR)).keys() == {PAPERS[0].id}
    assert (await group.kits[0].fill(PAPERS[0])).present == 1


async def test_a_store_that_is_full_for_summaries_only_ends_the_run() -> None:
    group = Processes(concurrency=1)
    group.shared.refused = {"llm:summary": FULL}
    await group.kits[0].fill(*PAPERS)
    assert len(group.model.requests) == 1
    assert "doesn't keep summaries" in (await group.kits[1].fill(*PAPERS)).stopped
    assert len(group.model.requests) == 1


async def test_a_sqlite_file_at_its_limit_pays_for_nothing(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "cache.sqlite3"

    def store() -> Store:
        return ResilientStore(SqliteStore(path, limit_bytes=80_000, now=clock), MemoryStore(now=clock))

    filler = store()
    await filler.get("opened")
    for number in range(200):
        await filler.set(f"filler{number}", bytes(500))
    await filler.close()
    model = FakeModel()
    for _ in range(4):
        kit = make_kit(model, store=store(), clock=clock)
        await kit.fill(*PAPERS)
        await kit.store.close()
        clock.advance(timedelta(days=1))
    assert model.requests == []


async def test_a_call_whose_process_died_is_not_repeated_at_once() -> None:
    """Killed between paying and storing: the note that the call was begun stands."""
    group = Processes(concurrency=1)
    group.shared.refused = {"llm:summary": RuntimeError("killed")}
    with pytest.raises(RuntimeError):
        await group.kits[0].fill(PAPERS[0])
    group.shared.refused = {}
    group.restart()
    assert (await group.kits[0].fill(PAPERS[0])).backing_off == 1
    assert len(group.model.requests) == 1


@pytest.mark.parametrize("budget", BUDGETS)
async def test_a_store_that_lost_its_counters_does_not_begin_the_budget_anew(budget: Budget) -> None:
    group = Processes(daily=budget)
    await group.run()
    spent = len(group.model.requests)
    group.shared.__init__(group.clock)
    assert all("lost" in why or why for why in await group.run())
    assert any("lost what was spent on 2026-01-29" in why for why in await group.run())
    assert len(group.model.requests) <= spent + 1
    group.restart()
    assert all("2026-01-30 00:00 UTC" in why for why in await group.run())
    group.clock.advance(timedelta(days=1))
    await group.run()
    assert len(group.model.requests) > spent


async def test_a_month_s_budget_survives_the_loss() -> None:
    group = Processes(daily=Budget(), monthly=Budget(calls=5), concurrency=1)
    for kit, paper in zip(group.kits, PAPERS, strict=False):
        await kit.fill(paper)
    group.shared.__init__(group.clock)
    for _ in range(3):
        await group.run()
        group.clock.advance(timedelta(days=1))
    assert len(group.model.requests) == 5


async def test_one_lost_counter_is_noticed_by_the_process_that_added_to_it() -> None:
    group = Processes(daily=Budget(calls=3), concurrency=1)
    await group.kits[0].fill(*PAPERS)
    await group.shared.delete("llm:total:2026-01-29:calls")
    await group.kits[0].fill(*PAPERS)
    assert len(group.model.requests) == 3


async def test_a_loss_of_another_day_costs_no_day_of_the_others() -> None:
    """Processes that sleep through it learn of it later."""
    group = Processes(concurrency=1)
    for kit, paper in zip(group.kits, PAPERS, strict=False):
        await kit.fill(paper)
    group.shared.__init__(group.clock)
    await group.kits[0].fill(*PAPERS)
    group.clock.advance(timedelta(days=1))
    reports = [await kit.fill(PAPERS[5 + number]) for number, kit in enumerate(group.kits)]
    assert [report.written for report in reports] == [1, 1, 1, 1]


async def test_a_call_that_can_not_be_settled_stays_counted_in_full() -> None:
    clock = Clock()
    shared = Moody(clock)
    config = ModelConfig(model="m", base_url="http://model.test")
    ledger = Ledger(ResilientStore(shared, MemoryStore(now=clock)), config, now=clock)
    reservation = await ledger.reserve("robots", "m", CALL)
    shared.refused = {"": FULL}
    await ledger.settle("robots", "m", reservation, Usage(1, 1))
    with pytest.raises(BudgetError, match="OOM"):
        await ledger.reserve("robots", "m", CALL)
    shared.refused = {}
    assert (await ledger.totals())[0].tokens == CALL.total


async def test_the_ledger_says_why_nothing_is_spent() -> None:
    clock = Clock()
    shared = Moody(clock)
    config = ModelConfig(model="m", base_url="http://model.test", daily=Budget(calls=2, tokens=10_000))
    ledger = Ledger(ResilientStore(shared, MemoryStore(now=clock)), config, now=clock)
    assert await ledger.problem() == ""
    assert "tokens" in await ledger.problem(Usage(9000, 2000))
    await ledger.reserve("robots", "m", CALL)
    await ledger.reserve("robots", "m", CALL)
    assert await ledger.problem() == "the budget of calls for 2026-01-29 is spent; it goes on at 2026-01-30 00:00 UTC"
    clock.advance(timedelta(days=1))
    assert await ledger.problem() == ""
    shared.refused = {"": FULL}
    with pytest.raises(BudgetError):
        await ledger.reserve("robots", "m", CALL)
    assert "refuses writes" in await ledger.problem()


DOWN = [
    httpx.ConnectError("connection refused"),
    httpx.ConnectTimeout("no answer"),
    refusal(502),
    refusal(504),
    refusal(521),
    httpx.Response(200, text="<html>Sign in to the hotel's network</html>"),
]


@pytest.mark.parametrize("failure", DOWN)
async def test_an_endpoint_that_is_down_is_left_alone_not_its_papers(failure: Any) -> None:
    kit = make_kit(FakeModel([failure]))
    report = await kit.fill(*PAPERS)
    assert (report.refused, report.left) == (0, len(PAPERS))
    assert len(kit.model.requests) <= 3
    assert "paused until" in (await kit.fill(*PAPERS)).stopped
    kit.model.script = [answer(GOOD)]
    kit.clock.advance(timedelta(minutes=3))
    assert (await kit.fill(*PAPERS)).written == len(PAPERS)


@pytest.mark.parametrize("failure", [*DOWN[:2], refusal(401), refusal(403), refusal(407)])
async def test_a_request_that_no_model_has_seen_costs_nothing(failure: Any) -> None:
    kit = make_kit(FakeModel([failure]), daily=Budget(calls=2))
    report = await kit.fill(*PAPERS)
    assert (report.calls, report.usage.total) == (0, 0)
    day, month = await kit.ledger.totals()
    assert (day.calls, day.tokens, month.calls, month.tokens) == (0, 0, 0, 0)
    assert await kit.ledger.rows() == ()


@pytest.mark.parametrize("failure", [refusal(401), refusal(404), refusal(429, code="insufficient_quota")])
async def test_the_first_request_goes_alone_until_the_endpoint_has_answered(failure: Any) -> None:
    kit = make_kit(FakeModel([failure]), concurrency=8)
    await kit.fill(*PAPERS)
    assert len(kit.model.requests) == 1


async def test_once_it_has_answered_papers_are_asked_for_at_once() -> None:
    running: list[int] = [0, 0]

    async def slow(request: httpx.Request) -> httpx.Response:
        running[0] += 1
        running[1] = max(running)
        for _ in range(20):
            await asyncio.sleep(0)
        running[0] -= 1
        return answer(GOOD)

    kit = make_kit(transport=httpx.MockTransport(slow), concurrency=4)
    await kit.fill(PAPERS[0])
    assert running[1] == 1
    assert (await kit.fill(*PAPERS)).written == len(PAPERS) - 1
    assert running[1] == 4


@pytest.mark.parametrize(
    "first",
    [FakeModel([httpx.ConnectError("no")]), FakeModel([refusal(500)]), FakeModel([answer("no JSON")])],
)
async def test_another_address_ends_pauses_and_refusals(first: FakeModel) -> None:
    clock = Clock()
    store = MemoryStore(now=clock)
    await make_kit(first, store=store, clock=clock).fill(*PAPERS)
    mended = make_kit(store=store, clock=clock, base_url="http://other.test/v1")
    assert (await mended.fill(*PAPERS)).written == len(PAPERS)


async def test_the_next_period_is_named() -> None:
    clock = Clock()
    config = ModelConfig(model="m", base_url="http://model.test", monthly=Budget(calls=0))
    ledger = Ledger(MemoryStore(now=clock), config, now=clock)
    assert date(2026, 1, 29) == START.date()
    assert "the budget of calls for 2026-01 is spent; it goes on at 2026-02-01 00:00 UTC" in await ledger.problem()


async def test_a_store_that_fails_while_a_claim_is_taken_back_raises_nothing() -> None:
    class Forgetful(Moody):
        async def delete(self, key: str) -> None:
            raise StoreError("gone")

    clock = Clock()
    kit = make_kit(FakeModel([refusal(401)]), store=Forgetful(clock), clock=clock)
    assert (await kit.fill(PAPERS[0])).stopped
