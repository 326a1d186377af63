"""A wish tried over past days: which papers it finds, with which proof, against papers that its owner knows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import Field

from digest.models import Entry, Frozen
from digest.reports.filling import FillReport
from digest.selection import Example
from digest.selection.wishes import CLEARLY, RULES, best_grade

FIRST = 20
"""The first stage has found a known paper if it comes among so many first of its day."""
_LETTERS = re.compile(r"[\W_]+")


class TriedPaper(Frozen):
    """One candidate of a trial."""

    id: str
    title: str
    day: date
    place: int = Field(description="By likeness to the wish, among the papers of its day.")
    grade: int | None = Field(description="Null where it has none that can be believed.")
    quote: str = ""
    known: bool = Field(default=False, description="Whether it is among the papers that the wish is tried against.")


class WishTrial(Frozen):
    """What a trial found and cost."""

    wishes: tuple[str, ...]
    papers: tuple[TriedPaper, ...] = Field(description="Best grade first, then in the order of the first stage.")
    known: int = Field(description="Papers tried against that were announced on these days and pass the filter.")
    refused: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    problem: str = Field("", description="Why not all are graded.")

    @property
    def good(self) -> tuple[TriedPaper, ...]:
        """The papers with a grade of 3 or more."""
        return tuple(paper for paper in self.papers if (paper.grade or 0) >= CLEARLY)

    @property
    def precision(self) -> float | None:
        """The share of good papers that are known; None without any."""
        return sum(paper.known for paper in self.good) / len(self.good) if self.good else None

    @property
    def found(self) -> int:
        """How many known papers are good."""
        return sum(paper.known for paper in self.good)

    @property
    def near(self) -> int:
        """How many known papers the first stage alone puts among the first of their day."""
        return sum(paper.known for paper in self.papers if paper.place <= FIRST)


def trial_of(
    wishes: Iterable[str],
    candidates: Sequence[Entry],
    entries: Sequence[Entry],
    against: Sequence[Example],
    report: FillReport | None,
) -> WishTrial:
    """Account for a trial.

    Args:
        wishes: Their texts.
        candidates: The papers that were considered, in the order of the first stage.
        entries: All that the feed shows, with the grades that are there.
        against: Papers that the owner knows; those that are disliked don't count.
        report: What grading did; None where no model judged.
    """
    graded = {entry.paper.id: entry for entry in entries}
    liked = [example for example in against if not example.disliked]
    ids, titles = {one.id for one in liked}, {_letters(one.title) for one in liked}
    places: dict[date, int] = {}
    papers = []
    for candidate in candidates:
        paper = candidate.paper
        places[paper.announced] = places.get(paper.announced, 0) + 1
        entry = graded.get(paper.id, candidate)
        papers.append(
            TriedPaper(
                id=paper.id,
                title=paper.title,
                day=paper.announced,
                place=places[paper.announced],
                grade=best_grade(entry),
                quote=_quote(entry),
                known=paper.id in ids or _letters(paper.title) in titles,
            )
        )
    usage = report.usage if report else FillReport().usage
    return WishTrial(
        wishes=tuple(wishes),
        papers=tuple(sorted(papers, key=lambda one: -1 if one.grade is None else one.grade, reverse=True)),
        known=sum(entry.paper.id in ids or _letters(entry.paper.title) in titles for entry in entries),
        refused=report.refused if report else 0,
        calls=report.calls if report else 0,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        money=report.money if report else 0.0,
        problem=report.stopped
        if report
        else "no model is configured: papers are ordered by likeness to the wish alone",
    )


def _quote(entry: Entry) -> str:
    proven = [match for match in entry.matches if match.rule in RULES and match.proof]
    best = max(proven, key=lambda match: match.points, default=None)
    return best.proof.quote if best and best.proof else ""


def _letters(title: str) -> str:
    return _LETTERS.sub("", title).casefold()
