"""Queries against papers: a tree becomes one predicate, made once and asked for each paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from digest.arxiv.identifiers import parse_identifier
from digest.selection.authors import parse_pattern
from digest.selection.categories import is_archive
from digest.selection.indexing import IndexedPaper
from digest.selection.query import And, Node, Not, Or, Query, Term
from digest.selection.words import term_words

_COSTS = {"cat": 0, "id": 0, "doi": 0, "ti": 2, "au": 3, "abs": 4, "all": 5}

Predicate = Callable[[IndexedPaper], bool]


def compile_query(query: Query) -> Predicate:
    """Return a function that tells whether a paper is what the query asks for."""
    return _compile(query.root)


def failing_part(query: Query, paper: IndexedPaper) -> str:
    """Return the parts of the query that keep a paper out, in canonical spelling; "" if it passes."""
    return _failing(query.root, paper)


def holding_part(query: Query, paper: IndexedPaper) -> str:
    """Return the parts of the query by which a paper passes, in canonical spelling; "" if it doesn't."""
    return _holding(query.root, paper)


def _compile(node: Node) -> Predicate:
    match node:
        case Term():
            return _compile_term(node)
        case Not(part):
            inner = _compile(part)
            return lambda paper: not inner(paper)
        case And(parts):
            return _all_hold([_compile(part) for part in sorted(parts, key=_cost)])
        case Or(parts):
            return _one_holds([_compile(part) for part in sorted(parts, key=_cost)])


def _cost(node: Node) -> int:
    """Order conditions by what they make to be prepared: names of categories before whole abstracts."""
    match node:
        case Term(field):
            return _COSTS.get(field, 1)
        case Not(part):
            return _cost(part)
        case And(parts) | Or(parts):
            return max(map(_cost, parts))


def _failing(node: Node, paper: IndexedPaper) -> str:
    if _compile(node)(paper):
        return ""
    match node:
        case And(parts):
            return " AND ".join(filter(None, (_failing(part, paper) for part in parts)))
        case _:
            return f"({node})" if isinstance(node, Or) else str(node)


def _holding(node: Node, paper: IndexedPaper) -> str:
    if not _compile(node)(paper):
        return ""
    match node:
        case And(parts):
            return " AND ".join(_holding(part, paper) for part in parts)
        case Or(parts):
            return next(filter(None, (_holding(part, paper) for part in parts)))
        case _:
            return str(node)


def _compile_term(term: Term) -> Predicate:
    match term.field:
        case "au":
            return has_author(term.text, prefix=term.prefix)
        case "cat":
            return in_category(term.text, prefix=term.prefix)
        case "id":
            return _has_id(term)
        case "doi":
            return _has_doi(term)
        case "all":
            return _anywhere(term)
        case field:
            return _in_text(field, term)


def _all_hold(predicates: Sequence[Predicate]) -> Predicate:
    """Join predicates by AND."""

    def holds(paper: IndexedPaper) -> bool:
        for predicate in predicates:  # noqa: SIM110  # half the time of all() with a generator
            if not predicate(paper):
                return False
        return True

    return holds


def _one_holds(predicates: Sequence[Predicate]) -> Predicate:
    """Join predicates by OR."""

    def holds(paper: IndexedPaper) -> bool:
        for predicate in predicates:  # noqa: SIM110  # half the time of any() with a generator
            if predicate(paper):
                return True
        return False

    return holds


def has_author(text: str, *, prefix: bool = False) -> Predicate:
    """Return a predicate for an author in any of the ways that `parse_pattern` reads."""
    pattern = parse_pattern(text, prefix=prefix)
    if pattern is None:
        return _never
    return lambda paper: paper.has_author(pattern)


def in_category(text: str, *, prefix: bool = False) -> Predicate:
    """Return a predicate for a category, an archive (`cs`: all of it), or the beginning of either.

    A category is found under its other name too (cs.SY = eess.SY); an archive holds what is named after it.
    """
    asked = text.lower()
    if prefix:
        return lambda paper: any(category.startswith(asked) for category in paper.carried)
    if is_archive(asked):
        inside = f"{asked}."
        return lambda paper: asked in paper.categories or any(name.startswith(inside) for name in paper.carried)
    return lambda paper: asked in paper.categories


def _in_text(field: str, term: Term) -> Predicate:
    words = term_words(term.text, prefix=term.prefix)
    if words is None:
        return _never
    match field:
        case "ti":
            return lambda paper: paper.title.has(words)
        case "abs":
            return lambda paper: paper.abstract.has(words)
        case "co":
            return lambda paper: paper.paper.comment is not None and paper.comment.has(words)
        case _:
            return lambda paper: paper.paper.journal_ref is not None and paper.journal_ref.has(words)


def _anywhere(term: Term) -> Predicate:
    either = [_in_text(field, term) for field in ("ti", "abs", "co", "jr")]
    either += [has_author(term.text, prefix=term.prefix), _has_doi(term)]
    if parse_identifier(term.text):
        either.append(_has_id(term))
    if "." in term.text or "-" in term.text:  # a bare `math` is the word, `math.AG` the category
        asked = term.text.lower()
        either.append(lambda paper: asked in paper.categories)
    return _one_holds(either)


def _has_id(term: Term) -> Predicate:
    if term.prefix:
        return lambda paper: paper.paper.id.startswith(term.text)
    asked = parse_identifier(term.text)
    if asked is None:
        return _never
    # Listing pages seldom tell the version: an unknown one may be the one asked for.
    return lambda paper: (
        paper.paper.id == asked.id
        and (asked.version is None or paper.paper.version is None or paper.paper.version == asked.version)
    )


def _has_doi(term: Term) -> Predicate:
    asked = term.text.lower()
    if term.prefix:
        return lambda paper: any(doi.startswith(asked) for doi in (paper.paper.doi or "").lower().split())
    return lambda paper: asked in (paper.paper.doi or "").lower().split()


def _never(_: IndexedPaper) -> bool:
    return False
