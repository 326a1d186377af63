"""Reading pages: one page of a feed's papers, newest day first, and the same as text to copy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from digest.feeds.addresses import FeedAddress
from digest.feeds.papers import FeedContent
from digest.models import Entry
from digest.rendering.bibtex import bibtex
from digest.rendering.documents import MARKDOWN
from digest.rendering.pages.snippets import markdown
from digest.rendering.pages.templating import Site, counted, render_template
from digest.rendering.ris import RIS_TYPE, ris
from digest.rendering.slices import last_page, slice_of
from digest.reports.receipts import DayReceipt, in_words


@dataclass(frozen=True)
class Place:
    """Where a reading page is served, and which one of several it is.

    Attributes:
        address: Of the feed with the same papers.
        number: Which page, from 1.
        builder: The path of the form that makes this list, "" for a feed of the configuration.
        rest: The path of a page with what `top` leaves out, too.
    """

    address: FeedAddress
    number: int = 1
    builder: str = ""
    rest: str = ""


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
        title_form=content.request.view.title_form,
        place=place,
        days=days,
        last_page=last_page(len(content.entries)),
        total=counted(len(content.entries), "paper"),
        words=in_words(content.receipt),
        troubled=[day for day in content.receipt.days if day.note or not day.status.is_final],
        receipts=_by_day(content.receipt.days),
    )


def render_text(content: FeedContent, ending: str, number: int | None) -> str:
    """Render the papers of one page, or all, as text to copy; *ending* is one of `TEXT_TYPES`.

    Raises:
        NotFoundError: The feed has fewer pages.
    """
    entries = content.entries if number is None else slice_of(content.entries, number)
    if ending == "md":
        return markdown(entries)
    return (bibtex if ending == "bib" else ris)(entry.paper for entry in entries)


TEXT_TYPES = {"bib": "application/x-bibtex; charset=utf-8", "ris": RIS_TYPE, "md": MARKDOWN}
"""The media types of a list's texts by ending."""


def _by_day(receipts: tuple[DayReceipt, ...]) -> dict[date, list[DayReceipt]]:
    found: dict[date, list[DayReceipt]] = {}
    for receipt in receipts:
        found.setdefault(receipt.day, []).append(receipt)
    return found
