"""The same paper through feed, listing page, catch-up page and query API: one author list, one title, one abstract."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.upstream.parsing.announcement_feed import parse_announcement_feed
from digest.upstream.parsing.listing_page import parse_listing_page
from digest.upstream.parsing.query_api import parse_query_result

REPLICA = Path(__file__).resolve().parents[3].parent / "shared" / "arxiv_replica"
NOW = datetime(2026, 1, 30, tzinfo=UTC)
SUFFIXES = ("Jr.", "Jr", "Sr.", "II", "III", "IV")
SOURCES = """
import json
from clock import Clock, parse_now
from feeds import FeedService
from pages import Pages
from query import doc
from store import Store
import query
store = Store(["data/days", "data/edge"])
everything = store.wanted(store.tax.active_archives, [], for_rss=True)
Service = next(one for one in vars(query).values() if isinstance(one, type) and hasattr(one, "_atom"))
for day in store.days:
    clock = Clock(parse_now(day.isoformat()))
    pages = Pages(store, clock)
    archive, name, _ = pages.subject("cs")
    pages.subject = lambda context: (archive, name, everything)
    entries = [doc(paper) for paper in store.papers_on(day)]
    print(json.dumps({
        "feed": FeedService(store, clock, limit=10**6).render("+".join(store.tax.active_archives), False)[1].decode(),
        "new": pages.listing("cs", "new", {})[0].decode() if day == store.days[-1] else None,
        "catch-up": pages.catchup("cs", day.isoformat(), {"abs": "True"})[0].decode(),
        "api": Service(store, clock)._atom("all", None, [], 0, len(entries), len(entries), entries).decode(),
    }))
"""


def papers_by_source(bodies):
    papers = {
        "feed": parse_announcement_feed(bodies["feed"].encode()).papers,
        "api": parse_query_result(bodies["api"].encode()).papers,
    }
    for page in ("new", "catch-up"):
        if bodies[page] is None:  # the same markup as on catch-up pages: one day of it is enough
            continue
        papers[page] = parse_listing_page(bodies[page].encode(), context="cs", fetched_at=NOW).listing.papers
    return {source: {paper.id: paper for paper in found} for source, found in papers.items()}


def named(paper):
    """Return the names, as far as all sources have them: pages end at 100 authors."""
    return [author.name for author in paper.authors][:99]


def without_suffixes(names):
    """Return the names as the query API has them: without Jr. and III."""
    return [name.rsplit(" ", 1)[0] if name.rsplit(" ", 1)[-1] in SUFFIXES else name for name in names]


@pytest.fixture(scope="module")
def days():
    if not REPLICA.exists():
        pytest.skip("the collection of real papers is not on this machine")
    command = [sys.executable, "-B", "-W", "ignore", "-c", SOURCES]
    output = subprocess.run(command, cwd=REPLICA, check=True, capture_output=True, text=True).stdout
    return [papers_by_source(json.loads(line)) for line in output.splitlines()]


def test_a_paper_has_the_same_authors_whatever_the_source(days):
    seen = 0
    for papers in days:
        for ident in dict.fromkeys(ident for found in papers.values() for ident in found):
            names = {source: named(found[ident]) for source, found in papers.items() if ident in found}
            seen += len(names) > 1
            pages = {source: listed for source, listed in names.items() if source != "api"}
            assert len({tuple(listed) for listed in pages.values()}) <= 1, (ident, names)
            assert len({tuple(without_suffixes(listed)) for listed in names.values()}) == 1, (ident, names)
    assert seen > 5000


def test_a_paper_has_the_same_title_whatever_the_source(days):
    for papers in days:
        for ident in dict.fromkeys(ident for found in papers.values() for ident in found):
            titles = {found[ident].title for found in papers.values() if ident in found}
            assert len(titles) == 1, (ident, titles)
