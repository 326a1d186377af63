"""The use cases of papers: one that is stored, whatever feeds it is in. Nothing here asks arXiv for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.arxiv import schedule
from digest.arxiv.identifiers import abs_url, identifier_of
from digest.config.settings import Config
from digest.errors import NotFoundError
from digest.feeds.named import named_request
from digest.feeds.stored_paper import StoredPaper, stored_paper
from digest.listings.expiry import Expiry, expiry
from digest.listings.held import HeldListings
from digest.listings.merging import merge_announcements
from digest.models import Paper
from digest.service.contents import Contents

_PAPER_TTL = timedelta(hours=1)


class Papers:
    """Papers one by one.

    Args:
        config: The settings.
        held: What is stored of arXiv's announcements.
        contents: What feeds hold.
        now: The clock.
    """

    def __init__(self, config: Config, *, held: HeldListings, contents: Contents, now: Callable[[], datetime]) -> None:
        self._config = config
        self._held = held
        self._contents = contents
        self._now = now

    async def find(self, text: str) -> Paper:
        """Return one paper that is stored, whatever feed it is in.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing that is stored has it, or another version than *text* names.
        """
        ident = identifier_of(text)
        found = await self._held.find(ident.id)
        if not found:
            raise NotFoundError(f"{ident.id} is not stored on this server")
        if ident.version not in {None, found.version}:
            raise NotFoundError(f"version {ident.version} of {ident.id} is not stored; version {found.version} is")
        return found

    async def stored(self, text: str) -> StoredPaper:
        """Return one paper that is stored, where it was announced, and whose filters it passes.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No stored listing has it.
        """
        ident = identifier_of(text).id
        found = await self._held.announcements(ident)
        if not found:
            raise NotFoundError(f"this server stores no listing with {ident}; arXiv has it at {abs_url(ident)}")
        paper = merge_announcements([one.paper for one in found])
        named = [named_request(self._config, name) for name in self._config.feed_names]
        return stored_paper(paper, found, [one for one in named if await self._contents.passes(one, paper)])

    def expiry(self) -> Expiry:
        """Return how long an answer about one paper stays true: the next announcement may replace it."""
        now = self._now()
        return expiry(now, [schedule.next_feed_change(now)], at_most=_PAPER_TTL)
