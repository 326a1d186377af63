"""The use cases of feeds: papers as a feed, page by page, one by one, and why a paper is in a feed or not.

One feed request: validate (before it comes here) → listings of the window → merge → select → document → bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.arxiv.identifiers import identifier_of
from digest.config.settings import Config
from digest.config.views import View
from digest.costs import Admit, free
from digest.errors import NotFoundError
from digest.feeds.document import Elsewhere
from digest.feeds.named import named_request
from digest.feeds.paging import cursor_behind, newest_of, position_of
from digest.feeds.papers import (
    NONE,
    FeedContent,
    FeedRequest,
    document_of,
    explain_paper,
    search_document,
    with_builtin,
)
from digest.feeds.room import room_of
from digest.listings.expiry import Expiry, expiry
from digest.listings.searching import Searches
from digest.models import Entry
from digest.rendering.documents import PLAIN_TEXT, Document, Known
from digest.rendering.fitting import render_fitting
from digest.rendering.formats import FORMATS
from digest.selection import Condition, Step
from digest.service.contents import Contents
from digest.service.publishing import Publisher, published
from digest.service.rendering_threads import RenderingThreads
from digest.service.stored_renderings import place_of


@dataclass(frozen=True)
class Page:
    """One page of papers: entries, and where the next page starts (None: this was the last).

    Where no paper passes, `conditions` says how many each one leaves.
    """

    entries: tuple[Entry, ...]
    total: int
    cursor: str | None
    last_modified: datetime
    expiry: Expiry
    conditions: tuple[Condition, ...] = ()


class Feeds:
    """Feeds of papers, for routes and commands.

    Args:
        config: The settings.
        searches: What its API finds.
        contents: What feeds hold.
        publisher: Makes documents.
        threads: Where the work is done.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        searches: Searches,
        contents: Contents,
        publisher: Publisher,
        threads: RenderingThreads,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._searches = searches
        self._contents = contents
        self._publisher = publisher
        self._threads = threads
        self._now = now

    def named(self, name: str) -> FeedRequest:
        """Return the request of a feed or topic named in the configuration.

        Raises:
            NotFoundError: There is none of that name.
        """
        return named_request(self._config, name)

    async def feed(
        self,
        request: FeedRequest,
        format_name: str,
        *,
        self_url: str,
        page_url: str,
        base_url: str = "",
        rest_url: str | None = None,
        whole_url: str = "",
        older: Callable[[str], str] | None = None,
        cursor: str = "",
        current_url: str = "",
        known: Known | None = None,
        admit: Admit = free,
    ) -> Document:
        """Return the feed as bytes in a format of `FORMATS`; without them if the client has them (*known*).

        Args:
            request: Which papers.
            format_name: Of the bytes.
            self_url: The address of the feed in this format.
            page_url: That of the page with the same papers.
            base_url: That of the server, where its icons are.
            rest_url: That of a page with what `top` leaves out, too.
            whole_url: That of the same feed with `days`, which holds what finds no room here.
            older: Makes of a cursor the address at which the feed goes on; None: it ends where there is no more room.
            cursor: Behind which entry it goes on, with what is stored of its window: nobody is asked for anything.
            current_url: Where the feed begins, if this is not its beginning.
            known: Tells what the client has already.
            admit: Asked before arXiv is asked for what nobody asked for before.

        Raises:
            InputError: The cursor is none of ours, or belongs to another feed.
            NotFoundError: Nothing is stored any more of what it points to.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        media_type, render = FORMATS[format_name].media_type, FORMATS[format_name].papers()
        longest = self._config.server.max_answer_bytes
        until = newest_of(cursor, request) if cursor else None

        def made(content: FeedContent) -> bytes:
            def older_url(last: Entry) -> str:
                return older(cursor_behind(request, last, content.newest_day)) if older else ""

            document = document_of(
                content,
                self_url=self_url,
                page_url=page_url,
                base_url=base_url,
                rest_url=rest_url,
                elsewhere=Elsewhere(
                    older=older_url(content.entries[-1]) if content.is_cut and content.entries else "",
                    current=current_url,
                ),
            )
            return render_fitting(document, render, longest, older_url)

        key = (format_name, self_url, page_url)
        place = place_of(request, format_name, self_url, page_url)
        room = room_of(request, longest, "" if cursor else whole_url, cursor)
        return await self._publisher.feed(
            request, media_type, made, *key, known=known, place=place, room=room, admit=admit, until=until
        )

    async def printed(self, request: FeedRequest) -> Document:
        """Return the feed as text for a terminal.

        Raises:
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """
        from digest.rendering.terminal import render_terminal

        def made(content: FeedContent) -> bytes:
            return render_terminal(content).encode()

        return await self._publisher.feed(request, PLAIN_TEXT, made, "text")

    async def search(
        self,
        text: str,
        view: View,
        format_name: str,
        *,
        title: str | None = None,
        self_url: str,
        page_url: str,
        admit: Admit = free,
        base_url: str = "",
    ) -> Document:
        """Return a query of arXiv's API as a feed.

        Raises:
            InputError: The query can't be understood.
            TooManyRequestsError: *admit* refuses another search.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """
        found = await self._searches.search(text, admit=admit)
        media_type, render = FORMATS[format_name].media_type, FORMATS[format_name].papers()

        def work() -> tuple[bytes, datetime]:
            document = search_document(
                found, text, view, title=title, self_url=self_url, page_url=page_url, base_url=base_url
            )
            return render(document), document.updated

        body, updated = await self._threads.run(work)
        return published(body, media_type, updated, expiry(self._now(), [found.fresh_until()]))

    async def explain(self, request: FeedRequest, text: str, *, admit: Admit = free) -> tuple[Step, ...]:
        """Tell rule by rule why a paper is in a feed or not.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing of the feed's window has it.
        """
        ident = identifier_of(text).id
        material = await self._contents.load(await self._contents.gather(request, admit=admit))
        examples = material.examples
        judged = (await self._contents.summarised(material, shown=NONE, fills=False)).judged
        steps = await self._threads.run(
            lambda: explain_paper(material.composed, material.window, ident, examples=examples, judged=judged),
            weight=material.weight,
        )
        if not steps:
            raise NotFoundError(f"{ident} is in none of the listings that this feed is made of")
        return steps

    async def papers(self, request: FeedRequest, *, cursor: str | None, limit: int, admit: Admit = free) -> Page:
        """Return one page of the papers of a feed, in the feed's order.

        Raises:
            InputError: The cursor is none of ours, or belongs to other parameters.
        """
        material = await self._contents.load(await self._contents.gather(request, admit=admit))
        content = await self._contents.summarised(material, shown=NONE)
        start = position_of(cursor, request, content.entries) if cursor else 0
        on_page = content.entries[start : start + limit]
        page = await self._threads.run(lambda: with_builtin(on_page, request.view.summary), weight=limit)
        has_more = start + limit < len(content.entries)
        following = cursor_behind(request, page[-1]) if has_more else None
        lasting = self._publisher.expiry_of(material.window, request, material.ranking)
        return Page(page, len(content.entries), following, content.last_modified, lasting, content.conditions)
