"""What each sentence of an abstract does: a linear-chain conditional random field over word and place features.

Sentences become names of features; a table gives each name one weight a role; neighbours' roles weigh on each other.
Probabilities come from the forward-backward recursion. What is a conclusion in this chain is then told apart from a
contribution and an implication by the sentence alone. Each sentence takes the role that is most probable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from operator import mul

from digest.summaries.weights import Weights, load_weights, unpack

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

FAMILIES = ("background", "gap", "objective", "method", "result", "conclusion")
"""What the ranking looks at: the families, with the gap apart."""

_FLOOR = -60.0
_HINT = 8.0


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Formulas, numbers, and words or marks."""
    words = r"\$|[^\W\d_]+(?:['’-][^\W\d_]+)*|0%?|[^\w\s]"
    return re.compile(r"\$[^$]*\$"), re.compile(r"\d[\d.,]*"), re.compile(words)


@cache
def _self_pattern() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:this|the present|the current) (?:paper|work|article|study|letter|note|report|thesis|manuscript|contribution)\b"
    )


@cache
def _announcement_pattern() -> re.Pattern[str]:
    done = "introduced|proposed|presented|developed|computed|derived|studied|investigated|established|proved|considered"
    return re.compile(
        r"\bthis paper\b|\bhere,? we\b|\bwe (?:\w+ly |also |then )?(?:propose|present|introduce|study|investigate|show"
        r"|develop|describe|explore|examine|address|demonstrate|prove|consider|report|find|compute|derive|analy[sz]e"
        rf"|construct|obtain|discuss)\b|\b(?:is|are) (?:{done})\b"
    )


def plain(sentence: str) -> str:
    """Lower case, and one name for what authors call their text: "the present letter" is "this paper", "I" is "we"."""
    low = sentence.lower()
    if "this " in low or "the present " in low or "the current " in low:
        low = _self_pattern().sub("this paper", low)
    return "we " + low[2:] if low.startswith("i ") else low.replace(" i ", " we ")


def words_of(low: str) -> list[str]:
    """Words and marks of a lower-case sentence; a formula is `$`, a number `0`, a percentage `0%`."""
    formulas, numbers, words = _patterns()
    if "$" in low:
        low = formulas.sub("$", low)
    return words.findall(numbers.sub("0", low))


def role_features(sentences: Sequence[str]) -> list[set[str]]:
    """Names of the features of each sentence: its words, pairs, openings, place, length and announcements so far."""
    count = len(sentences)
    pattern = _announcement_pattern()
    lowered = [plain(sentence) for sentence in sentences]
    announces = [pattern.search(low) is not None for low in lowered]
    first = announces.index(True) if True in announces else -1
    last = count - 1 - announces[::-1].index(True) if first >= 0 else -1
    found = []
    for place, low in enumerate(lowered):
        marks = words_of(low)
        words = [mark for mark in marks if mark[0].isalnum() or mark == "$"]
        features = set(marks)
        features.update(map("%s %s".__mod__, pairwise(words)))
        features.update(map("%s %s %s".__mod__, zip(words, words[1:], words[2:], strict=False)))
        features.update(map("%s_%s".__mod__, zip(words, words[2:], strict=False)))
        features.update("<" + " ".join(words[:length]) for length in range(1, min(4, len(words)) + 1))
        features.update(
            (
                "*",
                f"@p{min(place, 6)}",
                f"@e{min(count - 1 - place, 6)}",
                f"@r{8 * place // max(count - 1, 1)}",
                f"@n{min(count, 14)}_{min(place, 8)}",
                f"@l{min(len(words) // 6, 8)}",
                "@a-" if first < 0 else f"@a{max(-3, min(3, place - first))}",
                f"@b{int(0 <= first < place)}{int(place < last)}",
            )
        )
        found.append(features)
    return found


def role_probabilities(sentences: Sequence[str], hints: Sequence[str | None] | None = None) -> list[dict[str, float]]:
    """Probability of each role for each sentence, the others' roles considered.

    Args:
        sentences: One abstract's, in order.
        hints: For each sentence the only family of roles that it may have, where that is known.
    """
    if not sentences:
        return []
    weights = load_weights()
    known = weights.role_rows.get
    sums = [sum(filter(None, map(known, features))) for features in role_features(sentences)]
    return _marginals(sums, weights, hints or [None] * len(sums))


def _marginals(sums: list[int], weights: Weights, hints: Sequence[str | None]) -> list[dict[str, float]]:
    """Forward-backward with rescaling: no logarithms in the recursion."""
    chain = len(weights.moves)
    fields = [unpack(row, len(weights.roles)) for row in sums]
    local = []
    for steps, hint in zip(fields, hints, strict=True):
        scores = [step * weights.role_step for step in steps[:chain]]
        if hint:
            fits = [COARSE[role] == hint for role in weights.roles[:chain]]
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
    behind = [1.0] * chain
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


def _split_conclusion(chain: list[float], steps: list[int], weights: Weights) -> dict[str, float]:
    """Share the probability of a conclusion among its kinds."""
    odds = [1.0] + [math.exp(min(step * weights.role_step, -_FLOOR)) for step in steps[len(chain) :]]
    share = chain[-1] / sum(odds)
    return dict(zip(weights.roles, chain[:-1] + [share * value for value in odds], strict=True))


def families_of(probabilities: Mapping[str, float]) -> tuple[float, ...]:
    """Probabilities of `FAMILIES`, in their order."""
    sums = dict.fromkeys(FAMILIES, 0.0)
    for role, value in probabilities.items():
        sums["gap" if role == "gap" else COARSE[role]] += value
    return tuple(sums.values())


def best_role(probabilities: Mapping[str, float]) -> str:
    """The most probable role of the most probable family."""
    families: dict[str, float] = {}
    for role, value in probabilities.items():
        families[COARSE[role]] = families.get(COARSE[role], 0.0) + value
    family = max(families, key=families.__getitem__)
    return max((role for role in probabilities if COARSE[role] == family), key=probabilities.__getitem__)


def label_sentences(sentences: Sequence[str]) -> list[str]:
    """Name the role of each of *sentences*, which are one abstract's, in order.

    Roles: background, gap, objective, method, result, conclusion, contribution, implication.
    """
    return [best_role(probabilities) for probabilities in role_probabilities(sentences)]
