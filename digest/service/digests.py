"""The use cases of digests: a day, a week or a range of one feed or of all, as a document, a page or an item of a feed.

One digest request: listings of its days → merge and select for each feed → one `DigestContent` → bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache

from digest.arxiv import schedule
from digest.config.settings import Config
from digest.costs import Admit, free
from digest.errors import NotFoundError, TooManyRequestsError, UnavailableError
from digest.feeds.daily import (
    FIRST_DAY,
    DigestContent,
    DigestScope,
    HeldDay,
    compose_digest,
    for_period,
    next_day,
    previous_day,
    quiet_period,
)
from digest.feeds.periods import Period, explain_period, following, one_day, preceding, weeks_back
from digest.listings.expiry import Expiry, expiry
from digest.listings.listings import Listings
from digest.listings.states import ContextState
from digest.listings.windows import LoadedWindow, Window, joined, of_contexts, part_of
from digest.models import Counts
from digest.rendering.documents import HTML, Document
from digest.rendering.formats import FORMATS
from digest.service.contents import Contents, fingerprint
from digest.service.publishing import published
from digest.service.rendering_threads import RenderingThreads

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
_WEEKDAYS = 5
_MAY_LACK = (UnavailableError, TooManyRequestsError)
"""What keeps a day out of a digest of several: it may be there a minute later."""

T = TypeVar("T")
W = TypeVar("W", bound=Window)


@dataclass(frozen=True)
class PlacedDigest:
    """A digest and its place among the others.

    Attributes:
        previous: The announcement before, or the week before a week; None before arXiv began, and for a range.
        next: The one after, None for the newest.
        expiry: How long it stays true.
    """

    content: DigestContent
    previous: Period | None
    next: Period | None
    expiry: Expiry = field(compare=False)


class Digests:
    """Digests over the listings that the service keeps.

    Args:
        config: The settings.
        listings: What arXiv announced.
        contents: What feeds hold.
        threads: Where the work is done.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        listings: Listings,
        contents: Contents,
        threads: RenderingThreads,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._listings = listings
        self._contents = contents
        self._threads = threads
        self._now = now
        self._made: LRUCache[str, DigestContent] = LRUCache(_CONTENTS_BYTES, _size_of)

    @property
    def size_bytes(self) -> int:
        """Memory that the days take that are kept composed, about."""
        return int(self._made.currsize)

    async def newest(self, scope: DigestScope, *, wait: bool = True, admit: Admit = free) -> tuple[Period, Expiry]:
        """Return the newest day that is stored, and how long it is that; without *wait* only of what is stored.

        Raises:
            UnavailableError: Nothing is stored and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        asked = [self._listings.window(one.spec.contexts, days=1, wait=wait, admit=admit) for one in scope.requests]
        latest = schedule.latest_feed_day(self._now())
        windows = await _some(asked, least=1 if wait else len(asked), enough=lambda one: _newest(one) >= latest)
        found = [window for window in windows if window]
        newest = max(map(_newest, found))
        lasting = expiry(
            self._now(),
            [window.fresh_until for window in found],
            unfinished=len(found) < len(windows) or any(one.is_settling for one in found),
        )
        return one_day(newest), lasting

    async def digest(
        self, scope: DigestScope, period: Period, *, wait: bool = True, admit: Admit = free
    ) -> PlacedDigest:
        """Return the digest of *period*; without *wait* only of what is stored.

        Raises:
            NotFoundError: It lies in the future, or before arXiv began.
            UnavailableError: Nothing is stored of it and arXiv gives nothing now.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for it.
        """
        now = self._now()
        latest = schedule.latest_feed_day(now)
        _check_place(period, max(schedule.eastern_date(now), latest), latest)
        states = await self._listings.held.states(scope.contexts)
        around = _around(period, latest, _quiet_days(states))
        days = _days_to_show(period, latest, [day for state in states.values() for day in state.held])
        is_running = not period.is_day and any(day > latest for day in period.weekdays)
        if days:
            windows = await self._windows(scope, days, wait=wait, admit=admit)
            content = await self._content(scope, period, windows, admit, is_running=is_running)
        else:
            content, windows = quiet_period(scope, period, explain_period(period)), []
        changes = [one.fresh_until for one in windows]
        if around[1] is None:  # it gets a neighbour, or another day
            changes.append(schedule.next_feed_change(now))
        lasting = expiry(
            now,
            changes,
            unfinished=content.is_settling or any(one.is_settling for one in windows),
            settled=content.is_settled and schedule.eastern_date(now) - period.last > _SETTLED_AFTER,
        )
        return PlacedDigest(content, *around, lasting)

    async def render(self, found: PlacedDigest, media_type: str, work: Callable[[], bytes]) -> Document:
        """Return a digest as an answer whose body *work* makes."""
        body = await self._threads.run(work, weight=found.content.shown)
        return published(body, media_type, found.content.last_modified, found.expiry)

    async def feed(
        self,
        scope: DigestScope,
        format_name: str,
        *,
        self_url: str,
        base_url: str,
        weekly: bool = False,
        admit: Admit = free,
    ) -> Document:
        """Return the newest days as a feed with one item a day, or *weekly* with one a week.

        Days and weeks without an entry have none; a week has its own once its last announcement is complete.

        Raises:
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """
        days = _days_of_weeks(schedule.latest_feed_day(self._now()), scope.days) if weekly else 0
        asked = [self._loaded_window(one.spec.contexts, days or one.days, admit) for one in scope.requests]
        today = schedule.latest_feed_day(self._now())
        windows = await self._whole(scope, today, await _some(asked, least=1))
        contents = await (self._weeks(scope, windows, admit) if weekly else self._days(scope, windows, admit))

        wanted = FORMATS[format_name]

        def work() -> bytes:
            from digest.rendering.day_feeds import render_day_feed

            limit = self._config.server.max_answer_bytes
            return render_day_feed(
                contents,
                scope,
                wanted.days(),
                self_url=self_url,
                base_url=base_url,
                max_bytes=limit,
                weekly=weekly,
            )

        body = await self._threads.run(work, weight=sum(content.shown for content in contents))
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
        """Return the days that are stored with papers, newest first. Never asks arXiv."""
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
        body = await self._threads.run(lambda: render_digest_index(scope, days, site, others).encode())
        modified = schedule.announcement_instant(days[0].day if days else FIRST_DAY)
        now = self._now()
        return published(body, HTML, modified, expiry(now, [schedule.next_feed_change(now)], at_most=_INDEX_TTL))

    async def prepare(self, scope: DigestScope) -> None:
        """Ask arXiv for what is due, and wait until the days of the scope's feed are as complete as they can be now."""
        await self._listings.refresh(scope.contexts, days=scope.days)

    async def _days(self, scope: DigestScope, windows: Sequence[LoadedWindow], admit: Admit) -> list[DigestContent]:
        """Return the newest days that the scope's feed keeps, newest first."""
        days = sorted({listing.day for window in windows for listing in window.listings}, reverse=True)[: scope.days]
        parts = [(day, [part_of(window, (day,)) for window in windows]) for day in days]
        return [await self._content(scope, one_day(day), part, admit) for day, part in parts]

    async def _weeks(self, scope: DigestScope, windows: Sequence[LoadedWindow], admit: Admit) -> list[DigestContent]:
        """Return the weeks that the scope's feed keeps and that are over, newest first."""
        newest = max(window.days[0] for window in windows)
        contents = []
        for week in weeks_back(newest, _weeks_kept(scope.days)):
            if days := [day for day in week.weekdays if day <= newest]:
                content = await self._content(scope, week, [part_of(window, days) for window in windows], admit)
                if _is_over(content, newest):
                    contents.append(content)
        return contents

    async def _content(
        self,
        scope: DigestScope,
        period: Period,
        windows: Sequence[LoadedWindow],
        admit: Admit,
        *,
        is_running: bool = False,
    ) -> DigestContent:
        """Return the content of a period, made once for as long as what it is made of stays the same."""
        requests = [for_period(request, period) for request in scope.requests]
        pairs = list(zip(requests, windows, strict=True))
        marks = [await self._contents.mark(*pair, admit=admit) for pair in pairs]
        key = fingerprint(scope.title, scope.name, scope.query, period.name, is_running, *marks)
        found = self._made.get(key)
        if found is None:
            contents = [await self._contents.of_window(*pair, admit=admit) for pair in pairs]
            papers = {paper.id for window in windows for listing in window.listings for paper in listing.papers}

            def work() -> DigestContent:
                return compose_digest(scope, period, contents, papers=len(papers), is_running=is_running)

            found = await self._threads.run(work, weight=len(papers))
            if _size_of(found) <= _CONTENTS_BYTES:
                self._made[key] = found
        return found

    async def _loaded_window(self, contexts: Sequence[str], days: int, admit: Admit) -> LoadedWindow:
        return await self._listings.load(await self._listings.window(contexts, days=days, admit=admit))

    async def _windows(
        self, scope: DigestScope, days: Sequence[date], *, wait: bool, admit: Admit
    ) -> list[LoadedWindow]:
        """Return the listings of *days* for each request. Of several days, some may lack theirs.

        Raises:
            UnavailableError: Nothing is stored of any of them; without *wait*, of some of them.
        """
        found = await asyncio.gather(
            *(self._day(scope, day, wait=wait, admit=admit) for day in days), return_exceptions=True
        )
        held = [one for one in found if not isinstance(one, BaseException)]
        failed = [one for one in found if isinstance(one, BaseException)]
        if failed and not (held and wait and all(isinstance(one, _MAY_LACK) for one in failed)):
            raise failed[0]
        whole = [joined(windows, days) for windows in zip(*held, strict=True)]
        return [replace(window, fresh_until=self._now()) for window in whole] if failed else whole

    async def _day(self, scope: DigestScope, day: date, *, wait: bool, admit: Admit) -> list[LoadedWindow]:
        """Return the listings of *day* for each request; those of the past are asked for all together."""
        if day >= schedule.latest_feed_day(self._now()):
            asked = [self._listings.day(one.spec.contexts, day, wait=wait, admit=admit) for one in scope.requests]
            found = await _some(asked, least=1 if wait else len(asked))
            return [part_of(window, (day,)) for window in await self._whole(scope, day, found)]
        window = part_of(await self._listings.day(scope.contexts, day, wait=wait, admit=admit), (day,))
        return [of_contexts(window, request.spec.contexts) for request in scope.requests]

    async def _whole(self, scope: DigestScope, day: date, windows: Sequence[LoadedWindow | None]) -> list[LoadedWindow]:
        """Return *windows*, with empty ones for requests of which nothing is stored, and arXiv has given nothing so far."""
        return [
            window or await self._nothing_yet(request.spec.contexts, day)
            for request, window in zip(scope.requests, windows, strict=True)
        ]

    async def _nothing_yet(self, contexts: tuple[str, ...], day: date) -> LoadedWindow:
        return LoadedWindow(
            states=await self._listings.held.states(contexts),
            first_day=day,
            days=(day,),
            fresh_until=self._now(),
            filling=frozenset((context, day) for context in contexts),
            is_settling=True,
            listings=(),
        )


async def _some(
    asked: Sequence[Awaitable[W]], *, least: int, enough: Callable[[W], bool] = lambda _: False
) -> list[W | None]:
    """Return what is available of all that is *asked*, None for the rest; as soon as one of them is *enough*.

    Raises:
        UnavailableError: Fewer than *least* are.
    """
    tasks = [asyncio.ensure_future(one) for one in asked]
    left, is_enough = set(tasks), False
    try:
        while left and not is_enough:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            is_enough = any(not one.exception() and enough(one.result()) for one in done)
    finally:
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    available = [None if task in left or task.exception() else task.result() for task in tasks]
    problems = [problem for task in tasks if task not in left and (problem := task.exception())]
    refused = [problem for problem in problems if not isinstance(problem, UnavailableError)]
    if refused or (not is_enough and len(available) - len(problems) < least):
        raise (refused or problems)[0]
    return available


def _newest(window: Window) -> date:
    """Return the newest day of a window: something is stored of one that is available."""
    return max(state.newest for state in window.states.values() if state.newest)


def _check_place(period: Period, today: date, latest: date) -> None:
    """Refuse what lies in the future, or before arXiv began.

    Raises:
        NotFoundError: It does.
    """
    if period.last < FIRST_DAY:
        raise NotFoundError(f"there is no digest of {period.name}: arXiv's first paper is of {FIRST_DAY}")
    if period.first > today:
        missing = schedule.explain_day(period.first) or "announcement not out yet"
        raise NotFoundError(f"{period.name}: {missing}; the newest is of {latest}")


def _around(period: Period, latest: date, quiet: frozenset[date]) -> tuple[Period | None, Period | None]:
    if not period.is_day:
        return preceding(period, FIRST_DAY), following(period, latest)
    before, behind = previous_day(period.first, quiet), next_day(period.first, latest, quiet)
    return one_day(before) if before else None, one_day(behind) if behind else None


def _days_to_show(period: Period, latest: date, held: Sequence[date]) -> list[date]:
    """Return the days of a period that can have papers: weekdays that are out, and what arXiv showed besides."""
    today = period.weekdays if period.is_day else [day for day in period.weekdays if FIRST_DAY <= day <= latest]
    besides = {day for day in held if period.first <= day <= period.last}
    return sorted({*today, *besides})


def _weeks_kept(days: int) -> int:
    """Return how many weeks, the running one among them, hold so many announcements behind the running one."""
    return -(-days // _WEEKDAYS) + 1


def _days_of_weeks(latest: date, days: int) -> int:
    """Return how many announcements up to the *latest* one the weeks have that a feed of so many *days* keeps."""
    return (_weeks_kept(days) - 1) * _WEEKDAYS + latest.weekday() + 1


def _is_over(content: DigestContent, newest: date) -> bool:
    """Tell whether nothing more is expected of a week: its last announcement is complete, or the next week has begun."""
    last = content.period.weekdays[-1]
    if newest > last:
        return True
    final = [receipt.status.is_final for receipt in content.receipts if receipt.day == last]
    return bool(final) and all(final)


def _size_of(content: DigestContent) -> int:
    return _DAY_BYTES + len(repr(content.scope.query)) * 4 + content.shown * _ENTRY_BYTES


def _quiet_days(states: Mapping[str, ContextState]) -> frozenset[date]:
    """Return the days on which arXiv is known to have announced nothing in any of the contexts."""
    known = [{day for day, one in state.held.items() if one.is_complete and one.is_empty} for state in states.values()]
    return frozenset(set.intersection(*known)) if known else frozenset()
