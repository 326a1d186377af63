"""How long an answer stays true: the one place that decides it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_TTL = timedelta(seconds=60)
"""For answers that may soon be more complete."""
_LACKING_TTL = timedelta(minutes=10)
"""For feeds whose papers have not all got the summaries that they may get."""
CROWDED_TTL = timedelta(seconds=1)
"""For answers that would have waited for arXiv if fewer readers did."""
PAST_TTL = timedelta(hours=1)
"""For feeds of a past day: they change only where a day of theirs is completed late."""
LONGEST_TTL = timedelta(days=7)
"""For answers that no known instant can change."""


@dataclass(frozen=True)
class Expiry:
    """How long an answer stays true.

    Attributes:
        fresh_for: How long nothing newer can come.
        unfinished: Work is under way that may soon bring more.
        settled: Nothing newer is expected at all: clients need not ask again within the day.
        is_kept: Whether caches may keep the answer at all.
    """

    fresh_for: timedelta
    unfinished: bool = False
    settled: bool = False
    is_kept: bool = True


UNDECIDED = Expiry(SHORTEST_TTL)
"""Of what memory keeps: how long it stays true is decided for each answer."""

COLD = Expiry(timedelta(seconds=5), unfinished=True, is_kept=False)
"""Of a page that only says what is being fetched."""


def expiry(
    now: datetime,
    changes: Iterable[datetime] = (),
    *,
    missing: bool = False,
    unfinished: bool = False,
    lacking: bool = False,
    settled: bool = False,
    at_most: timedelta = LONGEST_TTL,
) -> Expiry:
    """Return how long an answer that is made at *now* stays true.

    Args:
        now: The time of the answer.
        changes: Instants at which something that it shows can change; the first one counts. Once it is past,
            arXiv is about to be asked.
        missing: Part of what was asked for isn't there, or is being written.
        unfinished: Work is under way that may soon bring more.
        lacking: Papers have not all got the summaries that they may get, or examples not their texts.
        settled: Nothing newer is expected at all.
        at_most: Longest time, for what changes at no known instant. It may be shorter than a minute.
    """
    left = min((change - now for change in changes), default=LONGEST_TTL)
    if left <= timedelta(0):  # arXiv is due to be asked
        left = SHORTEST_TTL
    if missing or unfinished:
        left = min(left, SHORTEST_TTL)
    elif lacking:
        left = min(left, _LACKING_TTL)
    return Expiry(min(left, at_most), unfinished, settled and not unfinished)


def first_of(parts: Iterable[Expiry], *, unfinished: bool = False, at_most: timedelta = LONGEST_TTL) -> Expiry:
    """Return how long an answer made of *parts* stays true: as long as the part that expires first."""
    parts = list(parts)
    left = min((part.fresh_for for part in parts), default=LONGEST_TTL)
    return Expiry(
        min(left, at_most),
        unfinished or any(part.unfinished for part in parts),
        is_kept=all(part.is_kept for part in parts),
    )
