"""Why nothing fits: how each condition of a selection was read, and how many papers it leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from digest.models import Frozen, Paper
from digest.selection.filters import content_filters, type_filter
from digest.selection.indexing import IndexedPaper, PaperIndex
from digest.selection.lists import unwanted_author
from digest.selection.query import And, Node, Not, Or, Query, Term
from digest.selection.selecting import select
from digest.selection.selection import Selection
from digest.selection.similar import Example


class Condition(Frozen):
    """One condition, and how many papers pass it, whatever the others say."""

    parameter: str = Field(description="The parameter or configuration key.")
    words: str = Field(description="How it was read.")
    papers: int = Field(description="Papers that pass it, the announce types already chosen.")


def account_for(
    papers: Sequence[Paper], selection: Selection, *, examples: Sequence[Example] = (), index: PaperIndex | None = None
) -> tuple[Condition, ...]:
    """Return the conditions of a selection, in the order in which they are asked; parts before the whole.

    Where it narrows another selection, whose papers are then counted first, that one's conditions are not told.
    """
    index = PaperIndex() if index is None else index
    told: list[Condition] = []
    if selection.within is not None:
        base = select(papers, selection.within, examples=examples, index=index)
        papers = [entry.paper for entry in base.entries]
        told.append(Condition(parameter="feed", words="in the feed", papers=len(papers)))
    wanted = type_filter(selection).passes
    typed = [paper for paper in map(index.__getitem__, papers) if wanted(paper)]
    types = " or ".join(selection.effective_types)
    told.append(Condition(parameter="types", words=f"announced as {types}", papers=len(typed)))
    told += (_counted(typed, words, part) for words, part in _parts(selection))
    if selection.min_score is not None:
        open_ended = selection.model_copy(update={"min_score": None, "limit": None})
        scored = select(papers, open_ended, examples=examples, index=index).entries
        number = sum(entry.score >= selection.min_score for entry in scored)
        words = f"score from {selection.min_score:g}, among the papers that pass all the rest"
        told.append(Condition(parameter="min_score", words=words, papers=number))
    return tuple(told)


def _counted(papers: Sequence[IndexedPaper], words: str, part: Selection) -> Condition:
    (rule,) = content_filters(part)
    return Condition(parameter=rule.name, words=words, papers=sum(map(rule.passes, papers)))


def _parts(selection: Selection) -> Iterator[tuple[str, Selection]]:
    """Yield each condition in words, with a selection that holds it alone."""
    scoring = selection.scoring if selection.within is None else Selection().scoring
    if selection.has:
        yield "with a link to code", Selection(has=selection.has)
    if selection.q is not None:
        parts = _conditions(selection.q.root)
        for part in parts:
            yield query_words(part), Selection(q=Query(part))
        if len(parts) > 1:
            yield f"the whole query, read as {selection.q}", Selection(q=selection.q)
    for name in selection.author:
        yield author_words(name), Selection(author=(name,))
    if len(selection.author) > 1:
        yield "all of that about authors", Selection(author=selection.author)
    for term in selection.include:
        yield f"{term} in title or abstract", Selection(include=(term,), scoring=scoring)
    if len(selection.include) > 1:
        yield "at least one of them", Selection(include=selection.include, scoring=scoring)
    for term in selection.exclude:
        yield f"not {term}", Selection(exclude=(term,), scoring=scoring)


def _conditions(root: Node) -> tuple[Node, ...]:
    return root.parts if isinstance(root, And | Or) else (root,)


def query_words(node: Node) -> str:
    """Return a condition of a query as it was read."""
    match node:
        case Term(field="all"):
            return f"{node} anywhere"
        case Term(field="au", text=text):
            return author_words(text)
        case Not(Term(field="all") as term):
            return f"not {term} anywhere"
        case _:
            return str(node)


def author_words(item: str) -> str:
    """Return an author as asked for: one with a comma is one person."""
    unwanted = unwanted_author(item)
    if unwanted is not None:
        return f"not {author_words(unwanted)}"
    family, comma, given = (part.strip() for part in item.partition(","))
    return f"by {given} {family}, one person (semicolons separate several)" if comma and given else f"by {item}"
