"""Stores of every kind behind one fixture, each with a way to let its time pass."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.store.memory import MemoryStore
from digest.store.protocol import Store
from digest.store.redis_tcp import RedisStore
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from digest.store.upstash import UpstashStore
from tests.store import redis_server, upstash_server


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 12, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


@dataclass
class Kit:
    """A store under test, another client of the same data, and its time."""

    store: Store
    other: Store
    advance: Callable[[timedelta], None]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis_server.RedisServer]:
    if redis_server.BINARY is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = redis_server.RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis(running_redis: redis_server.RedisServer) -> redis_server.RedisServer:
    running_redis.reset()
    return running_redis


@pytest.fixture(scope="session")
def running_upstash(running_redis: redis_server.RedisServer) -> Iterator[upstash_server.UpstashServer]:
    with upstash_server.upstash_server(running_redis.client) as server:
        yield server


@pytest.fixture
def upstash(
    redis: redis_server.RedisServer, running_upstash: upstash_server.UpstashServer
) -> upstash_server.UpstashServer:
    running_upstash.answer_instead = None
    running_upstash.requests.clear()
    return running_upstash


@pytest.fixture(params=["memory", "sqlite", "redis", "upstash", "upstash and redis", "resilient"])
async def kit(request: pytest.FixtureRequest) -> AsyncIterator[Kit]:
    made = _KITS[request.param](request.getfixturevalue)
    yield made
    await made.store.close()
    await made.other.close()


@pytest.fixture(params=["memory", "sqlite", "resilient"])
async def own_clock_kit(request: pytest.FixtureRequest) -> AsyncIterator[Kit]:
    """A store whose time is its process's, not a server's."""
    made = _KITS[request.param](request.getfixturevalue)
    yield made
    await made.store.close()
    await made.other.close()


def _memory(fixture: Callable[[str], Any]) -> Kit:
    clock = fixture("clock")
    store = MemoryStore(now=clock)
    return Kit(store, store, clock.advance)


def _sqlite(fixture: Callable[[str], Any]) -> Kit:
    clock = fixture("clock")
    first, second = (SqliteStore(fixture("tmp_path") / "cache.sqlite3", now=clock) for _ in range(2))
    return Kit(first, second, clock.advance)


def _redis(fixture: Callable[[str], Any]) -> Kit:
    server = fixture("redis")
    first, second = (RedisStore(server.url, now=fixture("clock")) for _ in range(2))
    return Kit(first, second, server.advance)


def _upstash(fixture: Callable[[str], Any]) -> Kit:
    url = fixture("upstash").url
    first, second = (UpstashStore(url, upstash_server.TOKEN, now=fixture("clock")) for _ in range(2))
    return Kit(first, second, fixture("redis").advance)


def _both_ways(fixture: Callable[[str], Any]) -> Kit:
    """One database, one client over REST and one over TCP."""
    return Kit(_upstash(fixture).store, _redis(fixture).other, fixture("redis").advance)


def _resilient(fixture: Callable[[str], Any]) -> Kit:
    under, clock = _sqlite(fixture), fixture("clock")
    first, second = (ResilientStore(store, MemoryStore(now=clock)) for store in (under.store, under.other))
    return Kit(first, second, clock.advance)


_KITS = {
    "memory": _memory,
    "sqlite": _sqlite,
    "redis": _redis,
    "upstash": _upstash,
    "upstash and redis": _both_ways,
    "resilient": _resilient,
}
