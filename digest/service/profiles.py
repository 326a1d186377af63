"""Profiles: made, opened by their keys, changed, restored, deleted; kept where they last, or not at all."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from digest.clock import Clock
from digest.errors import InputError, NotFoundError, StoreError, TooManyRequestsError, UnavailableError
from digest.profiles.addresses import Deed
from digest.profiles.keys import ROOT_BYTES, Kind, parse_key
from digest.profiles.profile import Profile, Saved, Vote, is_opened, merged, new_editions, renewed
from digest.service.profile_shelf import Change, ProfileShelf
from digest.store.lasting import LastingStore, Refusal
from digest.store.protocol import SureWrites
from digest.words import ENGLISH_WORDS

log = logging.getLogger(__name__)

_RETRY = timedelta(seconds=30)
_RETRY_REFUSED = timedelta(days=1)
_EDITION_BYTES = 8
_DAY = timedelta(days=1)
REFUSALS = {
    Refusal.MEMORY: "me.refused.memory",
    Refusal.SERVERLESS: "me.refused.serverless",
    Refusal.EVICTS: "me.refused.evicts",
    Refusal.OFF: "me.refused.off",
}
"""Why there are no profiles, as keys of words."""


class Opened(NamedTuple):
    """A profile, and which kind of key opened it."""

    profile: Profile
    kind: Kind


class Profiles:
    """The use cases of profiles.

    Args:
        lasting: Where they are kept, or why they can't be.
        counts: Counts how many a client makes.
        per_day: How many a client may make in a day.
        now: The clock.
    """

    def __init__(self, lasting: LastingStore | Refusal, *, counts: SureWrites, per_day: int, now: Clock) -> None:
        self._shelf = None if isinstance(lasting, Refusal) else ProfileShelf(lasting, now=now)
        self._refusal = lasting if isinstance(lasting, Refusal) else None
        self._counts = counts
        self._per_day = per_day
        self._now = now

    async def refusal(self) -> Refusal | None:
        """Return why no profile can be made here; None if one can.

        Raises:
            UnavailableError: The store doesn't answer.
        """
        if self._refusal or not self._per_day:
            return self._refusal or Refusal.OFF
        with reachable():
            return await self._opened().refusal()

    async def create(self, spec: str, query: Iterable[tuple[str, str]], *, client: str) -> Profile:
        """Make a profile.

        Args:
            spec: Categories of its feed.
            query: Parameters of its feed, in canonical form.
            client: Who asks.

        Raises:
            RefusedError: None can last here.
            TooManyRequestsError: This client made many today.
            UnavailableError: The store doesn't take it now.
        """
        profile = Profile(
            root=secrets.token_bytes(ROOT_BYTES).hex(),
            editions=dict(new_editions()),
            spec=spec,
            query=tuple(query),
            created=self._now().astimezone(UTC).date(),
        )
        return await self._keep_new(profile, client)

    async def restore(self, given: Profile, *, client: str, anew: bool = False) -> Profile:
        """Make the profile of an export again, under the same addresses; where it is still there, add what it lacks.

        Args:
            given: What was exported.
            client: Who asks.
            anew: Under new addresses: for somebody whose export others may have.

        Raises:
            InputError: The profile is there, and its owner's address was renewed since the export.
            RefusedError: None can last here.
            TooManyRequestsError: This client made many today.
            UnavailableError: The store doesn't take it now.
        """
        if anew:
            root = secrets.token_bytes(ROOT_BYTES).hex()
            return await self._keep_new(
                given.model_copy(update={"root": root, "editions": dict(new_editions())}), client
            )
        with reachable():
            is_there = await self._opened().is_there(given.ident)
        return (
            await self.change(given.ident, lambda kept: _merged(kept, given))
            if is_there
            else await self._keep_new(given, client)
        )

    async def open(self, text: str, *kinds: Kind, paper: str = "") -> Opened:
        """Return the profile that a key opens.

        Args:
            text: The key.
            kinds: What it may be.
            paper: What a vote key is for.

        Raises:
            NotFoundError: It opens none, or as `GoneError` none any more.
            UnavailableError: The store doesn't answer, so nobody knows.
        """
        key = parse_key(text)
        if key is None or key.kind not in kinds:
            raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
        with reachable():
            profile = await self._opened().load(key.ident)
        if not is_opened(profile, key, paper):
            raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
        return Opened(profile, key.kind)

    async def change(self, ident: str, change: Change) -> Profile:
        """Make a change to a profile as it is now, and return it as it is then: it is written.

        Raises:
            InputError: No further paper can be saved.
            NotFoundError: There is none, or as `GoneError` none any more.
            UnavailableError: It wasn't written.
        """
        with reachable():
            return await self._opened().change(ident, change)

    async def mark(self, profile: Profile, deed: Deed, papers: Collection[str]) -> Profile:
        """Vote on papers, save them, or take that back; return the profile as it was written.

        Raises:
            InputError: No further paper can be saved.
            UnavailableError: It wasn't written.
        """
        now = self._now().astimezone(UTC).replace(microsecond=0)

        def change(kept: Profile) -> Profile:
            match deed:
                case Deed.MORE | Deed.LESS:
                    votes = (Vote(paper=paper, liked=deed is Deed.MORE, at=now) for paper in papers)
                    return kept.without_votes(papers).with_votes(votes)
                case Deed.UNDO:
                    return kept.without_votes(papers)
                case Deed.SAVE:
                    return kept.with_saved(Saved(paper=paper, at=now) for paper in papers)
                case Deed.UNSAVE:
                    return kept.without_saved(papers)

        return await self.change(profile.ident, change)

    async def renew(self, profile: Profile, kind: Kind) -> Profile:
        """Replace a profile's keys of one kind; the old ones open nothing from now on.

        Raises:
            UnavailableError: It wasn't written.
        """
        edition = secrets.token_hex(_EDITION_BYTES)
        return await self.change(profile.ident, lambda kept: renewed(kept, kind, edition))

    async def delete(self, ident: str) -> None:
        """Delete a profile at once and for good.

        Raises:
            UnavailableError: It wasn't deleted.
        """
        with reachable():
            await self._opened().delete(ident)

    def _opened(self) -> ProfileShelf:
        """Return the shelf; without one, addresses of profiles may be good elsewhere and the store only be misconfigured."""
        if self._shelf is None:
            raise UnavailableError(ENGLISH_WORDS("me.error.store"), retry_after=_RETRY)
        return self._shelf

    async def _keep_new(self, profile: Profile, client: str) -> Profile:
        if refusal := await self.refusal():
            raise RefusedError(refusal)
        with reachable():
            await self._charge(client)
            shelf = self._opened()
            await shelf.purge()
            return await shelf.put(profile.ident, lambda kept: _merged(kept, profile) if kept else profile)

    async def _charge(self, client: str) -> None:
        """Count one more profile for a client; addresses of clients aren't kept, only what is made of them."""
        now = self._now().astimezone(UTC)
        name = hashlib.sha256(f"{now.date()} {client}".encode()).hexdigest()[:32]
        if await self._counts.increment(f"profiles-made:{name}", ttl=_DAY) > self._per_day:
            midnight = datetime.combine(now.date() + _DAY, time(), UTC)
            raise TooManyRequestsError(ENGLISH_WORDS("me.error.many", count=self._per_day), retry_after=midnight - now)


class RefusedError(UnavailableError):
    """No profile can last here; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(ENGLISH_WORDS(REFUSALS[refusal]), retry_after=_RETRY_REFUSED)
        self.refusal = refusal


@contextmanager
def reachable() -> Iterator[None]:
    """Say that the store can't be used now where it can't."""
    try:
        yield
    except StoreError as error:
        log.warning("profiles can't be read or written: %s", error)
        raise UnavailableError(ENGLISH_WORDS("me.error.store"), retry_after=_RETRY) from error


def _merged(kept: Profile, given: Profile) -> Profile:
    """Return the profile that is there with what an export of it has beside.

    Raises:
        InputError: The owner's address was renewed since: whoever has that export may be somebody else.
    """
    if kept.editions[Kind.OWNER] != given.editions[Kind.OWNER]:
        raise InputError(ENGLISH_WORDS("me.error.renewed"), name="export", hint=ENGLISH_WORDS("me.error.renewed_hint"))
    return merged(kept, given)
