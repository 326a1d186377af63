"""Where in a text the words are that a feed looks for: offsets for marks on pages, found by the matcher itself.

A place counts exactly if `indexing.Text` of that piece alone has the term, so what is marked is what matched: inflections,
spellings and compounds included. Nothing is searched for with an expression made of what a reader typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from digest.selection.authors import NamePattern, has_author, parse_name, parse_pattern
from digest.selection.indexing import Text
from digest.selection.lists import keyword_words, read_author, read_term
from digest.selection.query import And, Node, Not, Or, Term
from digest.selection.selection import Selection
from digest.selection.words import Vocabulary, Words, fold, term_words

_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*[+#*]*")
"""A word as it is written, with the signs that may belong to it (C++, A*)."""
_IN_TEXTS = frozenset({"all", "ti", "abs", "co", "jr"})
_LONGEST = 12
"""Words of a phrase that are looked for at most."""

Place = tuple[int, int]
"""Where a piece of a text begins, and where it ends (exclusive)."""


class Sought(NamedTuple):
    """What a feed looks for in papers.

    Attributes:
        terms: Words and phrases of texts.
        authors: Names.
    """

    terms: tuple[Words, ...] = ()
    authors: tuple[NamePattern, ...] = ()

    def is_author(self, name: str) -> bool:
        """Tell whether the displayed *name* is one that the feed looks for."""
        return bool(self.authors) and any(has_author((parse_name(name),), pattern) for pattern in self.authors)


def sought_by(selection: Selection) -> Sought:
    """Return the words and authors that a selection, and the one that it narrows, asks for or gives points for."""
    words: list[Words | None] = []
    names: list[NamePattern | None] = []
    for one in _levels(selection):
        words += [read_term(term).words for term in one.include]
        words += [
            keyword_words(term) for keyword in one.scoring.keywords if keyword.weight > 0 for term in keyword.terms
        ]
        names += [_pattern(name) for item in one.author for name, excluded in [read_author(item)] if not excluded]
        names += [parse_pattern(name) for name, points in one.scoring.authors.items() if points > 0]
        for term in _asked(one.q.root) if one.q else ():
            if term.field in _IN_TEXTS:
                words.append(term_words(term.text, prefix=term.prefix))
            elif term.field == "au":
                names.append(parse_pattern(term.text, prefix=term.prefix))
    return Sought(tuple(dict.fromkeys(filter(None, words))), tuple(dict.fromkeys(filter(None, names))))


def places_of(terms: Collection[Words], text: str, *, avoid: Sequence[Place] = ()) -> list[Place]:
    """Return where *terms* stand in *text*, in order, not overlapping.

    Args:
        terms: What is looked for.
        text: As it is shown, math and all.
        avoid: Places in which nothing is looked for, in order: math.
    """
    vocabulary = Vocabulary()
    found: set[Place] = set()
    for run in _runs(text, avoid):
        for term in terms:
            found.update(_places(term, text, run, vocabulary))
    return _joined(sorted(found))


def _levels(selection: Selection) -> Iterator[Selection]:
    yield selection
    if selection.within is not None:
        yield from _levels(selection.within)


def _pattern(name: str) -> NamePattern | None:
    return parse_pattern(name.removesuffix("*"), prefix=name.endswith("*"))


def _asked(node: Node) -> Iterator[Term]:
    """Return the conditions by which a paper may pass: none that a NOT holds."""
    match node:
        case Term():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                yield from _asked(part)
        case Not():
            return


def _runs(text: str, avoid: Sequence[Place]) -> Iterator[list[Place]]:
    """Return the words of each stretch of text between the places to avoid."""
    start = 0
    for begin, end in (*avoid, (len(text), len(text))):
        yield [found.span() for found in _PIECE.finditer(text, start, begin)]
        start = end


def _places(term: Words, text: str, run: Sequence[Place], vocabulary: Vocabulary) -> Iterator[Place]:
    longest = min(max(_length(term), 2), _LONGEST)
    heads = term.heads
    place = 0
    while place < len(run):
        length = 0
        if term.prefix or _may_begin(heads, text, run, place):
            ends = range(place, min(place + longest, len(run)))
            length = next(
                (n + 1 for n, end in enumerate(ends) if _has(term, text, run[place], run[end], vocabulary)), 0
            )
        if length:
            yield run[place][0], run[place + length - 1][1]
        place += length or 1


def _length(term: Words) -> int:
    """Return how many words a term has at most; parts of a compound count."""
    return max(raw.count(" ") for raw in term.raw)


def _may_begin(heads: Collection[str], text: str, run: Sequence[Place], place: int) -> bool:
    """Tell whether a term with these first words can begin at a word, or at that and the next as one."""
    start, end = run[place]
    first = fold(text[start:end]).strip()
    if first in heads or any(part in heads for part in first.split()):
        return True
    following = text[run[place + 1][0] : run[place + 1][1]] if place + 1 < len(run) else ""
    return first + fold(following).strip() in heads


def _has(term: Words, text: str, first: Place, last: Place, vocabulary: Vocabulary) -> bool:
    return Text(text[first[0] : last[1]], vocabulary).has(term)


def _joined(places: Iterable[Place]) -> list[Place]:
    """Unite places that overlap."""
    joined: list[Place] = []
    for start, end in places:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
