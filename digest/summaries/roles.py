"""What each sentence of an abstract does: a linear-chain conditional random field over word and place features.

Sentences become features; a table gives each one weight a role; neighbours' roles weigh on each other.
Probabilities come from the forward-backward recursion. What is a conclusion in this chain is then told apart from a
contribution and an implication by the sentence alone. Each sentence takes the role that is most probable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, repeat
from operator import mul
from typing import NamedTuple

from digest.summaries.weights import Feature, Weights, load_weights, unpack
from digest.summaries.wordlists import COMPUTING

COARSE = {
    "background": "background",
    "gap": "background",
    "objective": "objective",
    "method": "method",
    "result": "result",
    "conclusion": "conclusion",
    "contribution": "conclusion",
    "implication": "conclusion",
}
"""The five families that roles belong to."""

KINDS = {"background": ("background", "gap"), "conclusion": ("conclusion", "contribution", "implication")}
"""The families that have kinds."""

FAMILIES = ("background", "gap", "objective", "method", "result", "conclusion")
"""What the ranking looks at: the families, with the gap apart."""

_FLOOR = -60.0
_HINT = 8.0
_COMPUTING_WORDS = 3
"""Distinct words of computing from which on an abstract is taken for one about it."""
_TELLING = frozenset({"is", "are", "was", "were", "can", "show", "find", "that"})
"""Words that tell facts from steps outside computing."""
_ANNOUNCING = (
    "propose|present|introduce|study|investigate|show|develop|describe|explore|examine|address|demonstrate|prove|consider"
    "|report|find|compute|derive|analy[sz]e|construct|obtain|discuss"
)
"""What authors say they do in the paper."""
_PASSIVES = {
    "proposed": "propose",
    "presented": "present",
    "introduced": "introduce",
    "studied": "study",
    "investigated": "investigate",
    "shown": "show",
    "found": "find",
    "proved": "prove",
    "derived": "derive",
}
"""The same where it is said of the matter: not of mere steps of a method ("the data are analysed")."""


class _Patterns(NamedTuple):
    formula: re.Pattern[str]
    number: re.Pattern[str]
    mark: re.Pattern[str]
    """A word or mark."""
    ascii_mark: re.Pattern[str]
    """The same in a text of ASCII, found faster."""


@cache
def _patterns() -> _Patterns:
    mark = r"\$|{letter}+(?:['’-]{letter}+)*|0%?|[^\w\s]"
    return _Patterns(
        formula=re.compile(r"\$[^$]*\$"),
        number=re.compile(r"\d[\d.,]*"),
        mark=re.compile(mark.format(letter=r"[^\W\d_]")),
        ascii_mark=re.compile(mark.format(letter="[a-z]"), re.ASCII),
    )


@cache
def _self_pattern() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:this|the present|the current) (?:paper|work|article|study|letter|note|report|thesis|manuscript|contribution)\b"
    )


@cache
def _announcement_pattern() -> re.Pattern[str]:
    return re.compile(rf"\bthis paper\b|\bhere,? we\b|\bwe (?:\w+ly |also |then )?(?:{_ANNOUNCING})\b")


@cache
def _passive_pattern() -> re.Pattern[str]:
    return re.compile(rf"\b(?:is|are) (?:(?:\w+ly|also|then) )?({'|'.join(_PASSIVES)})\b")


def plain(sentence: str) -> str:
    """Lower case, and one name for what authors call their text and themselves.

    "The present letter" is "this paper", "I" is "we", and "is shown" is "we show", but not "has been shown", which tells of others.
    """
    low = sentence.lower()
    if "this " in low or "the present " in low or "the current " in low:
        low = _self_pattern().sub("this paper", low)
    if "is " in low or "are " in low:
        low = _passive_pattern().sub(lambda found: "we " + _PASSIVES[found[1]], low)
    return "we " + low[2:] if low.startswith("i ") else low.replace(" i ", " we ")


def _announces(low: str) -> bool:
    """Whether a lower-case sentence tells what the paper does; no pattern fits without one of these pieces."""
    likely = "we " in low or "this paper" in low
    return likely and _announcement_pattern().search(low) is not None


def is_first_person(sentence: str) -> bool:
    """Whether *sentence* speaks of the authors or their text."""
    return re.search(r"\b(?:we|our|this paper)\b", plain(sentence)) is not None


def words_of(low: str) -> list[str]:
    """Words and marks of a lower-case sentence; a formula is `$`, a number `0`, a percentage `0%`."""
    patterns = _patterns()
    if "$" in low:
        low = patterns.formula.sub("$", low)
    mark = patterns.ascii_mark if low.isascii() else patterns.mark
    return mark.findall(patterns.number.sub("0", low))


def role_features(sentences: Sequence[str]) -> list[Iterator[Feature]]:
    """The features of each sentence, to be read once: its marks, pairs, openings, place, length and announcements so far.

    Pairs and triples of words are tuples, pairs with a gap too (`("a", "", "c")`); openings begin with `<`. What is told
    apart only in abstracts that aren't about computing begins with `@o`. They come from iterators, so that looking up
    those in a table makes no object of the others. A feature may come twice and counts once.
    """
    count = len(sentences)
    lowered = [plain(sentence) for sentence in sentences]
    announces = [_announces(low) for low in lowered]
    first = announces.index(True) if True in announces else -1
    last = count - 1 - announces[::-1].index(True) if first >= 0 else -1
    marks_by_place = [words_of(low) for low in lowered]
    is_computing = len(COMPUTING.intersection(chain.from_iterable(marks_by_place))) >= _COMPUTING_WORDS
    found: list[Iterator[Feature]] = []
    for place, marks in enumerate(marks_by_place):
        words = [mark for mark in marks if mark[0].isalnum() or mark == "$"]
        second, third = words[1:], words[2:]
        offset = "-" if first < 0 else str(max(-3, min(3, place - first)))
        features: Iterator[Feature] = chain(
            marks,
            zip(words, second, strict=False),
            zip(words, second, third, strict=False),
            zip(words, repeat(""), third, strict=False),
            [("<", *words[:length]) for length in range(1, min(4, len(words)) + 1)],
            _place_features(place, count),
            (
                f"@l{min(len(words) // 6, 8)}",
                f"@a{offset}",
                f"@b{int(0 <= first < place)}{int(place < last)}",
            ),
        )
        found.append(features if is_computing else chain(features, _field_features(words, offset, count - 1 - place)))
    return found


def _field_features(words: Sequence[str], offset: str, behind: int) -> list[Feature]:
    """What a sentence has besides in an abstract of another field than computing.

    *offset* is the place behind the first announcement, *behind* the number of sentences that follow.
    """
    speaker = "we" if "we" in words or "our" in words else "it"
    side = offset if offset == "-" else str(max(-1, min(1, int(offset))))
    return [
        "@o",
        f"@o{speaker}",
        f"@oa{offset}",
        f"@oe{min(behind, 2)}",
        ("@o", speaker, side),
        *(("@o", "<", word) for word in words[:1]),
        *(("@o", word) for word in _TELLING.intersection(words)),
    ]


@lru_cache(maxsize=1_000)
def _place_features(place: int, count: int) -> tuple[str, ...]:
    return (
        "*",
        f"@p{min(place, 6)}",
        f"@e{min(count - 1 - place, 6)}",
        f"@r{8 * place // max(count - 1, 1)}",
        f"@n{min(count, 14)}_{min(place, 8)}",
    )


def role_probabilities(sentences: Sequence[str], hints: Sequence[str | None] | None = None) -> list[dict[str, float]]:
    """Probability of each role for each sentence, the others' roles considered.

    Args:
        sentences: One abstract's, in order.
        hints: For each sentence the only family of roles that it may have, where that is known.
    """
    if not sentences:
        return []
    weights = load_weights()
    rows = weights.role_rows
    known = rows.keys()
    sums = [sum(map(rows.__getitem__, known & features)) for features in role_features(sentences)]
    return _marginals(sums, weights, hints or [None] * len(sums))


def _marginals(sums: list[int], weights: Weights, hints: Sequence[str | None]) -> list[dict[str, float]]:
    """Forward-backward with rescaling: no logarithms in the recursion."""
    count = len(weights.moves)
    fields = [unpack(row, len(weights.roles)) for row in sums]
    local = []
    for steps, hint in zip(fields, hints, strict=True):
        scores = [step * weights.role_step for step in steps[:count]]
        if hint:
            fits = [COARSE[role] == hint for role in weights.roles[:count]]
            scores = [score if fit else score - _HINT for score, fit in zip(scores, fits, strict=True)]
        top = max(scores)
        local.append([math.exp(max(score - top, _FLOOR)) for score in scores])
    into = tuple(zip(*weights.moves, strict=True))
    forward = [local[0]]
    for own in local[1:]:
        before = forward[-1]
        reached = [score * sum(map(mul, before, column)) for score, column in zip(own, into, strict=True)]
        scale = sum(reached)
        forward.append([value / scale for value in reached])
    behind = [1.0] * count
    found = []
    for place in range(len(local) - 1, -1, -1):
        joint = list(map(mul, forward[place], behind))
        scale = sum(joint)
        found.append(_split_conclusion([value / scale for value in joint], fields[place], weights))
        ahead = list(map(mul, local[place], behind))
        behind = [sum(map(mul, row, ahead)) for row in weights.moves]
        scale = sum(behind)
        behind = [value / scale for value in behind]
    return found[::-1]


def _split_conclusion(values: list[float], steps: list[int], weights: Weights) -> dict[str, float]:
    """Share the probability of a conclusion, the last of *values*, among its kinds."""
    odds = [1.0] + [math.exp(min(step * weights.role_step, -_FLOOR)) for step in steps[len(values) :]]
    share = values[-1] / sum(odds)
    return dict(zip(weights.roles, values[:-1] + [share * value for value in odds], strict=True))


def families_of(roles: Mapping[str, float]) -> tuple[float, ...]:
    """Probabilities of `FAMILIES`, in their order."""
    closing = roles["conclusion"] + roles["contribution"] + roles["implication"]
    return roles["background"], roles["gap"], roles["objective"], roles["method"], roles["result"], closing


def best_role(roles: Mapping[str, float]) -> str:
    """The most probable role of the most probable family."""
    background, gap, objective, method, result, closing = families_of(roles)
    families = {
        "background": background + gap,
        "objective": objective,
        "method": method,
        "result": result,
        "conclusion": closing,
    }
    family = max(families, key=families.__getitem__)
    kinds = KINDS.get(family)
    return max(kinds, key=roles.__getitem__) if kinds else family


def label_sentences(sentences: Sequence[str]) -> list[str]:
    """Name the role of each of *sentences*, which are one abstract's, in order.

    Roles: background, gap, objective, method, result, conclusion, contribution, implication.
    """
    return [best_role(probabilities) for probabilities in role_probabilities(sentences)]
