"""arXiv's text to the model's: TeX outside math resolved, blanks folded, hidden characters dropped.

All functions are idempotent. Math stays TeX between its delimiters; only its white space is folded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from digest.text.bare_formulas import show_formula
from digest.text.characters import visible
from digest.text.spans import math_spans
from digest.text.tex_text import has_tex, untex

_BLANKS = re.compile(r"\s+")
_PARAGRAPH = re.compile(r"\n(?:[^\S\n]*\n)+\s*|\n(?:[^\S\n]{2,}|\t)\s*")
_MOST_PASSES = 8


def clean_title(raw: str) -> str:
    """Clean a title: one line."""
    return _one_line(raw)


def clean_comment(raw: str) -> str:
    """Clean a comment, a journal reference or any other free text of one line."""
    return _one_line(raw)


def clean_name(raw: str) -> str:
    """Clean one author's name or affiliation: one line, no math."""
    return _one_line(raw)


def clean_abstract(raw: str) -> str:
    r"""Clean an abstract; paragraphs are separated by a blank line (`\n\n`).

    A line break followed by two spaces starts a paragraph, so does an empty line; any other is a space.

    Source: arXiv help, https://info.arxiv.org/help/prep.html.
    """
    return _settled(raw, _fold_paragraphs)


def _one_line(raw: str) -> str:
    return _settled(raw, _fold_all)


def _settled(raw: str, fold: Callable[[str], str]) -> str:
    text = fold(visible(raw))
    for _ in range(_MOST_PASSES):
        if not has_tex(text):
            break
        changed = fold(visible(untex(text, show=show_formula)))
        if changed == text:
            break
        text = changed
    return text


def _fold_all(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _fold_paragraphs(text: str) -> str:
    text = text.strip()
    if "\n" not in text:
        return _BLANKS.sub(" ", text)
    paragraphs = _PARAGRAPH.split(_join_math_lines(text))
    return "\n\n".join(filter(None, (_BLANKS.sub(" ", part).strip() for part in paragraphs)))


def _join_math_lines(text: str) -> str:
    # An indented line inside displayed math starts no paragraph.
    pieces: list[str] = []
    position = 0
    for span in math_spans(text):
        pieces += (text[position : span.start], _BLANKS.sub(" ", text[span.start : span.end]))
        position = span.end
    return "".join(pieces) + text[position:] if pieces else text
