r"""TeX outside math to plain Unicode: accents, signs, dashes, quotes, commands that only dress a text.

The pipeline of one pass: math, addresses and commands with arguments that nobody knows are put behind
placeholders, formulas without dollars (`\bar\nu`) and character commands become characters, then groups are resolved from the innermost out, then ties, dashes and quotes. Commands that
nobody knows stay as they are, whole.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html.entities import html5

from digest.text.placeholders import is_full, place, restore
from digest.text.spans import math_spans
from digest.text.tex_fonts import in_small_capitals, without_switches
from digest.text.tex_formulas import Show, hide_unknown, show_formulas
from digest.text.text_tables import (
    ACCENTS,
    BLANKS,
    BRACKETED,
    DROPPED,
    FUNCTIONS,
    GREEK,
    LETTERS,
    OPENING_SIGNS,
    PAIRS,
    SCREENED,
    SIGNS,
    SMALL_CAPITALS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SWITCHES,
    UNITS,
    UNWRAPPED,
)

_OPEN, _CLOSE = "\U000fff10", "\U000fff11"  # braces that stay
_SPECIAL = re.compile(r"[\\{}~`]|--|''|&[#A-Za-z]")
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});(?!#?\w{1,31};)")
_URL = re.compile(r"(?:https?|ftp)://(?:\\[_%#&~]|[^\s\\{}$<>\"|^`\U000f0000-\U000fff00])+")

_BASES = "|".join(sorted((*LETTERS, *GREEK)))
_LETTER = rf"(?:\\(?:{_BASES})(?![A-Za-z])(?:\s+|\{{\}})?|[^\W\d_][\u0300-\u036f]*)"
# A blank before the letter: `Dvo\v r`. The rest are also what patterns and programs write (`\d and \w`, `said\" or`).
_ACCENT = re.compile(
    r"""\\(?P<a>['"`^~=.])\{\s*(?P<b>X)\s*\}|\\(?P<c>['"`^~=.])(?P<d>X)"""
    r"|\\(?P<e>[uvHckrdbht])\s*\{\s*(?P<f>X)\s*\}|\\(?P<g>[uvHck])\s+(?P<h>X)|\\(?P<i>[uvHckrdbh])(?P<j>\\X)"
    r"|(?<=[^\W\d_])\\(?P<k>[rdbht'`^])[^\S\n]+(?P<l>X)|\\(?P<m>[rdbht])[^\S\n]+(?P<n>(?=[^\W\d_a-z])X)".replace(
        r"\\X", rf"\\(?:{_BASES})(?![A-Za-z])(?:\s+|\{{\}})?"
    ).replace("X", _LETTER)
)
_COMMAND = re.compile(r"\\([A-Za-z]+)(\{\}|(?P<blank>[^\S\n]+|\n(?!\s))(?=(.?)))?|\\([^A-Za-z{}$])(\{\})?", re.DOTALL)
_PAIR = re.compile(rf"\\({'|'.join(sorted(PAIRS))})\s*(?:\[[^\]{{}}]*\])?\s*\{{([^{{}}]*)\}}\s*\{{([^{{}}]*)\}}")
_GROUP = re.compile(r"(?:\\([A-Za-z]+)\*?(?:\[[^\]{}]*\])*[^\S\n]*)?\{([^{}]*)\}")
_UNCLOSED = re.compile(r"\\([A-Za-z]+)\{(?=[^{}]*\Z)")
_ESCAPE = re.compile(r"\\([${}])|\\textbackslash(?:\{\}|(?![A-Za-z]))")
_WITH_ARGUMENT = UNWRAPPED | DROPPED | BRACKETED | PAIRS | {"footnote", "enquote", "ensuremath"}
_BRACE = re.compile(r"[{}]")
_DEEPEST = 12
_MEASURED = re.compile(r"(?:[\d/\U000f0000-\U000fff00]|\b(?:per|few|several|sub))(?:[\s~-]|\\[,;: ])*\Z")
_LINE_BREAK = re.compile(r"\\\\\*?[^\S\n]*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|pc|bp|\\[a-z]+)\s*\]")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[A-Za-z]+\*?\}(?:\[[^\]]*\])?")
_TWICE = re.compile(r"(?<!\S)(\S{4,200}) \(((?:https?://)?\1)\)")
_ITEM = re.compile(r"\\item(?![A-Za-z])\s*")
_PARAGRAPH = re.compile(r"\\par(?![A-Za-z])\s*")
_ROMAN = re.compile(r"\\romannumeral\s*(\d{1,3})")
_DING = re.compile(r"\\ding\s*\{\s*(\d{2,3})\s*\}")

_TIE = re.compile(r"(?<=[^\s~(\[{=<>/])~+(?=[^~=]|$)|(?<=\s)~+(?=[A-Za-z\[]{2})")
# `z~4`, `L(Ha)~10`, `[Fe/H]~ -1`, `$x$~5`, `0%~20%`: here a tilde says "about" or "to"
_ABOUT = re.compile(r"(?:(?<=[\d%)\]\U000f0000-\U000fff00])|(?<=(?<![^\W\d_])[^\W\d_]))~(?=[^\S\n]*[-−]?[\d.]*\d)")
_DASHES = re.compile(r"(?<![-!<])(---?)(?![->])")
_DOUBLE_QUOTED = re.compile(r"``(?!`)((?:[^`'\n]|'(?!')|\n(?!\n)){1,400}?)(?:''|\"(?!\w))")
_SINGLE_QUOTED = re.compile(r"(?<![\w`\\])`(?![`\s])([^`'\n]{1,120}(?:'\w[^`'\n]{0,120}){0,2})'(?![\w'])")


def has_tex(text: str) -> bool:
    """Tell whether *text* holds anything that `untex` might change."""
    return _SPECIAL.search(text) is not None


def _keep_whole(_: str) -> None:
    return None


def untex(text: str, *, show: Show = _keep_whole) -> str:
    r"""Turn TeX outside math into plain Unicode; math stays untouched, but for formulas without dollars.

    *show* writes those; where it can't, they stay, whole.

    One pass: what it makes may hold new TeX, rarely; `cleaning` repeats until nothing changes.
    `\$`, `\{` and `\}` lose their backslash unless what is left would then be read as TeX.
    """
    if not has_tex(text):
        return text
    text = _one_pass(text, show)
    if "\\$" in text or "\\{" in text or "\\}" in text or "\\textbackslash" in text:
        bare = unescape(text)
        if _one_pass(bare, show) == bare and len(math_spans(bare)) == len(math_spans(text)):
            return bare
    return text


def unescape(text: str) -> str:
    r"""Drop the backslashes of `\$`, `\{` and `\}` outside math: how clean text is to be shown."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    position = 0
    for span in math_spans(text):
        pieces += (unescape_signs(text[position : span.start]), text[span.start : span.end])
        position = span.end
    pieces.append(unescape_signs(text[position:]))
    return "".join(pieces)


def unescape_signs(text: str) -> str:
    """Do the same for text that holds no math."""
    return _ESCAPE.sub(lambda found: found[1] or "\\", text) if "\\" in text else text


def _one_pass(text: str, show: Show) -> str:
    text = _ENTITY.sub(_entity, text) if "&" in text else text
    text, kept = _hide_math(text)
    text = _hide_addresses(text, kept)
    if "\\" in text:
        text = hide_unknown(show_formulas(text, kept, show), kept)
        text = _character_commands(text)
    if "{" in text:
        text = _resolve_groups(text)
    text = _restore_braces(text)
    text = restore(_punctuation(text), kept)
    return _TWICE.sub(r"\2", text) if "://" in text else text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] != "#":
        return html5.get(name + ";", found[0])
    code = int(f"0{name[1:]}", base=0) if name[1] in "xX" else int(name[1:])
    printable = code < 0x110000 and not 0xD800 <= code < 0xE000 and (code > 0x9F or 0x20 <= code < 0x7F)
    return chr(code) if printable else found[0]


def _hide_math(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    pieces: list[str] = []
    position = 0
    for span in math_spans(text):
        if is_full(kept):
            break
        pieces += (text[position : span.start], place(kept, text[span.start : span.end]))
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces), kept


def _hide_addresses(text: str, kept: list[str]) -> str:
    if "://" not in text:
        return text

    def hide(found: re.Match[str]) -> str:
        if is_full(kept):
            return found[0]
        address = re.sub(r"\\(.)", r"\1", found[0])
        places[address] = places.get(address) or place(kept, address)
        return places[address]

    places: dict[str, str] = {}
    return _URL.sub(hide, text)


def _character_commands(text: str) -> str:
    text = _ENVIRONMENT.sub(" ", text)
    text = _ITEM.sub("• ", text)
    text = _LINE_BREAK.sub(" ", text)
    text = _PARAGRAPH.sub("\n\n", text)
    text = _ROMAN.sub(lambda found: _roman(int(found[1])), text)
    text = _DING.sub(_ding, text)
    text = text.replace("\\c{opyright}", "©")
    text = _bare_letters(text)
    text = without_switches(text)
    for _ in range(3):  # accents may be stacked
        changed = _ACCENT.sub(_accent, text)
        if changed == text:
            break
        text = changed
    return _COMMAND.sub(_command, text)


_WRAPPED_LETTER = re.compile(rf"\{{\s*\\({'|'.join(LETTERS)})(?:\{{\}})?\s*\}}")


def _bare_letters(text: str) -> str:
    return _WRAPPED_LETTER.sub(lambda found: LETTERS[found[1]] if found[1] not in "ij" else found[0], text)


_DOTTED = str.maketrans("ıȷ", "ij")


def _accent(found: re.Match[str]) -> str:
    command, letter = (part for part in found.groups() if part is not None)
    name = letter.strip("\\{} \n\t") if letter.startswith("\\") else ""
    braced = found[0].endswith("}") or name not in {"", "i", "j"} or command == "t"
    letter = (LETTERS.get(name) or GREEK[name]) if name else letter
    letter = letter.translate(_DOTTED)  # arXiv's pages have `\"{\i}` as `\"ı` already
    if command == "b" and letter[0] not in "dkltnrz":
        return letter
    if command == "." and letter in "ij":
        return letter
    composed = unicodedata.normalize("NFC", letter + ACCENTS[command])
    if len(composed) > len(unicodedata.normalize("NFC", letter)) and not braced:
        return found[0] if command == '"' or command.isalpha() else letter
    return composed


def _command(found: re.Match[str]) -> str:  # noqa: PLR0911 (one return a class of commands)
    name, tail, blank, following, sign = found[1], found[2] or "", found["blank"], found[4], found[5]
    if sign is not None:
        if sign in "~^" or sign not in SCREENED:
            return sign if sign in "~^" and found[6] else ("~" if sign == "~" else found[0])
        return SCREENED[sign]
    if name in LETTERS:
        # `\AA` after a number is the unit, and the blank after it is meant; `\AA rhus` is a word
        unit = name == "AA" and blank and _MEASURED.search(found.string, max(0, found.start() - 20), found.start())
        return LETTERS[name] + (blank if blank and (unit or not (following or "").isalpha()) else "")
    if name in SIGNS:
        return SIGNS[name] + ("" if name in OPENING_SIGNS else blank or "")
    if name in BLANKS:
        return " "
    if name == "textbackslash" or (tail == "{}" and name in _WITH_ARGUMENT):
        return found[0]
    if name in FUNCTIONS and tail != "{}":
        return _function(found, name, blank or "")
    symbol = _math_symbol(name)
    if symbol and (tail == "{}" or found.string[found.end(1) : found.end(1) + 1] != "{"):
        return symbol + (blank or "")
    return f"\\{name}{' ' if tail == '{}' and found.string[found.end() : found.end() + 1].isalpha() else blank or ''}"


def _function(found: re.Match[str], name: str, blank: str) -> str:
    r"""Write `n\log\log n` as "n log log n"."""
    text, start, end = found.string, found.start(), found.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    left = " " if before.isalnum() or before in {")", "]"} else ""
    return f"{left}{name}{blank or (' ' if after == chr(92) or after.isalnum() else '')}"


@cache
def _math_symbol(name: str) -> str | None:
    from digest.text.math_tables import symbol_text

    return symbol_text(name)


def _roman(number: int) -> str:
    parts = []
    for value, letters in (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        count, number = divmod(number, value)
        parts.append(letters * count)
    return "".join(parts)


def _ding(found: re.Match[str]) -> str:
    number = int(found[1])
    if 172 <= number <= 181:
        return chr(0x2460 + number - 172)
    if 182 <= number <= 191:
        return chr(0x2776 + number - 182)
    return {51: "✓", 52: "✔", 55: "✗", 56: "✘", 72: "★", 73: "☆"}.get(
        number, found[0].replace("{", _OPEN).replace("}", _CLOSE)
    )


def _nesting(text: str) -> int:
    deepest = depth = 0
    for found in _BRACE.finditer(text):
        depth += 1 if found[0] == "{" else -1
        deepest = max(deepest, depth)
    return deepest


def _resolve_groups(text: str) -> str:
    if _nesting(text) > _DEEPEST:
        return text  # nobody writes so; leaving it alone keeps the time linear
    for _ in range(2 * _DEEPEST):
        changed = _PAIR.sub(_pair, text)
        changed = _GROUP.sub(_group, changed)
        if changed == text:
            break
        text = changed
    return _UNCLOSED.sub(_unclosed, text)


def _unclosed(found: re.Match[str]) -> str:
    return "" if found[1] in UNWRAPPED else " (" if found[1] == "footnote" else found[0]


def _pair(found: re.Match[str]) -> str:
    name, first, second = found[1], found[2], found[3]
    if name in {"SI", "qty"}:
        unit = _units(second)
        return f"{first}{unit}" if unit in {"°", "%"} else f"{first} {unit}"
    if name == "ion":
        return f"{first} {second.strip().upper()}"
    if name != "href" or not first or second.strip() == first:
        return second
    return f"{second} ({first})"


def _units(text: str) -> str:
    parts = re.sub(r"\\([A-Za-z]+)\s*", lambda found: UNITS.get(found[1], found[0]), text)
    return parts.replace(".", " ").strip()


def _group(found: re.Match[str]) -> str:  # noqa: C901, PLR0911, PLR0912 (one return a class of commands)
    name, inner = found[1], found[2]
    if name is None:
        return _plain_group(found, inner)
    if name in SMALL_CAPITALS:
        return in_small_capitals(inner, found.string[max(0, found.start() - 60) : found.start()])
    if name in UNWRAPPED or name in SWITCHES:
        return inner
    if name in DROPPED:
        return ""
    if name in BRACKETED:
        return f"[{inner.strip()}]" if inner.strip() else ""
    if name in {"footnote", "footnotetext", "thanks"}:
        return f" ({inner.strip()})" if inner.strip() else ""
    if name in {"textsuperscript", "textsubscript"}:
        return _script(inner, raised=name == "textsuperscript")
    if name == "enquote":
        return f"“{inner}”"
    if name == "ensuremath":
        return f"${inner}$"
    if name in {"uppercase", "MakeUppercase"}:
        return inner.upper()
    if name in ACCENTS and inner[:1].isalpha():
        return inner if name == "b" else unicodedata.normalize("NFC", inner[0] + ACCENTS[name]) + inner[1:]
    if name in PAIRS:
        return found[0]  # its second argument is not ready yet
    if " " in inner.strip() and found.string[found.end() : found.end() + 1] != "{":
        return inner  # an unknown command around words: the words are what matters
    return found[0].replace("{", _OPEN).replace("}", _CLOSE)


def _script(inner: str, *, raised: bool) -> str:
    table = SUPERSCRIPTS if raised else SUBSCRIPTS
    if all(character in table for character in inner):
        return "".join(table[character] for character in inner)
    return inner if inner in {"*", "†", "‡", "®", "™"} else f"{'^' if raised else '_'}{_OPEN}{inner}{_CLOSE}"


def _plain_group(found: re.Match[str], inner: str) -> str:
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    kept = f"{_OPEN}{inner}{_CLOSE}"
    if before in {"^", "_", "\\", _CLOSE} or before == "}" or after == _OPEN:
        return kept if before != "}" else found[0]
    glued = (before and not before.isspace()) or (after and not after.isspace())
    if not inner.strip():
        return inner if glued else kept
    looks_like_set = "," in inner and max(len(part.split()) for part in inner.split(",")) <= 2
    looks_like_code = re.search(r"[*=;\"|\[\]<>$@#%\\]|:(?!/|\s)|^\d+$", inner) and "://" not in inner
    if inner in {",", "%", "-", ".", "–", "—"} or (glued and inner.isdigit()):
        return inner
    return kept if looks_like_set or looks_like_code else inner


def _restore_braces(text: str) -> str:
    return text.replace(_OPEN, "{").replace(_CLOSE, "}") if _OPEN in text or _CLOSE in text else text


def _punctuation(text: str) -> str:
    if "~" in text:
        text = _ABOUT.sub(_OPEN, text)
        text = _TIE.sub(" ", text).replace(_OPEN, "~")
    if "--" in text:
        text = _DASHES.sub(_dash, text)
    if "`" in text:
        text = _DOUBLE_QUOTED.sub(r"“\1”", text)
        text = _SINGLE_QUOTED.sub(r"‘\1’", text)
    return text


def _dash(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    if (not before or before.isspace()) and after.isalpha() and after.islower():
        return found[0]  # a command line option, as far as one can tell
    return "—" if len(found[0]) == 3 else "–"
