"""The subscription list for feed readers: everything that is configured, or feeds of any categories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.arxiv.taxonomy import Spec
from digest.config.settings import Config
from digest.feeds.addresses import FeedAddress, days_address, named_address, spec_address
from digest.feeds.daily import common_scope, feed_scope
from digest.feeds.named import named_request
from digest.listings.expiry import expiry
from digest.rendering.documents import Document
from digest.rendering.formats import feed_links
from digest.rendering.opml import OPML_TYPE, Folder, Subscription, render_opml
from digest.service.publishing import published

if TYPE_CHECKING:
    from digest.rendering.pages.templating import Site

_TTL = timedelta(hours=1)


class Subscriptions:
    """Lists of feeds, as OPML. They follow from the settings alone, so their date of change is the start.

    Args:
        config: The settings.
        now: The clock.
    """

    def __init__(self, config: Config, *, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._since = now()

    def configured(self, site: Site) -> Document:
        """Return all feeds and topics, and the digests of all feeds and of each: a folder for each kind."""
        config, words = self._config, site.words
        named = {name: named_request(config, name) for name in config.feed_names}
        own = {
            name: _subscription(site, feed.shown_title, named_address(name), feed.description or "")
            for name, feed in named.items()
        }
        common = (
            [common_scope(tuple(named[name] for name in config.feeds), config.server.title)] if config.feeds else []
        )
        scopes = [*common, *map(feed_scope, named.values())]
        digests = [_subscription(site, scope.feed_title(), days_address(scope.query)) for scope in scopes]
        folders = (
            Folder(title=words("opml.feeds"), subscriptions=tuple(own[name] for name in config.feeds)),
            Folder(title=words("opml.topics"), subscriptions=tuple(own[name] for name in config.topics)),
            Folder(title=words("opml.digests"), subscriptions=tuple(digests)),
        )
        return self._document(folders)

    def of_specs(self, specs: Sequence[Spec], site: Site) -> Document:
        """Return a feed for each of *specs*, without folders."""
        listed = [
            _subscription(site, f"arXiv {spec}", spec_address(spec), f"New papers in {spec.name}") for spec in specs
        ]
        return self._document([Folder(title="", subscriptions=tuple(listed))])

    def _document(self, folders: Sequence[Folder]) -> Document:
        body = render_opml(self._config.server.title, folders)
        return published(body, OPML_TYPE, self._since, expiry(self._now(), at_most=_TTL))


def _subscription(site: Site, title: str, address: FeedAddress, description: str = "") -> Subscription:
    return Subscription(
        title=title,
        feed_url=site.feed_url(feed_links(address)[0].path),
        page_url=site.base_url + address.page(),
        description=description,
    )
