"""Digests as a feed: one item an announcement day, in the three feed formats.

Source: RSS 2.0 specification; RFC 4287; jsonfeed.org, version 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from digest import __version__
from digest.daily import DayContent, DigestScope
from digest.receipts import FeedReceipt
from digest.rendering.day_item import DayItem, day_item, day_url
from digest.rendering.fitting import fitting, left_out_by_size
from digest.selection import LeftOut
from digest.text import xml_safe


class DayFeed(NamedTuple):
    """A feed of days, ready to render; items come newest first."""

    title: str
    description: str
    self_url: str
    page_url: str
    updated: datetime
    items: tuple[DayItem, ...]
    receipt: FeedReceipt


def render_day_feed(
    contents: Sequence[DayContent],
    scope: DigestScope,
    format_name: str,
    *,
    self_url: str,
    base_url: str,
    max_bytes: int = 0,
) -> bytes:
    """Render days as a feed; those without an entry have no item.

    Args:
        contents: The days, newest first.
        scope: Whose digests they are.
        format_name: `rss`, `atom` or `json`.
        self_url: The exact public address of this feed in this format.
        base_url: The public address of the server, to which the digests' addresses are added.
        max_bytes: Longest feed; the oldest days find no place in one that would be longer. 0: any length.
    """
    shown = [content for content in contents if content.shown]
    items = tuple(day_item(content, base_url) for content in shown)
    updated = max((content.updated for content in contents), default=None)
    feed = DayFeed(
        title=f"{scope.title}: daily digest",
        description="Each day's papers as one item",
        self_url=self_url,
        page_url=day_url(base_url, scope),
        updated=updated or _EPOCH,
        items=items,
        receipt=_receipt(contents),
    )

    def shortened(items: Sequence[DayItem]) -> bytes:
        missing = sum(content.shown for content in shown[len(items) :])
        return render(feed._replace(items=tuple(items), receipt=left_out_by_size(feed.receipt, missing)))

    render = _RENDERERS[format_name]
    return fitting(items, shortened, max_bytes)


def _receipt(contents: Sequence[DayContent]) -> FeedReceipt:
    """Add up the days."""
    receipts = [content.receipt for content in contents]
    return FeedReceipt(
        days=tuple(day for one in receipts for day in one.days),
        papers=sum(one.papers for one in receipts),
        shown=sum(one.shown for one in receipts),
        left_out=sum((one.left_out for one in receipts), LeftOut()),
    )


def _render_json(feed: DayFeed) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.self_url,
        "description": feed.description,
        "language": "en",
        "_arxiv": {"receipt": feed.receipt.model_dump(mode="json")},
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "content_html": item.content,
                "date_published": item.published.isoformat(),
                "date_modified": item.updated.isoformat(),
                "tags": list(item.labels),
            }
            for item in feed.items
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _render_rss(feed: DayFeed) -> bytes:
    generator = _generator(feed, "application/rss+xml")
    generator.docs("https://www.rssboard.org/rss-specification")
    for item in feed.items:
        element = _add_entry(generator, item)
        element.link(href=item.url)
        element.description(xml_safe(item.summary))
        element.content(xml_safe(item.content))
    rendered: bytes = generator.rss_str()
    return rendered


def _render_atom(feed: DayFeed) -> bytes:
    generator = _generator(feed, "application/atom+xml")
    for item in feed.items:
        element = _add_entry(generator, item)
        element.link(href=item.url, rel="alternate", type="text/html")
        element.summary(xml_safe(item.summary))
        element.content(xml_safe(item.content), type="html")
    rendered: bytes = generator.atom_str()
    return rendered


def _generator(feed: DayFeed, media_type: str) -> Any:
    from feedgen.feed import FeedGenerator

    from digest.rendering.feed_extension import ArxivEntryExtension, ArxivExtension

    generator = FeedGenerator()
    generator.register_extension("arxiv", ArxivExtension, ArxivEntryExtension)
    generator.id(feed.self_url)
    generator.title(xml_safe(feed.title))
    generator.description(xml_safe(feed.description))
    generator.language("en")
    generator.link(href=feed.self_url, rel="self", type=media_type)
    generator.link(href=feed.page_url, rel="alternate", type="text/html")  # the last one is the channel's in RSS
    generator.generator("arxiv-digest", version=__version__)
    generator.updated(feed.updated)
    generator.lastBuildDate(feed.updated)
    generator.pubDate(feed.updated)
    generator.author(name="arXiv authors")
    generator.arxiv.account(feed.receipt)
    return generator


def _add_entry(generator: Any, item: DayItem) -> Any:
    element = generator.add_entry(order="append")
    element.id(item.id)
    element.guid(item.id, permalink=False)
    element.title(xml_safe(item.title))
    element.category([{"term": xml_safe(label)} for label in item.labels])
    element.published(item.published)
    element.updated(item.updated)
    return element


_EPOCH = datetime.fromisoformat("1991-08-14T00:00:00+00:00")
"""When nothing ever changed: arXiv's first day."""
_RENDERERS = {"rss": _render_rss, "atom": _render_atom, "json": _render_json}
