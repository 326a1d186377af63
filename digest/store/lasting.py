"""What lasts: values that nothing evicts, nothing replaces, and whose loss would cost a person something.

The other values of a store are a cache. These lie beside them in the same SQLite folder or Redis, outside the cache's limits
and times to live. Each has a revision, so that of two changes at once the second is made to what the first left; and
a day on which it was last used, so that what nobody uses can be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol


class Refusal(StrEnum):
    """Why nothing can last here."""

    MEMORY = "memory"
    """The store is this process's memory."""
    SERVERLESS = "serverless"
    """Nothing on this platform's disks lasts, and no Redis is configured."""
    EVICTS = "evicts"
    """The Redis may evict any key (`maxmemory-policy allkeys-…`)."""
    OFF = "off"
    """The operator wants none."""


class Kept(NamedTuple):
    """A value, how often it was written, and the day on which it was last used."""

    value: bytes
    revision: int
    day: date


class LastingStore(Protocol):
    """Keeps values until they are removed. Every method may raise `StoreError`; then nothing is known of what was done."""

    async def refusal(self) -> Refusal | None:
        """Return why new values had better not be kept here; None if they may."""
        ...

    async def load(self, key: str) -> Kept | None:
        """Return a value; None if there is none."""
        ...

    async def swap(self, key: str, value: bytes, *, revision: int, day: date) -> bool:
        """Write a value if its revision is still *revision* (0: there is none yet), which grows by 1.

        Returns:
            False if it isn't: nothing was written.
        """
        ...

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove values for good."""
        ...

    async def unused_since(self, day: date, most: int) -> list[str]:
        """Return the keys of *most* values that were last used before *day*."""
        ...
