"""The use cases: what a reader, the JSON API and the command line ask for.

One feed request: validate (before it comes here) → listings of the window → merge → select → document → bytes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from digest import __version__, schedule
from digest.config import Config
from digest.errors import InputError, NotFoundError
from digest.fetching import ArxivClient
from digest.freshness import ContextState, due_at
from digest.identifiers import parse_identifier
from digest.listings import Listings, Window
from digest.merging import merge_listings
from digest.models import Entry, Paper
from digest.receipts import DayReceipt, FeedReceipt, day_receipts
from digest.rendering.document import Compat, FeedDocument, updated_at
from digest.rendering.formats import FORMATS
from digest.selection import Selected, Selection, narrow, select
from digest.store import Store
from digest.taxonomy import Spec

DEFAULT_DAYS = 7
_RENDERED_BYTES = 48_000_000
_STATUS_DAYS = 14
_SHORTEST_TTL = timedelta(seconds=60)
"""For answers that may soon be more complete."""


@dataclass(frozen=True)
class FeedRequest:
    """Which papers, of which days, shown how. Canonical: equal requests are equal objects."""

    spec: Spec
    selection: Selection
    days: int = DEFAULT_DAYS
    name: str | None = None
    """The name in the configuration, None for an ad-hoc feed."""
    title: str | None = None
    description: str | None = None
    compat: Compat = Compat.NONE

    def narrowed(self, by: Selection, days: int | None, compat: Compat | None = None) -> FeedRequest:
        """Return a request for some of the same papers: never for others, whatever the arguments say."""
        return replace(
            self,
            selection=self.selection if by == Selection() else narrow(self.selection, by),
            days=min(self.days, days or self.days),
            compat=compat or self.compat,
        )


@dataclass(frozen=True)
class Document:
    """Bytes to serve, with what HTTP needs to know about them.

    Attributes:
        last_modified: The newest change of content, UTC.
        fresh_for: How long nothing newer can come.
        pending: Work to await after answering, see `Window.pending`.
    """

    body: bytes
    media_type: str
    etag: str
    last_modified: datetime
    fresh_for: timedelta
    pending: tuple[asyncio.Task[None], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Page:
    """One page of papers: entries, and where the next page starts (None: this was the last)."""

    entries: tuple[Entry, ...]
    total: int
    cursor: str | None
    last_modified: datetime
    fresh_for: timedelta


class DigestService:
    """Everything the program does, over its adapters.

    Args:
        config: The settings.
        store: Shared memory of all instances.
        client: The connection to arXiv.
        listings: What arXiv announced.
        now: The clock.
    """

    def __init__(
        self, config: Config, *, store: Store, client: ArxivClient, listings: Listings, now: Callable[[], datetime]
    ) -> None:
        self.config = config
        self._store = store
        self._client = client
        self._listings = listings
        self._now = now
        # One thread: rendering is bound to one processor anyway, and feedgen may not be used by two at a time.
        self._renderer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")
        self._rendered: OrderedDict[str, Document] = OrderedDict()

    def named_feed(self, name: str) -> FeedRequest:
        """Return the request of a feed named in the configuration.

        Raises:
            NotFoundError: There is none of that name.
        """
        feed = self.config.feeds.get(name)
        if feed is None:
            known = ", ".join(self.config.feeds) or "none"
            raise NotFoundError(f"no feed is named {name!r}; configured are: {known}")
        return FeedRequest(
            spec=feed.spec,
            selection=feed.selection,
            days=feed.days,
            name=name,
            title=feed.title or name,
            description=feed.description,
        )

    async def feed(self, request: FeedRequest, format_name: str, *, self_url: str, page_url: str) -> Document:
        """Return the feed as bytes in the format `rss`, `atom` or `json`.

        Raises:
            UnavailableError: Nothing is held and arXiv gives nothing now.
        """
        window = await self._listings.window(request.spec.contexts, days=request.days)
        fresh_for = self._fresh_for(window)
        key = _key(request, format_name, self_url, page_url, window)
        held = self._rendered.get(key)
        if held is None:
            _, media_type, load = FORMATS[format_name]
            render = load()
            held = await asyncio.get_running_loop().run_in_executor(
                self._renderer,
                lambda: _rendered(
                    request, window, render=render, self_url=self_url, page_url=page_url, media_type=media_type
                ),
            )
            self._remember(key, held)
        self._rendered.move_to_end(key)
        return Document(held.body, held.media_type, held.etag, held.last_modified, fresh_for, window.pending)

    async def papers(self, request: FeedRequest, *, cursor: str | None, limit: int) -> Page:
        """Return one page of the papers of a feed, in the feed's order.

        Raises:
            InputError: The cursor is none of ours, or belongs to other parameters.
        """
        window = await self._listings.window(request.spec.contexts, days=request.days)
        selected = await asyncio.get_running_loop().run_in_executor(
            self._renderer, lambda: selection_of(request, window)
        )
        ids = [entry.paper.id for entry in selected.entries]
        start = _position(cursor, request, selected.entries) if cursor else 0
        page = selected.entries[start : start + limit]
        more = start + limit < len(ids)
        cursor = _cursor(request, page[-1]) if more else None
        return Page(page, len(ids), cursor, _last_modified(window, selected.entries), self._fresh_for(window))

    async def paper(self, text: str) -> Paper:
        """Return one paper that is held, whatever feed it is in.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing that is held has it.
        """
        ident = parse_identifier(text)
        if ident is None:
            raise InputError(f"{text!r} is no arXiv id", name="id", hint="expected e.g. 2601.05174 or hep-th/9901001")
        found = await self._listings.find(ident.id)
        if not found:
            raise NotFoundError(f"{ident.id} is in no listing that this server holds")
        return found

    async def status(self) -> dict[str, Any]:
        """Return what an operator wants to know in one look. Never asks arXiv."""
        now = self._now()
        known = await self._listings.known()
        cooldowns = await self._client.cooldowns()
        return {
            "version": __version__,
            "now": now,
            "store": {"kind": self._store.kind, "place": self._store.describe(), "degraded": self._store.degraded},
            "arxiv": {
                "requests": self._client.counters.requests,
                "failures": self._client.counters.failures,
                "refusals": self._client.counters.refusals,
                "last_error": self._client.counters.last_error or None,
                "cooldowns_s": {
                    service.name.lower(): round(left.total_seconds()) for service, left in cooldowns.items()
                },
            },
            "schedule": {
                "latest_announcement_expected": schedule.latest_feed_day(now),
                "next_expected_change": schedule.next_feed_change(now),
                "today": schedule.explain_day(schedule.eastern_date(now)) or "announcement day",
            },
            "contexts": [_context_status(state, now) for state in known],
        }

    async def keep_warm(self) -> None:
        """Refresh and complete what readers asked for lately."""
        longest = max((feed.days for feed in self.config.feeds.values()), default=DEFAULT_DAYS)
        await self._listings.keep_warm(days=max(longest, DEFAULT_DAYS))

    async def ready(self) -> tuple[bool, str]:
        """Tell whether feeds can be served, and why not."""
        if self._store.degraded:
            return False, f"the store {self._store.describe()} doesn't answer; memory stands in"
        return True, "ready"

    async def refresh(self, contexts: Sequence[str] = ()) -> dict[str, Any]:
        """Fetch what is due of *contexts* (none given: of all configured feeds)."""
        wanted = contexts or sorted({context for feed in self.config.feeds.values() for context in feed.spec.contexts})
        states = await self._listings.refresh(wanted)
        return {
            context: {
                "newest_day": state.newest,
                "complete": state.newest is not None and state.days[state.newest].is_complete,
                "error": state.last_error if state.failures else None,
            }
            for context, state in states.items()
        }

    async def aclose(self) -> None:
        """Stop what is under way and free connections and threads."""
        await self._listings.aclose()
        await self._client.aclose()
        await self._store.close()
        self._renderer.shutdown(wait=False, cancel_futures=True)

    def _fresh_for(self, window: Window) -> timedelta:
        if window.missing or window.pending:
            return _SHORTEST_TTL
        return max(window.fresh_until - self._now(), _SHORTEST_TTL)

    def _remember(self, key: str, document: Document) -> None:
        self._rendered[key] = document
        while len(self._rendered) > 1 and sum(len(one.body) for one in self._rendered.values()) > _RENDERED_BYTES:
            self._rendered.popitem(last=False)


def _context_status(state: ContextState, now: datetime) -> dict[str, Any]:
    days = sorted(state.days, reverse=True)[:_STATUS_DAYS]
    return {
        "context": state.context,
        "newest_day": state.newest,
        "behind_calendar": state.newest is None or state.newest < schedule.latest_feed_day(now),
        "days_held": len(state.held),
        "checked_at": state.checked_at,
        "failures": state.failures,
        "last_error": state.last_error or None,
        "last_error_at": state.last_error_at,
        "next_check": due_at(state, now),
        "days": [
            {**receipt.model_dump(mode="json"), "fetched_at": state.days[receipt.day].fetched_at}
            for receipt in day_receipts([state], days, frozenset())
        ],
    }


def selection_of(request: FeedRequest, window: Window) -> Selected:
    """Merge the window's papers and select what the feed asks for."""
    return select(merge_listings(window.listings), request.selection)


def receipt_of(window: Window, selected: Selected) -> FeedReceipt:
    """Return the account of a feed: what was announced, held, shown, and why not the rest."""
    shown = len(selected.entries)
    papers = shown + selected.left_out.total
    return FeedReceipt(days=_days_of(window), papers=papers, shown=shown, left_out=selected.left_out)


def _days_of(window: Window) -> tuple[DayReceipt, ...]:
    return day_receipts(window.states.values(), window.days, window.filling)


def _rendered(
    request: FeedRequest,
    window: Window,
    *,
    render: Callable[[FeedDocument], bytes],
    self_url: str,
    page_url: str,
    media_type: str,
) -> Document:
    selected = selection_of(request, window)
    newest = max((listing.day for listing in window.listings if listing.papers), default=window.days[0])
    changes = [updated_at(entry) for entry in selected.entries]
    updated = max([schedule.announcement_instant(newest), *changes])
    document = FeedDocument(
        title=request.title or f"arXiv {request.spec}",
        description=request.description or f"New papers in {request.spec.name}",
        self_url=self_url,
        page_url=page_url,
        updated=updated,
        entries=selected.entries,
        receipt=receipt_of(window, selected),
        compat=request.compat,
    )
    body = render(document)
    return Document(body, media_type, etag_for(body), _last_modified(window, selected.entries), timedelta(0))


def _last_modified(window: Window, entries: Sequence[Entry]) -> datetime:
    """Return when the content last changed: announced or summarised, or learned by this server (days filled in later)."""
    return max([listing.fetched_at for listing in window.listings] + [updated_at(entry) for entry in entries])


def etag_for(body: bytes) -> str:
    """Return a strong entity tag for *body*, with its double quotes.

    Source: RFC 9110, section 8.8.3.
    """
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _key(request: FeedRequest, format_name: str, self_url: str, page_url: str, window: Window) -> str:
    """Name everything that the bytes depend on."""
    marks = [(one.context, str(one.day), window.states[one.context].days[one.day].mark) for one in window.listings]
    what = (repr(request), format_name, self_url, page_url, marks, repr(_days_of(window)))
    return hashlib.sha256(repr(what).encode()).hexdigest()


def _cursor(request: FeedRequest, last: Entry) -> str:
    """Point behind *last*: entries that are announced later don't shift the pages that follow."""
    mark = {"q": _request_mark(request), "d": last.paper.announced.isoformat(), "s": last.score, "i": last.paper.id}
    return base64.urlsafe_b64encode(json.dumps(mark, separators=(",", ":")).encode()).decode().rstrip("=")


def _position(cursor: str, request: FeedRequest, entries: Sequence[Entry]) -> int:
    """Return the index of the first entry behind the cursor's place."""
    problem = InputError("this cursor is not usable", name="cursor", hint="start again without one")
    try:
        mark: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        known, day, score, ident = mark["q"], mark["d"], float(mark["s"]), mark["i"]
    except (ValueError, KeyError, TypeError) as error:
        raise problem from error
    if known != _request_mark(request):
        raise InputError("this cursor belongs to other parameters", name="cursor", hint="start again without one")
    for index, entry in enumerate(entries):
        if entry.paper.id == ident:
            return index + 1
    behind = [n for n, e in enumerate(entries) if (e.paper.announced.isoformat(), e.score) < (day, score)]
    return behind[0] if behind else len(entries)


def _request_mark(request: FeedRequest) -> str:
    return hashlib.sha256(repr(request).encode()).hexdigest()[:12]
