"""The template environment: what every page has at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from digest import __version__
from digest.arxiv.taxonomy import find
from digest.config.views import TitleForm
from digest.feeds.addresses import named_address, paper_path, with_query
from digest.feeds.periods import Period
from digest.models import AnnounceType, Entry, Paper
from digest.rendering.citations import citation_tags, context_object
from digest.rendering.content import (
    AUTHORS_SHOWN,
    BUILTIN,
    code_label,
    engine_words,
    entry_title,
    labelled_parts,
    match_words,
    other_title,
    standing_words,
    title_text,
)
from digest.rendering.dates import day_month, instant, long_day, month_of, short_day, weekday_of
from digest.rendering.day_item import paper_anchor, section_anchor, section_words
from digest.rendering.formats import feed_links
from digest.rendering.names import named_authors
from digest.rendering.pages.assets import asset_path
from digest.rendering.pages.charts import bars
from digest.rendering.pages.marking import NOTHING, marked_abstract, marked_text
from digest.rendering.pages.receipt_words import STATUS_KEYS
from digest.selection.marking import Sought
from digest.text import to_html, to_html_paragraphs, to_plain
from digest.words import ENGLISH_WORDS, LANGUAGES, Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context
    from markupsafe import Markup

T = TypeVar("T")
_CODE = re.compile(r"`([^`\n]+)`")

READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
    ("Feedbin", "https://feedbin.com/?subscribe={}"),
)
"""Web readers and where they take a feed's address, percent-encoded."""
TYPE_KEYS = {
    AnnounceType.NEW: "type.new",
    AnnounceType.CROSS: "type.cross",
    AnnounceType.REPLACE: "type.replace",
    AnnounceType.REPLACE_CROSS: "type.replace_cross",
}
"""How pages name the announce types."""
_PART_KEYS = {
    "Background": "part.background",
    "Motivation": "part.motivation",
    "Method": "part.method",
    "Innovation": "part.innovation",
    "Result": "part.result",
    "Conclusion": "part.conclusion",
}
_LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
# A name that means the same as a filter: no sign of the filter's own in it.
_PLAIN_NAME = re.compile(r"(?!-)[^\W\d_](?:[^\W\d_]|[ .’'-])*")


@dataclass(frozen=True)
class Site:
    """What every page says about the server.

    Attributes:
        title: The server's name.
        base_url: Its public address, without a slash at the end.
        feeds: Names and titles of the configured feeds, for autodiscovery.
        words: The words of the page, in its language.
        own_language: The server's language; pages in another one have addresses with `ui=`.
        is_local: Whether the address is only known on this machine or in its network, so that readers on the web can't use it.
        is_demo: Whether arXiv is played by a stub with invented papers.
        here: The path of this page, without what says how it is shown.
        link: Makes of an address of this server one that a feed reader can use: on a closed server, with the key.
    """

    title: str
    base_url: str = ""
    feeds: tuple[tuple[str, str], ...] = ()
    words: Words = ENGLISH_WORDS
    own_language: str = "en"
    is_local: bool = False
    is_demo: bool = False
    here: str = field(default="/", repr=False, compare=False)
    link: Callable[[str], str] = field(default=str, repr=False)

    @property
    def root(self) -> str:
        """The path under which the server lives, mostly ""; every link of a page begins with it."""
        return urlsplit(self.base_url).path

    @property
    def ui(self) -> str:
        """What `ui=` says in addresses of this page, "" where it is in the server's own language."""
        return "" if self.words.language == self.own_language else self.words.language

    def href(self, path: str) -> str:
        """Return the link to a page of this server for its *path*, in the language of this page."""
        return self.root + in_language(path, self.ui)

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """This page in the other languages: tag, name and link."""
        if self.here.startswith("/me"):  # a profile's pages speak its feed's language
            return []
        return [
            (one, _LANGUAGE_NAMES[one], self.root + in_language(self.here, "" if one == self.own_language else one))
            for one in LANGUAGES
            if one != self.words.language
        ]

    def feed_url(self, path: str) -> str:
        """Return the address to subscribe to for a *path* of this server."""
        return self.link(self.base_url + path)


def render_template(name: str, site: Site, **values: Any) -> str:
    """Render a template with the site, its words and *values*; a value that is missing is an error."""
    say = {"say": site.words, "say_html": site.words.html}
    return _environment().get_template(name).render(site=site, **say, **values)


def in_language(path: str, ui: str) -> str:
    """Return the address of a page in the language that *ui* names, "" for the server's own."""
    if not ui:
        return path
    bare, _, query = path.partition("?")
    return with_query(bare, sorted([*parse_qsl(query), ("ui", ui)]))


def reader_links(feed_url: str) -> list[tuple[str, str]]:
    """Return names and addresses of readers on the web that take the feed."""
    return [(name, pattern.format(quote(feed_url, safe=""))) for name, pattern in READERS]


class Byline(NamedTuple):
    """The authors of a paper as pages show them: names with what to ask for them, "" where a filter can't."""

    names: tuple[tuple[str, str], ...]
    more: int
    has_others: bool


def short_period(period: Period, say: Words) -> str:
    """Return a day or a week in little space: "Wed 18 Nov", "2026-W47"."""
    return short_day(period.first, say) if period.is_day else period.name


def byline(paper: Paper) -> Byline:
    """Return the authors, a long list shortened."""
    names, has_others = named_authors(paper)
    asked = [(name, quote_plus(name) if _PLAIN_NAME.fullmatch(name) else "") for name in names[:AUTHORS_SHOWN]]
    return Byline(tuple(asked), max(len(names) - AUTHORS_SHOWN, 0), has_others)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in English: "1 paper", "1,204 papers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _title(paper: Paper) -> Markup:
    from markupsafe import Markup

    return Markup(to_html(paper.title) or f"arXiv:{paper.id}")  # noqa: S704 - to_html escapes


def _shown_title(entry: Entry, form: str, sought: Sought = NOTHING) -> Markup:
    """Return the title that is asked for, a translation with its language, what was looked for marked."""
    from markupsafe import Markup

    original = Markup(marked_text(entry.paper.title, sought)) or _title(entry.paper)  # noqa: S704 - it escapes
    if not entry.summary or entry_title(entry, TitleForm(form)) == title_text(entry.paper):
        return original
    translated = Markup('<span lang="{}" dir="auto">{}</span>').format(
        entry.summary.language,
        Markup(to_html(entry.summary.title or "")),  # noqa: S704 - to_html escapes
    )
    return translated if form == TitleForm.TRANSLATED else Markup("{} · {}").format(translated, original)


def _other_title(entry: Entry, form: str) -> str:
    return other_title(entry, TitleForm(form))


def _math(text: str, sought: Sought = NOTHING) -> Markup:
    from markupsafe import Markup

    return Markup(marked_text(text, sought))  # noqa: S704 - to_html escapes


def _paragraphs(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(to_html_paragraphs(text))  # noqa: S704 - it escapes


def _quoted(text: str) -> str:
    """Return a text as YAML and JSON have it, between double quotes."""
    import json

    return json.dumps(text, ensure_ascii=False)


def _abstract(entry: Entry, sought: Sought = NOTHING) -> Markup:
    from markupsafe import Markup

    return Markup(marked_abstract(entry, sought))  # noqa: S704 - it escapes


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
    """Return keys of labels and texts of the parts that an entry's summary has."""
    found = labelled_parts(entry.summary) if entry.summary else []
    return [(_PART_KEYS[label], text) for label, text in found]


def _script_words(say: Words, keys: Iterable[str]) -> Markup:
    """Return texts for scripts as JSON; their values are left in braces."""
    from markupsafe import Markup

    blanks = {name: f"{{{name}}}" for name in ("what", "local", "utc", "shown", "total", "count")}
    texts = {key.partition(".")[2]: say(key, **blanks) for key in keys}
    # As a script's text nothing but its end tag means anything.
    return Markup(json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - the tables are ours


def _in_words(write: Callable[[T, Words], str]) -> Callable[[Context, T], str]:
    """Return a filter that writes a value in the words of the page."""
    from jinja2 import pass_context

    @pass_context
    def written(context: Context, value: T) -> str:
        return write(value, context["say"])

    return written


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
        "type_keys": TYPE_KEYS,
        "status_keys": STATUS_KEYS,
        "script_words": _script_words,
        "builtin": BUILTIN,
        "sought": NOTHING,
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
        "quoted": _quoted,
        "long_text": _long_text,
        "paper_links": _paper_links,
        "context_object": context_object,
        "citation_tags": citation_tags,
        "byline": byline,
        "context_of": find,
        "code": _code,
        "summary_parts": _parts,
        "match_words": match_words,
        "engine_words": engine_words,
        "counted": counted,
        "short_period": _in_words(short_period),
        "day_words": _in_words(long_day),
        "short_day": _in_words(short_day),
        "weekday_words": _in_words(weekday_of),
        "day_month": _in_words(day_month),
        "month_words": _in_words(month_of),
        "instant_words": _in_words(instant),
        "paper_anchor": paper_anchor,
        "section_anchor": section_anchor,
        "section_words": section_words,
    }
    return made
