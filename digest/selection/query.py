"""The filter language as a tree: what a query means, its canonical spelling, and what arXiv is sent for it.

`parse_query` (in `digest.selection.query_parser`) makes these trees; `matching` evaluates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.selection.categories import is_archive, spellings
from digest.selection.words import fold, spaced

FIELDS = ("ti", "au", "abs", "co", "jr", "cat", "id", "doi", "all")
"""arXiv's field prefixes that can be answered from a paper; `all` is what a bare word asks."""

_PLAIN = re.compile(r'[^\s()":*?]+')
_OPERATORS = frozenset(["AND", "OR", "ANDNOT", "NOT"])
# Characters that the search engine behind arXiv's API gives a meaning.
_SPECIAL = re.compile(r'[+=&|><!(){}\[\]^"~*?:\\/$]+')


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `field:text`, or `field:text*` with *prefix*. Text of several words is a phrase."""

    field: str
    text: str
    prefix: bool = False

    def __str__(self) -> str:
        """Return the canonical spelling; `all:` is left out, quotes stand where they are needed."""
        if self.prefix:
            value = f"{self.text}*"
        elif _PLAIN.fullmatch(self.text) and self.text.upper() not in _OPERATORS:
            value = self.text
        else:
            value = f'"{self.text}"'
        return value if self.field == "all" else f"{self.field}:{value}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; made by `all_of`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Return the canonical spelling."""
        first, *rest = self.parts
        joined = (f" ANDNOT {_inner(p.part)}" if isinstance(p, Not) else f" AND {_inner(p)}" for p in rest)
        return _inner(first) + "".join(joined)


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds; made by `any_of`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        """Return the canonical spelling."""
        return " OR ".join(map(_inner, self.parts))


@dataclass(frozen=True, slots=True)
class Not:
    """The part doesn't hold; made by `none_of`."""

    part: Node

    def __str__(self) -> str:
        """Return the canonical spelling."""
        return f"NOT {_inner(self.part)}"


Node = Term | And | Or | Not


def all_of(*parts: Node) -> Node:
    """Join conditions with AND; nested ones are flattened, so that equal meanings are equal trees."""
    return _joined(And, parts)


def any_of(*parts: Node) -> Node:
    """Join conditions with OR; nested ones are flattened."""
    return _joined(Or, parts)


def none_of(part: Node) -> Node:
    """Negate a condition; a double negation is none."""
    return part.part if isinstance(part, Not) else Not(part)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed filter. `str()` gives its canonical text, which parses to an equal query."""

    root: Node

    def __str__(self) -> str:
        """Return the canonical text."""
        return str(self.root)

    def terms(self) -> Iterator[Term]:
        """Yield all conditions from left to right."""
        return _terms(self.root)

    def to_arxiv(self) -> str:
        """Return a `search_query` for arXiv's API that means the same there.

        The API has no precedence and groups to the right, so every group stands in parentheses; it
        negates single terms only, so negations are pushed inward; it knows no aliases of categories and no
        archives, so those are spelled out. What stays different is arXiv's notion of a word: it stems
        (*learning* finds *learned*) and reads an initial as any name part that begins with it.

        Source: arXiv API user's manual; field notes on the query parser of November 2025.
        """
        text = _to_arxiv(self.root)
        return text[1:-1] if isinstance(self.root, And | Or) else text


def _joined(kind: type[And | Or], parts: tuple[Node, ...]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _inner(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def _terms(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case Not(part):
            yield from _terms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)


def _to_arxiv(node: Node) -> str:
    match node:
        case Term():
            return _term_to_arxiv(node)
        case Or(parts):
            return f"({' OR '.join(map(_to_arxiv, parts))})"
        case Not(Term() as term):
            return _negated(term)
        case Not(part):
            return _to_arxiv(_inward(part))
        case And(parts):
            return _and_to_arxiv(parts)


def _and_to_arxiv(parts: tuple[Node, ...]) -> str:
    wanted = [part for part in parts if not isinstance(part, Not)]
    unwanted = [part.part for part in parts if isinstance(part, Not)]
    if not wanted:
        return f"({' AND '.join(_to_arxiv(Not(part)) for part in unwanted)})"
    left = _to_arxiv(wanted[0]) if len(wanted) == 1 else f"({' AND '.join(map(_to_arxiv, wanted))})"
    return f"({left} ANDNOT {_to_arxiv(any_of(*unwanted))})" if unwanted else left


def _inward(node: Node) -> Node:
    """Negate a group by De Morgan's laws."""
    match node:
        case And(parts):
            return any_of(*map(none_of, parts))
        case Or(parts):
            return all_of(*map(none_of, parts))
        case _:
            return none_of(node)


def _negated(term: Term) -> str:
    text = _term_to_arxiv(term)
    if not text.startswith("("):
        return f"(ANDNOT {text})"
    word = " OR " if " OR " in text else " AND "
    other = " AND " if word == " OR " else " OR "
    return f"({other.join(f'(ANDNOT {part})' for part in text[1:-1].split(word))})"


def _term_to_arxiv(term: Term) -> str:
    field, text = term.field, term.text
    if field == "cat":
        return _category_to_arxiv(term)
    if field in ("id", "doi"):
        return f"{field}:{text}{'*' if term.prefix else ''}"
    if field == "au" and not term.prefix:
        return _author_to_arxiv(text)
    words = _SPECIAL.sub(" ", text).split()
    if term.prefix and len(words) == 1 and len(spaced(fold(words[0])).split()) == 1:
        return f"{field}:{words[0]}*"
    plain = " ".join(words)
    return f"{field}:{plain}" if plain.isalnum() else f'{field}:"{plain}"'


def _category_to_arxiv(term: Term) -> str:
    if term.prefix:
        return f"cat:{term.text}*"
    names = (term.text, f"{term.text}.*") if is_archive(term.text) else spellings(term.text)
    return f"cat:{names[0]}" if len(names) == 1 else f"({' OR '.join(f'cat:{name}' for name in names)})"


def _author_to_arxiv(text: str) -> str:
    family, _, given = text.partition(",")
    words = [word.strip(".") for word in re.split(r"[\s_.]+", f"{given} {family}") if word.strip(".")]
    names = [word for word in words if len(word) > 1]
    initials = [f"au:{word}*" for word in words if len(word) == 1]
    plain = " ".join(names)
    parts = ([f'au:"{plain}"' if len(names) > 1 or not plain.isalnum() else f"au:{plain}"] if names else []) + initials
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"
