"""Counters that must not be wrong: kept by the configured store alone, with a notice when it has lost them.

Beside the counters stands a number, their *epoch*: the day it was made and something random. A process that finds
another epoch than it knew has met a store that lost its counters (emptied, or restarted without its data).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from digest.errors import StoreError
from digest.store.protocol import Lease, Store

log = logging.getLogger(__name__)

_KEPT = timedelta(days=430)
_LOST_KEPT = timedelta(days=3)
_EPOCH = "llm:epoch"
_EPOCH_BITS = 24
_LEASE_TTL = timedelta(seconds=10)
_LEASE_TRIES = 5
_UNCOUNTED = "the store doesn't answer, so nothing can be counted or spent"


class Counters:
    """Counters in *store*. Every method but `add` may raise `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._own: dict[str, int] = {}
        """What this process added to each counter for good: the store can't have less."""
        self._seen: dict[str, int] = {}
        """What each counter was when this process last added to it."""
        self._epoch = 0
        self._day: date | None = None

    @property
    def problem(self) -> str:
        """Why nothing can be counted now, "" if it can, as far as this process knows."""
        if self._store.degraded:
            return _UNCOUNTED
        refusal = self._store.refusal
        return f"the store refuses writes, so nothing can be counted or spent: {refusal}" if refusal else ""

    async def read(self, keys: Sequence[str]) -> list[int]:
        """Return the counters in the order of *keys*, 0 for one that isn't there."""
        return [int(value or 0) for value in await self._store.get_many(keys)]

    async def add(self, entries: Mapping[str, int]) -> dict[str, int]:
        """Add to counters; return the new values of those additions that the store took."""
        additions = (self._store.sure.increment(key, by, ttl=_KEPT) for key, by in entries.items())
        results = await asyncio.gather(*additions, return_exceptions=True)
        taken: dict[str, int] = {}
        for key, result in zip(entries, results, strict=True):
            if isinstance(result, int):
                taken[key] = result
            elif isinstance(result, StoreError):
                log.info("%s can't be counted: %s", key, result)
            else:
                raise result
        return taken

    async def book(self, day: date, entries: Mapping[str, int]) -> tuple[dict[str, int], str]:
        """Add to counters as `add` does; return the new values, and why they can't be trusted, "" if they can.

        Where they can't, the new values are those of additions to take back.
        """
        if day != self._day:  # of the days before only the month's counters matter
            self._day = day
            self._own, self._seen = (
                {key: n for key, n in old.items() if key in entries} for old in (self._own, self._seen)
            )
        least = {key: self._own.get(key, 0) + by for key, by in entries.items()}
        totals = await self.add(entries)
        if len(totals) < len(entries):
            return totals, self.problem or _UNCOUNTED
        try:
            # Read after the additions: if the store was emptied before them, it shows here.
            known, epoch = self._epoch, await self._read_epoch(day)
            is_lost = any(totals[key] < count for key, count in least.items())
            if is_lost or (known and epoch != known):
                await self._note_loss(day, epoch, is_lost=is_lost)
            self._epoch = epoch or self._epoch
            self._seen |= totals
            # What was added to lost counters stays: others may be restoring what they knew.
            return ({}, lost_words(day)) if await self.are_lost(day) else (totals, "")
        except StoreError:
            return totals, self.problem or _UNCOUNTED

    def confirm(self, entries: Mapping[str, int]) -> None:
        """Take note that of what was booked at least so much stays for good."""
        for key, by in entries.items():
            self._own[key] = self._own.get(key, 0) + by

    async def are_lost(self, day: date) -> bool:
        """Whether a process found that the store had lost the counters of *day*.

        If so, this one adds what it knew of those that go on after that day.
        """
        if await self._store.get(_lost_key(day)) is None:
            return False
        known, epoch = self._epoch, await self._read_epoch(day)
        if known and epoch and epoch != known:
            await self._note_loss(day, epoch, is_lost=True)
            self._epoch = epoch
        return True

    async def _note_loss(self, day: date, epoch: int, *, is_lost: bool) -> None:
        """Close the day, unless the loss lies before it, and raise the counters to what was seen of them."""
        if is_lost or not epoch or epoch >> _EPOCH_BITS >= day.toordinal():
            log.warning("the store has lost what was counted: nothing more is spent on models on %s", day)
            await self._store.set(_lost_key(day), b"1", ttl=_LOST_KEPT)
        seen, self._seen = self._seen, {}
        self._own.clear()
        if lease := await self._wait_for_lease():
            try:
                present = await self.add(dict.fromkeys(seen, 0))
                await self.add({key: seen[key] - count for key, count in present.items() if count < seen[key]})
            finally:
                await self._store.release(lease)

    async def _wait_for_lease(self) -> Lease | None:
        for _ in range(_LEASE_TRIES):
            if lease := await self._store.acquire(_EPOCH, ttl=_LEASE_TTL):
                return lease
            await asyncio.sleep(0.2)
        return None

    async def _read_epoch(self, day: date) -> int:
        """Return the number that goes with the counters, 0 while another process makes one."""
        sure = self._store.sure
        if found := await sure.increment(_EPOCH, 0, ttl=_KEPT):
            return found
        lease = await self._store.acquire(_EPOCH, ttl=_LEASE_TTL)
        if lease is None:
            return 0
        try:
            made = (day.toordinal() << _EPOCH_BITS) + secrets.randbelow(1 << _EPOCH_BITS)
            return await sure.increment(_EPOCH, 0, ttl=_KEPT) or await sure.increment(_EPOCH, made, ttl=_KEPT)
        finally:
            await self._store.release(lease)


def lost_words(day: date) -> str:
    """Say that the counters of *day* are lost."""
    return f"the store has lost what was spent on {day}; it goes on at {day + timedelta(days=1)} 00:00 UTC"


def _lost_key(day: date) -> str:
    return f"llm:lost:{day}"
