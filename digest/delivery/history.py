"""What became of deliveries, and when they were looked at: kept in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from digest.delivery.claims import KEPT, Pair
from digest.delivery.planning import Runs
from digest.delivery.records import Record
from digest.feeds.periods import Period
from digest.models import Frozen
from digest.store.codec import pack, unpack
from digest.store.protocol import Lease, Store

_SCHEMA = 1
_RUNS = "delivery:runs"


class _StoredRuns(Frozen):
    past: tuple[AwareDatetime, ...] = ()


class History:
    """Records of deliveries.

    Args:
        store: The configured store. What it can't take now stays in memory: claims don't depend on it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, pair: Pair, periods: Sequence[Period]) -> dict[Period, Record]:
        """Return what is known of *periods*; those of which nothing is are left out."""
        found = await self._store.get_many([_record_key(pair, period) for period in periods])
        read = {period: unpack(Record, data, _SCHEMA) for period, data in zip(periods, found, strict=True)}
        return {period: record for period, record in read.items() if record}

    async def last(self, pairs: Sequence[Pair]) -> Mapping[Pair, Record]:
        """Return the newest settled record of each pair that has one. It outlives the claims."""
        found = await self._store.get_many([_last_key(pair) for pair in pairs])
        read = {pair: unpack(Record, data, _SCHEMA) for pair, data in zip(pairs, found, strict=True)}
        return {pair: record for pair, record in read.items() if record}

    async def note(self, pair: Pair, period: Period, record: Record, lease: Lease | None) -> None:
        """Keep what is known of a period; if it is settled, and none later is, for ever."""
        await self._store.set(_record_key(pair, period), pack(record, _SCHEMA), ttl=KEPT, lease=lease)
        if record.state.is_settled:
            await self.pass_over(pair, record, lease)

    async def pass_over(self, pair: Pair, record: Record, lease: Lease | None) -> None:
        """Keep that everything up to a settled record is done with."""
        last = (await self.last([pair])).get(pair)
        if last is None or last.last <= record.last:
            await self._store.set(_last_key(pair), pack(record, _SCHEMA), lease=lease)

    async def note_run(self, now: datetime) -> Runs:
        """Note that deliveries are looked at *now*; return the runs before it."""
        stored = unpack(_StoredRuns, await self._store.get(_RUNS), _SCHEMA) or _StoredRuns()
        known = Runs(past=stored.past)
        noted = known.with_run(now)
        if noted.past != known.past:
            await self._store.set(_RUNS, pack(_StoredRuns(past=noted.past), _SCHEMA), ttl=KEPT)
        return known


def _record_key(pair: Pair, period: Period) -> str:
    feed, target = pair
    return f"delivery:record:{target}:{feed}:{period.name}"


def _last_key(pair: Pair) -> str:
    feed, target = pair
    return f"delivery:last:{target}:{feed}"
