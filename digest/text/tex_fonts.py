r"""Font switches in groups: `{\it Hubble}`, `\textbf{\it Fast}`, `H{\sc i}`."""

from __future__ import annotations

import re

from digest.text.text_tables import SMALL_CAPITALS, SWITCHES

_SWITCH = re.compile(rf"\\(?:{'|'.join(sorted(SWITCHES))})(?![A-Za-z])\s*")
_SWITCHED = re.compile(rf"\{{\s*((?:{_SWITCH.pattern})+)([^{{}}]*)\}}")
_OWN_BRACES = re.compile(r"(?:\\[A-Za-z]+\*?(?:\[[^\]{}]*\])*\s*|[\^_}])\Z")
_SMALL_CAPITALS = re.compile(rf"\\(?:{'|'.join(sorted(SMALL_CAPITALS))})(?![A-Za-z])")
_ELEMENT = re.compile(r"(?:\A|[^A-Za-z])[A-Z][a-z]?(?:[\s~]|\\[,;:! ]|\{\})*\Z")
_NUMERAL = re.compile(r"[ivx]{1,6}")


def without_switches(text: str) -> str:
    """Drop the switches, and the braces of groups that only they needed."""
    return _SWITCH.sub("", _SWITCHED.sub(_switched, text))


def _switched(found: re.Match[str]) -> str:
    """Take a font switch out of its group, and the group's braces unless a command or a script needs them."""
    inner = found[2]
    before = found.string[max(0, found.start() - 60) : found.start()]
    if _SMALL_CAPITALS.search(found[1]):
        inner = in_small_capitals(inner, before)
    return f"{{{inner}}}" if _OWN_BRACES.search(before) else inner


def in_small_capitals(text: str, before: str) -> str:
    r"""Write `H{\sc i}` and `D{\sc esi}` as they look; words in small capitals stay as typed."""
    numeral = _NUMERAL.fullmatch(text.strip()) and _ELEMENT.search(before)
    glued = before[-1:].isalpha() and before[-1:].isupper() and text.isalpha()
    return text.upper() if numeral or glued else text
