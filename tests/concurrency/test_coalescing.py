"""The same work is done once, however many ask for it at a time."""

import asyncio
from functools import partial

import pytest

from digest.concurrency.coalescing import Background, BatchedReads, SingleFlight

pytestmark = pytest.mark.anyio


class Work:
    """Counts how often it is done; waits until it may end."""

    def __init__(self):
        self.begun = 0
        self.may_end = asyncio.Event()

    async def __call__(self):
        self.begun += 1
        await self.may_end.wait()
        return self.begun


class TestSingleFlight:
    async def test_all_who_ask_meanwhile_get_one_result(self):
        flight, work = SingleFlight(), Work()
        asked = [asyncio.create_task(flight.run("key", work)) for _ in range(50)]
        await asyncio.sleep(0)
        work.may_end.set()
        assert await asyncio.gather(*asked) == [1] * 50

    async def test_afterwards_the_work_is_done_anew(self):
        flight, work = SingleFlight(), Work()
        work.may_end.set()
        assert await flight.run("key", work) == 1
        assert await flight.run("key", work) == 2

    async def test_keys_are_apart(self):
        flight, work = SingleFlight(), Work()
        work.may_end.set()
        await asyncio.gather(flight.run("one", work), flight.run("two", work))
        assert work.begun == 2

    async def test_who_gives_up_stops_nobody_else(self):
        flight, work = SingleFlight(), Work()
        first, second = (asyncio.create_task(flight.run("key", work)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        work.may_end.set()
        assert await second == 1
        assert first.cancelled()

    async def test_an_error_reaches_all_who_wait(self):
        async def fail():
            raise ValueError("no")

        flight = SingleFlight()
        found = await asyncio.gather(*(flight.run("key", fail) for _ in range(3)), return_exceptions=True)
        assert [str(one) for one in found] == ["no"] * 3


class Shelf:
    """Values that can change; notes what each read asked for."""

    def __init__(self):
        self.values = {"a": 1, "b": 2}
        self.reads = []
        self.may_answer = asyncio.Event()
        self.was_asked = asyncio.Event()

    async def read(self, keys):
        self.was_asked.set()
        self.reads.append(sorted(keys))
        seen = dict(self.values)
        await self.may_answer.wait()
        return {key: seen[key] for key in keys}


class TestBatchedReads:
    async def test_all_who_ask_at_once_share_one_read(self):
        shelf = Shelf()
        shelf.may_answer.set()
        reads = BatchedReads(shelf.read)
        found = await asyncio.gather(reads.get(["b", "a"]), reads.get(["a"]), reads.get(["b"]))
        assert list(found) == [{"b": 2, "a": 1}, {"a": 1}, {"b": 2}]
        assert list(found[0]) == ["b", "a"]
        assert shelf.reads == [["a", "b"]]

    async def test_who_asks_during_a_read_sees_what_was_written_before(self):
        """A read under way may have missed it; so the next one is joined, not this one."""
        shelf = Shelf()
        reads = BatchedReads(shelf.read)
        early = asyncio.create_task(reads.get(["a"]))
        await shelf.was_asked.wait()
        shelf.values["a"] = 7
        late = [asyncio.create_task(reads.get(["a"])) for _ in range(20)]
        await asyncio.sleep(0)
        shelf.may_answer.set()
        assert await early == {"a": 1}
        assert await asyncio.gather(*late) == [{"a": 7}] * 20
        assert len(shelf.reads) == 2

    async def test_an_error_ends_one_round_only(self):
        shelf = Shelf()
        shelf.may_answer.set()
        reads = BatchedReads(shelf.read)
        found = await asyncio.gather(reads.get(["absent"]), return_exceptions=True)
        assert isinstance(found[0], KeyError)
        assert await reads.get(["a"]) == {"a": 1}


class TestBackground:
    async def test_runs_one_task_a_key_at_a_time(self):
        begun, gate = [], asyncio.Event()

        async def work(name):
            begun.append(name)
            await gate.wait()

        background = Background()
        for key, name in (("a", "a"), ("b", "b"), ("a", "c")):
            background.start(key, partial(work, name), doing=name)
        tasks = background.tasks(["a", "b", "x"])
        assert [task.get_name() for task in tasks] == ["a", "b"]
        gate.set()
        await asyncio.wait(tasks)
        assert begun == ["a", "b"]
        assert "a" not in background
        background.start("a", lambda: work("again"), doing="a")
        await asyncio.wait(background.tasks(["a"]))
        assert begun == ["a", "b", "again"]

    async def test_tells_what_failed_and_may_begin_again(self, caplog):
        async def fail():
            raise ZeroDivisionError

        background = Background()
        background.start("a", fail, doing="dividing by nothing")
        await asyncio.wait(background.tasks(["a"]))
        await asyncio.sleep(0)
        assert "dividing by nothing failed" in caplog.text
        assert "a" not in background

    async def test_stops_what_is_under_way(self, caplog):
        async def wait():
            await asyncio.Event().wait()

        background = Background()
        background.start("a", wait, doing="waiting")
        (task,) = background.tasks(["a"])
        await background.aclose()
        assert task.cancelled()
        assert caplog.text == ""
