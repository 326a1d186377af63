r"""Read TeX math token by token into a tree: groups, scripts, symbols, alphabets.

A recursive descent with the alphabet (`\mathbf`, `\rm`) as its only state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from digest.text import math_tables as tables
from digest.text.math_nodes import Accent, Atom, Fence, Fraction, Kind, MathError, Node, Row, Scripts, Table
from digest.text.math_tokens import Tokens
from digest.text.text_tables import names

_DEEPEST = 40

_RELATION_CHARACTERS: Final = frozenset("=<>≤≥≈∼≃≅≡≠∈∉⊂⊆⊃⊇→←↔⇒⇐⇔↦≪≫≲≳∝⟶⟂∣~")
_BINARY_CHARACTERS: Final = {"+": "+", "-": "−", "*": "∗", "−": "−", "×": "×", "±": "±", "∓": "∓", "·": "⋅", "⋅": "⋅", "∘": "∘",
                             "⊗": "⊗", "⊕": "⊕", "∪": "∪", "∩": "∩", "∧": "∧", "∨": "∨", "÷": "÷", "–": "–"}  # fmt: skip
_WORD_LENGTHS: Final = {"sf": 2, "tt": 2, "bf": 3, "bi": 3}
_UPRIGHT_SPACED: Final = frozenset({"rm", "sf", "tt", "bf", "it"})
_BRACKETS: Final = {"abs": ("|", "|"), "norm": ("‖", "‖"), "ket": ("|", "⟩"), "bra": ("⟨", "|"), "braket": ("⟨", "⟩"), "set": ("{", "}"),
                 "ceil": ("⌈", "⌉"), "floor": ("⌊", "⌋"), "lrangle": ("⟨", "⟩"), "expval": ("⟨", "⟩"), "inner": ("⟨", "⟩"),
                 "Ket": ("|", "⟩"), "Bra": ("⟨", "|"), "Braket": ("⟨", "⟩")}  # fmt: skip
_FONTS_OF_GROUP: Final = names("bf it rm sf tt cal sc mit em sl frak")


class Reader:
    """Nodes from tokens; `commands` read what has a grammar of its own.

    Attributes:
        tokens: What is left to read.
    """

    def __init__(self, tex: str, commands: Mapping[str, Command]) -> None:
        self._commands = commands
        self.tokens = Tokens(tex)
        self._variant = ""
        self._depth = 0

    def whole(self) -> Node:
        """Everything, to the end."""
        node = self.row(stop=())
        if not self.tokens.at_end():
            raise MathError("unbalanced braces")
        return node

    def nested(self, tex: str) -> Node:
        """Read another formula by the same rules: math inside text, options."""
        return Reader(tex, self._commands).whole()

    # structure

    def row(self, stop: tuple[str, ...]) -> Node:
        """Nodes up to a closing brace, one of *stop*, or the end; none of them is taken."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MathError("too deep")
        variant = self._variant
        items: list[Node] = []
        while (sign := self.tokens.peek()) and sign != "}" and sign not in stop:
            if sign in {"\\over", "\\choose", "\\atop"}:
                self.tokens.next()
                return self._leave(variant, _infix(sign, row_of(items), self.row(stop)))
            if sign[1:] in _FONTS_OF_GROUP and sign[0] == "\\":
                self.tokens.next()
                self.tokens.skip_blanks()
                self._variant = tables.VARIANTS[sign[1:]]
                continue
            node = self._scripted()
            if node is not None:
                items.append(node)
        return self._leave(variant, row_of(items))

    def _leave(self, variant: str, node: Node) -> Node:
        self._variant = variant
        self._depth -= 1
        return node

    def _scripted(self) -> Node | None:
        base = Row(()) if self.tokens.peek() in {"^", "_", "'"} else self._atom()
        sub: Node | None = None
        sup: Node | None = None
        while True:
            ahead = self.tokens.position
            self.tokens.skip_blanks()
            sign = self.tokens.peek()
            if sign in {"\\limits", "\\nolimits"}:
                self.tokens.next()
            elif sign == "_" and sub is None:
                self.tokens.next()
                sub = self.argument()
            elif sign in {"'", "’"}:
                self.tokens.next()
                sup = row_of([*([] if sup is None else [sup]), Atom("ord", "′")])
            elif sign == "^" and (sup is None or _is_primes(sup)):
                self.tokens.next()
                sup = row_of([*([] if sup is None else [sup]), self.argument()])
            elif sign in {"^", "_"}:
                raise MathError("double script")
            else:
                self.tokens.position = ahead
                break
        if sub is None and sup is None:
            return base
        return Scripts(base if base is not None else Row(()), sub, sup)

    def argument(self) -> Node:
        self.tokens.skip_blanks()
        if self.tokens.peek() == "{":
            return self._group()
        sign = self.tokens.peek()
        if len(sign) > 1 and sign[0].isdigit():  # `^10` raises only the 1
            self.tokens.signs[self.tokens.position] = sign[1:]
            return Atom("num", sign[0])
        node = self._atom()
        return node if node is not None else Row(())

    def _group(self) -> Node:
        self.tokens.next()
        node = self.row(stop=())
        self.tokens.next()  # the closing brace; without one this raises
        return node

    # atoms

    def _atom(self) -> Node | None:
        sign = self.tokens.next()
        if sign.isspace():
            return self._blank()
        if sign == "{":
            self.tokens.position -= 1
            return self._group()
        if sign[0] == "\\":
            return self._command(sign[1:])
        if sign[0].isdigit():
            return Atom("num", "".join(tables.in_alphabet(digit, self._variant) for digit in sign))
        return self._character(sign)

    def _blank(self) -> Node | None:
        # TeX drops blanks in math; between words they are kept, since nobody means to run words together
        before, after = self.tokens.signs[: self.tokens.position - 1], self.tokens.signs[self.tokens.position :]
        reach = 1 if self._variant in _UPRIGHT_SPACED else 2
        words = _is_word(before[-reach:], reach) and _is_word(after[:reach], reach)
        return Atom("space", " ") if words else None

    def _character(self, sign: str) -> Node | None:  # noqa: PLR0911 (one return a class)
        if sign.isalpha():
            return self._letter(sign)
        if sign in _BINARY_CHARACTERS:
            return Atom("bin", _BINARY_CHARACTERS[sign])
        if sign == "~":
            return Atom("space", " ")
        if sign in _RELATION_CHARACTERS or sign == ":":
            return Atom("rel", sign)
        if sign in "([":
            return Atom("open", sign)
        if sign in ")]":
            return Atom("close", sign)
        if sign in ",;":
            return Atom("punct", sign)
        if sign in "|‖":
            return Atom("bar", sign)
        if sign in {"&", "$", "}"}:
            raise MathError(f"stray {sign}")
        return Atom("big", sign) if sign in "∑∏∫" else Atom("ord", sign)

    def _letter(self, sign: str) -> Node:
        variant = self._variant
        if variant in {"", "it"}:
            return Atom("ord", sign, italic=sign.isascii())
        if variant in _WORD_LENGTHS and self._letters_around() >= _WORD_LENGTHS[variant]:
            return Atom("ord", sign)  # words in another face are names; plain letters can be searched and read aloud
        return Atom("ord", tables.in_alphabet(sign, variant) if variant != "rm" else sign)

    def _letters_around(self) -> int:
        """The length of the run of letters that the last one belongs to, as far as 3."""
        start = end = self.tokens.position
        while start and end - start < 3 and self.tokens.signs[start - 1].isalpha():
            start -= 1
        while end - start < 3 and self.tokens.signs[end : end + 1] and self.tokens.signs[end].isalpha():
            end += 1
        return end - start

    def _command(self, name: str) -> Node | None:
        starless = name.rstrip("*")
        special = self._commands.get(starless)
        if special:
            return special(self, starless)
        known = _known_symbol(starless)
        if known:
            return _styled_symbol(known, self._variant)
        if starless in tables.VARIANTS:
            return self.in_variant(tables.VARIANTS[starless])
        if starless in tables.ACCENTS:
            return Accent(self.argument(), tables.ACCENTS[starless], starless in tables.WIDE)
        if starless in _BRACKETS:
            return Fence(_BRACKETS[starless][0], self.argument(), _BRACKETS[starless][1])
        rare = tables.rare_symbol(name)
        if rare:
            return Atom("ord", rare)
        raise MathError(f"unknown \\{name}")

    def in_variant(self, variant: str) -> Node:
        before, self._variant = self._variant, variant
        self.tokens.skip_blanks()
        node = self.argument()
        self._variant = before
        return node


Command = Callable[[Reader, str], Node | None]
"""Reads what follows a command; None for what prints nothing."""


def _is_word(signs: list[str], length: int) -> bool:
    return len(signs) == length and all(sign[0].isalnum() for sign in signs)


def _known_symbol(name: str) -> Atom | None:
    if name in tables.FUNCTIONS or name in tables.NAMED:
        return Atom("name", tables.NAMED.get(name, name), limits=name in tables.LIMITS)
    kinds: tuple[tuple[dict[str, str], Kind], ...] = (
        (tables.ORDINARY, "ord"),
        (tables.RELATIONS, "rel"),
        (tables.BINARY, "bin"),
        (tables.BIG, "big"),
        (tables.OPENING, "open"),
        (tables.CLOSING, "close"),
        (tables.BARS, "bar"),
    )
    for table, kind in kinds:
        if name in table:
            return Atom(kind, table[name], limits=kind == "big" and table[name] not in "∫∬∭∮∯")
    if name == "colon":
        return Atom("punct", ":")
    return None


def _styled_symbol(atom: Atom, variant: str) -> Atom:
    if variant in {"bf", "bi"} and len(atom.text) == 1:
        return Atom(atom.kind, tables.in_alphabet(atom.text, variant), limits=atom.limits)
    return atom


def row_of(items: list[Node]) -> Node:
    flat: list[Node] = []
    for item in items:
        if isinstance(item, Row):
            flat += item.items
        else:
            flat.append(item)
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def _infix(command: str, top: Node, bottom: Node) -> Node:
    if command == "\\over":
        return Fraction(top, bottom)
    if command == "\\atop":
        return Table(((top,), (bottom,)), "", "", "")
    return Fence("(", Fraction(top, bottom, bar=False), ")")


def _is_primes(node: Node) -> bool:
    items = node.items if isinstance(node, Row) else (node,)
    return all(isinstance(item, Atom) and item.text == "′" for item in items)
