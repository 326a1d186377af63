"""Which reading of which sentence says best, in one sentence, what the paper is about.

First each word of the abstract gets a probability that a person would use it in a one-sentence summary (does the title
have it, how often and where does it stand, in sentences of which role). From these follows how much of such a summary
a reading would share. A linear score over that, the sentence's role and place, and what the reading leaves out, decides.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from digest.summaries.roles import COARSE
from digest.summaries.trimming import Reading, readings
from digest.summaries.weights import load_weights
from digest.summaries.wordlists import STOP_WORDS

_STEM = 5
_SUMMARY_WORDS = 19
"""Words of a typical one-sentence summary."""


class Candidate(NamedTuple):
    """One reading of one sentence."""

    sentence: int
    reading: Reading


class _Patterns(NamedTuple):
    word: re.Pattern[str]
    cues: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        word=re.compile(r"[a-z0-9]+"),
        cues=tuple(
            (name, re.compile(pattern))
            for name, pattern in (
                ("we", r"\b(?:we|our)\b"),
                ("paper", r"\bthis (?:paper|work|article|study|letter|thesis)\b"),
                ("code", r"https?:|github|\bcode (?:is|and|will)\b|available at|publicly available|\breleased?\b"),
                ("number", r"\d"),
                ("question", r"\?"),
                ("however", r"\A(?:however|but|yet|unfortunately|while|although)\b"),
                ("anaphora", r"\A(?:it|this|these|they|such|both|their|its|the (?:method|model|approach|algorithm))\b"),
                ("also", r"\b(?:also|furthermore|moreover|additionally|in addition|finally)\b"),
                ("propose", r"\b(?:propose|present|introduce|develop)(?:s|d)?\b"),
                ("show", r"\b(?:show|demonstrate|prove|find|establish)(?:s|ed)? that\b"),
                ("experiments", r"\bexperiments?\b|\bexperimental\b|\bevaluat|\bbenchmark"),
                ("which", r"\A(?:specifically|in particular|first|second|third|to this end)\b"),
            )
        ),
    )


def plain_words(text: str) -> list[str]:
    """Lower-case runs of ASCII letters and digits."""
    return _patterns().word.findall(text.lower())


def word_features(
    title: Sequence[str], sentences: Sequence[Sequence[str]], roles: Sequence[dict[str, float]]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Each word of the abstract with the named values its probability depends on."""
    in_title = set(title)
    stems = {word[:_STEM] for word in title if len(word) >= _STEM}
    times = Counter(word for sentence in sentences for word in sentence)
    where: dict[str, list[int]] = {}
    for place, sentence in enumerate(sentences):
        for word in dict.fromkeys(sentence):
            where.setdefault(word, []).append(place)
    length = min(len(sentences), 12)
    families = [_families(values) for values in roles]
    for word, places in where.items():
        stop = word in STOP_WORDS or len(word) == 1
        kind = "s" if stop else "c"
        known = word in in_title
        features = {
            f"{kind}*": 1.0,
            f"{kind}times{min(times[word], 6)}": 1.0,
            f"{kind}spread{min(len(places), 5)}": 1.0,
            f"{kind}first{min(places[0], 4)}": 1.0,
            f"{kind}length{length}": 1.0,
            f"={word}": 1.0,
        }
        if known:
            features[f"{kind}title"] = 1.0
        if not stop:
            features[f"long{min(len(word), 12)}"] = 1.0
            features[f"title{int(known)}{min(len(places), 4)}"] = 1.0
            if not known and word[:_STEM] in stems and len(word) >= _STEM:
                features["stem"] = 1.0
        for family in families[0]:
            features[kind + family] = max(families[place][family] for place in places)
        yield word, features


def _families(values: dict[str, float]) -> dict[str, float]:
    """Probabilities with gap apart from background and the kinds of conclusion together."""
    sums: dict[str, float] = {"gap": values.get("gap", 0.0)}
    for role, value in values.items():
        if role != "gap":
            sums[COARSE[role]] = sums.get(COARSE[role], 0.0) + value
    return sums


def word_probabilities(
    title: Sequence[str], sentences: Sequence[Sequence[str]], roles: Sequence[dict[str, float]]
) -> dict[str, float]:
    """How probable it is that a one-sentence summary uses each word."""
    known = load_weights().words.get
    found = {}
    for word, features in word_features(title, sentences, roles):
        score = sum(value * known(name, 0.0) for name, value in features.items())
        found[word] = 1.0 / (1.0 + math.exp(-score))
    return found


def sentence_features(
    title: Sequence[str], sentences: Sequence[str], words: Sequence[Sequence[str]], roles: Sequence[dict[str, float]]
) -> list[dict[str, float]]:
    """Named values of each sentence: place, cues, title, and roles of it and around it."""
    count = len(sentences)
    in_title = {word for word in title if word not in STOP_WORDS}
    families = [_families(values) for values in roles]
    most = max(values["objective"] for values in families)
    unannounced = 1.0
    seen_we = False
    found = []
    for place, sentence in enumerate(sentences):
        own = families[place]
        features = {
            f"p{min(place, 7)}": 1.0,
            f"e{min(count - 1 - place, 4)}": 1.0,
            f"n{min(count, 12)}_{min(place, 7)}": 1.0,
        }
        low = sentence.lower()
        for name, pattern in _patterns().cues:
            if pattern.search(low):
                features["k" + name] = 1.0
        if "kwe" in features and not seen_we:
            features["kfirst"] = seen_we = True
        if in_title:
            shared = len(in_title.intersection(words[place]))
            features["title"] = shared / len(in_title)
            features[f"t{min(shared, 6)}"] = 1.0
            features[f"c{int(5 * shared / len(in_title))}"] = 1.0
        for family, value in own.items():
            features["R" + family] = 2 * value
            if place:
                features["B" + family] = max(values[family] for values in families[:place])
            if place + 1 < count:
                features["A" + family] = max(values[family] for values in families[place + 1 :])
        features["Rfirst"] = 2 * own["objective"] * unannounced
        features["Rshare"] = 2 * own["objective"] / most if most > 0 else 0.0
        unannounced *= 1 - own["objective"]
        found.append(features)
    return found


def candidates_of(sentences: Sequence[str]) -> list[Candidate]:
    """All readings of all sentences."""
    return [Candidate(place, reading) for place, sentence in enumerate(sentences) for reading in readings(sentence)]


def candidate_features(
    candidates: Sequence[Candidate], probabilities: dict[str, float], features: Sequence[dict[str, float]]
) -> list[dict[str, float]]:
    """Named values of each reading: those of its sentence, its length, and how much of a summary it may share."""
    known = probabilities.get
    total = sum(probabilities.values()) or 1.0
    shares = [_shares(plain_words(candidate.reading.text), known, total) for candidate in candidates]
    best = max(share[0] for share in shares)
    whole: dict[int, tuple[float, ...]] = {}
    found = []
    for (place, reading), share in zip(candidates, shares, strict=True):
        base = whole.setdefault(place, share)
        overlap, dense, precise, content, recall, length = share
        values = {
            **features[place],
            "overlap": 10 * overlap,
            "dense": 10 * dense,
            "precise": 10 * precise,
            "content": 10 * content,
            "recall": 5 * recall,
            "behind": 10 * (overlap - best),
            "length": length / 20,
            "length2": (length / 20) ** 2,
            f"l{min(int(length) // 4, 12)}": 1.0,
        }
        if reading.kinds:
            values.update(dict.fromkeys(reading.kinds, 1.0))
            values["less"] = (length - base[5]) / 10
            values["gain"] = 10 * (overlap - base[0])
            values["gainprecise"] = 10 * (precise - base[2])
            values["gaincontent"] = 10 * (content - base[3])
            if "cut" in reading.kinds:
                values[f"left{min(int(length) // 4, 10)}"] = 1.0
        found.append(values)
    return found


def _shares(words: Sequence[str], known: object, total: float) -> tuple[float, ...]:
    distinct = set(words)
    inside = [known(word, 0.0) for word in distinct if word not in STOP_WORDS]  # type: ignore[operator]
    weight = sum(known(word, 0.0) for word in distinct)  # type: ignore[operator]
    length = len(words)
    return (
        2 * weight / (length + _SUMMARY_WORDS + 11),
        2 * weight / (length + _SUMMARY_WORDS),
        weight / (length + 1),
        sum(inside) / (len(inside) + 1),
        weight / total,
        float(length),
    )


def rank_readings(
    title: str, sentences: Sequence[str], roles: Sequence[dict[str, float]]
) -> tuple[list[Candidate], list[float]]:
    """All readings with their scores; the higher, the better a summary."""
    ranks = load_weights().ranks.get
    words = [plain_words(sentence) for sentence in sentences]
    title_words = plain_words(title)
    probabilities = word_probabilities(title_words, words, roles)
    candidates = candidates_of(sentences)
    rows = candidate_features(candidates, probabilities, sentence_features(title_words, sentences, words, roles))
    return candidates, [sum(value * ranks(name, 0.0) for name, value in row.items()) for row in rows]
