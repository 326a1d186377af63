"""How much a feed may hold: whole days up to what readers take, or as much as was asked for. Pure.

What is kept follows from an estimate and not from rendered bytes, so that every format and the page show the same papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from digest.config.views import SummaryMode
from digest.feeds.paging import position_of
from digest.feeds.papers import FeedContent, FeedRequest
from digest.models import Entry
from digest.reports.receipts import left_out_by_size

USUAL_BYTES = 4_000_000
"""CommaFeed refuses feeds above 5 MB, The Old Reader at nearly 7 MB, Vercel answers above 4.5 MB."""
USUAL_ITEMS = 1_500
"""Inoreader blocks feeds of more than 3,000 articles, Thunderbird gave up at as many."""
_HEAD_BYTES = 20_000
_ENTRY_BYTES = 1_400
_AUTHOR_BYTES = 65
_MATCH_BYTES = 120
_SUMMARY_BYTES = 300


@dataclass(frozen=True)
class Room:
    """What a feed may hold.

    Attributes:
        longest: Bytes that no answer may pass; 0: any number.
        is_asked: Whether an address or the configuration says how many days or papers: then only `longest` counts.
        rest: The address of the same feed that says how many days it wants; "" for none.
        cursor: Behind which entry it begins; "" for the first one.
    """

    longest: int = 0
    is_asked: bool = True
    rest: str = ""
    cursor: str = ""


def room_of(request: FeedRequest, longest: int, rest: str, cursor: str = "") -> Room:
    """Return the room for a feed; *rest* is its address with `days`, *cursor* where it begins."""
    return Room(longest, request.is_sized, "" if request.is_sized else rest, cursor)


def fitted(content: FeedContent, room: Room) -> FeedContent:
    """Return what there is room for; the receipt counts the rest, and names the address that gives it, if any does.

    Raises:
        InputError: The room begins at a cursor of another feed, or at none.
    """
    mode = content.request.view.summary
    start = position_of(room.cursor, content.request, content.entries) if room.cursor else 0
    entries = content.entries[start:]
    sizes = [estimated_bytes(entry, mode) for entry in entries]
    kept = len(entries) if room.is_asked else _whole_days(entries, sizes)
    if room.longest:
        kept = min(kept, _most_within(sizes, room.longest))
    if not start and kept == len(entries):
        return content
    has_address = not room.longest or _HEAD_BYTES + sum(sizes) <= room.longest
    receipt = left_out_by_size(content.receipt, len(content.entries) - kept)
    receipt = receipt.model_copy(update={"rest": (has_address and room.rest) or None})
    return replace(content, entries=entries[:kept], receipt=receipt, is_cut=kept < len(entries))


def estimated_bytes(entry: Entry, mode: SummaryMode = SummaryMode.AUTO) -> int:
    """Return how long an entry is in the longest of the formats, rather too much than too little.

    Formats hold the abstract once, and a summary beside it or the abstract a second time.
    """
    paper = entry.paper
    abstract = len(paper.abstract.encode()) * 21 // 20  # signs that are escaped
    second = abstract if mode is SummaryMode.NONE else _SUMMARY_BYTES
    texts = len(paper.title.encode()) + len((paper.comment or "").encode()) + abstract + second
    return _ENTRY_BYTES + texts + _AUTHOR_BYTES * len(paper.authors) + _MATCH_BYTES * len(entry.matches)


def _whole_days(entries: Sequence[Entry], sizes: Sequence[int]) -> int:
    """Return how many of the first entries are shown where nobody said: the newest day, then whole days that fit."""
    kept, used = 0, _HEAD_BYTES
    for _, day in groupby(entries, key=lambda entry: entry.paper.announced):
        count = len(tuple(day))
        used += sum(sizes[kept : kept + count])
        if kept and (used > USUAL_BYTES or kept + count > USUAL_ITEMS):
            break
        kept += count
    return kept


def _most_within(sizes: Sequence[int], longest: int) -> int:
    """Return how many of the first entries fit."""
    return sum(_HEAD_BYTES + total <= longest for total in accumulate(sizes))
