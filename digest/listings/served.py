"""What feeds with `top` showed of each day, so that a day that is over keeps the papers that readers got.

Feeds of the configuration have a place each. Any address may ask for `top`, so addresses share `_PLACES` places, found by hash, of
`_A_PLACE` feeds each: the one that changed longest ago makes room for a new one, and would begin anew.

Several processes may show the same feed at the same moment. Each adds what it showed under a lease, and learns what the
others did.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from pydantic import Field

from digest.models import Entry, Frozen
from digest.selection.selection import ServedDay
from digest.store.codec import pack, unpack
from digest.store.protocol import Store

log = logging.getLogger(__name__)

_SCHEMA = 2
_KEEP = timedelta(days=100)
_PLACES = 1_024
_A_PLACE = 4
_LEASE = timedelta(seconds=2)
_WAIT_S = 0.05
_TRIES = 60
"""Longer than a lease lasts: one whose holder died is waited for."""
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

    async def note(self, feed: str, entries: Sequence[Entry], *, is_configured: bool) -> Served:
        """Remember that *feed* showed *entries*; return all that it showed, here and in other processes."""
        ...


class _Place(Frozen):
    """What the feeds of one place showed, the one that changed last at the end."""

    feeds: tuple[Served, ...] = ()

    def of(self, feed: str) -> Served:
        return next((one for one in self.feeds if one.feed == feed), Served(feed=feed))

    def with_changed(self, served: Served) -> _Place:
        others = tuple(one for one in self.feeds if one.feed != served.feed)
        return _Place(feeds=(*others, served)[-_A_PLACE:])


class ServedDays:
    """Remember what feeds with `top` showed.

    Args:
        store: Where it is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, feed: str, *, is_configured: bool) -> Served:
        """Return what *feed*, a name that tells it from all others, showed so far."""
        return (await self._at(_key(feed, is_configured=is_configured))).of(feed)

    async def note(self, feed: str, entries: Sequence[Entry], *, is_configured: bool) -> Served:
        """Remember that *feed* showed *entries*; return all that it showed, here and in other processes."""
        key = _key(feed, is_configured=is_configured)
        known = (await self._at(key)).of(feed)
        for _ in range(_TRIES):
            if known.with_shown(entries) == known:
                return known
            if noted := await self._note_leased(key, feed, entries):
                return noted
            await asyncio.sleep(_WAIT_S)
            known = (await self._at(key)).of(feed)
        log.warning("the papers shown by the feed %s are not recorded: its entry stays locked", feed)
        return known.with_shown(entries)

    async def _note_leased(self, key: str, feed: str, entries: Sequence[Entry]) -> Served | None:
        """Add *entries* to what is stored; None if somebody else holds the lease, or took it meanwhile."""
        lease = await self._store.acquire(key, ttl=_LEASE)
        if lease is None:
            return None
        try:
            place = await self._at(key)
            now = place.of(feed).with_shown(entries)
            is_written = await self._store.set(key, pack(place.with_changed(now), _SCHEMA), ttl=_KEEP, lease=lease)
            return now if is_written else None
        finally:
            await self._store.release(lease)

    async def _at(self, key: str) -> _Place:
        return unpack(_Place, await self._store.get(key), _SCHEMA) or _Place()


def _key(feed: str, *, is_configured: bool) -> str:
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
