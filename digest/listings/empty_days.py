"""Days without papers: when that is believed, and when it is checked again. Pure.

A weekday without papers is *unconfirmed* until two different services agree that it has none: arXiv's cache has kept
an empty page for hours. Where they disagree, the page is asked again, and in the end decides. Agreement is checked
again a day later, and where the category nearly always has papers an hour later, too: all sources can be empty at once.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from digest.listings.states import CHECKS_OF_DISPUTED, ContextState, DayState, with_day

_HOUR = timedelta(hours=1)
UNCONFIRMED_FOR = timedelta(hours=1)
"""An answer about a day that is not confirmed holds no longer."""
_CHECKS_OF_UNUSUAL = (_HOUR, _HOUR * 24)
"""After an agreement that a day is empty, where that is not usual."""
_CHECKS_OF_USUAL = (_HOUR * 24,)
"""After an agreement that a day is empty, where days often are: feed and page can be empty in the same bad minute."""
_USUAL = 0.8
"""Share of days with papers from which a day without is unusual."""
_PAGE_AGAIN = timedelta(hours=12)
"""The listing page that states an older day is asked again only then: what comes late is in the feed, too."""


def needs_no_page(known: DayState, now: datetime) -> bool:
    """Tell whether the feed alone is asked for a day: a page showed it, or stated an older one in the last hours."""
    lately = known.asked_at is not None and now - known.asked_at < _PAGE_AGAIN
    return known.is_on_pages or (known.passed_over and lately)


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
    offsets = CHECKS_OF_DISPUTED if known.disputed_at else agreed
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
    """Note that the query API names papers of a day that are stored on no day, although its page has none."""
    since = known.disputed_at or now
    return known.model_copy(update={"disputed_at": since, "checks": 0, "next_try": since + CHECKS_OF_DISPUTED[0]})
