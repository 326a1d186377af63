"""The papers of many listings as one list: each paper once, nothing lost, whatever the order of arrival.

Merging comes before any filter: a paper that one category calls `cross` and another `new` is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from digest.models import Listing, Paper
from digest.selection.order import as_listed

_AUTHORS_ON_PAGES = 100
_FILLED_FROM_EARLIER = ("published", "updated", "comment", "journal_ref", "doi", "license", "code_url")


def merge_listings(listings: Iterable[Listing], *, replacements_apart: bool = False) -> tuple[Paper, ...]:
    """Unite the papers of *listings* by id: newest announcement first, within a day arXiv's order (type, then id).

    The result does not depend on the order of *listings*. With *replacements_apart* each replacement
    is a paper of its own and changes nothing about the version announced before.
    """
    by_id: dict[tuple[str, date | None], list[tuple[Paper, int]]] = {}
    for listing in listings:
        for paper in listing.papers:
            apart = replacements_apart and paper.announce_type.is_replacement
            by_id.setdefault((paper.id, paper.announced if apart else None), []).append((paper, listing.parser))
    merged = (merge_announcements(*zip(*found, strict=True)) for found in by_id.values())
    return tuple(sorted(merged, key=as_listed))


def merge_announcements(announcements: Sequence[Paper], parsers: Sequence[int] = ()) -> Paper:
    """Make one paper of its *announcements* (at least one, in any order).

    The strongest announce type and its day win (a paper stays where it first appeared as new), the
    text of the latest announcement wins, categories unite, and what only an earlier one knows is kept.

    Args:
        announcements: What was read of the paper.
        parsers: The version of the parsers that read each; of one day's readings the newest wins. None: all the same.
    """
    if len(announcements) == 1:
        return announcements[0]
    by_precedence = _by_precedence(announcements, _ranks(announcements, parsers))
    latest, *earlier = by_precedence
    home = min(announcements, key=_strength)
    changes: dict[str, Any] = {
        "announce_type": home.announce_type,
        "announced": home.announced,
        "replaced": _replaced(announcements, home.announced),
        "categories": _united_categories(by_precedence),
        "version": next((p.version for p in by_precedence if p.version and p.announced == latest.announced), None),
    }
    for field in _FILLED_FROM_EARLIER:
        if not getattr(latest, field):
            changes[field] = next((getattr(paper, field) for paper in earlier if getattr(paper, field)), None)
    return latest.model_copy(update={name: value for name, value in changes.items() if value != getattr(latest, name)})


def _ranks(announcements: Sequence[Paper], parsers: Sequence[int]) -> Sequence[int]:
    """Rank the readings of one paper by parser; not where a page may have cut the authors off, which end there at a hundred."""
    may_be_cut = any(len(paper.authors) >= _AUTHORS_ON_PAGES for paper in announcements)
    return parsers if parsers and not may_be_cut else [0] * len(announcements)


def _strength(paper: Paper) -> tuple[int, date]:
    """Order of announcements: the strongest type (replacements are the weakest), then the earliest."""
    return paper.announce_type.rank, paper.announced


def _by_precedence(announcements: Sequence[Paper], parsers: Sequence[int]) -> list[Paper]:
    """Sort texts of one paper, the one that counts first.

    The latest day (a later one never shows an older version), the newer of the *parsers* that read them, version,
    the fullest record. Texts that are equal in all that are told apart by what they say, in any fixed order: most
    are the same text, seen in two listings.
    """
    ranks = [_fullness(paper, parser) for paper, parser in zip(announcements, parsers, strict=True)]
    order = sorted(range(len(ranks)), key=ranks.__getitem__, reverse=True)
    if len(set(ranks)) < len(ranks):
        order.sort(key=lambda index: (ranks[index], _wording(announcements[index])), reverse=True)
    return [announcements[index] for index in order]


def _fullness(paper: Paper, parser: int) -> tuple[date, int, int, int, int, bool]:
    return paper.announced, parser, paper.version or 0, len(paper.authors), len(paper.abstract), bool(paper.comment)


def _wording(paper: Paper) -> tuple[Any, ...]:
    """Return everything that a paper says, comparable."""
    instants = (paper.published, paper.updated)
    texts = (paper.comment, paper.journal_ref, paper.doi, paper.license, paper.code_url)
    return (
        paper.title,
        paper.abstract,
        paper.categories,
        paper.primary_category,
        [(author.name, author.affiliation or "") for author in paper.authors],
        [text or "" for text in texts],
        [instant.isoformat() if instant else "" for instant in instants],
        paper.replaced.toordinal() if paper.replaced else 0,
        paper.withdrawn,
        paper.more_authors,
        paper.announce_type.rank,
    )


def _replaced(announcements: Sequence[Paper], home: date) -> date | None:
    days = [paper.announced for paper in announcements if paper.announce_type.is_replacement]
    return max((day for day in days if day > home), default=None)


def _united_categories(by_precedence: Sequence[Paper]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for paper in by_precedence for code in paper.categories))
