"""Feeds that must not be longer than a platform lets an answer be: the last entries give way, and the receipt says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from digest.feeds.document import FeedDocument, Renderer
from digest.models import Entry
from digest.reports.receipts import left_out_by_size

T = TypeVar("T")

_MARGIN = 0.97
"""Entries differ in length; aiming a little lower saves a third rendering."""


def fitting(items: Sequence[T], render: Callable[[Sequence[T]], bytes], max_bytes: int) -> bytes:
    """Render *items*, or as many of the first of them as fit.

    Args:
        items: In the order to show.
        render: Makes a document of some of them.
        max_bytes: Longest document; 0: any length. A document without items is returned however long it is.
    """
    body = render(items)
    while max_bytes and len(body) > max_bytes and items:
        items = items[: min(int(len(items) * max_bytes / len(body) * _MARGIN), len(items) - 1)]
        body = render(items)
    return body


def render_fitting(
    document: FeedDocument, render: Renderer, max_bytes: int, older: Callable[[Entry], str] = lambda _: ""
) -> bytes:
    """Render *document* in *max_bytes* (0: any number); its receipt counts the entries that find no place.

    Args:
        document: The feed.
        render: Writes it in one format.
        max_bytes: Longest document; 0: any length.
        older: Gives the address at which the feed goes on behind an entry.
    """
    whole = len(document.entries)

    def shortened(entries: Sequence[object]) -> bytes:
        kept = len(entries)
        if kept == whole:
            return render(document)
        receipt = document.receipt and left_out_by_size(document.receipt, whole - kept)
        following = older(document.entries[kept - 1]) if kept else ""
        elsewhere = document.elsewhere.model_copy(update={"older": following})
        changes = {"entries": document.entries[:kept], "receipt": receipt, "elsewhere": elsewhere}
        return render(document.model_copy(update=changes))

    return fitting(document.entries, shortened, max_bytes)
