"""The papers of many listings as one list: each paper once, nothing lost, whatever the order of arrival.

Merging comes before any filter: a paper that one category calls `cross` and another `new` is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from digest.models import Listing, Paper

_FILLED_FROM_EARLIER = ("published", "updated", "comment", "journal_ref", "doi", "license", "code_url")


def merge_listings(listings: Iterable[Listing], *, replacements_apart: bool = False) -> tuple[Paper, ...]:
    """Unite the papers of *listings* by id: newest announcement first, within a day arXiv's order (type, then id).

    The result does not depend on the order of *listings*. With *replacements_apart* each replacement
    is a paper of its own and changes nothing about the version announced before.
    """
    by_id: dict[tuple[str, date | None], list[Paper]] = {}
    for listing in listings:
        for paper in listing.papers:
            apart = replacements_apart and paper.announce_type.is_replacement
            by_id.setdefault((paper.id, paper.announced if apart else None), []).append(paper)
    return tuple(sorted(map(merge_announcements, by_id.values()), key=_announcement_order))


def merge_announcements(announcements: Sequence[Paper]) -> Paper:
    """Make one paper of its *announcements* (at least one, in any order).

    The strongest announce type and its day win (a paper stays where it first appeared as new), the
    text of the latest announcement wins, categories unite, and what only an earlier one knows is kept.
    """
    if len(announcements) == 1:
        return announcements[0]
    by_precedence = sorted(announcements, key=_text_precedence, reverse=True)
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


def _announcement_order(paper: Paper) -> tuple[int, int, str]:
    return -paper.announced.toordinal(), paper.announce_type.rank, paper.id


def _strength(paper: Paper) -> tuple[int, date]:
    """Order of announcements: the strongest type (replacements are the weakest), then the earliest."""
    return paper.announce_type.rank, paper.announced


def _text_precedence(paper: Paper) -> tuple[Any, ...]:
    """Order of texts of one paper: the latest day (a later one never shows an older version), version, the fullest record; then any fixed order."""
    return (
        paper.announced,
        paper.version or 0,
        len(paper.authors),
        len(paper.abstract),
        bool(paper.comment),
        paper.title,
        paper.abstract,
        paper.comment or "",
        paper.categories,
        paper.primary_category,
        str(paper.authors),
        str(paper),
    )


def _replaced(announcements: Sequence[Paper], home: date) -> date | None:
    days = [paper.announced for paper in announcements if paper.announce_type.is_replacement]
    return max((day for day in days if day > home), default=None)


def _united_categories(by_precedence: Sequence[Paper]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for paper in by_precedence for code in paper.categories))
