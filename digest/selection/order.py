"""The orders of papers, as keys to sort by: all that decides what comes first. Pure; equal ones keep the order that they had."""

from __future__ import annotations

from typing import Protocol

from digest.models import Entry, Paper, Standing


class Scored(Protocol):
    """Something with a score."""

    @property
    def score(self) -> float:
        """The higher, the better."""
        ...


def as_listed(paper: Paper) -> tuple[int, int, str]:
    """Newest day first, each day in arXiv's order."""
    return -paper.announced.toordinal(), *within_day(paper)


def within_day(paper: Paper) -> tuple[int, str]:
    """ArXiv's order of one announcement: new papers, cross-lists, replacements, each by id."""
    return paper.announce_type.rank, paper.id


def best_first(entry: Scored) -> tuple[bool, float]:
    """The highest score first, whatever the day; papers that weren't considered for a wish come last."""
    comes_last = isinstance(entry, Entry) and entry.standing is Standing.NOT_CONSIDERED
    return comes_last, -entry.score


def newest_and_best_first(entry: Entry) -> tuple[int, bool, float]:
    """Newest day first, each day with the highest score first."""
    return -entry.paper.announced.toordinal(), *best_first(entry)
