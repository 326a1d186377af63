"""The use cases of programs that read on somebody's behalf: six questions, each answered with a receipt.

Nothing here asks a model or lets one be asked, and nothing asks arXiv for more than a feed or a digest does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from digest.arxiv import schedule
from digest.config.settings import Config
from digest.costs import Admit, free
from digest.errors import InputError
from digest.feeds.daily import DigestScope, common_scope, feed_scope
from digest.feeds.paging import cursor_behind, position_of
from digest.feeds.papers import DEFAULT_DAYS, FeedRequest, days_of
from digest.feeds.periods import Period, one_day
from digest.feeds.since import (
    accounts_of,
    cursor_of,
    day_of_receipt,
    days_between,
    place_of,
    read_through,
    receipt_id,
    window_since,
)
from digest.listings.held import HeldListings
from digest.listings.states import ContextState
from digest.listings.windows import LoadedWindow, behind
from digest.models import Entry
from digest.rendering.for_programs import (
    answer,
    how_many_fit,
    paper_members,
    receipt_members,
)
from digest.reports.receipts import DayReceipt
from digest.reports.status import Status
from digest.service.contents import Contents
from digest.service.digests import Digests
from digest.service.feeds import Feeds
from digest.service.papers import Papers

Json = dict[str, Any]
_ONE_DAY = timedelta(days=1)
_LONGEST_DESCRIPTION = 200


@dataclass(frozen=True)
class Part:
    """Which part of a list is asked for.

    Attributes:
        top: Most papers in one answer.
        cursor: That of the answer before, "" for the first.
    """

    top: int
    cursor: str = ""


class Agents:
    """Questions of programs.

    Args:
        config: The settings.
        held: What is stored of arXiv's announcements.
        contents: What feeds hold.
        feeds: Feeds of papers.
        papers: Papers one by one.
        digests: Days of a feed or of all feeds.
        status: Tells the state of the server.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        held: HeldListings,
        contents: Contents,
        feeds: Feeds,
        papers: Papers,
        digests: Digests,
        status: Callable[[], Awaitable[Status]],
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._held = held
        self._contents = contents
        self._feeds = feeds
        self._papers = papers
        self._digests = digests
        self._status = status
        self._now = now

    async def feeds(self) -> Json:
        """Return the configured feeds and topics with what is stored of each. Never asks arXiv."""
        listed = []
        receipts: list[DayReceipt] = []
        for name in self._config.feed_names:
            request = self._feeds.named(name)
            window = await self._held.window(request.spec.contexts, days=request.days)
            receipts += days_of(window) if window else ()
            listed.append(
                {
                    "feed": name,
                    "title": request.shown_title,
                    "description": request.shown_description[:_LONGEST_DESCRIPTION],
                    "categories": list(request.spec.contexts),
                    "days": request.days,
                    "newest_stored": window.days[0].isoformat() if window else None,
                }
            )
        unique = {(one.context, one.day): one for one in receipts}
        receipt = receipt_members(accounts_of(unique.values()), ident=None, shown=None, papers=None)
        return self._answer({"feeds": listed}, receipt)

    async def window_papers(self, request: FeedRequest, part: Part, *, since: str = "", admit: Admit = free) -> Json:
        """Return papers of a feed's window; with *since*, the id of an earlier receipt, those announced after it.

        Raises:
            InputError: The receipt or the cursor belongs to another feed or filter, or is none.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """
        last = day_of_receipt(since, request) if since else None
        place, through = place_of(part.cursor) if part.cursor else ("", None)
        today = schedule.eastern_date(self._now())
        asked = request if last is None else replace(request, days=window_since(request, last, today))
        whole = await self._window(asked, admit)
        window = whole if last is None else behind(whole, last)
        content = await self._contents.of_window(request, window, admit=admit) if window.days else None
        accounts = accounts_of(content.receipt.days if content else ())
        reached = read_through(accounts, last or whole.first_day - _ONE_DAY)
        through = min(reached, through) if through else reached
        entries = content.entries if content else ()
        # However many days are asked for: between two answers a day may pass.
        listed = replace(request, days=DEFAULT_DAYS)
        start = position_of(place, listed, entries) if place else 0
        members = [paper_members(entry) for entry in entries[start : start + part.top]]
        receipt = receipt_members(
            accounts,
            ident=None,
            shown=len(entries),
            papers=content.receipt.papers if content else 0,
            since=last,
            outside=days_between(last, whole.first_day) if last else (),
            late=self._late(whole),
            examples=content.receipt.examples if content else None,
        )
        count = how_many_fit(self._answer({}, receipt), members)
        if start + count < len(entries):
            cursor = cursor_of(cursor_behind(listed, entries[start + count - 1]), through)
            return self._answer({"total": len(entries), "cursor": cursor}, receipt, members[:count])
        receipt = {"id": receipt_id(request, through), **receipt}
        return self._answer({"total": len(entries)}, receipt, members)

    async def digest_papers(
        self, scope: DigestScope, period: Period | None, part: Part, *, is_brief: bool, admit: Admit = free
    ) -> Json:
        """Return the digest of a period, None for the newest day, section by section; *brief* papers have no abstract.

        Raises:
            InputError: The cursor is none of ours.
            NotFoundError: The period lies in the future, or before arXiv began.
            UnavailableError: Nothing is stored of it and arXiv gives nothing now.
        """
        place, day = place_of(part.cursor) if part.cursor else ("", None)
        if period is None:
            period = one_day(day) if day else (await self._digests.newest(scope, admit=admit))[0]
        content = (await self._digests.digest(scope, period, admit=admit)).content
        entries = [(section.name, entry) for section in content.sections for entry in section.entries]
        start = _start(place, [entry for _, entry in entries])
        members = [
            paper_members(entry, section=name, is_brief=is_brief) for name, entry in entries[start : start + part.top]
        ]
        receipt = receipt_members(
            accounts_of(content.receipts),
            ident=None,
            shown=len(entries),
            papers=content.papers,
            examples=content.examples,
        )
        head: Json = {"day": content.day.isoformat(), "total": len(entries)}
        if not period.is_day:
            head |= {"period": period.name, "is_running": content.is_running}
        if content.note:
            head["note"] = content.note
        count = how_many_fit(self._answer(head, receipt), members)
        if start + count < len(entries):
            head["cursor"] = cursor_of(entries[start + count - 1][1].paper.id, content.day)
        return self._answer(head, receipt, members[:count])

    def scope(self, request: FeedRequest | None) -> DigestScope:
        """Return the scope of one feed; of all configured feeds without one.

        Raises:
            NotFoundError: None is configured.
        """
        if request is not None:
            return feed_scope(request)
        return common_scope(tuple(self._feeds.named(name) for name in self._config.feeds), self._config.server.title)

    async def paper(self, text: str) -> Json:
        """Return one stored paper. Never asks arXiv for it.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No stored listing has it.
        """
        found = await self._papers.stored(text)
        receipt = receipt_members(accounts_of(found.receipts), ident=None, shown=None, papers=None)
        head = {
            "versions": list(found.versions),
            "announcements": [
                {
                    "category": one.state.context,
                    "day": one.day.isoformat(),
                    "announce_type": one.paper.announce_type.value,
                }
                for one in found.announcements
            ],
            "feeds": [request.name for request in found.feeds],
        }
        return self._answer(head, receipt, [paper_members(found.entry)])

    async def explain(self, request: FeedRequest, text: str, *, admit: Admit = free) -> Json:
        """Tell rule by rule why a paper is in a feed or not.

        Raises:
            InputError: *text* is no arXiv id.
            NotFoundError: No listing of the feed's window has it.
        """
        steps = await self._feeds.explain(request, text, admit=admit)
        window = await self._window(request, admit)
        receipt = receipt_members(
            accounts_of(days_of(window)), ident=None, shown=None, papers=None, late=self._late(window)
        )
        head = {
            "in_feed": all(step.passed for step in steps),
            "rules": [step.model_dump(mode="json") for step in steps],
        }
        return self._answer(head, receipt)

    async def status(self) -> Json:
        """Return how far everything is known that was ever asked for. Never asks arXiv."""
        found = await self._status()
        unique = {(day.context, day.day): day for one in found.contexts for day in one.days}
        late = [one.context for one in found.contexts if one.behind_calendar]
        receipt = receipt_members(accounts_of(unique.values()), ident=None, shown=None, papers=None, late=late)
        head = {
            "version": found.version,
            "now": found.now.isoformat().replace("+00:00", "Z"),
            "latest_announcement_expected": found.schedule.latest_announcement_expected.isoformat(),
            "today": found.schedule.today,
            "store_is_degraded": found.store.degraded,
            "arxiv_failures": found.arxiv.failures,
            "categories": [
                {"category": one.context, "newest": one.newest_day.isoformat() if one.newest_day else None}
                for one in found.contexts
            ],
        }
        return self._answer(head, receipt)

    def _answer(self, head: Json, receipt: Json, papers: Sequence[Json] = ()) -> Json:
        return answer(head, receipt, schedule.next_feed_change(self._now()), papers)

    def _late(self, window: LoadedWindow) -> list[str]:
        """Return the contexts of which the newest announcement is not stored, though it should be out."""
        expected = schedule.latest_expected_day(self._now())
        return [context for context, state in window.states.items() if _is_late(state, expected)]

    async def _window(self, request: FeedRequest, admit: Admit) -> LoadedWindow:
        """Return a feed's listings, fetched like those of the feed itself where they aren't stored."""
        return (await self._contents.load(await self._contents.gather(request, admit=admit))).window


def _is_late(state: ContextState, expected: date) -> bool:
    return state.newest is None or not state.is_settled(expected)


def _start(place: str, entries: Sequence[Entry]) -> int:
    """Return the index behind the paper that a cursor names.

    Raises:
        InputError: The day no longer has it.
    """
    if not place:
        return 0
    found = next((n for n, entry in enumerate(entries) if entry.paper.id == place), None)
    if found is None:
        raise InputError("this cursor belongs to other parameters", name="cursor", hint="start again without one")
    return found + 1
