"""The store of one machine: a SQLite file that several processes share."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from digest.clock import Clock, utc_now
from digest.store.protocol import (
    KEYS_LIMIT,
    Lease,
    SureWrites,
    milliseconds,
    next_token,
)
from digest.store.sqlite_file import SqliteFile

_BUSY_TIMEOUT = timedelta(seconds=3)
_LIMIT_BYTES = 512 * 1024 * 1024
_VARIABLES_LIMIT = 500


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
        self._file = SqliteFile(path, limit_bytes=limit_bytes, busy_timeout=busy_timeout, now=now)

    @property
    def sure(self) -> SureWrites:
        """See `Store`: nothing replaces this one."""
        return self

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def describe(self) -> str:
        return f"sqlite ({self._file.describe()})"

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

        return await self._file.read(select)

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

        return await self._file.write(write)

    async def delete(self, key: str) -> None:
        def remove(connection: sqlite3.Connection, _now: int) -> None:
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))

        await self._file.write(remove)

    async def keys(self, prefix: str) -> list[str]:
        def select(connection: sqlite3.Connection, now: int) -> list[str]:
            rows = connection.execute(
                f"SELECT key FROM entries WHERE key BETWEEN ? AND ? AND {_LIVE} ORDER BY key LIMIT ?",  # noqa: S608  a constant
                (prefix, prefix + "\U0010ffff", now, KEYS_LIMIT),
            )
            return [key for (key,) in rows]

        return await self._file.read(select)

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        lifetime = None if ttl is None else milliseconds(ttl)

        def add(connection: sqlite3.Connection, now: int) -> int:
            row = connection.execute(
                f"SELECT value, expires FROM entries WHERE key = ? AND {_LIVE}",  # noqa: S608  a constant
                (key, now),
            ).fetchone()
            count, expires = row or (0, None if lifetime is None else now + lifetime)
            if not isinstance(count, int):
                raise ValueError(f"{key} is a value, not a counter")  # noqa: TRY004  the state is wrong, not a type
            connection.execute(
                "INSERT OR REPLACE INTO entries (key, value, expires) VALUES (?, ?, ?)", (key, count + by, expires)
            )
            return count + by

        return await self._file.write(add)

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

        return await self._file.write(take)

    async def release(self, lease: Lease) -> bool:
        return await self._move_expiry(lease, 0)

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        return await self._move_expiry(lease, milliseconds(ttl))

    async def close(self) -> None:
        await self._file.close()

    async def _move_expiry(self, lease: Lease, lifetime: int) -> bool:
        def update(connection: sqlite3.Connection, now: int) -> bool:
            changed = connection.execute(
                "UPDATE locks SET expires = ?, term = ? WHERE name = ? AND token = ? AND owner = ? AND expires > ?",
                (now + lifetime, lifetime, lease.name, lease.token, lease.owner, now),
            )
            return changed.rowcount == 1

        return await self._file.write(update)


def _newest_token(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT token FROM locks WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0


def _as_bytes(value: bytes | int | None) -> bytes | None:
    return str(value).encode() if isinstance(value, int) else value
