"""What feeds hold: a request's listings gathered and loaded, papers composed in the renderer's thread, summaries attached."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from digest import costs
from digest.arxiv.taxonomy import belongs
from digest.concurrency.turns import LARGE, Turns
from digest.costs import Admit
from digest.errors import NotFoundError
from digest.feeds.papers import EVERY, FeedContent, FeedRequest, Prepared, compose, days_of, prepare, summarised
from digest.feeds.room import Room, fitted
from digest.listings.examples import Examples, Ranking
from digest.listings.listings import Listings
from digest.listings.served import ServedMemory
from digest.listings.windows import LoadedWindow, Window
from digest.models import Paper, Summary
from digest.rendering.documents import Document
from digest.selection import Example, Selection, explain
from digest.selection.selection import ServedDay
from digest.selection.vectors import load_vectors
from digest.service.model_desk import ModelDesk
from digest.service.rendering_threads import RenderingThreads
from digest.service.wish_desk import wishes_of

_LOADS = 2
"""Large windows that are unpacked at a time; small ones don't wait for their turn."""

_MARKED = ("id", "title", "disliked", "narrowing", "weight", "private")
"""What makes an example another one, beside its abstract."""


@dataclass(frozen=True)
class Material:
    """What a feed is made of."""

    request: FeedRequest
    window: Window
    ranking: Ranking
    composed: FeedRequest
    """The request with what its `top` showed before."""
    memory: ServedMemory
    """Where that is remembered."""

    @property
    def mark(self) -> str:
        """Name everything that the content depends on."""
        ranking = self.ranking
        told = [(*map(one.__getattribute__, _MARKED), len(one.abstract)) for one in ranking.examples]
        return fingerprint(
            self.composed,
            self.listings_mark,
            days_of(self.window),
            (told, ranking.asked, ranking.is_settling, told and load_vectors().version),
        )

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples that are known."""
        return self.ranking.examples

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
        return fingerprint(sorted(self.window.marks.items()))


@dataclass(frozen=True)
class LoadedMaterial(Material):
    """What a feed is made of, its listings read."""

    window: LoadedWindow


class Contents:
    """Make contents of requests.

    Args:
        listings: What arXiv announced.
        examples: The texts behind `like`.
        served: What feeds with `top` showed.
        desk: Summaries by a model.
        threads: Where the work is done.
    """

    def __init__(
        self, listings: Listings, examples: Examples, served: ServedMemory, desk: ModelDesk, threads: RenderingThreads
    ) -> None:
        self._listings = listings
        self._examples = examples
        self._served = served
        self._desk = desk
        self._threads = threads
        self._loading = Turns(_LOADS, now=time.monotonic)

    async def gather(
        self,
        request: FeedRequest,
        *,
        wait: bool = True,
        admit: Admit = costs.free,
        memory: ServedMemory | None = None,
        until: date | None = None,
    ) -> Material:
        """Return what a feed is made of now, its listings not loaded yet; without *wait* only of what is stored.

        What its `top` showed is remembered in *memory*, None: with all other feeds. With *until* it is the feed of that
        day, as far as it is stored: nobody is asked for anything.

        Raises:
            NotFoundError: Nothing is stored of the feed of that day.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        if until:
            return await self._stored(request, until)
        window = await self._listings.window(request.spec.contexts, days=request.days, wait=wait, admit=admit)
        return await self._of_window(request, window, admit, memory)

    async def _stored(self, request: FeedRequest, until: date) -> LoadedMaterial:
        window = await self._listings.held.window(request.spec.contexts, days=request.days, until=until)
        if window is None:
            raise NotFoundError("the papers of these days are no longer stored here")
        ranking = await self._examples.known(request.selection, is_configured=request.name is not None)
        selection = await self._with_served(request, request.selection, window, ranking, self._served)
        return LoadedMaterial(request, window, ranking, replace(request, selection=selection), self._served)

    async def load(self, material: Material) -> LoadedMaterial:
        """Return *material* with its listings."""
        if isinstance(material, LoadedMaterial):
            return material
        if material.weight < LARGE:
            window = await self._listings.load(material.window)
        else:
            async with self._loading.turn(costs.client(), material.weight):
                window = await self._listings.load(material.window)
        return LoadedMaterial(material.request, window, material.ranking, material.composed, material.memory)

    async def composed(self, request: FeedRequest) -> FeedContent:
        """Return what a feed holds now, without summaries."""
        return await self._compose(await self.load(await self.gather(request)))

    async def summarised(self, material: LoadedMaterial, *, shown: slice = EVERY, fills: bool = True) -> FeedContent:
        """Return what a feed holds.

        Args:
            material: What the feed is made of.
            shown: The entries that need built-in summaries.
            fills: Whether a model begins to write what is missing.
        """
        content, written = await self._with_written(material, fills=fills)
        return await self._threads.run(lambda: summarised(content, written, shown), weight=material.weight)

    async def render(
        self,
        material: Material,
        make: Callable[[FeedContent], Document],
        *,
        begun: Callable[[], None],
        shown: slice = EVERY,
        room: Room | None = None,
        is_accounted: bool = False,
        fills: bool = True,
    ) -> tuple[Document, Window]:
        """Return what *make* makes of a feed's content, and the window with its listings.

        Args:
            material: What the feed is made of.
            make: Pure.
            begun: Called when work begins.
            shown: The entries that need built-in summaries.
            room: How much it may hold; None: everything.
            is_accounted: Whether *make* reads what each condition leaves.
            fills: Whether a model begins to write what is missing.
        """
        loaded = await self.load(material)
        content, written = await self._with_written(
            loaded, begun=begun, room=room, is_accounted=is_accounted, fills=fills
        )
        document = await self._threads.run(lambda: make(summarised(content, written, shown)), weight=material.weight)
        self._listings.embed(material.request.spec.contexts)
        return document, loaded.window

    async def of_window(
        self, request: FeedRequest, window: LoadedWindow, *, shown: slice = EVERY, admit: Admit = costs.free
    ) -> FeedContent:
        """Return what a feed holds of a window whose listings are loaded; no model is asked."""
        material = await self._of_window(request, window, admit)
        loaded = LoadedMaterial(request, window, material.ranking, material.composed, material.memory)
        return await self.summarised(loaded, shown=shown, fills=False)

    async def mark(self, request: FeedRequest, window: Window, *, admit: Admit = costs.free) -> str:
        """Name everything that the content of a window depends on: listings, filter, and what a model wrote."""
        material = await self._of_window(request, window, admit)
        return fingerprint(material.mark, await self._desk.edition(request))

    async def passes(self, request: FeedRequest, paper: Paper) -> bool:
        """Tell whether a paper passes a configured feed's categories and filter, whatever its limit and its days."""
        if not any(belongs(paper.categories, context) for context in request.spec.contexts):
            return False
        ranking = await self._examples.ranking(request.selection, is_configured=request.name is not None)
        return all(step.passed for step in explain(paper, request.selection, examples=ranking.examples))

    async def _of_window(
        self, request: FeedRequest, window: Window, admit: Admit, memory: ServedMemory | None = None
    ) -> Material:
        memory = memory or self._served
        ranking = await self._examples.ranking(request.selection, is_configured=request.name is not None, admit=admit)
        selection = await self._with_served(request, request.selection, window, ranking, memory)
        return Material(request, window, ranking, replace(request, selection=selection), memory)

    async def _with_served(
        self, request: FeedRequest, selection: Selection, window: Window, ranking: Ranking, memory: ServedMemory
    ) -> Selection:
        """Return *selection* with what it showed of the days that are over, and the same of the one that it narrows.

        What an address shows of a feed with `top` is its own memory: nobody may ever have asked for the whole feed.
        While no order is known yet, days that were never shown stay closed: what they showed, they would have to keep.
        """
        if not selection.cuts_days:
            return selection
        within = selection.within and await self._with_served(request, selection.within, window, ranking, memory)
        feed, is_configured = _feed_name(request, selection)
        served = (await memory.of(feed, is_configured=is_configured)).before(window.days[0])
        if _is_waiting(ranking):
            shown = {one.day: one.ids for one in served}
            served = tuple(
                ServedDay(day=day, ids=shown.get(day, ()), is_closed=True) for day in sorted(window.days)[:-1]
            )
        return selection.model_copy(update={"within": within}).with_served(served)

    async def _note_served(self, material: LoadedMaterial, content: FeedContent) -> LoadedMaterial | None:
        """Remember what a feed with `top` shows; before its order is known, nothing.

        Return *material* with what another process showed meanwhile, None if it showed nothing else of days that are over.
        """
        selection = material.request.selection
        if not selection.cuts_days or _is_waiting(material.ranking):
            return None
        feed, is_configured = _feed_name(material.request, selection)
        known = await material.memory.note(feed, content.entries, is_configured=is_configured)
        composed = material.composed.selection.with_served(known.before(material.window.days[0]))
        here = _ids(material.composed.selection) | {entry.paper.id for entry in content.entries}
        if _ids(composed) <= here:
            return None
        return replace(material, composed=replace(material.composed, selection=composed))

    async def _prepared(self, material: LoadedMaterial, begun: Callable[[], None] = lambda: None) -> Prepared:
        def work() -> Prepared:
            begun()
            return prepare(material.composed, material.window, ranking=material.ranking)

        return await self._threads.run(work, weight=material.weight)

    async def _compose(
        self,
        material: LoadedMaterial,
        begun: Callable[[], None] = lambda: None,
        room: Room | None = None,
        *,
        is_accounted: bool = False,
    ) -> FeedContent:
        """Return what a feed holds; of one with wishes, with the grades that are there."""
        prepared = await self._prepared(material, begun) if wishes_of(material.request) else None
        judged = await self._desk.grades.judged(material.request, prepared.candidates if prepared else ())

        def work() -> FeedContent:
            begun()
            content = compose(
                material.composed,
                material.window,
                ranking=material.ranking,
                prepared=prepared,
                judged=judged,
                is_accounted=is_accounted,
            )
            content = replace(content, request=material.request)
            return fitted(content, room) if room else content

        content = await self._threads.run(work, weight=material.weight)
        gained = await self._note_served(material, content)
        return await self._compose(gained, room=room) if gained else content

    async def _with_written(
        self,
        material: LoadedMaterial,
        *,
        fills: bool = True,
        begun: Callable[[], None] = lambda: None,
        room: Room | None = None,
        is_accounted: bool = False,
    ) -> tuple[FeedContent, dict[str, Summary]]:
        """Return what a feed holds, and what a model wrote about it; if it *fills*, begin to write the rest."""
        content = await self._compose(material, begun, room, is_accounted=is_accounted)
        if fills:
            await self._desk.attend(material.request, material.listings_mark, content.entries, content.candidates)
        papers = [entry.paper for entry in content.entries]
        return content, await self._desk.summaries.lookup(material.request, papers)


def fingerprint(*parts: object) -> str:
    """Return a short name for *parts*, the same in every process."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _feed_name(request: FeedRequest, selection: Selection) -> tuple[str, bool]:
    """Return what tells a feed, or one that it narrows, from all others, and whether the configuration has it."""
    if request.name and selection.within is None:
        return request.name, True
    own = selection.model_copy(update={"within": None})
    return fingerprint(request.name, str(request.spec), own), False


def _ids(selection: Selection) -> set[str]:
    """Return the papers that a selection keeps since it showed them."""
    within = _ids(selection.within) if selection.within else set()
    return within.union(*[day.ids for day in selection.served])


def _is_waiting(ranking: Ranking) -> bool:
    return ranking.is_settling and len(ranking.examples) < ranking.asked
