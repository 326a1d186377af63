"""A store that is down, hangs, is full or comes back never costs its callers more than time."""

import asyncio
import logging
from datetime import timedelta

import pytest

from digest.errors import StoreError, StoreFullError
from digest.store.memory import MemoryStore
from digest.store.resilient import ResilientStore

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.anyio


class MoodyStore(MemoryStore):
    """A working store that can be told to fail."""

    kind = "redis"

    def __init__(self, now):
        super().__init__(now=now)
        self.mood = "well"
        self.calls = 0

    def describe(self):
        return "redis (cache:6379/0)"

    async def _suffer(self, *, writes):
        self.calls += 1
        if self.mood == "down":
            raise StoreError("connection refused")
        if self.mood == "hanging":
            await asyncio.Event().wait()
        if self.mood == "full" and writes:
            raise StoreFullError("OOM")

    async def get_many(self, keys):
        await self._suffer(writes=False)
        return await super().get_many(keys)

    async def keys(self, prefix):
        await self._suffer(writes=False)
        return await super().keys(prefix)

    async def set(self, key, value, *, ttl=None, lease=None):
        await self._suffer(writes=True)
        return await super().set(key, value, ttl=ttl, lease=lease)

    async def delete(self, key):
        await self._suffer(writes=False)
        await super().delete(key)

    async def increment(self, key, by=1, *, ttl=None):
        await self._suffer(writes=True)
        return await super().increment(key, by, ttl=ttl)

    async def acquire(self, name, *, ttl):
        await self._suffer(writes=True)
        return await super().acquire(name, ttl=ttl)

    async def release(self, lease):
        await self._suffer(writes=False)
        return await super().release(lease)

    async def extend(self, lease, ttl):
        await self._suffer(writes=False)
        return await super().extend(lease, ttl)

    async def close(self):
        await self._suffer(writes=False)


class Shared:
    """One moody store and two processes that use it."""

    def __init__(self, clock):
        self.clock = clock
        self.store = MoodyStore(clock)
        self.here, self.there = (
            ResilientStore(
                self.store,
                MemoryStore(now=clock),
                timeout=timedelta(milliseconds=30),
                retry_after=timedelta(seconds=10),
                monotonic=lambda: clock().timestamp(),
            )
            for _ in range(2)
        )

    def pass_time(self, **amount):
        self.clock.advance(timedelta(**amount))


@pytest.fixture
def shared(clock):
    return Shared(clock)


BROKEN = pytest.mark.parametrize("mood", ["down", "hanging"])


@BROKEN
async def test_every_call_is_answered_while_it_is_broken(shared, mood):
    shared.store.mood = mood
    store = shared.here
    assert await store.get("key") is None
    assert store.degraded
    assert "memory" in store.describe()
    assert await store.set("key", b"1")
    assert await store.get_many(["key", "absent"]) == [b"1", None]
    assert await store.keys("") == ["key"]
    assert await store.increment("n", 2) == 2
    shared.pass_time(seconds=16)
    lease = await store.acquire("lock", ttl=MINUTE)
    assert await store.acquire("lock", ttl=MINUTE) is None
    assert await store.set("key", b"2", lease=lease)
    assert await store.extend(lease, MINUTE)
    assert await store.release(lease)
    await store.delete("key")
    assert await store.get("key") is None
    await store.close()


@BROKEN
async def test_any_first_call_may_meet_the_failure(shared, mood):
    calls = {
        "get": lambda s: s.get("k"),
        "set": lambda s: s.set("k", b"1"),
        "delete": lambda s: s.delete("k"),
        "keys": lambda s: s.keys(""),
        "increment": lambda s: s.increment("n"),
        "acquire": lambda s: s.acquire("lock", ttl=MINUTE),
    }
    for name, call in calls.items():
        fresh = Shared(shared.clock)
        fresh.store.mood = mood
        await call(fresh.here)
        assert fresh.here.degraded, name


async def test_a_broken_store_is_left_alone_for_a_while_and_then_tried_by_one(shared):
    shared.store.mood = "hanging"
    await shared.here.get("key")
    calls = shared.store.calls
    for _ in range(20):
        await shared.here.get("key")
    assert shared.store.calls == calls
    shared.pass_time(seconds=11)
    await asyncio.gather(*(shared.here.get("key") for _ in range(20)))
    assert shared.store.calls == calls + 1


async def test_it_is_used_again_when_it_is_back(shared):
    await shared.here.set("key", b"shared")
    shared.store.mood = "down"
    assert await shared.here.get("key") is None
    shared.store.mood = "well"
    shared.pass_time(seconds=11)
    assert await shared.here.get("key") == b"shared"
    assert not shared.here.degraded


async def test_what_was_written_meanwhile_stays_visible_here(shared):
    shared.store.mood = "down"
    await shared.here.set("key", b"here")
    shared.store.mood = "well"
    shared.pass_time(seconds=11)
    assert await shared.here.get_many(["absent", "key"]) == [None, b"here"]
    assert await shared.here.keys("k") == ["key"]


async def test_a_later_shared_value_replaces_what_was_written_meanwhile(shared):
    shared.store.mood = "down"
    await shared.here.set("key", b"here", ttl=2 * MINUTE)
    shared.store.mood = "well"
    shared.pass_time(seconds=11)
    await shared.here.set("key", b"shared", ttl=MINUTE)
    assert await shared.here.get("key") == b"shared"
    shared.pass_time(seconds=61)
    assert await shared.here.get("key") is None


async def test_at_most_one_warning_a_minute(shared, caplog):
    shared.store.mood = "down"
    with caplog.at_level(logging.INFO, "digest.store"):
        for _ in range(12):
            await shared.here.get("key")
            shared.pass_time(seconds=10)
    assert len(caplog.messages) == 2
    assert "redis (cache:6379/0)" in caplog.messages[0]
    assert "connection refused" in caplog.messages[0]


async def test_a_time_out_is_logged_in_words(shared, caplog):
    shared.store.mood = "hanging"
    await shared.here.get("key")
    assert "no answer in time" in caplog.text


class TestFull:
    async def test_it_goes_on_being_read(self, shared):
        await shared.here.set("old", b"1")
        shared.store.mood = "full"
        await shared.here.set("new", b"2")
        assert await shared.here.get_many(["old", "new"]) == [b"1", b"2"]
        assert not shared.here.degraded

    async def test_an_old_value_does_not_hide_the_new_one(self, shared):
        await shared.here.set("key", b"old")
        shared.store.mood = "full"
        await shared.here.set("key", b"new")
        assert await shared.here.get("key") == b"new"

    async def test_counters_and_locks_work_here(self, shared):
        shared.store.mood = "full"
        assert await shared.here.increment("n") == 1
        lease = await shared.here.acquire("lock", ttl=MINUTE)
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        assert await shared.here.release(lease)


class TestLocksAcrossAnOutage:
    async def test_shared_lock_excludes_this_process_while_the_store_is_down(self, shared):
        lease = await shared.here.acquire("lock", ttl=MINUTE)
        shared.store.mood = "down"
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        assert await shared.here.release(lease)
        shared.pass_time(seconds=16)
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_nobody_gets_a_lock_in_the_first_seconds(self, shared):
        """The store that seems down to one process may be well for another, which holds the lock there."""
        elsewhere = await shared.there.acquire("lock", ttl=MINUTE)
        shared.store.mood = "down"
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        shared.pass_time(seconds=11)
        shared.store.mood = "well"
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        assert await shared.there.release(elsewhere)
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_a_moment_s_overload_is_over_in_seconds(self, shared):
        shared.store.mood = "down"
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        shared.store.mood = "well"
        shared.pass_time(seconds=4)
        assert await shared.here.acquire("lock", ttl=MINUTE)
        assert not shared.here.degraded

    async def test_in_a_long_outage_this_process_goes_on_alone(self, shared):
        shared.store.mood = "down"
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        shared.pass_time(seconds=16)
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_local_lock_excludes_this_process_when_the_store_is_back(self, shared):
        shared.store.mood = "down"
        await shared.here.get("key")
        shared.pass_time(seconds=16)
        lease = await shared.here.acquire("lock", ttl=MINUTE)
        shared.store.mood = "well"
        shared.pass_time(seconds=11)
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        assert await shared.here.extend(lease, MINUTE)
        assert await shared.here.release(lease)
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_a_lock_held_elsewhere_leaves_none_behind_here(self, shared):
        elsewhere = await shared.there.acquire("lock", ttl=MINUTE)
        assert await shared.here.acquire("lock", ttl=MINUTE) is None
        assert await shared.there.release(elsewhere)
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_a_cancelled_attempt_leaves_none_behind(self, shared):
        shared.store.mood = "hanging"
        attempt = asyncio.create_task(shared.here.acquire("lock", ttl=MINUTE))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        shared.store.mood = "well"
        assert await shared.here.acquire("lock", ttl=MINUTE)

    async def test_a_holder_overtaken_elsewhere_during_an_outage_can_not_write(self, shared):
        late = await shared.here.acquire("lock", ttl=MINUTE)
        shared.pass_time(minutes=2)
        await shared.there.acquire("lock", ttl=MINUTE)
        await shared.there.set("key", b"current")
        assert not await shared.here.set("key", b"late", lease=late)
        assert not await shared.here.release(late)
