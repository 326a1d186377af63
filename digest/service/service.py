"""The use cases: what a reader, the JSON API and the command line ask for.

One feed request: validate (before it comes here) → listings of the window → merge → select → document → bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from digest import costs
from digest.arxiv.identifiers import Identifier, parse_identifier
from digest.arxiv.taxonomy import parse_spec
from digest.concurrency.coalescing import SingleFlight
from digest.config.settings import Config
from digest.config.views import View
from digest.errors import InputError, NotFoundError
from digest.feeds.paging import cursor_behind, position_of
from digest.feeds.papers import DEFAULT_DAYS, FeedContent, FeedRequest, document_of, explain_paper, search_document
from digest.listings.examples import Examples
from digest.listings.listings import Listings
from digest.listings.searching import Searches
from digest.listings.windows import Window
from digest.models import Entry, Paper
from digest.rendering.documents import SHORTEST_TTL, Document, Known, etag_for
from digest.rendering.fitting import render_fitting
from digest.rendering.formats import FORMATS
from digest.reports.refreshing import RefreshOutcome, age_of, outcome_of
from digest.reports.status import Status
from digest.selection import Condition, Selection, Step
from digest.service.contents import Contents, digest_of
from digest.service.digests import Digests
from digest.service.model_desk import ModelDesk
from digest.service.renderings import Renderings
from digest.service.server_status import server_status
from digest.service.summary_runs import SummaryRuns
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient

_LACKING_TTL = timedelta(minutes=10)
"""For feeds whose papers have not all got the summaries that they may get."""


@dataclass(frozen=True)
class Page:
    """One page of papers: entries, and where the next page starts (None: this was the last).

    Where no paper passes, `conditions` says how many each one leaves.
    """

    entries: tuple[Entry, ...]
    total: int
    cursor: str | None
    last_modified: datetime
    fresh_for: timedelta
    conditions: tuple[Condition, ...] = ()


class DigestService:
    """Everything the program does, over its adapters.

    Args:
        config: The settings.
        store: Shared memory of all instances.
        client: The connection to arXiv.
        listings: What arXiv announced.
        searches: What its API finds.
        examples: The texts behind `like`.
        desk: Summaries by a model.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        store: Store,
        client: ArxivClient,
        listings: Listings,
        searches: Searches,
        examples: Examples,
        desk: ModelDesk,
        now: Callable[[], datetime],
    ) -> None:
        self.config = config
        self._store = store
        self._client = client
        self._listings = listings
        self._searches = searches
        self._desk = desk
        self._now = now
        self.renderings = self._renderings = Renderings()
        self._rendering: SingleFlight[str, tuple[Document, Window]] = SingleFlight(
            drops=lambda name: name not in self._begun  # what has begun is kept for those who come back
        )
        self._begun: set[str] = set()
        self._contents = Contents(listings, examples, desk, self._renderings)
        self.digests = Digests(
            config,
            listings=listings,
            compose=self._contents.of_window,
            mark=self._contents.mark,
            render=self._renderings.run,
            now=now,
        )
        requests = [self.named_feed(name) for name in config.feeds]
        self.summaries = SummaryRuns(requests, desk, compose=self._contents.composed, now=now)

    def named_feed(self, name: str) -> FeedRequest:
        """Return the request of a feed named in the configuration.

        Raises:
            NotFoundError: There is none of that name.
        """
        feed = self.config.feeds.get(name)
        if name in self.config.topics:
            return self._topic_feed(name)
        if feed is None:
            known = ", ".join(self.config.feed_names) or "none"
            raise NotFoundError(f"no feed is named {name!r}; configured are: {known}")
        return FeedRequest(
            spec=feed.spec,
            selection=feed.selection(self.config.tagging),
            days=feed.days,
            name=name,
            title=feed.title or name,
            description=feed.description,
            view=feed.view,
        )

    def _topic_feed(self, name: str) -> FeedRequest:
        topic = self.config.topics[name]
        spec = parse_spec("+".join(topic.categories or self.config.contexts))
        selection = Selection(q=topic.q, topics=self.config.tagging)
        return FeedRequest(spec=spec, selection=selection, name=name, title=topic.label)

    async def feed(
        self, request: FeedRequest, format_name: str, *, self_url: str, page_url: str, known: Known | None = None
    ) -> Document:
        """Return the feed as bytes in the format `rss`, `atom` or `json`; without them if the client has them (*known*).

        Raises:
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """
        media_type, render = FORMATS[format_name].media_type, FORMATS[format_name].papers()

        def made(content: FeedContent) -> bytes:
            document = document_of(content, self_url=self_url, page_url=page_url)
            return render_fitting(document, render, self.config.server.max_answer_bytes)

        return await self.rendered(request, media_type, made, format_name, self_url, page_url, known=known)

    async def rendered(
        self,
        request: FeedRequest,
        media_type: str,
        render: Callable[[FeedContent], bytes],
        *key: str,
        known: Known | None = None,
    ) -> Document:
        """Return what *render* makes of a feed's content; made once for as long as the content stays the same.

        Args:
            request: Which papers.
            media_type: Of the bytes.
            render: Pure. What it raises is raised here.
            key: Names everything, other than request and content, that the bytes depend on.
            known: Tells what the client has already; that is returned without bytes, and mostly without rendering.

        Raises:
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """

        def document(content: FeedContent) -> Document:
            body = render(content)
            return Document(body, media_type, etag_for(body), content.last_modified, timedelta(0))

        async def made() -> tuple[Document, Window]:
            try:
                rendered, window = await self._contents.render(material, document, begun=lambda: self._begun.add(name))
                now_named = digest_of(replace(material, window=window).mark, edition, media_type, key)
                return self._renderings.keep(now_named, rendered), window
            finally:
                self._begun.discard(name)

        material = await self._contents.gather(request)
        edition = await self._desk.edition(request)
        name = digest_of(material.mark, edition, media_type, key)
        held = None if self._desk.is_due(request, material.listings_mark) else self._kept(name, known)
        window = material.window
        costs.note_outcome("fresh" if held is None else "rendered")
        if held is None:
            held, window = await self._rendering.run(name, made)
        unfinished = costs.note_behind(self._desk.pending(request)) or window.is_settling
        return replace(held, fresh_for=self._fresh_for(window, request), unfinished=unfinished)

    def _kept(self, name: str, known: Known | None) -> Document | None:
        unchanged = self._renderings.unchanged(name, known) if known else None
        return unchanged or self._renderings.get(name)

    async def search(
        self, text: str, view: View, format_name: str, *, title: str | None = None, self_url: str, page_url: str
    ) -> Document:
        """Return a query of arXiv's API as a feed.

        Raises:
            InputError: The query can't be understood.
            TooManyRequestsError: Too many searches are in use.
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """
        found = await self._searches.search(text)
        media_type, render = FORMATS[format_name].media_type, FORMATS[format_name].papers()

        def work() -> Document:
            document = search_document(found, text, view, title=title, self_url=self_url, page_url=page_url)
            body = render(document)
            return Document(body, media_type, etag_for(body), document.updated, timedelta(0))

        document = await self._renderings.run(work)
        return replace(document, fresh_for=max(found.fresh_until() - self._now(), SHORTEST_TTL))

    async def explain(self, request: FeedRequest, text: str) -> tuple[Step, ...]:
        """Tell rule by rule why a paper is in a feed or not.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing of the feed's window has it.
        """
        ident = _identifier(text).id
        material = await self._contents.load(await self._contents.gather(request))
        examples = material.examples
        steps = await self._renderings.run(
            lambda: explain_paper(request, material.window, ident, examples=examples), weight=material.weight
        )
        if not steps:
            raise NotFoundError(f"{ident} is in none of the listings that this feed is made of")
        return steps

    async def papers(self, request: FeedRequest, *, cursor: str | None, limit: int) -> Page:
        """Return one page of the papers of a feed, in the feed's order.

        Raises:
            InputError: The cursor is none of ours, or belongs to other parameters.
        """
        material = await self._contents.load(await self._contents.gather(request))
        content = await self._contents.summarised(material)
        start = position_of(cursor, request, content.entries) if cursor else 0
        page = content.entries[start : start + limit]
        has_more = start + limit < len(content.entries)
        following = cursor_behind(request, page[-1]) if has_more else None
        fresh_for = self._fresh_for(material.window, request)
        return Page(page, len(content.entries), following, content.last_modified, fresh_for, content.conditions)

    async def paper(self, text: str) -> Paper:
        """Return one paper that is held, whatever feed it is in.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing that is held has it, or another version than *text* names.
        """
        ident = _identifier(text)
        found = await self._listings.find(ident.id)
        if not found:
            raise NotFoundError(f"{ident.id} is in no listing that this server holds")
        if ident.version not in {None, found.version}:
            raise NotFoundError(f"version {ident.version} of {ident.id} is not held, but version {found.version} is")
        return found

    async def status(self) -> Status:
        """Return what an operator wants to know in one look. Never asks arXiv."""
        return server_status(
            self._store,
            self._client.counters,
            await self._client.cooldowns(),
            await self._listings.known(),
            await self._desk.status(),
            now=self._now(),
        )

    async def held_counts(self) -> dict[str, tuple[int, int] | None]:
        """Return for each configured feed and topic how many papers it would show: of the newest day, and in all.

        None where nothing is held. Never asks arXiv for listings.
        """
        counts: dict[str, tuple[int, int] | None] = {}
        for name in self.config.feed_names:
            request = self.named_feed(name)
            window = await self._listings.held(request.spec.contexts, days=request.days)
            counts[name] = None
            if window is not None:
                content = await self._contents.of_window(request, window)
                today = sum(entry.paper.announced == window.days[0] for entry in content.entries)
                counts[name] = (today, len(content.entries))
        return counts

    async def keep_warm(self) -> None:
        """Refresh and complete what readers asked for lately."""
        await self._listings.keep_warm(days=self._longest_days)

    @property
    def _longest_days(self) -> int:
        return max([DEFAULT_DAYS, *(feed.days for feed in self.config.feeds.values())])

    async def ready(self) -> tuple[bool, str]:
        """Tell whether feeds can be served, and why not."""
        if self._store.degraded:
            return False, f"the store {self._store.describe()} doesn't answer; memory stands in"
        if self._store.refusal:
            return False, f"the store {self._store.describe()}: {self._store.refusal}"
        return True, "ready"

    async def refresh(self, contexts: Sequence[str] = ()) -> dict[str, Any]:
        """Fetch what is due of *contexts* (none given: of all configured feeds)."""
        wanted = contexts or self.config.contexts
        states = await self._listings.refresh(wanted)
        return {
            context: {
                "newest_day": state.newest,
                "complete": state.newest is not None and state.days[state.newest].is_complete,
                "error": state.last_error if state.failures else None,
            }
            for context, state in states.items()
        }

    async def refresh_within(self, budget: timedelta) -> RefreshOutcome:
        """Fetch what is due of all configured feeds and complete their days, as far as *budget* reaches."""
        days = self._longest_days
        states = await self._listings.refresh_within(self.config.contexts, days=days, budget=budget)
        return outcome_of(states, days, self._now())

    async def refresh_all_within(self, budget: timedelta) -> RefreshOutcome:
        """Do as `refresh_within`, then write the model summaries that are missing, as far as *budget* reaches."""
        ends = asyncio.get_running_loop().time() + budget.total_seconds()
        outcome = await self.refresh_within(budget)
        left = timedelta(seconds=ends - asyncio.get_running_loop().time())
        return outcome.model_copy(update={"summaries": await self.summaries.fill(left)})

    async def age(self) -> timedelta | None:
        """Return how long ago arXiv was asked for the configured context left alone longest; None: for one never."""
        return age_of(await self._listings.states(self.config.contexts), self._now())

    async def aclose(self) -> None:
        """Stop what is under way and free connections and threads."""
        await self._desk.aclose()
        await self._listings.aclose()
        await self._client.aclose()
        await self._store.close()
        self._renderings.close()

    def _fresh_for(self, window: Window, request: FeedRequest) -> timedelta:
        if window.missing or window.is_settling or self._desk.pending(request):
            return SHORTEST_TTL
        until = window.fresh_until - self._now()
        return max(min(until, _LACKING_TTL) if self._desk.lacks(request) else until, SHORTEST_TTL)


def _identifier(text: str) -> Identifier:
    ident = parse_identifier(text)
    if ident is None:
        raise InputError(f"{text!r} is no arXiv id", name="id", hint="expected e.g. 2601.05174 or hep-th/9901001")
    return ident
