"""Atom 1.0, through feedgen.

feedgen writes one document at a time, see `FEEDGEN`; everything else may run in several threads.

Source: RFC 4287, https://www.rfc-editor.org/rfc/rfc4287.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.arxiv.taxonomy import name_of
from digest.config.views import Compat
from digest.errors import UnknownContextError
from digest.feeds.document import FeedDocument, arxiv_text
from digest.rendering.content import author_names, item_html, labels, summary_text
from digest.rendering.day_feeds import DayFeed, day_element
from digest.rendering.feed_extension import ARXIV, entry_links
from digest.rendering.feed_heads import FEEDGEN, new_feed, paper_element, with_comment, with_safe_titles
from digest.text import xml_safe

_TYPE = "application/atom+xml"


def render_papers(document: FeedDocument) -> bytes:
    """Render *document*: one `author` each, `summary` plain, `content` HTML."""
    feed = new_feed(document, _TYPE)
    for entry in document.entries:
        paper = entry.paper
        item = paper_element(feed, entry, document)
        if document.compat is Compat.NONE:
            item.category(_categories(labels(entry)), replace=True)
        item.link([{"href": href, **facts} for href, facts in entry_links(paper).items()])
        if document.compat is Compat.ARXIV:
            item.summary(xml_safe(arxiv_text(paper)))  # the authors stand in `dc:creator` there
        else:
            item.author([{"name": xml_safe(name)} for name in author_names(paper)] or [{"name": "arXiv"}])
            if summary := xml_safe(summary_text(entry)):  # an empty one is invalid
                item.summary(summary)
            item.content(xml_safe(item_html(entry, document)), type="html")
    with FEEDGEN:
        rendered: bytes = feed.atom_str()
    return with_comment(with_safe_titles(rendered), document, is_styled=document.compat is not Compat.ARXIV)


def render_days(feed: DayFeed) -> bytes:
    """Render a feed of days."""
    generator = new_feed(feed, _TYPE)
    for item in feed.items:
        element = day_element(generator, item)
        element.category(_categories(item.labels), replace=True)
        element.link(href=item.url, rel="alternate", type="text/html")
        element.summary(xml_safe(item.summary))
        element.content(xml_safe(item.content), type="html")
    with FEEDGEN:
        rendered: bytes = generator.atom_str()
    return with_comment(with_safe_titles(rendered), feed)


def _categories(labels: Sequence[str]) -> list[dict[str, str]]:
    """Return labels as Atom's categories: those of arXiv in the scheme of its API, with their names."""
    return [{"term": xml_safe(label), **_arxiv_category(label)} for label in labels]


def _arxiv_category(label: str) -> dict[str, str]:
    try:
        return {"scheme": ARXIV, "label": name_of(label)}
    except UnknownContextError:
        return {}
