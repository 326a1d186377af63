"""The use cases of digests: one day of a feed or of all feeds, as a document, a page or an item of a feed.

One digest request: listings of the day → merge and select for each feed → one `DayContent` → bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from cachetools import LRUCache

from digest.arxiv import schedule
from digest.config.settings import Config
from digest.costs import Admit, free
from digest.errors import NotFoundError
from digest.feeds.daily import (
    FIRST_DAY,
    DayContent,
    DigestScope,
    HeldDay,
    compose_day,
    day_of,
    next_day,
    previous_day,
    quiet_day,
)
from digest.feeds.papers import FeedContent, FeedRequest
from digest.listings.expiry import Expiry, expiry
from digest.listings.freshness import ContextState
from digest.listings.listings import Listings
from digest.listings.windows import LoadedWindow
from digest.models import Counts
from digest.rendering.documents import HTML, Document
from digest.rendering.formats import FORMATS
from digest.service.contents import fingerprint
from digest.service.publishing import published

if TYPE_CHECKING:
    from digest.rendering.pages.templating import Site

_SETTLED_AFTER = timedelta(days=4)
"""Days that are older are not expected to change any more: summaries are written within a day or two."""
_CONTENTS_BYTES = 24_000_000
"""Memory for days that are kept composed, about."""
_DAY_BYTES = 12_000
"""What a day takes however few entries it shows, with receipts and the scope."""
_ENTRY_BYTES = 3_000
_INDEX_TTL = timedelta(minutes=5)

T = TypeVar("T")


class Compose(Protocol):
    """Makes a feed's content of a window."""

    async def __call__(self, request: FeedRequest, window: LoadedWindow, *, admit: Admit) -> FeedContent: ...


class Mark(Protocol):
    """Names everything that this content depends on."""

    async def __call__(self, request: FeedRequest, window: LoadedWindow, *, admit: Admit) -> str: ...


class Render(Protocol):
    """Runs work where rendering is done; its weight is the number of papers."""

    async def __call__(self, work: Callable[[], T], *, weight: int = 0) -> T: ...


@dataclass(frozen=True)
class Day:
    """One day's digest and its place among the others.

    Attributes:
        previous: The announcement before, None before arXiv began.
        next: The announcement after, None for the newest.
        expiry: How long it stays true.
    """

    content: DayContent
    previous: date | None
    next: date | None
    expiry: Expiry = field(compare=False)


class Digests:
    """Digests over the listings that the service keeps.

    Args:
        config: The settings.
        listings: What arXiv announced.
        compose: Makes a feed's content of a window.
        mark: Names everything that this content depends on.
        render: Runs work where rendering is done.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        listings: Listings,
        compose: Compose,
        mark: Mark,
        render: Render,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._listings = listings
        self._compose = compose
        self._mark = mark
        self._render = render
        self._now = now
        self._contents: LRUCache[str, DayContent] = LRUCache(_CONTENTS_BYTES, _size_of)

    @property
    def size_bytes(self) -> int:
        """Memory that the days take that are kept composed, about."""
        return int(self._contents.currsize)

    def scope(self, requests: tuple[FeedRequest, ...]) -> DigestScope:
        """Return the scope of all configured feeds, whose *requests* these are.

        Raises:
            NotFoundError: None is configured.
        """
        if not requests:
            raise NotFoundError("no feed is configured, so there is no common digest; ask for one with spec=")
        return DigestScope(requests, self._config.server.title, "digest")

    async def day(self, scope: DigestScope, day: date | None, *, wait: bool = True, admit: Admit = free) -> Day:
        """Return the digest of *day*, None for the newest that is held; without *wait* only of what is held.

        Raises:
            NotFoundError: The day lies in the future, or before arXiv began.
            UnavailableError: Nothing is held of it and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        now = self._now()
        states = await self._listings.held.states(scope.contexts)
        changes: list[datetime] = []
        if day is None:  # tomorrow that is another one
            day, changes = await self._newest(scope, wait=wait, admit=admit)
        latest = schedule.latest_feed_day(now)
        if day < FIRST_DAY:
            raise NotFoundError(f"there is no digest of {day}: arXiv's first paper is of {FIRST_DAY}")
        if day > max(schedule.eastern_date(now), latest):
            missing = schedule.explain_day(day) or "announcement not out yet"
            raise NotFoundError(f"{day}: {missing}; the newest is of {latest}")
        quiet = _quiet_days(states)
        around = previous_day(day, quiet), next_day(day, latest, quiet)
        if day.weekday() >= 5 and not any(day in state.held for state in states.values()):
            content, windows = quiet_day(scope, day, schedule.explain_day(day)), []
        else:
            windows = await self._windows(scope, day, wait=wait, admit=admit)
            content = await self._content(scope, day, [day_of(window, day) for window in windows], admit)
        changes += [one.fresh_until for one in windows]
        if around[1] is None:  # it gets a neighbour
            changes.append(schedule.next_feed_change(now))
        lasting = expiry(
            now,
            changes,
            unfinished=content.is_settling or any(one.is_settling for one in windows),
            settled=content.is_settled and schedule.eastern_date(now) - day > _SETTLED_AFTER,
        )
        return Day(content, *around, lasting)

    async def render(self, day: Day, media_type: str, work: Callable[[DayContent], bytes]) -> Document:
        """Return a day as an answer whose body *work* makes."""
        body = await self._render(lambda: work(day.content), weight=day.content.shown)
        return published(body, media_type, day.content.last_modified, day.expiry)

    async def feed(
        self, scope: DigestScope, format_name: str, *, self_url: str, base_url: str, admit: Admit = free
    ) -> Document:
        """Return the newest days as a feed with one item a day; days without an entry have none.

        Raises:
            UnavailableError: Nothing is held and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        windows = await asyncio.gather(
            *(self._loaded_window(request.spec.contexts, request.days, admit) for request in scope.requests)
        )
        days = sorted({listing.day for window in windows for listing in window.listings}, reverse=True)[: scope.days]
        contents = [await self._content(scope, day, [day_of(window, day) for window in windows], admit) for day in days]

        wanted = FORMATS[format_name]

        def work() -> bytes:
            from digest.rendering.day_feeds import render_day_feed

            limit = self._config.server.max_answer_bytes
            return render_day_feed(
                contents, scope, wanted.days(), self_url=self_url, base_url=base_url, max_bytes=limit
            )

        body = await self._render(work, weight=sum(content.shown for content in contents))
        now = self._now()
        lasting = expiry(
            now,
            [window.fresh_until for window in windows],
            missing=any(window.missing for window in windows),
            unfinished=any(one.is_settling for one in windows) or any(one.is_settling for one in contents),
        )
        modified = max((content.last_modified for content in contents), default=now)
        return published(body, wanted.media_type, modified, lasting)

    async def held(self, scope: DigestScope) -> tuple[HeldDay, ...]:
        """Return the days that are held with papers, newest first. Never asks arXiv."""
        counts: dict[date, Counts] = {}
        for state in (await self._listings.held.states(scope.contexts)).values():
            for day, known in state.held.items():
                counts[day] = counts.get(day, Counts()) + known.held
        return tuple(HeldDay(day, counts[day]) for day in sorted(counts, reverse=True) if counts[day].total)

    async def index(self, scope: DigestScope, site: Site) -> Document:
        """Return the page that lists the days held, with the indexes of the configured feeds. Never asks arXiv."""
        from digest.rendering.pages.digest_pages import render_digest_index

        days = await self.held(scope)
        others = [
            (title, "/digest" + (f"?feed={name}" if name else ""))
            for name, title in (("", site.title), *site.feeds)
            if f"feeds/{name}" != scope.name and (name or scope.name != "digest")
        ]
        body = await self._render(lambda: render_digest_index(scope, days, site, others).encode())
        modified = schedule.announcement_instant(days[0].day if days else FIRST_DAY)
        now = self._now()
        return published(body, HTML, modified, expiry(now, [schedule.next_feed_change(now)], at_most=_INDEX_TTL))

    async def prepare(self, scope: DigestScope) -> None:
        """Ask arXiv for what is due, and wait until the days of the scope's feed are as complete as they can be now."""
        await self._listings.refresh(scope.contexts, days=scope.days)

    async def _content(
        self, scope: DigestScope, day: date, windows: Sequence[LoadedWindow], admit: Admit
    ) -> DayContent:
        """Return the content of a day, made once for as long as what it is made of stays the same."""
        pairs = list(zip(scope.requests, windows, strict=True))
        key = fingerprint(
            scope.title, scope.name, scope.query, day, *[await self._mark(*pair, admit=admit) for pair in pairs]
        )
        found = self._contents.get(key)
        if found is None:
            contents = [await self._compose(*pair, admit=admit) for pair in pairs]
            papers = {paper.id for window in windows for listing in window.listings for paper in listing.papers}
            found = await self._render(
                lambda: compose_day(scope, day, contents, papers=len(papers)), weight=len(papers)
            )
            if _size_of(found) <= _CONTENTS_BYTES:
                self._contents[key] = found
        return found

    async def _loaded_window(self, contexts: Sequence[str], days: int, admit: Admit) -> LoadedWindow:
        return await self._listings.load(await self._listings.window(contexts, days=days, admit=admit))

    async def _newest(self, scope: DigestScope, *, wait: bool, admit: Admit) -> tuple[date, list[datetime]]:
        """Return the newest day, and when there can be a newer one."""
        windows = await asyncio.gather(
            *(
                self._listings.window(request.spec.contexts, days=1, wait=wait, admit=admit)
                for request in scope.requests
            )
        )
        newest = max(state.newest for window in windows for state in window.states.values() if state.newest)
        return newest, [window.fresh_until for window in windows]

    async def _windows(self, scope: DigestScope, day: date, *, wait: bool, admit: Admit) -> list[LoadedWindow]:
        """Return the listings of *day* for each request; those of the past are asked for all together."""
        if day >= schedule.latest_feed_day(self._now()):
            return list(
                await asyncio.gather(
                    *(
                        self._listings.day(request.spec.contexts, day, wait=wait, admit=admit)
                        for request in scope.requests
                    )
                )
            )
        window = await self._listings.day(scope.contexts, day, wait=wait, admit=admit)
        return [_part_of(window, request.spec.contexts) for request in scope.requests]


def _size_of(content: DayContent) -> int:
    return _DAY_BYTES + len(repr(content.scope.query)) * 4 + content.shown * _ENTRY_BYTES


def _quiet_days(states: Mapping[str, ContextState]) -> frozenset[date]:
    """Return the days on which arXiv is known to have announced nothing in any of the contexts."""
    known = [{day for day, one in state.held.items() if one.is_complete and one.is_empty} for state in states.values()]
    return frozenset(set.intersection(*known)) if known else frozenset()


def _part_of(window: LoadedWindow, contexts: tuple[str, ...]) -> LoadedWindow:
    """Return the part of *window* that concerns some of its contexts."""
    return replace(
        window,
        listings=tuple(one for one in window.listings if one.context in contexts),
        states={context: window.states[context] for context in contexts},
        filling=frozenset(place for place in window.filling if place[0] in contexts),
    )
