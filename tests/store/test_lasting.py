"""What lasts: the same tests for the file, Redis and Upstash; what each refuses; and who may not keep anything."""

import os
import sqlite3
from dataclasses import dataclass
from datetime import date

import pytest

from digest.errors import StoreError
from digest.store.factory import lasting_beside
from digest.store.lasting import Kept, LastingStore, Refusal
from digest.store.lasting_redis import RedisLasting
from digest.store.lasting_sqlite import SqliteLasting
from digest.store.memory import MemoryStore
from digest.store.redis_tcp import RedisStore
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from digest.store.upstash import UpstashStore
from tests.store.upstash_server import TOKEN

pytestmark = pytest.mark.anyio
DAY, LATER = date(2026, 1, 29), date(2026, 1, 30)


@dataclass
class Kit:
    """A lasting store, and another client of the same data."""

    lasting: LastingStore
    other: LastingStore


@pytest.fixture(params=["sqlite", "redis", "upstash"])
async def kit(request, tmp_path):
    if request.param == "sqlite":
        path = tmp_path / "folder" / "cache.profiles.sqlite3"
        yield Kit(SqliteLasting(path), SqliteLasting(path))
        return
    stores: list[RedisStore | UpstashStore]
    if request.param == "redis":
        server = request.getfixturevalue("redis")
        stores = [RedisStore(server.url), RedisStore(server.url)]
    else:
        server = request.getfixturevalue("upstash")
        stores = [UpstashStore(server.url, TOKEN), UpstashStore(server.url, TOKEN)]
    yield Kit(*(RedisLasting(store.command) for store in stores))
    for store in stores:
        await store.close()


class TestEveryKind:
    async def test_what_is_written_is_read_by_others(self, kit):
        assert await kit.lasting.load("a") is None
        assert await kit.lasting.swap("a", b"\x00one\xff", revision=0, day=DAY)
        assert await kit.other.load("a") == Kept(b"\x00one\xff", 1, DAY)

    async def test_each_write_needs_the_revision_that_it_replaces(self, kit):
        assert await kit.lasting.swap("a", b"one", revision=0, day=DAY)
        assert not await kit.other.swap("a", b"two", revision=0, day=DAY)
        assert not await kit.other.swap("a", b"two", revision=2, day=DAY)
        assert await kit.other.swap("a", b"two", revision=1, day=LATER)
        assert not await kit.lasting.swap("a", b"three", revision=1, day=DAY)
        assert await kit.lasting.load("a") == Kept(b"two", 2, LATER)

    async def test_a_value_that_isn_t_there_can_t_be_replaced(self, kit):
        assert not await kit.lasting.swap("a", b"one", revision=1, day=DAY)
        assert await kit.lasting.load("a") is None

    async def test_removed_is_gone_and_others_stay(self, kit):
        for key in ("a", "b", "c"):
            await kit.lasting.swap(key, key.encode(), revision=0, day=DAY)
        await kit.lasting.remove(["a", "c", "nothing"])
        assert [await kit.other.load(key) is None for key in ("a", "b", "c")] == [True, False, True]
        assert await kit.lasting.unused_since(LATER, 10) == ["b"]
        assert await kit.lasting.swap("a", b"again", revision=0, day=DAY)

    async def test_what_wasn_t_used_is_found(self, kit):
        await kit.lasting.swap("old", b"", revision=0, day=DAY)
        await kit.lasting.swap("new", b"", revision=0, day=LATER)
        assert await kit.lasting.unused_since(DAY, 10) == []
        assert await kit.lasting.unused_since(LATER, 10) == ["old"]
        await kit.lasting.swap("old", b"", revision=1, day=LATER)
        assert await kit.lasting.unused_since(LATER, 10) == []

    async def test_no_more_are_found_than_asked_for(self, kit):
        for number in range(5):
            await kit.lasting.swap(str(number), b"", revision=0, day=DAY)
        assert len(await kit.lasting.unused_since(LATER, 3)) == 3

    async def test_it_takes_what_it_is_given(self, kit):
        assert await kit.lasting.refusal() is None


class TestFile:
    async def test_only_its_owner_may_read_it(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        await SqliteLasting(path).swap("a", b"", revision=0, day=DAY)
        assert path.stat().st_mode & 0o077 == 0

    async def test_reading_makes_no_file(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        assert await SqliteLasting(path).load("a") is None
        assert not path.exists()

    async def test_a_file_that_vanished_is_begun_anew(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        lasting = SqliteLasting(path)
        await lasting.swap("a", b"", revision=0, day=DAY)
        path.unlink()
        assert await lasting.load("a") is None
        assert await lasting.swap("a", b"new", revision=0, day=DAY)
        assert (await SqliteLasting(path).load("a")).value == b"new"

    async def test_a_damaged_file_is_an_error_and_stays(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        path.write_bytes(b"no database " * 500)
        for call in (SqliteLasting(path).load("a"), SqliteLasting(path).swap("a", b"", revision=0, day=DAY)):
            with pytest.raises(StoreError):
                await call
        assert path.read_bytes().startswith(b"no database")

    async def test_a_file_of_a_newer_version_is_left_alone(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        await SqliteLasting(path).swap("a", b"", revision=0, day=DAY)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 2")
        with pytest.raises(StoreError, match="another version"):
            await SqliteLasting(path).load("a")

    async def test_a_folder_that_can_t_be_made_is_an_error(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError):
            await SqliteLasting(tmp_path / "file" / "p.sqlite3").swap("a", b"", revision=0, day=DAY)

    async def test_a_busy_file_is_an_error_after_a_while(self, tmp_path):
        from datetime import timedelta

        path = tmp_path / "p.sqlite3"
        lasting = SqliteLasting(path, busy_timeout=timedelta(milliseconds=50))
        await lasting.swap("a", b"", revision=0, day=DAY)
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreError, match="locked"):
                await lasting.load("a")

    async def test_what_is_removed_is_overwritten(self, tmp_path):
        path = tmp_path / "p.sqlite3"
        lasting = SqliteLasting(path)
        await lasting.swap("a", b"a secret that nobody guesses", revision=0, day=DAY)
        assert b"a secret that nobody guesses" in path.read_bytes()
        await lasting.remove(["a"])
        assert b"a secret that nobody guesses" not in path.read_bytes()


class TestRedis:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            ("noeviction", None),
            ("volatile-lru", None),
            ("volatile-ttl", None),
            ("allkeys-lru", Refusal.EVICTS),
            ("allkeys-lfu", Refusal.EVICTS),
            ("allkeys-random", Refusal.EVICTS),
        ],
    )
    async def test_one_that_may_evict_any_key_is_refused(self, redis, upstash, policy, expected):
        redis.client.config_set("maxmemory-policy", policy)
        stores: list[RedisStore | UpstashStore] = [RedisStore(redis.url), UpstashStore(upstash.url, TOKEN)]
        try:
            assert [await RedisLasting(store.command).refusal() for store in stores] == [expected, expected]
        finally:
            redis.client.config_set("maxmemory-policy", "noeviction")
            for store in stores:
                await store.close()

    @pytest.mark.parametrize("reply", ["NOPERM no permission to run 'info'", "ERR unknown command 'INFO'"])
    async def test_one_that_doesn_t_tell_is_believed(self, reply):
        async def command(*_words):
            raise StoreError(f"redis: {reply}")

        assert await RedisLasting(command).refusal() is None

    async def test_one_that_doesn_t_answer_is_an_error(self):
        async def command(*_words):
            raise StoreError("redis: connection refused")

        with pytest.raises(StoreError):
            await RedisLasting(command).refusal()

    async def test_keys_have_no_end_and_survive_evicting_what_has_one(self, redis):
        store = RedisStore(redis.url)
        lasting = RedisLasting(store.command)
        await lasting.swap("a", b"kept", revision=0, day=DAY)
        assert {redis.client.ttl(key) for key in redis.client.scan_iter("arxiv-digest:lasting*")} == {-1}
        redis.client.config_set("maxmemory-policy", "volatile-lru")
        redis.client.config_set("maxmemory", redis.client.info("memory")["used_memory"] + 3_000_000)
        try:
            for number in range(600):
                redis.client.set(f"cache:{number}", os.urandom(20_000), ex=3600)
            assert redis.client.info("stats")["evicted_keys"] > 100
            assert (await lasting.load("a")).value == b"kept"
        finally:
            redis.client.config_set("maxmemory", 0)
            redis.client.config_set("maxmemory-policy", "noeviction")
            await store.close()

    async def test_what_others_wrote_there_is_an_error(self, redis):
        redis.client.set("arxiv-digest:lasting:a", "nothing of ours")
        store = RedisStore(redis.url)
        with pytest.raises(StoreError):
            await RedisLasting(store.command).load("a")
        await store.close()


class TestBeside:
    def test_memory_lasts_nowhere(self):
        assert lasting_beside(MemoryStore(), is_serverless=False) is Refusal.MEMORY
        assert lasting_beside(MemoryStore(), is_serverless=True) is Refusal.SERVERLESS

    def test_a_file_has_another_one_beside_it(self, tmp_path):
        store = ResilientStore(SqliteStore(tmp_path / "cache.sqlite3"))
        found = lasting_beside(store, is_serverless=False)
        assert isinstance(found, SqliteLasting)
        assert found.path == tmp_path / "cache.profiles.sqlite3"
        assert lasting_beside(store, is_serverless=True) is Refusal.SERVERLESS

    @pytest.mark.parametrize("is_serverless", [False, True])
    def test_redis_keeps_them_itself(self, is_serverless):
        store = ResilientStore(RedisStore("redis://127.0.0.1:1/0"))
        assert isinstance(lasting_beside(store, is_serverless=is_serverless), RedisLasting)
        upstash = ResilientStore(UpstashStore("https://a.upstash.io", "x"))
        assert isinstance(lasting_beside(upstash, is_serverless=is_serverless), RedisLasting)
