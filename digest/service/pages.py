"""The pages as use cases: which content each needs of the service, rendered to documents.

A page never waits for arXiv longer than people do: what isn't there by then is told as such, and the
page says when to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from digest import costs
from digest.arxiv.taxonomy import Spec
from digest.config.settings import Config
from digest.errors import UnavailableError
from digest.feeds.addresses import FeedAddress
from digest.feeds.named import named_request
from digest.feeds.papers import FeedContent, FeedRequest
from digest.listings.expiry import LONGEST_TTL, Expiry, expiry, first_of
from digest.rendering.documents import HTML, Document, Known
from digest.rendering.pages.builder import (
    PREVIEW_DAYS,
    Form,
    render_builder,
    render_problem,
    render_result,
)
from digest.rendering.pages.home import render_card, render_card_without_papers, render_home
from digest.rendering.pages.reading import TEXT_TYPES, Place, render_reading, render_text
from digest.rendering.pages.status import render_status, render_trends
from digest.rendering.pages.templating import Site
from digest.reports.status import Status
from digest.selection import Selection
from digest.service.publishing import Publisher, published

PATIENCE = timedelta(seconds=4)
"""How long a page that can do without some papers waits for them."""
_SOON = timedelta(seconds=5)
_FORM_TTL = timedelta(hours=1)
"""For pages that hold no papers."""
_STATUS_TTL = timedelta(seconds=30)
_STATUS_PATIENCE = timedelta(seconds=1)
"""Who looks at the status wants to know what is wrong now; trends are an extra."""
_TERMS_SHOWN = 12
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

T = TypeVar("T")


def site_of(config: Config, base_url: str, link: Callable[[str], str] = str) -> Site:
    """Return what every page says about the server."""
    feeds = tuple((name, feed.title or name) for name, feed in config.feeds.items())
    return Site(title=config.server.title, base_url=base_url, feeds=feeds, link=link)


class Pages:
    """Pages for people.

    Args:
        config: The settings.
        publisher: Makes documents.
        status: Tells the state of the server.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        publisher: Publisher,
        status: Callable[[], Awaitable[Status]],
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._publisher = publisher
        self._status = status
        self._now = now

    async def home(self, site: Site) -> Document:
        """Return the home page; feeds of which nothing is held yet are shown without papers."""
        config = self._config
        requests = [named_request(config, name) for name in config.feed_names]
        jobs = [asyncio.create_task(self._card(request, site)) for request in requests]
        done, waiting = await _finished(jobs)
        cards = [
            job.result()
            if job in done
            else self._no_card(request, site, "Being fetched from arXiv; look again in a moment.")
            for job, request in zip(jobs, requests, strict=True)
        ]
        feeds, topics = (
            [card.body.decode() for card in part] for part in (cards[: len(config.feeds)], cards[len(config.feeds) :])
        )
        return _assembled(render_home(site, feeds, topics), cards, waiting=waiting)

    async def reading(self, request: FeedRequest, site: Site, place: Place, *, known: Known | None = None) -> Document:
        """Return one page of a feed's papers; without its bytes if the client has them (*known*).

        Raises:
            NotFoundError: The feed has fewer pages.
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """

        def render(content: FeedContent) -> bytes:
            return render_reading(content, site, place).encode()

        return await self._publisher.feed(request, HTML, render, "page", repr((site, place)), known=known)

    async def text(self, request: FeedRequest, ending: str, number: int | None) -> Document:
        """Return a feed's papers, those of one page or all, as text to copy; *ending* is one of `TEXT_TYPES`.

        Raises:
            NotFoundError: The feed has fewer pages.
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """

        def render(content: FeedContent) -> bytes:
            return render_text(content, ending, number).encode()

        return await self._publisher.feed(request, TEXT_TYPES[ending], render, str(number))

    async def builder(
        self, site: Site, form: Form, request: FeedRequest | None, address: FeedAddress | None
    ) -> Document:
        """Return the feed builder.

        Args:
            site: Whose page it is.
            form: What the form holds.
            request: What it asks for; None if nothing or nothing usable.
            address: Where that feed is.
        """
        if request is None or address is None:
            words = "Correct what is marked in the form." if form.problems else "Choose at least one category."
            result = render_problem(site, words if form.problems else f"{words} The preview appears here.")
            return _plain(render_builder(site, form, result), expiry(self._now(), at_most=_FORM_TTL))
        selection = request.selection.model_copy(update={"limit": None})
        preview = replace(request, selection=selection, days=PREVIEW_DAYS)

        def render(content: FeedContent) -> bytes:
            return render_result(content, request, site, address).encode()

        job = asyncio.create_task(
            _or_problem(self._publisher.feed(preview, HTML, render, "build", repr((site, request, address))))
        )
        done, waiting = await _finished([job])
        found = (
            job.result()
            if job in done
            else "arXiv is being asked for these categories; the preview appears in a moment."
        )
        if isinstance(found, Document):
            return _assembled(render_builder(site, form, found.body.decode()), [found], waiting=waiting)
        result = render_problem(site, found, address=address, request=request)
        return _plain(render_builder(site, form, result), expiry(self._now(), unfinished=waiting, at_most=_SOON))

    async def status(self, site: Site) -> Document:
        """Return the status page. Asks arXiv nothing beyond what feeds do."""
        status = await self._status()
        config = self._config
        terms = _terms(config)
        trends: Document | str = ""
        waiting = False
        if config.contexts and (terms or config.tagging):
            request = FeedRequest(spec=Spec(config.contexts), selection=Selection())

            def render(content: FeedContent) -> bytes:
                return render_trends(content, terms, config.tagging, site).encode()

            job = asyncio.create_task(
                _or_problem(self._publisher.feed(request, HTML, render, "trends", repr((site, terms))))
            )
            done, waiting = await _finished([job], _STATUS_PATIENCE)
            trends = job.result() if job in done else ""
        page = render_status(status, site, trends.body.decode() if isinstance(trends, Document) else "")
        return _plain(page, expiry(self._now(), unfinished=waiting, at_most=_STATUS_TTL), modified=status.now)

    async def _card(self, request: FeedRequest, site: Site) -> Document:
        def render(content: FeedContent) -> bytes:
            return render_card(content, site).encode()

        found = await _or_problem(self._publisher.feed(request, HTML, render, "card", repr(site)))
        return found if isinstance(found, Document) else self._no_card(request, site, found)

    def _no_card(self, request: FeedRequest, site: Site, problem: str) -> Document:
        return _plain(render_card_without_papers(request, site, problem), expiry(self._now(), at_most=_SOON))


async def _or_problem(work: Awaitable[T]) -> T | str:
    """Return the result, or in words why there is none."""
    try:
        return await work
    except UnavailableError as error:
        return str(error)


async def _finished(
    jobs: Iterable[asyncio.Task[T]], patience: timedelta = PATIENCE
) -> tuple[set[asyncio.Task[T]], bool]:
    """Wait for *jobs* as long as people do, or as *patience* says; return those that are done, and whether others go on."""
    jobs = list(jobs)
    if not jobs:
        return set(), False
    done, waiting = await asyncio.wait(jobs, timeout=patience.total_seconds())
    return done, costs.note_behind([asyncio.create_task(_quietly(job)) for job in waiting])


async def _quietly(job: asyncio.Task[T]) -> None:
    await asyncio.wait([job])


def _assembled(page: str, parts: list[Document], *, waiting: bool) -> Document:
    """Return a page made of *parts*: as new as the newest, as fresh as the one that is stale first."""
    modified = max((part.last_modified for part in parts), default=_EPOCH)
    at_most = _SOON if waiting else LONGEST_TTL if parts else _FORM_TTL
    return published(
        page.encode(), HTML, modified, first_of([part.expiry for part in parts], unfinished=waiting, at_most=at_most)
    )


def _plain(page: str, lasting: Expiry, *, modified: datetime = _EPOCH) -> Document:
    return published(page.encode(), HTML, modified, lasting)


def _terms(config: Config) -> tuple[str, ...]:
    """Return the words that the configured feeds look for, each once, the first few."""
    found: list[str] = []
    for feed in config.feeds.values():
        found += feed.include
        found += [keyword.terms[0] for keyword in feed.scoring.keywords if keyword.weight > 0]
    return tuple(dict.fromkeys(found))[:_TERMS_SHOWN]
