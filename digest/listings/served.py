"""What feeds with `top` showed of each day, so that a day that is over keeps the papers that readers got.

Feeds of the configuration have a place each. Any address may ask for `top`, so addresses share `_PLACES` places, found by hash: one
takes the place of another that stood there, which then begins anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Protocol

from pydantic import Field

from digest.models import Entry, Frozen
from digest.selection.selection import ServedDay
from digest.store.codec import pack, unpack
from digest.store.protocol import Values

_SCHEMA = 1
_KEEP = timedelta(days=100)
_PLACES = 4_096
_MOST_IDS = 2_000
"""Papers that are remembered of one feed, those of the newest days."""


class Served(Frozen):
    """What one feed showed: ids by day.

    Attributes:
        feed: Names the feed.
    """

    feed: str
    days: dict[date, tuple[str, ...]] = Field(default_factory=dict)

    def before(self, newest: date) -> tuple[ServedDay, ...]:
        """Return the days that are over: those before *newest* and before the newest that was ever shown."""
        last = max([newest, *self.days])
        return tuple(ServedDay(day=day, ids=ids) for day, ids in sorted(self.days.items()) if day < last)

    def with_shown(self, entries: Iterable[Entry]) -> Served:
        """Return what was shown after *entries* are: days that are over gain papers, the newest has those of now."""
        shown: dict[date, dict[str, None]] = {}
        for entry in entries:
            shown.setdefault(entry.paper.announced, {})[entry.paper.id] = None
        last = max([*shown, *self.days], default=None)
        for day, ids in self.days.items():
            if day != last or day not in shown:
                shown[day] = dict.fromkeys((*ids, *shown.get(day, ())))
        return Served(feed=self.feed, days=_newest({day: tuple(sorted(ids)) for day, ids in shown.items()}))


class ServedMemory(Protocol):
    """Where it is remembered what a feed with `top` showed."""

    async def of(self, feed: str, *, is_configured: bool) -> Served:
        """Return what *feed*, a name that tells it from all others, showed so far."""
        ...

    async def note(self, feed: str, entries: Iterable[Entry], *, is_configured: bool) -> None:
        """Remember that *feed* showed *entries*."""
        ...


class ServedDays:
    """Remember what feeds with `top` showed.

    Args:
        store: Where it is kept.
    """

    def __init__(self, store: Values) -> None:
        self._store = store

    async def of(self, feed: str, *, is_configured: bool) -> Served:
        """Return what *feed*, a name that tells it from all others, showed so far."""
        found = unpack(Served, await self._store.get(_place(feed, is_configured=is_configured)), _SCHEMA)
        return found if found and found.feed == feed else Served(feed=feed)

    async def note(self, feed: str, entries: Iterable[Entry], *, is_configured: bool) -> None:
        """Remember that *feed* showed *entries*."""
        before = await self.of(feed, is_configured=is_configured)
        now = before.with_shown(entries)
        if now != before:
            await self._store.set(_place(feed, is_configured=is_configured), pack(now, _SCHEMA), ttl=_KEEP)


def _place(feed: str, *, is_configured: bool) -> str:
    if is_configured:
        return f"served:{feed}"
    return f"served:#{int(hashlib.sha256(feed.encode()).hexdigest()[:8], 16) % _PLACES}"


def _newest(days: Mapping[date, tuple[str, ...]]) -> dict[date, tuple[str, ...]]:
    kept: dict[date, tuple[str, ...]] = {}
    left = _MOST_IDS
    for day in sorted(days, reverse=True):
        left -= len(days[day])
        if left < 0 and kept:
            break
        kept[day] = days[day]
    return kept
