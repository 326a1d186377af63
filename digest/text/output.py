r"""The model's text for each output: plain Unicode, HTML, Markdown. Each escapes once, for its own layer.

The input is clean text (see `cleaning`): math is TeX between delimiters. What can't be converted stays
TeX, whole, with its delimiters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape

from digest.config.views import MathMode
from digest.text.characters import xml_safe
from digest.text.math_nodes import MathError
from digest.text.spans import Span, math_spans
from digest.text.tex_text import unescape, unescape_signs
from digest.text.text_tables import SUBSCRIPTS, SUPERSCRIPTS

_POWER = re.compile(r"(?<=[\w)\]])(?<!\^\d)(?<!\^\d\d)(?:\^(-?\d{1,3})(?![\d.^])|([\^_])\{([\w+\-−.,*]{1,24})\})")
_MARKDOWN = re.compile(r"(https?://[^\s<>\[\]()*`|\\\"]+)|([\\`*\[\]<>~|$]|(?<!\w)_|_(?!\w)|&(?=#?\w{1,31};))")
_LATEX = re.compile(r"[\\{}$&#%_~^]")
_LATEX_NAMES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
# Of the private use area (https://www.unicode.org/faq/private_use.html): they pass through rendering unchanged.
_BEGIN, _END = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_BEGIN}{_END}]")
_MARK_TAGS = {_BEGIN: "<mark>", _END: "</mark>"}
_LINE_START = re.compile(r"^(#{1,6}|[+=-]+|\d{1,9}(?=[.)]))(?=[.)\s]|$)", re.MULTILINE)


def to_plain(text: str) -> str:
    """Return clean text as plain Unicode, for titles and wherever markup isn't read.

    Not escaped: the writer of the format does that.
    """
    return _render(text, _plain_text, lambda span, source: _plain_math(span.tex, source))


def to_html(text: str, mode: MathMode = MathMode.AUTO) -> str:
    """Return clean text as an inline HTML fragment, escaped once.

    The only elements are `sup`, `sub`, `em` and MathML's. The result is well-formed XML, too.

    Args:
        text: Clean text.
        mode: What becomes of math.
    """
    text = xml_safe(text)
    if mode is MathMode.TEX:
        return escape(unescape(text), quote=False)
    return _render(text, _html_text, lambda span, source: _html_math(span.tex, source, mode, display=span.display))


def to_html_paragraphs(text: str, mode: MathMode = MathMode.AUTO) -> str:
    """Return an abstract as HTML, each of its paragraphs in `<p>`; "" for nothing."""
    return _paragraphs(to_html(text, mode))


def to_marked_html(text: str, places: Sequence[tuple[int, int]], mode: MathMode = MathMode.AUTO) -> str:
    """Return clean text as `to_html` does, with `<mark>` around some of its places.

    Args:
        text: Clean text.
        places: Where each begins, and where it ends (exclusive); in order, apart from one another, none in math.
        mode: What becomes of math.
    """
    return _MARKS.sub(lambda found: _MARK_TAGS[found[0]], to_html(_with_marks(text, places), mode))


def to_marked_paragraphs(text: str, places: Sequence[tuple[int, int]], mode: MathMode = MathMode.AUTO) -> str:
    """Return an abstract as `to_html_paragraphs` does, with `<mark>` around some of its places (see `to_marked_html`)."""
    return _paragraphs(to_marked_html(text, places, mode))


def _paragraphs(html: str) -> str:
    paragraphs = (part.strip() for part in html.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs if part)


def _with_marks(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Return *text* with signs of no meaning where marks begin and end; its own ones are taken out."""
    parts, position = [], 0
    for start, end in places:
        if text[start - 1 : start] in {"{", "^"}:  # part of a power, which is one piece
            continue
        parts += [_MARKS.sub("", text[position:start]), _BEGIN, _MARKS.sub("", text[start:end]), _END]
        position = end
    return "".join([*parts, _MARKS.sub("", text[position:])])


def to_markdown(text: str) -> str:
    r"""Return clean text as Markdown (CommonMark): math stays TeX, everything else means nothing but itself.

    All math is between dollars, which GitHub and most readers of Markdown understand; inside it `<` and `>`
    become `\lt` and `\gt`, which print the same and can't be taken for a tag. Addresses stay as they are.
    """
    marked = _render(text, _markdown_text, _markdown_math)
    return _LINE_START.sub(lambda found: f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}", marked)


def to_latex(text: str) -> str:
    """Return clean text as LaTeX text (UTF-8), which may stand between braces in a BibTeX file.

    Math stays as it is where braces, `%`, `#` and `&` in it can't do harm, else it becomes plain text. What means
    something in LaTeX text is escaped: a dollar that opens no math, `&`, `_` and the like. No brace is left open,
    counted as TeX does and as BibTeX does, which takes escaped ones for braces, too.
    """
    return _render(text, lambda piece: _latex_text(_plain_text(piece)), _latex_math)


def _render(text: str, write_text: Callable[[str], str], write_math: Callable[[Span, str], str]) -> str:
    parts: list[str] = []
    position = 0
    for span in math_spans(text):
        parts.append(write_text(text[position : span.start]))
        parts.append(write_math(span, text[span.start : span.end]))
        position = span.end
    parts.append(write_text(text[position:]))
    return "".join(parts)


def _plain_text(text: str) -> str:
    if "^" in text or "_{" in text:
        text = _POWER.sub(_plain_power, text)
    return unescape_signs(text)


def _plain_power(found: re.Match[str]) -> str:
    content = found[1] or found[3]
    table = SUBSCRIPTS if found[2] == "_" else SUPERSCRIPTS
    if all(sign in table for sign in content):
        return "".join(table[sign] for sign in content)
    return f"{found[2] or '^'}{content}" if re.fullmatch(r"[\w.]+", content) else f"{found[2] or '^'}({content})"


def _html_text(text: str) -> str:
    text = escape(text, quote=False)
    if "^" in text or "_{" in text:
        text = _POWER.sub(_html_power, text)
    return unescape_signs(text)


def _html_power(found: re.Match[str]) -> str:
    plain = _plain_power(found)
    if plain[0] not in "^_":
        return plain
    name = "sub" if found[2] == "_" else "sup"
    return f"<{name}>{(found[1] or found[3]).replace('-', '−')}</{name}>"


@lru_cache(maxsize=2048)
def _plain_math(tex: str, source: str) -> str:
    from digest.text.math_linear import write_plain
    from digest.text.math_parser import parse_math

    try:
        return write_plain(parse_math(tex))
    except MathError:
        return source


@lru_cache(maxsize=2048)
def _html_math(tex: str, source: str, mode: MathMode, *, display: bool) -> str:
    from digest.text.math_linear import write_html
    from digest.text.math_mathml import write_mathml
    from digest.text.math_parser import parse_math

    try:
        node = parse_math(tex)
    except MathError:
        return escape(source, quote=False)
    if mode is MathMode.MATHML:
        return xml_safe(write_mathml(node, display=display))
    try:
        return xml_safe(write_html(node, strict=mode is MathMode.AUTO, display=display))
    except MathError:
        return xml_safe(write_mathml(node, display=display)) if mode is MathMode.AUTO else escape(source, quote=False)


def _latex_text(plain: str) -> str:
    return _LATEX.sub(lambda found: _LATEX_NAMES.get(found[0], f"\\{found[0]}"), plain)


def _latex_math(span: Span, source: str) -> str:
    is_simple = not span.tex.startswith("\\begin") and _is_harmless(span.tex)
    return f"${span.tex}$" if is_simple else _latex_text(_plain_math(span.tex, source))


def _is_harmless(tex: str) -> bool:
    """Tell whether math can stand between braces: every brace has its partner, and nothing ends the line or the cell."""
    if re.search(r"(?<!\\)[%#$]|\\\Z", tex) or ("\\begin" not in tex and re.search(r"(?<!\\)&", tex)):
        return False
    return all(map(_is_balanced, (tex, re.sub(r"\\.", "", tex))))


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def _markdown_text(text: str) -> str:
    return _MARKDOWN.sub(lambda found: found[1] or f"\\{found[2]}", unescape_signs(text))


def _markdown_math(span: Span, source: str) -> str:
    if source.startswith("$"):
        return source.replace("<", r"\lt ").replace(">", r"\gt ")
    dollars = "$$" if span.display else "$"
    return f"{dollars}{span.tex}{dollars}".replace("<", r"\lt ").replace(">", r"\gt ")
