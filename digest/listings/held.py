"""What is stored of arXiv's announcements, as it is: nothing here asks arXiv."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from digest.listings.merging import merge_announcements
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState, up_to
from digest.listings.windows import Announcement, LoadedWindow, first_day_of, window_days
from digest.models import Listing, Paper


class HeldListings:
    """Look up what is stored.

    Args:
        shelf: Where listings are kept.
        now: The clock.
    """

    def __init__(self, shelf: Shelf, *, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._now = now

    async def states(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        """Return what is known of *contexts*."""
        return await self._shelf.states(contexts)

    async def known(self) -> list[ContextState]:
        """Return what is known of every context that was ever asked for."""
        return await self._shelf.known()

    async def window(self, contexts: Sequence[str], *, days: int, until: date | None = None) -> LoadedWindow | None:
        """Return the window as far as it is stored, with its listings; None if nothing is.

        With *until* it is the window of that day, as if nothing had been announced later.
        """
        states = await self._shelf.states(contexts)
        if until:
            states = {context: up_to(state, until) for context, state in states.items()}
        newest = max((state.newest for state in states.values() if state.newest), default=None)
        if newest is None:
            return None
        first_day = first_day_of(states.values(), newest, days)
        return LoadedWindow(
            states=states,
            first_day=first_day,
            days=window_days(states.values(), newest, days),
            fresh_until=self._now(),
            filling=frozenset(),
            is_settling=False,
            listings=await self._shelf.load(states.values(), first_day),
        )

    async def listing(self, context: str, day: date) -> Listing | None:
        """Return the listing of a context on a day; None if it isn't stored."""
        states = await self._shelf.states((context,))
        found = await self._shelf.load(states.values(), day, until=day)
        return found[0] if found else None

    async def find(self, ident: str) -> Paper | None:
        """Return the paper of that id from the stored listings, all its announcements merged."""
        found = await self.announcements(ident)
        return merge_announcements([one.paper for one in found]) if found else None

    async def announcements(self, ident: str) -> tuple[Announcement, ...]:
        """Return where the stored listings have the paper of that id, oldest day first."""
        known = {state.context: state for state in await self._shelf.known()}
        listings = await self._shelf.mentioning(ident, known.values(), _earliest_day_of(ident))
        found = [
            Announcement(known[listing.context], listing.day, paper)
            for listing in listings
            for paper in listing.papers
            if paper.id == ident
        ]
        return tuple(sorted(found, key=lambda one: (one.day, one.state.context)))

    async def find_all(self, idents: Collection[str]) -> dict[str, Paper]:
        """Return those papers of *idents* that the listings hold, by id, as they were announced last."""
        found: dict[str, Paper] = {}
        if not idents:
            return found
        wanted, first_day = frozenset(idents), min(map(_earliest_day_of, idents))
        for state in await self._shelf.known():
            for listing in await self._shelf.load([state], first_day):
                for paper in listing.papers:
                    if paper.id in wanted:
                        found.setdefault(paper.id, paper)
        return found


def _earliest_day_of(ident: str) -> date:
    """Return the first day on which the paper of that id can have been announced: ids are given by the month."""
    number = ident.rpartition("/")[2]
    year, month = int(number[:2]), int(number[2:4])
    return date((1900 if year > 90 else 2000) + year, min(max(month, 1), 12), 1)
