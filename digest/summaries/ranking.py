"""Which reading of which sentence says best, in one sentence, what the paper is about.

First each word of the abstract gets a probability that a person would use it in a one-sentence summary: does the title
have it, how often and where does it stand, in sentences of which role. From these follows how much of such a summary
a reading would share. A linear score over that, the sentence's role and place, and what the reading leaves out, decides.

What the scores are sums of is named by the `…_features` functions, which fitting uses too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import mul
from typing import NamedTuple

from digest.summaries.roles import FAMILIES, families_of, plain
from digest.summaries.trimming import Reading, readings
from digest.summaries.weights import load_weights
from digest.summaries.wordlists import CUES, OPENINGS, STOP_WORDS

Shape = tuple[str, int, int, int, bool, bool]
_STEM = 5
_TYPICAL_WORDS = 19
"""Words of a typical one-sentence summary."""
_DANGLING_PENALTY = 3.0
_MAX_SHAPES = 20_000
_OBJECTIVE = FAMILIES.index("objective")
_NOTHING = (0.0,) * len(FAMILIES)


class Features(NamedTuple):
    """What a part of a score is a sum of: names that hold, and a number for each name of a fixed list."""

    flags: Sequence[str]
    values: tuple[float, ...]


SENTENCE_VALUES = (
    *(f"R{name}" for name in FAMILIES),
    *(f"B{name}" for name in FAMILIES),
    *(f"A{name}" for name in FAMILIES),
    "Rfirst",
    "Rshare",
    "title",
)
"""Names of the values of a sentence: roles of it, of what is before and behind it; the share of the title."""
READING_VALUES = ("overlap", "dense", "precise", "content", "recall", "behind", "length", "length2")
SHORTER_VALUES = ("less", "gain", "gainprecise", "gaincontent")
"""Names of further values of a reading that leaves something out."""


class Candidate(NamedTuple):
    """One reading of one sentence."""

    place: int
    reading: Reading


class Abstract(NamedTuple):
    """What the ranking looks at."""

    title: list[str]
    sentences: Sequence[str]
    words: list[list[str]]
    """Plain words of each sentence."""
    families: list[tuple[float, ...]]
    """Probabilities of the families of roles, in the order of `FAMILIES`, for each sentence."""
    candidates: list[Candidate]


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(r"[a-z0-9]+")


@cache
def _dangling_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?:this|these|those|such|that) (?!(?:paper|work|article|study|survey|thesis|letter|note|report|review|chapter)\b)"
        r"|(?:it|they|its|their|he|she|both|we (?:also|further|additionally|then|finally|next))\b",
        re.IGNORECASE,
    )


def plain_words(text: str) -> list[str]:
    """Lower-case runs of ASCII letters and digits."""
    return _word_pattern().findall(text.lower())


def examine(title: str, sentences: Sequence[str], roles: Sequence[Mapping[str, float]]) -> Abstract:
    """Gather what the ranking needs of an abstract whose sentences have these probabilities of roles."""
    return Abstract(
        plain_words(title),
        sentences,
        [plain_words(sentence) for sentence in sentences],
        [families_of(row) for row in roles],
        [Candidate(place, reading) for place, sentence in enumerate(sentences) for reading in readings(sentence)],
    )


def word_shapes(abstract: Abstract) -> Iterator[tuple[str, Shape, Collection[int]]]:
    """Each word with what is counted about it and the places of the sentences where it is, in order."""
    in_title = set(abstract.title)
    stems = {word[:_STEM] for word in in_title if len(word) >= _STEM}
    where: dict[str, list[int]] = {}
    for place, words in enumerate(abstract.words):
        for word in words:
            if word in where:
                where[word].append(place)
            else:
                where[word] = [place]
    for word, found in where.items():
        times = len(found)
        places: Collection[int] = found if times == 1 else dict.fromkeys(found)
        kind = "s" if word in STOP_WORDS or len(word) == 1 else "c"
        known = word in in_title
        stem = not known and word[:_STEM] in stems
        yield word, (kind, times, len(places), found[0], known, stem), places


def shape_features(shape: Shape) -> list[str]:
    """Names of the features of a shape."""
    kind, times, spread, first, known, stem = shape
    names = [f"{kind}times{min(times, 6)}", f"{kind}spread{min(spread, 5)}", f"{kind}first{min(first, 4)}"]
    if known:
        names.append(f"{kind}title")
    if kind == "c":
        names.append(f"title{int(known)}{min(spread, 4)}")
        if stem:
            names.append("stem")
    return names


def place_features(kind: str, abstract: Abstract) -> list[Features]:
    """Features that words of one kind have from standing in a sentence, for each; where several have it, their mean counts.

    Values are the probabilities of `FAMILIES`, whose names begin with the kind.
    """
    flags = (f"{kind}*", f"{kind}length{min(len(abstract.words), 12)}")
    return [Features(flags, families) for families in abstract.families]


def word_probabilities(abstract: Abstract) -> dict[str, float]:
    """How probable it is that a one-sentence summary uses each word."""
    weights = load_weights()
    own, shapes = weights.lexicon, weights.shapes
    by_place = {
        kind: _sums(place_features(kind, abstract), [kind + name for name in FAMILIES], weights.words) for kind in "sc"
    }
    if len(shapes) > _MAX_SHAPES:
        shapes.clear()
    exp = math.exp
    found = {}
    for word, shape, places in word_shapes(abstract):
        score = shapes.get(shape)
        if score is None:
            score = shapes[shape] = sum([weights.words.get(name, 0.0) for name in shape_features(shape)])
        if word in own:
            score += own[word]
        here = by_place[shape[0]]
        if len(places) == 1:
            score += here[shape[3]]
        else:
            score += sum([here[place] for place in places]) / len(places)
        found[word] = 1.0 / (1.0 + exp(-score))
    return found


def _sums(rows: Sequence[Features], names: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """The weighted sum of each of *rows*, whose values have these names."""
    get = weights.get
    by_value = [get(name, 0.0) for name in names]
    return [sum([get(flag, 0.0) for flag in flags]) + sum(map(mul, values, by_value)) for flags, values in rows]


def sentence_features(abstract: Abstract) -> list[Features]:
    """Features of each sentence: place, cues, title, and roles of it and around it; values as in `SENTENCE_VALUES`."""
    count = len(abstract.sentences)
    in_title = set(abstract.title) - STOP_WORDS
    most = max([row[_OBJECTIVE] for row in abstract.families])
    before = _NOTHING
    after = [before]
    for row in reversed(abstract.families[1:]):
        after.append(tuple(map(max, row, after[-1])))
    unannounced = 1.0
    announced = False
    found = []
    for place, (words, own) in enumerate(zip(abstract.words, abstract.families, strict=True)):
        distinct = set(words)
        cues = {CUES[word] for word in CUES.keys() & distinct}
        flags = [*_place_features(place, count), *sorted(cues)]  # in order, so that sums are the same in every process
        if words:
            flags.append(OPENINGS.get(words[0], "o*"))
        if abstract.sentences[place].endswith("?"):
            flags.append("k?")
        if "this paper" in plain(abstract.sentences[place]):
            flags.append("kthis")
        if "kwe" in cues and not announced:
            flags.append("kfirst")
            announced = True
        shared = len(in_title & distinct)
        if in_title:
            flags += (f"t{min(shared, 6)}", f"c{5 * shared // len(in_title)}")
        objective = 2 * own[_OBJECTIVE]
        values = (
            *[2 * value for value in own],
            *before,
            *after[count - 1 - place],
            objective * unannounced,
            objective / most if most > 0 else 0.0,
            shared / len(in_title) if in_title else 0.0,
        )
        unannounced *= 1 - own[_OBJECTIVE]
        before = tuple(map(max, before, own))
        found.append(Features(flags, values))
    return found


@lru_cache(maxsize=1_000)
def _place_features(place: int, count: int) -> tuple[str, ...]:
    return (f"p{min(place, 7)}", f"e{min(count - 1 - place, 4)}", f"n{min(count, 12)}_{min(place, 7)}")


def reading_features(abstract: Abstract, probabilities: Mapping[str, float]) -> list[Features]:
    """Features of each reading: its length, and how much of a summary it may share.

    Values are as in `READING_VALUES`, then, if something is left out, as in `SHORTER_VALUES`.
    """
    total = sum(probabilities.values()) or 1.0
    shares = [_shares(plain_words(candidate.reading.text), probabilities, total) for candidate in abstract.candidates]
    best = max([share[0] for share in shares])
    whole: dict[int, tuple[float, ...]] = {}
    found = []
    for (place, reading), share in zip(abstract.candidates, shares, strict=True):
        overlap, dense, precise, content, recall, length = share
        quarter = int(length) // 4
        values: tuple[float, ...] = (
            10 * overlap,
            10 * dense,
            10 * precise,
            10 * content,
            5 * recall,
            10 * (overlap - best),
            length / 20,
            (length / 20) ** 2,
        )
        base = whole.setdefault(place, share)
        flags = [f"l{min(quarter, 12)}"]
        if reading.kinds:
            flags += dict.fromkeys(reading.kinds)
            flags.append(f"left{min(quarter, 10)}")
            values += (
                (length - base[5]) / 10,
                10 * (overlap - base[0]),
                10 * (precise - base[2]),
                10 * (content - base[3]),
            )
        found.append(Features(flags, values))
    return found


def _shares(words: Sequence[str], known: Mapping[str, float], total: float) -> tuple[float, ...]:
    """Of a reading: shared with a summary (two views), density, density of content words, recall; its length."""
    distinct = dict.fromkeys(words)  # in order, so that sums are the same in every process
    content = [word for word in distinct if word not in STOP_WORDS]
    weight = sum([known[word] for word in distinct if word in known])
    inside = sum([known[word] for word in content if word in known])
    length = len(words)
    return (
        2 * weight / (length + _TYPICAL_WORDS + 11),
        2 * weight / (length + _TYPICAL_WORDS),
        weight / (length + 1),
        inside / (len(content) + 1),
        weight / total,
        float(length),
    )


def score_readings(abstract: Abstract) -> list[float]:
    """How well each candidate would do as the one-sentence summary; only differences mean something."""
    ranks = load_weights().ranks
    bases = _sums(sentence_features(abstract), SENTENCE_VALUES, ranks)
    own = _sums(reading_features(abstract, word_probabilities(abstract)), READING_VALUES + SHORTER_VALUES, ranks)
    # What begins with "This structure …" can't stand alone, whatever it shares with a summary.
    dangling = _dangling_pattern().match
    return [
        bases[place] + value - (_DANGLING_PENALTY if dangling(reading.text) else 0.0)
        for (place, reading), value in zip(abstract.candidates, own, strict=True)
    ]
