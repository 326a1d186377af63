"""Addresses of this server in their one spelling: what pages and feeds link to is what requests are redirected to.

All are paths with their query; the server's base address is put in front where they leave it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

Pairs = Iterable[tuple[str, str]]


def with_query(path: str, pairs: Pairs) -> str:
    """Return *path* with *pairs* as its query, in their order; commas and colons are not escaped."""
    query = urlencode(list(pairs), safe=",:")
    return f"{path}?{query}" if query else path


def with_page(pairs: Pairs, page: int) -> list[tuple[str, str]]:
    """Return *pairs*, sorted, with the number of a page, of which the first goes without saying."""
    return sorted([*pairs, *([("page", str(page))] if page > 1 else [])])


@dataclass(frozen=True)
class FeedAddress:
    """Where one feed is served, in every format and as a page; made by `spec_address` and the like.

    Attributes:
        page_path: Of the page with the same papers, without its query.
        feed_path: Of the feed, with `{}` for the name of the format.
        query: Canonical parameters.
    """

    page_path: str
    feed_path: str
    query: tuple[tuple[str, str], ...] = ()

    def page(self, number: int = 1) -> str:
        """Return the address of a page of the papers."""
        return with_query(self.page_path, with_page(self.query, number))

    def feed(self, format_name: str) -> str:
        """Return the address of the feed in one format."""
        return with_query(self.feed_path.format(format_name), self.query)

    def without(self, parameter: str) -> FeedAddress:
        """Return the address of the same feed without one of its parameters."""
        return replace(self, query=tuple(pair for pair in self.query if pair[0] != parameter))

    def with_days(self, days: int) -> FeedAddress:
        """Return where the same feed of so many days is."""
        query = [pair for pair in self.query if pair[0] != "days"]
        return replace(self, query=tuple(sorted([*query, ("days", str(days))])))

    def behind(self, cursor: str) -> FeedAddress:
        """Return where the same feed goes on behind the entry that *cursor* names."""
        return replace(self, query=tuple(sorted([*self.query, ("cursor", cursor)])))

    def text(self, ending: str, number: int | None = None) -> str:
        """Return the address of the papers as text to copy, of those on one page or of all."""
        page = [] if number is None else [("page", str(number))]
        return with_query(f"{self.page_path}.{ending}", sorted([*self.query, *page]))


def spec_address(spec: object, query: Sequence[tuple[str, str]] = ()) -> FeedAddress:
    """Return where a feed of categories is: the paths of arXiv's own feed host."""
    return FeedAddress(f"/list/{spec}", f"/{{}}/{spec}", tuple(query))


def rest_page(address: FeedAddress, spec: object) -> str:
    """Return the page with what `top` leaves out of a feed: without that parameter, or all papers where the feed has its own."""
    wider = address.without("top")
    return (spec_address(spec) if wider == address else wider).page()


def named_address(name: str, query: Sequence[tuple[str, str]] = ()) -> FeedAddress:
    """Return where a feed named in the configuration is."""
    return FeedAddress(f"/feeds/{name}", f"/feeds/{name}.{{}}", tuple(query))


def search_address(query: Sequence[tuple[str, str]]) -> FeedAddress:
    """Return where a search of arXiv's API is; it has no page of its own, so the home page stands in."""
    return FeedAddress("/", "/search/{}", tuple(query))


def days_address(query: Sequence[tuple[str, str]] = ()) -> FeedAddress:
    """Return where the feed of daily digests is, and their index."""
    return FeedAddress("/digest", "/digest/feed.{}", tuple(query))


def paper_path(ident: str, ending: str = "") -> str:
    """Return where one stored paper is, as a page or, with an *ending*, as text."""
    return f"/papers/{ident}{f'.{ending}' if ending else ''}"
