"""What the tallies of many days tell: papers a day, the share with code, words that are new. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from digest.listings.tallies import Tally, added

RECENT_DAYS = 5
"""Announcements in which a term is called new, …"""
EARLIER_DAYS = 20
"""… against so many before them."""
_MOST_NEW_TERMS = 20
_FEWEST_TITLES = 3
_SINGLE_DAYS = 45
"""A span of more announcements is shown by weeks."""
_CLEAR = 2.0
"""Standard deviations by which a term must exceed what the days before let expect."""


@dataclass(frozen=True)
class Span:
    """A day or a week of announcements, of one context each number.

    Attributes:
        label: `2026-01-29` or `2026-W05`.
        days: Announcements with a tally.
        tally: All of them together.
    """

    label: str
    days: int
    tally: Tally

    @property
    def papers_a_day(self) -> float:
        """New and cross-listed papers, on average over the span's announcements."""
        return self.tally.papers / self.days if self.days else 0.0

    @property
    def code_share(self) -> float | None:
        """Share of papers that link code, 0 to 1; None without papers."""
        return self.tally.code / self.tally.papers if self.tally.papers else None


@dataclass(frozen=True)
class NewTerm:
    """A term that titles use more of late.

    Attributes:
        term: Folded, in the singular.
        titles: In how many titles of the last `RECENT_DAYS` announcements, all contexts together.
        expected: In how many the `EARLIER_DAYS` before them let expect.
    """

    term: str
    titles: int
    expected: float


@dataclass(frozen=True)
class ContextStatistics:
    """One category or archive.

    Attributes:
        spans: Oldest first; spans without a tally are there, with `days` 0.
        total: All days together.
        days: Announcements with a tally.
    """

    context: str
    spans: tuple[Span, ...]
    total: Tally
    days: int


@dataclass(frozen=True)
class Statistics:
    """Several contexts over one stretch of time.

    Attributes:
        first: The oldest day with a tally, None if there is none.
        last: The newest.
        by_week: Whether spans are weeks.
        new_terms: The most striking first.
    """

    contexts: tuple[ContextStatistics, ...]
    first: date | None
    last: date | None
    by_week: bool
    new_terms: tuple[NewTerm, ...]


def statistics_of(tallies: Mapping[str, Mapping[date, Tally]]) -> Statistics:
    """Return what the *tallies*, by context and day, tell."""
    days = sorted({day for known in tallies.values() for day in known})
    if not days:
        return Statistics(tuple(ContextStatistics(one, (), Tally(), 0) for one in tallies), None, None, False, ())
    by_week = len(days) > _SINGLE_DAYS
    labels = [(_label(day, by_week=by_week), day) for day in days]
    groups = [(label, [day for _, day in group]) for label, group in groupby(labels, key=lambda one: one[0])]
    contexts = tuple(_of_context(context, known, groups) for context, known in tallies.items())
    return Statistics(contexts, days[0], days[-1], by_week, new_terms(tallies, days))


def new_terms(tallies: Mapping[str, Mapping[date, Tally]], days: Sequence[date]) -> tuple[NewTerm, ...]:
    """Return terms of the newest of *days* (oldest first) that titles use clearly more than in the days before.

    A term counts as clear if its titles exceed what is expected by two standard deviations of a Poisson variable.
    """
    recent, earlier = days[-RECENT_DAYS:], days[-RECENT_DAYS - EARLIER_DAYS : -RECENT_DAYS]
    if len(earlier) < RECENT_DAYS:
        return ()
    now, before = (added(k[day] for k in tallies.values() for day in part if day in k) for part in (recent, earlier))
    scale = now.papers / before.papers if before.papers else 0.0
    found = []
    for term, titles in now.terms.items():
        expected = before.terms.get(term, 0) * scale
        if titles >= _FEWEST_TITLES and titles - expected > _CLEAR * math.sqrt(max(expected, 1.0)):
            found.append(NewTerm(term, titles, expected))
    found.sort(key=lambda one: (one.expected - one.titles) / math.sqrt(max(one.expected, 1.0)))
    return _without_parts(found)[:_MOST_NEW_TERMS]


def _without_parts(found: Sequence[NewTerm]) -> tuple[NewTerm, ...]:
    """Leave out words that stand in a pair which has about as many titles: the pair says more."""
    pairs = [one for one in found if " " in one.term]
    return tuple(
        one
        for one in found
        if " " in one.term or not any(one.term in p.term.split() and 2 * p.titles > one.titles for p in pairs)
    )


def _of_context(
    context: str, known: Mapping[date, Tally], groups: Sequence[tuple[str, Sequence[date]]]
) -> ContextStatistics:
    spans = []
    for label, days in groups:
        tallies = [known[day] for day in days if day in known]
        spans.append(Span(label, len(tallies), added(tallies)))
    return ContextStatistics(context, tuple(spans), added(known.values()), len(known))


def _label(day: date, *, by_week: bool) -> str:
    if not by_week:
        return str(day)
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
