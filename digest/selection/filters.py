"""The filters of a selection as rules that say why: each passes a paper or not, and can tell the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from digest.selection.indexing import IndexedPaper
from digest.selection.lists import read_term, unwanted_author
from digest.selection.matching import Predicate, compile_query, failing_part, has_author, holding_part
from digest.selection.query import Query
from digest.selection.selection import Selection
from digest.selection.substring import find_substring


class Filter(NamedTuple):
    """One filter of a selection."""

    name: str
    """The parameter or configuration key."""
    passes: Predicate
    tell: Callable[[IndexedPaper], str]
    """Why a paper passes or doesn't, for people."""


def type_filter(selection: Selection) -> Filter:
    """Return the filter by announce type, which is always there."""
    types = selection.effective_types
    wanted = ", ".join(types) or "none"
    return Filter(
        "types",
        lambda paper: paper.paper.announce_type in types,
        lambda paper: f"announced as {paper.paper.announce_type}; wanted: {wanted}",
    )


def content_filters(selection: Selection) -> list[Filter]:
    """Return the other filters that the selection sets, in the order in which they are asked."""
    made: list[Filter] = []
    if selection.has:
        made.append(Filter("has", _has_code, lambda paper: paper.paper.code_url or "no code link known"))
    if selection.q is not None:
        made.append(_query_filter(selection.q))
    if selection.author:
        made.append(_author_filter(selection.author))
    find = _find_substring if selection.scoring.scorer == "substring" else _find_words
    if selection.include:
        made.append(_include_filter(find(selection.include), selection.include))
    if selection.exclude:
        made.append(_exclude_filter(find(selection.exclude)))
    return made


Find = Callable[[IndexedPaper], str | None]


def _query_filter(query: Query) -> Filter:
    def tell(paper: IndexedPaper) -> str:
        missing = failing_part(query, paper)
        return f"no match: {missing}" if missing else f"matches: {holding_part(query, paper)}"

    return Filter("q", compile_query(query), tell)


def _author_filter(authors: Sequence[str]) -> Filter:
    wanted = _asked([author for author in authors if unwanted_author(author) is None])
    unwanted = _asked([name for author in authors if (name := unwanted_author(author)) is not None])

    def passes(paper: IndexedPaper) -> bool:
        return (not wanted or _found(wanted, paper) is not None) and _found(unwanted, paper) is None

    def tell(paper: IndexedPaper) -> str:
        if (name := _found(unwanted, paper)) is not None:
            return f"by {name}, an excluded author"
        if not wanted:
            return f"by none of: {'; '.join(name for name, _ in unwanted)}"
        name = _found(wanted, paper)
        return f"by {name}" if name else f"by none of: {'; '.join(name for name, _ in wanted)}"

    return Filter("author", passes, tell)


Asked = Sequence[tuple[str, Predicate]]


def _asked(names: Sequence[str]) -> Asked:
    return [(name, has_author(name.removesuffix("*"), prefix=name.endswith("*"))) for name in names]


def _found(asked: Asked, paper: IndexedPaper) -> str | None:
    return next((name for name, holds in asked if holds(paper)), None)


def _include_filter(find: Find, terms: Sequence[str]) -> Filter:
    def tell(paper: IndexedPaper) -> str:
        found = find(paper)
        return f'"{found}" found' if found else f"none found of: {', '.join(terms)}"

    return Filter("include", lambda paper: find(paper) is not None, tell)


def _exclude_filter(find: Find) -> Filter:
    def tell(paper: IndexedPaper) -> str:
        found = find(paper)
        return f'"{found}" found' if found else "none of the excluded terms found"

    return Filter("exclude", lambda paper: find(paper) is None, tell)


def _has_code(paper: IndexedPaper) -> bool:
    return paper.paper.code_url is not None


def _find_words(terms: Sequence[str]) -> Find:
    made = [(term, read_term(term).words) for term in terms]
    words = [(term, found) for term, found in made if found is not None]

    def find(paper: IndexedPaper) -> str | None:
        return next((term for term, asked in words if paper.title.has(asked) or paper.abstract.has(asked)), None)

    return find


def _find_substring(terms: Sequence[str]) -> Find:
    return lambda paper: find_substring(paper.paper, [term.strip('"') for term in terms])
