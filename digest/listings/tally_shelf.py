"""Where the tallies of days are kept: the store, for three years."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from digest.listings.tallies import Tally, tally_of
from digest.models import Listing
from digest.store.codec import pack, unpack
from digest.store.protocol import Values

KEEP = timedelta(days=3 * 366)
_SCHEMA = 1
"""Version of what is stored; a change drops what older versions wrote."""
_KEYS_A_READ = 800
"""A year of three categories; some 300 kB."""


class TallyShelf:
    """Read and write tallies.

    Args:
        store: The store.
    """

    def __init__(self, store: Values) -> None:
        self._store = store

    async def put(self, listing: Listing) -> None:
        """Write the tally of a listing."""
        tally = await asyncio.to_thread(tally_of, listing)
        await self._store.set(_key(listing.context, listing.day), pack(tally, _SCHEMA), ttl=KEEP)

    async def of(self, contexts: Sequence[str], days: Sequence[date]) -> Mapping[str, Mapping[date, Tally]]:
        """Return the tallies of *days* that are stored, by context and day."""
        places = [(context, day) for context in contexts for day in days]
        found: dict[str, dict[date, Tally]] = {context: {} for context in contexts}
        for start in range(0, len(places), _KEYS_A_READ):
            part = places[start : start + _KEYS_A_READ]
            stored = await self._store.get_many([_key(*place) for place in part])
            for (context, day), data in zip(part, stored, strict=True):
                if tally := unpack(Tally, data, _SCHEMA):
                    found[context][day] = tally
        return found


def _key(context: str, day: date) -> str:
    return f"tally:{context}:{day}"
