r"""Where math is in a text: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and the display environments.

This is the only place that decides it; cleaning and rendering both ask here. A dollar opens math only if
what follows reads like math: money, and a dollar without partner, stay text and swallow nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Span(NamedTuple):
    """One piece of math: `text[start:end]` with its delimiters, `tex` without."""

    start: int
    end: int
    tex: str
    display: bool


_LONGEST = 4000

_ENVIRONMENTS = r"(?:equation|align|aligned|gather|multline|eqnarray|displaymath|math|alignat|flalign)\*?"
_OPENING = re.compile(rf"\\\\|\\\$|\$\$|\$|\\\(|\\\[|\\begin\{{({_ENVIRONMENTS})\}}")
_DOLLAR = re.compile(r"\\[\\$]|\$|\n[^\S\n]*\n")
_TEXT_GROUP = re.compile(
    r"\\(?:text[a-z]*|mbox|hbox|math[a-z]+|operatorname\*?|rm|ce|emph|unit|si|SI|qty)\s*(?:\{[^{}]*\}){1,2}|\\[A-Za-z]+"
)
_FUNCTION_WORDS = re.compile(
    r"(?:(?<=\s)|^)(?:the|and|or|of|is|are|was|were|with|without|that|this|than|for|to|in|we|from|by|on|per|an|which|"
    r"where|whereas|while|as|at|it|has|have|can|not|but|our|its|sign|into|between|versus)(?=\s|[.,;]|$)",
    re.IGNORECASE,
)
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,.;:]?\s+\(?[A-Za-z]{2,}")
_SENTENCE_END = re.compile(r"[a-z]{2,}[.;:]\s+[A-Z]|[a-z]{3,}\.\s*$")
_TEX_SIGN = re.compile(r"\\[A-Za-z,;!%]|[\^_]")
_OTHER_MATH = re.compile(r"\\[()\[\]]|\\begin\{equation")
_WORD = re.compile(r"[A-Za-z]{2,}")


def math_spans(text: str) -> list[Span]:
    r"""Find the math in *text*, in order, not overlapping. Linear in the length of the text.

    `\$` never opens or closes; inline math doesn't reach over a blank line or 4,000 characters.
    """
    if "$" not in text and "\\" not in text:
        return []
    spans: list[Span] = []
    position = 0
    missing: set[str] = set()  # closing delimiters that no longer occur
    while opening := _OPENING.search(text, position):
        found = _span_at(text, opening, missing)
        if found:
            spans.append(found)
            position = found.end
        else:
            position = opening.end()
    return spans


def _span_at(text: str, opening: re.Match[str], missing: set[str]) -> Span | None:
    mark = opening[0]
    if mark == "$":
        return _inline_dollars(text, opening.start())
    if mark == "$$":
        return _delimited(text, opening, "$$", missing) or _inline_dollars(text, opening.start())
    if mark == "\\(":
        return _delimited(text, opening, "\\)", missing)
    if mark == "\\[":
        return _delimited(text, opening, "\\]", missing)
    if opening[1]:
        return _delimited(text, opening, f"\\end{{{opening[1]}}}", missing)
    return None


def _delimited(text: str, opening: re.Match[str], closing: str, missing: set[str]) -> Span | None:
    if closing in missing:
        return None
    end = text.find(closing, opening.end())
    if end < 0:
        missing.add(closing)
        return None
    inner = text[opening.end() : end]
    if not inner.strip() or len(inner) > _LONGEST or re.search(r"\n\s*\n", inner):
        return None
    stop = end + len(closing)
    environment = opening[1] and opening[1].rstrip("*") not in {"equation", "displaymath", "math"}
    tex = text[opening.start() : stop] if environment else inner
    return Span(opening.start(), stop, tex.strip(), opening[0] != "\\(" and opening[1] != "math")


def _inline_dollars(text: str, start: int) -> Span | None:
    position = start + 1
    limit = min(len(text), start + _LONGEST)
    for _ in range(4):  # a dollar inside \text{…} closes nothing
        while (found := _DOLLAR.search(text, position, limit)) and found[0] in {"\\\\", "\\$"}:
            position = found.end()
        if not found or found[0] != "$":
            return None
        inner = text[start + 1 : found.start()]
        if inner.count("{") - inner.count("\\{") <= inner.count("}") - inner.count("\\}") or "\\" not in inner:
            after = text[found.end() : found.end() + 1]
            return Span(start, found.end(), inner.strip(), display=False) if _reads_like_math(inner, after) else None
        position = found.end()
    return None


def _reads_like_math(inner: str, after: str) -> bool:
    bare = inner.strip()
    if not bare or bare[0] == "$" or _OTHER_MATH.search(inner):
        return False
    signs = _TEX_SIGN.search(inner) or (inner.isalnum() and not inner.isdigit())
    prose = _TEXT_GROUP.sub(" ", inner) if "\\" in inner else inner
    if " " in prose.strip() and (_FUNCTION_WORDS.search(prose) or _SENTENCE_END.search(prose)):
        return False
    return bool(signs) or _could_be_math(inner, bare, prose, after)


def _could_be_math(inner: str, bare: str, prose: str, after: str) -> bool:
    """Judge what holds no TeX: numbers, words, `x = 1`."""
    if inner[0].isdigit() and (after.isdigit() or (inner[-1].isspace() and (_WORD.search(inner) or "," in inner))):
        return False
    if inner[0].isspace() and inner[-1].isspace() and _WORD.search(inner):
        return False
    words_only = bare == inner and re.fullmatch(r"[A-Za-z]+(?:[ -][A-Za-z]+){0,3}", inner)
    return words_only is not None or not _TWO_WORDS.search(prose)
