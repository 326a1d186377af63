"""RSS 2.0 and Atom 1.0, through feedgen.

feedgen switches the process's locale while it formats dates: render in one thread at a time.

Source: RSS 2.0 specification; RFC 4287.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from feedgen.feed import FeedGenerator

from digest import __version__
from digest.models import Entry
from digest.rendering.content import author_names, content_html, labels, summary_text, title_text
from digest.rendering.document import FeedDocument, announced_at, arxiv_text, guid, updated_at
from digest.rendering.feed_extension import ArxivEntryExtension, ArxivExtension, entry_links
from digest.text import xml_safe
from digest.views import Compat

_TITLE = re.compile(rb"<title>[^<]*</title>")
"""Readers that take titles for HTML leave numeric references alone (RSS Advisory Board, best practices profile)."""


def render_rss(document: FeedDocument) -> bytes:
    """Render *document* as RSS 2.0: titles are plain text, `description` is HTML without markup.

    The markup is in `content:encoded`.
    """
    feed = _feed(document, "application/rss+xml")
    feed.docs("https://www.rssboard.org/rss-specification")
    for entry in document.entries:
        item = _entry(feed, entry, document)
        item.link(href=entry.paper.links.abs)
        if document.compat is Compat.ARXIV:
            item.description(xml_safe(arxiv_text(entry.paper)))
        else:
            # Readers take a description for HTML; without one feedgen would put the content there.
            item.description(xml_safe(escape(summary_text(entry) or title_text(entry.paper), quote=False)))
            item.content(xml_safe(content_html(entry, document.math)))
    rendered: bytes = feed.rss_str()
    return _TITLE.sub(lambda title: title[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;"), rendered)


def render_atom(document: FeedDocument) -> bytes:
    """Render *document* as Atom 1.0: one `author` each, `summary` plain, `content` HTML."""
    feed = _feed(document, "application/atom+xml")
    for entry in document.entries:
        item = _entry(feed, entry, document)
        paper = entry.paper
        item.link([{"href": href, **facts} for href, facts in entry_links(paper).items()])
        item.author([{"name": xml_safe(name)} for name in author_names(paper)] or [{"name": "arXiv"}])
        if document.compat is Compat.ARXIV:
            item.summary(xml_safe(arxiv_text(paper)))
        else:
            item.summary(xml_safe(summary_text(entry)))
            item.content(xml_safe(content_html(entry, document.math)), type="html")
    rendered: bytes = feed.atom_str()
    return rendered


def _feed(document: FeedDocument, media_type: str) -> Any:
    feed = FeedGenerator()
    feed.register_extension("arxiv", ArxivExtension, ArxivEntryExtension)
    feed.id(document.self_url)
    feed.title(xml_safe(document.title))
    feed.description(xml_safe(document.description))
    feed.language("en")
    feed.link(href=document.self_url, rel="self", type=media_type)
    feed.link(href=document.page_url, rel="alternate", type="text/html")  # RSS takes the last one for the channel
    feed.generator("arxiv-digest", version=__version__)
    feed.updated(document.updated)
    feed.lastBuildDate(document.updated)
    feed.pubDate(document.updated)
    feed.author(name="arXiv authors")
    feed.arxiv.account(document.receipt)
    return feed


def _entry(feed: Any, entry: Entry, document: FeedDocument) -> Any:
    paper = entry.paper
    item = feed.add_entry(order="append")
    identity = guid(entry, document)
    item.id(identity)
    item.guid(identity, permalink=document.compat is Compat.NONE)
    item.title(xml_safe(title_text(paper)))
    item.category([{"term": xml_safe(label)} for label in labels(entry)])
    item.published(announced_at(paper))
    item.updated(updated_at(entry))
    item.arxiv.describe(entry, ", ".join(author_names(paper)))
    return item
