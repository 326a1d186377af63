"""Wishes of feeds: which grades a feed has, which it lacks and may pay for, what it holds back, and for how long.

Grades are looked up by any request; only a configured feed, asked for as it is, lets a model begin to grade.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, Field

from digest.arxiv import schedule
from digest.config.settings import Config
from digest.errors import StoreError
from digest.feeds.papers import FeedRequest
from digest.models import Entry, Frozen
from digest.reports.filling import FillReport, Forecast
from digest.selection.wishes import NOTHING_JUDGED, Judged, Unjudged, Wishes
from digest.service.model_engine import ModelEngine
from digest.store.codec import pack, unpack
from digest.store.protocol import Store

if TYPE_CHECKING:
    from digest.llm.ledger import Account

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=3)
"""So long a paper without a grade is held back where `min_grade` is set."""
_NO_WAIT_AFTER = timedelta(days=7)
"""Papers announced so long ago are never held back: nobody grades days that no feed shows any more."""
_COUNTER_KEPT = timedelta(days=400)
_WAITS_KEPT = timedelta(days=14)
_NOTE_KEPT = timedelta(days=1)
_WAITS_SCHEMA = 1
_NO_MODEL = "no model is configured: papers are ordered by likeness to the wishes alone"


class Waits(Frozen):
    """Since when papers of one feed wait for a grade, by id."""

    since: dict[str, AwareDatetime] = Field(default_factory=dict)


class WishRules:
    """Which feeds may spend on grades; without a model none."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @property
    def is_open(self) -> bool:
        """Whether there is a model."""
        return self._config.model.is_enabled

    def spends(self, request: FeedRequest) -> bool:
        """Whether papers may be graded for a feed: only for a configured one with wishes, as it is."""
        feed = self._config.feeds.get(request.name or "")
        return (
            self.is_open
            and feed is not None
            and bool(feed.wishes)
            and (request.days, request.selection) == (feed.days, feed.selection(self._config.tagging))
        )


class WishGrades:
    """Read the grades of feeds with wishes, and get those that they lack.

    Args:
        rules: Which feeds may spend.
        engine: What grades.
        store: Where editions and waits are kept.
        now: The clock.
        forgets: Whether the store forgets with every process, so that nothing may wait for a later one.
    """

    def __init__(
        self,
        rules: WishRules,
        engine: ModelEngine,
        store: Store,
        *,
        now: Callable[[], datetime],
        forgets: bool = False,
    ) -> None:
        self._rules = rules
        self._engine = engine
        self._store = store
        self._now = now
        self._forgets = forgets
        self._seen: dict[str, str] = {}
        self._turn = asyncio.Lock()
        """One run at a time: the bound on papers asked for at once is one of the process."""

    async def judged(self, request: FeedRequest, candidates: Sequence[Entry]) -> Judged:
        """Return what is known of the candidates of a feed; nothing for one without wishes.

        A paper without a grade is overdue when it has waited long enough, or when the store takes no note of its wait.
        """
        wishes = wishes_of(request)
        if not wishes:
            return NOTHING_JUDGED
        if not self._rules.is_open:
            return Judged(note=_NO_MODEL)
        papers = [entry.paper for entry in candidates]
        texts = [wish.text for wish in wishes.all]
        try:
            verdicts: Mapping[str, Mapping[str, object]]
            verdicts = found = await self._engine.opened().judging.lookup(papers, texts)
            note = await self._note(request)
        except StoreError as error:
            log.warning("grades can't be read: %s", error)
            everything = frozenset(paper.id for paper in papers)
            return Judged(overdue=everything, is_open=True, note="the grades can't be read now")
        lacking = [entry for entry in candidates if len(verdicts.get(entry.paper.id, {})) < len(texts)]
        overdue = await self._overdue(request, wishes, lacking)
        self._seen[request.name or ""] = f"{len(papers)}:{sum(map(len, found.values()))}:{len(overdue)}"
        return Judged(verdicts=found, overdue=overdue, is_open=True, note=note if lacking else "")

    async def edition(self, request: FeedRequest) -> str:
        """Return what changes whenever a grade of the feed, or what it holds back, does; "" without wishes."""
        wishes = wishes_of(request)
        if not wishes or not self._rules.is_open:
            return ""
        name = request.name or ""
        try:
            counter, waits, note = await self._store.get_many([_edition_key(name), _waits_key(name), _note_key(name)])
        except StoreError:
            return "unreadable"
        known = unpack(Waits, waits, _WAITS_SCHEMA) or Waits()
        ended = sum(since <= self._now() - LONGEST_WAIT for since in known.since.values())
        return f"{(counter or b'0').decode()}:{ended}:{(note or b'').decode()}"

    def shown_mark(self, request: FeedRequest) -> str:
        """Name how far the grades of a feed were when it was last made in this process; "" without wishes."""
        return self._seen.get(request.name or "", "") if wishes_of(request) else ""

    async def fill(
        self,
        request: FeedRequest,
        entries: Sequence[Entry],
        *,
        deadline: datetime,
        on_progress: Callable[[FillReport], None] = lambda _: None,
        account: Account | None = None,
    ) -> FillReport | None:
        """Grade what a feed lacks until *deadline*, most promising first; None for one that may not spend.

        Raises nothing but cancellation, see `Judging.fill`. With an *account*, on that one, whatever feed it is.
        """
        if not (self._rules.is_open if account else self._rules.spends(request)):
            return None
        name = request.name or ""
        told = 0
        noting: set[asyncio.Task[None]] = set()

        def progress(report: FillReport) -> None:
            nonlocal told
            if report.written > told:
                told = report.written
                noting.add(asyncio.create_task(self._note_edition(name)))
            on_progress(report)

        engine = self._engine.opened()
        try:
            async with self._turn:
                report = await engine.judging.fill(
                    [entry.paper for entry in entries],
                    [wish.text for wish in wishes_of(request).all],
                    account=account or engine.ledger.account(name),
                    deadline=deadline,
                    on_progress=progress,
                )
        finally:
            if noting:
                await asyncio.wait(noting)
        await self._keep_note(name, report)
        return report

    async def forecast(self, request: FeedRequest, candidates: Sequence[Entry]) -> Forecast | None:
        """Return what `fill` would need; None for a feed that may not spend. Sends nothing.

        Raises:
            StoreError: The store can't be read.
        """
        return await self.expected(request, candidates) if self._rules.spends(request) else None

    async def expected(self, request: FeedRequest, candidates: Sequence[Entry]) -> Forecast | None:
        """Return what grading would need, whoever pays; None without a model. Sends nothing.

        Raises:
            StoreError: The store can't be read.
        """
        if not self._rules.is_open:
            return None
        texts = [wish.text for wish in wishes_of(request).all]
        return await self._engine.opened().judging.forecast([entry.paper for entry in candidates], texts)

    async def _overdue(self, request: FeedRequest, wishes: Wishes, lacking: Sequence[Entry]) -> frozenset[str]:
        """Return the papers that wait no longer; note since when the others do."""
        if wishes.min_grade is None or wishes.unjudged is not Unjudged.WAIT:
            return frozenset()
        now, name = self._now(), request.name or ""
        old = {e.paper.id for e in lacking if schedule.announcement_instant(e.paper.announced) < now - _NO_WAIT_AFTER}
        ids = [entry.paper.id for entry in lacking if entry.paper.id not in old]
        if self._forgets:
            return frozenset((*old, *ids))
        known = unpack(Waits, await self._store.get(_waits_key(name)), _WAITS_SCHEMA) or Waits()
        if new := [ident for ident in ids if ident not in known.since]:
            kept = {ident: since for ident, since in known.since.items() if since > now - _WAITS_KEPT}
            known = Waits(since=kept | dict.fromkeys(new, now))
            try:
                await self._store.sure.set(_waits_key(name), pack(known, _WAITS_SCHEMA), ttl=_WAITS_KEPT)
            except StoreError as error:
                log.warning("papers of %s are shown without a grade, since their wait can't be noted: %s", name, error)
                old |= set(new)
        return frozenset((*old, *(ident for ident in ids if known.since[ident] <= now - LONGEST_WAIT)))

    async def _note(self, request: FeedRequest) -> str:
        return (await self._store.get(_note_key(request.name or "")) or b"").decode()

    async def _keep_note(self, name: str, report: FillReport) -> None:
        """Remember why papers were left without a grade, where that is a matter of days: the budget, the endpoint."""
        words = f"not all papers are judged: {report.stopped}" if report.stopped and not report.written else ""
        is_kept = bool(words) and report.stopped != "out of time"
        try:
            known = await self._store.get(_note_key(name))
            if is_kept:
                await self._store.set(_note_key(name), words.encode(), ttl=_NOTE_KEPT)
            elif known and not report.left:
                await self._store.delete(_note_key(name))
        except StoreError as error:
            log.warning("why %s has no grades can't be noted: %s", name, error)

    async def _note_edition(self, name: str) -> None:
        try:
            await self._store.increment(_edition_key(name), ttl=_COUNTER_KEPT)
        except StoreError as error:
            log.warning("other instances can't be notified of a new grade: %s", error)


def wishes_of(request: FeedRequest) -> Wishes:
    """Return the wishes of a feed, those of the one that it narrows included."""
    level = request.selection
    while level.within is not None:
        level = level.within
    return level.wishes


def _edition_key(name: str) -> str:
    return f"wishes:edition:{name}"


def _waits_key(name: str) -> str:
    return f"wishes:waits:{name}"


def _note_key(name: str) -> str:
    return f"wishes:note:{name}"
