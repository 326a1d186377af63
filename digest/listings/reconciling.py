"""Hold one source's listing against another's: which to believe, and what both together know. Pure.

arXiv's feed can hold yesterday's papers under today's date, or today's under yesterday's; nothing in it
shows that, but what is stored of the day before does. The listing page states its day and its totals: where it
disagrees with the feed about who belongs to the day, the page is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from digest.listings.merging import merge_announcements
from digest.models import AnnounceType, Listing, Paper
from digest.selection.order import within_day

_SAME_BATCH = 0.5
"""Share of common new papers from which two listings are the same batch. Neighbouring days share none."""


class Verdict(Enum):
    """What a fresh answer of the announcement feed is worth."""

    GOOD = "good"
    EMPTY = "empty"
    """No papers: a day without announcement, not out yet, or a failure. Another source decides."""
    STALE = "stale"
    """The papers of the day that is stored already, under a newer date."""
    MISDATED = "misdated"
    """Other papers than those stored under this date."""
    OLD = "old"
    """An older day than the newest stored one."""


def judge(fresh: Listing, held: Listing | None) -> Verdict:
    """Tell what *fresh* is worth, given the newest listing *held* of its context."""
    if not fresh.papers:
        return Verdict.EMPTY
    if held is None:
        return Verdict.GOOD
    if fresh.day < held.day:
        return Verdict.OLD
    same = overlap(fresh, held)
    if fresh.day > held.day:
        return Verdict.STALE if same > _SAME_BATCH else Verdict.GOOD
    return Verdict.GOOD if same > _SAME_BATCH or not _batch(held) or not _batch(fresh) else Verdict.MISDATED


def overlap(one: Listing, other: Listing) -> float:
    """Return the share of the smaller batch's new papers that the other has as well; 0 where one has none."""
    first, second = _batch(one), _batch(other)
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def unite(held: Listing, fresh: Listing) -> Listing:
    """Return what both listings of one context and day know together; *fresh* adds to what is *held*.

    No paper is lost, with one exception: a listing that could not tell who belongs here (provisional), or that
    shows another batch, gives way to one that states arXiv's totals. Where both hold a paper, the record that newer
    parsers read prevails, then the one with more authors; what only the other one knows is filled in. A listing without
    papers says nothing against one that has some (arXiv's cache serves such pages), unless that was provisional.
    """
    if not fresh.papers and held.papers and not held.provisional:
        return held.model_copy(update={"parser": max(held.parser, fresh.parser)})
    if fresh.papers and not held.papers:
        return fresh
    exact = fresh.announced is not None or not fresh.provisional
    replaces = exact and (held.provisional or (fresh.announced is not None and _contradicts(fresh, held)))
    fresh_ids = {paper.id for paper in fresh.papers}
    extra = () if replaces else tuple(paper for paper in held.papers if paper.id not in fresh_ids)
    held_by_id = {paper.id: paper for paper in held.papers}
    papers = [_united(held_by_id.get(paper.id), paper, (held.parser, fresh.parser)) for paper in fresh.papers]
    return fresh.model_copy(
        update={
            "papers": tuple(sorted((*papers, *extra), key=within_day)),
            "announced": fresh.announced or held.announced,
            "source": held.source,
            "provisional": fresh.provisional and held.provisional,
            "backfilled": held.backfilled,
            "parser": max(held.parser, fresh.parser),
            "asked": fresh.asked if exact else held.asked,
        }
    )


def unknown_papers(found: Listing, held: Iterable[Listing]) -> tuple[Paper, ...]:
    """Return the papers of *found* that none of the listings *held* has, whatever day they are of."""
    known = {paper.id for listing in held for paper in listing.papers}
    return tuple(paper for paper in found.papers if paper.id not in known)


def _united(held: Paper | None, fresh: Paper, parsers: tuple[int, int]) -> Paper:
    if held is None:
        return fresh
    both = merge_announcements((held.model_copy(update={"announced": fresh.announced}), fresh), parsers)
    changes = {"announce_type": fresh.announce_type, "replaced": None}
    if parsers[0] == parsers[1]:
        # Feeds have no comments, which may be the only ones to say so, and drop "et al.".
        changes |= {name: getattr(held, name) or getattr(fresh, name) for name in ("withdrawn", "more_authors")}
    return both.model_copy(update=changes)


def _contradicts(fresh: Listing, held: Listing) -> bool:
    return bool(_batch(fresh)) and bool(_batch(held)) and overlap(fresh, held) <= _SAME_BATCH


def _batch(listing: Listing) -> set[str]:
    return {paper.id for paper in listing.papers if paper.announce_type in {AnnounceType.NEW, AnnounceType.CROSS}}
