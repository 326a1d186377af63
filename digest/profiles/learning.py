"""What votes mean: the examples that papers are ranked by, and what they have in common, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from digest.models import Paper
from digest.profiles.profile import Profile
from digest.selection.example_ids import MOST_IDS
from digest.selection.indexing import PaperIndex
from digest.selection.remembered import remembered_profiles
from digest.selection.selection import Scoring
from digest.selection.similar import Example, Likeness, Profiles, telling_words

MOST_EXAMPLES = MOST_IDS
"""Votes each way that papers are ranked by, those given last: as many as an address may name."""
_WORDS = 12
_PAPERS = 5


class Learnt(NamedTuple):
    """What weighs most, either way."""

    words: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()
    unwanted_words: tuple[str, ...] = ()
    unwanted_papers: tuple[Paper, ...] = ()


def scoring_of(profile: Profile, *, reasons: Literal["titles", "words"]) -> Scoring:
    """Return the examples that a profile's feed is ranked by: the same votes give the same value, in any order."""
    liked, disliked = profile.liked(MOST_EXAMPLES), profile.disliked(MOST_EXAMPLES)
    return Scoring(like=tuple(sorted(liked)), dislike=tuple(sorted(disliked)), reasons=reasons)


def learnt(liked: Sequence[Paper], disliked: Sequence[Paper]) -> Learnt:
    """Return the words that liked papers share and disliked ones lack, the papers in their midst, and the opposite."""
    sides = {False: liked, True: disliked}
    examples = [
        Example(id=paper.id, title=paper.title, abstract=paper.abstract, disliked=side)
        for side, papers in sides.items()
        for paper in papers
    ]
    if not examples:
        return Learnt()
    weights, spelled = _weighed_words(examples)
    words = sorted(weights, key=lambda term: (weights[term], spelled[term]), reverse=True)
    ranked = _midst(examples, [*liked, *disliked])
    return Learnt(
        tuple(spelled[term] for term in words[:_WORDS] if weights[term] > 0),
        tuple(paper for points, paper in ranked if points > 0 and paper in liked)[:_PAPERS],
        tuple(spelled[term] for term in reversed(words[-_WORDS:]) if weights[term] < 0),
        tuple(paper for points, paper in reversed(ranked) if points < 0 and paper in disliked)[:_PAPERS],
    )


def _weighed_words(examples: Iterable[Example]) -> tuple[Counter[int], dict[int, str]]:
    """Return what each word weighs, below zero for disliked papers, and how it is spelled."""
    profiles, weights = Profiles(), Counter[int]()
    spelled: dict[int, str] = {}
    for example in examples:
        telling = telling_words(example, profiles.words)
        for term in profiles.words.terms_of(profiles.of_example(example)):
            number, weight = term >> 8, term & 255
            if weight and number in telling:
                weights[number] += -weight if example.disliked else weight
                spelled.setdefault(number, telling[number].shown)
    return weights, spelled


def _midst(examples: Sequence[Example], papers: Iterable[Paper]) -> list[tuple[float, Paper]]:
    """Return the papers by how near they are to liked ones and how far from disliked ones, the nearest first."""
    papers, index = list(papers), PaperIndex()
    likeness = Likeness(examples, Profiles(remembered_profiles(papers, index)))
    found = []
    for paper in papers:
        verdict = likeness.of(index[paper])
        near, far = (side.value if side else 0.0 for side in (verdict.like, verdict.dislike))
        found.append((near - far, paper))
    return sorted(found, key=lambda one: one[0], reverse=True)
