"""arXiv's announcement feed (`/rss/{spec}`, RSS 2.0): bytes to papers, and a union's papers to listings.

Source: arXiv help, https://info.arxiv.org/help/rss_specifications.html; https://github.com/arXiv/arxiv-feed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, NamedTuple

from digest.arxiv.identifiers import parse_identifier
from digest.arxiv.schedule import eastern_date
from digest.arxiv.taxonomy import belongs
from digest.errors import ParseError
from digest.models import AnnounceType, Listing, Paper, Source
from digest.text import clean_abstract, clean_comment, clean_title, find_code_url, parse_authors
from digest.upstream.parsing.bounds import LONGEST_FACT, readable
from digest.upstream.parsing.safe_xml import load_xml
from digest.upstream.parsing.withdrawal import is_withdrawal

log = logging.getLogger(__name__)

_PREFIX = re.compile(r"^arXiv:(?P<id>\S+?)(?:v(?P<version>\d{1,4}))? Announce Type: (?P<type>\S+)\s*\nAbstract: ?")


SIZE_LIMIT = 12_000_000
"""Bytes; five times the largest feed seen."""
_ELEMENTS_LIMIT = 100_000
"""The largest feed seen has a fifth of it; feedparser takes some 30 µs for each, more the deeper it is."""


class AnnouncementFeed(NamedTuple):
    """One announcement as the feed shows it: its day (US Eastern) and its papers in arXiv's order."""

    day: date
    papers: tuple[Paper, ...]


def parse_announcement_feed(payload: bytes) -> AnnouncementFeed:
    """Read an announcement feed.

    An entry without a usable id or announce type is left out and logged; one that comes twice
    counts once. On days without announcement the feed is valid and has no papers.

    Raises:
        ParseError: Not well-formed XML, not an RSS channel, arXiv's error feed, no date, or
            entries of which none is usable.
    """
    import feedparser

    root = load_xml(payload, limit_bytes=SIZE_LIMIT, limit_elements=_ELEMENTS_LIMIT)
    if root.tag != "rss" or root.find("channel") is None:
        raise ParseError(f"expected an RSS channel, found <{root.tag}>")
    # As a stream: bytes are tried as the name of a file first.
    parsed = feedparser.parse(BytesIO(payload), sanitize_html=False, resolve_relative_uris=False)
    if parsed.bozo:
        raise ParseError(f"expected a feed: {parsed.bozo_exception}")
    channel = parsed.feed
    if channel.get("title", "").startswith("Feed error"):
        raise ParseError(f"arXiv's feed service answers: {channel.get('description', '')}"[:300])
    day = _day(channel.get("published", ""))
    papers: dict[str, Paper] = {}
    unusable: list[str] = []
    for item in parsed.entries:
        paper = _paper(item, day)
        if paper is None:
            unusable.append(str(item.get("id") or item.get("link") or item.get("title"))[:60])
        else:
            papers.setdefault(paper.id, paper)
    if unusable and not papers:
        raise ParseError(f"none of {len(unusable)} entries has an id, a category and a known announce type")
    if unusable:
        shown = ", ".join(unusable[:5]) + (", …" if len(unusable) > 5 else "")
        log.warning("announcement feed of %s: %d unusable entries left out: %s", day, len(unusable), shown)
    return AnnouncementFeed(day, tuple(papers.values()))


def split_by_context(feed: AnnouncementFeed, contexts: tuple[str, ...], fetched_at: datetime) -> tuple[Listing, ...]:
    """Make one listing a context of the feed that was asked for all *contexts* at once.

    The announce type depends on what was asked: what is `new` in a union may be `cross` in one of
    its parts. A union can't tell everything: a cross-list whose paper is in several of the
    contexts may be an old paper that entered just one of them today. Ids are given on announcement,
    so a paper whose id is not below the smallest of the feed's new papers is new today and in all
    of them; for any other the listings concerned are `provisional`. Of a paper that was replaced and
    cross-listed on the same day a union has one entry, the cross-list; its home misses the replacement.
    """
    new_ids = [_order(paper.id) for paper in feed.papers if paper.announce_type is AnnounceType.NEW]
    first_new = min(new_ids, default=None)
    listings = []
    for context in contexts:
        papers, provisional = [], False
        for paper in feed.papers:
            membership = _membership(paper, context, contexts, first_new)
            if membership is not None:
                papers.append(paper.model_copy(update={"announce_type": membership.announce_type}))
                provisional |= not membership.certain
        listings.append(
            Listing(
                context=context,
                day=feed.day,
                papers=tuple(papers),
                source=Source.ANNOUNCEMENT_FEED,
                asked=contexts,
                provisional=provisional,
                fetched_at=fetched_at,
            )
        )
    return tuple(listings)


class _Membership(NamedTuple):
    announce_type: AnnounceType
    certain: bool


def _membership(
    paper: Paper, context: str, asked: tuple[str, ...], first_new: tuple[str, str] | None
) -> _Membership | None:
    """Tell how *paper* of a feed for *asked* is in *context*; None if it doesn't."""
    kind = paper.announce_type
    if len(asked) == 1:
        return _Membership(kind, certain=True)
    if not belongs(paper.categories, context):
        return None
    at_home = belongs((paper.primary_category,), context)
    if kind is AnnounceType.NEW:
        return _Membership(AnnounceType.NEW if at_home else AnnounceType.CROSS, certain=True)
    if kind is not AnnounceType.CROSS:
        return _Membership(AnnounceType.REPLACE if at_home else AnnounceType.REPLACE_CROSS, certain=True)
    if any(belongs((paper.primary_category,), one) for one in asked):
        # Were it new today, the union would call it new: an old paper, cross-listed today, and not into its home.
        others = [
            one for one in asked if belongs(paper.categories, one) and not belongs((paper.primary_category,), one)
        ]
        return None if at_home else _Membership(AnnounceType.CROSS, certain=len(others) == 1)
    entered = [one for one in asked if belongs(paper.categories, one)]
    new_today = first_new is not None and _order(paper.id) >= first_new
    return _Membership(AnnounceType.CROSS, certain=new_today or len(entered) == 1)


def _order(ident: str) -> tuple[str, str]:
    """Sort key of an id by age; old-style ids come before all others."""
    return ("", ident) if "/" in ident else ("1", ident)


def _day(pub_date: str) -> date:
    try:
        return eastern_date(parsedate_to_datetime(pub_date))
    except (ValueError, OverflowError) as error:
        raise ParseError(f"expected the channel's pubDate, found {pub_date!r}") from error


def _paper(item: Any, day: date) -> Paper | None:
    """Read one entry; None if it can't be used."""
    found = _PREFIX.match(item.get("summary", ""))
    ident = parse_identifier(item.get("id", "")) or parse_identifier(item.get("link", ""))
    categories = tuple(_codes(tag["term"] for tag in item.get("tags", ())))
    if not ident or not categories:
        return None
    try:
        announce_type = AnnounceType(item.get("arxiv_announce_type", found["type"] if found else ""))
    except ValueError:
        return None
    abstract = clean_abstract(readable(item.get("summary", "")[found.end() if found else 0 :]))
    return Paper(
        id=ident.id,
        version=ident.version or (int(found["version"]) if found and found["version"] else None),
        title=clean_title(readable(item.get("title", ""))),
        authors=parse_authors(readable(item.get("author", "")), cut=True),
        abstract=abstract,
        categories=categories,
        primary_category=categories[0],
        announce_type=announce_type,
        announced=day,
        journal_ref=clean_comment(readable(item.get("arxiv_journal_reference", ""))) or None,
        doi=" ".join(item.get("arxiv_doi", "").split())[:LONGEST_FACT] or None,
        license=item.get("rights", "")[:LONGEST_FACT] or None,
        withdrawn=is_withdrawal(None, abstract),
        code_url=find_code_url(abstract),
    )


def _codes(terms: Iterable[str | None]) -> Iterable[str]:
    return dict.fromkeys(term for term in terms if term)
