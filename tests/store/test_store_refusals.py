"""Every way in which a store refuses writes: what must not be wrong isn't counted in memory, and the refusal shows."""

import asyncio
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import StoreError, ValueTooLargeError
from digest.store.memory import MemoryStore
from digest.store.namespaced import NamespacedStore
from digest.store.redis_tcp import RedisStore
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from digest.store.upstash import UpstashStore
from tests.store import upstash_server

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


def full(client):
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", 1)


def no_replicas(client):
    client.config_set("min-replicas-to-write", 1)


def read_only(client):
    client.execute_command("REPLICAOF", "127.0.0.1", "1")


def not_permitted(client):
    client.execute_command("ACL", "SETUSER", "default", "-@write", "-@scripting")


def not_saving(client):
    """Its snapshots fail, since a folder has their name."""
    Path(client.config_get("dir")["dir"], "dump.rdb").mkdir(exist_ok=True)
    client.config_set("save", "3600 1000")
    client.bgsave()
    while client.info("persistence")["rdb_bgsave_in_progress"]:
        time.sleep(0.02)


REFUSALS = {
    "full": full,
    "no replicas": no_replicas,
    "read-only": read_only,
    "not permitted": not_permitted,
    "not saving": not_saving,
}


@pytest.fixture
def refusing(redis):
    yield redis
    client = redis.client
    client.execute_command("REPLICAOF", "NO", "ONE")
    client.execute_command("ACL", "SETUSER", "default", "+@all")
    client.config_set("min-replicas-to-write", 0)
    client.config_set("maxmemory", 0)
    client.config_set("save", "")


@pytest.mark.parametrize("kind", sorted(REFUSALS))
@pytest.mark.parametrize("client", ["redis", "upstash"])
async def test_a_refusing_redis_counts_nothing_and_says_so(refusing, upstash, clock, client, kind):
    opened = RedisStore(refusing.url) if client == "redis" else UpstashStore(upstash.url, upstash_server.TOKEN)
    store = ResilientStore(opened, MemoryStore(now=clock))
    assert await store.sure.increment("n") == 1
    assert store.refusal == ""
    REFUSALS[kind](refusing.client)
    with pytest.raises(StoreError):
        await store.sure.increment("n")
    with pytest.raises(StoreError):
        await store.sure.set("key", b"1")
    assert store.refusal
    assert "refusing writes" in store.describe()
    assert not store.degraded
    assert await store.get("n") == b"1"
    await store.close()


async def test_a_full_sqlite_file_counts_nothing_and_says_so(tmp_path, clock):
    store = ResilientStore(
        SqliteStore(tmp_path / "cache.sqlite3", limit_bytes=60_000, now=clock), MemoryStore(now=clock)
    )
    writes = [store.sure.set(f"key{number}", bytes(4000)) for number in range(100)]
    assert any(isinstance(one, StoreError) for one in await asyncio.gather(*writes, return_exceptions=True))
    assert "full" in store.refusal
    assert not store.degraded
    with pytest.raises(StoreError):
        await store.sure.set("another", bytes(4000))
    assert await store.set("another", bytes(4000))
    assert await store.get("another") == bytes(4000)
    await store.close()


async def test_a_value_too_large_for_sqlite_is_no_full_store(tmp_path, clock):
    inner = SqliteStore(tmp_path / "cache.sqlite3", now=clock)
    await inner.get("opened")
    inner._file._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1000)
    store = ResilientStore(inner, MemoryStore(now=clock))
    with pytest.raises(ValueTooLargeError):
        await store.sure.set("key", bytes(5000))
    assert store.refusal == ""
    assert await store.sure.set("key", b"1")
    await store.close()


@pytest.mark.parametrize(
    "message",
    [
        "ERR max request size exceeded. Limit: 1048576 bytes, Actual: 1399000 bytes",
        "ERR max single record size exceeded. Limit: 104857600 bytes",
        "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
    ],
)
async def test_a_value_too_large_for_upstash_is_no_full_store(upstash, clock, message):
    store = ResilientStore(UpstashStore(upstash.url, upstash_server.TOKEN), MemoryStore(now=clock))
    upstash.answer_instead = (400, f'{{"error":"{message}"}}'.encode())
    with pytest.raises(ValueTooLargeError):
        await store.sure.set("key", b"1")
    assert store.refusal == ""
    upstash.answer_instead = (400, b'{"error":"ERR DB capacity quota exceeded"}')
    with pytest.raises(StoreError):
        await store.sure.increment("n")
    assert "capacity" in store.refusal
    await store.close()


async def test_a_refusal_shows_until_writes_are_taken_again_and_five_minutes_at_least(refusing, clock):
    store = ResilientStore(RedisStore(refusing.url), MemoryStore(now=clock), monotonic=lambda: clock().timestamp())
    full(refusing.client)
    assert await store.increment("n") == 1
    clock.advance(timedelta(hours=5))
    assert store.refusal
    await store.set("key", b"1")
    refusing.client.config_set("maxmemory", 0)
    await store.set("key", b"2")
    assert store.refusal
    clock.advance(timedelta(minutes=6))
    assert store.refusal == ""
    await store.close()


async def test_while_the_store_is_down_sure_writes_fail(tmp_path, clock):
    store = NamespacedStore(ResilientStore(SqliteStore(tmp_path, now=clock), MemoryStore(now=clock)), "mirror")
    with pytest.raises(StoreError):
        await store.sure.increment("n")
    assert await store.increment("n") == 1
    assert store.refusal == ""


async def test_sure_writes_of_a_namespace_are_its_own(kit):
    here, there = NamespacedStore(kit.store, "here"), NamespacedStore(kit.store, "there")
    assert await here.sure.increment("n", 2, ttl=MINUTE) == 2
    assert await here.sure.set("key", b"1", ttl=MINUTE)
    assert await here.get_many(["n", "key"]) == [b"2", b"1"]
    assert await there.get_many(["n", "key"]) == [None, None]
