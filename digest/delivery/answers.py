"""What became of a request: sent, not sent, or nobody knows. Pure.

Only a request that surely had no effect may be repeated as it is: one that never left, or one that was refused. What
ended without an answer, or with a server's failure (5xx), may have been delivered; it is repeated only where the service
recognises a request that it has taken before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from digest.config.credentials import HIDDEN
from digest.delivery.kinds import Json, Kind, Reading
from digest.text.characters import terminal_safe

_ERROR_LENGTH = 160
_LONGEST_PAUSE = timedelta(hours=6)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\S+@\S+", re.IGNORECASE)


class Outcome(StrEnum):
    """How one attempt ended."""

    SENT = "sent"
    BUSY = "busy"
    """Not taken: too many requests, or the service asks to come later."""
    UNREACHED = "unreached"
    """Nothing was sent: no connection."""
    REFUSED = "refused"
    """Not taken, and another try will not be unless somebody mends something: a token, a channel, the message."""
    UNKNOWN = "unknown"
    """It may have been taken."""


@dataclass(frozen=True)
class Answer:
    """How one attempt ended.

    Attributes:
        pause: How long the service asks to wait.
        error: Why it wasn't sent, without any address or token.
        message: The service's id of the message, for edits.
    """

    outcome: Outcome
    error: str = ""
    pause: timedelta | None = None
    message: str = ""


def read_answer(kind: Kind, status: int, body: bytes, *, pause: timedelta | None, secrets: Sequence[str]) -> Answer:
    """Read a service's answer.

    Args:
        kind: The service.
        status: Of HTTP.
        body: What it said, perhaps cut.
        pause: From a Retry-After header.
        secrets: What no text may hold.
    """
    content = _json(body)
    said = _said(kind.reading, content, body)
    error = shown_error(f"status {status}" + (f": {said}" if said else ""), secrets)
    if status == 429 or _is_busy(kind.reading, content):
        wanted = _pause(kind.reading, content)
        return Answer(
            Outcome.BUSY, error, min(max(filter(None, (pause, wanted)), default=timedelta(0)), _LONGEST_PAUSE)
        )
    if status in kind.repeated:
        return Answer(Outcome.SENT)
    if 200 <= status < 300:
        return _of_success(kind.reading, content, body, error)
    is_open = status >= 500 or status in {408, 425} or status < 200
    return Answer(Outcome.UNKNOWN if is_open else Outcome.REFUSED, error, pause if status == 503 else None)


def _of_success(reading: Reading, content: Json, body: bytes, error: str) -> Answer:
    """Read a 2xx: some services put their errors there."""
    if reading.text is not None and body.strip().decode("utf-8", "replace").lower() == reading.text:
        return Answer(Outcome.SENT)
    if reading.accepted is None:
        return Answer(Outcome.SENT, message=_ident(reading, content))
    member, values = reading.accepted
    if not isinstance(content, dict) or member not in content:
        return Answer(Outcome.UNKNOWN, f"{error}: not the service's usual answer")
    if any(content[member] == value and type(content[member]) is type(value) for value in values):
        return Answer(Outcome.SENT, message=_ident(reading, content))
    return Answer(Outcome.REFUSED, error)


def shown_error(text: str, secrets: Iterable[str]) -> str:
    """Return what went wrong as it may be stored, shown and logged: short, without addresses and secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        for part in {secret, *re.split(r"[/?&=:@]+", secret)}:
            if len(part) > 5:
                text = text.replace(part, HIDDEN)
    text = _ADDRESS.sub(HIDDEN, " ".join(terminal_safe(text).split()))
    return text if len(text) <= _ERROR_LENGTH else f"{text[: _ERROR_LENGTH - 1]}…"


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _at(content: Json, path: Sequence[str]) -> Json:
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content


def _said(reading: Reading, content: Json, body: bytes) -> str:
    if isinstance(content, dict):
        return next((str(content[name]) for name in reading.error if isinstance(content.get(name), str)), "")
    text = body[:_ERROR_LENGTH].decode("utf-8", "replace").strip()
    return text if re.fullmatch(r"[\w .:,-]{1,80}", text) else ""  # a word like invalid_payload, no page


def _is_busy(reading: Reading, content: Json) -> bool:
    if reading.accepted is None or not isinstance(content, dict):
        return False
    found = [content.get(reading.accepted[0]), *(content.get(name) for name in reading.error)]
    return any(value in reading.busy for value in found if isinstance(value, int | str) and not isinstance(value, bool))


def _pause(reading: Reading, content: Json) -> timedelta | None:
    found: Any = _at(content, reading.pause) if reading.pause else None
    is_number = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 10**9
    return found * reading.pause_unit if is_number else None


def _ident(reading: Reading, content: Json) -> str:
    found = _at(content, reading.ident) if reading.ident else None
    return str(found) if isinstance(found, int | str) and re.fullmatch(r"[\w$!:.+/=-]{1,255}", str(found)) else ""
