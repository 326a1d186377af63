"""What the store remembers about feeds: the papers that the last run left without a summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

from digest.models import Frozen
from digest.store.codec import pack, unpack
from digest.store.protocol import Values

_SCHEMA = 1
_KEPT = timedelta(days=1)


class Waiting(Frozen):
    """Papers of a feed that its last run left, and what one call for them needs, about."""

    papers: int
    input_tokens: int
    output_tokens: int


class WaitingPapers:
    """Read and write how many papers of each feed wait. Every method may raise `StoreError`."""

    def __init__(self, store: Values) -> None:
        self._store = store

    async def note(self, feed: str, waiting: Waiting | None) -> None:
        """Remember for a day what a run left, None for nothing."""
        key = _key(feed)
        if waiting:
            await self._store.set(key, pack(waiting, _SCHEMA), ttl=_KEPT)
        elif await self._store.get(key):
            await self._store.delete(key)

    async def of(self, feeds: Sequence[str]) -> list[Waiting]:
        """Return what the last runs of *feeds* left."""
        stored = await self._store.get_many([_key(feed) for feed in feeds]) if feeds else []
        found = [unpack(Waiting, data, _SCHEMA) for data in stored]
        return [one for one in found if one]


def _key(feed: str) -> str:
    return f"llm:waiting:{quote(feed, safe='')}"
