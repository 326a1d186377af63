"""A model's longer text, Markdown, as HTML for items and pages.

Hostile whatever it says: HTML in it is escaped, links and images stay text, and what comes of it passes
nh3 with a short list of elements. Math is taken out before and put in behind it: to Markdown, `_` means emphasis.

Source: CommonMark 0.31, https://spec.commonmark.org/0.31.2/.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.config.views import MathMode
from digest.text import to_html
from digest.text.spans import math_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

ELEMENTS = frozenset(
    {"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "hr", "br"}
)
"""All that a longer text may have, besides `sup`, `sub`, `em` and MathML of its formulas."""

# Characters of the private use area, which the model's text is cleaned of here: nobody else can write a place.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_PLACE_SIGNS = str.maketrans("", "", _OPEN + _CLOSE)


def long_text_html(text: str, math: MathMode = MathMode.AUTO) -> str:
    """Return Markdown as clean HTML blocks, headings from the third level on; "" for nothing."""
    import nh3

    text = text.translate(_PLACE_SIGNS)
    formulas: list[str] = []
    pieces: list[str] = []
    end = 0
    for span in math_spans(text):
        pieces += [text[end : span.start], f"{_OPEN}{len(formulas)}{_CLOSE}"]
        formulas.append(to_html(text[span.start : span.end], math))
        end = span.end
    html = _reader().render("".join([*pieces, text[end:]]))
    clean = nh3.clean(html, tags=set(ELEMENTS), attributes={}, link_rel=None)
    return _PLACE.sub(lambda place: formulas[int(place[1])], clean).strip()


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).disable(
        ["link", "image", "autolink", "reference", "html_inline", "html_block"]
    )
    made.core.ruler.push("lower_headings", _lower_headings)
    return made


def _lower_headings(state: StateCore) -> None:
    """Begin headings at the third level: an item is under headings of its own."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
