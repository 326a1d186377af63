"""Profiles, and what their feeds showed, as records of a store that lasts."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, timedelta

from pydantic import ValidationError

from digest.clock import Clock
from digest.errors import GoneError, NotFoundError, StoreError
from digest.listings.served import Served
from digest.models import Entry, Frozen
from digest.profiles.profile import UNUSED_DAYS, Profile
from digest.store.codec import UnreadableError, pack, unpack, unpack_text
from digest.store.lasting import Kept, LastingStore, Refusal
from digest.words import ENGLISH_WORDS

log = logging.getLogger(__name__)

_SCHEMA = 1
_TRIES = 60
"""How often a change is made anew to what another process wrote meanwhile."""
_SHORT_PAUSE_S, _LONG_PAUSE_S = 0.002, 0.05
_PURGED = 50
"""Profiles that nobody used for long, deleted whenever one is made."""
_BUSY = "others changed it all the time"

Change = Callable[[Profile], Profile]


class _Record(Frozen):
    """What is kept under a profile's name; None: it was deleted."""

    profile: Profile | None


class ProfileShelf:
    """Profiles as records of a lasting store. Every method may raise `StoreError`: it wasn't read, or not written.

    Args:
        lasting: Where they are kept.
        now: The clock.
    """

    def __init__(self, lasting: LastingStore, *, now: Clock) -> None:
        self._lasting = lasting
        self._now = now

    async def refusal(self) -> Refusal | None:
        """Return why no profile should be made here."""
        return await self._lasting.refusal()

    async def load(self, ident: str) -> Profile:
        """Return a profile, and note that it was used today.

        Raises:
            NotFoundError: There is none, or as `GoneError` there was one.
        """
        kept = await self._lasting.load(ident)
        profile = self._present(kept)
        if kept and kept.day < self._today():
            await self._touch(ident, kept)
        return profile

    async def change(self, ident: str, change: Change) -> Profile:
        """Make a change to the newest state of a profile, whoever else changes it now; return what is kept then.

        Raises:
            NotFoundError: There is none, or as `GoneError` there was one.
        """
        return await self._rewrite(ident, lambda kept: change(self._present(kept)))

    async def put(self, ident: str, make: Callable[[Profile | None], Profile]) -> Profile:
        """Keep what *make* makes of the profile that is there; of None where there is none, or none any more."""
        return await self._rewrite(ident, lambda kept: make(self._present(kept) if self._is_there(kept) else None))

    async def delete(self, ident: str) -> None:
        """Delete a profile and what its feed showed; that there was one is remembered as long as an unused one would be.

        Raises:
            NotFoundError: There is none, or as `GoneError` there was one.
        """

        def gone(kept: Kept | None) -> Profile | None:
            self._present(kept)
            return None

        await self._write(ident, gone)
        await self._lasting.remove([_served_key(ident)])

    async def is_there(self, ident: str) -> bool:
        """Tell whether there is such a profile."""
        return self._is_there(await self._lasting.load(ident))

    async def purge(self) -> None:
        """Delete some of what nobody used for long."""
        last = self._today() - timedelta(days=UNUSED_DAYS)
        if keys := await self._lasting.unused_since(last, _PURGED):
            await self._lasting.remove(keys)

    async def _rewrite(self, ident: str, make: Callable[[Kept | None], Profile]) -> Profile:
        """Keep the profile that *make* makes of what is kept, and return it."""
        written = await self._write(ident, make)
        assert written is not None, "make makes one"
        return written

    async def _write(self, ident: str, make: Callable[[Kept | None], Profile | None]) -> Profile | None:
        """Keep what *make* makes of what is kept, and make it anew if somebody else was faster; None deletes."""
        for pause_s in _pauses():
            kept = await self._lasting.load(ident)
            made = make(kept)
            record = _Record(profile=made)
            if kept and _record(kept) == record:
                return made
            revision = kept.revision if kept else 0
            if await self._lasting.swap(ident, pack(record, _SCHEMA), revision=revision, day=self._today()):
                return made
            await asyncio.sleep(pause_s)
        raise StoreError(_BUSY)

    async def _touch(self, ident: str, kept: Kept) -> None:
        """Note that a profile was used today; one that can be read may be used even if that can't be written."""
        try:
            await self._lasting.swap(ident, kept.value, revision=kept.revision, day=self._today())
        except StoreError as error:
            log.warning("that a profile was used can't be noted: %s", error)

    def _present(self, kept: Kept | None) -> Profile:
        if kept is None:
            raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
        profile = _record(kept).profile
        if profile is None or self._is_over(kept):
            raise GoneError(ENGLISH_WORDS("me.error.gone"))
        return profile

    def _is_there(self, kept: Kept | None) -> bool:
        return kept is not None and _record(kept).profile is not None and not self._is_over(kept)

    def _is_over(self, kept: Kept) -> bool:
        return kept.day < self._today() - timedelta(days=UNUSED_DAYS)

    def _today(self) -> date:
        return _day_of(self._now)


class ServedShelf:
    """What one profile's feed showed, whatever the feed is called: its examples change with each vote.

    Args:
        lasting: Where it is kept.
        ident: Names the profile.
        now: The clock.
    """

    def __init__(self, lasting: LastingStore, ident: str, *, now: Clock) -> None:
        self._lasting = lasting
        self._ident = ident
        self._now = now

    async def of(self, feed: str, *, is_configured: bool) -> Served:  # noqa: ARG002 - see `ServedMemory`
        """Return what the feed showed.

        Raises:
            StoreError: It can't be read.
        """
        return self._read(await self._lasting.load(_served_key(self._ident)))

    async def note(self, feed: str, entries: Sequence[Entry], *, is_configured: bool) -> Served:  # noqa: ARG002
        """Remember that the feed showed *entries*; where nothing can be written, no vote changes what it shows, either."""
        try:
            return await self._note(entries)
        except StoreError as error:
            log.warning("the papers shown by a profile's feed can't be recorded: %s", error)
            return Served(feed=self._ident).with_shown(entries)

    async def _note(self, shown: Sequence[Entry]) -> Served:
        key = _served_key(self._ident)
        for pause_s in _pauses():
            kept = await self._lasting.load(key)
            before = self._read(kept)
            after = before.with_shown(shown)
            if after == before:
                return after
            value, revision = pack(after, _SCHEMA), kept.revision if kept else 0
            if await self._lasting.swap(key, value, revision=revision, day=_day_of(self._now)):
                return after
            await asyncio.sleep(pause_s)
        raise StoreError(_BUSY)

    def _read(self, kept: Kept | None) -> Served:
        return (unpack(Served, kept.value, _SCHEMA) if kept else None) or Served(feed=self._ident)


def _record(kept: Kept) -> _Record:
    """Read what is kept.

    Raises:
        StoreError: It can't be read: another version wrote it.
    """
    try:
        return _Record.model_validate_json(unpack_text(kept.value, _SCHEMA))
    except (UnreadableError, ValidationError) as error:
        raise StoreError(f"a profile can't be read: {type(error).__name__}") from error


def _served_key(ident: str) -> str:
    return f"{ident}:served"


def _pauses() -> Iterator[float]:
    """Yield how long to wait before each next try: longer and longer, differently in each process."""
    for attempt in range(_TRIES):
        yield random.uniform(0, min(_SHORT_PAUSE_S * 2**attempt, _LONG_PAUSE_S))  # noqa: S311 - nothing secret


def _day_of(now: Clock) -> date:
    return now().astimezone(UTC).date()
