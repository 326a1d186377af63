"""Listings that were read lately, parsed, bounded in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cachetools import LRUCache

from digest.models import Listing, Paper

Key = tuple[str, date, str]
"""Context, day and fingerprint of a listing."""

LIMIT_BYTES = 25_000_000
_PAPER_BYTES = 3_300
"""Of a paper without its long texts: the object, its table of members, short texts, categories, times."""
_AUTHOR_BYTES = 560


class ParsedListings:
    """Remember parsed listings; the one that was asked for least lately goes first.

    Args:
        limit_bytes: Of all together. A listing that is larger isn't kept.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._kept: LRUCache[Key, Listing] = LRUCache(limit_bytes, size_of)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """Memory that they take, about."""
        return int(self._kept.currsize)

    def get(self, key: Key) -> Listing | None:
        """Return the listing, which was asked for now; None if it isn't kept."""
        return self._kept.get(key)

    def put(self, found: Mapping[Key, Listing]) -> None:
        """Remember listings."""
        for key, listing in found.items():
            if key not in self._kept and size_of(listing) <= self._kept.maxsize:
                self._kept[key] = listing


def size_of(listing: Listing) -> int:
    """Return the memory that a listing takes, in bytes, about."""
    return 2_000 + sum(map(_size_of_paper, listing.papers))


def _size_of_paper(paper: Paper) -> int:
    texts = sum(len(text) * (1 if text.isascii() else 2) for text in (paper.title, paper.abstract, paper.comment or ""))
    return _PAPER_BYTES + texts + _AUTHOR_BYTES * len(paper.authors)
