"""Built-in summaries stored with the listings, behind the answers: a process that starts later doesn't make them again.

So are the numbers that statistics are made of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from digest.concurrency.coalescing import Background
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState
from digest.models import Listing, Summary
from digest.summaries.kept import builtin_summary


class Embedder:
    """Store built-in summaries beside the papers, one task a context at a time.

    Args:
        shelf: Where listings are kept.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._embedding: Background[str] = Background()
        self._turn = asyncio.Lock()
        """One context at a time: summaries are processor time that readers may need, and listings memory."""

    def start(
        self, contexts: Sequence[str], *, after: Collection[asyncio.Task[None]] = ()
    ) -> tuple[asyncio.Task[None], ...]:
        """Start on those of *contexts* whose listings lack summaries, *after* what brings more of their days.

        Returns:
            What is under way of *contexts*.
        """
        for context in contexts:
            if self._shelf.bare.has_any(context):
                self._embedding.start(context, partial(self._embed, context, after), doing=f"summaries of {context}")
        return self._embedding.tasks(contexts)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._embedding.aclose()

    async def _embed(self, context: str, after: Collection[asyncio.Task[None]]) -> None:
        if after:
            await asyncio.wait(after)
        async with self._turn:
            await self._embed_now(context)

    async def _embed_now(self, context: str) -> None:
        before = (await self._shelf.states((context,)))[context]
        made = [
            (listing, await asyncio.to_thread(summaries_of, listing)) for listing in await self._bare_listings(before)
        ]
        if not made:
            return
        async with self._shelf.leases.of((context,)):
            state = (await self._shelf.states((context,)))[context]
            for listing, summaries in made:
                # Another reading of the day may have come meanwhile: that one is stored, and has its turn later.
                if state.days[listing.day].mark == before.days[listing.day].mark:
                    await self._shelf.embed(listing, summaries)

    async def _bare_listings(self, state: ContextState) -> tuple[Listing, ...]:
        """Return the listings that are stored without summaries, and expect them to be stored with summaries next."""
        days = self._shelf.bare.take(state)
        found = await self._shelf.load([state], min(days), until=max(days)) if days else ()
        return tuple(one for one in found if one.day in days)


def summaries_of(listing: Listing) -> list[Summary | None]:
    """Return the built-in summary of each paper of *listing*, None where it has no abstract."""
    return [builtin_summary(paper.title, paper.abstract) if paper.abstract else None for paper in listing.papers]
