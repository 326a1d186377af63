"""The built-in summary: sentences chosen from the abstract, each slot from those of its role.

1. the abstract is cut into sentences; headings ("Methods:") are taken off and kept as what they say about roles;
2. each sentence gets probabilities of roles;
3. all readings of all sentences are ranked: the best is the TL;DR;
4. each slot takes the best sentences of its roles; a slot without a fitting sentence stays empty, and no sentence fills
   two slots.

A note that a paper is withdrawn is its whole summary. Roles are known for English only: elsewhere there is a TL;DR, the
sentence closest to the title, and no slot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from digest.summaries.headings import take_headings
from digest.summaries.language import UNDETERMINED, detect_language
from digest.summaries.ranking import examine, score_readings
from digest.summaries.roles import best_role, is_first_person, role_probabilities
from digest.summaries.sentences import split_sentences
from digest.summaries.trimming import shorten, tidy
from digest.summaries.wordlists import ASIDES

if TYPE_CHECKING:  # pydantic is heavy; it is imported when the first summary is made
    from digest.models import Summary

ENGINE = "builtin"
_NOTE_SENTENCES = 4
_FLOOR = 0.1
_SURE = 0.12
"""Least probability that a sentence belongs in a slot when its most probable role is another."""


class _Read(NamedTuple):
    """An abstract, read: its sentences, their roles, and how good a summary each would be."""

    sentences: list[str]
    families: list[tuple[float, ...]]
    labels: list[str]
    merits: list[float]
    tldr: str


class _Patterns(NamedTuple):
    aside: re.Pattern[str]
    withdrawn: re.Pattern[str]
    letters: re.Pattern[str]
    wants: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        aside=re.compile(
            r"https?://|github|\b(?:codes?|data|datasets?|models?|weights|demo|project page|implementation)\b[^.]{0,40}"
            r"\b(?:available|released?|public|open-sourced?)\b|\bmake\b[^.]{0,40}\b(?:available|public)\b|this https? url"
            r"|\brelease (?:our|the|all|both|source)\b|\bproject page\b|\b(?:future|further) (?:work|research|studies)\b"
            r"|\Afuture (?:\w+ ){0,2}(?:facilit|observ|survey|mission|experiment|telescope|instrument|data|measure)",
            re.IGNORECASE,
        ),
        withdrawn=re.compile(
            r"\b(?:paper|article|manuscript|submission|preprint|version|work|report)\b[^.]{0,60}"
            r"\b(?:withdrawn|retracted|superseded|removed)\b|\A(?:withdrawn|retracted)\b|\bwithdr[ae]w\w* (?:this|the) "
            r"(?:paper|article|manuscript|submission|preprint)",
            re.IGNORECASE,
        ),
        letters=re.compile(r"[^\W\d_]+"),
        wants=re.compile(
            r"\b(?:however|unlike|existing|previous(?:ly)?|prior|traditional|conventional|current|problems?|challeng\w+"
            r"|difficult\w*|limit\w+|lack\w*|suffer\w*|need\w*|costly|expensive|important|hard)\b",
            re.IGNORECASE,
        ),
    )


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

    return Summary.model_validate({"engine": ENGINE, **summary_parts(title, abstract)})


def summary_parts(title: str, abstract: str) -> dict[str, str | None]:
    """Do as `summarise`; return the language and the parts by name, those that the abstract doesn't hold None or left out."""
    sentences = split_sentences(abstract)
    if not sentences:
        return {"language": UNDETERMINED}
    parts: dict[str, str | None] = {"language": detect_language(abstract)}
    notes = [sentence for sentence in sentences[:2] if _patterns().withdrawn.search(sentence)]
    if notes and len(sentences) <= _NOTE_SENTENCES:
        return {**parts, "tldr": shorten(notes[0])}
    if parts["language"] not in {"en", UNDETERMINED}:
        return {**parts, "tldr": shorten(_closest(title, sentences))}
    read = _read(title, sentences)
    return {**parts, "tldr": shorten(read.tldr), **_slots(read)}


def _closest(title: str, sentences: list[str]) -> str:
    """The sentence that shares most letters' runs with the title, weighed by its length; the earliest of equals."""
    words = _patterns().letters.findall

    def pieces(text: str) -> set[str]:
        """Words, and pairs of letters of long ones: enough for inflection and for scripts without blanks."""
        runs = words(text.lower())
        return {run for run in runs if len(run) > 3} | {
            run[k : k + 2] for run in runs if run > "\u2e80" for k in range(len(run) - 1)
        }

    wanted = pieces(title)
    return max(sentences, key=lambda sentence: len(wanted & pieces(sentence)) / (20 + len(sentence)) ** 0.5)


def _read(title: str, sentences: list[str]) -> _Read:
    sentences, hints = take_headings(sentences)
    roles = role_probabilities(sentences, hints)
    abstract = examine(title, sentences, roles)
    candidates, scores = abstract.candidates, score_readings(abstract)
    merits = [float("-inf")] * len(sentences)
    for (place, _), score in zip(candidates, scores, strict=True):
        merits[place] = max(merits[place], score)
    best = max(range(len(scores)), key=scores.__getitem__)
    return _Read(sentences, abstract.families, [best_role(row) for row in roles], merits, candidates[best].reading.text)


def _is_aside(sentence: str) -> bool:
    """Whether *sentence* only links code or data, or names future work; the words are looked for first, that is quicker."""
    low = sentence.lower()
    return any(map(low.__contains__, ASIDES)) and _patterns().aside.search(low) is not None


class _Slots:
    """Gives each sentence to one slot at most."""

    def __init__(self, read: _Read) -> None:
        self.read = read
        self._free = {place for place, sentence in enumerate(read.sentences) if not _is_aside(sentence)}

    def take(
        self, labels: Sequence[str], score: Callable[[int], float], *, first_person: bool = False, behind: int = 0
    ) -> list[int]:
        """The free place with the best score among those of the given roles, as a list of one or none.

        With *first_person*, it must speak of the authors or their text; it never is before the place *behind*.
        """
        places = [place for place in sorted(self._free) if self.read.labels[place] in labels and place >= behind]
        if first_person:
            places = [place for place in places if is_first_person(self.read.sentences[place])]
        return self._best(places, score)

    def take_likely(
        self, likelihood: Callable[[int], float], eligible: Callable[[int], bool] = lambda _: True
    ) -> list[int]:
        """The free place most likely to fit, among the eligible and if it is likely enough."""
        places = [place for place in sorted(self._free) if likelihood(place) >= _FLOOR and eligible(place)]
        return self._best(places, likelihood)

    def _best(self, places: list[int], score: Callable[[int], float]) -> list[int]:
        best = max(places, key=score, default=None)
        if best is None:
            return []
        self._free.discard(best)
        return [best]

    def text(self, places: Sequence[int]) -> str | None:
        """The sentences at *places*, in the abstract's order."""
        return " ".join(filter(None, (shorten(tidy(self.read.sentences[place])) for place in sorted(places)))) or None


def _slots(read: _Read) -> dict[str, str | None]:
    if len(read.sentences) == 1:
        return {}
    slots = _Slots(read)
    merit = read.merits.__getitem__
    closing = ("conclusion", "contribution", "implication")

    def likely(**shares: float) -> Callable[[int], float]:
        order = ("background", "gap", "objective", "method", "result", "conclusion")
        weights = [shares.get(family, 0.0) for family in order]
        return lambda place: sum(w * p for w, p in zip(weights, read.families[place], strict=True))

    method = slots.take(["objective"], merit) + slots.take(["method"], merit)
    gap = slots.take(["gap"], likely(gap=1))
    context = slots.take(["background"], float)
    announced = read.labels.index("objective") if "objective" in read.labels else 0
    told_behind = announced if announced < len(read.labels) - 1 else 0  # what is found is behind the aim
    wants = _patterns().wants
    wanting = likely(background=1, gap=1)

    def motivates(place: int) -> bool:
        """Before the paper's aim is said anything may; behind it what names a want or is rather likely."""
        sure = wanting(place) >= _SURE
        return place < announced or sure or wants.search(read.sentences[place]) is not None

    motivation = context + gap or slots.take_likely(wanting, motivates)
    outcome = likely(result=1, conclusion=0.7)
    result = (
        slots.take(["result"], lambda place: outcome(place) + 0.1 * merit(place), behind=told_behind)
        or slots.take(closing, outcome, behind=told_behind)
        or slots.take_likely(outcome, lambda place: place >= told_behind)
    )
    conclusion = slots.take(closing, float, behind=told_behind)
    return {
        "motivation": slots.text(motivation),
        "method": slots.text(method or slots.take_likely(likely(objective=1, method=1))),
        "result": slots.text(result),
        "conclusion": slots.text(conclusion),
        "background": slots.text(slots.take(["background"], lambda place: -place)),
        "innovation": slots.text(
            slots.take(["contribution"], merit) or slots.take(["objective"], merit, first_person=True)
        ),
    }
