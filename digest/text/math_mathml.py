"""A formula as presentation MathML (Core), without annotation: a copy in TeX would be read aloud or shown twice.

Alphabets are Unicode characters, not `mathvariant`, which browsers no longer honour except for `normal`.

Source: W3C, MathML Core, https://www.w3.org/TR/mathml-core/.
"""

from __future__ import annotations

from html import escape
from typing import Final

from digest.text.math_nodes import Accent, Atom, Fence, Fraction, Node, Root, Row, Scripts, Stack, Table
from digest.text.math_tables import STRETCHED

_THIN: Final = '<mspace width="0.1667em"/>'
_OPERANDS: Final = frozenset({"ord", "num", "name", "big", "text"})
_BELOW: Final = frozenset("\u0332\u0330")
_OPERATORS: Final = frozenset({"bin", "rel", "punct", "big"})


def write_mathml(node: Node, *, display: bool) -> str:
    """Write a formula as one `<math>` element; everything the parser accepts can be written."""
    opening = '<math display="block">' if display else "<math>"
    return f"{opening}{_row(node, display=display)}</math>"


def _row(node: Node, *, display: bool) -> str:
    """Children side by side, without `<mrow>`: for elements that make their own."""
    items = node.items if isinstance(node, Row) else (node,)
    parts: list[str] = []
    index = 0
    while index < len(items):
        item = items[index]
        word = _upright_word(items, index)
        if len(word) > 1:
            parts.append(f"<mi>{escape(word, quote=False)}</mi>")
            index += len(word)
            continue
        if parts and _is_name(item) and _is_operand(items[index - 1]):
            parts.append(_THIN)
        parts.append(_element(item, display=display))
        after = items[index + 1] if index + 1 < len(items) else None
        if after is not None and _is_name(item) and (not isinstance(after, Atom) or after.kind in _OPERANDS):
            parts.append(_THIN)
        index += 1
    return "".join(parts)


def _is_name(node: Node) -> bool:
    base = node.base if isinstance(node, Scripts) else node
    return isinstance(base, Atom) and base.kind == "name"


def _is_operand(node: Node) -> bool:
    return not isinstance(node, Atom) or node.kind in {"ord", "num", "close"}


def _upright_word(items: tuple[Node, ...], start: int) -> str:
    word = ""
    for item in items[start:]:
        if not (
            isinstance(item, Atom)
            and item.kind == "ord"
            and not item.italic
            and len(item.text) == 1
            and item.text.isascii()
            and item.text.isalpha()
        ):
            break
        word += item.text
    return word


def _element(node: Node, *, display: bool = False) -> str:  # noqa: C901, PLR0911 (one case a kind of node)
    """Exactly one element."""
    match node:
        case Atom():
            return _atom(node)
        case Row():
            return f"<mrow>{_row(node, display=display)}</mrow>"
        case Scripts():
            return _scripts(node, display=display)
        case Fraction():
            line = "" if node.bar else ' linethickness="0"'
            return f"<mfrac{line}>{_element(node.top)}{_element(node.bottom)}</mfrac>"
        case Root():
            if node.index is None:
                return f"<msqrt>{_row(node.body, display=display)}</msqrt>"
            return f"<mroot>{_element(node.body)}{_element(node.index)}</mroot>"
        case Accent():
            name = "munder" if node.mark in _BELOW else "mover"
            stretchy = "" if node.wide else ' stretchy="false"'
            mark = f"<mo{stretchy}>{escape(STRETCHED[node.mark])}</mo>"
            return f'<{name} accent{"under" if name == "munder" else ""}="true">{_element(node.body)}{mark}</{name}>'
        case Stack():
            return _stack(node)
        case Fence():
            body = _row(node.body, display=display)
            return f"<mrow>{_delimiter(node.left)}{body}{_delimiter(node.right)}</mrow>"
        case Table():
            return _table(node, display=display)


def _atom(atom: Atom) -> str:  # noqa: PLR0911 (one case a kind of atom)
    text = escape(atom.text, quote=False)
    match atom.kind:
        case "num":
            return f"<mn>{text}</mn>"
        case "text":
            return f"<mtext>{_kept_blanks(text)}</mtext>"
        case "space":
            return f'<mspace width="{"1" if len(atom.text) > 1 else "0.1667"}em"/>'
        case "open" | "close" | "bar":
            return f'<mo stretchy="false">{text}</mo>'
        case "name":
            return f'<mo movablelimits="true">{text}</mo>' if atom.limits else f"<mi>{text}</mi>"
        case kind if kind in _OPERATORS:
            return f"<mo>{text}</mo>"
        case _:
            letter = atom.text.isalpha()
            if not letter:
                return f"<mo>{text}</mo>" if len(atom.text) == 1 else f"<mi>{text}</mi>"
            upright = len(atom.text) == 1 and atom.text.isascii() and not atom.italic
            return f'<mi mathvariant="normal">{text}</mi>' if upright else f"<mi>{text}</mi>"


def _kept_blanks(text: str) -> str:
    # HTML drops blanks at the ends of an element; no-break spaces stay
    return text if text == text.strip() else text.replace(" ", "\u00a0")


def _scripts(node: Scripts, *, display: bool) -> str:
    base = _element(node.base, display=display)
    limits = display and isinstance(node.base, Atom) and node.base.limits
    names = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    return _scripted(base, node.sub, node.sup, names)


def _stack(node: Stack) -> str:
    base = _element(node.base)
    return _scripted(base, node.under, node.over, ("munder", "mover", "munderover"))


def _scripted(base: str, below: Node | None, above: Node | None, names: tuple[str, str, str]) -> str:
    name = names[2] if below is not None and above is not None else names[0] if below is not None else names[1]
    scripts = "".join(_element(script) for script in (below, above) if script is not None)
    return f"<{name}>{base}{scripts}</{name}>"


def _delimiter(text: str) -> str:
    return f'<mo fence="true" stretchy="true">{escape(text, quote=False)}</mo>' if text else ""


def _table(node: Table, *, display: bool) -> str:
    align = {"rl": ' columnalign="right left"', "l": ' columnalign="left"'}.get(node.align, "")
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{_row(cell, display=display and node.align == 'rl')}</mtd>" for cell in row) + "</mtr>"
        for row in node.rows
    )
    table = f"<mtable{align}>{rows}</mtable>"
    return f"<mrow>{_delimiter(node.left)}{table}{_delimiter(node.right)}</mrow>" if node.left or node.right else table
