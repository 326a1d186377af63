"""What every store keeps, whatever is under it."""

import asyncio
from datetime import timedelta

import pytest

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.anyio


class TestValues:
    async def test_absent_key_is_none(self, kit):
        assert await kit.store.get("listing:cs.LG") is None

    @pytest.mark.parametrize("value", [b"", b"0", b"12", bytes(range(256)), "Stühmer".encode(), b"x" * 300_000])
    async def test_any_bytes_come_back_as_they_were(self, kit, value):
        assert await kit.store.set("key", value)
        assert await kit.store.get("key") == value
        assert await kit.other.get("key") == value

    async def test_a_later_value_replaces_the_earlier(self, kit):
        await kit.store.set("key", b"old")
        await kit.other.set("key", b"new")
        assert await kit.store.get("key") == b"new"

    async def test_get_many_keeps_order_gaps_and_repetitions(self, kit):
        await kit.store.set("a", b"1")
        await kit.store.set("b", b"2")
        assert await kit.store.get_many(["b", "absent", "a", "b"]) == [b"2", None, b"1", b"2"]
        assert await kit.store.get_many([]) == []

    async def test_get_many_takes_a_thousand_keys(self, kit):
        await kit.store.set("k999", b"last")
        found = await kit.store.get_many([f"k{n}" for n in range(1000)])
        assert found == [None] * 999 + [b"last"]

    async def test_deleted_is_gone_and_deleting_nothing_is_fine(self, kit):
        await kit.store.set("key", b"1")
        await kit.store.delete("key")
        await kit.store.delete("key")
        assert await kit.store.get("key") is None


class TestExpiry:
    async def test_a_value_lives_as_long_as_told(self, kit):
        await kit.store.set("key", b"1", ttl=MINUTE)
        kit.advance(MINUTE - SECOND)
        assert await kit.store.get("key") == b"1"
        kit.advance(2 * SECOND)
        assert await kit.store.get("key") is None
        assert await kit.store.get_many(["key"]) == [None]
        assert await kit.store.keys("") == []

    async def test_without_ttl_a_value_stays(self, kit):
        await kit.store.set("key", b"1", ttl=MINUTE)
        await kit.store.set("key", b"2")
        kit.advance(timedelta(days=3))
        assert await kit.store.get("key") == b"2"

    @pytest.mark.parametrize("ttl", [timedelta(0), -SECOND])
    async def test_a_time_to_live_is_positive(self, kit, ttl):
        with pytest.raises(ValueError, match="positive"):
            await kit.store.set("key", b"1", ttl=ttl)
        with pytest.raises(ValueError, match="positive"):
            await kit.store.increment("count", ttl=ttl)
        with pytest.raises(ValueError, match="positive"):
            await kit.store.acquire("lock", ttl=ttl)

    async def test_part_of_a_millisecond_is_rounded_up(self, kit):
        assert await kit.store.set("key", b"1", ttl=timedelta(microseconds=1))


class TestKeys:
    async def test_sorted_and_only_those_with_the_prefix(self, kit):
        for key in ("b:2", "b:1", "a:1", "b", "B:3", "bé:1"):
            await kit.store.set(key, b"1")
        assert await kit.store.keys("b:") == ["b:1", "b:2"]
        assert await kit.store.keys("b") == ["b", "b:1", "b:2", "bé:1"]
        assert len(await kit.store.keys("")) == 6

    @pytest.mark.parametrize("key", ["a*b", "a?b", "a[b]c", "a\\b", "a%b", "a_b", "a'b", "a\nb", "a b"])
    async def test_no_character_is_special(self, kit, key):
        await kit.store.set(key, b"1")
        await kit.store.set("axb", b"2")
        assert await kit.store.keys(key[:2]) == [key]
        assert await kit.store.get(key) == b"1"

    async def test_counters_are_keys_and_locks_are_not(self, kit):
        await kit.store.increment("spent:2026-01-12")
        await kit.store.acquire("spent", ttl=MINUTE)
        assert await kit.store.keys("") == ["spent:2026-01-12"]


class TestCounters:
    async def test_counts_from_zero_by_any_amount(self, kit):
        assert await kit.store.increment("n") == 1
        assert await kit.other.increment("n", 41) == 42
        assert await kit.store.increment("n", -2) == 40
        assert await kit.store.increment("n", 0) == 40

    async def test_reads_as_digits(self, kit):
        await kit.store.increment("n", -7)
        await kit.store.increment("m", 12)
        assert await kit.store.get_many(["n", "m"]) == [b"-7", b"12"]

    async def test_the_time_to_live_counts_from_creation(self, kit):
        await kit.store.increment("n", ttl=MINUTE)
        kit.advance(40 * SECOND)
        assert await kit.store.increment("n", ttl=MINUTE) == 2
        kit.advance(40 * SECOND)
        assert await kit.store.get("n") is None
        assert await kit.store.increment("n", ttl=MINUTE) == 1

    async def test_a_value_is_no_counter(self, kit):
        await kit.store.set("key", b"12")
        with pytest.raises(ValueError, match="key"):
            await kit.store.increment("key")
        assert await kit.store.get("key") == b"12"

    async def test_a_value_may_replace_a_counter(self, kit):
        await kit.store.increment("n")
        await kit.store.set("n", b"text")
        assert await kit.store.get("n") == b"text"

    async def test_nothing_is_lost_between_concurrent_clients(self, kit):
        await asyncio.gather(*(store.increment("n") for store in (kit.store, kit.other) for _ in range(50)))
        assert await kit.store.increment("n", 0) == 100

    async def test_deleted_counter_starts_anew(self, kit):
        await kit.store.increment("n", 5)
        await kit.store.delete("n")
        assert await kit.store.increment("n") == 1


class TestLocks:
    async def test_one_of_many_gets_the_lock(self, kit):
        asked = (store.acquire("cs.LG", ttl=MINUTE) for store in (kit.store, kit.other) for _ in range(25))
        leases = [lease for lease in await asyncio.gather(*asked) if lease]
        assert len(leases) == 1
        assert leases[0].name == "cs.LG"

    async def test_names_do_not_disturb_each_other(self, kit):
        assert await kit.store.acquire("cs.LG", ttl=MINUTE)
        assert await kit.store.acquire("cs.AI", ttl=MINUTE)

    async def test_released_once_and_free_again(self, kit):
        lease = await kit.store.acquire("lock", ttl=MINUTE)
        assert await kit.store.release(lease)
        assert not await kit.store.release(lease)
        assert await kit.other.acquire("lock", ttl=MINUTE)

    async def test_a_dead_holder_stands_in_the_way_no_longer_than_its_time(self, kit):
        await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(MINUTE - SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE) is None
        kit.advance(2 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE)

    @pytest.mark.parametrize("back", [timedelta(seconds=25), timedelta(hours=1), timedelta(days=400)])
    async def test_a_clock_that_is_set_back_lengthens_no_term(self, own_clock_kit, back):
        kit = own_clock_kit
        lease = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(-back)
        assert await kit.other.acquire("lock", ttl=timedelta(seconds=1)) is None
        kit.advance(59 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE) is None
        assert await kit.store.set("key", b"1", lease=lease)
        kit.advance(2 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE)
        assert not await kit.store.release(lease)

    async def test_a_holder_goes_on_extending_after_the_clock_was_set_back(self, own_clock_kit):
        kit = own_clock_kit
        lease = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(-timedelta(hours=1))
        assert await kit.store.extend(lease, 2 * MINUTE)
        kit.advance(119 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE) is None
        kit.advance(2 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE)

    async def test_tokens_grow(self, kit):
        tokens = []
        for store in (kit.store, kit.other, kit.store):
            lease = await store.acquire("lock", ttl=MINUTE)
            tokens.append(lease.token)
            await store.release(lease)
        late = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(2 * MINUTE)
        tokens += [late.token, (await kit.other.acquire("lock", ttl=MINUTE)).token]
        assert tokens == sorted(set(tokens))

    async def test_a_late_holder_can_neither_release_nor_extend(self, kit):
        late = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(2 * MINUTE)
        assert not await kit.store.extend(late, MINUTE)
        current = await kit.other.acquire("lock", ttl=MINUTE)
        assert not await kit.store.release(late)
        assert not await kit.store.extend(late, MINUTE)
        assert await kit.other.extend(current, MINUTE)
        assert await kit.other.release(current)

    async def test_extended_is_held_from_now(self, kit):
        lease = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(50 * SECOND)
        assert await kit.store.extend(lease, MINUTE)
        kit.advance(50 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE) is None
        kit.advance(11 * SECOND)
        assert await kit.other.acquire("lock", ttl=MINUTE)

    async def test_a_write_of_the_holder_is_accepted(self, kit):
        lease = await kit.store.acquire("lock", ttl=MINUTE)
        assert await kit.store.set("key", b"1", lease=lease)
        assert await kit.store.set("key", b"2", ttl=MINUTE, lease=lease)
        assert await kit.store.get("key") == b"2"

    async def test_a_holder_that_was_overtaken_can_not_write(self, kit):
        """It was frozen past its time, another one did the work: its late result must not replace that."""
        late = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(2 * MINUTE)
        current = await kit.other.acquire("lock", ttl=MINUTE)
        assert await kit.other.set("key", b"current", lease=current)
        await kit.other.release(current)
        assert not await kit.store.set("key", b"late", lease=late)
        assert await kit.store.get("key") == b"current"

    async def test_a_late_holder_that_nobody_overtook_can_write(self, kit):
        late = await kit.store.acquire("lock", ttl=MINUTE)
        kit.advance(2 * MINUTE)
        assert await kit.store.set("key", b"late", lease=late)


async def test_describes_itself_and_is_not_degraded(kit):
    await kit.store.get("key")
    assert kit.store.kind in kit.store.describe()
    assert not kit.store.degraded


async def test_works_again_after_close(kit):
    await kit.store.set("key", b"1")
    await kit.store.close()
    await kit.store.close()
    assert await kit.store.get("key") == b"1"


async def test_cancelled_callers_leave_the_store_usable(kit):
    """What was under way may still happen; nothing hangs, nothing is broken."""
    for turns in range(4):
        tasks = [asyncio.create_task(kit.store.increment("n")) for _ in range(20)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert 1 <= await kit.store.increment("n") <= 81
    await kit.store.set("key", b"1")
    assert await kit.store.get("key") == b"1"
