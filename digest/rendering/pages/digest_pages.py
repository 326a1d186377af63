"""A digest as a page, and the index of days and weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from digest.feeds.addresses import days_address
from digest.feeds.daily import DigestContent, DigestScope, HeldDay, note_sentence
from digest.feeds.periods import Period, one_day, week_of
from digest.models import Entry
from digest.rendering.content import BUILTIN
from digest.rendering.day_item import digest_url, period_words, section_pages
from digest.rendering.formats import feed_links
from digest.rendering.markdown import DEFAULT_LAYOUT, LAYOUTS
from digest.rendering.pages.receipt_words import by_day, day_sentences
from digest.rendering.pages.templating import Site, render_template
from digest.rendering.slices import last_page, slice_of
from digest.selection.marking import sought_by_all


class Paths:
    """The paths of a scope's digests."""

    def __init__(self, scope: DigestScope) -> None:
        self._scope = scope

    def page(self, period: Period | None = None, ending: str = "", layout: str = "", number: int = 1) -> str:
        """Return the path of a digest's page, or of its document with an *ending*; without *period* of the index."""
        layout = layout if layout != DEFAULT_LAYOUT else ""
        return digest_url("", self._scope, period, ending, layout=layout, page=number)

    def of_day(self, day: date) -> str:
        """Return the path of a day's page."""
        return self.page(one_day(day))

    def of_week(self, day: date) -> str:
        """Return the path of the page of the week that *day* belongs to."""
        return self.page(week_of(day))


class Part(NamedTuple):
    """The entries of one section that are on this page, of so many in all."""

    name: str
    entries: tuple[Entry, ...]
    total: int


def render_digest_page(
    content: DigestContent, site: Site, *, previous: Period | None, following: Period | None, number: int = 1
) -> str:
    """Render a digest: contents, sections, papers with folded details, the days or weeks around it.

    Args:
        content: The digest.
        site: What every page says about the server.
        previous: The day or week before, None before the first.
        following: The one after, None for the newest.
        number: Which page of its papers, from 1.

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
        period=content.period,
        title_form=content.scope.requests[0].view.title_form,
        sought=sought_by_all(request.selection for request in content.scope.requests),
        heading=period_words(content.period, site.words),
        is_best=content.is_best,
        parts=parts,
        number=number,
        last_page=last_page(content.shown),
        total=site.words("count.papers", count=content.shown),
        starts=section_pages(content),
        note=note_sentence(content.note),
        sentences=day_sentences(content.receipt, site.words),
        receipts=by_day(content.receipt.days),
        people=f"{site.root}/list/{'+'.join(content.scope.contexts)}?author=",
        has_builtin=any(entry.summary and entry.summary.engine == BUILTIN for _, entry in shown),
        previous=previous,
        following=following,
        path=paths.page,
        week_path="" if content.period.is_week else paths.of_week(content.day),
        links=feed_links(days_address(content.scope.query)),
        layouts=LAYOUTS,
    )


def render_digest_index(
    scope: DigestScope, days: Sequence[HeldDay], site: Site, others: Sequence[tuple[str, str]]
) -> str:
    """Render the index: the days that are stored by month and week, newest first, with their counts.

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
        day_path=paths.of_day,
        week_path=paths.of_week,
        latest_path=paths.of_day(days[0].day) if days else paths.page(),
        weekly_links=feed_links(days_address(sorted([*scope.query, ("group", "week")]))),
        links=feed_links(days_address(scope.query)),
    )
