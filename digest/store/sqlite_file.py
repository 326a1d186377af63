"""A SQLite file that several processes share: opened on first use, moved aside when damaged, read where it can't be written.

The standard library's `sqlite3` runs on one thread of its own, so that each operation is one job and one
transaction there, however its caller is cancelled; and the thread needs no event loop, no lifespan and no farewell.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from digest.clock import Clock
from digest.errors import StoreError, StoreFullError, ValueTooLargeError
from digest.store.protocol import FENCE_TTL, milliseconds, timestamp_ms

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
_PURGE_INTERVAL = timedelta(minutes=10)
_TRY_WRITING_EVERY = timedelta(minutes=1)
_NOT_WRITABLE = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""Why a file may not open for writing and can perhaps be read all the same. On a full disk the log's index can't be
made, which SQLite calls an I/O error; where it is a real one, reading fails as well."""
_LOG_LIMIT_BYTES = 16 * 1024 * 1024
_PAGE_BYTES = 4096
_KINDS = {
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_READONLY: StoreFullError,
    sqlite3.SQLITE_TOOBIG: ValueTooLargeError,
}
"""What refuses a write without a fault; every other error is a plain `StoreError`."""


class SqliteFile:
    """The file with the tables `entries` and `locks`; `SqliteStore` says how it behaves.

    Args:
        path: Where it is.
        limit_bytes: How large it may become.
        busy_timeout: How long an operation waits for other processes.
        now: The clock.
    """

    def __init__(self, path: Path, *, limit_bytes: int, busy_timeout: timedelta, now: Clock) -> None:
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

    def describe(self) -> str:
        """Return where it is, and whether it can only be read."""
        return f"{self._path}{', read-only' if self._writable_again_at is not None else ''}"

    async def read(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        """Return what *action* reads, given a connection and the time in milliseconds.

        Raises:
            StoreError: It can't be read.
        """
        return await self._on_thread(lambda: self._run(action))

    async def write(self, action: Callable[[sqlite3.Connection, int], _T]) -> _T:
        """Return what *action* gives, in a transaction.

        Raises:
            StoreError: It can't be written.
        """

        def in_transaction(connection: sqlite3.Connection, now: int) -> _T:
            if self._writable_again_at is not None:
                raise StoreFullError(f"{self._path}: can only be read")
            with _transaction(connection):
                if now >= self._next_purge:
                    self._purge(connection, now)
                return action(connection, now)

        return await self._on_thread(lambda: self._run(in_transaction))

    async def close(self) -> None:
        """Close the file; it is opened again if it is used again."""
        await self._on_thread(self._disconnect)

    async def _on_thread(self, job: Callable[[], _T]) -> _T:
        return await asyncio.wrap_future(self._thread.submit(job))

    # From here on everything runs on the file's own thread.

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
