"""Checks of the present: arXiv is asked once for all who want to know, and they wait for what is theirs alone.

One refresh a context and process, one lease in the store across instances. It notes its start in the states, so that
every instance knows for how long it is worth waiting for.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from digest.arxiv import schedule
from digest.arxiv.taxonomy import is_archive
from digest.errors import RateLimitedError, UpstreamError
from digest.listings.days import Days
from digest.listings.empty_days import needs_no_page, passed_over
from digest.listings.freshness import (
    after_answer,
    after_failure,
    after_start,
    is_due,
    is_left_behind,
    needs_settling,
    with_error,
)
from digest.listings.reconciling import Verdict, judge
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState, DayState
from digest.models import Listing
from digest.upstream.sources import UNION_SIZE, ArxivSources

log = logging.getLogger(__name__)

_SOON_S = 1.0
"""In this time it shows whether the right to ask was free."""


class Refresh:
    """Contexts that arXiv is asked for together.

    Attributes:
        contexts: Which ones.
        has_begun: Done once this process has the right to ask, with the loop's time.
        heard: By context; done once the announcement feed has said whether it has papers, or nobody needs to wait.
        released: By context; done once nobody needs to wait any longer.
        unfinished: Contexts of which more may come.
        readers: How many wait for each context now.
        asking: The contexts for which arXiv is being asked now.
    """

    def __init__(self, contexts: tuple[str, ...]) -> None:
        loop = asyncio.get_running_loop()
        self.contexts = contexts
        self.has_begun: asyncio.Future[Any] = loop.create_future()
        self.heard: dict[str, asyncio.Future[bool]] = {context: loop.create_future() for context in contexts}
        self.released: dict[str, asyncio.Future[Any]] = {context: loop.create_future() for context in contexts}
        self.unfinished = set(contexts)
        self.readers: Counter[str] = Counter()
        self.asking = contexts
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Note that arXiv is asked from now on."""
        if not self.has_begun.done():
            self.has_begun.set_result(asyncio.get_running_loop().time())

    def hear(self, context: str, *, has_papers: bool) -> None:
        """Note what the announcement feed says of *context*."""
        if not self.heard[context].done():
            self.heard[context].set_result(has_papers)

    def release(self, contexts: Iterable[str]) -> None:
        """Let those go who wait for *contexts*."""
        for context in contexts:
            self.hear(context, has_papers=False)
            if not self.released[context].done():
                self.released[context].set_result(None)

    def finish(self, contexts: Iterable[str]) -> None:
        """Note that *contexts* are asked for, and let those go who wait for them."""
        contexts = tuple(contexts)
        self.unfinished.difference_update(contexts)
        self.release(contexts)

    def in_turn(self, contexts: Iterable[str]) -> Iterator[str]:
        """Give *contexts* one by one, to ask arXiv for each alone: those first that a reader waits for then."""
        left = list(contexts)
        while left:
            context = min(left, key=lambda one: not self.readers[one])
            left.remove(context)
            self.asking = (context,)
            yield context
        self.asking = self.contexts

    @property
    def is_awaited(self) -> bool:
        """Whether a reader waits for what arXiv is being asked for."""
        return any(self.readers[context] for context in self.asking)

    @property
    def spent_s(self) -> float:
        """Seconds since arXiv is asked, if it is."""
        return asyncio.get_running_loop().time() - float(self.has_begun.result())


class Refreshes:
    """Ask arXiv for the newest announcement of contexts.

    Args:
        shelf: Where listings are kept.
        sources: Where they come from.
        days: For the sources behind the announcement feed.
        keep: For how long listings are kept.
        now: The clock.
    """

    def __init__(
        self, shelf: Shelf, sources: ArxivSources, days: Days, *, keep: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._shelf = shelf
        self._sources = sources
        self._days = days
        self._keep = keep
        self._now = now
        self._running: dict[str, Refresh] = {}
        self.waiting = 0
        """Readers that wait now."""

    def __contains__(self, context: str) -> bool:
        """Whether *context* is being asked for."""
        return context in self._running

    def start(self, due: Sequence[str], *, alone: Collection[str] = ()) -> tuple[asyncio.Task[None], ...]:
        """Ask for those of *due* that aren't asked for yet; return all tasks that concern them.

        Args:
            due: Contexts.
            alone: Those that need a request of their own.
        """
        for group in _groups([context for context in due if not self._is_asking(context)], alone):
            refresh = Refresh(group)
            self._running |= dict.fromkeys(group, refresh)
            refresh.task = asyncio.create_task(self._refresh(refresh), name=f"refresh {'+'.join(group)}")
            refresh.task.add_done_callback(partial(self._ended, refresh))
        tasks = (self._running[context].task for context in due if context in self._running)
        return tuple(dict.fromkeys(task for task in tasks if task))

    def _is_asking(self, context: str) -> bool:
        refresh = self._running.get(context)
        return refresh is not None and context in refresh.unfinished

    def unfinished(self, contexts: Iterable[str]) -> tuple[str, ...]:
        """Return those of *contexts* of which more may come soon."""
        return tuple(one for one in contexts if one in self._running and one in self._running[one].unfinished)

    async def wait(self, budgets: Mapping[str, timedelta], states: Mapping[str, ContextState]) -> None:
        """Wait for the contexts of *budgets*, for each no longer than that since arXiv is asked for it.

        Nobody waits any longer once one of them has papers, and the announcement feed has none of those that are left.
        What is known of them, and of what they are read together with, is in *states*. If another instance holds the
        right to ask for one that was left behind, nobody waits for that.
        """
        refreshes = {one: self._running[one] for one in budgets if one in self._running}
        latest = schedule.latest_feed_day(self._now())
        has_papers = any(_has_papers(state, latest) for state in states.values())
        self.waiting += 1
        for context, refresh in refreshes.items():
            refresh.readers[context] += 1
        ends = [
            asyncio.create_task(_whole(refreshes, has_papers=has_papers)),
            asyncio.create_task(self._all_back(refreshes, budgets, states)),
        ]
        try:
            with self._sources.awaited():
                done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in done:
                end.result()
        finally:
            self.waiting -= 1
            for context, refresh in refreshes.items():
                refresh.readers[context] -= 1
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def aclose(self) -> None:
        """Stop what is under way."""
        tasks = {refresh.task for refresh in self._running.values() if refresh.task}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _all_back(
        self, refreshes: Mapping[str, Refresh], budgets: Mapping[str, timedelta], states: Mapping[str, ContextState]
    ) -> None:
        await asyncio.gather(
            *(self._back(one, states[context], budgets[context]) for context, one in refreshes.items())
        )

    async def _back(self, refresh: Refresh, state: ContextState, budget: timedelta) -> None:
        released, left_s = refresh.released[state.context], budget.total_seconds()
        if is_left_behind(state, self._now()):  # who asks takes the right to, or nobody waits
            begins: set[asyncio.Future[Any]] = {refresh.has_begun, released}
            await asyncio.wait(begins, timeout=min(_SOON_S, left_s), return_when=asyncio.FIRST_COMPLETED)
            left_s -= refresh.spent_s if refresh.has_begun.done() else left_s
        if left_s > 0:
            await asyncio.wait({released}, timeout=left_s)

    def _ended(self, refresh: Refresh, task: asyncio.Task[None]) -> None:
        for context in refresh.contexts:
            if self._running.get(context) is refresh:
                del self._running[context]
        refresh.finish(refresh.contexts)
        if not refresh.has_begun.done():
            refresh.has_begun.cancel()
        if not task.cancelled() and (error := task.exception()):
            log.error("refresh of %s failed", "+".join(refresh.contexts), exc_info=error)

    async def _refresh(self, refresh: Refresh) -> None:
        async def still_needed() -> bool:
            return bool(await self._open(refresh.contexts))

        # Who holds the lease may be completing older days: what is wanted here can be in the store long before it ends.
        async with self._shelf.leases.of(refresh.contexts, still_needed=still_needed) as is_ours:
            states = await self._open(refresh.contexts) if is_ours else {}
            refresh.finish(refresh.contexts if not states else set(refresh.contexts) - states.keys())
            if not states:
                return
            refresh.begin()
            begun = [after_start(state, self._now()) for state in states.values()]
            for state in begun:
                await self._shelf.save(state)
            with self._sources.hurry(lambda: refresh.is_awaited):
                await self._ask(refresh, {state.context: state for state in begun})

    async def _open(self, group: tuple[str, ...]) -> dict[str, ContextState]:
        """Return those of *group* that arXiv is to be asked for now."""
        now = self._now()
        states = await self._shelf.states(group)
        return {c: known for c, known in states.items() if is_due(known, now) or needs_settling(known, group, now)}

    async def _ask(self, refresh: Refresh, states: dict[str, ContextState]) -> None:
        """Ask the announcement feed for all of *states* at once, the other sources for what it doesn't give."""
        now, contexts = self._now(), tuple(states)
        try:
            fresh = {one.context: one for one in await self._sources.announcement_feed(contexts, now)}
        except UpstreamError as error:
            log.warning("announcement feed of %s passed over: %s", "+".join(contexts), error)
            told = {context: with_error(state, str(error), self._now()) for context, state in states.items()}
            for state in told.values():  # who gives up waiting for the other sources is told this
                await self._shelf.save(state)
            for context in refresh.in_turn(told):
                await self._ask_others(told[context], None, error)
                await self._finish_if_held(refresh, context)
        else:
            await self._take_all(refresh, states, fresh)
        await self._confirm_first_words(contexts)
        refresh.finish(contexts)

    async def _take_all(self, refresh: Refresh, states: dict[str, ContextState], fresh: dict[str, Listing]) -> None:
        """Keep every sound listing of the announcement feed, then ask the other sources for the rest."""
        has_papers = any(one.papers for one in fresh.values())
        rest: dict[str, tuple[ContextState, Verdict]] = {}
        for state in states.values():
            listing = fresh[state.context]
            verdict = judge(listing, await self._newest(state))
            if verdict is Verdict.EMPTY:
                refresh.hear(state.context, has_papers=False)
            if verdict is Verdict.GOOD:
                state = await self._shelf.keep(state, listing)  # noqa: PLW2901
            if verdict is Verdict.GOOD and not self._lags(state, listing):
                await self._shelf.save(after_answer(state, listing.day, self._now()))
                refresh.hear(state.context, has_papers=bool(listing.papers))
                refresh.finish([state.context])
            else:
                rest[state.context] = state, verdict
        if len(rest) < len(states):  # an empty part of a union that is whole: most likely there is nothing
            refresh.release(context for context, (_, verdict) in rest.items() if verdict is Verdict.EMPTY)
        is_whole = len(states) == 1 or has_papers
        for context in refresh.in_turn(rest):
            state, verdict = rest[context]
            await self._take(state, fresh[context], verdict, speaks_for_itself=is_whole)
            await self._finish_if_held(refresh, context)

    async def _newest(self, state: ContextState) -> Listing | None:
        """Return the newest stored listing of a context."""
        newest = state.newest
        found = await self._shelf.load([state], newest, until=newest) if newest else ()
        return found[0] if found else None

    def _lags(self, state: ContextState, feed: Listing) -> bool:
        """Tell whether the feed shows an older day than it should, and the listing page wasn't asked for that one yet."""
        now = self._now()
        expected = schedule.latest_feed_day(now)
        known = state.days.get(expected, DayState())
        return feed.day < expected and not state.is_settled(expected) and not needs_no_page(known, now)

    async def _finish_if_held(self, refresh: Refresh, context: str) -> None:
        """Let readers of *context* go, unless all that is stored is one service's word that there is nothing."""
        state = (await self._shelf.states((context,)))[context]
        if _has_papers(state, schedule.latest_feed_day(self._now())):
            refresh.hear(context, has_papers=True)
        if any(not known.is_unconfirmed for known in state.held.values()):
            refresh.finish([context])

    async def _confirm_first_words(self, contexts: Sequence[str]) -> None:
        """Where all that is stored is one empty day on the word of one service, ask another in time for this answer."""
        states = (await self._shelf.states(contexts)).values()
        alone = [
            one for one in states if len(one.held) == 1 and all(known.is_unconfirmed for known in one.held.values())
        ]
        for day in {state.newest for state in alone if state.newest}:
            first = [one for one in alone if one.newest == day and not one.days[day].disputed_at]
            for state in await self._days.confirm(first, day, urgent=True) if first else ():
                await self._shelf.save(state)

    async def _take(self, state: ContextState, fresh: Listing, verdict: Verdict, *, speaks_for_itself: bool) -> None:
        """Ask the other sources for a context whose listing in the announcement feed isn't sound.

        An empty one counts as this feed's word on a weekday, unless it is part of a union that is empty as a whole.
        """
        if verdict in {Verdict.STALE, Verdict.MISDATED}:
            log.warning(
                "announcement feed of %s, %s, is %s: other sources are asked", fresh.context, fresh.day, verdict.value
            )
        if verdict is Verdict.EMPTY and speaks_for_itself and fresh.day == schedule.latest_feed_day(self._now()):
            known = state.days.get(fresh.day, DayState())
            if fresh.source not in known.sources:
                state = await self._days.keep_empty(state, fresh)
        await self._ask_others(state, fresh, None, is_sound=verdict is Verdict.GOOD)

    async def _ask_others(
        self, state: ContextState, feed: Listing | None, error: UpstreamError | None, *, is_sound: bool = False
    ) -> None:
        """Refresh one context from the sources behind the announcement feed.

        Args:
            state: What is known of the context.
            feed: What the feed answered, if it did: an empty one is believed on days without announcement.
            error: What went wrong with the feed, if something did.
            is_sound: Whether the feed's answer, which is kept, is good enough if nobody else answers.
        """
        now = self._now()
        expected = schedule.latest_feed_day(now)
        known = state.days.get(expected, DayState())
        if feed is not None and not feed.papers and (state.is_settled(expected) or needs_no_page(known, now)):
            await self._shelf.save(after_answer(state, feed.day, now))
            return
        listing, problem = await self._days.ask_present(state.context, expected)
        if listing is not None:
            if listing.papers:
                state = await self._shelf.keep(state, listing)
            elif listing.day >= expected or not state.held:
                state = await self._days.keep_empty(state, listing)
            if listing.day < expected:
                state = passed_over(state, expected, now, keep=self._keep)
            seen = expected if listing.day < expected and feed is not None else listing.day
            await self._shelf.save(after_answer(state, seen, self._now()))
        elif feed is not None and is_sound:
            await self._shelf.save(after_answer(state, feed.day, self._now()))
        else:
            pause = error.retry_after if isinstance(error, RateLimitedError) else None
            text = "; ".join(dict.fromkeys(str(one) for one in (error, problem) if one))
            await self._shelf.save(after_failure(state, text, self._now(), retry_after=pause))


async def _whole(refreshes: Mapping[str, Refresh], *, has_papers: bool) -> None:
    """Return once the announcement feed has papers, of one of these contexts at least, and none of the others."""
    for context, refresh in refreshes.items():
        await asyncio.wait({refresh.heard[context]})
        has_papers |= refresh.heard[context].result()
    if not has_papers:
        await asyncio.Event().wait()


def _has_papers(state: ContextState, day: date) -> bool:
    return day in state.days and bool(state.days[day].held.total)


def _groups(contexts: Sequence[str], alone: Collection[str]) -> list[tuple[str, ...]]:
    """Divide *contexts* into requests: archives and those of *alone* each for itself, categories in unions."""
    single = [(context,) for context in contexts if is_archive(context) or context in alone]
    united = [context for context in contexts if not (is_archive(context) or context in alone)]
    return single + [tuple(united[n : n + UNION_SIZE]) for n in range(0, len(united), UNION_SIZE)]
