"""Profiles of papers that were compared lately: made once a process, however often a feed is ranked anew."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from cachetools import LRUCache

from digest.models import Paper
from digest.selection.indexing import PaperIndex
from digest.selection.similar import Profiles
from digest.selection.vectors import text_key

MOST = 30_000
"""Profiles that are remembered, a month of the busiest archives; 500 bytes each with their place in the table."""

_known: LRUCache[tuple[str, bytes], bytes] = LRUCache(MOST)
_lock = Lock()


def remembered_profiles(papers: Iterable[Paper], index: PaperIndex | None = None) -> dict[bytes, bytes]:
    """Return the profiles of *papers* by `text_key`; a profile depends on the text and the fit alone.

    Those that aren't remembered are made of what *index* makes of the papers.
    """
    profiles, index = Profiles(), index or PaperIndex()
    version = profiles.words.version
    found: dict[bytes, bytes] = {}
    for paper in papers:
        key = text_key(paper.title, paper.abstract)
        with _lock:  # several threads render
            profile = _known.get((version, key))
        if profile is None:
            profile = profiles.of(index[paper])
            with _lock:
                _known[version, key] = profile
        found[key] = profile
    return found
