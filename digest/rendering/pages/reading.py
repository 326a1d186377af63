"""Reading pages: one page of a feed's papers, newest day first, and the same as text to copy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from digest.addresses import with_page, with_query
from digest.documents import MARKDOWN
from digest.feeds import FeedContent
from digest.models import Entry
from digest.receipts import DayReceipt, in_words
from digest.rendering.pages.snippets import bibtex, markdown
from digest.rendering.pages.templating import Site, counted, render_template
from digest.rendering.slices import last_page, slice_of


@dataclass(frozen=True)
class Place:
    """Where a reading page is served, and which one of several it is.

    Attributes:
        stem: The path that the page shares with its texts: `/list/cs.LG`, `/feeds/cosmology`.
        query: Canonical parameters.
        feeds: The paths of the same papers as RSS, Atom and JSON Feed, with their query.
        number: Which page, from 1.
        builder: The path of the form that makes this list, "" for a feed of the configuration.
    """

    stem: str
    query: tuple[tuple[str, str], ...]
    feeds: tuple[str, str, str]
    number: int = 1
    builder: str = ""

    def path(self, *, number: int = 1, ending: str = "") -> str:
        """Return the path of a page, or with an *ending* of its text."""
        return with_query(self.stem + ending, with_page(self.query, number))


class Day(NamedTuple):
    """The entries of one announcement that are on this page, of so many in all."""

    day: date
    entries: tuple[Entry, ...]
    total: int


def render_reading(content: FeedContent, site: Site, place: Place) -> str:
    """Render one page of a feed's papers.

    Raises:
        NotFoundError: The feed has fewer pages.
    """
    shown = slice_of(content.entries, place.number)
    totals = Counter(entry.paper.announced for entry in content.entries)
    days = [
        Day(day, tuple(group), totals[day]) for day, group in groupby(shown, key=lambda entry: entry.paper.announced)
    ]
    return render_template(
        "reading.html.j2",
        site,
        content=content,
        place=place,
        days=days,
        last_page=last_page(len(content.entries)),
        total=counted(len(content.entries), "paper"),
        words=in_words(content.receipt),
        troubled=[day for day in content.receipt.days if day.note or not day.status.is_final],
        receipts=_by_day(content.receipt.days),
    )


def render_bibtex(content: FeedContent, place: Place) -> str:
    """Render the papers of one page as BibTeX.

    Raises:
        NotFoundError: The feed has fewer pages.
    """
    return bibtex(entry.paper for entry in slice_of(content.entries, place.number))


def render_markdown(content: FeedContent, place: Place) -> str:
    """Render the papers of one page as a Markdown list.

    Raises:
        NotFoundError: The feed has fewer pages.
    """
    return markdown(slice_of(content.entries, place.number))


TEXTS = {
    "bib": ("application/x-bibtex; charset=utf-8", render_bibtex),
    "md": (MARKDOWN, render_markdown),
}
"""A page's texts by ending: media type and renderer."""


def _by_day(receipts: tuple[DayReceipt, ...]) -> dict[date, list[DayReceipt]]:
    found: dict[date, list[DayReceipt]] = {}
    for receipt in receipts:
        found.setdefault(receipt.day, []).append(receipt)
    return found
