"""Addresses of this server in their one spelling: what pages and feeds link to is what requests are redirected to."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

Pairs = Iterable[tuple[str, str]]


def with_query(path: str, pairs: Pairs) -> str:
    """Return *path* with *pairs* as its query, in their order; commas and colons are not escaped."""
    query = urlencode(list(pairs), safe=",:")
    return f"{path}?{query}" if query else path


def with_page(pairs: Pairs, page: int) -> list[tuple[str, str]]:
    """Return *pairs*, sorted, with the number of a page, of which the first goes without saying."""
    return sorted([*pairs, *([("page", str(page))] if page > 1 else [])])
