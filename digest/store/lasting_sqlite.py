"""What lasts on one machine: a SQLite file of its own beside the cache, which may be deleted without it.

Each operation opens the file, so a file that was moved or replaced is never written to by mistake. Unlike the cache's, a
damaged file is an error and stays where it is.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from digest.errors import StoreError, StoreFullError
from digest.store.lasting import Kept, Refusal

_T = TypeVar("_T")

_LAYOUT = 1
"""Version of the table, kept in SQLite's `user_version`; another one is refused."""
_TABLE = """
CREATE TABLE IF NOT EXISTS lasting (
    key TEXT PRIMARY KEY NOT NULL, revision INTEGER NOT NULL, day TEXT NOT NULL, value BLOB NOT NULL
) WITHOUT ROWID
"""
_BUSY_TIMEOUT = timedelta(seconds=5)
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
_ONLY_OWNER = 0o600
"""The file holds the secrets behind all keys."""


class SqliteLasting:
    """A `LastingStore` in the file at *path*, made when something is written first.

    Several processes may share it. A write is on the disk when it returns (SQLite's `synchronous = FULL`).
    """

    def __init__(self, path: Path, *, busy_timeout: timedelta = _BUSY_TIMEOUT) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout.total_seconds()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    async def refusal(self) -> Refusal | None:
        return None

    async def load(self, key: str) -> Kept | None:
        def read(connection: sqlite3.Connection) -> Kept | None:
            row = connection.execute("SELECT value, revision, day FROM lasting WHERE key = ?", (key,)).fetchone()
            return Kept(row[0], row[1], date.fromisoformat(row[2])) if row else None

        return await self._read(read, None)

    async def swap(self, key: str, value: bytes, *, revision: int, day: date) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            if revision:
                done = connection.execute(
                    "UPDATE lasting SET value = ?, revision = revision + 1, day = ? WHERE key = ? AND revision = ?",
                    (value, day.isoformat(), key, revision),
                )
            else:
                done = connection.execute(
                    "INSERT INTO lasting (key, revision, day, value) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING",
                    (key, day.isoformat(), value),
                )
            return done.rowcount == 1

        return await self._write(write)

    async def remove(self, keys: Sequence[str]) -> None:
        await self._write(
            lambda connection: connection.executemany("DELETE FROM lasting WHERE key = ?", [(key,) for key in keys])
        )

    async def unused_since(self, day: date, most: int) -> list[str]:
        def read(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute("SELECT key FROM lasting WHERE day < ? LIMIT ?", (day.isoformat(), most))
            return [key for (key,) in rows]

        return await self._read(read, [])

    async def _read(self, action: Callable[[sqlite3.Connection], _T], absent: _T) -> _T:
        """Return what *action* reads, *absent* while there is no file."""
        return await asyncio.to_thread(lambda: self._run(action) if self._path.exists() else absent)

    async def _write(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        def in_transaction(connection: sqlite3.Connection) -> _T:
            with connection:  # commits, or rolls back
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_LAYOUT}")
                return action(connection)

        def work() -> _T:
            self._make_file()
            return self._run(in_transaction)

        return await asyncio.to_thread(work)

    def _make_file(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER))
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror or error}") from error

    def _run(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            with closing(sqlite3.connect(self._path, timeout=self._busy_timeout_s, isolation_level=None)) as opened:
                opened.execute("PRAGMA synchronous = FULL")
                opened.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file, too
                self._check_layout(opened)
                return action(opened)
        except sqlite3.Error as error:
            kind = StoreFullError if getattr(error, "sqlite_errorcode", 0) & 0xFF in _FULL else StoreError
            raise kind(f"{self._path}: {error}") from error

    def _check_layout(self, connection: sqlite3.Connection) -> None:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in {0, _LAYOUT}:
            raise StoreError(f"{self._path} was written by another version (layout {layout}, known is {_LAYOUT})")
