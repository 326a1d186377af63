"""Opaque cursors: a place in a list of entries that holds when newer entries come before it. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from digest.errors import InputError
from digest.feeds.papers import FeedRequest
from digest.models import Entry


def cursor_behind(request: FeedRequest, last: Entry) -> str:
    """Return a cursor that points behind *last* in the list that *request* gives."""
    mark = {"q": _mark(request), "d": last.paper.announced.isoformat(), "s": last.score, "i": last.paper.id}
    return base64.urlsafe_b64encode(json.dumps(mark, separators=(",", ":")).encode()).decode().rstrip("=")


def position_of(cursor: str, request: FeedRequest, entries: Sequence[Entry]) -> int:
    """Return the index of the first entry behind the cursor's place.

    If the entry it points to is gone, the place where it would stand.

    Raises:
        InputError: The cursor is none of ours, or belongs to another request.
    """
    try:
        mark: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        known, day, score, ident = mark["q"], str(mark["d"]), float(mark["s"]), mark["i"]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError("this cursor is not usable", name="cursor", hint="start again without one") from error
    if known != _mark(request):
        raise InputError("this cursor belongs to other parameters", name="cursor", hint="start again without one")
    for index, entry in enumerate(entries):
        if entry.paper.id == ident:
            return index + 1
    behind = (n for n, e in enumerate(entries) if (e.paper.announced.isoformat(), e.score) < (day, score))
    return next(behind, len(entries))


def _mark(request: FeedRequest) -> str:
    return hashlib.sha256(repr(request).encode()).hexdigest()[:12]
