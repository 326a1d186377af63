"""How much of one paper is read: what is longer than anything that arXiv takes is cut, and the paper stays."""

from __future__ import annotations

LONGEST_TEXT = 300_000
"""Characters of a text; the longest author list known has half of it."""
LONGEST_FACT = 300
"""Characters of a DOI or a licence's address."""
MOST_AUTHORS = 20_000
"""The longest list known has 15,000."""


def readable(text: str) -> str:
    """Return as much of *text* as is read."""
    return text[:LONGEST_TEXT]
