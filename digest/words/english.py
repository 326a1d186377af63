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
        # Days, weeks and ranges of dates.
        "period.week": "Week {week} of {year}, {first} to {last}",
        "period.range": "{first} to {last}",
        "digest.lead_day": "{title}: the digest of one announcement",
        "digest.lead_days": "{title}: the digest of several announcements, each paper at its first one",
        "digest.lead_best": "{title}: the best papers of these announcements",
        "digest.running": "This week is not over: more announcements are to come.",
        "digest.days": "Days",
        "digest.weeks": "Weeks",
        "digest.all_days": "All days",
        "digest.week": "Week {week}",
        "digest.week_of_day": "the whole week",
    }
)
