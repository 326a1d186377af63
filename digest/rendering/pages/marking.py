"""Texts of papers with marks: what the feed looked for, and the passages that a model's grades rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.models import Entry
from digest.selection.marking import Place, Sought, places_of, united
from digest.text import math_spans, to_marked_html, to_marked_paragraphs

NOTHING = Sought()
"""Of a page that looks for nothing."""


def marked_text(text: str, sought: Sought = NOTHING) -> str:
    """Return a title or a TL;DR as HTML, the words that were looked for in `<mark>`, none inside math."""
    return to_marked_html(text, places_of(sought.terms, text, avoid=_math(text)))


def marked_abstract(entry: Entry, sought: Sought = NOTHING) -> str:
    """Return the abstract as HTML paragraphs, with `<mark>` around what was looked for, and each quote that proves a grade.

    A quote that begins or ends inside math isn't marked: half a formula can't be shown.
    """
    text = entry.paper.abstract
    math = _math(text)
    places = [*places_of(sought.terms, text, avoid=math), *_quotes(entry, math)]
    return to_marked_paragraphs(text, united(places))


def _quotes(entry: Entry, math: Sequence[Place]) -> Iterator[Place]:
    text = entry.paper.abstract
    for match in entry.matches:
        quote = match.proof.quote if match.proof and match.proof.field == "abstract" else ""
        begin = text.find(quote) if quote else -1
        end = begin + len(quote)
        if begin >= 0 and not any(start < edge < stop for start, stop in math for edge in (begin, end)):
            yield begin, end


def _math(text: str) -> list[Place]:
    return [(span.start, span.end) for span in math_spans(text)]
