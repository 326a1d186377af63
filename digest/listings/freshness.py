"""What is known of a context, and when arXiv is worth asking for it. Pure.

A context is fresh until arXiv's next run can be out. From then on arXiv is asked at most each
quarter of an hour until the new day appears; slower on a day that may be a holiday. What arXiv
says decides; the calendar only makes asking slower on a weekday that may have no announcement. A day that is held is
complete once arXiv's own totals say so; until then other sources are asked, ever more seldom.

A weekday without papers is *unconfirmed* until two different services agree that it has none: arXiv's cache has kept
an empty page for hours. Where they disagree, the page is asked again, and in the end decides. Agreement is checked
again a day later, and where the category nearly always has papers an hour later, too: all sources can be empty at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from pydantic import Field

from digest.arxiv import schedule
from digest.models import PARSER_VERSION, Counts, Frozen, Listing, Read, Source

POLL = timedelta(minutes=15)
HOLIDAY_POLL = timedelta(hours=1)
_RUSH = timedelta(minutes=10)
"""Requests spread over this long after arXiv's clock strikes, so that not everyone asks in the same second."""
LEASE = timedelta(seconds=60)
"""For how long the right to ask for a context is held, unless it is held anew."""
_STARTS_AWAITED = 2
"""Checks that began without an end which readers wait for: the first, and the one after it was left behind."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(minutes=30)
_PAUSES_BEHIND = (POLL, timedelta(hours=6))
_PAUSES_WHILE_WAITED_FOR = (timedelta(minutes=1), timedelta(hours=1))
"""The first and the longest pause after attempts to get a day that brought nothing."""
_ATTEMPTS_KEPT = 40
"""Days of which nothing but attempts is known, a context."""
_QUIET_CHECKS = 3
"""Answers without a new day, a quarter of an hour apart, after which arXiv is asked hourly."""
_PAGE_AGAIN = timedelta(hours=12)
"""The listing page that states an older day is asked again only then: what comes late is in the feed, too."""
UNCONFIRMED_FOR = timedelta(hours=1)
"""An answer about a day that is not confirmed holds no longer."""
_HOUR = timedelta(hours=1)
_CHECKS_OF_DISPUTED = tuple(_HOUR * hours for hours in (1, 4, 24, 72, 168))
"""After the API named papers of a day that the page leaves empty; then the page decides."""
_CHECKS_OF_UNUSUAL = (_HOUR, _HOUR * 24)
"""After an agreement that a day is empty, where that is not usual."""
_CHECKS_OF_USUAL = (_HOUR * 24,)
"""After an agreement that a day is empty, where days often are: feed and page can be empty in the same bad minute."""
_USUAL = 0.8
"""Share of days with papers from which a day without is unusual."""
_OF_EMPTY_DAYS = ("asked_at", "disputed_at", "checks", "next_try", "passed_over", "no_announcement")


class DayState(Read):
    """What is known of one context on one day. Nothing is held while `mark` is empty."""

    mark: str = ""
    """Fingerprint of the listing that is held."""
    held: Counts = Counts()
    announced: Counts | None = None
    """arXiv's own totals, None while no source stated them."""
    sources: tuple[Source, ...] = ()
    """Where the listing came from, first the one that brought it."""
    backfilled: bool = False
    unsettled: tuple[str, ...] = ()
    """What the listing was asked together with, while it is provisional."""
    tries: int = 0
    """Attempts to complete it that left it incomplete."""
    next_try: datetime | None = None
    """When it is asked for again: an attempt left it incomplete, or an empty day is to be checked."""
    error: str = ""
    """Why the last attempt that somebody waited for brought nothing, "" if it brought something."""
    fetched_at: datetime | None = None
    asked_at: datetime | None = None
    """When a source last said that there are no papers (or lacked a section), UTC."""
    disputed_at: datetime | None = None
    """When the query API first named papers of this day that are held on no day, UTC."""
    checks: int = 0
    """Checks of an empty day that are behind it."""
    passed_over: bool = False
    """On that day itself arXiv's listing page stated an older one."""
    no_announcement: bool = False
    """It was passed over, its page is empty, and no category is known to have had papers."""

    @property
    def is_empty(self) -> bool:
        """Whether it is held, without a paper."""
        return bool(self.mark) and not self.held.total

    @property
    def lacks_a_section(self) -> bool:
        """Whether the page that counts it has no new papers, or no cross-lists: as one cut in the middle would."""
        return (
            bool(self.held.total) and self.announced is not None and not (self.announced.new and self.announced.cross)
        )

    @property
    def is_confirmed(self) -> bool:
        """Whether two services agree, or the page, asked again and again, has decided."""
        if self.disputed_at:
            return self.checks >= len(_CHECKS_OF_DISPUTED)
        return self.no_announcement or len({source.service for source in self.sources}) > 1

    @property
    def is_on_pages(self) -> bool:
        """Whether a page has shown this day, with papers or without."""
        return any(source.service == "pages" for source in self.sources)

    def needs_no_page(self, now: datetime) -> bool:
        """Whether the feed alone is asked for this day: a page showed it, or stated an older one in the last hours."""
        lately = self.asked_at is not None and now - self.asked_at < _PAGE_AGAIN
        return self.is_on_pages or (self.passed_over and lately)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether nothing, or a section, is missing here on the word of one service alone."""
        return (self.is_empty or self.lacks_a_section) and not self.is_confirmed

    @property
    def is_outdated(self) -> bool:
        """Whether an older version's parsers read what is held: it is worth reading again."""
        return bool(self.mark) and self.parser < PARSER_VERSION

    @property
    def is_complete(self) -> bool:
        """Whether all is held that arXiv says it announced, be it nothing."""
        if self.is_unconfirmed:
            return False
        return self.is_empty or (self.announced is not None and not self.unsettled and not self.shortfall.total)

    @property
    def shortfall(self) -> Counts:
        """How many announced papers are not held, by type. Replacements that both forms name count together."""
        if self.announced is None:
            return Counts()
        lacking = {name: getattr(self.announced, name) - getattr(self.held, name) for name in Counts.model_fields}
        replaced = max(lacking.pop("replace") + lacking.pop("replace_cross"), 0)
        return Counts(new=max(lacking["new"], 0), cross=max(lacking["cross"], 0), replace=replaced)


class ContextState(Frozen):
    """What is known of one context, apart from the papers."""

    context: str
    days: dict[date, DayState] = Field(default_factory=dict)
    checked_at: datetime | None = None
    """When arXiv last gave a usable answer about the present, UTC."""
    seen_day: date | None = None
    """The day that this answer was about, with papers or without."""
    answers: int = 0
    """Usable answers about `seen_day` so far, this one included."""
    failures: int = 0
    """Failed attempts since then."""
    retry_at: datetime | None = None
    """Not to be asked before, after a failure."""
    asked_at: datetime | None = None
    """When the last check ended, in an answer or in a failure, UTC."""
    began_at: datetime | None = None
    """When the check that is under way began, UTC; it stays if whoever made it was frozen or killed."""
    begun: int = 0
    """Checks that began since the last one ended."""
    last_error: str = ""
    last_error_at: datetime | None = None

    @property
    def held(self) -> dict[date, DayState]:
        """The days of which a listing is held."""
        return {day: known for day, known in self.days.items() if known.mark}

    @property
    def newest(self) -> date | None:
        """The newest day held; a day with papers rather than one that was, or seemed, without."""
        held = self.held
        return max((day for day, known in held.items() if known.held.total), default=None) or max(held, default=None)

    def is_settled(self, day: date) -> bool:
        """Whether nothing more is expected of *day*: it has papers, is confirmed to have none, or a newer day has some."""
        known = self.days.get(day, DayState())
        newest = self.newest
        return bool(known.held.total) or (known.is_empty and known.is_complete) or bool(newest and newest > day)

    @property
    def without_announcement(self) -> frozenset[date]:
        """Days that had no announcement, by arXiv's word: the calendar alone is none, nor is one quiet category."""
        return frozenset(
            day
            for day, known in self.held.items()
            if known.no_announcement or (known.is_empty and known.is_complete and schedule.explain_day(day))
        )


def due_at(state: ContextState, now: datetime) -> datetime:
    """Return when *state*'s context should be asked for next; not later than *now* means it is due."""
    if state.checked_at is None:
        return max(state.retry_at, now) if state.retry_at else now
    latest = schedule.latest_feed_day(now)
    if state.is_settled(latest):
        due = schedule.next_feed_change(now) + jitter(state.context)
    else:
        seen = state.seen_day is not None and state.seen_day >= latest and state.answers >= _QUIET_CHECKS
        pause = HOLIDAY_POLL if seen or schedule.explain_day(latest) else POLL
        due = max(state.checked_at + pause, schedule.feed_instant(latest) + jitter(state.context))
    return max(due, state.retry_at) if state.retry_at else due


def is_due(state: ContextState, now: datetime) -> bool:
    """Tell whether arXiv is worth asking for the context now."""
    return due_at(state, now) <= now


def is_first_check(state: ContextState, now: datetime) -> bool:
    """Tell whether no check has ended since the newest announcement could be out, so that the next one may well bring it.

    Never on a day that the calendar calls a holiday.
    """
    latest = schedule.latest_feed_day(now)
    if schedule.explain_day(latest) or state.is_settled(latest):
        return False
    asked_at = state.asked_at or state.checked_at
    return asked_at is None or asked_at < schedule.feed_instant(latest)


def wait_left(state: ContextState, now: datetime, wait: timedelta) -> timedelta:
    """Return how long a reader may wait for a check of the context: *wait* in all, from the start of the check.

    A check that was left behind (see `is_left_behind`) is made again, and waited for once more.
    """
    starts = _starts(state, now)
    if not starts or state.began_at is None or is_left_behind(state, now):
        return wait if starts < _STARTS_AWAITED else timedelta(0)
    since = max(now - state.began_at, timedelta(0))
    return max(wait - since, timedelta(0)) if starts <= _STARTS_AWAITED else timedelta(0)


def _starts(state: ContextState, now: datetime) -> int:
    """Return how many checks of the newest announcement began without an end."""
    opening = schedule.feed_instant(schedule.latest_feed_day(now))
    return state.begun if state.began_at is not None and state.began_at >= opening else 0


def is_left_behind(state: ContextState, now: datetime) -> bool:
    """Tell whether whoever began a check was probably frozen or killed, or hangs: it never takes as long as a lease."""
    return state.began_at is not None and now - state.began_at >= LEASE


def needs_settling(state: ContextState, asked: tuple[str, ...], now: datetime) -> bool:
    """Tell whether a feed of the contexts *asked* needs more than the provisional listing that is held.

    A provisional listing is exact for feeds that hold all contexts of the union that brought it.
    """
    if state.newest is None or (state.retry_at and state.retry_at > now):
        return False
    unsettled = state.days[state.newest].unsettled
    return bool(unsettled) and not set(unsettled) <= set(asked)


def incomplete_days(state: ContextState, count: int, now: datetime) -> tuple[date, ...]:
    """Return the days of the newest *count* announcements that should be completed now, newest first.

    Weekdays that are over and newer than all that is held are among them: arXiv may have announced on them, whatever the
    calendar says, while nobody asked.
    """
    if state.newest is None:
        return ()
    reach = state.newest - timedelta(days=schedule.CATCH_UP_DAYS)
    window = schedule.previous_days(state.newest, count, without=state.without_announcement)
    since = schedule.previous_days(schedule.eastern_date(now) - timedelta(days=1), count)
    wanted = {*window, *(day for day in (*since, *state.held) if day >= window[0])}
    return tuple(
        day
        for day in sorted(wanted, reverse=True)
        if day >= reach and is_worth_asking(state.days.get(day), now) and not _may_still_come(state, day, now)
    )


def _may_still_come(state: ContextState, day: date, now: datetime) -> bool:
    """Tell whether *day* isn't over, and no page showed it yet: that is for `due_at`, its catch-up page is empty till then."""
    known = state.days.get(day, DayState())
    return day >= schedule.eastern_date(now) and not known.held.total and not known.is_on_pages


def outdated_days(state: ContextState, count: int, now: datetime) -> tuple[date, ...]:
    """Return those of the newest *count* announcements that are whole and should be read again, newest first."""
    if state.newest is None:
        return ()
    window = schedule.previous_days(state.newest, count, without=state.without_announcement)
    first = max(window[0], state.newest - timedelta(days=schedule.CATCH_UP_DAYS))
    return tuple(
        day
        for day, known in sorted(state.held.items(), reverse=True)
        if day >= first and known.is_complete and is_worth_reading(known, now)
    )


def is_worth_reading(known: DayState, now: datetime) -> bool:
    """Tell whether to ask for a day now: something is to be completed, or papers are to be read again."""
    again = known.is_outdated and bool(known.held.total) and (known.next_try is None or known.next_try <= now)
    return again or is_worth_asking(known, now)


def is_worth_completing(state: ContextState, day: date, now: datetime) -> bool:
    """Tell whether a day that is held should be completed now; not where nothing is known of the present."""
    reached = state.checked_at and state.newest and day >= state.newest - timedelta(days=schedule.CATCH_UP_DAYS)
    return bool(reached) and day in state.held and is_worth_asking(state.days[day], now)


def next_completion(state: ContextState, first_day: date) -> datetime | None:
    """Return when a day from *first_day* on is asked for again, None if none is: all add up and none is to be checked."""
    tries = (known.next_try for day, known in state.days.items() if day >= first_day)
    return min((instant for instant in tries if instant), default=None)


def is_worth_asking(known: DayState | None, now: datetime) -> bool:
    """Tell whether a day of which that is *known* should be asked for now."""
    if known is None:
        return True
    return known.next_try <= now if known.next_try else not known.is_complete


def after_failure(
    state: ContextState, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note a failed attempt: the pause grows with each in a row, or is what arXiv asked for."""
    pause = retry_after or min(_FIRST_RETRY * 3 ** min(state.failures, 5), _LONGEST_RETRY)
    return with_error(state, error, now).model_copy(
        update={"failures": state.failures + 1, "retry_at": now + pause, **_ended(now)}
    )


def with_error(state: ContextState, error: str, now: datetime) -> ContextState:
    """Note what went wrong."""
    return state.model_copy(update={"last_error": error[:300], "last_error_at": now})


def after_answer(state: ContextState, seen_day: date, now: datetime) -> ContextState:
    """Note that arXiv gave a usable answer about *seen_day*, the newest that it knows."""
    answers = state.answers + 1 if state.seen_day == seen_day else 1
    return state.model_copy(
        update={
            "checked_at": now,
            "seen_day": seen_day,
            "answers": answers,
            "failures": 0,
            "retry_at": None,
            **_ended(now),
        }
    )


def after_start(state: ContextState, now: datetime) -> ContextState:
    """Note that arXiv is being asked."""
    return state.model_copy(update={"began_at": now, "begun": _starts(state, now) + 1})


def _ended(now: datetime) -> dict[str, object]:
    return {"asked_at": now, "began_at": None, "begun": 0}


def with_day(state: ContextState, day: date, known: DayState, *, keep: timedelta) -> ContextState:
    """Note what is known of *day*; days older than *keep* before it are forgotten, those with papers for papers only."""
    kept = {at: one for at, one in state.days.items() if at >= day - keep or (one.held.total and not known.held.total)}
    return state.model_copy(update={"days": {**kept, day: known}})


def without_days(state: ContextState, lost: Collection[date]) -> ContextState:
    """Forget the days of *lost*."""
    return state.model_copy(update={"days": {day: known for day, known in state.days.items() if day not in lost}})


def day_state(listing: Listing, mark: str, sources: tuple[Source, ...], before: DayState | None = None) -> DayState:
    """Describe a listing that is held; what is known of a day that is as empty as *before* stays."""
    known = DayState(
        mark=mark,
        held=listing.counts,
        announced=listing.announced,
        sources=sources,
        backfilled=listing.backfilled,
        unsettled=listing.asked if listing.provisional else (),
        parser=listing.parser,
        fetched_at=listing.fetched_at,
    )
    if before and (known.is_empty or (known.lacks_a_section and before.lacks_a_section)):
        return known.model_copy(update={name: getattr(before, name) for name in _OF_EMPTY_DAYS})
    return known


def growing_pause(tries: int, first: timedelta, longest: timedelta) -> timedelta:
    """Return the pause after so many attempts in a row that brought nothing: it doubles from *first* up to *longest*."""
    return min(first * (1 << min(tries - 1, 16)), longest)


def after_try(known: DayState, now: datetime) -> DayState:
    """Note an attempt behind the answers that left the day incomplete: the next one waits longer."""
    tries = known.tries + 1
    next_try = now + growing_pause(tries, *_PAUSES_BEHIND)
    return known.model_copy(update={"tries": tries, "next_try": next_try, "error": ""})


def with_failed_day(
    state: ContextState, day: date, error: str, now: datetime, *, retry_after: timedelta | None = None
) -> ContextState:
    """Note that a day that somebody waits for, and of which nothing is held, was not to be had."""
    known = state.days.get(day, DayState())
    pause = retry_after or growing_pause(known.tries + 1, *_PAUSES_WHILE_WAITED_FOR)
    failed = known.model_copy(update={"tries": known.tries + 1, "next_try": now + pause, "error": error[:300]})
    attempts = {at: one for at, one in state.days.items() if not one.mark and one.error and at != day}
    soonest = sorted(attempts, key=lambda at: attempts[at].next_try or now)
    return without_days(
        state.model_copy(update={"days": {**state.days, day: failed}}),
        soonest[: max(len(soonest) + 1 - _ATTEMPTS_KEPT, 0)],
    )


def passed_over(state: ContextState, day: date, now: datetime, *, keep: timedelta) -> ContextState:
    """Note that arXiv's listing page stated an older day on *day* itself."""
    known = state.days.get(day, DayState())
    return with_day(state, day, known.model_copy(update={"passed_over": True, "asked_at": now}), keep=keep)


def is_unusual(state: ContextState, day: date) -> bool:
    """Tell whether it is odd that *day* has no papers: nearly all other days have some, or no day has any."""
    known = {at: one for at, one in state.held.items() if at not in {day, *state.without_announcement}}
    others = [one for one in known.values() if not (one.is_empty and one.next_try)]  # those are in doubt themselves
    full = sum(bool(one.held.total) for one in others)
    return not full or full >= _USUAL * len(others)


def after_empty_answer(before: DayState, known: DayState, now: datetime, *, unusual: bool) -> DayState:
    """Note that a source had no papers of a day once more, and when it is to be checked again.

    Args:
        before: What was known before the answer.
        known: What is known with it.
        now: When it came.
        unusual: Whether this category nearly always has papers, see `is_unusual`.
    """
    if known.no_announcement:
        return known.model_copy(update={"asked_at": now, "next_try": None})
    agreed = _CHECKS_OF_UNUSUAL if unusual else _CHECKS_OF_USUAL if known.is_empty else ()
    offsets = _CHECKS_OF_DISPUTED if known.disputed_at else agreed
    first = (before if before.is_empty else known).fetched_at or now
    since = known.disputed_at or first
    was_waiting = before.next_try is not None and before.next_try <= now and not before.tries
    passed = sum(since + offset <= now for offset in offsets)
    checks = max(before.checks + was_waiting, passed)
    left = offsets[checks:] if known.disputed_at or known.is_confirmed else ()
    return known.model_copy(
        update={
            "asked_at": now,
            "fetched_at": first if known.is_empty else known.fetched_at,
            "checks": checks,
            "next_try": since + left[0] if left else None,
        }
    )


def after_dispute(known: DayState, now: datetime) -> DayState:
    """Note that the query API names papers of a day that are held on no day, although its page has none."""
    since = known.disputed_at or now
    return known.model_copy(update={"disputed_at": since, "checks": 0, "next_try": since + _CHECKS_OF_DISPUTED[0]})


def jitter(context: str) -> timedelta:
    """Return a delay between zero and ten minutes, always the same for one context."""
    return _RUSH * (zlib.crc32(context.encode()) % 1000 / 1000)
