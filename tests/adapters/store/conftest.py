"""Stores of every kind behind one fixture, each with a way to let its time pass."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.store import MemoryStore, ResilientStore, Store
from digest.store.sqlite import SqliteStore


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


@pytest.fixture(params=["memory", "sqlite", "resilient"])
async def kit(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> AsyncIterator[Kit]:
    made = {"memory": _memory, "sqlite": _sqlite, "resilient": _resilient}[request.param](clock, tmp_path)
    yield made
    await made.store.close()
    await made.other.close()


def _memory(clock: Clock, _folder: Path) -> Kit:
    store = MemoryStore(now=clock)
    return Kit(store, store, clock.advance)


def _sqlite(clock: Clock, folder: Path) -> Kit:
    first, second = (SqliteStore(folder / "cache.sqlite3", now=clock) for _ in range(2))
    return Kit(first, second, clock.advance)


def _resilient(clock: Clock, folder: Path) -> Kit:
    under = _sqlite(clock, folder)
    first, second = (ResilientStore(store, MemoryStore(now=clock)) for store in (under.store, under.other))
    return Kit(first, second, clock.advance)
