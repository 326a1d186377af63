"""Which reading of which sentence says best, in one sentence, what the paper is about.

First each word of the abstract gets a probability that a person would use it in a one-sentence summary: does the title
have it, how often and where does it stand, in sentences of which role. From these follows how much of such a summary
a reading would share. A linear score over that, the sentence's role and place, and what the reading leaves out, decides.

What the scores are sums of is named by the `…_features` functions, which fitting uses too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import mul
from typing import NamedTuple

from digest.summaries.roles import FAMILIES, families_of, plain
from digest.summaries.trimming import Reading, readings
from digest.summaries.weights import load_weights
from digest.summaries.wordlists import CUES, OPENINGS, STOP_WORDS

Features = dict[str, float]
Shape = tuple[str, int, int, int, bool, bool, int, int]
_STEM = 5
_TYPICAL_WORDS = 19
"""Words of a typical one-sentence summary."""
_DANGLING_PENALTY = 3.0
_MAX_SHAPES = 20_000


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
        r"|(?:it|they|its|their|he|she|both)\b",
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


def word_shapes(abstract: Abstract) -> Iterator[tuple[str, Shape, tuple[float, ...]]]:
    """Each word with what is counted about it and the highest probability of each family where it stands."""
    in_title = set(abstract.title)
    stems = {word[:_STEM] for word in in_title if len(word) >= _STEM}
    times = Counter(chain.from_iterable(abstract.words))
    where: dict[str, list[int]] = {word: [] for word in times}
    for place, words in enumerate(abstract.words):
        for word in dict.fromkeys(words):
            where[word].append(place)
    length = len(abstract.words)
    families = abstract.families
    for word, places in where.items():
        spread, first = len(places), places[0]
        known = word in in_title
        stem = not known and word[:_STEM] in stems
        kind = "s" if word in STOP_WORDS or len(word) == 1 else "c"
        shape = (kind, times[word], spread, first, known, stem, length, len(word))
        yield word, shape, families[first] if spread == 1 else tuple(map(max, *[families[place] for place in places]))


def shape_features(shape: Shape) -> list[str]:
    """Names of the features of a shape."""
    kind, times, spread, first, known, stem, length, letters = shape
    names = [
        f"{kind}*",
        f"{kind}times{min(times, 6)}",
        f"{kind}spread{min(spread, 5)}",
        f"{kind}first{min(first, 4)}",
        f"{kind}length{min(length, 12)}",
    ]
    if known:
        names.append(f"{kind}title")
    if kind == "c":
        names += [f"letters{min(letters, 12)}", f"title{int(known)}{min(spread, 4)}"]
        if stem:
            names.append("stem")
    return names


def word_probabilities(abstract: Abstract) -> dict[str, float]:
    """How probable it is that a one-sentence summary uses each word."""
    weights = load_weights()
    known = weights.words.get
    by_family = {kind: [known(kind + family, 0.0) for family in FAMILIES] for kind in "sc"}
    by_place = {
        kind: [sum(map(mul, row, families)) for families in abstract.families] for kind, row in by_family.items()
    }
    if len(weights.shapes) > _MAX_SHAPES:
        weights.shapes.clear()
    found = {}
    for word, shape, families in word_shapes(abstract):
        base = weights.shapes.get(shape)
        if base is None:
            base = weights.shapes[shape] = sum(known(name, 0.0) for name in shape_features(shape))
        kind, _, spread, first, *_ = shape
        role = by_place[kind][first] if spread == 1 else sum(map(mul, by_family[kind], families))
        found[word] = 1.0 / (1.0 + math.exp(-base - role - known("=" + word, 0.0)))
    return found


def sentence_features(abstract: Abstract) -> list[Features]:
    """Named values of each sentence: place, cues, title, and roles of it and around it."""
    count = len(abstract.sentences)
    in_title = set(abstract.title) - STOP_WORDS
    objective = FAMILIES.index("objective")
    most = max(row[objective] for row in abstract.families)
    before: tuple[float, ...] = (0.0,) * len(FAMILIES)
    after = [before]
    for row in reversed(abstract.families[1:]):
        after.append(tuple(map(max, row, after[-1])))
    unannounced = 1.0
    seen: set[str] = set()
    found = []
    for place, (words, own) in enumerate(zip(abstract.words, abstract.families, strict=True)):
        distinct = set(words)
        cues = dict.fromkeys([CUES[word] for word in words if word in CUES])
        features = dict.fromkeys(cues, 1.0)
        features.update((name, 1.0) for name in _place_features(place, count))
        if words:
            features[OPENINGS.get(words[0], "o*")] = 1.0
        if abstract.sentences[place].endswith("?"):
            features["k?"] = 1.0
        if "this paper" in plain(abstract.sentences[place]):
            features["kthis"] = 1.0
        if "kwe" in cues and "kwe" not in seen:
            features["kfirst"] = 1.0
        seen.update(cues)
        if in_title:
            shared = len(in_title & distinct)
            features["title"] = shared / len(in_title)
            features[f"t{min(shared, 6)}"] = 1.0
            features[f"c{5 * shared // len(in_title)}"] = 1.0
        for family, value, earlier, later in zip(FAMILIES, own, before, after[count - 1 - place], strict=True):
            features["R" + family] = 2 * value
            features["B" + family] = earlier
            features["A" + family] = later
        features["Rfirst"] = 2 * own[objective] * unannounced
        features["Rshare"] = 2 * own[objective] / most if most > 0 else 0.0
        unannounced *= 1 - own[objective]
        before = tuple(map(max, before, own))
        found.append(features)
    return found


def _place_features(place: int, count: int) -> Iterable[str]:
    return (f"p{min(place, 7)}", f"e{min(count - 1 - place, 4)}", f"n{min(count, 12)}_{min(place, 7)}")


def reading_features(abstract: Abstract, probabilities: Mapping[str, float]) -> list[Features]:
    """Named values of each reading: its length, and how much of a summary it may share."""
    total = sum(probabilities.values()) or 1.0
    shares = [_shares(plain_words(candidate.reading.text), probabilities, total) for candidate in abstract.candidates]
    best = max(share[0] for share in shares)
    whole: dict[int, tuple[float, ...]] = {}
    found = []
    for (place, reading), share in zip(abstract.candidates, shares, strict=True):
        overlap, dense, precise, content, recall, length = share
        words = int(length)
        values = {
            "overlap": 10 * overlap,
            "dense": 10 * dense,
            "precise": 10 * precise,
            "content": 10 * content,
            "recall": 5 * recall,
            "behind": 10 * (overlap - best),
            "length": length / 20,
            "length2": (length / 20) ** 2,
            f"l{min(words // 4, 12)}": 1.0,
        }
        base = whole.setdefault(place, share)
        if reading.kinds:
            values.update(dict.fromkeys(reading.kinds, 1.0))
            values["less"] = (length - base[5]) / 10
            values["gain"] = 10 * (overlap - base[0])
            values["gainprecise"] = 10 * (precise - base[2])
            values["gaincontent"] = 10 * (content - base[3])
            values[f"left{min(words // 4, 10)}"] = 1.0
        found.append(values)
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
    ranks = load_weights().ranks.get

    def score(features: Features) -> float:
        return sum([value * ranks(name, 0.0) for name, value in features.items()])

    bases = [score(features) for features in sentence_features(abstract)]
    rows = reading_features(abstract, word_probabilities(abstract))
    scores = [bases[place] + score(row) for (place, _), row in zip(abstract.candidates, rows, strict=True)]
    # What begins with "This structure …" can't stand alone, whatever it shares with a summary.
    dangling = _dangling_pattern().match
    return [
        value - _DANGLING_PENALTY if dangling(candidate.reading.text) else value
        for candidate, value in zip(abstract.candidates, scores, strict=True)
    ]
