"""What the store remembers about an endpoint: that it is left alone, and how long work usually takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.models import Frozen
from digest.store.codec import pack, unpack
from digest.store.protocol import Store

_SCHEMA = 1
_FIRST_PAUSE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=6)
_PAUSES_KEPT = timedelta(days=1)
_USUAL_KEPT = timedelta(days=1)


class Pause(Frozen):
    """An endpoint that can't be used, and until when it is left alone."""

    until: datetime
    reason: str


class EndpointRecords:
    """Read and write them, for all instances. *mark* names endpoint, model and key.

    Every method may raise `StoreError`.
    """

    def __init__(self, store: Store, mark: str, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._mark = mark
        self._now = now

    async def pause(self) -> Pause | None:
        """Return the pause of the endpoint, None if it may be asked."""
        found = unpack(Pause, await self._store.get(f"llm:pause:{self._mark}"), _SCHEMA)
        return found if found and found.until > self._now() else None

    async def note_pause(self, reason: str, *, least: timedelta | None = None) -> Pause:
        """Leave the endpoint alone, for all instances: twice as long each time until it works again."""
        count = await self._store.increment(f"llm:pauses:{self._mark}", ttl=_PAUSES_KEPT)
        length = min(max(_FIRST_PAUSE * 2 ** min(count - 1, 10), least or _FIRST_PAUSE), _LONGEST_PAUSE)
        pause = Pause(until=self._now() + length, reason=reason[:300])
        await self._store.set(f"llm:pause:{self._mark}", pack(pause, _SCHEMA), ttl=length)
        return pause

    async def forget_pauses(self) -> None:
        """The endpoint works: the next pause is a short one again."""
        await self._store.delete(f"llm:pauses:{self._mark}")

    async def usual_s(self, kind: str = "") -> float:
        """Return how many seconds one piece of work of a *kind* usually takes, 0 if that isn't known."""
        stored = await self._store.get(f"llm:usual:{self._mark}{kind}")
        return int(stored) / 1000 if stored and stored.isdigit() else 0.0

    async def note_usual(self, seconds: float, kind: str = "") -> None:
        """Remember for a day how long one piece of work usually takes."""
        await self._store.set(f"llm:usual:{self._mark}{kind}", str(round(seconds * 1000)).encode(), ttl=_USUAL_KEPT)
