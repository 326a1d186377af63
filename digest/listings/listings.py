"""Listings from the store, else from arXiv: each is fetched once an announcement, whoever asks.

The way of a request: read the *states* of its contexts; those that are due are asked for (one task
in this process and one lease in the store a context, so that neither a thousand readers nor ten
processes make a second request); who has something to serve doesn't wait for it; who has nothing
waits as long as readers do, then gets an error that says when to come back. Days that are missing
or don't add up are completed behind the answer, see `digest.listings.days`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from digest import costs
from digest.arxiv import schedule
from digest.arxiv.taxonomy import is_archive
from digest.errors import RateLimitedError, UnavailableError, UpstreamError
from digest.listings.days import Days
from digest.listings.freshness import (
    UNCONFIRMED_FOR,
    ContextState,
    DayState,
    after_answer,
    after_failure,
    due_at,
    incomplete_days,
    is_due,
    is_worth_completing,
    needs_settling,
    next_completion,
    outdated_days,
    passed_over,
    with_error,
    without_days,
)
from digest.listings.merging import merge_announcements
from digest.listings.reconciling import Verdict, judge
from digest.listings.shelf import Shelf
from digest.listings.windows import Announcement, LoadedWindow, Window, with_listings
from digest.models import Listing, Paper
from digest.store.protocol import Store
from digest.upstream.sources import UNION_SIZE, ArxivSources

log = logging.getLogger(__name__)

_ASKED_FOR = timedelta(days=14)
"""Contexts that nobody asked for in this time are no longer kept warm."""
_NOTE_AGAIN = timedelta(hours=6)
_UNCHANGING = timedelta(days=7)
"""A listing of the past, once held, is not expected to change."""


class Listings:
    """Keep listings fresh, complete and at hand.

    Args:
        store: Where they are kept.
        sources: Where they come from.
        keep: For how long.
        patience: How long a request without anything to serve waits for arXiv.
        now: The clock.
    """

    def __init__(
        self,
        store: Store,
        sources: ArxivSources,
        *,
        keep: timedelta,
        patience: timedelta = timedelta(seconds=18),
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._sources = sources
        self._keep = keep
        self._patience = patience
        self._now = now
        self._shelf = Shelf(store, keep=keep, now=now)
        self._days = Days(self._shelf, sources, now=now)
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._noted: dict[str, datetime] = {}

    async def window(self, contexts: Sequence[str], *, days: int, wait: bool = True) -> Window:
        """Return what is known of *contexts* for the newest *days* announcements, after asking arXiv if nothing is.

        Args:
            contexts: Categories and archives.
            days: How many announcements.
            wait: Whether to wait for arXiv; if not, it is asked behind the answer.

        Raises:
            UnavailableError: Nothing is held of any of them, and arXiv gave nothing in time.
            TooManyRequestsError: Nothing is held of some, and who asks may not make arXiv be asked for them.
        """
        now = self._now()
        await self._note_asked(contexts, now)
        states = await self._shelf.states(contexts)
        settling = [c for c in contexts if needs_settling(states[c], tuple(contexts), now)]
        due = [c for c in contexts if is_due(states[c], now) or c in settling]
        if cold := [c for c in due if not states[c].held and c not in self._refreshing]:
            await costs.admit(cold)
        refreshing = self._start(due, alone=settling)
        awaited = {self._refreshing[c] for c in due if c in self._refreshing and (not states[c].held or c in settling)}
        costs.note_behind(refreshing)
        if awaited and wait:
            await asyncio.wait(awaited, timeout=self._patience.total_seconds())
            states = await self._shelf.states(contexts)
        newest = max((state.newest for state in states.values() if state.newest), default=None)
        if newest is None:
            raise _unavailable(states.values(), self._now())
        first_day = _first_day(states.values(), newest, days)
        wanted = {context: incomplete_days(state, days, now) for context, state in states.items()}
        again = {context: outdated_days(state, days, now) for context, state in states.items()}
        filling = self._days.start({context: (*wanted[context], *again[context]) for context in states})
        if _is_unconfirmed_all_through(states.values(), first_day):
            raise _unconfirmed(states.values())
        return Window(
            states=states,
            first_day=first_day,
            days=_window_days(states.values(), newest, days),
            fresh_until=min(_next_news(state, first_day, now) for state in states.values()),
            filling=frozenset((context, day) for context, missing in wanted.items() for day in missing),
            is_settling=costs.note_behind((*refreshing, *filling)),
        )

    async def held(self, contexts: Sequence[str], *, days: int) -> LoadedWindow | None:
        """Return the window as far as it is held, with its listings; None if nothing is. Never asks arXiv."""
        states = await self._shelf.states(contexts)
        newest = max((state.newest for state in states.values() if state.newest), default=None)
        if newest is None:
            return None
        first_day = _first_day(states.values(), newest, days)
        return LoadedWindow(
            states=states,
            first_day=first_day,
            days=_window_days(states.values(), newest, days),
            fresh_until=self._now(),
            filling=frozenset(),
            is_settling=False,
            listings=await self._shelf.load(states.values(), first_day),
        )

    async def load(self, window: Window) -> LoadedWindow:
        """Return *window* with its listings. Those that the store has lost are no longer held, and asked for again.

        Raises:
            UnavailableError: All of them are lost, and arXiv gave nothing in time.
        """
        listings = await self._shelf.load(window.states.values(), window.first_day)
        lost = window.marks.keys() - {(one.context, one.day) for one in listings}
        if not lost:
            return with_listings(window, listings)
        days = {context: sorted((d for c, d in lost if c == context), reverse=True) for context, _ in lost}
        tasks = self._days.start(days)
        states = {context: without_days(state, days.get(context, ())) for context, state in window.states.items()}
        if not listings:
            await asyncio.wait(tasks, timeout=self._patience.total_seconds())
            states = await self._shelf.states(tuple(states))
            listings = await self._shelf.load(states.values(), window.first_day)
            if not listings:
                raise _unavailable(states.values(), self._now())
        is_settling = costs.note_behind(tasks) or window.is_settling
        return with_listings(window, listings, states=states, filling=window.filling | lost, is_settling=is_settling)

    async def day(self, contexts: Sequence[str], day: date, *, wait: bool = True) -> LoadedWindow:
        """Return the listings of *contexts* for one announcement day, fetching those that aren't held.

        The newest day comes as in `window`, and without papers where arXiv hasn't shown it yet. Contexts whose
        listing arXiv doesn't give now are left out; their receipts say so. Without *wait* only what is held comes.

        Raises:
            UnavailableError: Nothing is held of that day, and arXiv gave nothing in time.
        """
        now = self._now()
        if day >= schedule.latest_feed_day(now):
            window = await self.window(contexts, days=1, wait=wait)
            own = await self._shelf.load(window.states.values(), day, until=day)
            return with_listings(window, own, first_day=day, days=(day,))
        states, listings = await self._days.held(contexts, day)
        absent = [context for context, state in states.items() if day not in state.held]
        if absent and wait:
            await self._days.fetch(absent, day, patience=self._patience)
            states, listings = await self._days.held(contexts, day)
            absent = [context for context, state in states.items() if day not in state.held]
        if not listings:
            raise _unavailable_day(day, [states[context].days.get(day, DayState()) for context in absent], now)
        filling = self._days.start({c: (day,) for c, s in states.items() if is_worth_completing(s, day, now)})
        return LoadedWindow(
            states=states,
            first_day=day,
            days=(day,),
            fresh_until=now if absent else _next_change(states.values(), day, now),
            filling=frozenset((context, day) for context in absent),
            is_settling=costs.note_behind(filling),
            listings=listings,
        )

    async def refresh(self, contexts: Sequence[str], *, days: int = 1) -> dict[str, ContextState]:
        """Ask arXiv for those of *contexts* that are due, complete the newest *days*, wait, and return what is known."""
        now = self._now()
        states = await self._shelf.states(contexts)
        tasks = self._start([c for c in contexts if is_due(states[c], now)], alone=())
        if tasks:
            await asyncio.wait(tasks)
        states = await self._shelf.states(contexts)
        filling = self._days.start({c: incomplete_days(state, days, now) for c, state in states.items()})
        if filling:
            await asyncio.wait(filling)
        return await self._shelf.states(contexts)

    async def refresh_within(self, contexts: Sequence[str], *, days: int, budget: timedelta) -> dict[str, ContextState]:
        """Do as `refresh`, but wait no longer than *budget*; what is under way then goes on behind."""
        waiting = asyncio.create_task(self.refresh(contexts, days=days))
        await asyncio.wait({waiting}, timeout=budget.total_seconds())
        waiting.cancel()
        return await self._shelf.states(contexts)

    async def states(self, contexts: Sequence[str]) -> dict[str, ContextState]:
        """Return what is known of *contexts*. Never asks arXiv."""
        return await self._shelf.states(contexts)

    async def keep_warm(self, *, days: int) -> None:
        """Refresh and complete what somebody asked for lately, so that nothing is missed while nobody polls."""
        asked = [key.removeprefix("asked:") for key in await self._store.keys("asked:")]
        states = await self._shelf.states(asked)
        now = self._now()
        due = [c for c, state in states.items() if is_due(state, now) or incomplete_days(state, days, now)]
        if due:
            await self.refresh(due, days=days)

    async def known(self) -> list[ContextState]:
        """Return what is known of every context that was ever asked for."""
        return await self._shelf.known()

    async def find(self, ident: str) -> Paper | None:
        """Return the paper of that id from the listings held, all its announcements merged."""
        found = await self.announcements(ident)
        return merge_announcements([one.paper for one in found]) if found else None

    async def announcements(self, ident: str) -> tuple[Announcement, ...]:
        """Return where the listings held have the paper of that id, oldest day first. Never asks arXiv."""
        found: list[Announcement] = []
        for state in await self._shelf.known():
            for listing in await self._shelf.load([state], _first_day_of(ident)):
                found += [Announcement(state, listing.day, paper) for paper in listing.papers if paper.id == ident]
        return tuple(sorted(found, key=lambda one: (one.day, one.state.context)))

    async def find_all(self, idents: Collection[str]) -> dict[str, Paper]:
        """Return those papers of *idents* that the listings hold, by id, as they were announced last."""
        found: dict[str, Paper] = {}
        if not idents:
            return found
        wanted, first_day = frozenset(idents), min(map(_first_day_of, idents))
        for state in await self._shelf.known():
            for listing in await self._shelf.load([state], first_day):
                for paper in listing.papers:
                    if paper.id in wanted:
                        found.setdefault(paper.id, paper)
        return found

    async def aclose(self) -> None:
        """Stop what is under way."""
        tasks = set(self._refreshing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._days.aclose()

    async def _note_asked(self, contexts: Sequence[str], now: datetime) -> None:
        """Remember, for `keep_warm`, that somebody reads these."""
        for context in contexts:
            if now - self._noted.get(context, now - _ASKED_FOR) > _NOTE_AGAIN:
                self._noted[context] = now
                await self._store.set(f"asked:{context}", b"1", ttl=_ASKED_FOR)

    def _start(self, due: Sequence[str], *, alone: Sequence[str]) -> tuple[asyncio.Task[None], ...]:
        """Start what isn't under way yet and return all tasks that concern *due*."""
        fresh = [context for context in due if context not in self._refreshing]
        for group in _groups(fresh, alone):
            task = asyncio.create_task(self._refresh_group(group), name=f"refresh {'+'.join(group)}")
            for context in group:
                self._refreshing[context] = task
            task.add_done_callback(partial(self._forget, group))
        return tuple(dict.fromkeys(self._refreshing[context] for context in due))

    def _forget(self, group: tuple[str, ...], task: asyncio.Task[None]) -> None:
        for context in group:
            self._refreshing.pop(context, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("refresh of %s failed", "+".join(group), exc_info=error)

    async def _refresh_group(self, group: tuple[str, ...]) -> None:
        async def still_needed() -> bool:
            return bool(await self._open(group))

        # Who holds the lease may be completing older days: what is wanted here can be in the store long before it ends.
        async with self._shelf.leases(group, still_needed=still_needed) as is_ours:
            states = await self._open(group) if is_ours else {}
            if not states:
                return
            with self._sources.hurry():
                await self._ask(states)

    async def _ask(self, states: dict[str, ContextState]) -> None:
        """Ask the announcement feed for all of *states* at once, the other sources for what it doesn't give."""
        now, contexts = self._now(), tuple(states)
        try:
            fresh = {one.context: one for one in await self._sources.announcement_feed(contexts, now)}
        except UpstreamError as error:
            log.warning("announcement feed of %s passed over: %s", "+".join(contexts), error)
            for state in states.values():  # who gives up waiting for the other sources is told this
                await self._shelf.save(with_error(state, str(error), self._now()))
            for state in states.values():
                await self._ask_others(state, None, error)
            await self._confirm_first_words(contexts)
            return
        is_whole = len(contexts) == 1 or any(one.papers for one in fresh.values())
        for state in states.values():
            await self._take(state, fresh[state.context], speaks_for_itself=is_whole)
        await self._confirm_first_words(contexts)

    async def _confirm_first_words(self, contexts: Sequence[str]) -> None:
        """Where all that is held is one empty day on the word of one service, ask another in time for this answer."""
        states = (await self._shelf.states(contexts)).values()
        alone = [
            one for one in states if len(one.held) == 1 and all(known.is_unconfirmed for known in one.held.values())
        ]
        for day in {state.newest for state in alone if state.newest}:
            first = [one for one in alone if one.newest == day and not one.days[day].disputed_at]
            for state in await self._days.confirm(first, day, urgent=True) if first else ():
                await self._shelf.save(state)

    async def _open(self, group: tuple[str, ...]) -> dict[str, ContextState]:
        """Return those of *group* that arXiv is to be asked for now."""
        now = self._now()
        states = await self._shelf.states(group)
        return {c: known for c, known in states.items() if is_due(known, now) or needs_settling(known, group, now)}

    async def _take(self, state: ContextState, fresh: Listing, *, speaks_for_itself: bool) -> None:
        """Keep a listing of the announcement feed if it is sound, else ask the other sources.

        An empty one counts as this feed's word on a weekday, unless it is part of a union that is empty as a whole.
        """
        verdict = judge(fresh, await self._shelf.newest(state))
        if verdict is Verdict.GOOD:
            state = await self._shelf.keep(state, fresh)
            await self._shelf.save(after_answer(state, fresh.day, self._now()))
            return
        if verdict in {Verdict.STALE, Verdict.MISDATED}:
            log.warning(
                "announcement feed of %s, %s, is %s: other sources are asked", fresh.context, fresh.day, verdict.value
            )
        if verdict is Verdict.EMPTY and speaks_for_itself and fresh.day == schedule.latest_feed_day(self._now()):
            known = state.days.get(fresh.day, DayState())
            if fresh.source not in known.sources:
                state = await self._days.keep_empty(state, fresh)
        await self._ask_others(state, fresh, None)

    async def _ask_others(self, state: ContextState, feed: Listing | None, error: UpstreamError | None) -> None:
        """Refresh one context from the sources behind the announcement feed.

        Args:
            state: What is known of the context.
            feed: What the feed answered, if it did: an empty one is believed on days without announcement.
            error: What went wrong with the feed, if something did.
        """
        now = self._now()
        expected = schedule.latest_feed_day(now)
        known = state.days.get(expected, DayState())
        if feed is not None and not feed.papers and (state.is_settled(expected) or known.needs_no_page(now)):
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
        else:
            pause = error.retry_after if isinstance(error, RateLimitedError) else None
            text = "; ".join(dict.fromkeys(str(one) for one in (error, problem) if one))
            await self._shelf.save(after_failure(state, text, self._now(), retry_after=pause))


def _groups(contexts: Sequence[str], alone: Sequence[str]) -> list[tuple[str, ...]]:
    """Divide *contexts* into requests: archives and those of *alone* each for itself, categories in unions."""
    single = [(context,) for context in contexts if is_archive(context) or context in alone]
    united = [context for context in contexts if not (is_archive(context) or context in alone)]
    return single + [tuple(united[n : n + UNION_SIZE]) for n in range(0, len(united), UNION_SIZE)]


def _next_news(state: ContextState, first_day: date, now: datetime) -> datetime:
    return min(due_at(state, now), _next_change([state], first_day, now))


def _next_change(states: Iterable[ContextState], first_day: date, now: datetime) -> datetime:
    """Return when what is held from *first_day* on can change next, even if arXiv announces nothing new."""
    found = now + _UNCHANGING
    for state in states:
        if any(known.is_unconfirmed for day, known in state.held.items() if day >= first_day):
            found = min(found, now + UNCONFIRMED_FOR)
        found = min(found, next_completion(state, first_day) or found)
    return found


def _without(states: Iterable[ContextState]) -> frozenset[date]:
    """Return the days that had no announcement: in none of the contexts by arXiv's word."""
    states = list(states)
    held = {day for state in states for day, known in state.held.items() if known.held.total}
    return frozenset[date]().union(*(state.without_announcement for state in states)) - held


def _first_day(states: Iterable[ContextState], newest: date, count: int) -> date:
    return schedule.previous_days(newest, count, without=_without(states))[0]


def _window_days(states: Iterable[ContextState], newest: date, count: int) -> tuple[date, ...]:
    states = list(states)
    weekdays = schedule.previous_days(newest, count, without=_without(states))
    shown = {day for state in states for day in state.held if day >= weekdays[0]}
    return tuple(sorted({*weekdays, *shown}, reverse=True))


def _is_unconfirmed_all_through(states: Iterable[ContextState], first_day: date) -> bool:
    """Tell whether a window holds nothing but days that are empty on the word of one service."""
    known = [one for state in states for day, one in state.held.items() if day >= first_day]
    return bool(known) and all(one.is_empty and not one.is_complete for one in known)


def _unconfirmed(states: Iterable[ContextState]) -> UnavailableError:
    contexts = "+".join(state.context for state in states)
    message = f"One of arXiv's services shows no papers of {contexts}, and no other one has confirmed that yet."
    return UnavailableError(message, retry_after=timedelta(seconds=60))


def _first_day_of(ident: str) -> date:
    """Return the first day on which the paper of that id can have been announced: ids are given by the month."""
    number = ident.rpartition("/")[2]
    year, month = int(number[:2]), int(number[2:4])
    return date((1900 if year > 90 else 2000) + year, min(max(month, 1), 12), 1)


def _unavailable(states: Iterable[ContextState], now: datetime) -> UnavailableError:
    states = list(states)
    reasons = "; ".join(dict.fromkeys(state.last_error for state in states if state.last_error))
    again = min((state.retry_at for state in states if state.retry_at), default=None)
    wait = max(again - now, timedelta(seconds=5)) if again else timedelta(seconds=30)
    contexts = "+".join(state.context for state in states)
    said = f"arXiv gave no listing: {reasons}" if reasons else "arXiv has not answered yet"
    return UnavailableError(f"Nothing is held of {contexts} yet, and {said}.", retry_after=wait)


def _unavailable_day(day: date, attempts: Sequence[DayState], now: datetime) -> UnavailableError:
    failed = [one for one in attempts if one.error]
    reasons = "; ".join(dict.fromkeys(one.error for one in failed))
    again = min((one.next_try for one in failed if one.next_try), default=None)
    wait = max(again - now, timedelta(seconds=5)) if again else timedelta(seconds=30)
    said = f"arXiv gave none: {reasons}" if reasons else "they are still being fetched"
    return UnavailableError(f"The listings of {day} are not held, and {said}.", retry_after=wait)
