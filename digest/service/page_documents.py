"""Pages as documents: a page that stands alone, and one that is put together of parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from digest.listings.expiry import LONGEST_TTL, Expiry, first_of
from digest.rendering.documents import HTML, Document
from digest.service.publishing import published

FORM_TTL = timedelta(hours=1)
"""For pages that hold no papers."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def assembled(page: str, parts: Sequence[Document]) -> Document:
    """Return a page made of *parts*: as new as the newest, as fresh as the one that is stale first."""
    modified = max((part.last_modified for part in parts), default=_EPOCH)
    at_most = LONGEST_TTL if parts else FORM_TTL
    return published(page.encode(), HTML, modified, first_of([part.expiry for part in parts], at_most=at_most))


def plain(page: str, lasting: Expiry, *, modified: datetime = _EPOCH) -> Document:
    """Return a page that is made of nothing that has a date of its own."""
    return published(page.encode(), HTML, modified, lasting)
