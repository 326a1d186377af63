"""Opaque cursors: a place in a list of entries that holds when newer entries come before it. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from digest.errors import InputError
from digest.feeds.papers import FeedRequest
from digest.models import Entry


def cursor_behind(request: FeedRequest, last: Entry, newest: date | None = None) -> str:
    """Return a cursor that points behind *last* in the list that *request* gives.

    With *newest* it points into the list of that day, whatever is announced later.
    """
    mark = {"q": _mark(request), "d": last.paper.announced.isoformat(), "s": last.score, "i": last.paper.id}
    if newest:
        mark["n"] = newest.isoformat()
    return base64.urlsafe_b64encode(json.dumps(mark, separators=(",", ":")).encode()).decode().rstrip("=")


def newest_of(cursor: str, request: FeedRequest) -> date:
    """Return the newest day of the list that a cursor points into.

    Raises:
        InputError: The cursor is none of ours, names no such day, or belongs to another request.
    """
    mark = _read(cursor, request)
    try:
        return date.fromisoformat(mark["n"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable() from error


def position_of(cursor: str, request: FeedRequest, entries: Sequence[Entry]) -> int:
    """Return the index of the first entry behind the cursor's place.

    If the entry it points to is gone, the place where it would stand.

    Raises:
        InputError: The cursor is none of ours, or belongs to another request.
    """
    mark = _read(cursor, request)
    try:
        day, score, ident = str(mark["d"]), float(mark["s"]), mark["i"]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise _unusable() from error
    places = [index for index, entry in enumerate(entries) if entry.paper.id == ident]
    if places:  # a replacement that is an item of its own has its paper's id
        return next((n for n in places if entries[n].paper.announced.isoformat() == day), places[0]) + 1
    behind = (n for n, e in enumerate(entries) if (e.paper.announced.isoformat(), e.score) < (day, score))
    return next(behind, len(entries))


def _read(cursor: str, request: FeedRequest) -> Mapping[str, Any]:
    try:
        mark: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        known = mark["q"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unusable() from error
    if known != _mark(request):
        raise InputError("this cursor belongs to other parameters", name="cursor", hint="start again without one")
    return mark


def _unusable() -> InputError:
    return InputError("this cursor is not usable", name="cursor", hint="start again without one")


def _mark(request: FeedRequest) -> str:
    return hashlib.sha256(repr(request).encode()).hexdigest()[:12]
