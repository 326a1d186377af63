"""The digest document: one day's selection as JSON, the input of every Markdown layout.

The shape is docs' *digest JSON*: what `/digest/{date}.json` gives and `python -m digest render` reads.
It is flatter than `Entry` and `Paper`, and independent of them, so that digests made elsewhere can be rendered too.
"""

from __future__ import annotations

import difflib
import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, ValidationError

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError
from digest.models import AnnounceType, Frozen

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# `fromisoformat` alone would also take 20260130 and 2026-W05-5; pydantic alone, seconds since 1970.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(rf"{_DAY.pattern}[T ]\d", re.ASCII)


def _plain_id(value: str) -> str:
    found = parse_identifier(value)
    if found is None or found != (value, None):
        hint = f"write {found.id}" if found else "expected one like 2601.00001 or hep-th/9901001"
        raise ValueError(f"{_shown(value)} is not a plain arXiv id; {hint}")
    return value


def _instant(value: Any) -> Any:
    """Read an ISO 8601 date and time; one with a zone is moved to UTC."""
    if not isinstance(value, str):
        return value
    problem = f"{_shown(value)} is not a date and time like 2026-01-30T05:12:09Z"
    if not _INSTANT.match(value):
        raise ValueError(problem)
    try:
        instant = datetime.fromisoformat(value)
        return instant if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(problem) from None


def _day(value: Any) -> Any:
    """Read an ISO 8601 date; a date and time is reduced to its day, in UTC where it has a zone."""
    if not isinstance(value, str):
        return value
    if _INSTANT.match(value):
        return _instant(value).date()
    problem = f"{_shown(value)} is not a date like 2026-01-30"
    if not _DAY.fullmatch(value):
        raise ValueError(problem)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(problem) from None


class _Strict(Frozen):
    model_config = ConfigDict(strict=True)


class DigestPaper(_Strict):
    """A paper as a digest shows it. Text is clean (see `Paper`); all members are required, some may be null."""

    id: Annotated[str, AfterValidator(_plain_id)]
    """arXiv id without version."""
    version: Annotated[int, Field(ge=1)] | None
    """None where the source doesn't tell."""
    title: str
    authors: tuple[str, ...]
    abstract: str
    categories: tuple[str, ...]
    primary_category: str
    published: Annotated[date | None, BeforeValidator(_day)]
    """The day; a date and time is read too and reduced to its day in UTC. None where the source doesn't tell."""


class DigestSummary(_Strict):
    """What a summary says, in parts; each is optional, and blank text counts as absent."""

    engine: str | None = None
    language: str | None = None
    title: str | None = None
    tldr: str | None = None
    background: str | None = None
    motivation: str | None = None
    innovation: str | None = None
    method: str | None = None
    result: str | None = None
    conclusion: str | None = None
    abstract: str | None = None
    full: str | None = None
    """A longer text in Markdown."""


class DigestEntry(_Strict):
    """One paper under one section; a cross-listed paper may stand in two."""

    section: str
    """The heading it is under, mostly a category."""
    tags: tuple[str, ...]
    score: Annotated[float, Field(allow_inf_nan=False)]
    announce_type: AnnounceType
    announced: Annotated[date | None, BeforeValidator(_day)] = None
    """arXiv's date of the announcement, where the digest is of several days."""
    paper: DigestPaper
    summary: DigestSummary | None = None


class Digest(_Strict):
    """The digest of one day, or of several; `entries` keep their order."""

    date: date
    """arXiv's date of the announcement; of several days, the newest."""
    period: str | None = None
    """Which days, where there are several: `2026-W05`, `2026-01-22..2026-01-29`."""
    generated_at: Annotated[AwareDatetime, BeforeValidator(_instant)]
    """With zone; shown in UTC."""
    preamble: str = ""
    categories: tuple[str, ...]
    """What was watched; sections named here come first, in this order."""
    keywords: tuple[str, ...]
    entries: tuple[DigestEntry, ...]


def load_digest(data: bytes) -> Digest:
    """Read a digest JSON document (UTF-8, a byte order mark is ignored), strictly.

    Nothing is coerced: a number in quotes, an unknown member, a date that is none or an id with
    a version is a problem. Required is everything but `preamble`, `summary` and the parts of a summary.

    Raises:
        InputError: The document doesn't fit. The message has one line a problem,
            `entries[3].paper.id: missing`; a document that isn't JSON is one problem.
    """
    try:
        return Digest.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        lines = [_problem(details) for details in error.errors(include_url=False)]
        raise InputError("\n".join(lines), name="digest") from error


def _problem(details: ErrorDetails) -> str:
    """Say one problem in one line: where, what was expected, what was found."""
    kind, found = details["type"], details["input"]
    if kind == "json_invalid":
        return f"document: not JSON: {details['msg'].removeprefix('Invalid JSON: ')}"
    if kind == "missing":
        text = "missing"
    elif kind == "extra_forbidden":
        text = f"unknown member{_did_you_mean(details['loc'])}"
    elif kind == "value_error":
        text = str(details["ctx"]["error"])
    else:
        text = f"{details['msg'].removeprefix('Input ')}, found {_shown(found)}"
    return f"{_path(details['loc'])}: {text}"


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            name = step if step.isidentifier() else json.dumps(step)
            path += f".{name}" if path else name
    return path or "document"


def _did_you_mean(location: tuple[int | str, ...]) -> str:
    steps = [step for step in location if isinstance(step, str)]
    models: dict[str, type[Frozen]] = {"entries": DigestEntry, "paper": DigestPaper, "summary": DigestSummary}
    model = models.get(steps[-2], Digest) if len(steps) > 1 else Digest
    close = difflib.get_close_matches(steps[-1], model.model_fields, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    """Show a found value on one line, shortened."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
