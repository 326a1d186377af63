"""Memory is bounded."""

from datetime import timedelta

import pytest

from digest.store.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_the_least_recently_used_goes_first(clock):
    store = MemoryStore(limit_bytes=3 * 1400, now=clock)
    for key in "abc":
        await store.set(key, bytes(900))
    await store.get("a")
    await store.set("d", bytes(900))
    assert await store.keys("") == ["a", "c", "d"]


async def test_replacing_and_deleting_give_room_back(clock):
    store = MemoryStore(limit_bytes=2 * 1400, now=clock)
    for _ in range(10):
        await store.set("a", bytes(900))
        await store.set("b", bytes(900))
        await store.delete("b")
    await store.set("c", bytes(900))
    assert await store.keys("") == ["a", "c"]


async def test_a_value_larger_than_everything_is_not_kept(clock):
    store = MemoryStore(limit_bytes=1000, now=clock)
    await store.set("small", b"1")
    await store.set("large", bytes(1001))
    assert await store.get("large") is None


async def test_counters_and_locks_are_not_evicted_for_values(clock):
    store = MemoryStore(limit_bytes=2000, now=clock)
    await store.increment("spent", 5)
    await store.acquire("lock", ttl=timedelta(minutes=1))
    for number in range(50):
        await store.set(f"k{number}", bytes(900))
    assert await store.increment("spent", 0) == 5
    assert await store.acquire("lock", ttl=timedelta(minutes=1)) is None


async def test_counters_are_bounded_too_and_expired_ones_go_first(clock):
    store = MemoryStore(now=clock)
    await store.increment("lasting")
    for number in range(9_999):
        await store.increment(f"minute {number}", ttl=timedelta(minutes=1))
    clock.advance(timedelta(minutes=2))
    await store.increment("one more")
    assert await store.keys("") == ["lasting", "one more"]
    for number in range(10_000):
        await store.increment(f"{number}")
    assert await store.get("lasting") is None
