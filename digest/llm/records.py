"""What the store remembers about a model's work on a paper: a summary or a grade, that it was asked for, that it was refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from digest.errors import StoreError
from digest.models import Frozen, Summary
from digest.selection.wishes import Verdict
from digest.store.codec import pack, unpack
from digest.store.protocol import Lease, Store

_SUMMARY_SCHEMA = 1
_VERDICT_SCHEMA = 1
_NOTE_SCHEMA = 1
_FIRST_BACKOFF = timedelta(minutes=30)
_LONGEST_BACKOFF = timedelta(days=7)
_REFUSALS_KEPT = timedelta(days=60)


class Refusal(Frozen):
    """A paper that gave no usable answer, and until when it is left alone."""

    attempts: int
    until: datetime
    reason: str
    begun: bool = False
    """A call was begun, and nothing is known of its end."""
    room: str = ""
    """As much as the answer may take, so that a store without room for one refuses this, before the call."""


class StoredVerdict(Frozen):
    """A grade with its proof; one that a request holding the paper alone has still to confirm counts for nothing yet."""

    verdict: Verdict
    confirmed: bool = True


class PaperRecords:
    """Read and write what both have. *keys* name a paper and what is asked about it; *mark* names endpoint, model and key.

    What a model wrote is kept whichever endpoint it came from; refusals end with the endpoint.

    Every method may raise `StoreError`.
    """

    def __init__(self, store: Store, mark: str, *, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._mark = mark
        self._keep = keep
        self._now = now

    async def claim(self, key: str, *, room_bytes: int) -> None:
        """Note, in the configured store, that the paper is about to be asked for.

        Whatever becomes of the call or of this process, the paper is then left alone like one that was
        refused. What keeps an answer, `note_refusal` and `drop_claim` replace the note.

        Raises:
            StoreError: The store doesn't take it, and would take no answer.
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

    async def _put(self, key: str, place: str, data: bytes, lease: Lease) -> bool:
        """Store an answer and forget that the paper was refused; False if *lease* was overtaken.

        Raises:
            StoreError: The configured store doesn't take it: this process keeps it as long as it lives, and
                the paper is left alone for the longest time.
        """
        # It gives the room back that its claim held.
        await self.note_refusal(key, "its answer was written, but not stored", backoff=_LONGEST_BACKOFF)
        try:
            written = await self._store.sure.set(place, data, ttl=self._keep, lease=lease)
        except StoreError:
            await self._store.set(place, data, ttl=self._keep, lease=lease)
            raise
        await self._store.delete(self._refusal_key(key))
        return written

    async def _all_refusals(self, keys: Sequence[str]) -> list[Refusal | None]:
        stored = await self._store.get_many([self._refusal_key(key) for key in keys]) if keys else []
        return [unpack(Refusal, data, _NOTE_SCHEMA) for data in stored]

    def _refusal_key(self, key: str) -> str:
        return f"llm:refusal:{self._mark}:{key}"


class SummaryRecords(PaperRecords):
    """The same with summaries; keys are those of `summary_plans.paper_key`."""

    async def summaries(self, keys: Sequence[str]) -> list[Summary | None]:
        """Return the summaries in the order of *keys*, in one round trip."""
        stored = await self._store.get_many([f"llm:summary:{key}" for key in keys]) if keys else []
        return [unpack(Summary, data, _SUMMARY_SCHEMA) for data in stored]

    async def keep_summary(self, key: str, summary: Summary, lease: Lease) -> bool:
        """Store a summary and forget that the paper was refused; False if *lease* was overtaken.

        Raises:
            StoreError: The configured store doesn't take it: this process keeps it as long as it lives, and
                the paper is left alone for the longest time.
        """
        return await self._put(key, f"llm:summary:{key}", pack(summary, _SUMMARY_SCHEMA), lease)


class VerdictRecords(PaperRecords):
    """The same with grades; keys are those of `verdicts.verdict_key`."""

    async def verdicts(self, keys: Sequence[str]) -> list[StoredVerdict | None]:
        """Return the grades in the order of *keys*, those without confirmation included, in one round trip."""
        stored = await self._store.get_many([f"llm:verdict:{key}" for key in keys]) if keys else []
        return [unpack(StoredVerdict, data, _VERDICT_SCHEMA) for data in stored]

    async def keep_verdict(self, key: str, verdict: StoredVerdict, lease: Lease) -> bool:
        """Store a grade; otherwise as `SummaryRecords.keep_summary`."""
        return await self._put(key, f"llm:verdict:{key}", pack(verdict, _VERDICT_SCHEMA), lease)


def _backoff(attempts: int) -> timedelta:
    factor: int = 4 ** min(attempts - 1, 10)
    return min(_FIRST_BACKOFF * factor, _LONGEST_BACKOFF)
