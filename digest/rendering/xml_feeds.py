"""RSS 2.0 and Atom 1.0, through feedgen.

feedgen writes one document at a time, see `FEEDGEN`; everything else may run in several threads.

Source: RSS 2.0 specification; RFC 4287.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from digest.config.views import Compat
from digest.feeds.document import FeedDocument, announced_at, arxiv_text, guid, updated_at
from digest.models import Entry
from digest.rendering.content import author_names, content_html, labels, summary_text, title_text
from digest.rendering.feed_extension import entry_links
from digest.rendering.feed_heads import FEEDGEN, new_feed, new_item
from digest.text import xml_safe

_TITLE = re.compile(rb"<title>[^<]*</title>")
"""Readers that take titles for HTML leave numeric references alone (RSS Advisory Board, best practices profile)."""


def render_rss(document: FeedDocument) -> bytes:
    """Render *document* as RSS 2.0: titles are plain text, `description` is HTML without markup.

    The markup is in `content:encoded`.
    """
    feed = new_feed(document, "application/rss+xml")
    for entry in document.entries:
        item = _entry(feed, entry, document)
        item.link(href=entry.paper.links.abs)
        if document.compat is Compat.ARXIV:
            item.description(xml_safe(arxiv_text(entry.paper)))
        else:
            # Readers take a description for HTML; without one feedgen would put the content there.
            item.description(xml_safe(escape(summary_text(entry) or title_text(entry.paper), quote=False)))
            item.content(xml_safe(content_html(entry, document.math)))
    with FEEDGEN:
        rendered: bytes = feed.rss_str()
    return _TITLE.sub(lambda title: title[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;"), rendered)


def render_atom(document: FeedDocument) -> bytes:
    """Render *document* as Atom 1.0: one `author` each, `summary` plain, `content` HTML."""
    feed = new_feed(document, "application/atom+xml")
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
    with FEEDGEN:
        rendered: bytes = feed.atom_str()
    return rendered


def _entry(feed: Any, entry: Entry, document: FeedDocument) -> Any:
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
