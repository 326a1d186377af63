"""Listings from the store, else from arXiv: each is fetched once an announcement, whoever asks.

The way of a request: read the *states* of its contexts; those that are due are asked for (one task
in this process and one lease in the store a context, so that neither a thousand readers nor ten
processes make a second request). Who has something to serve waits a little, and only for the first check of an
announcement; later ones run behind the answer. Who has nothing waits as long as readers do, then gets an error that
says when to come back. Days that are missing
or don't add up are completed behind the answer, see `digest.listings.days`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest import costs
from digest.arxiv import schedule
from digest.concurrency.coalescing import Background
from digest.costs import Admit
from digest.errors import NO_CONNECTION, UnavailableError
from digest.listings.days import Days
from digest.listings.embedding import Embedder
from digest.listings.empty_days import UNCONFIRMED_FOR
from digest.listings.freshness import (
    due_at,
    incomplete_days,
    is_due,
    is_first_check,
    is_worth_completing,
    needs_settling,
    next_completion,
    outdated_days,
    wait_left,
)
from digest.listings.held import HeldListings
from digest.listings.refreshes import Refreshes
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState, DayState, without_days
from digest.listings.windows import LoadedWindow, Window, first_day_of, window_days, with_listings
from digest.store.protocol import Store
from digest.upstream.sources import ArxivSources

log = logging.getLogger(__name__)

_ASKED = "asked:"
"""Begins keys that name the contexts somebody asked for, joined with `+`."""
_ASKED_FOR = timedelta(days=14)
"""Contexts that nobody asked for in this time are no longer kept warm."""
_NOTE_AGAIN = timedelta(hours=6)
_UNCHANGING = timedelta(days=7)
"""A listing of the past, once stored, is not expected to change."""

_LATE_FOR = timedelta(minutes=1)
"""An answer without the newest day, of which arXiv could say nothing, holds no longer."""
_MOST_WAITING = 500
"""Readers of one process that wait for a check; the others get what is stored."""


@dataclass(frozen=True)
class _Checked:
    """What is known after a look at arXiv: states, and who should have been back by now."""

    states: dict[str, ContextState]
    late: tuple[str, ...]
    is_crowded: bool


class Listings:
    """Keep listings fresh, complete and at hand.

    Args:
        store: Where they are kept.
        sources: Where they come from.
        keep: For how long.
        patience: How long a request without anything to serve waits for arXiv.
        wait: How long one that has something waits for the first check of an announcement, from the start of that.
        now: The clock.

    Attributes:
        held: What is stored, for those who ask nothing of arXiv.
        tallies: The numbers of each day, for years.
    """

    def __init__(
        self,
        store: Store,
        sources: ArxivSources,
        *,
        keep: timedelta,
        patience: timedelta = timedelta(seconds=18),
        wait: timedelta = timedelta(seconds=8),
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._sources = sources
        self._keep = keep
        self._patience = patience
        self._wait_for = wait
        self._now = now
        self._shelf = Shelf(store, keep=keep, now=now)
        self.held = HeldListings(self._shelf, now=now)
        self._days = Days(self._shelf, sources, now=now)
        self._refreshes = Refreshes(self._shelf, sources, self._days, keep=keep, now=now)
        self.tallies = self._shelf.tallies
        self._embedder = Embedder(self._shelf)
        self._noted: dict[str, datetime] = {}
        self._noting: Background[str] = Background()

    async def window(
        self, contexts: Sequence[str], *, days: int, wait: bool = True, admit: Admit = costs.free
    ) -> Window:
        """Return what is known of *contexts* for the newest *days* announcements, after asking arXiv where that is worth it.

        Args:
            contexts: Categories and archives.
            days: How many announcements.
            wait: Whether the reader waits for the first check of an announcement, and for arXiv if nothing is stored.
            admit: Asked before arXiv is asked for contexts of which nothing is stored.

        Raises:
            UnavailableError: Nothing is stored of any of them, and arXiv gave nothing in time.
            TooManyRequestsError: Nothing is stored of some, and *admit* refuses them.
        """
        now = self._now()
        self._note_asked(contexts, now)
        checked = await self._checked(contexts, now, wait=wait, admit=admit)
        states = checked.states
        newest = max((state.newest for state in states.values() if state.newest), default=None)
        if newest is None:
            raise _unavailable(states.values(), self._now())
        first_day = first_day_of(states.values(), newest, days)
        wanted = {context: incomplete_days(state, days, now) for context, state in states.items()}
        again = {context: outdated_days(state, days, now) for context, state in states.items()}
        filling = self._days.start({context: (*wanted[context], *again[context]) for context in states})
        if _is_unconfirmed_all_through(states.values(), first_day):
            raise _unconfirmed(states.values())
        latest = schedule.latest_feed_day(now)
        late = {(context, latest) for context in checked.late if latest not in states[context].held}
        behind = costs.note_behind(filling)
        return Window(
            states=states,
            first_day=first_day,
            days=tuple(sorted({*window_days(states.values(), newest, days), *(day for _, day in late)}, reverse=True)),
            fresh_until=min(_next_news(state, first_day, now) for state in states.values()),
            filling=frozenset({*late, *((context, day) for context, missing in wanted.items() for day in missing)}),
            is_settling=behind or bool(self._refreshes.unfinished(contexts)),
            waits=wait,
            is_crowded=checked.is_crowded,
        )

    async def _checked(self, contexts: Sequence[str], now: datetime, *, wait: bool, admit: Admit) -> _Checked:
        """Start asking for those of *contexts* that are due, and wait for them where that is worth it."""
        states = await self._shelf.states(contexts)
        settling = [c for c in contexts if needs_settling(states[c], tuple(contexts), now)]
        due = [c for c in contexts if is_due(states[c], now) or c in settling]
        if cold := [c for c in due if not states[c].held and c not in self._refreshes]:
            await admit(cold)
        tasks = self._refreshes.start(due, alone=settling)
        costs.note_behind(tasks)
        first = [c for c in due if is_first_check(states[c], now)]
        budgets = self._budgets(due, states, {*first, *settling}, now) if wait else {}
        has_something = any(state.held for state in states.values())
        is_crowded = bool(budgets) and has_something and self._refreshes.waiting >= _MOST_WAITING
        if budgets and not is_crowded and not (has_something and await self._sources.all_cooling()):
            states = await self._wait(contexts, states, budgets)
        return _Checked(states, self._refreshes.unfinished(first), is_crowded=is_crowded)

    def _budgets(
        self, due: Sequence[str], states: Mapping[str, ContextState], worth_it: Collection[str], now: datetime
    ) -> dict[str, timedelta]:
        """Return which contexts a reader waits for, and how long: for those *worth it*, and those without anything stored."""
        if not any(state.held for state in states.values()):
            return dict.fromkeys(due, self._patience)
        wanted = [context for context in due if context in worth_it or not states[context].held]
        budgets = {context: wait_left(states[context], now, self._wait_for) for context in wanted}
        return {context: left for context, left in budgets.items() if left}

    async def _wait(
        self, contexts: Sequence[str], states: dict[str, ContextState], budgets: Mapping[str, timedelta]
    ) -> dict[str, ContextState]:
        """Wait for the contexts of *budgets*, settle what a union left open within the same time, return what is known."""
        ends = asyncio.get_running_loop().time() + max(budgets.values()).total_seconds()
        await self._refreshes.wait(budgets, states)
        states = await self._shelf.states(contexts)
        settling = [c for c in contexts if needs_settling(states[c], tuple(contexts), self._now())]
        left = timedelta(seconds=ends - asyncio.get_running_loop().time())
        if settling:
            costs.note_behind(self._refreshes.start(settling, alone=settling))
        if not settling or left <= timedelta(0):
            return states
        await self._refreshes.wait(dict.fromkeys(settling, left), states)
        return await self._shelf.states(contexts)

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
            if window.waits:
                await asyncio.wait(tasks, timeout=self._patience.total_seconds())
            states = await self._shelf.states(tuple(states))
            listings = await self._shelf.load(states.values(), window.first_day)
            if not listings:
                raise _unavailable(states.values(), self._now())
        is_settling = costs.note_behind(tasks) or window.is_settling
        return with_listings(window, listings, states=states, filling=window.filling | lost, is_settling=is_settling)

    async def day(
        self, contexts: Sequence[str], day: date, *, wait: bool = True, admit: Admit = costs.free
    ) -> LoadedWindow:
        """Return the listings of *contexts* for one announcement day, fetching those that aren't stored.

        The newest day comes as in `window`, and without papers where arXiv hasn't shown it yet. Contexts whose
        listing arXiv doesn't give now are left out; their receipts say so. Callers that don't *wait* get what is stored; an older
        day is fetched for those only who do.

        Raises:
            UnavailableError: Nothing is stored of that day, and arXiv gave nothing in time.
            TooManyRequestsError: It isn't stored, and *admit* refuses to let it be asked for.
        """
        now = self._now()
        if day >= schedule.latest_feed_day(now):
            window = await self.window(contexts, days=1, wait=wait, admit=admit)
            own = await self._shelf.load(window.states.values(), day, until=day)
            return with_listings(window, own, first_day=day, days=(day,))
        states, listings = await self._days.held(contexts, day)
        absent = [context for context, state in states.items() if day not in state.held]
        if absent and wait:
            with self._sources.awaited():
                await self._days.fetch(absent, day, patience=self._patience, admit=admit)
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
            waits=wait,
        )

    async def refresh(self, contexts: Sequence[str], *, days: int = 1) -> dict[str, ContextState]:
        """Ask arXiv for those of *contexts* that are due, complete the newest *days*, wait, and return what is known."""
        now = self._now()
        states = await self._shelf.states(contexts)
        tasks = self._refreshes.start([c for c in contexts if is_due(states[c], now)])
        if tasks:
            await asyncio.wait(tasks)
        states = await self._shelf.states(contexts)
        filling = self._days.start({c: incomplete_days(state, days, now) for c, state in states.items()})
        if filling:
            await asyncio.wait(filling)
        if embedding := self._embedder.start(contexts):
            await asyncio.wait(embedding)
        return await self._shelf.states(contexts)

    async def refresh_within(self, contexts: Sequence[str], *, days: int, budget: timedelta) -> dict[str, ContextState]:
        """Do as `refresh`, but wait no longer than *budget*; what is under way then goes on behind."""
        waiting = asyncio.create_task(self.refresh(contexts, days=days))
        await asyncio.wait({waiting}, timeout=budget.total_seconds())
        waiting.cancel()
        return await self._shelf.states(contexts)

    def embed(self, contexts: Sequence[str]) -> None:
        """Begin to store built-in summaries beside the papers of *contexts*, once what is under way for this request has ended."""
        costs.note_behind(self._embedder.start(contexts, after=costs.behind()))

    async def keep_warm(self, *, days: int, also: Collection[str] = ()) -> None:
        """Refresh and complete what somebody asked for lately, so that nothing is missed while nobody polls.

        Args:
            days: How many announcements.
            also: Contexts that are wanted whether anybody asked or not.
        """
        asked = sorted({*contexts_noted(await self._store.keys(_ASKED)), *also})
        states = await self._shelf.states(asked)
        now = self._now()
        due = [c for c, state in states.items() if is_due(state, now) or incomplete_days(state, days, now)]
        if due:
            await self.refresh(due, days=days)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._refreshes.aclose()
        await self._days.aclose()
        await self._embedder.aclose()
        await self._noting.aclose()

    def _note_asked(self, contexts: Sequence[str], now: datetime) -> None:
        """Remember, for `keep_warm`, that somebody reads these: one write for all of them, behind the answer."""
        fresh = [one for one in contexts if now - self._noted.get(one, now - _ASKED_FOR) > _NOTE_AGAIN]
        if not fresh:
            return
        self._noted |= dict.fromkeys(fresh, now)
        key = _ASKED + "+".join(sorted(fresh))

        async def write() -> None:
            await self._store.set(key, b"1", ttl=_ASKED_FOR)

        self._noting.start(key, write, doing=f"noting {key}")
        costs.note_behind(self._noting.tasks([key]))


def _next_news(state: ContextState, first_day: date, now: datetime) -> datetime:
    news = min(due_at(state, now), _next_change([state], first_day, now))
    if state.failures and not state.is_settled(schedule.latest_feed_day(now)):
        return min(news, now + _LATE_FOR)  # the newest day is lacking: others may bring it
    return news


def _next_change(states: Iterable[ContextState], first_day: date, now: datetime) -> datetime:
    """Return when what is stored from *first_day* on can change next, even if arXiv announces nothing new."""
    found = now + _UNCHANGING
    for state in states:
        if any(known.is_unconfirmed for day, known in state.held.items() if day >= first_day):
            found = min(found, now + UNCONFIRMED_FOR)
        found = min(found, next_completion(state, first_day) or found)
    return found


def _is_unconfirmed_all_through(states: Iterable[ContextState], first_day: date) -> bool:
    """Tell whether a window holds nothing but days that are empty on the word of one service."""
    known = [one for state in states for day, one in state.held.items() if day >= first_day]
    return bool(known) and all(one.is_empty and not one.is_complete for one in known)


def _unconfirmed(states: Iterable[ContextState]) -> UnavailableError:
    contexts = "+".join(state.context for state in states)
    message = f"One of arXiv's services shows no papers of {contexts}, and no other one has confirmed that yet."
    return UnavailableError(message, retry_after=timedelta(seconds=60))


def _unavailable(states: Iterable[ContextState], now: datetime) -> UnavailableError:
    states = list(states)
    errors = list(dict.fromkeys(state.last_error for state in states if state.last_error))
    again = min((state.retry_at for state in states if state.retry_at), default=None)
    wait = max(again - now, timedelta(seconds=5)) if again else timedelta(seconds=30)
    contexts = "+".join(state.context for state in states)
    is_offline = bool(errors) and all(error.startswith(NO_CONNECTION) for error in errors)
    next_try = again if again and again > now and errors else None
    at = f" The next try is at {next_try:%H:%M} UTC." if next_try else ""
    if is_offline:
        said = f"This machine can't reach arXiv.{at} To look around offline, run: make demo"
    elif errors:
        said = f"Nothing is stored of {contexts} yet, and arXiv gave no listing: {'; '.join(errors)}.{at}"
    else:
        said = f"Nothing is stored of {contexts} yet, and arXiv has not answered yet."
    return UnavailableError(said, retry_after=wait, next_try=next_try, offline=is_offline)


def _unavailable_day(day: date, attempts: Sequence[DayState], now: datetime) -> UnavailableError:
    failed = [one for one in attempts if one.error]
    reasons = "; ".join(dict.fromkeys(one.error for one in failed))
    again = min((one.next_try for one in failed if one.next_try), default=None)
    wait = max(again - now, timedelta(seconds=5)) if again else timedelta(seconds=30)
    said = f"arXiv gave none: {reasons}" if reasons else "they are still being fetched"
    return UnavailableError(f"The listings of {day} are not stored, and {said}.", retry_after=wait)


def contexts_noted(keys: Iterable[str]) -> set[str]:
    """Return the contexts that the keys of notes name."""
    return {context for key in keys for context in key.removeprefix(_ASKED).split("+")}
