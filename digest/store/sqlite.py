"""The store of one machine: a SQLite file that several processes share.

The standard library's `sqlite3` runs on one thread of its own, so that each operation is one job and one
transaction there, however its caller is cancelled; and the thread needs no event loop, no lifespan and no farewell.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from digest.clock import Clock, utc_now
from digest.errors import StoreError, StoreFullError, ValueTooLargeError
from digest.store.protocol import (
    FENCE_TTL,
    KEYS_LIMIT,
    Lease,
    SureWrites,
    milliseconds,
    next_token,
    timestamp_ms,
)

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

_LAYOUT = 1
"""Version of the tables, kept in SQLite's `user_version`; an older file is emptied, a newer one refused."""

_TABLES = """
CREATE TABLE entries (key TEXT PRIMARY KEY NOT NULL, value NOT NULL, expires INTEGER);
CREATE INDEX entries_by_expiry ON entries (expires) WHERE expires IS NOT NULL;
CREATE TABLE locks (name TEXT PRIMARY KEY NOT NULL, token INTEGER NOT NULL, owner TEXT NOT NULL, expires INTEGER NOT NULL,
    term INTEGER)
"""
_BUSY_TIMEOUT = timedelta(seconds=3)
_PURGE_INTERVAL = timedelta(minutes=10)
_TRY_WRITING_EVERY = timedelta(minutes=1)
_NOT_WRITABLE = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""Why a file may not open for writing and can perhaps be read all the same. On a full disk the log's index can't be
made, which SQLite calls an I/O error; where it is a real one, reading fails as well."""
_LIMIT_BYTES = 512 * 1024 * 1024
_LOG_LIMIT_BYTES = 16 * 1024 * 1024
_PAGE_BYTES = 4096
_VARIABLES_LIMIT = 500

_KINDS = {
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_READONLY: StoreFullError,
    sqlite3.SQLITE_TOOBIG: ValueTooLargeError,
}
"""What refuses a write without a fault; every other error is a plain `StoreError`."""

_LIVE = "(expires IS NULL OR expires > ?)"


class SqliteStore:
    """A `Store` in a SQLite file, opened on first use.

    A file that is damaged is moved aside (`….corrupt`, the previous one of that name is
    replaced) and a fresh one begun; a file that was deleted or replaced under us is noticed at the next operation.
    Not for network drives: SQLite's write-ahead log needs memory that all users share.

    When *limit_bytes* are in use, expired rows make room; if none are left, writes fail with
    `StoreFullError`. So they do where the file can only be read (a disk that is mounted read-only, another
    owner): what is in it is served, and once a minute writing is tried again.
    An operation waits *busy_timeout* at most for other processes.
    """

    kind = "sqlite"
    degraded = False
    refusal = ""

    def __init__(
        self,
        path: Path,
        *,
        limit_bytes: int = _LIMIT_BYTES,
        busy_timeout: timedelta = _BUSY_TIMEOUT,
        now: Clock = utc_now,
    ) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._busy_timeout_s = busy_timeout.total_seconds()
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._opened = ExitStack()
        weakref.finalize(self, self._opened.close)  # also at exit, after the thread's last job
        self._file: tuple[int, int] | None = None
        self._next_purge = 0
        self._writable_again_at: float | None = None
        """When to try writing again (monotonic seconds) where the file can only be read; else None."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-store")

    @property
    def sure(self) -> SureWrites:
        """See `Store`: nothing stands in for this one."""
        return self

    def describe(self) -> str:
        return f"sqlite ({self._path}{', read-only' if self._writable_again_at is not None else ''})"

    async def get(self, key: str) -> bytes | None:
        return (await self.get_many([key]))[0]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        def select(connection: sqlite3.Connection, now: int) -> list[bytes | None]:
            found: dict[str, bytes | int] = {}
            for start in range(0, len(keys), _VARIABLES_LIMIT):
                some = keys[start : start + _VARIABLES_LIMIT]
                marks = ",".join("?" * len(some))
                found.update(
                    connection.execute(
                        f"SELECT key, value FROM entries WHERE key IN ({marks}) AND {_LIVE}",  # noqa: S608  only marks
                        (*some, now),
                    )
                )
            return [_as_bytes(found.get(key)) for key in keys]

        return await self._read(select)

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        lifetime = None if ttl is None else milliseconds(ttl)

        def write(connection: sqlite3.Connection, now: int) -> bool:
            if lease and _newest_token(connection, lease.name) > lease.token:
                return False
            connection.execute(
                "INSERT OR REPLACE INTO entries (key, value, expires) VALUES (?, ?, ?)",
                (key, value, None if lifetime is None else now + lifetime),
            )
            return True

        return await self._write(write)

    async def delete(self, key: str) -> None:
        def remove(connection: sqlite3.Connection, _now: int) -> None:
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))

        await self._write(remove)

    async def keys(self, prefix: str) -> list[str]:
        def select(connection: sqlite3.Connection, now: int) -> list[str]:
            rows = connection.execute(
                f"SELECT key FROM entries WHERE key BETWEEN ? AND ? AND {_LIVE} ORDER BY key LIMIT ?",  # noqa: S608  a constant
                (prefix, prefix + "\U0010ffff", now, KEYS_LIMIT),
            )
            return [key for (key,) in rows]

        return await self._read(select)

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        lifetime = None if ttl is None else milliseconds(ttl)

        def add(connection: sqlite3.Connection, now: int) -> int:
            row = connection.execute(
                f"SELECT value, expires FROM entries WHERE key = ? AND {_LIVE}",  # noqa: S608  a constant
                (key, now),
            ).fetchone()
            count, expires = row or (0, None if lifetime is None else now + lifetime)
            if not isinstance(count, int):
                raise ValueError(f"{key} holds a value, not a counter")  # noqa: TRY004  the state is wrong, not a type
            connection.execute(
                "INSERT OR REPLACE INTO entries (key, value, expires) VALUES (?, ?, ?)", (key, count + by, expires)
            )
            return count + by

        return await self._write(add)

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        lifetime, owner = milliseconds(ttl), secrets.token_hex(8)

        def take(connection: sqlite3.Connection, now: int) -> Lease | None:
            held = connection.execute(
                "SELECT expires - ?, term FROM locks WHERE name = ? AND expires > ?", (now, name, now)
            ).fetchone()
            if held:
                left, term = held
                if term is not None and left > term:  # the clock was set back since
                    connection.execute("UPDATE locks SET expires = ? WHERE name = ?", (now + term, name))
                return None
            token = next_token(_newest_token(connection, name), now)
            connection.execute(
                "INSERT OR REPLACE INTO locks (name, token, owner, expires, term) VALUES (?, ?, ?, ?, ?)",
                (name, token, owner, now + lifetime, lifetime),
            )
            return Lease(name, token, owner)

        return await self._write(take)

    async def release(self, lease: Lease) -> bool:
        return await self._move_expiry(lease, 0)

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        return await self._move_expiry(lease, milliseconds(ttl))

    async def close(self) -> None:
        await self._on_thread(self._disconnect)

    async def _move_expiry(self, lease: Lease, lifetime: int) -> bool:
        def update(connection: sqlite3.Connection, now: int) -> bool:
            changed = connection.execute(
                "UPDATE locks SET expires = ?, term = ? WHERE name = ? AND token = ? AND owner = ? AND expires > ?",
                (now + lifetime, lifetime, lease.name, lease.token, lease.owner, now),
            )
            return changed.rowcount == 1

        return await self._write(update)

    async def _read(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        return await self._on_thread(lambda: self._run(action))

    async def _write(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        def in_transaction(connection: sqlite3.Connection, now: int) -> _T:
            if self._writable_again_at is not None:
                raise StoreFullError(f"{self._path}: can only be read")
            with _transaction(connection):
                if now >= self._next_purge:
                    self._purge(connection, now)
                return action(connection, now)

        return await self._on_thread(lambda: self._run(in_transaction))

    async def _on_thread(self, job: Callable[[], _T]) -> _T:
        return await asyncio.wrap_future(self._thread.submit(job))

    # From here on everything runs on the store's own thread.

    def _run(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        """Run one operation; once more, on a fresh file or after a purge, where that is the cure."""
        try:
            return self._attempt(action)
        except sqlite3.Error as error:
            if _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                self._move_aside(error)
            elif _code(error) == sqlite3.SQLITE_FULL:
                self._next_purge = 0
            else:
                raise _store_error(self._path, error) from error
        try:
            return self._attempt(action)
        except sqlite3.Error as error:
            raise _store_error(self._path, error) from error

    def _attempt(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        try:
            if self._connection and (_identity(self._path) != self._file or self._is_writable_again()):
                self._disconnect()
            connection = self._connection or self._connect_as_allowed()
            return action(connection, timestamp_ms(self._now()))
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror or error}") from error

    def _is_writable_again(self) -> bool:
        """Tell whether it is time to try; the file may also have changed, which a connection for reading can't see."""
        return self._writable_again_at is not None and time.monotonic() >= self._writable_again_at

    def _connect_as_allowed(self) -> sqlite3.Connection:
        """Connect for writing, and where that isn't allowed for reading."""
        is_there = self._path.is_file()
        if is_there and not os.access(self._path, os.W_OK):  # SQLite would notice with the first write only
            return self._connect_for_reading(sqlite3.OperationalError("no right to write"))
        try:
            connection = self._connect()
        except sqlite3.OperationalError as error:
            if _code(error) not in _NOT_WRITABLE or not is_there:
                raise
            return self._connect_for_reading(error)
        self._writable_again_at = None
        return connection

    def _connect_for_reading(self, reason: sqlite3.Error) -> sqlite3.Connection:
        """Open the file as it is. Its log can be read only if its index is there; else the file counts as never changing."""
        for options in ("mode=ro", "mode=ro&immutable=1"):
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?{options}",
                uri=True,
                timeout=self._busy_timeout_s,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                (layout,) = connection.execute("PRAGMA user_version").fetchone()
            except sqlite3.OperationalError:
                connection.close()
                continue
            if layout == _LAYOUT:
                break
            connection.close()
            raise StoreError(f"{self._path} can only be read, and is of another version (layout {layout})")
        else:
            raise reason
        if self._writable_again_at is None:
            logger.warning("the cache %s can only be read (%s): memory keeps what is new", self._path, reason)
        self._opened.callback(connection.close)
        self._connection, self._file = connection, _identity(self._path)
        self._writable_again_at = time.monotonic() + _TRY_WRITING_EVERY.total_seconds()
        return connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _identity(self._path)  # so that a damaged one is moved only if no other process did it already
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            self._set_journal_mode(connection)
            connection.execute("PRAGMA synchronous = NORMAL")  # in WAL mode safe against a crash of the process
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_LIMIT_BYTES}")
            connection.execute(f"PRAGMA max_page_count = {max(1, self._limit_bytes // _PAGE_BYTES)}")
            with _transaction(connection):
                _create_tables(connection, self._path)
        except BaseException:
            connection.close()
            raise
        self._opened.callback(connection.close)
        self._connection, self._file = connection, _identity(self._path)
        return connection

    def _set_journal_mode(self, connection: sqlite3.Connection) -> None:
        """Switch to the write-ahead log; SQLite doesn't wait by itself here while another process does the same."""
        give_up = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return

    def _disconnect(self) -> None:
        self._connection = self._file = None
        self._opened.close()

    def _move_aside(self, reason: sqlite3.Error) -> None:
        ours = self._file
        self._disconnect()
        if ours and ours != _identity(self._path):
            return  # another process has begun a fresh file already
        aside = self._path.with_name(self._path.name + ".corrupt")
        logger.warning("the cache %s is damaged (%s): moved to %s, starting afresh", self._path, reason, aside.name)
        try:
            for suffix in ("-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            self._path.replace(aside)
        except FileNotFoundError:
            pass  # another process was faster
        except OSError as error:
            raise StoreError(f"{self._path} is damaged and can't be moved: {error.strerror}") from error

    def _purge(self, connection: sqlite3.Connection, now: int) -> None:
        self._next_purge = now + milliseconds(_PURGE_INTERVAL)
        connection.execute("DELETE FROM entries WHERE expires <= ?", (now,))
        connection.execute("DELETE FROM locks WHERE expires <= ?", (now - milliseconds(FENCE_TTL),))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors (full, I/O).
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def _create_tables(connection: sqlite3.Connection, path: Path) -> None:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout == _LAYOUT:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(locks)")]
        if "term" not in columns:  # of a version before 0.2, whose tables are otherwise the same
            connection.execute("ALTER TABLE locks ADD COLUMN term INTEGER")
        return
    if layout > _LAYOUT:
        raise StoreError(
            f"{path} was written by a newer version (layout {layout}, known is {_LAYOUT}): delete it or choose another"
        )
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for (table,) in tables.fetchall():
        connection.execute(f'DROP TABLE "{table}"')
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_LAYOUT}")


def _newest_token(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT token FROM locks WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0


def _as_bytes(value: bytes | int | None) -> bytes | None:
    return str(value).encode() if isinstance(value, int) else value


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 if the error came from Python's side."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    return _KINDS.get(_code(error), StoreError)(f"{path}: {error}")
