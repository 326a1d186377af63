"""A formula on one line: as plain Unicode, or as HTML with `<sup>`, `<sub>` and `<em>`.

Strict writing refuses what a line would misrepresent (matrices, tall fractions, stacked signs), so that
the caller can turn to MathML. Blanks follow TeX's classes: around relations and binary operators, after
commas, none of them inside scripts.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import Final, NamedTuple

from digest.text.math_nodes import (
    Accent,
    Atom,
    Fence,
    Fraction,
    Kind,
    MathError,
    Node,
    Root,
    Row,
    Scripts,
    Stack,
    Table,
)
from digest.text.text_tables import SUBSCRIPTS, SUPERSCRIPTS

_VULGAR: Final = {("1", "2"): "½", ("1", "3"): "⅓", ("2", "3"): "⅔", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "8"): "⅛"}
_ROOTS: Final = {"3": "∛", "4": "∜"}
_SIGNED_DIGITS: Final = frozenset("0123456789+−-")
_RAISED_ALREADY: Final = frozenset("′″‴°†‡")
_PREFIXES: Final = frozenset("∼≈≃≲≳≤≥><") | {"&gt;", "&lt;"}  # "about 60": nothing is before them
_EM_SEAM = re.compile(r"</em><em>")
_ONE_SCRIPT = re.compile(r"[^\W_⁰¹²³⁴-₎ⁿⁱₐ-ₜᵢᵣᵤᵥⱼ]+[′∗*⋆⊤†]?")
_BLANKS = re.compile(r" {2,}")
_STACKED_IN_LINE: Final = frozenset({"rel", "bin", "big", "name"})
_LEFT_OPERANDS: Final = frozenset({"ord", "num", "close", "text", "bar", "name"})


class _Piece(NamedTuple):
    kind: Kind
    text: str


def write_plain(node: Node) -> str:
    """Write a formula as plain text; scripts without Unicode characters become `_…` and `^…`.

    Raises:
        MathError: It can't be written on a line (matrices, braces over a formula).
    """
    return _Line(html=False, strict=False).write(node)


def write_html(node: Node, *, strict: bool, display: bool = False) -> str:
    """Write a formula as HTML text with sup, sub and em.

    Args:
        node: What the parser made.
        strict: Refuse what a line shows worse than MathML does.
        display: The formula stands on its own; strict then refuses fractions and limits of sums, too.

    Raises:
        MathError: It can't be written on a line.
    """
    return _Line(html=True, strict=strict, display=display).write(node)


class _Line:
    def __init__(self, *, html: bool, strict: bool, display: bool = False) -> None:
        self._html = html
        self._strict = strict
        self._display = display

    def write(self, node: Node) -> str:
        text = self.join(node, script=False)
        return _EM_SEAM.sub("", _BLANKS.sub(" ", text)).strip()

    # rows

    def join(self, node: Node, *, script: bool) -> str:
        items = node.items if isinstance(node, Row) else (node,)
        pieces = [self._piece(item, script=script) for item in items]
        pieces = self._set_fractions_apart(items, pieces, script=script)
        kinds = _operator_kinds([piece.kind for piece in pieces])
        parts: list[str] = []
        for index, (piece, kind) in enumerate(zip(pieces, kinds, strict=True)):
            before = kinds[index - 1] if index else None
            after = kinds[index + 1] if index + 1 < len(kinds) else None
            if not self._html and parts and _run_together(parts[-1], piece.text, pieces[index - 1].kind):
                parts.append(" ")
            parts.append(_spaced(piece.text, kind, before, after, script=script))
        return "".join(parts)

    def _set_fractions_apart(self, items: tuple[Node, ...], pieces: list[_Piece], *, script: bool) -> list[_Piece]:
        for index, item in enumerate(items):
            if isinstance(item, Fraction) and item.bar and "/" in pieces[index].text and not script:
                left = pieces[index - 1].kind if index else "rel"
                right = pieces[index + 1].kind if index + 1 < len(pieces) else "rel"
                if left in _LEFT_OPERANDS or right in {"ord", "num", "open", "name", "big", "text"}:
                    pieces[index] = _Piece("ord", f"({pieces[index].text})")
        return pieces

    def _piece(self, node: Node, *, script: bool) -> _Piece:  # noqa: PLR0911 (one case a kind of node)
        match node:
            case Atom():
                return _Piece(node.kind, self._atom(node))
            case Row():
                return _Piece("ord", self.join(node, script=script))
            case Scripts():
                return self._scripts(node, script=script)
            case Fraction():
                return _Piece("ord", self._fraction(node, script=script))
            case Root():
                return _Piece("ord", self._root(node, script=script))
            case Accent():
                return self._accent(node, script=script)
            case Fence():
                body = self.join(node.body, script=script)
                return _Piece("ord", f"{self._escape(node.left)}{body}{self._escape(node.right)}")
            case Stack():
                return self._stack(node, script=script)
            case Table():
                return _Piece("ord", self._table(node))

    def _escape(self, text: str) -> str:
        return escape(text, quote=False) if self._html else text

    def _atom(self, atom: Atom) -> str:
        text = self._escape(atom.text)
        return f"<em>{text}</em>" if self._html and atom.italic else text

    # structures

    def _scripts(self, node: Scripts, *, script: bool) -> _Piece:
        base = self._piece(node.base, script=script)
        if self._strict and self._display and isinstance(node.base, Atom) and node.base.limits:
            raise MathError("limits in a display")
        text = base.text
        if isinstance(node.base, Fraction | Root) or (
            isinstance(node.base, Stack) and (node.sub is not None or node.sup is not None)
        ):
            text = f"({text})"
        sub = "" if node.sub is None else self._lowered(node.sub)
        sup = "" if node.sup is None else self._raised(node.sup)
        below_first = not (isinstance(node.base, Atom) and node.base.kind == "num" and sub and sup)
        return _Piece(base.kind, text + (sub + sup if below_first else sup + sub))

    def _raised(self, node: Node) -> str:
        plain = _Line(html=False, strict=self._strict).join(node, script=True).strip()
        if plain == "∘":
            return "°"
        if all(character in _RAISED_ALREADY for character in plain):
            return plain.replace("′′′", "‴").replace("′′", "″")
        table = SUPERSCRIPTS
        if plain and all(character in (_SIGNED_DIGITS if self._html else table) for character in plain):
            return "".join(table[character] for character in plain)
        if self._html:
            return f"<sup>{self.join(node, script=True).strip()}</sup>"
        return f"^{_grouped(plain.replace('∗', '*'))}" if plain else ""

    def _lowered(self, node: Node) -> str:
        plain = _Line(html=False, strict=self._strict).join(node, script=True).strip()
        table = SUBSCRIPTS
        short = len(plain) <= 2 or all(character in _SIGNED_DIGITS for character in plain)
        if plain and short and all(character in (_SIGNED_DIGITS if self._html else table) for character in plain):
            return "".join(table[character] for character in plain)
        if self._html:
            return f"<sub>{self.join(node, script=True).strip()}</sub>"
        return f"_{_grouped(plain)}" if plain else ""

    def _fraction(self, node: Fraction, *, script: bool) -> str:
        if not node.bar:
            if self._strict:
                raise MathError("binomial")
            return f"{self.join(node.top, script=script)} choose {self.join(node.bottom, script=script)}"
        top, bottom = (self.join(part, script=script).strip() for part in (node.top, node.bottom))
        if not script and (top, bottom) in _VULGAR:
            return _VULGAR[top, bottom]
        if self._strict:
            tall = _holds(node.top, Fraction) or _holds(node.bottom, Fraction)
            if tall or self._display or max(_length(node.top), _length(node.bottom)) > 12:
                raise MathError("tall fraction")
        return f"{self._operand(node.top, top)}/{self._operand(node.bottom, bottom, below=True)}"

    def _operand(self, node: Node, text: str, *, below: bool = False) -> str:
        return text if _is_single(node) or (not below and _is_product(node)) else f"({text})"

    def _root(self, node: Root, *, script: bool) -> str:
        body = self.join(node.body, script=script).strip()
        if self._strict and (_holds(node.body, Fraction) or _holds(node.body, Root) or _length(node.body) > 24):
            raise MathError("tall root")
        sign = "√"
        if node.index is not None:
            index = _Line(html=False, strict=self._strict).join(node.index, script=True)
            sign = _ROOTS.get(index) or f"{self._raised(node.index)}√"
            if not self._html and sign.startswith("^"):
                raise MathError("root of a formula")
        return f"{sign}{body}" if _is_single(node.body) else f"{sign}({body})"

    def _accent(self, node: Accent, *, script: bool) -> _Piece:
        body = node.body
        if isinstance(body, Scripts):
            return self._scripts(Scripts(Accent(body.base, node.mark, node.wide), body.sub, body.sup), script=script)
        if isinstance(body, Atom) and len(body.text) == 1:
            marked = unicodedata.normalize("NFC", body.text + node.mark)
            return _Piece("ord", self._atom(Atom("ord", marked, italic=body.italic)))
        atoms = body.items if isinstance(body, Row) else (body,)
        letters = [atom for atom in atoms if isinstance(atom, Atom) and atom.text.isalnum()]
        if self._strict or len(letters) != len(atoms) or not letters or node.mark not in "\u0305\u0332\u0304":
            raise MathError("accent over a formula")
        return _Piece(
            "ord", "".join(self._atom(Atom("ord", "".join(c + node.mark for c in a.text), a.italic)) for a in letters)
        )

    def _stack(self, node: Stack, *, script: bool) -> _Piece:
        if self._strict or not isinstance(node.base, Atom) or node.base.kind not in _STACKED_IN_LINE:
            raise MathError("stacked signs")
        return self._scripts(Scripts(node.base, node.under, node.over), script=script)

    def _table(self, node: Table) -> str:
        if self._strict or node.left or node.right or any(len(row) > 1 for row in node.rows):
            raise MathError("matrix or several lines")
        return ", ".join(self.join(row[0], script=True) for row in node.rows)


def _operator_kinds(kinds: list[Kind]) -> list[Kind]:
    """Binary operators without a left or right operand are signs, as in TeX."""
    resolved: list[Kind] = []
    visible = [kind for kind in kinds if kind != "space"]
    position = 0
    for kind in kinds:
        if kind == "space":
            resolved.append(kind)
            continue
        before = visible[position - 1] if position else None
        after = visible[position + 1] if position + 1 < len(visible) else None
        if kind == "bin" and (
            before in {None, "bin", "rel", "open", "punct", "big"} or after in {None, "rel", "close", "punct"}
        ):
            resolved.append("ord")
            visible[position] = "ord"
        else:
            resolved.append(kind)
        position += 1
    return resolved


def _spaced(text: str, kind: Kind, before: Kind | None, after: Kind | None, *, script: bool) -> str:  # noqa: PLR0911 (one return a class)
    if kind in {"bin", "rel"}:
        if script and not text.isalpha():
            return text
        if text == ":" and before == "num" and after == "num":
            return text
        if before is None and text in _PREFIXES:
            return text
        return (
            (" " if before not in {None, "rel", "open"} else "")
            + text
            + (" " if after not in {None, "rel", "close", "punct"} else "")
        )
    if kind == "punct":
        return text if script or after in {None, "close"} else f"{text} "
    if kind == "name":
        left = " " if before in _LEFT_OPERANDS else ""
        return left + text + (" " if after in {"ord", "num", "name", "big", "text"} else "")
    if kind == "big":
        return (
            (" " if before in _LEFT_OPERANDS else "") + text + (" " if after in {"ord", "num", "name", "text"} else "")
        )
    return text


def _run_together(left: str, right: str, kind: Kind) -> bool:
    """Tell whether `M_BH` would swallow the letter or digit that follows."""
    found = re.search(r"[_^]\w+$", left)
    return kind != "space" and found is not None and right[:1].isalnum()


def _grouped(text: str) -> str:
    enclosed = text[0] == "(" and text[-1] == ")" and ")" not in text[1:-1]
    return text if enclosed or len(text) == 1 or _ONE_SCRIPT.fullmatch(text) else f"({text})"


def _is_single(node: Node) -> bool:
    match node:
        case Atom():
            return node.kind in {"ord", "num", "text"} and " " not in node.text
        case Scripts():
            return _is_single(node.base)
        case Accent() | Root():
            return True
        case Row():
            return bool(node.items) and all(
                isinstance(item, Atom) and item.kind == "ord" and not item.italic for item in node.items
            )
        case Fence():
            return bool(node.left and node.right)
        case _:
            return False


def _is_product(node: Node) -> bool:
    return isinstance(node, Row) and all(_is_single(item) for item in node.items)


def _children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 (one case a kind of node)
    match node:
        case Atom():
            return ()
        case Row():
            return node.items
        case Scripts():
            return tuple(part for part in (node.base, node.sub, node.sup) if part is not None)
        case Fraction():
            return (node.top, node.bottom)
        case Root():
            return (node.body,) if node.index is None else (node.body, node.index)
        case Accent() | Fence():
            return (node.body,)
        case Stack():
            return tuple(part for part in (node.base, node.over, node.under) if part is not None)
        case Table():
            return tuple(cell for row in node.rows for cell in row)


def _holds(node: Node, kind: type[Fraction | Root | Table]) -> bool:
    return isinstance(node, kind) or any(_holds(child, kind) for child in _children(node))


def _length(node: Node) -> int:
    return len(node.text) if isinstance(node, Atom) else sum(map(_length, _children(node)))
