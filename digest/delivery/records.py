"""What is known of a delivery, as the store has it. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from digest.feeds.periods import Period
from digest.models import Frozen


class State(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    """Seen, and nothing was tried: the day isn't complete, or it is too early."""
    RETRYING = "retrying"
    """An attempt had no effect; another one follows."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """An attempt may have delivered it. It is not repeated."""
    FAILED = "failed"
    """No attempt had an effect, and the time for it is over."""
    EMPTY = "empty"
    """There was nothing to send."""
    STARTED = "started"
    """A new target: nothing of this period or before is sent."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is done, but for an edit."""
        return self not in {State.WAITING, State.RETRYING}


class Record(Frozen):
    """One period of one feed for one target."""

    period: str
    """`2026-01-29` or `2026-W05`."""
    last: date
    """The period's last day."""
    state: State
    at: AwareDatetime
    """When this became so, UTC."""
    seen_at: AwareDatetime
    """When it was first looked at, UTC."""
    attempts: int = 0
    tried_at: AwareDatetime | None = None
    """When the first attempt began, UTC."""
    retry_at: AwareDatetime | None = None
    round: int = 0
    """How often it was sent once more on request."""
    error: str = ""
    """Why the last attempt did not succeed; holds no address and no token."""
    note: str = ""
    """How it was sent otherwise than asked for."""
    head: str = ""
    """The message's first line, as sent."""
    message: str = ""
    """The service's id of the message."""
    is_complete: bool = True
    """Whether all that arXiv announced was in it."""
    edits: int = 0


def first_record(period: Period, now: AwareDatetime) -> Record:
    """Return the record of a period that is looked at for the first time."""
    return Record(period=period.name, last=period.last, state=State.WAITING, at=now, seen_at=now)


def started_before(period: Period, last: date, now: AwareDatetime) -> Record:
    """Return what a new target begins with, so that *period* is the first that it gets."""
    return first_record(period, now).model_copy(update={"state": State.STARTED, "last": last, "period": str(last)})
