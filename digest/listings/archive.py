"""Listings of days so old that what is known of their context doesn't reach them: each by itself in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from digest.listings.stored import BARE_SCHEMA
from digest.models import Listing
from digest.store.codec import pack, unpack
from digest.store.protocol import Values


class Archive:
    """Read and write them.

    Args:
        store: The store.
        keep: For how long they are kept.
    """

    def __init__(self, store: Values, *, keep: timedelta) -> None:
        self._store = store
        self._keep = keep

    async def put(self, listing: Listing) -> None:
        """Store a listing of a day that its context's state doesn't reach."""
        await self._store.set(_key(listing.context, listing.day), pack(listing, BARE_SCHEMA), ttl=self._keep)

    async def of(self, contexts: Sequence[str], day: date) -> tuple[Listing, ...]:
        """Return the listings of *day* that were archived."""
        stored = await self._store.get_many([_key(context, day) for context in contexts])
        unpacked = await asyncio.to_thread(lambda: [unpack(Listing, data, BARE_SCHEMA) for data in stored])
        return tuple(listing for listing in unpacked if listing)


def _key(context: str, day: date) -> str:
    return f"archive:{context}:{day}"
