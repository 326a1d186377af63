"""Pages that help people to find their way: the search box, help, papers saved in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from digest.arxiv.taxonomy import Spec
from digest.config.settings import Config
from digest.errors import UnavailableError
from digest.feeds.addresses import spec_address
from digest.feeds.papers import FeedContent, FeedRequest
from digest.listings.expiry import COLD, expiry
from digest.rendering.documents import HTML, Document
from digest.rendering.pages.builder import PAPERS_SHOWN, PREVIEW_DAYS
from digest.rendering.pages.finding import read_wanted, render_found, render_search
from digest.rendering.pages.plain_pages import render_help, render_saved
from digest.rendering.pages.templating import Site
from digest.selection import Selection
from digest.service.page_documents import FORM_TTL, assembled, plain
from digest.service.publishing import Publisher


class FindingPages:
    """Make these pages.

    Args:
        config: The settings.
        publisher: Makes documents.
        now: The clock.
    """

    def __init__(self, config: Config, *, publisher: Publisher, now: Callable[[], datetime]) -> None:
        self._config = config
        self._publisher = publisher
        self._now = now

    async def search(self, site: Site, text: str) -> Document:
        """Return what a text finds: categories, a paper, and stored papers of the configured feeds' categories."""
        wanted = read_wanted(text)
        if wanted.spec or wanted.paper or not wanted.text or not self._config.contexts:
            return plain(render_search(site, wanted, "", ""), expiry(self._now(), at_most=FORM_TTL))
        try:
            selection = Selection.model_validate({"q": wanted.text})
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            return plain(render_search(site, wanted, "", problem), expiry(self._now(), at_most=FORM_TTL))
        request = FeedRequest(spec=Spec(self._config.contexts), selection=selection, days=PREVIEW_DAYS)
        address = spec_address(request.spec, [("q", str(selection.q))])

        def render(content: FeedContent) -> bytes:
            return render_found(content, site, address).encode()

        key, shown = repr((site, address)), slice(PAPERS_SHOWN)
        try:
            found = await self._publisher.feed(request, HTML, render, "found", key, wait=False, shown=shown)
        except UnavailableError as error:
            return plain(render_search(site, wanted, "", str(error)), COLD)
        return assembled(render_search(site, wanted, found.body.decode(), ""), [found])

    def help(self, site: Site) -> Document:
        """Return what filters, ranking and our words mean."""
        return plain(render_help(site), expiry(self._now(), at_most=FORM_TTL))

    def saved(self, site: Site) -> Document:
        """Return the page of the papers that a reader saved in the browser; the server doesn't know them."""
        return plain(render_saved(site), expiry(self._now(), at_most=FORM_TTL))
