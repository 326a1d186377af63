"""From the database's TeX to the Unicode that arXiv's pages and API show."""

from __future__ import annotations

import re
import unicodedata

_MARKS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "v": "\u030c", "c": "\u0327", "u": "\u0306", "H": "\u030b", "r": "\u030a",
}  # fmt: skip
_LETTERS = {"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å"}
_ACCENT = r"""\\(["'`^~=.]|[vcuHr](?=\{))(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))"""
_LETTER = rf"\\({'|'.join(_LETTERS)})"
_MATH = re.compile(r"(\$[^$]+\$)")


def to_unicode(tex: str) -> str:
    r"""Convert accents and letters (`\"u`, `{\L}`) outside math."""
    parts = _MATH.split(tex)
    parts[::2] = [_convert(part) for part in parts[::2]]
    return "".join(parts)


def _convert(tex: str) -> str:
    for pattern in (r"\{" + _ACCENT + r"\}", _ACCENT):
        tex = re.sub(pattern, lambda m: unicodedata.normalize("NFC", (m[2] or m[3]) + _MARKS[m[1]]), tex)
    for pattern in (r"\{" + _LETTER + r"\}", _LETTER + r"(?![A-Za-z])(?:\{\}| )?"):
        tex = re.sub(pattern, lambda m: _LETTERS[m[1]], tex)
    return tex


def unfold(text: str) -> str:
    """Join the lines of each paragraph; between paragraphs stay a line break and two blanks, as at arXiv."""
    return "\n  ".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()))


def folded(text: str) -> str:
    """Return *text* as it is searched: Unicode, no accents, lower case."""
    plain = unicodedata.normalize("NFD", to_unicode(text))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
