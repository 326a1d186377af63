"""Built-in summaries made lately, bounded in bytes: each is a function of title and abstract, so it is made once."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path

from cachetools import LRUCache

from digest import __version__
from digest.models import Summary
from digest.summaries import summarise

LIMIT_BYTES = 16_000_000
"""About 7,000 summaries."""
_OBJECT_BYTES = 1_600
"""Of a summary without its texts: the object, its table of members, the key and its places here."""


class KeptSummaries:
    """Make summaries, and remember them; several threads may ask at once.

    Args:
        limit_bytes: Of all summaries together; the one that was asked for least lately goes first.

    Attributes:
        made: How many were made, not remembered.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._kept: LRUCache[bytes, Summary] = LRUCache(limit_bytes, size_of)
        self._lock = threading.Lock()
        self.made = 0

    @property
    def size_bytes(self) -> int:
        """Memory that they take, about."""
        return int(self._kept.currsize)

    def get(self, title: str, abstract: str) -> Summary:
        """Return the built-in summary of a paper."""
        key = _key(title, abstract)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = summarise(title, abstract)
            self.made += 1
            self._keep(key, found)
        return found

    def put(self, title: str, abstract: str, summary: Summary) -> None:
        """Remember a summary that was made with these weights, in another process or earlier."""
        self._keep(_key(title, abstract), summary)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._kept.clear()

    def _keep(self, key: bytes, summary: Summary) -> None:
        with self._lock:
            if size_of(summary) <= self._kept.maxsize:
                self._kept[key] = summary


def size_of(summary: Summary) -> int:
    """Return the memory that a summary takes, in bytes, about."""
    texts = (text for _, text in summary if isinstance(text, str))
    return _OBJECT_BYTES + sum(len(text) * (1 if text.isascii() else 2) for text in texts)


def builtin_summary(title: str, abstract: str) -> Summary:
    """Return the built-in summary of a paper; those made lately are remembered."""
    return KEPT.get(title, abstract)


@cache
def summaries_version() -> str:
    """Name program, rules and weights: summaries that others made are never mixed with those of this version."""
    files = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in {".py", ".json"})
    made_by = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    return f"{__version__}-{made_by}"


def _key(title: str, abstract: str) -> bytes:
    return hashlib.blake2b(f"{title}\n\n{abstract}".encode(), digest_size=16).digest()


KEPT = KeptSummaries()
"""Those of this process."""
