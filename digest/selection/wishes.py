"""Wishes in plain words: how papers are ordered by likeness to them, and by the grades that a model proved. Pure.

entries with points ─▶ near a wish? (free) ─▶ the first of each day are considered ─▶ grades, where there are any
                                                                    └▶ held back, below the grade, or shown

No paper loses its place for want of a grade: what isn't judged keeps its points by likeness and is marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from digest.models import Entry, Frozen, Match, Nearest, Proof, Standing
from digest.selection.indexing import IndexedPaper
from digest.selection.points import total
from digest.selection.similar import Example, Likeness, Profiles

WANTED = "wanted"
NOT_WANTED = "not wanted"
RULES = frozenset({WANTED, NOT_WANTED})
"""Rules of matches that come from wishes."""
HIGHEST = 4
CLEARLY = 3
"""From this grade on a paper is what a wish asks for."""
MOST_WISHES = 5
_LEAST_SHOWN = 0.05
"""Points below this are no reason that a reader would see."""


class Unjudged(StrEnum):
    """What a feed with `min_grade` does with papers that have no grade."""

    WAIT = "wait"
    """Hold them back, three hours at most; then show them."""
    SHOW = "show"
    HIDE = "hide"


class Wish(Frozen):
    """What a reader wants, or doesn't, in the reader's own words."""

    text: str = Field(min_length=8, max_length=400)
    weight: float = Field(default=1.0, gt=0, le=100, allow_inf_nan=False)
    """Points for a grade of 1; the highest grade gives four times as many, and no wish gives more."""

    @field_validator("text")
    @classmethod
    def _check_text(cls, text: str) -> str:
        plain = " ".join(text.split())
        if len(plain.split()) < 2 and plain.isascii():
            raise ValueError("a wish is a sentence or a phrase; for a single word use include or scoring.keywords")
        return plain


def _as_wishes(value: Any) -> Any:
    """Accept a text, a full entry, a list of both, or a mapping of text to weight."""
    if isinstance(value, str):
        return ({"text": value},)
    if isinstance(value, Mapping) and "text" in value:
        return (value,)
    if isinstance(value, Mapping):
        return tuple({"text": text, "weight": weight} for text, weight in value.items())
    if isinstance(value, Sequence):
        return tuple({"text": one} if isinstance(one, str) else one for one in value)
    return value


WishList = Annotated[tuple[Wish, ...], BeforeValidator(_as_wishes), Field(max_length=MOST_WISHES)]


class Wishes(Frozen):
    """All wishes of a feed."""

    wants: WishList = ()
    not_wants: WishList = ()
    judge_limit: int = Field(default=60, ge=1, le=1000)
    """How many papers of each announcement day a model grades at most, those that promise most."""
    min_grade: int | None = Field(default=None, ge=1, le=HIGHEST)
    """Fewest that one wish must give."""
    unjudged: Unjudged = Unjudged.WAIT

    @model_validator(mode="after")
    def _check_grade(self) -> Self:
        if self.min_grade is not None and not self.wants:
            raise ValueError("min_grade needs wants: only they can give a grade")
        texts = [wish.text.casefold() for wish in self.all]
        if len(set(texts)) < len(texts):
            raise ValueError("one wish is there twice")
        return self

    @property
    def all(self) -> tuple[Wish, ...]:
        """Wanted ones first."""
        return (*self.wants, *self.not_wants)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.wants or self.not_wants)


class Verdict(Frozen):
    """A grade that a model proved."""

    grade: int = Field(ge=0, le=HIGHEST)
    proof: Proof | None = None
    """With a grade of 2 or more."""


@dataclass(frozen=True)
class Judged:
    """What is known when a feed is made.

    Attributes:
        verdicts: By paper id, then by the text of the wish.
        overdue: Ids of papers that have waited long enough.
        is_open: Whether a model judges at all. If not, nothing is held back: a grade would never come.
        note: Why it doesn't, or not now.
    """

    verdicts: Mapping[str, Mapping[str, Verdict]] = field(default_factory=dict)
    overdue: frozenset[str] = frozenset()
    is_open: bool = False
    note: str = ""


NOTHING_JUDGED = Judged()


class Fate(StrEnum):
    """What becomes of an entry in a feed with `min_grade`."""

    SHOWN = "shown"
    BELOW = "below"
    """Its grade isn't enough."""
    LEFT_OUT = "left out"
    """It has no grade, and the feed shows no such papers."""
    WAITING = "waiting"
    """It is held back until it has a grade, for some hours at most."""


class WishAccount(Frozen):
    """How many papers came how far. A paper that other filters left out is not counted."""

    judged: int = 0
    below_grade: int = 0
    """Judged, and not shown."""
    not_judged: int = 0
    waiting: int = 0
    """Not judged, and held back for now."""
    not_considered: int = 0
    note: str = ""
    """Why the first stage alone orders; empty if it doesn't."""


@dataclass(frozen=True)
class Graded:
    """Entries after both stages, in the order given, and what became of each."""

    entries: tuple[Entry, ...]
    fates: tuple[Fate, ...]

    @property
    def shown(self) -> list[Entry]:
        """The entries that the feed shows."""
        return self.of(Fate.SHOWN)

    def of(self, *fates: Fate) -> list[Entry]:
        """Return the entries with one of these fates."""
        return [entry for entry, fate in zip(self.entries, self.fates, strict=True) if fate in fates]

    def account(self, note: str = "") -> WishAccount:
        """Count them; the *note* is for readers."""
        standings = [entry.standing for entry in self.entries]
        return WishAccount(
            judged=standings.count(Standing.JUDGED),
            below_grade=self.fates.count(Fate.BELOW),
            not_judged=standings.count(Standing.NOT_JUDGED),
            waiting=self.fates.count(Fate.WAITING),
            not_considered=standings.count(Standing.NOT_CONSIDERED),
            note=note,
        )


class Promise:
    """The first stage: likeness to the wishes, each an example text."""

    def __init__(self, wishes: Wishes, profiles: Profiles) -> None:
        self._wishes = wishes.all
        self._wants = len(wishes.wants)
        examples = [
            Example(id=f"wish:{number}", title=wish.text, disliked=number >= self._wants)
            for number, wish in enumerate(self._wishes)
        ]
        self._likeness = Likeness(examples, profiles)

    def matches(self, paper: IndexedPaper) -> list[Match]:
        """Return the points of each wish that the paper is near to."""
        made = []
        for number, (wish, (value, words)) in enumerate(self._near(paper)):
            points = round(HIGHEST * wish.weight * max(value, 0.0), 2)
            if points >= _LEAST_SHOWN:
                rule, sign = (WANTED, 1) if number < self._wants else (NOT_WANTED, -1)
                nearest = Nearest(words=words)
                made.append(Match(rule=rule, term=wish.text, field="abstract", points=sign * points, nearest=nearest))
        return made

    def of(self, paper: IndexedPaper) -> float:
        """Return what the paper promises, also below zero, so that all papers have an order."""
        found = enumerate(self._near(paper))
        return sum(
            (HIGHEST if number < self._wants else -HIGHEST) * wish.weight * near for number, (wish, (near, _)) in found
        )

    def _near(self, paper: IndexedPaper) -> list[tuple[Wish, tuple[float, tuple[str, ...]]]]:
        return list(zip(self._wishes, self._likeness.nearness(paper), strict=True))


def considered(entries: Sequence[Entry], wishes: Wishes, promises: Mapping[str, float]) -> frozenset[str]:
    """Return the ids of the papers that are judged: of each day those that promise most.

    Args:
        entries: With the points of the first stage.
        wishes: Say how many.
        promises: The first stage by paper id, also below zero; it decides between papers with the same points.
    """
    by_day: defaultdict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_day[entry.paper.announced].append(entry)
    chosen: set[str] = set()
    for day in by_day.values():
        best = sorted(day, key=lambda entry: (entry.score, promises.get(entry.paper.id, 0.0)), reverse=True)
        chosen.update(entry.paper.id for entry in best[: wishes.judge_limit])
    return frozenset(chosen)


def graded(entries: Sequence[Entry], wishes: Wishes, chosen: frozenset[str], judged: Judged) -> Graded:
    """Return the entries after the second stage.

    Args:
        entries: With the points of the first stage.
        wishes: What was asked for.
        chosen: Ids of the papers that are considered. One that has a grade counts as considered, too.
        judged: What is known.
    """
    made = tuple(_second_stage(entry, wishes, chosen, judged.verdicts.get(entry.paper.id, {})) for entry in entries)
    return Graded(made, tuple(fate(entry, wishes, judged) for entry in made))


def best_grade(entry: Entry) -> int | None:
    """Return the best grade that a wish gave, 0 where the reader clearly doesn't want the paper; None without a grade."""
    grades = [match.grade for match in entry.matches if match.rule == WANTED and match.grade is not None]
    unwanted = [match.grade for match in entry.matches if match.rule == NOT_WANTED and match.grade is not None]
    if max(unwanted, default=0) >= CLEARLY:
        return 0
    return max(grades, default=None)


def fate(entry: Entry, wishes: Wishes, judged: Judged) -> Fate:
    """Tell what becomes of an entry after the second stage."""
    if wishes.min_grade is None or not judged.is_open:
        return Fate.SHOWN
    grade = best_grade(entry)
    is_enough = grade is not None and grade >= wishes.min_grade
    if entry.standing is Standing.JUDGED:
        return Fate.SHOWN if is_enough else Fate.BELOW
    if (is_enough and not wishes.not_wants) or wishes.unjudged is Unjudged.SHOW:
        return Fate.SHOWN  # with other wishes still open, one is fulfilled
    if wishes.unjudged is Unjudged.HIDE or entry.standing is Standing.NOT_CONSIDERED:
        return Fate.LEFT_OUT
    return Fate.SHOWN if entry.paper.id in judged.overdue else Fate.WAITING


def _second_stage(entry: Entry, wishes: Wishes, chosen: frozenset[str], verdicts: Mapping[str, Verdict]) -> Entry:
    known = [wish for wish in wishes.all if wish.text in verdicts]
    if not known:
        standing = Standing.NOT_JUDGED if entry.paper.id in chosen else Standing.NOT_CONSIDERED
        return entry.model_copy(update={"standing": standing})
    standing = Standing.JUDGED if len(known) == len(wishes.all) else Standing.NOT_JUDGED
    texts = {wish.text for wish in known}
    kept = [match for match in entry.matches if match.rule not in RULES or match.term not in texts]
    given = [_match(wish, wish in wishes.wants, verdicts[wish.text]) for wish in known]
    given = [match for match in given if match.grade or match.rule == WANTED]  # not unwanted at all: nothing to tell
    matches = (*kept, *given)
    return entry.model_copy(update={"matches": matches, "score": total(matches), "standing": standing})


def _match(wish: Wish, is_wanted: bool, verdict: Verdict) -> Match:  # noqa: FBT001 - named by its only caller
    points = round((1 if is_wanted else -1) * verdict.grade * wish.weight, 4)
    return Match(
        rule=WANTED if is_wanted else NOT_WANTED,
        term=wish.text,
        field=verdict.proof.field if verdict.proof else "abstract",
        points=points,
        grade=verdict.grade,
        proof=verdict.proof,
    )
