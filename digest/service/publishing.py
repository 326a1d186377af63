"""The one place that makes documents: bytes, with what HTTP needs to know about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from digest import costs
from digest.concurrency.coalescing import SingleFlight
from digest.costs import Admit
from digest.feeds.papers import EVERY, FeedContent, FeedRequest
from digest.feeds.room import Room
from digest.listings.examples import Ranking
from digest.listings.expiry import CROWDED_TTL, LONGEST_TTL, PAST_TTL, UNDECIDED, Expiry, expiry
from digest.listings.windows import Window
from digest.rendering.documents import Document, Known, etag_for
from digest.service.contents import Contents, fingerprint
from digest.service.model_desk import ModelDesk
from digest.service.renderings import Renderings
from digest.service.stored_renderings import StoredRenderings


class Publisher:
    """Make documents, those of feeds once for as long as their content stays the same.

    Args:
        contents: What feeds hold.
        desk: Summaries by a model.
        renderings: Where rendered documents are kept.
        stored: Those that later processes find.
        now: The clock.
    """

    def __init__(
        self,
        contents: Contents,
        desk: ModelDesk,
        renderings: Renderings,
        stored: StoredRenderings,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._contents = contents
        self._desk = desk
        self._renderings = renderings
        self._stored = stored
        self._now = now
        self._rendering: SingleFlight[str, tuple[Document, Window]] = SingleFlight(
            drops=lambda name: name not in self._begun  # what has begun is kept for those who come back
        )
        self._begun: set[str] = set()

    async def feed(
        self,
        request: FeedRequest,
        media_type: str,
        render: Callable[[FeedContent], bytes],
        *key: str,
        known: Known | None = None,
        wait: bool = True,
        shown: slice = EVERY,
        place: str | None = None,
        room: Room | None = None,
        admit: Admit = costs.free,
        is_accounted: bool = False,
        until: date | None = None,
    ) -> Document:
        """Return what *render* makes of a feed's content; made once for as long as the content stays the same.

        Args:
            request: Which papers.
            media_type: Of the bytes.
            render: Pure. What it raises is raised here.
            key: Names everything, other than request and content, that the bytes depend on.
            known: Tells what the client has already; that is returned without bytes, and mostly without rendering.
            wait: Whether to wait for arXiv; if not, it is asked behind the answer.
            shown: The entries whose built-in summaries *render* reads.
            room: How much the feed may hold; None: everything.
            is_accounted: Whether *render* reads what each condition of the filter leaves.
            place: Where the store has the bytes, see `stored_renderings.place_of`.
            admit: Asked before arXiv is asked for what nobody asked for before.
            until: The day whose feed it is, as far as it is stored: nobody is asked for anything. None: now's.

        Raises:
            NotFoundError: Nothing is stored of the feed of that day.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        material = await self._contents.gather(request, wait=wait, admit=admit, until=until)
        edition = await self._desk.edition(request)
        name = fingerprint(material.mark, edition, media_type, key, room)
        is_due = not until and self._desk.is_due(request, material.listings_mark)

        def document(content: FeedContent) -> Document:
            return published(render(content), media_type, content.last_modified, UNDECIDED)

        async def made() -> tuple[Document, Window]:
            if place and not is_due and (stored := await self._stored.get(place, name)):
                return self._renderings.keep(name, stored), material.window
            try:
                rendered, window = await self._contents.render(
                    material,
                    document,
                    begun=lambda: self._begun.add(name),
                    shown=shown,
                    room=room,
                    is_accounted=is_accounted,
                    fills=not until,
                )
                now_named = fingerprint(replace(material, window=window).mark, edition, media_type, key, room)
                if place and not self._is_unfinished(window, request):
                    self._stored.keep(place, now_named, rendered)
                return self._renderings.keep(now_named, rendered), window
            finally:
                self._begun.discard(name)

        held = None if is_due else self._kept(name, known)
        window = material.window
        costs.note_outcome("fresh" if held is None else "rendered")
        if held is None:
            held, window = await self._rendering.run(name, made)
        lasting = expiry(self._now(), at_most=PAST_TTL) if until else self.expiry_of(window, request, material.ranking)
        return replace(held, expiry=lasting)

    def expiry_of(self, window: Window, request: FeedRequest, ranking: Ranking) -> Expiry:
        """Return how long an answer to *request* that was made of *window* and ranked like this stays true."""
        pending = self._desk.pending(request)
        unfinished = costs.note_behind(pending) or window.is_settling or ranking.is_settling
        return expiry(
            self._now(),
            [window.fresh_until],
            missing=bool(window.missing or pending),
            unfinished=unfinished,
            lacking=self._desk.lacks(request) or ranking.is_lacking,
            at_most=CROWDED_TTL if window.is_crowded else LONGEST_TTL,
        )

    def _is_unfinished(self, window: Window, request: FeedRequest) -> bool:
        """Tell whether the feed will soon have other bytes: storing these isn't worth a write."""
        return window.is_settling or bool(window.filling or window.missing or self._desk.pending(request))

    def _kept(self, name: str, known: Known | None) -> Document | None:
        unchanged = self._renderings.unchanged(name, known) if known else None
        return unchanged or self._renderings.get(name)


def published(body: bytes, media_type: str, modified: datetime, lasting: Expiry) -> Document:
    """Return *body* as an answer.

    Args:
        body: The bytes.
        media_type: Of the bytes.
        modified: The newest change of content, UTC.
        lasting: How long it stays true.
    """
    return Document(body, media_type, etag_for(body), modified, lasting)
