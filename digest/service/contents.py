"""What feeds hold: a request's listings gathered and loaded, papers composed in the renderer's thread, summaries attached."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from digest import costs
from digest.arxiv.taxonomy import belongs
from digest.concurrency.turns import LARGE, Turns
from digest.feeds.papers import FeedContent, FeedRequest, compose, days_of, summarised
from digest.listings.examples import Examples
from digest.listings.listings import Listings
from digest.listings.windows import LoadedWindow, Window
from digest.models import Paper, Summary
from digest.rendering.documents import Document
from digest.selection import Example, Scoring, Selection, explain
from digest.selection.vectors import load_vectors
from digest.service.model_desk import ModelDesk
from digest.service.renderings import Renderings

_LOADS = 2
"""Large windows that are unpacked at a time; small ones don't wait for their turn."""


@dataclass(frozen=True)
class Material:
    """What a feed is made of."""

    request: FeedRequest
    window: Window
    examples: tuple[Example, ...]

    @property
    def mark(self) -> str:
        """Name everything that the content depends on."""
        ranking = [(example.id, example.disliked) for example in self.examples]
        return digest_of(
            self.request, self.listings_mark, days_of(self.window), ranking, ranking and load_vectors().version
        )

    @property
    def weight(self) -> int:
        """How many papers the listings hold, about: how heavy it is to make anything of them."""
        window = self.window
        return sum(
            known.held.total
            for state in window.states.values()
            for day, known in state.held.items()
            if day >= window.first_day
        )

    @property
    def listings_mark(self) -> str:
        """Name the listings alone."""
        return digest_of(sorted(self.window.marks.items()))


@dataclass(frozen=True)
class LoadedMaterial(Material):
    """What a feed is made of, its listings read."""

    window: LoadedWindow


class Contents:
    """Make contents of requests.

    Args:
        listings: What arXiv announced.
        examples: The texts behind `like`.
        desk: Summaries by a model.
        renderings: Where the work is done.
    """

    def __init__(self, listings: Listings, examples: Examples, desk: ModelDesk, renderings: Renderings) -> None:
        self._listings = listings
        self._examples = examples
        self._desk = desk
        self._renderings = renderings
        self._loading = Turns(_LOADS, now=time.monotonic)

    async def gather(self, request: FeedRequest, *, wait: bool = True) -> Material:
        """Return what a feed is made of now, its listings not loaded yet; without *wait* only of what is held.

        Raises:
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """
        window = await self._listings.window(request.spec.contexts, days=request.days, wait=wait)
        return Material(request, window, await self._texts(request, wait=wait))

    async def load(self, material: Material) -> LoadedMaterial:
        """Return *material* with its listings."""
        if material.weight < LARGE:
            window = await self._listings.load(material.window)
        else:
            async with self._loading.turn(costs.client(), material.weight):
                window = await self._listings.load(material.window)
        return LoadedMaterial(material.request, window, material.examples)

    async def composed(self, request: FeedRequest) -> FeedContent:
        """Return what a feed holds now, without summaries."""
        return await self._compose(await self.load(await self.gather(request)))

    async def summarised(self, material: LoadedMaterial, *, fills: bool = True) -> FeedContent:
        """Return what a feed holds; the listings are loaded. If it *fills*, a model begins to write what is missing."""
        content, written = await self._with_written(material, fills=fills)
        return await self._renderings.run(lambda: summarised(content, written), weight=material.weight)

    async def render(
        self, material: Material, make: Callable[[FeedContent], Document], *, begun: Callable[[], None]
    ) -> tuple[Document, Window]:
        """Return what *make* makes of a feed's content, and the window with its listings; calls *begun* when work begins."""
        loaded = await self.load(material)
        content, written = await self._with_written(loaded, begun=begun)
        document = await self._renderings.run(lambda: make(summarised(content, written)), weight=material.weight)
        return document, loaded.window

    async def of_window(self, request: FeedRequest, window: LoadedWindow) -> FeedContent:
        """Return what a feed holds of a window whose listings are loaded; no model is asked."""
        examples = await self._texts(request)
        return await self.summarised(LoadedMaterial(request, window, examples), fills=False)

    async def mark(self, request: FeedRequest, window: Window) -> str:
        """Name everything that the content of a window depends on: listings, filter, and what a model wrote."""
        material = Material(request, window, await self._texts(request))
        return digest_of(material.mark, await self._desk.edition(request))

    async def passes(self, request: FeedRequest, paper: Paper) -> bool:
        """Tell whether a paper passes a feed's categories and filter, whatever its limit and its days."""
        if not any(belongs(paper.categories, context) for context in request.spec.contexts):
            return False
        return all(
            step.passed for step in explain(paper, request.selection, examples=await self._texts(request, wait=False))
        )

    async def _texts(self, request: FeedRequest, *, wait: bool = True) -> tuple[Example, ...]:
        """Return the examples that the request is ranked by."""
        scoring = _scoring(request.selection)
        likes = await self._examples.texts(scoring.like, wait=wait) if scoring.like else ()
        dislikes = await self._examples.texts(scoring.dislike, wait=wait) if scoring.dislike else ()
        disliked = [example.model_copy(update={"disliked": True}) for example in dislikes]
        return (*likes, *disliked)

    async def _compose(self, material: LoadedMaterial, begun: Callable[[], None] = lambda: None) -> FeedContent:
        def work() -> FeedContent:
            begun()
            return compose(material.request, material.window, examples=material.examples)

        return await self._renderings.run(work, weight=material.weight)

    async def _with_written(
        self, material: LoadedMaterial, *, fills: bool = True, begun: Callable[[], None] = lambda: None
    ) -> tuple[FeedContent, dict[str, Summary]]:
        """Return what a feed holds, and what a model wrote about it; if it *fills*, begin to write the rest."""
        content = await self._compose(material, begun)
        if fills:
            await self._desk.attend(material.request, material.listings_mark, content.entries)
        papers = [entry.paper for entry in content.entries]
        return content, await self._desk.lookup(material.request, papers)


def digest_of(*parts: object) -> str:
    """Return a short name for *parts*, the same in every process."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _scoring(selection: Selection) -> Scoring:
    return selection.scoring if selection.within is None else _scoring(selection.within)
