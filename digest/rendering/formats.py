"""The feed formats, one row each: a new format is a module here and a row in the table.

A format's module has two functions, `render_papers` (a `FeedDocument` to bytes) and `render_days` (a
`DayFeed` to bytes). It is imported when first used, so that a cold process loads only the format it serves.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from digest.feeds.addresses import FeedAddress
from digest.feeds.document import Renderer

if TYPE_CHECKING:
    from digest.rendering.day_feeds import DayFeed


class Format(NamedTuple):
    """One feed format.

    Attributes:
        name: In paths and as an ending: `rss` for `/rss/cs.LG` and `/feeds/cosmology.rss`.
        title: For people, with its version.
        short: For a button.
        media_type: With its charset.
        module: Where its two functions are, in this package.
    """

    name: str
    title: str
    short: str
    media_type: str
    module: str

    @property
    def kind(self) -> str:
        """The title without its version."""
        return self.title.rpartition(" ")[0]

    @property
    def bare_type(self) -> str:
        """The media type without its charset, as links give it."""
        return self.media_type.partition(";")[0]

    def papers(self) -> Renderer:
        """Return the function that renders a feed of papers."""
        return cast("Renderer", self._function("render_papers"))

    def days(self) -> Callable[[DayFeed], bytes]:
        """Return the function that renders a feed of days."""
        return cast("Callable[[DayFeed], bytes]", self._function("render_days"))

    def _function(self, name: str) -> Callable[..., bytes]:
        return cast("Callable[..., bytes]", getattr(import_module(f"digest.rendering.{self.module}"), name))


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("rss", "RSS 2.0", "RSS", "application/rss+xml; charset=utf-8", "rss"),
        Format("atom", "Atom 1.0", "Atom", "application/atom+xml; charset=utf-8", "atom"),
        Format("json", "JSON Feed 1.1", "JSON", "application/feed+json; charset=utf-8", "json_feed"),
    )
}
"""By name, in the order in which people are offered them."""


class FeedLink(NamedTuple):
    """One feed in one format, and its address."""

    format: Format
    path: str


def feed_links(address: FeedAddress) -> list[FeedLink]:
    """Return where a feed is in every format; the first one is what people are offered to copy."""
    return [FeedLink(one, address.feed(one.name)) for one in FORMATS.values()]
