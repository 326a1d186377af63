"""One day's digest as a page, and the index of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from digest.daily import DayContent, DigestScope, HeldDay, note_sentence
from digest.receipts import in_words
from digest.rendering.day_item import day_url
from digest.rendering.formats import FORMATS
from digest.rendering.markdown import LAYOUTS
from digest.rendering.pages.templating import Site, render_template

LAYOUT = "toc"
"""The layout of a Markdown document that asks for none."""


class Paths:
    """The paths of a scope's digests."""

    def __init__(self, scope: DigestScope) -> None:
        self._scope = scope

    def page(self, day: date | None = None, ending: str = "", layout: str = "") -> str:
        """Return the path of a day's page, or of its document with an *ending*; without *day* of the index."""
        path = day_url("", self._scope, day, ending)
        chosen = urlencode({"layout": layout}) if layout not in {"", LAYOUT} else ""
        return path + (("&" if "?" in path else "?") + chosen if chosen else "")

    def feed(self, ending: str) -> str:
        """Return the path of the feed of days in one format."""
        return day_url("", self._scope).replace("/digest", f"/digest/feed.{ending}", 1)


def render_digest_page(content: DayContent, site: Site, *, previous: date | None, following: date | None) -> str:
    """Render one day: contents, sections, papers with folded details, the days around it."""
    paths = Paths(content.scope)
    return render_template(
        "digest_day.html.j2",
        site,
        content=content,
        scope=content.scope,
        day=content.day,
        note=note_sentence(content.note),
        words=in_words(content.receipt),
        previous=previous,
        following=following,
        path=paths.page,
        feed_path=paths.feed,
        formats=_formats(),
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
        feed_path=paths.feed,
        latest_path=paths.page(days[0].day) if days else paths.page(),
        formats=_formats(),
    )


def _formats() -> list[tuple[str, str, str]]:
    """Return label, ending and media type of each feed format."""
    return [(one.title, name, one.media_type.partition(";")[0]) for name, one in FORMATS.items()]
