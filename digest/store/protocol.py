"""What every store can do: values with a time to live, counters, and locks that survive their holder's death.

A store is a cache that several processes or machines may share. Losing all of it costs time,
never correctness; what must not be wrong are locks and counters, so these are atomic.

Locks have *fencing tokens*: each lease of a name carries a larger number than any lease of that
name before it. A holder that was frozen or cut off beyond its time can't know that; the store does, and
refuses `set(..., lease=...)` from it once a later lease was given.
(Kleppmann, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

KEYS_LIMIT = 1000
"""The most keys that `Values.keys` returns."""

FENCE_TTL = timedelta(days=7)
"""How long a store remembers a name's newest token after the lease ended."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lock that was granted."""

    name: str
    token: int
    """Larger than that of every earlier lease of this name."""
    owner: str
    """Unique for each grant."""


class Values(Protocol):
    """Values with a time to live."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, None if there is none or it has expired; a counter reads as decimal digits."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the values in the order of *keys*, as `get` would, in one round trip."""
        ...

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        """Replace the value; without *ttl* it stays until deleted or evicted.

        Args:
            key: Any text.
            value: Any bytes.
            ttl: Time to live, positive.
            lease: Write only if no later lease of that name was granted since.

        Returns:
            False if *lease* was overtaken: nothing was written.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove a value or counter; nothing happens if there is none."""
        ...

    async def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with *prefix*, sorted, at most `KEYS_LIMIT`; which ones if there are more, is open.

        For status and index pages, not for finding work: it may be slow on a large shared store.
        """
        ...


class Counters(Protocol):
    """Numbers that many add to."""

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        """Add to a counter and return its new value, atomically over all users of the store.

        *ttl* counts from the creation of the counter, later ones are ignored. `by=0` reads (and creates).

        Raises:
            ValueError: The key holds a value that was `set`, not a counter.
        """
        ...


class Leases(Protocol):
    """Locks that survive their holder's death."""

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        """Take the lock *name* for *ttl*; None, at once, if someone holds it. Names are apart from keys.

        A clock that is set back doesn't keep a lock for ever: from the next attempt to take it, it is held for its
        *ttl* at most.
        """
        ...

    async def release(self, lease: Lease) -> bool:
        """Give the lock back; False if it was no longer ours."""
        ...

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        """Hold the lock for *ttl* from now; False if it was no longer ours."""
        ...


class Health(Protocol):
    """What a store is, and how it is."""

    @property
    def kind(self) -> str:
        """`memory`, `sqlite`, `redis` or `upstash`."""
        ...

    @property
    def degraded(self) -> bool:
        """True while a stand-in answers because the real store doesn't."""
        ...

    @property
    def refusal(self) -> str:
        """Why the store has refused writes lately; "" if it takes them, as far as this process knows."""
        ...

    def describe(self) -> str:
        """Return kind and place for logs and the command line, without user name, password or token."""
        ...


class SureWrites(Protocol):
    """Writes that either reach the store itself or raise `StoreError`: nothing replaces it.

    For what must not be wrong: money is spent only after such a write.
    """

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        """See `Values.set`."""
        ...

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        """See `Counters.increment`."""
        ...


class Store(Values, Counters, Leases, Health, Protocol):
    """Asynchronous key-value store; see the module for what it promises. Who needs a part of it names that part.

    Every method may raise `StoreError` (`ResilientStore` never does). No method needs a lifespan:
    connections and files are opened on first use, in whichever event loop is running.
    """

    @property
    def sure(self) -> SureWrites:
        """This store without a stand-in."""
        ...

    async def close(self) -> None:
        """Free connections and files; the store opens them again if it is used again."""
        ...


def milliseconds(ttl: timedelta) -> int:
    """Return a time to live in whole milliseconds, rounded up.

    Raises:
        ValueError: It is not positive.
    """
    if ttl <= timedelta(0):
        raise ValueError(f"a time to live must be positive, not {ttl}")
    return math.ceil(ttl / timedelta(milliseconds=1))


def timestamp_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970 of a moment with a zone."""
    return int(moment.timestamp() * 1000)


def next_token(newest: int, now_ms: int) -> int:
    """Return the fencing token that follows *newest* (0: none is known).

    Tokens start at the clock, so that they keep growing when a store has lost what it knew.
    """
    return max(newest + 1, now_ms)
