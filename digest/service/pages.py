"""The pages as use cases: which content each needs of the service, rendered to documents.

A page never waits for arXiv. What isn't stored is fetched behind the answer, and the page names the address at which
the same page waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from digest.arxiv.taxonomy import Spec
from digest.config.settings import Config
from digest.costs import Admit, free
from digest.errors import UnavailableError
from digest.feeds.addresses import FeedAddress
from digest.feeds.daily import DigestScope
from digest.feeds.named import named_request
from digest.feeds.papers import EVERY, NONE, FeedContent, FeedRequest
from digest.feeds.periods import Period
from digest.feeds.room import Room, room_of
from digest.listings.expiry import COLD, expiry
from digest.rendering.dates import instant
from digest.rendering.documents import HTML, Document, Known
from digest.rendering.pages.builder import (
    PAPERS_SHOWN,
    PREVIEW_DAYS,
    Form,
    render_builder,
    render_problem,
    render_result,
)
from digest.rendering.pages.cold import render_cold
from digest.rendering.pages.digest_pages import render_digest_page
from digest.rendering.pages.home import render_card, render_card_without_papers, render_home
from digest.rendering.pages.reading import TEXT_TYPES, Place, render_reading, render_text
from digest.rendering.pages.status import render_status, render_trends
from digest.rendering.pages.templating import Site
from digest.rendering.slices import place_of
from digest.reports.status import Status
from digest.selection import Selection
from digest.service.digests import Digests
from digest.service.page_documents import FORM_TTL, assembled, plain
from digest.service.publishing import Publisher
from digest.words import words_in

_STATUS_TTL = timedelta(seconds=30)
_TERMS_SHOWN = 12


def site_of(
    config: Config,
    base_url: str,
    link: Callable[[str], str] = str,
    *,
    ui: str = "",
    is_local: bool = False,
    here: str = "/",
) -> Site:
    """Return what every page says about the server.

    Args:
        config: The settings.
        base_url: The public address.
        link: Makes of an address one that a feed reader can use.
        ui: The language that the page was asked for in, "" for the server's own.
        is_local: Whether the address is only known in its own network.
        here: The path of the page.
    """
    feeds = tuple((name, feed.title or name) for name, feed in config.feeds.items())
    own = config.server.language
    return Site(
        title=config.server.title,
        base_url=base_url,
        feeds=feeds,
        words=words_in(ui or own),
        own_language=words_in(own).language,
        is_local=is_local,
        is_demo=config.arxiv.demo,
        here=here,
        link=link,
    )


class _Card(NamedTuple):
    """A feed on the home page, and whether its papers are on their way."""

    document: Document
    is_waiting: bool


class Pages:
    """Pages for people.

    Args:
        config: The settings.
        publisher: Makes documents.
        digests: Days, made of the same papers.
        status: Tells the state of the server.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        publisher: Publisher,
        digests: Digests,
        status: Callable[[], Awaitable[Status]],
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._publisher = publisher
        self._digests = digests
        self._status = status
        self._now = now

    async def home(self, site: Site, *, later: str = "") -> Document:
        """Return the home page; feeds of which nothing is stored yet are shown without papers.

        Args:
            site: Whose page it is.
            later: The path of the same page that waits for arXiv; "" if this one waits.
        """
        config = self._config
        requests = [named_request(config, name) for name in config.feed_names]
        cards = await asyncio.gather(*(self._card(request, site, later) for request in requests))
        documents = [card.document for card in cards]
        bodies, number = [document.body.decode() for document in documents], len(config.feeds)
        is_waiting = any(card.is_waiting for card in cards)
        page = render_home(site, bodies[:number], bodies[number:], later=later if is_waiting else "")
        return assembled(page, documents)

    async def reading(
        self,
        request: FeedRequest,
        site: Site,
        place: Place,
        *,
        known: Known | None = None,
        later: str = "",
        admit: Admit = free,
    ) -> Document:
        """Return one page of a feed's papers; without its bytes if the client has them (*known*).

        Args:
            request: Which papers.
            site: Whose page it is.
            place: Where it is.
            known: Tells what the client has already.
            later: The path of the same page that waits for arXiv; "" if this one waits.
            admit: Asked before arXiv is asked for what nobody asked for before.

        Raises:
            NotFoundError: The feed has fewer pages.
            UnavailableError: Nothing is stored and arXiv gives nothing now; a page that doesn't wait says so itself.
        """

        def render(content: FeedContent) -> bytes:
            return render_reading(content, site, place).encode()

        key, room = repr((site, place)), self._room(request, place.address.with_days(request.days).page())
        is_accounted = request.selection.has_conditions
        shown, wait = place_of(place.number), not later
        try:
            return await self._publisher.feed(
                request,
                HTML,
                render,
                "page",
                key,
                known=known,
                wait=wait,
                shown=shown,
                room=room,
                is_accounted=is_accounted,
                admit=admit,
            )
        except UnavailableError as error:
            if not later:
                raise
            return _cold(site, request.shown_title, request.spec.contexts, error, later)

    async def digest(
        self,
        scope: DigestScope,
        period: Period,
        site: Site,
        number: int,
        *,
        later: str = "",
        admit: Admit = free,
    ) -> Document:
        """Return one page of a digest.

        Args:
            scope: Whose digest.
            period: Of which announcements.
            site: Whose page it is.
            number: Which page of several, from 1.
            later: The path of the same page that waits for arXiv; "" if this one waits.
            admit: Asked before arXiv is asked for what nobody asked for before.

        Raises:
            NotFoundError: The period lies in the future or before arXiv began, or its papers fill fewer pages.
            UnavailableError: Nothing is stored and arXiv gives nothing now; a page that doesn't wait says so itself.
        """
        try:
            found = await self._digests.digest(scope, period, wait=not later, admit=admit)
        except UnavailableError as error:
            if not later:
                raise
            return self.cold_digest(scope, site, error, later)

        def work() -> bytes:
            return render_digest_page(
                found.content, site, previous=found.previous, following=found.next, number=number
            ).encode()

        return await self._digests.render(found, HTML, work)

    def cold_digest(self, scope: DigestScope, site: Site, error: UnavailableError, later: str) -> Document:
        """Return the page in place of a digest of which nothing is stored yet; *later* is the path that waits for it."""
        return _cold(site, scope.title, scope.contexts, error, later)

    async def text(self, request: FeedRequest, ending: str, number: int | None, *, admit: Admit = free) -> Document:
        """Return a feed's papers, those of one page or all, as text to copy; *ending* is one of `TEXT_TYPES`.

        Raises:
            NotFoundError: The feed has fewer pages.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """

        def render(content: FeedContent) -> bytes:
            return render_text(content, ending, number).encode()

        return await self._publisher.feed(
            request,
            TEXT_TYPES[ending],
            render,
            str(number),
            shown=_read_in_text(ending, number),
            room=self._room(request),
            admit=admit,
        )

    async def builder(
        self,
        site: Site,
        form: Form,
        request: FeedRequest | None,
        address: FeedAddress | None,
        *,
        later: str = "",
        admit: Admit = free,
    ) -> Document:
        """Return the feed builder.

        Args:
            site: Whose page it is.
            form: What the form holds.
            request: What it asks for; None if nothing or nothing usable.
            address: Where that feed is.
            later: The path of the same page that waits for arXiv; "" if this one waits.
            admit: Asked before arXiv is asked for what nobody asked for before.
        """
        if request is None or address is None:
            words = site.words("build.correct") if form.problems else site.words("build.choose")
            result = render_problem(site, words)
            return plain(self._builder(site, form, result), expiry(self._now(), at_most=FORM_TTL))
        selection = request.selection.model_copy(update={"limit": None, "top": None})
        preview = replace(request, selection=selection, days=PREVIEW_DAYS)

        def render(content: FeedContent) -> bytes:
            return render_result(content, request, site, address).encode()

        key, shown = repr((site, request, address)), slice(PAPERS_SHOWN)
        try:
            found = await self._publisher.feed(
                preview, HTML, render, "build", key, wait=not later, shown=shown, admit=admit
            )
        except UnavailableError as error:
            words, later = _waiting(site, error, later), "" if error.next_try else later
            result = render_problem(site, words, address=address, request=request, later=later)
            return plain(self._builder(site, form, result), COLD)
        return assembled(self._builder(site, form, found.body.decode()), [found])

    def _builder(self, site: Site, form: Form, result: str) -> str:
        return render_builder(site, form, result, grades=self._config.model.is_enabled)

    async def status(self, site: Site) -> Document:
        """Return the status page. Asks arXiv nothing beyond what feeds do."""
        status = await self._status()
        config = self._config
        terms = _terms(config)
        trends = await self._trends(terms, site) if config.contexts and (terms or config.tagging) else ""
        return plain(render_status(status, site, trends), expiry(self._now(), at_most=_STATUS_TTL), modified=status.now)

    async def _trends(self, terms: tuple[str, ...], site: Site) -> str:
        """Return how often the words of the feeds were met lately; "" while nothing is stored."""
        config = self._config
        request = FeedRequest(spec=Spec(config.contexts), selection=Selection())

        def render(content: FeedContent) -> bytes:
            return render_trends(content, terms, config.tagging, site).encode()

        try:
            found = await self._publisher.feed(
                request, HTML, render, "trends", repr((site, terms)), wait=False, shown=NONE
            )
        except UnavailableError:  # the page says of each category that nothing is stored
            return ""
        return found.body.decode()

    def _room(self, request: FeedRequest, rest: str = "") -> Room:
        """Return the room of a list, which is that of the feed with the same papers."""
        return room_of(request, self._config.server.max_answer_bytes, rest)

    async def _card(self, request: FeedRequest, site: Site, later: str) -> _Card:
        def render(content: FeedContent) -> bytes:
            return render_card(content, site).encode()

        try:
            card = await self._publisher.feed(request, HTML, render, "card", repr(site), wait=not later, shown=NONE)
            return _Card(card, is_waiting=not card.expiry.is_kept)
        except UnavailableError as error:
            page = render_card_without_papers(request, site, _waiting(site, error, later))
            return _Card(plain(page, COLD), is_waiting=error.next_try is None)


def _read_in_text(ending: str, number: int | None) -> slice:
    """Return the entries whose summaries a text shows."""
    if ending == "bib":
        return NONE
    return EVERY if number is None else place_of(number)


def _cold(site: Site, title: str, contexts: Sequence[str], error: UnavailableError, later: str) -> Document:
    failure = _failure(site, error)
    page = render_cold(
        site, title=title, contexts=contexts, reason="" if failure else str(error), later=later, failure=failure
    )
    return plain(page, COLD)


def _failure(site: Site, error: UnavailableError) -> str:
    """Return why there is nothing, in the words of the page; "" while arXiv is being asked."""
    if error.next_try is None:
        return ""
    return site.words("cold.offline", at=instant(error.next_try, site.words)) if error.offline else str(error)


def _waiting(site: Site, error: UnavailableError, later: str) -> str:
    """Return what stands where papers will be."""
    failure = _failure(site, error)
    return failure or (site.words("cold.being_fetched") if later else str(error))


def _terms(config: Config) -> tuple[str, ...]:
    """Return the words that the configured feeds look for, each once, the first few."""
    found = (term for feed in config.feeds.values() for term in feed.terms)
    return tuple(dict.fromkeys(found))[:_TERMS_SHOWN]
