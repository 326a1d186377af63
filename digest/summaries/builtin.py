"""The built-in summary: sentences chosen from the abstract, each slot from those of its role.

1. the abstract is cut into sentences; headings ("Methods:") are taken off and kept as what they say about roles;
2. each sentence gets probabilities of roles;
3. all readings of all sentences are ranked: the best is the TL;DR;
4. each slot takes the best sentences of its roles; a slot without a fitting sentence stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from digest.summaries.language import UNDETERMINED, detect_language
from digest.summaries.ranking import rank_readings
from digest.summaries.roles import COARSE, best_role, role_probabilities
from digest.summaries.sentences import split_sentences
from digest.summaries.trimming import tidy

if TYPE_CHECKING:  # pydantic is heavy; it is imported when the first summary is made
    from digest.models import Summary

ENGINE = "builtin"


class _Read(NamedTuple):
    """An abstract, read: its sentences, their roles, and how good a summary each would be."""

    sentences: list[str]
    roles: list[dict[str, float]]
    labels: list[str]
    merit: list[float]
    tldr: str


@cache
def _code_pattern() -> re.Pattern[str]:
    return re.compile(
        r"https?://|github|\b(?:code|codes|data|datasets?|models?|weights|demo|project page|implementation)\b[^.]{0,40}"
        r"\b(?:available|released?|public|open-sourced?)\b|\bmake\b[^.]{0,40}\b(?:available|public)\b",
        re.IGNORECASE,
    )


def _read(title: str, sentences: list[str]) -> _Read:
    roles = role_probabilities(sentences)
    candidates, scores = rank_readings(title, sentences, roles)
    merit = [float("-inf")] * len(sentences)
    for (place, _), score in zip(candidates, scores, strict=True):
        merit[place] = max(merit[place], score)
    best = max(range(len(scores)), key=scores.__getitem__)
    return _Read(sentences, roles, [best_role(row) for row in roles], merit, candidates[best].reading.text)


def summarise(title: str, abstract: str) -> Summary:
    """Summarise a paper from its abstract alone; the same text gives the same summary everywhere.

    Args:
        title: Clean model text (Unicode, math as TeX between dollars).
        abstract: The same, possibly empty or of several paragraphs.

    Returns:
        A summary with engine `builtin` whose parts are sentences of the abstract, possibly shortened. Parts that the
        abstract doesn't hold are None; for an empty abstract all are.
    """
    from digest.models import Summary

    sentences = split_sentences(abstract)
    if not sentences:
        return Summary(engine=ENGINE, language=UNDETERMINED)
    language = detect_language(abstract)
    read = _read(title, sentences)
    return Summary.model_validate({"engine": ENGINE, "language": language, "tldr": read.tldr, **_slots(read)})


class _Slots:
    """Gives each sentence to one slot at most."""

    def __init__(self, read: _Read) -> None:
        self.read = read
        self._used: set[int] = set()

    def places(self, *labels: str) -> list[int]:
        return [place for place, label in enumerate(self.read.labels) if label in labels]

    def take(self, places: Iterable[int], score: Callable[[int], float]) -> list[int]:
        """The best free place, as a list of one or none."""
        free = [p for p in places if p not in self._used and not _code_pattern().search(self.read.sentences[p])]
        if not free:
            return []
        best = max(free, key=score)
        self._used.add(best)
        return [best]

    def text(self, places: Sequence[int]) -> str | None:
        return " ".join(tidy(self.read.sentences[place]) for place in sorted(places)) or None


def _family(row: dict[str, float], family: str) -> float:
    return sum(value for role, value in row.items() if COARSE[role] == family)


def _slots(read: _Read) -> dict[str, str | None]:
    slots = _Slots(read)
    merit = read.merit.__getitem__
    count = len(read.sentences)
    if count == 1:
        return {}
    method = slots.take(slots.places("objective"), merit) + slots.take(slots.places("method"), merit)
    gap = slots.take(slots.places("gap"), lambda place: read.roles[place]["gap"])
    background = slots.take(slots.places("background"), float)

    def outcome(place: int) -> float:
        row = read.roles[place]
        return _family(row, "result") + 0.7 * _family(row, "conclusion") + 0.1 * merit(place)

    closing = slots.places("conclusion", "contribution", "implication")
    result = slots.take(slots.places("result"), outcome) or slots.take(closing, outcome)
    conclusion = slots.take(closing, float)
    return {
        "motivation": slots.text(background + gap),
        "method": slots.text(method),
        "result": slots.text(result),
        "conclusion": slots.text(conclusion),
    }
