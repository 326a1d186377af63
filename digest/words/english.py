"""The English table, which is complete: what another language lacks is said in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str | tuple[str, str]] = MappingProxyType(
    {
        # The frame of every page.
        "page.skip": "Skip to content",
        "page.site": "Site",
        "page.thanks": "Thank you to arXiv for use of its open access interoperability. Not affiliated with arXiv.",
        "page.served_by": "Served by arxiv-digest {version}.",
        "nav.feeds": "Feeds",
        "nav.digests": "Digests",
        "nav.build": "Build a feed",
        "nav.status": "Status",
        "nav.api": "API",
        # One paper.
        "paper.page": "details",
    }
)
