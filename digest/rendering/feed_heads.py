"""What every feed begins with, whatever its items are: title, addresses, times, receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

from digest import __version__
from digest.config.views import Compat
from digest.feeds.document import FeedDocument, announced_at, guid, updated_at
from digest.models import Entry
from digest.rendering.content import author_names, labels, title_text
from digest.reports.receipts import FeedReceipt
from digest.text import xml_safe

FEEDGEN = Lock()
"""feedgen switches the locale of the whole process while it writes dates: hold this while it writes a document."""
TTL_MINUTES = "60"
"""Asking RSS readers to look once an hour: arXiv announces once a day, and late papers follow within hours."""
RSS_DOCS = "https://www.rssboard.org/rss-specification"


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
    return feed


def new_item(
    feed: Any,
    identity: str,
    *,
    title: str,
    labels: Sequence[str],
    published: datetime,
    updated: datetime,
    permalink: bool = False,
) -> Any:
    """Add an item to a generator, below those before; *permalink*: its identity is its address."""
    item = feed.add_entry(order="append")
    item.id(identity)
    item.guid(identity, permalink=permalink)
    item.title(xml_safe(title))
    item.category([{"term": xml_safe(label)} for label in labels])
    item.published(published)
    item.updated(updated)
    return item


def paper_element(feed: Any, entry: Entry, document: FeedDocument) -> Any:
    """Add a paper to a generator: what RSS and Atom say of it alike."""
    paper = entry.paper
    item = new_item(
        feed,
        guid(entry, document),
        title=title_text(paper),
        labels=labels(entry),
        published=announced_at(paper),
        updated=updated_at(entry),
        permalink=document.compat is Compat.NONE,
    )
    item.arxiv.describe(entry, ", ".join(author_names(paper)))
    return item


def json_head(head: FeedHead) -> dict[str, Any]:
    """Return the members of a JSON Feed before its items. Source: https://www.jsonfeed.org/version/1.1/."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.page_url,
        "feed_url": head.self_url,
        "description": head.description,
        "language": "en",
        **({"_arxiv": {"receipt": head.receipt.as_json()}} if head.receipt else {}),
    }
