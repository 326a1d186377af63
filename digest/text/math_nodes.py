"""The tree of one formula, as the parser makes it and the writers read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ord", "num", "name", "bin", "rel", "open", "close", "punct", "big", "bar", "text", "space"]
"""TeX's atom classes; `num` a number, `name` an upright word (log, sup), `bar` a delimiter that is either side."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One symbol, number, word or blank; `italic` for letters that math sets so."""

    kind: Kind
    text: str
    italic: bool = False
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Nodes side by side."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with what is set below and above right of it."""

    base: Node
    sub: Node | None
    sup: Node | None


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator over a denominator; without `bar` a binomial (the parentheses stand outside)."""

    top: Node
    bottom: Node
    bar: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """A root of `body`, the square root if `index` is None."""

    body: Node
    index: Node | None


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark (a combining character) above or below `body`."""

    body: Node
    mark: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Stack:
    """Something set right above and below `base`."""

    base: Node
    over: Node | None
    under: Node | None


@dataclass(frozen=True, slots=True)
class Fence:
    """Delimiters that grow with what they hold; "" for one that isn't there."""

    left: str
    body: Node
    right: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells: matrices, cases, aligned equations."""

    rows: tuple[tuple[Node, ...], ...]
    left: str
    right: str
    align: str


Node = Atom | Row | Scripts | Fraction | Root | Accent | Stack | Fence | Table


class MathError(ValueError):
    """A formula that can't be read or shown; the message is the cause, short enough to count by."""
