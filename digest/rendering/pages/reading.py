"""Reading pages: one page of a feed's papers, newest day first, and the same as text to copy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from digest.feeds.addresses import FeedAddress, with_query
from digest.feeds.papers import FeedContent, FeedRequest
from digest.models import AnnounceType, Entry
from digest.rendering.bibtex import bibtex
from digest.rendering.content import BUILTIN
from digest.rendering.documents import MARKDOWN
from digest.rendering.pages.chips import chips, without_filter
from digest.rendering.pages.receipt_words import by_day, sentences
from digest.rendering.pages.snippets import markdown
from digest.rendering.pages.templating import Site, render_template
from digest.rendering.ris import RIS_TYPE, ris
from digest.rendering.slices import last_page, slice_of
from digest.selection import filter_words
from digest.selection.marking import sought_by
from digest.selection.selection import DEFAULT_TYPES


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


class Search(NamedTuple):
    """Where the filter above a list goes: the same list, narrowed by a query.

    Attributes:
        action: The path of the list without its query.
        fields: What else the address says.
        total: How many papers the list has.
    """

    action: str
    fields: tuple[tuple[str, str], ...]
    total: int


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
    request, say = content.request, site.words
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
        sought=sought_by(content.request.selection),
        place=place,
        days=days,
        last_page=last_page(len(content.entries)),
        total=say("count.papers", count=len(content.entries)),
        sentences=sentences(
            content.receipt,
            say,
            only_revisions=_hides_revisions_only(request),
            all_types=_all_types(place) if request.name is None else "",
            rest=place.rest,
        ),
        receipts=by_day(content.receipt.days),
        chips=chips(place.address, request, content.conditions, say),
        own_filter=_own_filter(request),
        unfiltered=without_filter(place.address),
        search=_search(place, site, len(content.entries)),
        troubled=[day for day in content.receipt.days if day.note or not day.status.is_final],
        has_builtin=any(entry.summary and entry.summary.engine == BUILTIN for entry in shown),
    )


def _hides_revisions_only(request: FeedRequest) -> bool:
    """Tell whether all that is hidden for its kind is a later version of a paper."""
    selection = request.selection
    levels = [selection, *([selection.within] if selection.within else [])]
    return all(set(DEFAULT_TYPES) <= set(level.effective_types) for level in levels)


def _all_types(place: Place) -> str:
    """Return the path of the same list with papers of every kind."""
    others = [pair for pair in place.address.query if pair[0] != "types"]
    return with_query(place.address.page_path, sorted([*others, ("types", ",".join(AnnounceType))]))


def _own_filter(request: FeedRequest) -> str:
    """Return the filter that a configured feed has by itself, in words; "" for none."""
    if request.name is None:
        return ""
    return filter_words(request.selection.within or request.selection)


def _search(place: Place, site: Site, total: int) -> Search:
    fields = [pair for pair in place.address.query if pair[0] != "q"]
    return Search(place.address.page_path, (*fields, *([("ui", site.ui)] if site.ui else [])), total)


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
