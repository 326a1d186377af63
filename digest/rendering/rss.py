"""RSS 2.0, through feedgen.

feedgen writes one document at a time, see `FEEDGEN`; everything else may run in several threads.

Source: RSS 2.0 specification, https://www.rssboard.org/rss-specification.
"""

from __future__ import annotations

from html import escape

from digest.config.views import Compat
from digest.feeds.document import FeedDocument, arxiv_text
from digest.rendering.content import item_html, summary_text, title_text
from digest.rendering.day_feeds import DayFeed, day_element
from digest.rendering.feed_heads import FEEDGEN, new_feed, paper_element, with_comment, with_safe_titles
from digest.text import xml_safe

_TYPE = "application/rss+xml"


def render_papers(document: FeedDocument) -> bytes:
    """Render *document*: titles are plain text, `description` is HTML without markup.

    The markup is in `content:encoded`.
    """
    feed = new_feed(document, _TYPE)
    for entry in document.entries:
        item = paper_element(feed, entry, document)
        item.link(href=entry.paper.links.abs)
        if document.compat is Compat.ARXIV:
            item.description(xml_safe(arxiv_text(entry.paper)))
        else:
            # Readers take a description for HTML; without one feedgen would put the content there.
            item.description(xml_safe(escape(summary_text(entry) or title_text(entry.paper), quote=False)))
            item.content(xml_safe(item_html(entry, document)))
    with FEEDGEN:
        rendered: bytes = feed.rss_str()
    return with_comment(with_safe_titles(rendered), document, is_styled=document.compat is not Compat.ARXIV)


def render_days(feed: DayFeed) -> bytes:
    """Render a feed of days."""
    generator = new_feed(feed, _TYPE)
    for item in feed.items:
        element = day_element(generator, item)
        element.link(href=item.url)
        element.description(xml_safe(item.summary))
        element.content(xml_safe(item.content))
    with FEEDGEN:
        rendered: bytes = generator.rss_str()
    return with_comment(with_safe_titles(rendered), feed)
