"""The use case: what is stored, what it costs, and what no failure can do."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from digest.config.model import Budget, Prices
from digest.config.summary_plans import Plan, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.errors import FetchError, RateLimitedError, StoreError
from digest.reports.filling import FillReport
from digest.store.memory import MemoryStore
from digest.store.sqlite import SqliteStore
from tests.fakes import quick_store
from tests.llm.llm_kit import ABSTRACT, GOOD, TLDR, Clock, FakeModel, answer, make_kit, make_paper, refusal

pytestmark = pytest.mark.anyio


def adds_up(report: FillReport) -> bool:
    done = (report.present, report.written, report.refused, report.backing_off, report.busy, report.left)
    return sum(done) == report.wanted


async def test_a_summary_is_written_once_and_found_at_once() -> None:
    kit = make_kit()
    assert await kit.engine.lookup([make_paper()], TLDR) == {}
    report = await kit.fill()
    assert (report.written, report.calls, report.usage.total) == (1, 1, 400)
    (summary,) = (await kit.engine.lookup([make_paper(), make_paper(2)], TLDR)).values()
    assert (summary.engine, summary.language, summary.created) == ("test-model", "en", kit.clock())
    assert summary.tldr == GOOD["tldr"]
    again = await kit.fill()
    assert (again.present, again.calls) == (1, 0)


async def test_the_same_paper_in_many_feeds_is_paid_for_once() -> None:
    kit = make_kit()
    await kit.fill(make_paper(categories=("cs.RO", "cs.LG")), feed="a")
    await kit.fill(make_paper(categories=("cs.LG",), version=None, announce_type="cross"), feed="b")
    await kit.fill(make_paper(), make_paper(), feed="c")
    assert len(kit.model.requests) == 1


async def test_papers_are_asked_for_in_their_order() -> None:
    kit = make_kit(concurrency=1)
    await kit.fill(*(make_paper(number) for number in (2, 5, 1, 4, 0, 3)))
    order = [int(body["messages"][1]["content"].split("part ")[1][0]) for body in kit.model.requests]
    assert order == [2, 5, 1, 4, 0, 3]


async def test_a_bad_answer_is_asked_for_once_more_with_what_was_wrong() -> None:
    kit = make_kit(FakeModel([answer("no JSON"), answer(GOOD)]))
    assert (await kit.fill()).written == 1
    assert "could not be used: it contained no JSON object" in kit.model.requests[1]["messages"][1]["content"]


async def test_of_two_imperfect_answers_the_better_one_counts() -> None:
    kit = make_kit(FakeModel([answer({key: GOOD[key] for key in ("tldr", "method")}), answer("no JSON")]))
    assert (await kit.fill()).written == 1
    (summary,) = (await kit.engine.lookup([make_paper()], TLDR)).values()
    assert (summary.tldr, summary.method, summary.result) == (GOOD["tldr"], GOOD["method"], None)


async def test_a_usable_answer_is_kept_when_the_second_call_fails() -> None:
    kit = make_kit(FakeModel([answer({"tldr": GOOD["tldr"]}), refusal(401)]))
    assert (await kit.fill()).written == 1


async def test_a_cut_answer_may_be_longer_the_second_time() -> None:
    kit = make_kit(FakeModel([answer("", finish="length"), answer(GOOD)]))
    assert (await kit.fill()).written == 1
    assert kit.model.requests[1]["max_tokens"] == 2 * kit.model.requests[0]["max_tokens"]


async def test_refused_papers_are_left_alone_longer_each_time() -> None:
    kit = make_kit(FakeModel([answer("no JSON")]))
    for wait in (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8)):
        report = await kit.fill()
        assert (report.refused, report.calls) == (1, 2)
        assert "no JSON" in report.reasons["2601.00001"]
        kit.clock.advance(wait - timedelta(seconds=1))
        assert (await kit.fill()).backing_off == 1
        kit.clock.advance(timedelta(seconds=1))
    kit.model.script = [answer(GOOD)]
    assert (await kit.fill()).written == 1


async def test_one_bad_paper_costs_no_other() -> None:
    def reply(body: dict[str, Any]) -> httpx.Response:
        return answer("no JSON") if "part 2" in body["messages"][1]["content"] else answer(GOOD)

    kit = make_kit(FakeModel([reply]))
    report = await kit.fill(*(make_paper(number) for number in range(1, 6)))
    assert (report.written, report.refused) == (4, 1)
    assert adds_up(report)


@pytest.mark.parametrize(
    "failure", [refusal(401), refusal(429, code="insufficient_quota"), refusal(429, retry_after="7200"), refusal(503)]
)
async def test_an_endpoint_that_can_not_be_used_ends_the_run_and_is_left_alone(failure: Any) -> None:
    kit = make_kit(FakeModel([failure]), concurrency=1)
    papers = [make_paper(number) for number in range(20)]
    report = await kit.fill(*papers)
    assert report.stopped
    assert (report.left, report.refused) == (20, 0)
    sent = len(kit.model.requests)
    assert sent <= 3
    assert "paused until" in (await kit.fill(*papers)).stopped
    assert len(kit.model.requests) == sent
    kit.model.script = [answer(GOOD)]
    kit.clock.advance(timedelta(hours=3))
    assert (await kit.fill(*papers)).written == 20


async def test_another_key_ends_the_pause() -> None:
    store, clock = quick_store(), Clock()
    await make_kit(FakeModel([refusal(401)]), store=store, clock=clock).fill()
    assert (await make_kit(store=store, clock=clock, api_key="sk-the-right-one").fill()).written == 1


async def test_an_endpoint_that_fails_for_three_papers_ends_the_run() -> None:
    kit = make_kit(FakeModel([refusal(500)]), concurrency=1, attempts=1)
    report = await kit.fill(*(make_paper(number) for number in range(20)))
    assert (report.refused, report.left) == (3, 17)
    assert await kit.engine.pause()


async def test_a_model_that_can_not_do_it_is_not_paid_for_a_thousand_times() -> None:
    kit = make_kit(FakeModel([answer("no JSON")]), concurrency=1)
    report = await kit.fill(*(make_paper(number) for number in range(50)))
    assert (report.refused, report.calls) == (8, 16)
    assert "in a row" in report.stopped


async def test_two_instances_never_pay_for_the_same_paper(tmp_path: Path) -> None:
    clock = Clock()
    model = FakeModel()

    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return model(request)

    stores = [SqliteStore(tmp_path / "cache.sqlite3", now=clock) for _ in range(3)]
    kits = [make_kit(store=store, clock=clock, transport=httpx.MockTransport(slow)) for store in stores]
    papers = [make_paper(number) for number in range(12)]
    reports = await asyncio.gather(*(kit.fill(*papers) for kit in kits))
    assert len(model.requests) == 12
    assert sum(report.written for report in reports) == 12
    assert all(adds_up(report) for report in reports)
    assert len(await kits[0].engine.lookup(papers, TLDR)) == 12
    for store in stores:
        await store.close()


async def test_a_run_that_is_cancelled_pays_for_nothing_twice() -> None:
    hold, fourth = asyncio.Event(), asyncio.Event()
    model = FakeModel()

    async def reply(request: httpx.Request) -> httpx.Response:
        if len(model.requests) >= 3:
            fourth.set()
            await hold.wait()
        return model(request)

    kit = make_kit(transport=httpx.MockTransport(reply), concurrency=1)
    kit.model = model
    papers = [make_paper(number) for number in range(6)]
    task = asyncio.create_task(kit.fill(*papers))
    await fourth.wait()  # the third answer is read and stored by then
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hold.set()
    report = await kit.fill(*papers)
    assert (report.present, report.written, len(model.requests)) == (3, 3, 6)


async def test_the_budget_ends_the_run_before_the_call() -> None:
    kit = make_kit(daily=Budget(calls=4), concurrency=4)
    report = await kit.fill(*(make_paper(number) for number in range(10)))
    assert (report.written, len(kit.model.requests)) == (4, 4)
    assert "budget of calls for 2026-01-29" in report.stopped
    assert (report.left, report.refused) == (6, 0)


async def test_money_is_counted_and_forecast() -> None:
    kit = make_kit(prices=Prices(input=1.0, output=2.0))
    forecast = await kit.engine.forecast([make_paper(1), make_paper(2), make_paper(1)], TLDR)
    assert (forecast.papers, forecast.calls) == (2, 2)
    assert forecast.money > 0
    assert kit.model.requests == []
    report = await kit.fill(make_paper(1), make_paper(2))
    assert report.money == pytest.approx(2 * (300 + 2 * 100) / 1e6)


async def test_at_the_deadline_the_call_ends_and_the_next_run_knows_better() -> None:
    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    kit = make_kit(transport=httpx.MockTransport(silent), concurrency=1)
    report = await kit.fill(*(make_paper(number) for number in range(5)), seconds=0.1)
    assert report.stopped == "out of time"
    assert (report.refused, report.left) == (1, 4)
    assert await kit.engine.pause() is None
    again = await kit.fill(*(make_paper(number) for number in range(5)), seconds=0.1)
    assert (again.calls, again.left) == (0, 4)
    assert (await kit.fill(make_paper(7), seconds=0.3)).calls == 1


async def test_without_time_nothing_is_sent() -> None:
    kit = make_kit()
    assert (await kit.fill(seconds=0)).left == 1
    assert kit.model.requests == []


async def test_progress_is_told_after_each_paper() -> None:
    kit = make_kit(concurrency=1)
    seen: list[int] = []
    await kit.fill(make_paper(1), make_paper(2), on_progress=lambda now: seen.append(now.written))
    assert seen == [1, 2]


async def test_a_broken_store_ends_the_run_and_raises_nothing() -> None:
    class Broken(MemoryStore):
        async def acquire(self, *_: object, **__: object) -> Any:
            raise StoreError("gone")

    kit = make_kit(store=Broken(now=Clock()))
    report = await kit.fill(make_paper(1), make_paper(2))
    assert "the store failed" in report.stopped
    assert kit.model.requests == []


async def test_a_store_that_can_not_be_read_ends_it_as_well() -> None:
    class Unreadable(MemoryStore):
        async def get_many(self, *_: object) -> Any:
            raise StoreError("gone")

    kit = make_kit(store=Unreadable(now=Clock()))
    assert "the store failed" in (await kit.fill()).stopped


async def test_while_memory_stands_in_for_the_store_nothing_is_spent() -> None:
    class Degraded(MemoryStore):
        degraded = True

    kit = make_kit(store=Degraded(now=Clock()))
    assert "counted" in (await kit.fill()).stopped
    assert kit.model.requests == []


async def test_an_error_of_our_own_costs_one_paper() -> None:
    def reply(body: dict[str, Any]) -> httpx.Response:
        if "part 1" in body["messages"][1]["content"]:
            raise ZeroDivisionError
        return answer(GOOD)

    kit = make_kit(FakeModel([reply]))
    report = await kit.fill(make_paper(1), make_paper(2))
    assert (report.written, report.refused) == (1, 1)


async def test_a_text_that_is_too_long_is_halved_once_but_no_translation() -> None:
    long = make_paper(abstract=f"{ABSTRACT} " * 12)

    def reply(body: dict[str, Any]) -> httpx.Response:
        too_long = len(body["messages"][1]["content"]) > 2000
        return refusal(400, "maximum context length is 1000 tokens") if too_long else answer(GOOD)

    kit = make_kit(FakeModel([reply]))
    assert (await kit.fill(long)).written == 1
    kit = make_kit(FakeModel([reply]))
    report = await kit.fill(long, plan=Plan(SummarySchema.TRANSLATE, "de", TextSource.ABSTRACT, "test-model"))
    assert (report.refused, report.calls) == (1, 1)


async def test_without_a_text_nothing_is_sent() -> None:
    kit = make_kit()
    report = await kit.fill(make_paper(abstract=" "))
    assert report.reasons == {"2601.00001": "the paper has no abstract"}
    full = Plan(SummarySchema.TLDR, "en", TextSource.FULLTEXT, "test-model")
    assert "full texts" in (await kit.fill(make_paper(), plan=full)).reasons["2601.00001"]
    assert kit.model.requests == []


SECTION = "We use 4321 strokes of the brush in the longest experiment of the study, which took all winter. " * 6
HTML = f"<article><section><h2>1 Results</h2><p>{SECTION}</p></section></article>".encode()
FULL = Plan(SummarySchema.TLDR, "en", TextSource.FULLTEXT, "test-model")


async def test_full_texts_are_fetched_once_for_all_plans() -> None:
    fetched: list[str] = []

    async def fetch(path: str) -> bytes:
        fetched.append(path)
        return HTML

    kit = make_kit(FakeModel([answer(GOOD | {"result": "It took 4321 strokes of the brush in all."})]), fetch=fetch)
    assert (await kit.fill(plan=FULL)).written == 1
    other = Plan(SummarySchema.TLDR, "en", TextSource.FULLTEXT, "test-model", prompt_version=9)
    assert (await kit.fill(plan=other)).written == 1
    assert fetched == ["/html/2601.00001v1"]
    assert "longest experiment" in json.dumps(kit.model.requests[0])


@pytest.mark.parametrize(
    ("error", "stopped"),
    [(FetchError("gone", status=404), False), (RateLimitedError("slow down", status=429), True)],
)
async def test_a_missing_full_text_costs_one_paper_and_a_refusal_of_arxiv_ends_the_run(
    error: Exception, *, stopped: bool
) -> None:
    async def fetch(_: str) -> bytes:
        raise error

    kit = make_kit(fetch=fetch, concurrency=1)
    report = await kit.fill(make_paper(1), make_paper(2), plan=FULL)
    assert bool(report.stopped) is stopped
    assert (report.refused, report.left) == ((0, 2) if stopped else (2, 0))
    assert kit.model.requests == []
