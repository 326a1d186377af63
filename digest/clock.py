"""The program's clock: the one place that reads the system's time of day.

Everything else takes a clock as an argument, so that tests, demo servers and simulated weeks stand where they want. How
long something took is measured with `time.monotonic`, which is no time of day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells what time it is: an instant with a zone, UTC."""


def utc_now() -> datetime:
    """Return the system's time, UTC."""
    return datetime.now(UTC)
