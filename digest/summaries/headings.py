"""Structured abstracts: "Background: … Methods: …", "Aims. … Results. …".

A heading is taken off its sentence, and tells the role of what is under it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from digest.summaries.wordlists import HEADINGS

_MIN_HEADINGS = 2


class Headed(NamedTuple):
    """Sentences without headings, and for each the family of roles that its heading names, if it has one."""

    sentences: list[str]
    families: list[str | None]


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(sorted(HEADINGS, key=len, reverse=True))
    return re.compile(
        rf"(?:{names})(?: (?:and|&) \w+| / \w+|/\w+)?\s?(?::|\.(?=\s|\Z)|\s[—–-](?=\s))\s*", re.IGNORECASE
    )


def take_headings(sentences: list[str]) -> Headed:
    """Take headings off, if there are at least two; one alone may be an ordinary word."""
    found = [_pattern().match(sentence) if sentence[:1].isupper() else None for sentence in sentences]
    if sum(match is not None for match in found) < _MIN_HEADINGS:
        return Headed(sentences, [None] * len(sentences))
    rest: list[str] = []
    families: list[str | None] = []
    family = None
    for sentence, match in zip(sentences, found, strict=True):
        if match is not None:
            family = HEADINGS[re.split(r"[\s:./&—–-]", match.group().lower(), maxsplit=1)[0]]
        text = sentence[match.end() :] if match else sentence
        if text:
            rest.append(text[:1].upper() + text[1:])
            families.append(family)
    return Headed(rest, families)
