"""What the store remembers about model summaries: the summaries, refused papers, pauses of the endpoint."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from digest.errors import StoreError
from digest.models import Frozen, Summary
from digest.store.codec import pack, unpack
from digest.store.protocol import Lease, Store

_SUMMARY_SCHEMA = 1
_NOTE_SCHEMA = 1
_FIRST_BACKOFF = timedelta(minutes=30)
_LONGEST_BACKOFF = timedelta(days=7)
_REFUSALS_KEPT = timedelta(days=60)
_FIRST_PAUSE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=6)
_PAUSES_KEPT = timedelta(days=1)
_USUAL_KEPT = timedelta(days=1)
_WAITING_KEPT = timedelta(days=1)


class Refusal(Frozen):
    """A paper that gave no usable summary, and until when it is left alone."""

    attempts: int
    until: datetime
    reason: str
    begun: bool = False
    """A call was begun, and nothing is known of its end."""
    room: str = ""
    """As much as a summary may take, so that a store without room for one refuses this, before the call."""


class Pause(Frozen):
    """An endpoint that can't be used, and until when it is left alone."""

    until: datetime
    reason: str


class Waiting(Frozen):
    """Papers of a feed that its last run left, and what one call for them needs, about."""

    papers: int
    input_tokens: int
    output_tokens: int


class Records:
    """Read and write them. *keys* are those of `plans.paper_key`; *mark* names endpoint, model and key.

    Summaries are kept whichever endpoint wrote them; refusals and pauses end with the endpoint.

    Every method may raise `StoreError`.
    """

    def __init__(self, store: Store, mark: str, *, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._mark = mark
        self._keep = keep
        self._now = now

    async def summaries(self, keys: Sequence[str]) -> list[Summary | None]:
        """Return the summaries in the order of *keys*, in one round trip."""
        stored = await self._store.get_many([f"llm:summary:{key}" for key in keys]) if keys else []
        return [unpack(Summary, data, _SUMMARY_SCHEMA) for data in stored]

    async def claim(self, key: str, *, room_bytes: int) -> None:
        """Note, in the configured store, that the paper is about to be asked for.

        Whatever becomes of the call or of this process, the paper is then left alone like one that was
        refused. `keep_summary`, `note_refusal` and `drop_claim` replace the note.

        Raises:
            StoreError: The store doesn't take it, and would take no summary.
        """
        before = (await self._all_refusals([key]))[0]
        attempts = before.attempts + 1 if before else 1
        reason = "a call was begun, and nothing is known of its end"
        room = secrets.token_urlsafe(room_bytes)
        claim = Refusal(attempts=attempts, until=self._now() + _backoff(attempts), reason=reason, begun=True, room=room)
        await self._store.sure.set(self._refusal_key(key), pack(claim, _NOTE_SCHEMA), ttl=_REFUSALS_KEPT)

    async def drop_claim(self, key: str) -> None:
        """Take a claim back: the paper was not asked for, or its call ended without its doing."""
        claim = (await self._all_refusals([key]))[0]
        if claim is None or not claim.begun:
            return
        if claim.attempts == 1:
            await self._store.delete(self._refusal_key(key))
            return
        before = Refusal(attempts=claim.attempts - 1, until=self._now(), reason="refused before")
        await self._store.set(self._refusal_key(key), pack(before, _NOTE_SCHEMA), ttl=_REFUSALS_KEPT)

    async def keep_summary(self, key: str, summary: Summary, lease: Lease) -> bool:
        """Store a summary and forget that the paper was refused; False if *lease* was overtaken.

        Raises:
            StoreError: The configured store doesn't take it: this process keeps it as long as it lives, and
                the paper is left alone for the longest time.
        """
        place, data = f"llm:summary:{key}", pack(summary, _SUMMARY_SCHEMA)
        # It gives the room back that its claim held.
        await self.note_refusal(key, "its summary was written, but not stored", backoff=_LONGEST_BACKOFF)
        try:
            written = await self._store.sure.set(place, data, ttl=self._keep, lease=lease)
        except StoreError:
            await self._store.set(place, data, ttl=self._keep, lease=lease)
            raise
        await self._store.delete(self._refusal_key(key))
        return written

    async def refusals(self, keys: Sequence[str]) -> list[Refusal | None]:
        """Return the refusals that still hold, in the order of *keys*, in one round trip."""
        now = self._now()
        found = await self._all_refusals(keys)
        return [refusal if refusal and refusal.until > now else None for refusal in found]

    async def note_refusal(self, key: str, reason: str, *, backoff: timedelta | None = None) -> Refusal:
        """Remember a refused paper; each refusal in a row makes the time it is left alone four times as long."""
        before = (await self._all_refusals([key]))[0]
        attempts = before.attempts + (not before.begun) if before else 1
        until = self._now() + (backoff or _backoff(attempts))
        refusal = Refusal(attempts=attempts, until=until, reason=reason[:300])
        await self._store.set(self._refusal_key(key), pack(refusal, _NOTE_SCHEMA), ttl=_REFUSALS_KEPT)
        return refusal

    async def pause(self) -> Pause | None:
        """Return the pause of the endpoint, None if it may be asked."""
        found = unpack(Pause, await self._store.get(f"llm:pause:{self._mark}"), _NOTE_SCHEMA)
        return found if found and found.until > self._now() else None

    async def note_pause(self, reason: str, *, least: timedelta | None = None) -> Pause:
        """Leave the endpoint alone, for all instances: twice as long each time until it works again."""
        count = await self._store.increment(f"llm:pauses:{self._mark}", ttl=_PAUSES_KEPT)
        length = min(max(_FIRST_PAUSE * 2 ** min(count - 1, 10), least or _FIRST_PAUSE), _LONGEST_PAUSE)
        pause = Pause(until=self._now() + length, reason=reason[:300])
        await self._store.set(f"llm:pause:{self._mark}", pack(pause, _NOTE_SCHEMA), ttl=length)
        return pause

    async def forget_pauses(self) -> None:
        """The endpoint works: the next pause is a short one again."""
        await self._store.delete(f"llm:pauses:{self._mark}")

    async def note_waiting(self, feed: str, waiting: Waiting | None) -> None:
        """Remember for a day what a run left, None for nothing."""
        key = _waiting_key(feed)
        if waiting:
            await self._store.set(key, pack(waiting, _NOTE_SCHEMA), ttl=_WAITING_KEPT)
        elif await self._store.get(key):
            await self._store.delete(key)

    async def waiting(self, feeds: Sequence[str]) -> list[Waiting]:
        """Return what the last runs of *feeds* left."""
        stored = await self._store.get_many([_waiting_key(feed) for feed in feeds]) if feeds else []
        found = [unpack(Waiting, data, _NOTE_SCHEMA) for data in stored]
        return [one for one in found if one]

    async def usual_s(self) -> float:
        """Return how many seconds a paper usually takes, 0 if that isn't known."""
        stored = await self._store.get(f"llm:usual:{self._mark}")
        return int(stored) / 1000 if stored and stored.isdigit() else 0.0

    async def note_usual(self, seconds: float) -> None:
        """Remember for a day how long a paper usually takes."""
        await self._store.set(f"llm:usual:{self._mark}", str(round(seconds * 1000)).encode(), ttl=_USUAL_KEPT)

    async def _all_refusals(self, keys: Sequence[str]) -> list[Refusal | None]:
        stored = await self._store.get_many([self._refusal_key(key) for key in keys]) if keys else []
        return [unpack(Refusal, data, _NOTE_SCHEMA) for data in stored]

    def _refusal_key(self, key: str) -> str:
        return f"llm:refusal:{self._mark}:{key}"


def _waiting_key(feed: str) -> str:
    return f"llm:waiting:{quote(feed, safe='')}"


def _backoff(attempts: int) -> timedelta:
    factor: int = 4 ** min(attempts - 1, 10)
    return min(_FIRST_BACKOFF * factor, _LONGEST_BACKOFF)
