"""Text to query trees: arXiv's query syntax, with the precedence that everyone expects.

either  = both ("OR" both)*
both    = single (["AND"] single | ["AND"] ("ANDNOT" | "NOT") single)*
single  = "NOT" single | "(" either ")" | field ":" "(" either ")" | [field ":"] values
values  = value ("|" value)*
value   = word | word"*" | '"' phrase '"'

Signs that search engines taught everybody are read, too: `-x` and `!x` as NOT x, `+x` as x, `|` with blanks around it as
OR, `&` as AND. What other engines understand and this one doesn't is refused, with the way to say it (`signs`).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from digest.arxiv.identifiers import parse_identifier
from digest.arxiv.taxonomy import named
from digest.errors import QuerySyntaxError
from digest.selection.authors import parse_pattern
from digest.selection.categories import normalise_category
from digest.selection.query import FIELDS, Node, Query, Term, all_of, any_of, none_of
from digest.selection.signs import (
    ALIASES,
    DATES_HINT,
    SIGN_ALONE_HINT,
    field_of,
    foreign_sign,
    refused_field,
    stray_star,
)
from digest.selection.words import term_words

MAX_LENGTH = 2_000
"""Characters of a query."""
MAX_TERMS = 50
"""Conditions of a query."""
MAX_DEPTH = 20
"""Parentheses within parentheses."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) | (?P<phrase>"[^"]*") | (?P<quote>")
      | (?P<operator>ANDNOT|AND|OR|NOT)(?=[\s()"]|$)
      | (?P<minus>(?<![^\s(|])[-\u2212\u2013!](?=[^\s)\-\u2212\u2013!]))
      | (?P<plus>(?<![^\s(|])\+(?=[^\s)+]))
      | (?P<pipe>(?<=[^\s(|])\|\|?(?=[^\s)|])) | (?P<either>\|\|?)
      | (?P<both>&&?(?=[\s()]|$))
      | (?P<field>[^\W\d]\w*):
      | (?P<word>[^\s()"|]+)
    )""",
    re.VERBOSE,
)
_VALUE = re.compile(
    r'(?P<minus>[-\u2212\u2013!](?=[^\s)\-\u2212\u2013!]))?(?P<plus>\+(?=[^\s)+]))?(?P<value>[^\s()"|]+)?'
)
_WHOLE_VALUE = re.compile(r'(?P<value>[^\s()"]+)')
_SIGNS = {"either": "OR", "both": "AND"}
_QUOTES = str.maketrans("“”„«»", '"""""')


class _Kind(Enum):
    OPEN = auto()
    CLOSE = auto()
    PHRASE = auto()
    QUOTE = auto()
    OPERATOR = auto()
    MINUS = auto()
    PIPE = auto()
    FIELD = auto()
    WORD = auto()
    END = auto()


class _Token(NamedTuple):
    kind: _Kind
    text: str
    position: int


def parse_query(text: str, *, name: str = "q") -> Query:
    """Read a filter in arXiv's query syntax.

    AND and ANDNOT bind tighter than OR; two conditions side by side must both hold. A prefix before
    parentheses holds for all inside. Long names (`title:`, `author:`, …) are accepted for arXiv's short ones.

    Args:
        text: The query as written.
        name: What the error calls it: the parameter or configuration key.

    Raises:
        QuerySyntaxError: It can't be parsed, or passes a limit (MAX_LENGTH, MAX_TERMS, MAX_DEPTH);
            `position` counts characters of *text* from 0.
    """
    return Query(_Parser(text, name).parse())


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._position = 0
        self._tokens: list[_Token] = []
        self._terms = 0
        if len(text) > MAX_LENGTH:
            raise self._error(f"the query is longer than {MAX_LENGTH} characters", MAX_LENGTH)
        self._lex(text.translate(_QUOTES))

    def parse(self) -> Node:
        if self._kind() is _Kind.END:
            raise self._error("the query is empty", 0)
        node = self._either("all", 0)
        if self._kind() is _Kind.CLOSE:
            raise self._error("this ) closes nothing")
        return node

    def _lex(self, text: str) -> None:
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            assert found is not None, "every character begins a token"
            kind = found.lastgroup or ""
            at = found.end()
            if kind in _SIGNS:
                self._tokens.append(_Token(_Kind.OPERATOR, _SIGNS[kind], found.start(kind)))
            elif kind != "plus":
                self._tokens.append(_Token(_Kind[kind.upper()], found[kind], found.start(kind)))
            if kind == "field":
                at = self._lex_value(text, at, field_of(found[kind]) or "")
        self._tokens.append(_Token(_Kind.END, "", end))

    def _lex_value(self, text: str, at: int, field: str) -> int:
        """Take what follows a colon as a value, whatever it looks like (`id:arXiv:2601.05174`); return where it ends."""
        found = (_WHOLE_VALUE if field in {"id", "doi"} else _VALUE).match(text, at)
        if found is None:
            return at
        if found.groupdict().get("minus"):
            self._tokens.append(_Token(_Kind.MINUS, found["minus"], at))
        if found["value"]:
            self._tokens.append(_Token(_Kind.WORD, found["value"], found.start("value")))
        return found.end()

    def _either(self, field: str, depth: int) -> Node:
        parts = [self._both(field, depth)]
        while self._takes("OR"):
            parts.append(self._both(field, depth))
        return any_of(*parts)

    def _both(self, field: str, depth: int) -> Node:
        parts = [self._single(field, depth)]
        while True:
            if self._takes("ANDNOT"):
                parts.append(none_of(self._single(field, depth)))
            elif self._takes("AND") or not self._at_end_of_both():
                parts.append(self._single(field, depth))
            else:
                return all_of(*parts)

    def _at_end_of_both(self) -> bool:
        token = self._peek()
        return token.kind in (_Kind.END, _Kind.CLOSE) or (token.kind is _Kind.OPERATOR and token.text == "OR")

    def _single(self, field: str, depth: int) -> Node:
        negated = False
        while (
            self._takes("NOT")
            or self._takes_minus()
            or (not negated and self._begins_group() and self._takes("ANDNOT"))
        ):
            negated = not negated
        node = self._positive(field, depth)
        return none_of(node) if negated else node

    def _positive(self, field: str, depth: int) -> Node:
        token = self._next()
        match token.kind:
            case _Kind.OPEN:
                return self._group(field, depth, token.position)
            case _Kind.FIELD:
                return self._fielded(token, depth)
            case _Kind.PHRASE | _Kind.WORD:
                return self._values(field, token, depth)
            case _Kind.QUOTE:
                raise self._error("this quote is never closed", token.position)
            case _Kind.OPERATOR:
                raise self._error(f"{token.text} needs a condition on its left", token.position)
            case _:
                raise self._error("a condition is missing here", token.position)

    def _group(self, field: str, depth: int, opened: int) -> Node:
        if depth == MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} parentheses within each other", opened)
        node = self._either(field, depth + 1)
        if self._next().kind is not _Kind.CLOSE:
            raise self._error("this ( is never closed", opened)
        return node

    def _fielded(self, token: _Token, depth: int) -> Node:
        field = field_of(token.text)
        if field is None:
            raise self._field_error(token)
        if self._takes_minus():
            return none_of(self._in_field(field, token, depth))
        return self._in_field(field, token, depth)

    def _in_field(self, field: str, token: _Token, depth: int) -> Node:
        following = self._next()
        match following.kind:
            case _Kind.OPEN:
                return self._group(field, depth, following.position)
            case _Kind.PHRASE | _Kind.WORD:
                return self._values(field, following, depth)
            case _Kind.QUOTE:
                raise self._error("this quote is never closed", following.position)
            case _:
                raise self._error(f"{token.text}: needs a word, a phrase or parentheses after it", following.position)

    def _values(self, field: str, token: _Token, depth: int) -> Node:
        """Read a value and its alternatives: `LLM|GNN`, without blanks, binds tighter than everything."""
        first = self._value(field, token)
        if self._kind() is not _Kind.PIPE:
            return first
        self._position += 1
        return any_of(first, self._single(field, depth))

    def _value(self, field: str, token: _Token) -> Term:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._error(f"more than {MAX_TERMS} conditions", token.position)
        if token.kind is _Kind.PHRASE:
            text, prefix = " ".join(token.text[1:-1].split()), False
            self._check_phrase(text, token)
        else:
            text, prefix = token.text.removesuffix("*"), token.text.endswith("*")
            self._check_word(field, text, token)
        return Term(field, self._checked(field, text, token, prefix=prefix), prefix)

    def _check_phrase(self, text: str, token: _Token) -> None:
        """A star in quotes is a sign, which only a single letter carries (A*, C*-algebra)."""
        star = stray_star(text)
        if star is not None:
            raise self._error(
                "* in quotes is no wildcard", token.position + 1 + star, hint="write a word with * outside the quotes"
            )

    def _check_word(self, field: str, text: str, token: _Token) -> None:
        foreign = foreign_sign(field, text)
        if foreign:
            raise self._error(foreign.message, token.position + foreign.position, hint=foreign.hint)
        if text[:1] in "[{" and self._peek().text == "TO":
            raise self._error("ranges [… TO …] can't be asked for", token.position, hint=DATES_HINT)
        wild = re.search(r"[*?]", text)
        if wild:
            raise self._error(
                f"{wild[0]} isn't allowed here: only one * at the end of a word is a wildcard",
                token.position + wild.start(),
                hint="put the words in quotes if you mean the character itself",
            )
        if field == "all" and text.lower() in ("and", "or", "not", "andnot"):
            raise self._error(
                f'"{text}" is a word here; operators are in capitals: {text.upper()}',
                token.position,
                hint=f'write "{text}" in quotes if you mean the word',
            )
        if ":" in text and field not in ("id", "doi"):
            raise self._error(
                "a word can't contain a colon",
                token.position + text.index(":"),
                hint="put the words in quotes",
            )

    def _checked(self, field: str, text: str, token: _Token, *, prefix: bool) -> str:
        """Return the value in its canonical spelling, or fail if it can't match anything."""
        if field == "cat":
            return self._category(text, token, prefix=prefix)
        if field == "id" and not prefix:
            ident = parse_identifier(text)
            if ident is None:
                raise self._error(f'"{text}" is no arXiv id', token.position, hint="like 2601.05174 or hep-th/9901001")
            return f"{ident.id}v{ident.version}" if ident.version else ident.id
        empty = parse_pattern(text) is None if field == "au" else term_words(text) is None
        if empty:
            hint = SIGN_ALONE_HINT if token.kind is _Kind.WORD else ""
            raise self._error("nothing to look for: there is no letter or digit", token.position, hint=hint)
        return text

    def _category(self, text: str, token: _Token, *, prefix: bool) -> str:
        category = normalise_category(text.rstrip(".") if prefix else text)
        if category is None:
            codes = ", ".join(named(text)[:6])
            hint = f"{text}: {codes}" if codes else "like cs.LG, math.*, hep-th; several: cat:(cs.LG OR cs.CL)"
            raise self._error(f'"{text}" is no category', token.position, hint=hint)
        if prefix and text.endswith("."):
            return f"{category}."
        return category

    def _field_error(self, token: _Token) -> QuerySyntaxError:
        if refused := refused_field(token.text):
            return self._error(f"{token.text}: can't be asked for here", token.position, hint=refused)
        from difflib import get_close_matches

        close = get_close_matches(token.text.lower(), [*FIELDS, *ALIASES], n=1)
        guess = f"did you mean {close[0]}:? " if close else ""
        return self._error(
            f"unknown field {token.text}:",
            token.position,
            hint=f"{guess}fields are {' '.join(f'{field}:' for field in FIELDS)}; quote text that contains a colon",
        )

    def _begins_group(self) -> bool:
        return self._position == 0 or self._tokens[self._position - 1].kind is _Kind.OPEN

    def _takes(self, operator: str) -> bool:
        token = self._peek()
        if token.kind is _Kind.OPERATOR and token.text == operator:
            self._position += 1
            return True
        return False

    def _takes_minus(self) -> bool:
        if self._kind() is not _Kind.MINUS:
            return False
        self._position += 1
        return True

    def _kind(self) -> _Kind:
        return self._peek().kind

    def _peek(self) -> _Token:
        return self._tokens[self._position]

    def _next(self) -> _Token:
        token = self._tokens[self._position]
        self._position += token.kind is not _Kind.END
        return token

    def _error(self, message: str, position: int | None = None, *, hint: str = "") -> QuerySyntaxError:
        at = self._peek().position if position is None else position
        return QuerySyntaxError(
            f"{self._name}: {message} (character {at + 1})", name=self._name, position=at, hint=hint
        )
