r"""Commands with arguments outside math, before anything in them is converted.

A formula that lacks its dollars (`\bar\nu`, `\frac{1}{3}`, `90^{\circ}`) is shown as it would be with them. What can't be
shown, and what nobody knows, stays whole: half of it converted would be neither text nor TeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from digest.text.placeholders import is_full, place, restore
from digest.text.text_tables import (
    ACCENTS,
    BLANKS,
    BRACKETED,
    DROPPED,
    FORMULAS,
    LETTERS,
    PAIRS,
    SIGNS,
    SMALL_CAPITALS,
    SWITCHES,
    UNWRAPPED,
)

_KNOWN = (
    UNWRAPPED | DROPPED | BRACKETED | PAIRS | SWITCHES | BLANKS | SMALL_CAPITALS
    | {"footnote", "enquote", "ensuremath", "footnotetext", "thanks", "textsuperscript", "textsubscript", "uppercase"}
    | {"MakeUppercase", "ding", "romannumeral", "begin", "end", "item", "par", *ACCENTS, *LETTERS, *SIGNS}
)  # fmt: skip
"""Commands that are seen to one by one."""
_BRACES = r"\{(?:[^{}]++|\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\})*+\}"
_FORMULA = re.compile(
    rf"\\(?P<name>{'|'.join(sorted(FORMULAS))})(?![A-Za-z])(?:\[[^\]{{}}]{{0,20}}\])?"
    rf"(?P<argument>\s*(?:{_BRACES}|\\[A-Za-z]+|[^\W\x00-\x7f]|[^\W_](?![^\W_])))(?P<second>\s*(?:{_BRACES}|[^\W_](?![^\W_])))?"
)
_TWO_WORDS = re.compile(r"[A-Za-z]{2} +[A-Za-z]{2}")
_UNKNOWN = re.compile(
    rf"\\([A-Za-z]+)\*?(?:\[[^\]{{}}]*\])*(?!\{{\s*\}}(?!\{{))(?P<first>{_BRACES})(?P<more>(?:{_BRACES})*)"
)
_DEGREES = re.compile(r"\^\s*(?:\{\s*\\(?:circ|degree|textdegree)\s*\}|\\(?:circ|degree|textdegree)(?![A-Za-z]))")


Show = Callable[[str], str | None]
"""Writes a formula as plain text; None if it can't."""


def show_formulas(text: str, kept: list[str], show: Show) -> str:
    """Show formulas without dollars; those that can't be shown are kept apart."""
    return _FORMULA.sub(lambda found: _formula(found, kept, show), _DEGREES.sub("°", text))


def _formula(found: re.Match[str], kept: list[str], show: Show) -> str:
    name, second = found["name"], found["second"] or ""
    if _TWO_WORDS.search(found["argument"]):
        return found[0]
    pair = name.endswith(("frac", "binom"))
    tex, rest = (found[0], "") if pair else (found[0].removesuffix(second), second)
    shown = show(tex) if second or not pair else None
    if shown is None:
        return found[0] if is_full(kept) else place(kept, restore(found[0], kept))
    return shown + rest


def hide_unknown(text: str, kept: list[str]) -> str:
    """Hide commands that nobody knows with their arguments, except those that only dress words."""

    def hide(found: re.Match[str]) -> str:
        inside = f"{found['first']}{found['more']}"
        dressed = not found["more"] and (" " in found["first"] or "\\" not in inside)
        if found[1] in _KNOWN or dressed or is_full(kept):
            return f"\\{hidden(found[0][1:])}" if "\\" in inside else found[0]
        return place(kept, restore(found[0], kept))

    def hidden(part: str) -> str:
        return _UNKNOWN.sub(hide, part)

    return hidden(text)
