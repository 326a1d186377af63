"""A filter in plain words, for the title of a feed: `diffusion, not image; by Wang`."""

from __future__ import annotations

from collections.abc import Iterable

from digest.models import AnnounceType
from digest.selection.lists import unwanted_author
from digest.selection.query import And, Node, Not, Or, Term
from digest.selection.selection import DEFAULT_TYPES, Filters

LONGEST = 120
"""Characters; longer wording is cut."""

_TYPES = {
    AnnounceType.NEW: "new",
    AnnounceType.CROSS: "cross-lists",
    AnnounceType.REPLACE: "replacements",
    AnnounceType.REPLACE_CROSS: "replacements of cross-lists",
}


def filter_words(filters: Filters) -> str:
    """Return which papers pass, "" if all do. How many are kept, and in which order, is left unsaid."""
    told = [_subject(filters), _authors(filters)]
    if filters.has:
        told.append(f"with {' and '.join(filters.has)}")
    if filters.types is not None and set(filters.types) != set(DEFAULT_TYPES):
        told.append(f"only {' and '.join(_TYPES[one] for one in AnnounceType if one in filters.types)}")
    if filters.min_score is not None:
        told.append(f"score from {filters.min_score:g}")
    words = "; ".join(filter(None, told))
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip(' ,;')}…"


def _subject(filters: Filters) -> str:
    """Return what papers are about: conditions of the query that name authors are told elsewhere."""
    asked = [_words(node, inner=isinstance(node, Or) and len(_parts(filters)) > 1) for node in _parts(filters)]
    wanted = [_plain(term) for term in filters.include]
    included = [f"({' or '.join(wanted)})" if asked and len(wanted) > 1 else " or ".join(wanted)] if wanted else []
    return ", ".join([*asked, *included, *(f"not {_plain(term)}" for term in filters.exclude)])


def _authors(filters: Filters) -> str:
    named = [term for term in _conditions(filters) if _is_author(term)]
    wanted = [name for name in filters.author if unwanted_author(name) is None]
    unwanted = [name for item in filters.author if (name := unwanted_author(item)) is not None]
    told = [_words(term) for term in named]
    if wanted:
        told.append(f"by {' or '.join(wanted)}")
    return ", ".join([*told, *(f"not by {name}" for name in unwanted)])


def _conditions(filters: Filters) -> tuple[Node, ...]:
    """Return the conditions of the query that must all hold, wanted ones first."""
    if filters.q is None:
        return ()
    root = filters.q.root
    parts = root.parts if isinstance(root, And) else (root,)
    return tuple(sorted(parts, key=lambda part: isinstance(part, Not)))


def _parts(filters: Filters) -> list[Node]:
    return [part for part in _conditions(filters) if not _is_author(part)]


def _is_author(node: Node) -> bool:
    inner = node.part if isinstance(node, Not) else node
    return isinstance(inner, Term) and inner.field == "au"


def _words(node: Node, *, inner: bool = False) -> str:
    match node:
        case Term(field="au", text=text, prefix=prefix):
            return f"by {text}{'*' if prefix else ''}"
        case Term(field="all", text=text, prefix=prefix):
            return f"{text}{'*' if prefix else ''}"
        case Term():
            return str(node)
        case Not(part):
            return f"not {_words(part, inner=True)}"
        case And(parts):
            return _grouped(" and ", parts, inner=inner)
        case Or(parts):
            return _grouped(" or ", parts, inner=inner)


def _grouped(joint: str, parts: Iterable[Node], *, inner: bool) -> str:
    words = joint.join(_words(part, inner=True) for part in parts)
    return f"({words})" if inner else words


def _plain(term: str) -> str:
    return term.strip('"')
