"""Where in a text the words are that a feed looks for: offsets for marks on pages, found by the matcher itself.

A place counts exactly if `indexing.Text` of that piece alone has the term, so what is marked is what matched: inflections,
spellings and compounds included. Nothing is searched for with an expression made of what a reader typed.
"""

from __future__ import annotations

import re
from collections import defaultdict
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
_BREAK = re.compile(r"\n\n")
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


def sought_by_all(selections: Iterable[Selection]) -> Sought:
    """Return what several feeds look for, together."""
    each = [sought_by(one) for one in selections]
    terms = dict.fromkeys(term for one in each for term in one.terms)
    return Sought(tuple(terms), tuple(dict.fromkeys(name for one in each for name in one.authors)))


def places_of(terms: Collection[Words], text: str, *, avoid: Sequence[Place] = ()) -> list[Place]:
    """Return where *terms* stand in *text*, in order, not overlapping, none across two paragraphs.

    Args:
        terms: What is looked for.
        text: As it is shown, math and all.
        avoid: Places in which nothing is looked for, in order: math.
    """
    if not terms:
        return []
    vocabulary, heads = Vocabulary(), _Heads(terms)
    found: list[Place] = []
    for run in _runs(text, avoid):
        folded = [fold(text[start:end]).strip() for start, end in run]
        for place in range(len(run)):
            for term in heads.beginning(folded, place):
                found += _place(term, text, run[place:], vocabulary)
    return united(found)


def united(places: Iterable[Place]) -> list[Place]:
    """Return places in order, those that overlap as one."""
    joined: list[Place] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


class _Heads:
    """Terms by the words that they can begin with, so that most words of a text need no closer look."""

    def __init__(self, terms: Collection[Words]) -> None:
        self._whole: defaultdict[str, list[Words]] = defaultdict(list)
        self._beginnings: list[tuple[tuple[str, ...], Words]] = []
        for term in terms:
            if term.prefix:
                self._beginnings.append((tuple({raw.split()[0] for raw in term.raw}), term))
            else:
                for head in term.heads:
                    self._whole[head].append(term)

    def beginning(self, folded: Sequence[str], place: int) -> list[Words]:
        """Return the terms that may begin with the folded word at *place*, or with that and the next as one."""
        first = folded[place]
        words = {first, *first.split(), first + folded[place + 1] if place + 1 < len(folded) else first}
        found = [term for word in words for term in self._whole.get(word, ())]
        found += [term for heads, term in self._beginnings if any(word.startswith(heads) for word in words)]
        return list(dict.fromkeys(found))


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
    """Return the words of each stretch of a paragraph between the places to avoid."""
    breaks = [found.span() for found in _BREAK.finditer(text)]
    start = 0
    for begin, end in sorted((*avoid, *breaks, (len(text), len(text)))):
        yield [found.span() for found in _PIECE.finditer(text, start, max(begin, start))]
        start = max(end, start)


def _place(term: Words, text: str, run: Sequence[Place], vocabulary: Vocabulary) -> list[Place]:
    """Return where a term is that may begin with the first word of *run*; nothing if it doesn't."""
    longest = min(max(*(raw.count(" ") for raw in term.raw), 2), _LONGEST)
    for _, end in run[:longest]:
        if Text(text[run[0][0] : end], vocabulary).has(term):
            return [(run[0][0], end)]
    return []
