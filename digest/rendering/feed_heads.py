"""What every feed begins with, whatever its items are: title, addresses, times, receipt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from threading import Lock
from typing import Any, Protocol

from digest import __version__
from digest.config.views import Compat
from digest.feeds.document import Elsewhere, FeedDocument, arxiv_authors, published_at, updated_at
from digest.feeds.guids import Guid
from digest.models import Entry
from digest.rendering.bodies import in_comment
from digest.rendering.content import author_names, entry_title, labels
from digest.rendering.pages.assets import asset_path
from digest.reports.receipts import FeedReceipt
from digest.text import xml_safe

FEEDGEN = Lock()
"""feedgen switches the locale of the whole process while it writes dates: hold this while it writes a document."""
TTL_MINUTES = "60"
"""Asking RSS readers to look once an hour: arXiv announces once a day, and late papers follow within hours."""
RSS_DOCS = "https://www.rssboard.org/rss-specification"
FAVICON = "/favicon.ico"
ICON = "/apple-touch-icon.png"
"""A square of 180 pixels."""
RSS_IMAGE_PIXELS = "88"
"""How wide and high readers show it; RSS allows 144 at most."""
_TITLE = re.compile(rb"<title>[^<]*</title>")
_WHAT_IT_IS = "This is a web feed: paste its address into a feed reader to get new papers as they come. As a page:"


class FeedHead(Protocol):
    """A feed without its items."""

    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def self_url(self) -> str: ...
    @property
    def page_url(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def elsewhere(self) -> Elsewhere: ...
    @property
    def updated(self) -> datetime: ...
    @property
    def receipt(self) -> FeedReceipt | None: ...


def new_feed(head: FeedHead, media_type: str) -> Any:
    """Return a generator of feedgen's for RSS and Atom, without items."""
    from feedgen.feed import FeedGenerator

    from digest.rendering.feed_extension import ArxivEntryExtension, ArxivExtension

    feed = FeedGenerator()
    feed.register_extension("arxiv", ArxivExtension, ArxivEntryExtension)
    feed.id(head.self_url)
    feed.title(xml_safe(head.title))
    feed.description(xml_safe(head.description))
    feed.language("en")
    feed.link(href=head.self_url, rel="self", type=media_type)
    feed.link(href=head.page_url, rel="alternate", type="text/html")  # RSS takes the last one for the channel
    feed.docs(RSS_DOCS)
    feed.ttl(TTL_MINUTES)
    feed.generator("arxiv-digest", version=__version__)
    feed.updated(head.updated)
    feed.lastBuildDate(head.updated)
    feed.pubDate(head.updated)
    feed.author(name="arXiv authors")
    feed.arxiv.account(head.receipt)
    feed.arxiv.lead(head.elsewhere)
    if head.base_url:
        feed.icon(head.base_url + FAVICON)
        feed.logo(head.base_url + ICON)
        feed.image(head.base_url + ICON, xml_safe(head.title), head.page_url, RSS_IMAGE_PIXELS, RSS_IMAGE_PIXELS)
    return feed


def with_safe_titles(document: bytes) -> bytes:
    """Return an XML document whose plain titles have numeric references: readers that take titles for HTML leave those alone.

    Source: RSS Advisory Board, best practices profile, https://www.rssboard.org/rss-profile.
    """
    return _TITLE.sub(lambda title: title[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;"), document)


def with_comment(document: bytes, head: FeedHead, *, is_styled: bool = True) -> bytes:
    """Return an XML document that says, to a person who looks at it, what it is and where the same is as a page.

    Where it *is styled*, browsers that show such documents show its titles, by a style sheet (no XSLT, which they give up).
    Source: https://www.w3.org/TR/xml-stylesheet/.
    """
    declaration, line_end, rest = document.partition(b"\n")
    comment = f"<!-- {_WHAT_IT_IS} {in_comment(head.page_url)} -->"
    style = ""
    if is_styled and head.base_url:
        style = f'<?xml-stylesheet type="text/css" href="{escape(head.base_url + asset_path("feed.css"))}"?>\n'
    return declaration + line_end + (style + xml_safe(comment)).encode() + line_end + rest


def new_item(
    feed: Any,
    guid: Guid,
    *,
    title: str,
    labels: Sequence[str],
    published: datetime,
    updated: datetime,
) -> Any:
    """Add an item to a generator, below those before."""
    item = feed.add_entry(order="append")
    item.id(guid.text)
    item.guid(guid.text, permalink=guid.is_address)
    item.title(xml_safe(title))
    item.category([{"term": xml_safe(label)} for label in labels])
    item.published(published)
    item.updated(updated)
    return item


def paper_element(feed: Any, entry: Entry, document: FeedDocument) -> Any:
    """Add a paper to a generator: what RSS and Atom say of it alike."""
    paper = entry.paper
    is_compat = document.compat is Compat.ARXIV
    item = new_item(
        feed,
        document.guid_of(entry),
        title=paper.title if is_compat else entry_title(entry, document.title_form),
        labels=paper.categories if is_compat else labels(entry),
        published=published_at(entry, document),
        updated=updated_at(entry),
    )
    creator = arxiv_authors(paper) if is_compat else ", ".join(author_names(paper))
    item.arxiv.describe(entry, creator, is_compat=is_compat)
    return item


def json_head(head: FeedHead) -> dict[str, Any]:
    """Return the members of a JSON Feed before its items. Source: https://www.jsonfeed.org/version/1.1/."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.page_url,
        "feed_url": head.self_url,
        **({"next_url": head.elsewhere.older} if head.elsewhere.older else {}),
        "description": head.description,
        **({"icon": head.base_url + ICON, "favicon": head.base_url + FAVICON} if head.base_url else {}),
        "language": "en",
        **({"_arxiv": {"receipt": head.receipt.as_json()}} if head.receipt else {}),
    }
