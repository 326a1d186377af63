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
        # Statistics.
        "stats.title": "Statistics: {title}",
        "stats.lead": "From {first} to {last}, by the days of arXiv's announcements.",
        "stats.none": "Nothing is counted yet. Open the list once, and its days are counted from then on.",
        "stats.totals": "All days together",
        "stats.category": "Category",
        "stats.announcements": "Announcements",
        "stats.new": "New",
        "stats.cross": "Cross-lists",
        "stats.replaced": "Replacements",
        "stats.with_code": "With code",
        "stats.shown": "Papers of this feed, day by day",
        "stats.papers_a_day": "New papers and cross-lists a day",
        "stats.papers_by_week": "New papers and cross-lists a day, on average over each week",
        "stats.code": "Share of papers that link a repository or project page",
        "stats.as_table": "The numbers as a table",
        "stats.when": "When",
        "stats.new_terms": "Words that are new in titles",
        "stats.new_terms_how": "Of the last {recent} announcements, against the {earlier} before them.",
        "stats.no_new_terms": "No word stands out in the last {recent} announcements against the {earlier} before them.",
        "stats.term": "Word",
        "stats.titles": "Titles",
        "stats.expected": "Expected",
        "stats.how": "Each day is counted when it is fetched, and its numbers are kept for three years. Replacements count only where the column says so.",
        "stats.papers": "The papers themselves",
        "stats.link": "statistics",
        "stats.years": ("The last year", "The last {count} years"),
    }
)
