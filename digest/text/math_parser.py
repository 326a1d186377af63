r"""Read a TeX formula into a tree. What isn't known raises, so that the formula stays TeX, whole.

Here are the commands with a grammar of their own: fractions, roots, fences, text, tables, units.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final

from digest.text import math_tables as tables
from digest.text.math_nodes import Atom, Fence, Fraction, MathError, Node, Root, Row, Stack, Table
from digest.text.math_reader import Command, Reader, row_of
from digest.text.tex_text import unescape, untex
from digest.text.text_tables import UNITS, names

_BLANK_COMMANDS: Final = {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\n": " ", "!": "", "/": "", "quad": "  ", "qquad": "  ",
                          "enspace": " ", "thinspace": " ", "medspace": " ", "thickspace": " ", "negthinspace": "", "space": " ",
                          "nobreakspace": " ", "enskip": " ", "-": ""}  # fmt: skip
_IGNORED: Final = names(
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag mathstrut strut allowbreak nobreak "
    "hfill relax centering noindent boldmath unboldmath protect smash big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl "
    "biggr biggm Biggl Biggr Biggm mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner ensuremath small "
    "normalsize large Large tiny scriptsize footnotesize hline xspace upright unitalic"
)
_TEXT_COMMANDS: Final = names(
    "text textrm textup textnormal mbox hbox textsf texttt textsc textmd textit textbf emph textsl mathtext "
    "fbox underline_text"
)
_FENCES: Final = {"matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"),
                  "Vmatrix": ("‖", "‖"), "smallmatrix": ("", ""), "cases": ("{", ""), "rcases": ("", "}"), "array": ("", ""),
                  "dcases": ("{", "")}  # fmt: skip
_ALIGNED: Final = names("align aligned gather gathered split multline eqnarray alignat flalign alignedat")


def parse_math(tex: str) -> Node:
    """Read one formula, without its delimiters.

    Raises:
        MathError: An unknown command, unbalanced braces, or more of it than a formula has.
    """
    return Reader(tex, _COMMANDS).whole()


def _text(reader: Reader, name: str) -> Node:
    raw = reader.tokens.raw_group()
    pieces = raw.split("$")
    if len(pieces) % 2 == 0:
        raise MathError("stray $")
    items: list[Node] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            items.append(reader.nested(piece))
        elif piece:
            plain = unescape(untex(piece.replace("~", " ")))
            if "\\" in plain:
                raise MathError("TeX in text")
            items.append(_bold_letter(plain) if name == "textbf" else Atom("text", plain))
    return row_of(items)


def _operator(reader: Reader, _: str) -> Node:
    node = reader.in_variant("rm")
    letters = _letters(node)
    return Atom("name", letters) if letters else node


def _fraction(reader: Reader, name: str) -> Node:
    top = reader.argument()
    bottom = reader.argument()
    if name in {"binom", "dbinom", "tbinom"}:
        return Fence("(", Fraction(top, bottom, bar=False), ")")
    return Fraction(top, bottom)


def _root(reader: Reader, _: str) -> Node:
    index = reader.tokens.option()
    return Root(reader.argument(), reader.nested(index) if index else None)


def _fence(reader: Reader, _: str) -> Node:
    left = _delimiter(reader)
    body = reader.row(stop=("\\right",))
    if reader.tokens.next() != "\\right":
        raise MathError("\\left without \\right")
    return Fence(left, body, _delimiter(reader))


def _middle(reader: Reader, _: str) -> Node:
    return Atom("rel", _delimiter(reader))


def _delimiter(reader: Reader) -> str:
    reader.tokens.skip_blanks()
    sign = reader.tokens.next()
    if sign == ".":
        return ""
    if sign[0] != "\\":
        return {"<": "⟨", ">": "⟩"}.get(sign, sign)
    name = sign[1:]
    if name in "{}":
        return name
    for table in (tables.OPENING, tables.CLOSING, tables.BARS, tables.RELATIONS, tables.BINARY):
        if name in table:
            return table[name]
    raise MathError(f"delimiter {sign}")


def _unwrap_second(reader: Reader, _: str) -> Node:
    reader.tokens.raw_group()
    return reader.argument()


def _drop(reader: Reader, _: str) -> None:
    reader.tokens.raw_group()


def _blank_of(reader: Reader, _: str) -> Node:
    reader.tokens.raw_group()
    return Atom("space", " ")


def _stack(reader: Reader, name: str) -> Node:
    if name in {"overbrace", "underbrace"}:
        return _brace(reader, over=name == "overbrace")
    if name in {"xrightarrow", "xleftarrow"}:
        under = reader.tokens.option()
        arrow = Atom("rel", "→" if name == "xrightarrow" else "←")
        return Stack(arrow, reader.argument(), reader.nested(under) if under else None)
    outer, base = reader.argument(), reader.argument()
    return Stack(base, None, outer) if name == "underset" else Stack(base, outer, None)


def _brace(reader: Reader, *, over: bool) -> Node:
    body = reader.argument()
    reader.tokens.skip_blanks()
    note: Node | None = None
    if reader.tokens.peek() == ("^" if over else "_"):
        reader.tokens.next()
        note = reader.argument()
    braced = Stack(body, Atom("ord", "⏞"), None) if over else Stack(body, None, Atom("ord", "⏟"))
    if note is None:
        return braced
    return Stack(braced, note, None) if over else Stack(braced, None, note)


def _negated(reader: Reader, _: str) -> Node:
    node = reader.argument()
    if not isinstance(node, Atom) or len(node.text) != 1:
        raise MathError("\\not")
    return Atom(node.kind, unicodedata.normalize("NFC", node.text + "\u0338"))


def _modulo(reader: Reader, name: str) -> Node:
    if name == "pmod":
        return row_of(
            [Atom("space", " "), Atom("open", "("), Atom("name", "mod"), reader.argument(), Atom("close", ")")]
        )
    return Atom("bin", "mod")


def _substack(reader: Reader, _: str) -> Node:
    reader.tokens.skip_blanks()
    if reader.tokens.next() != "{":
        raise MathError("\\substack")
    rows = _rows(reader, "}")
    return Table(rows, "", "", "")


def _environment(reader: Reader, _: str) -> Node:
    name = reader.tokens.raw_group()
    bare = name.rstrip("*")
    if bare in {"array", "alignat", "alignedat"}:
        reader.tokens.raw_group()
    if bare not in _FENCES and bare not in _ALIGNED:
        raise MathError(f"environment {name}")
    rows = _rows(reader, "\\end")
    if reader.tokens.raw_group() != name:
        raise MathError("environments cross")
    left, right = _FENCES.get(bare, ("", ""))
    align = "rl" if bare in _ALIGNED else "l" if "cases" in bare else ""
    if bare in _ALIGNED and len(rows) == 1:
        return row_of(list(rows[0]))
    return Table(rows, left, right, align)


def _rows(reader: Reader, end: str) -> tuple[tuple[Node, ...], ...]:
    rows: list[tuple[Node, ...]] = []
    cells: list[Node] = []
    while True:
        cells.append(reader.row(stop=("&", "\\\\", end)))
        sign = reader.tokens.next()
        if sign == "&":
            continue
        if cells != [Row(())] or sign == "\\\\":
            rows.append(tuple(cells))
        cells = []
        if sign == end:
            return tuple(rows)
        if sign != "\\\\":
            raise MathError("unbalanced braces")
        reader.tokens.option()


def _line_break(_reader: Reader, _: str) -> Node:
    return Atom("space", " ")


def _quantity(reader: Reader, name: str) -> Node:
    reader.tokens.option()
    number = reader.tokens.raw_group() if name not in {"si", "unit"} else ""
    unit = reader.tokens.raw_group() if name != "num" else ""
    plain = re.sub(r"\\([A-Za-z]+)\s*", lambda found: UNITS.get(found[1], found[0]), unit).replace("~", " ")
    if "\\" in plain or "{" in plain:
        raise MathError("units")
    items = (
        [reader.nested(number.replace("e", r"\times10^").strip() if re.fullmatch(r"[\d.]+e-?\d", number) else number)]
        if number
        else []
    )
    return row_of(
        [*items, *([Atom("space", " ")] if number and unit else []), *([Atom("text", plain)] if unit else [])]
    )


def _code_point(reader: Reader, _: str) -> Node:
    reader.tokens.option()
    raw = reader.tokens.raw_group().strip()
    try:
        code = int(raw[1:], 16) if raw[:1] in {"x", "X", '"'} else int(raw)
        character = chr(code)
    except (ValueError, OverflowError):
        raise MathError("\\unicode") from None
    if not character.isprintable():
        raise MathError("\\unicode")
    return Atom("text", character)


def _struck(reader: Reader, _: str) -> Node:
    """Strike letters out one by one: "missing energy" is not the energy."""
    node = reader.argument()
    items = node.items if isinstance(node, Row) else (node,)
    if not items or not all(isinstance(item, Atom) and item.text.isalnum() and len(item.text) == 1 for item in items):
        raise MathError("\\cancel")
    return row_of([_with_stroke(item) for item in items if isinstance(item, Atom)])


def _with_stroke(atom: Atom) -> Atom:
    return replace(atom, text=unicodedata.normalize("NFC", atom.text + "\u0338"))


def _cut_bar(reader: Reader, _: str) -> Node:
    return reader.argument()


def _blank(_reader: Reader, name: str) -> Node | None:
    width = _BLANK_COMMANDS[name]
    return Atom("space", " ") if width else None


def _ignored(_reader: Reader, _: str) -> None:
    return None


def _literal_brace(_reader: Reader, name: str) -> Node:
    return Atom("open" if name == "{" else "close", name)


def _screened(_reader: Reader, name: str) -> Node:
    return Atom("ord", name)


def _bar(_reader: Reader, _: str) -> Node:
    return Atom("bar", "‖")


def _bold_letter(text: str) -> Atom:
    return Atom("ord", tables.in_alphabet(text, "bf")) if len(text) == 1 else Atom("text", text)


def _letters(node: Node) -> str:
    items = node.items if isinstance(node, Row) else (node,)
    if all(isinstance(item, Atom) and item.kind in {"ord", "num", "space", "text", "name", "bin"} for item in items):
        return "".join(item.text for item in items if isinstance(item, Atom))
    return ""


_COMMANDS: Final[dict[str, Command]] = {
    **dict.fromkeys(_TEXT_COMMANDS, _text),
    **dict.fromkeys(_IGNORED, _ignored),
    **dict.fromkeys(_BLANK_COMMANDS, _blank),
    **dict.fromkeys(("operatorname", "DeclareMathOperator", "opname"), _operator),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "binom", "dbinom", "tbinom"), _fraction),
    **dict.fromkeys(
        ("overset", "underset", "stackrel", "xrightarrow", "xleftarrow", "overbrace", "underbrace"), _stack
    ),
    **dict.fromkeys(("color", "label", "tag", "phantom", "hphantom", "vphantom", "vspace"), _drop),
    **dict.fromkeys(("textcolor", "mathcolor", "colorbox"), _unwrap_second),
    **dict.fromkeys(("hspace", "mspace", "hskip", "kern"), _blank_of),
    **dict.fromkeys(("pmod", "bmod", "mod"), _modulo),
    **dict.fromkeys(("SI", "qty", "num", "si", "unit"), _quantity),
    **dict.fromkeys(("boxed", "mathclap", "mathrlap", "mathllap", "uline", "bigl_"), _cut_bar),
    **dict.fromkeys("{}", _literal_brace),
    **dict.fromkeys("%$&#_", _screened),
    "sqrt": _root,
    "left": _fence,
    "middle": _middle,
    "not": _negated,
    "cancel": _struck,
    "substack": _substack,
    "begin": _environment,
    "unicode": _code_point,
    "|": _bar,
    "\\": _line_break,
}
