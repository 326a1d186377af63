"""What is known about an invented paper, before it is placed on a day."""

from __future__ import annotations

from dataclasses import dataclass

MON, TUE, WED, THU, FRI = range(5)
BY = "http://creativecommons.org/licenses/by/4.0/"
ARXIV = "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"


@dataclass(frozen=True)
class Revision:
    """Version 2, announced on the next such weekday; what is None stays as it was."""

    weekday: int
    title: str | None = None
    abstract: str | None = None
    comment: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class CrossList:
    """A category that is added on the next such weekday."""

    weekday: int
    category: str


@dataclass(frozen=True)
class Paper:
    """One invented paper, text as in arXiv's database: TeX accents and math, no markup."""

    title: str
    authors: str
    """Names, "First Last" or "First Last (Affiliation)", with `; ` between them."""
    categories: str
    """Primary first, blanks between."""
    abstract: str
    """Wrapped as one likes; an empty line starts a paragraph."""
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    license: str = ARXIV
    html: bool = True
    revision: Revision | None = None
    cross_list: CrossList | None = None
