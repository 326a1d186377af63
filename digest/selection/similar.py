"""More like these: how much a paper's words resemble those of example papers.

Cosine of tf-idf vectors over title (twice) and abstract, log-scaled counts, smoothed idf over the papers
at hand. The nearest example counts, not the average: examples may be about several things.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from digest.models import Frozen
from digest.selection.indexing import IndexedPaper, Text
from digest.selection.words import Vocabulary

MIN_SIMILARITY = 0.1
"""Below this, two papers share little more than the words of all papers, and there are no points."""


class Example(Frozen):
    """The text of a paper that the reader finds interesting."""

    id: str
    """arXiv id or citation key, shown as the reason."""
    title: str
    abstract: str = ""


class Similarity(NamedTuple):
    """The nearest example and how near, 0 to 1."""

    example: str
    value: float


class Likeness:
    """Compares papers with examples; words are weighed by how rare they are among *papers*."""

    def __init__(self, examples: Sequence[Example], papers: Iterable[IndexedPaper]) -> None:
        self._seen: Counter[str] = Counter()
        self._number = 0
        for paper in papers:
            self._seen.update({*paper.title.singular, *paper.abstract.singular})
            self._number += 1
        vocabulary = Vocabulary()
        self._examples = [
            (example.id, self._vector(Text(example.title, vocabulary), Text(example.abstract, vocabulary)))
            for example in examples
        ]

    def nearest(self, paper: IndexedPaper) -> Similarity | None:
        """Return the example that resembles the paper most; None if none does (`MIN_SIMILARITY`)."""
        vector = self._vector(paper.title, paper.abstract)
        found = max(
            (Similarity(name, _cosine(vector, example)) for name, example in self._examples),
            key=lambda similarity: similarity.value,
            default=None,
        )
        return found if found and found.value >= MIN_SIMILARITY else None

    def _vector(self, title: Text, abstract: Text) -> dict[str, float]:
        counts = Counter(title.singular * 2 + abstract.singular)
        weights = {word: (1 + math.log(n)) * self._idf(word) for word, n in counts.items() if len(word) > 1}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def _idf(self, word: str) -> float:
        return math.log((1 + self._number) / (1 + self._seen[word]))


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return math.fsum(weight * other[word] for word, weight in one.items() if word in other)
