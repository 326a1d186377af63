"""One day's digest as a page, and the index of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from digest.feeds.addresses import days_address
from digest.feeds.daily import DayContent, DigestScope, HeldDay, note_sentence
from digest.models import Entry
from digest.rendering.day_item import day_url, section_pages
from digest.rendering.formats import feed_links
from digest.rendering.markdown import DEFAULT_LAYOUT, LAYOUTS
from digest.rendering.pages.templating import Site, counted, render_template
from digest.rendering.slices import last_page, slice_of
from digest.reports.receipts import in_words


class Paths:
    """The paths of a scope's digests."""

    def __init__(self, scope: DigestScope) -> None:
        self._scope = scope

    def page(self, day: date | None = None, ending: str = "", layout: str = "", number: int = 1) -> str:
        """Return the path of a day's page, or of its document with an *ending*; without *day* of the index."""
        return day_url("", self._scope, day, ending, layout=layout if layout != DEFAULT_LAYOUT else "", page=number)


class Part(NamedTuple):
    """The entries of one section that are on this page, of so many in all."""

    name: str
    entries: tuple[Entry, ...]
    total: int


def render_digest_page(
    content: DayContent, site: Site, *, previous: date | None, following: date | None, number: int = 1
) -> str:
    """Render one day: contents, sections, papers with folded details, the days around it.

    Args:
        content: The day.
        site: What every page says about the server.
        previous: The day before, None before the first.
        following: The day after, None for the newest.
        number: Which page of the day's papers, from 1.

    Raises:
        NotFoundError: There are fewer pages.
    """
    paths = Paths(content.scope)
    shown = slice_of([(section, entry) for section in content.sections for entry in section.entries], number)
    parts = [
        Part(section.name, tuple(entry for _, entry in group), len(section.entries))
        for section, group in groupby(shown, key=itemgetter(0))
    ]
    return render_template(
        "digest_day.html.j2",
        site,
        content=content,
        scope=content.scope,
        day=content.day,
        parts=parts,
        number=number,
        last_page=last_page(content.shown),
        total=counted(content.shown, "paper"),
        starts=section_pages(content),
        note=note_sentence(content.note),
        words=in_words(content.receipt),
        previous=previous,
        following=following,
        path=paths.page,
        links=feed_links(days_address(content.scope.query)),
        layouts=LAYOUTS,
    )


def render_digest_index(
    scope: DigestScope, days: Sequence[HeldDay], site: Site, others: Sequence[tuple[str, str]]
) -> str:
    """Render the index: the days that are held by month, newest first, with their counts.

    Args:
        scope: Whose digests.
        days: Newest first.
        site: What every page says about the server.
        others: Titles and paths of other indexes.
    """
    paths = Paths(scope)
    months = [(name, list(group)) for name, group in groupby(days, key=lambda one: f"{one.day:%Y-%m}")]
    return render_template(
        "digest_index.html.j2",
        site,
        scope=scope,
        months=months,
        others=others,
        path=paths.page,
        latest_path=paths.page(days[0].day) if days else paths.page(),
        links=feed_links(days_address(scope.query)),
    )
