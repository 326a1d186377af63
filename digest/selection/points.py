"""What matches add up to."""

from __future__ import annotations

import math
from collections.abc import Sequence

from digest.models import Match


def total(matches: Sequence[Match]) -> float:
    """Return the score that matches add up to; the same in whatever order they come."""
    return round(math.fsum(match.points for match in matches), 6)
