"""Feeds that must not be longer than a platform lets an answer be: the last entries give way, and the receipt says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from digest.feeds.document import FeedDocument, Renderer
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


def render_fitting(document: FeedDocument, render: Renderer, max_bytes: int) -> bytes:
    """Render *document* in *max_bytes* (0: any number); entries that find no place are told in its receipt."""
    whole = len(document.entries)

    def shortened(entries: Sequence[object]) -> bytes:
        kept = len(entries)
        if kept == whole:
            return render(document)
        receipt = document.receipt and left_out_by_size(document.receipt, whole - kept)
        return render(document.model_copy(update={"entries": document.entries[:kept], "receipt": receipt}))

    return fitting(document.entries, shortened, max_bytes)
