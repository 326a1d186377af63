"""What a program has read of a feed, as the id of a receipt: with it the next answer can prove that nothing lies between.

An id names a feed and the day up to which everything that arXiv announced was read. Days of which arXiv's totals
didn't add up yet are not part of it: the next answer holds them again. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from digest.arxiv import schedule
from digest.errors import InputError
from digest.feeds.papers import FeedRequest
from digest.models import Counts
from digest.reports.receipts import DayReceipt, DayStatus

LONGEST_WINDOW = 60
"""Announcements that a feed can be asked for at most."""
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class DayAccount:
    """One day, all categories of a feed together.

    Attributes:
        status: That of the category that is known least.
        announced: By arXiv's totals; None where those of a category are not known.
    """

    day: date
    status: DayStatus
    announced: int | None
    stored: int

    @property
    def is_final(self) -> bool:
        """Whether all that arXiv announced is stored."""
        return self.status.is_final


_LEAST_KNOWN_FIRST = (
    DayStatus.MISSING,
    DayStatus.FILLING,
    DayStatus.SHORT,
    DayStatus.UNCONFIRMED,
    DayStatus.COMPLETE,
    DayStatus.QUIET,
)


def accounts_of(receipts: Iterable[DayReceipt]) -> tuple[DayAccount, ...]:
    """Return the account of each day, oldest first."""
    by_day: dict[date, list[DayReceipt]] = {}
    for receipt in receipts:
        by_day.setdefault(receipt.day, []).append(receipt)
    return tuple(_account(day, by_day[day]) for day in sorted(by_day))


def _account(day: date, receipts: Sequence[DayReceipt]) -> DayAccount:
    status = min((one.status for one in receipts), key=_LEAST_KNOWN_FIRST.index)
    known = [Counts() if one.status is DayStatus.QUIET else one.announced for one in receipts]
    announced = sum(one.total for one in known if one) if all(one is not None for one in known) else None
    return DayAccount(day, status, announced, sum(one.held.total for one in receipts))


def read_through(accounts: Sequence[DayAccount], before: date) -> date:
    """Return the last day up to which nothing is missing; *before* is the day before the first account, or where to go on."""
    through = before
    for account in accounts:
        if not account.is_final:
            break
        through = max(through, account.day)
    return through


def receipt_id(request: FeedRequest, through: date) -> str:
    """Return the id of a receipt: everything of the feed up to and including *through* was read."""
    return _packed({"q": _mark(request), "t": through.isoformat()})


def day_of_receipt(ident: str, request: FeedRequest) -> date:
    """Return the day up to which a program has read everything.

    Raises:
        InputError: The id is none of ours, or belongs to another feed or filter.
    """
    known = _unpacked(ident, "since")
    try:
        mark, day = known["q"], date.fromisoformat(str(known["t"]))
    except (KeyError, ValueError) as error:
        raise _unusable("since") from error
    if mark != _mark(request):
        hint = "call once without since to get a new one"
        raise InputError("this receipt belongs to another feed or filter", name="since", hint=hint)
    return day


def cursor_of(place: str, through: date) -> str:
    """Return a cursor that also remembers how far the first answer of a row was complete."""
    return _packed({"c": place, "t": through.isoformat()})


def place_of(cursor: str) -> tuple[str, date]:
    """Return the place in the list, and the day that the first answer of the row was complete up to.

    Raises:
        InputError: The cursor is none of ours.
    """
    known = _unpacked(cursor, "cursor")
    try:
        return str(known["c"]), date.fromisoformat(str(known["t"]))
    except (KeyError, ValueError) as error:
        raise _unusable("cursor") from error


def window_since(request: FeedRequest, day: date, now_day: date) -> int:
    """Return how many announcements reach back behind *day*, as far as the feed may."""
    weekdays = sum((day + _ONE * n).weekday() < 5 for n in range(1, (now_day - day).days + 1))
    return max(1, min(weekdays, request.days if request.name else LONGEST_WINDOW))


def days_between(day: date, first_day: date) -> tuple[date, ...]:
    """Return the announcement days after *day* that lie before a window's first one: they can't be answered for."""
    number = max((first_day - day).days, 0)
    return tuple(one for n in range(1, number) if schedule.is_announcement_day(one := day + _ONE * n))


def _mark(request: FeedRequest) -> str:
    """Name the papers that are asked for, however many days and however they are shown."""
    return hashlib.sha256(repr((request.name, request.spec, request.selection)).encode()).hexdigest()[:12]


def _packed(members: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members, separators=(",", ":")).encode()).decode().rstrip("=")


def _unpacked(text: str, name: str) -> dict[str, Any]:
    try:
        known = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError) as error:
        raise _unusable(name) from error
    if not isinstance(known, dict):
        raise _unusable(name)
    return known


def _unusable(name: str) -> InputError:
    return InputError(f"this {name} is not usable", name=name, hint="start again without one")
