"""The template environment: what every page has at hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from digest import __version__
from digest.config.views import TitleForm
from digest.feeds.addresses import named_address, paper_path
from digest.feeds.document import ANNOUNCE_WORDS
from digest.feeds.periods import Period
from digest.models import Entry, Paper
from digest.rendering.citations import citation_tags, context_object
from digest.rendering.content import (
    BUILTIN,
    byline,
    code_label,
    engine_words,
    entry_title,
    labelled_parts,
    match_words,
    other_title,
    standing_words,
    title_text,
)
from digest.rendering.day_item import day_words, paper_anchor, section_anchor, section_words
from digest.rendering.formats import feed_links
from digest.rendering.pages.assets import asset_path
from digest.rendering.pages.charts import bars
from digest.rendering.pages.marking import marked_abstract
from digest.text import to_html, to_html_paragraphs, to_plain
from digest.words import ENGLISH_WORDS, Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_CODE = re.compile(r"`([^`\n]+)`")

READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
    ("Feedbin", "https://feedbin.com/?subscribe={}"),
)
"""Web readers and where they take a feed's address, percent-encoded."""


@dataclass(frozen=True)
class Site:
    """What every page says about the server.

    Attributes:
        title: The server's name.
        base_url: Its public address, without a slash at the end.
        feeds: Names and titles of the configured feeds, for autodiscovery.
        words: The words of the page, in its language.
        link: Makes of an address of this server one that a feed reader can use: on a closed server, with the key.
    """

    title: str
    base_url: str = ""
    feeds: tuple[tuple[str, str], ...] = ()
    words: Words = ENGLISH_WORDS
    link: Callable[[str], str] = field(default=str, repr=False)

    @property
    def root(self) -> str:
        """The path under which the server lives, mostly ""; every link of a page begins with it."""
        return urlsplit(self.base_url).path

    def feed_url(self, path: str) -> str:
        """Return the address to subscribe to for a *path* of this server."""
        return self.link(self.base_url + path)


def render_template(name: str, site: Site, **values: Any) -> str:
    """Render a template with the site, its words and *values*; a value that is missing is an error."""
    say = {"say": site.words, "say_html": site.words.html}
    return _environment().get_template(name).render(site=site, **say, **values)


def reader_links(feed_url: str) -> list[tuple[str, str]]:
    """Return names and addresses of readers that open the feed: whatever the computer has for `feed:`, then web readers."""
    links = [("The reader of this device", f"feed:{feed_url}")]
    return links + [(name, pattern.format(quote(feed_url, safe=""))) for name, pattern in READERS]


def short_day(day: date) -> str:
    """Return a date in little space: "Wed 18 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"


def short_period(period: Period) -> str:
    """Return a day or a week in little space: "Wed 18 Nov", "2026-W47"."""
    return short_day(period.first) if period.is_day else period.name


def instant_words(instant: datetime) -> str:
    """Return an instant for people, UTC: "18 Nov 2026, 05:00 UTC"."""
    moment = instant.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 paper", "1,204 papers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _title(paper: Paper) -> Markup:
    from markupsafe import Markup

    return Markup(to_html(paper.title) or f"arXiv:{paper.id}")  # noqa: S704 - to_html escapes


def _shown_title(entry: Entry, form: str) -> Markup:
    """Return the title that is asked for, a translation with its language."""
    from markupsafe import Markup

    original = _title(entry.paper)
    if not entry.summary or entry_title(entry, TitleForm(form)) == title_text(entry.paper):
        return original
    translated = Markup('<span lang="{}" dir="auto">{}</span>').format(
        entry.summary.language,
        Markup(to_html(entry.summary.title or "")),  # noqa: S704 - to_html escapes
    )
    return translated if form == TitleForm.TRANSLATED else Markup("{} · {}").format(translated, original)


def _other_title(entry: Entry, form: str) -> str:
    return other_title(entry, TitleForm(form))


def _math(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(to_html(text))  # noqa: S704 - to_html escapes


def _paragraphs(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(to_html_paragraphs(text))  # noqa: S704 - it escapes


def _abstract(entry: Entry) -> Markup:
    from markupsafe import Markup

    return Markup(marked_abstract(entry))  # noqa: S704 - it escapes


def _long_text(text: str) -> Markup:
    from markupsafe import Markup

    from digest.rendering.long_text import long_text_html

    return Markup(long_text_html(text))  # noqa: S704 - cleaned there


def _paper_links(paper: Paper) -> list[tuple[str, str]]:
    """Return labels and addresses of what belongs to a paper."""
    links = [("abs", paper.links.abs), ("PDF", paper.links.pdf), ("HTML", paper.links.html)]
    if paper.code_url and paper.code_url.startswith(("https://", "http://")):
        links.append((code_label(paper.code_url).lower(), paper.code_url))
    return links + [("DOI", f"https://doi.org/{doi}") for doi in (paper.doi or "").split()]


def _code(text: str) -> Markup:
    """Return text with `pieces of code` as elements."""
    from markupsafe import Markup, escape

    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def _parts(entry: Entry) -> list[tuple[str, str]]:
    return labelled_parts(entry.summary) if entry.summary else []


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("digest"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {
        "version": __version__,
        "asset": asset_path,
        "reader_links": reader_links,
        "bars": bars,
        "feed_links": feed_links,
        "named_address": named_address,
        "paper_path": paper_path,
        "announce_words": ANNOUNCE_WORDS,
        "builtin": BUILTIN,
    }
    made.filters |= {
        "paper_title": _title,
        "shown_title": _shown_title,
        "other_title": _other_title,
        "math": _math,
        "plain": to_plain,
        "paragraphs": _paragraphs,
        "abstract": _abstract,
        "standing_words": standing_words,
        "long_text": _long_text,
        "paper_links": _paper_links,
        "context_object": context_object,
        "citation_tags": citation_tags,
        "byline": byline,
        "code": _code,
        "summary_parts": _parts,
        "engine_words": engine_words,
        "match_words": match_words,
        "day_words": day_words,
        "short_day": short_day,
        "short_period": short_period,
        "instant_words": instant_words,
        "counted": counted,
        "paper_anchor": paper_anchor,
        "section_anchor": section_anchor,
        "section_words": section_words,
    }
    return made
