"""The filter language as a tree: what a query means, its canonical spelling, and what arXiv is sent for it.

`parse_query` (in `digest.selection.query_parser`) makes these trees; `matching` evaluates them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.selection.categories import is_archive, spellings

FIELDS = ("ti", "au", "abs", "co", "jr", "cat", "id", "doi", "all")
"""arXiv's field prefixes that can be answered from a paper; `all` is what a bare word asks."""

ENCODED = "%(?:2[0289BC]|3A|7C)"
"""Signs of the language as an address that is encoded twice has them."""
# What reads back as one word: no sign of the language, no operator.
_PLAIN = re.compile(
    rf"""(?!.*{ENCODED}) (?![-+!\u2212\u2013\u2014\[{{^])
    (?!.*&&) (?!&$) (?!NEAR|(?:ADJ|PRE|WITHIN|W|N)/\d) (?!.*[A-Za-z]{{4}}\^[\d.]+$)
    [^\s()":*?|~,;\uff0c\u3001\uff1b]+""",
    re.VERBOSE,
)
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

    def to_arxiv(self) -> str:
        """Return a `search_query` for arXiv's API that means the same there.

        The API has no precedence and groups to the right, so every group stands in parentheses; it
        negates single terms only, so negations are pushed inward; it knows no aliases of categories and no
        archives, so those are spelled out. What stays different is arXiv's notion of a word: it stems
        (*learning* finds *learned*) and reads an initial as any name part that begins with it.

        Source: arXiv help, https://info.arxiv.org/help/api/user-manual.html; field notes on the query parser of November 2025.
        """
        root = _spelled_out(self.root)
        text = _to_arxiv(root)
        return text if isinstance(root, Term) else text[1:-1]


def spelled_alike(query: Query) -> Query:
    """Return a query that is the same for all that differ only in the order of conditions, in repeated ones or in capitals."""
    return Query(_alike(query.root))


def _alike(node: Node) -> Node:
    match node:
        case Term(field="cat" | "id" | "doi"):
            return node
        case Term(field, text, prefix):
            return Term(field, text.casefold(), prefix)
        case Not(part):
            return none_of(_alike(part))
        case And(parts):
            return all_of(*_in_order(parts))
        case Or(parts):
            return any_of(*_in_order(parts))


def _in_order(parts: tuple[Node, ...]) -> list[Node]:
    return [part for _, part in sorted({str(part): part for part in map(_alike, parts)}.items())]


def _joined(kind: type[And | Or], parts: tuple[Node, ...]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _inner(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def _spelled_out(node: Node) -> Node:
    """Replace each condition by what says the same to arXiv's API."""
    match node:
        case Term():
            return _term_spelled_out(node)
        case Not(part):
            return none_of(_spelled_out(part))
        case And(parts):
            return all_of(*map(_spelled_out, parts))
        case Or(parts):
            return any_of(*map(_spelled_out, parts))


def _term_spelled_out(term: Term) -> Node:
    match term:
        case Term(field="cat", text=text, prefix=False):
            inside = [Term("cat", f"{text}.", prefix=True)] if is_archive(text) else []
            return any_of(*(Term("cat", name) for name in spellings(text)), *inside)
        case Term(field="au", text=text, prefix=False):
            return _names(text)
        case Term(field=("ti" | "abs" | "co" | "jr" | "all") as field, text=text, prefix=True):
            *words, last = re.findall(r"\w+", text)  # a phrase can't end in a wildcard there
            return all_of(*(Term(field, word) for word in words), Term(field, last, prefix=True))
        case _:
            return term


def _names(text: str) -> Node:
    """Spell out an author: `Bengio, Y.` becomes the name and a name that begins with y."""
    family, _, given = text.partition(",")
    words = re.findall(r"[^\s_.]+", f"{given} {family}")
    full = [word for word in words if len(word) > 1]
    initials = [Term("au", word, prefix=True) for word in words if len(word) == 1]
    return all_of(*([Term("au", " ".join(full))] if full else []), *initials)


def _to_arxiv(node: Node) -> str:
    match node:
        case Term():
            return _term_to_arxiv(node)
        case Or(parts):
            return f"({' OR '.join(map(_to_arxiv, parts))})"
        case Not(And(parts)):
            return _to_arxiv(any_of(*map(none_of, parts)))
        case Not(Or(parts)):
            return _to_arxiv(all_of(*map(none_of, parts)))
        case Not(part):
            return f"(ANDNOT {_to_arxiv(part)})"
        case And(parts):
            return _and_to_arxiv(parts)


def _and_to_arxiv(parts: tuple[Node, ...]) -> str:
    wanted = [part for part in parts if not isinstance(part, Not)]
    unwanted = [part.part for part in parts if isinstance(part, Not)]
    if not wanted:
        return f"({' AND '.join(_to_arxiv(Not(part)) for part in unwanted)})"
    left = _to_arxiv(wanted[0]) if len(wanted) == 1 else f"({' AND '.join(map(_to_arxiv, wanted))})"
    return f"({left} ANDNOT {_to_arxiv(any_of(*unwanted))})" if unwanted else left


def _term_to_arxiv(term: Term) -> str:
    field = term.field
    if field in ("id", "doi", "cat"):
        return f"{field}:{term.text}{'*' if term.prefix else ''}"
    plain = " ".join(_SPECIAL.sub(" ", term.text).split())
    if not plain.isalnum():
        return f'{field}:"{plain}"'
    return f"{field}:{plain}*" if term.prefix else f"{field}:{plain}"
