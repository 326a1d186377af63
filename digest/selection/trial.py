"""How well examples rank, told by the examples themselves: a fifth of them is held out and looked for among a day's papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from digest.models import AnnounceType, Paper
from digest.selection.indexing import PaperIndex
from digest.selection.similar import Example, Likeness, Profiles

FIRST = 20
"""An example is found if it comes among so many first papers."""
_FIFTH = 5


class Trial(NamedTuple):
    """How many examples were held out, and how many of them the others found."""

    held_out: int
    found: int


def try_out(papers: Sequence[Paper], examples: Sequence[Example]) -> Trial | None:
    """Rank each fifth example among *papers* by the other examples.

    None where there are fewer than five, or so few papers that any would be among the first.

    Args:
        papers: Of one day; those that are examples themselves are left out.
        examples: Liked and disliked ones; only liked ones are held out.
    """
    likes = [example for example in examples if not example.disliked]
    held_out = likes[::_FIFTH]
    if len(likes) < _FIFTH:
        return None
    names = {example.id for example in likes}
    likeness = Likeness([one for one in examples if one not in held_out], Profiles())
    index = PaperIndex()

    def score(paper: Paper) -> float:
        verdict = likeness.of(index[paper])
        return sum(sign * side.value for sign, side in ((1, verdict.like), (-1, verdict.dislike)) if side)

    others = [score(paper) for paper in papers if paper.id not in names]
    if len(others) < FIRST:
        return None
    theirs = [score(_paper_of(example)) for example in held_out]
    places = [sum(other >= one for other in others) for one in theirs]
    return Trial(len(held_out), sum(place < FIRST for place in places))


def _paper_of(example: Example) -> Paper:
    """Return an example as a paper; nothing but its text counts."""
    return Paper(
        id=example.id,
        title=example.title,
        abstract=example.abstract,
        categories=("cs.LG",),
        primary_category="cs.LG",
        announce_type=AnnounceType.NEW,
        announced=date.min,
    )
