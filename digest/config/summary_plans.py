"""What is to be summarised how, and the key under which the result is kept."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from digest.config.summary_schemas import SummarySchema
from digest.errors import InputError
from digest.models import AnnounceType, Paper

PROMPT_VERSION = 1
"""Raise it when a changed prompt is worth paying for every summary again."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-[A-Za-z0-9]{5,8})*")


class TextSource(StrEnum):
    """What the model reads."""

    ABSTRACT = "abstract"
    FULLTEXT = "fulltext"


def normal_tag(tag: str) -> str:
    """Return a BCP 47 language tag in its usual spelling: `zh_hans_cn` is `zh-Hans-CN`.

    Raises:
        InputError: It is none, or one of a kind that names no plain language (extensions, private use).

    Source: RFC 5646, https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1.
    """
    text = tag.strip().replace("_", "-")
    if not _TAG.fullmatch(text):
        raise InputError(
            f"{tag!r} is no language tag", name="language", hint="expected a BCP 47 tag such as en, de or zh-CN"
        )
    first, *rest = text.lower().split("-")
    return "-".join([first, *(_spelled(part) for part in rest)])


def _spelled(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part


def _language(value: str) -> str:
    try:
        return normal_tag(value)
    except InputError as error:
        raise ValueError(f"{error}; {error.hint}") from error


LanguageTag = Annotated[str, AfterValidator(_language)]
"""A BCP 47 tag as a setting."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How papers are summarised. `language` is normalised.

    Raises:
        InputError: `language` is no BCP 47 tag.
    """

    schema: SummarySchema
    language: str
    source: TextSource
    model: str
    prompt_version: int = PROMPT_VERSION

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", normal_tag(self.language))

    @property
    def mark(self) -> str:
        """What tells summaries of different plans apart in a key."""
        facts = (self.model, str(self.prompt_version), self.language, self.source, self.schema)
        return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()[:16]


def version_mark(paper: Paper) -> str:
    """Return the version of *paper* for keys, the same whichever source told of it where that is possible.

    Listing pages seldom tell the version; what is announced for the first time is version 1. A
    replacement of unknown version is told apart by its day.
    """
    if paper.version is not None:
        return f"v{paper.version}"
    if paper.replaced is None and paper.announce_type in {AnnounceType.NEW, AnnounceType.CROSS}:
        return "v1"
    return f"r{(paper.replaced or paper.announced).isoformat()}"


def paper_key(paper: Paper, plan: Plan) -> str:
    """Return what identifies the summary of *paper* by *plan*: it is paid for once."""
    return f"{plan.mark}:{paper.id}{version_mark(paper)}"
