"""More like these: how near a paper is to example papers, and which words say so.

A blend of two cosines: of vectors (`vectors.py`), which bring together what is said in different words, and of
tf-idf, which knows the rare words that the fit has never seen. The nearest few examples count, not all of them:
examples may be about several things. Nothing here depends on the other papers of a day, so a paper has the
same points in every feed.

All examples are compared at once: a dimension's values for all of them, or a word's weights, are one integer with
fields of 16 bits, and a paper costs one multiplication a dimension and one a word. That is faster in pure Python than
any loop over examples.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from math import exp, log1p
from operator import add, mul, sub
from struct import Struct
from typing import NamedTuple

from pydantic import Field

from digest.models import Frozen
from digest.selection.indexing import IndexedPaper, Text
from digest.selection.reasons import reason_words
from digest.selection.vectors import TERM_STEPS, UNIT, WordVectors, count_words, load_vectors, term_number, text_key
from digest.selection.words import Vocabulary

if sys.version_info >= (3, 12):
    from math import sumprod as _dot
else:

    def _dot(left: Iterable[int], right: Iterable[int]) -> int:
        return sum(map(mul, left, right))


TERM_FACTOR = 2.0
"""A step of the terms' cosine is so many of the vectors': the terms count 53 % of the blend."""
FEW_FACTOR = 5.0
"""The same for up to `FEW_EXAMPLES`, where terms count 74 %: few examples may be of a field that the fit has never seen."""
FEW_EXAMPLES = 5
FEW = 3
"""So many examples as near as 0.5 make a similarity of 0.5; each further one adds less."""
MIN_SIMILARITY = 0.02
"""Below this, two papers share little more than the words of all papers, and there are no points."""
REASON_WORDS = 3
LEAST_TELLING = 0.28
"""A word whose vector is less near to the example's tells nothing of its subject: "last", "having", "reformulates"."""
NEW_WORD = 0.4
"""What a word tells that the fit doesn't know: as much as a usual word of the subject."""
_BLEND = int(TERM_FACTOR)
_STEEPEST = 8.0
_FIELD_BITS = 16
_ZERO = 20_000
"""Added to each field, since opposite texts are as much as `UNIT` squared below zero."""


class Example(Frozen):
    """The text of a paper that the reader finds interesting, or doesn't."""

    id: str
    """arXiv id or citation key."""
    title: str
    abstract: str = ""
    disliked: bool = False
    """The reader wants fewer like this one."""
    narrowing: bool = False
    """It belongs to a selection within another one, not to that other one."""
    weight: float = Field(default=1.0, gt=0, le=1)
    """How much it counts beside the other examples."""
    private: bool = False
    """Only the words that it shares with a paper may be shown: neither its title nor its id."""


class Similarity(NamedTuple):
    """How near a paper is to the nearest few examples, and why."""

    example: Example
    """The nearest one."""
    value: float
    """1 for the text of the only example; with several examples a little more is possible."""
    words: tuple[str, ...]
    """The words that paper and example share and that weigh most, as the example spells them (`reason_words`)."""


class Verdict(NamedTuple):
    """A paper between likes and dislikes; None where it resembles none of them."""

    like: Similarity | None = None
    dislike: Similarity | None = None


class Profiles:
    """Profiles of papers: those stored with their listings, made of the text where there is none.

    Args:
        stored: Profiles of this fit by `text_key` (see `unpack_profiles`).
        words: The fit; the shipped one is loaded where none is given.
    """

    def __init__(self, stored: Mapping[bytes, bytes] | None = None, words: WordVectors | None = None) -> None:
        self._stored = stored or {}
        self.words = words or load_vectors()

    def of(self, paper: IndexedPaper) -> bytes:
        """Return a paper's profile."""
        found = self._stored.get(text_key(paper.paper.title, paper.paper.abstract)) if self._stored else None
        found = found or paper.profiles.get(self.words.version)
        if found is None:
            found = paper.profiles[self.words.version] = _profile_of(paper.title, paper.abstract, self.words)
        return found

    def of_example(self, example: Example) -> bytes:
        """Return an example's profile; those of this fit are remembered."""
        return self._stored.get(text_key(example.title, example.abstract)) or _remembered(example, self.words)


class Likeness:
    """Compares papers with the examples that a reader likes, and with those that the reader doesn't."""

    def __init__(self, examples: Sequence[Example], profiles: Profiles) -> None:
        self._profiles = profiles
        self._words = words = profiles.words
        self._examples = sorted(examples, key=lambda example: example.disliked)
        self._likes = sum(not example.disliked for example in examples)
        weights = [example.weight for example in self._examples]
        self._weights = weights if any(weight != 1 for weight in weights) else None
        made = list(map(profiles.of_example, self._examples))
        self._terms = [{term >> 8: term & 255 for term in words.terms_of(profile)} for profile in made]
        self._fields = _Fields(len(made))
        self._dimensions = [self._fields.pack(column) for column in zip(*map(words.example_vector, made), strict=True)]
        self._by_term = self._fields.pack_sparse(self._terms)
        sides = [number for number in (self._likes, len(made) - self._likes) if number]
        self._blends = all(_term_factor(number) == TERM_FACTOR for number in sides)
        """Whether both sides weigh terms alike, so that vectors and terms add up before the fields are taken apart."""

    def of(self, paper: IndexedPaper) -> Verdict:
        """Return how near a paper is to the examples."""
        if not self._examples:
            return Verdict()
        profile = self._profiles.of(paper)
        terms = self._words.terms_of(profile)
        by_term = self._by_term
        shared = sum([(term & 255) * by_term[term >> 8] for term in terms if term >> 8 in by_term])
        near = _dot(self._words.vector_of(profile), self._dimensions)
        likes = self._likes
        if self._blends:
            values = self._fields.unpack(near + _BLEND * shared)
            return Verdict(self._nearest(terms, values[:likes], 0), self._nearest(terms, values[likes:], likes))
        apart, alike = self._fields.unpack(near), self._fields.unpack(shared)
        return Verdict(
            self._nearest(terms, _blended(apart[:likes], alike[:likes]), 0),
            self._nearest(terms, _blended(apart[likes:], alike[likes:]), likes),
        )

    def nearness(self, paper: IndexedPaper) -> list[tuple[float, tuple[str, ...]]]:
        """Return for each example, likes first, how near a paper is to it by itself, and the words that both use.

        1 for its very text, below 0 for what is farther away than any two papers. Weights don't count.
        """
        profile = self._profiles.of(paper)
        terms = self._words.terms_of(profile)
        near = self._fields.unpack(sum(map(mul, self._words.vector_of(profile), self._dimensions)))
        alike = self._fields.unpack(
            sum([(term & 255) * self._by_term[term >> 8] for term in terms if term >> 8 in self._by_term])
        )
        whole, zero = UNIT**2 + FEW_FACTOR * TERM_STEPS**2, _ZERO * (1 + FEW_FACTOR)
        values = [(one + FEW_FACTOR * other - zero) / whole for one, other in zip(near, alike, strict=True)]
        return [(value, self._shared_words(terms, place)) for place, value in enumerate(values)]

    def _nearest(self, terms: Sequence[int], values: Sequence[float], first: int) -> Similarity | None:
        """Return the similarity to one side's examples, which are so near, each with `_ZERO` added."""
        if not values:
            return None
        weights = self._weights and self._weights[first : first + len(values)]
        value = _together(values, _term_factor(len(values)), weights, is_whole=self._blends)
        if value < MIN_SIMILARITY:
            return None
        place = first + values.index(max(values))
        return Similarity(self._examples[place], value, self._shared_words(terms, place))

    def _shared_words(self, terms: Sequence[int], place: int) -> tuple[str, ...]:
        known = self._terms[place]
        telling = telling_words(self._examples[place], self._words)
        weights = {
            number: (term & 255) * known[number] * telling[number].weight
            for term in terms
            if (number := term >> 8) in telling and term & 255
        }
        heaviest = sorted(weights, key=weights.__getitem__)[: -REASON_WORDS - 1 : -1]
        return tuple([telling[number].shown for number in heaviest])


class _Fields:
    """Small signed integers side by side in one, a field for each example."""

    def __init__(self, count: int) -> None:
        self._layout = Struct(f"<{count}H")
        self._zeros = self.pack([_ZERO] * count)

    def pack(self, values: Iterable[int]) -> int:
        """Put a value for each example side by side; sums of packed integers hold the sums of their fields."""
        return sum(value << (_FIELD_BITS * place) for place, value in enumerate(values))

    def pack_sparse(self, texts: Iterable[Mapping[int, int]]) -> dict[int, int]:
        """Put the weights of each term side by side, a field for each text."""
        packed: dict[int, int] = {}
        for place, text in enumerate(texts):
            for number, weight in text.items():
                packed[number] = packed.get(number, 0) + (weight << (_FIELD_BITS * place))
        return packed

    def unpack(self, packed: int) -> tuple[int, ...]:
        """Take the fields apart; each has `_ZERO` added."""
        return self._layout.unpack((packed + self._zeros).to_bytes(self._layout.size, "little"))


def _term_factor(examples: int) -> float:
    """Return how heavy terms are beside vectors: the heavier, the fewer examples there are."""
    return min(FEW_FACTOR, max(TERM_FACTOR, FEW_FACTOR * FEW_EXAMPLES / examples))


def _blended(near: Sequence[int], alike: Sequence[int]) -> list[float]:
    """Add up vectors and terms of one side, whose fields have `_ZERO` added each; the sums have it once."""
    factor = _term_factor(len(near)) if near else 0.0
    zero = repeat(_ZERO * factor)
    return list(map(sub, map(add, near, map(mul, alike, repeat(factor))), zero))


def _together(
    values: Sequence[float], term_factor: float, weights: Sequence[float] | None = None, *, is_whole: bool = False
) -> float:
    """Return how near the examples are together: a soft maximum, steeper where there are many.

    Many examples are about several things, so that only the nearest few may count; few are about one, and
    something close to their average is better. What is as near as any two papers counts nothing. *weights* count examples as
    parts of one. Values that are *whole* numbers may be looked up.
    """
    steepness = min(_STEEPEST, 0.5 + len(values) / 10)
    factor = steepness / (UNIT**2 + term_factor * TERM_STEPS**2)
    whole = sum(weights) if weights else len(values)
    nearness: Iterable[float]
    if is_whole and steepness == _STEEPEST:
        nearness, scale = map(_looked_up(factor).__getitem__, values), 1.0  # type: ignore[arg-type]  # whole numbers
    else:
        nearness, scale = map(exp, map(mul, values, repeat(factor))), exp(-_ZERO * factor)
    excess = sum(map(mul, nearness, weights) if weights else nearness) * scale - whole
    return log1p(excess / min(FEW, whole)) / steepness if excess > 0 else 0.0


@lru_cache(maxsize=2)
def _looked_up(factor: float) -> tuple[float, ...]:
    """Return how much each value of a field counts; many examples have one factor."""
    return tuple([exp((value - _ZERO) * factor) for value in range(1 << _FIELD_BITS)])


def _profile_of(title: Text, abstract: Text, words: WordVectors) -> bytes:
    return words.profile(count_words(title.singular, abstract.singular))


@lru_cache(maxsize=1024)
def _remembered(example: Example, words: WordVectors) -> bytes:
    return _profile_of(*_texts(example), words)


class Telling(NamedTuple):
    """A word of an example that may be a reason: as it is shown, and how much it tells of the example's subject."""

    shown: str
    weight: float


@lru_cache(maxsize=1024)
def telling_words(example: Example, words: WordVectors) -> dict[int, Telling]:
    """Return the words of an example's profile that may be reasons, by their numbers."""
    profile = _remembered(example, words)
    terms = {term >> 8 for term in words.terms_of(profile)}
    found: dict[int, Telling] = {}
    for written, text in zip((example.title, example.abstract), _texts(example), strict=True):
        for word, shown in reason_words(written, text.spellings).items():
            number = term_number(word)
            if number in terms and number not in found:
                agreement = words.agreement(word, profile)
                found[number] = Telling(shown, NEW_WORD if agreement is None else agreement)
    return {number: word for number, word in found.items() if word.weight >= LEAST_TELLING}


def _texts(example: Example) -> tuple[Text, Text]:
    vocabulary = Vocabulary()
    return Text(example.title, vocabulary), Text(example.abstract, vocabulary)
