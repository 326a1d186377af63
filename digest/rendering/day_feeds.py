"""Digests as a feed: one item an announcement day, or a week, in whatever format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from digest.feeds.daily import DigestContent, DigestScope
from digest.feeds.document import Elsewhere
from digest.rendering.day_item import DayItem, day_item, digest_url
from digest.rendering.feed_heads import new_item
from digest.rendering.fitting import fitting
from digest.reports.receipts import FeedReceipt, left_out_by_size
from digest.selection import LeftOut


class DayFeed(NamedTuple):
    """A feed of days, ready to render; items come newest first."""

    title: str
    description: str
    self_url: str
    page_url: str
    base_url: str
    updated: datetime
    items: tuple[DayItem, ...]
    receipt: FeedReceipt
    elsewhere: Elsewhere = Elsewhere()


def render_day_feed(
    contents: Sequence[DigestContent],
    scope: DigestScope,
    render: Callable[[DayFeed], bytes],
    *,
    self_url: str,
    base_url: str,
    max_bytes: int = 0,
    weekly: bool = False,
) -> bytes:
    """Render days or weeks as a feed; those without an entry have no item.

    Args:
        contents: The days or weeks, newest first.
        scope: Whose digests they are.
        render: Writes the feed in one format, see `digest.rendering.formats`.
        self_url: The exact public address of this feed in this format.
        base_url: The public address of the server, to which the digests' addresses are added.
        max_bytes: Longest feed; the oldest days find no place in one that would be longer. 0: any length.
        weekly: Whether the items are weeks.
    """
    shown = [content for content in contents if content.shown]
    items = tuple(day_item(content, base_url) for content in shown)
    updated = max((content.updated for content in contents), default=None)
    feed = DayFeed(
        title=scope.feed_title(weekly=weekly),
        description="Each week's papers as one item" if weekly else "Each day's papers as one item",
        self_url=self_url,
        page_url=digest_url(base_url, scope),
        base_url=base_url,
        updated=updated or _EPOCH,
        items=items,
        receipt=_receipt(contents),
    )

    def shortened(items: Sequence[DayItem]) -> bytes:
        missing = sum(content.shown for content in shown[len(items) :])
        return render(feed._replace(items=tuple(items), receipt=left_out_by_size(feed.receipt, missing)))

    return fitting(items, shortened, max_bytes)


def _receipt(contents: Sequence[DigestContent]) -> FeedReceipt:
    """Add up the days."""
    receipts = [content.receipt for content in contents]
    return FeedReceipt(
        days=tuple(day for one in receipts for day in one.days),
        papers=sum(one.papers for one in receipts),
        shown=sum(one.shown for one in receipts),
        left_out=sum((one.left_out for one in receipts), LeftOut()),
    )


def day_element(generator: Any, item: DayItem) -> Any:
    """Add a day to a generator: what RSS and Atom say of it alike."""
    return new_item(
        generator,
        item.guid,
        title=item.title,
        labels=item.labels,
        published=item.published,
        updated=item.updated,
    )


_EPOCH = datetime.fromisoformat("1991-08-14T00:00:00+00:00")
"""When nothing ever changed: arXiv's first day."""
