"""The query API's answer (Atom): papers by any query, with submission instants, versions and comments.

Read with lxml, not with feedparser: the format is one, so nothing has to be guessed, and the text arrives as it
was sent (feedparser's clean-up takes `<` and `&` in abstracts for markup).

Source: arXiv help, https://info.arxiv.org/help/api/user-manual.html;
https://github.com/arXiv/arxiv-search, search/serialize/atom.py (since November 2025).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.arxiv.identifiers import parse_identifier
from digest.arxiv.schedule import announcement_day_of
from digest.errors import ParseError
from digest.models import AnnounceType, Paper
from digest.text import clean_abstract, clean_comment, clean_name, clean_title, find_code_url, join_authors
from digest.upstream.parsing.bounds import LONGEST_FACT, MOST_AUTHORS, readable
from digest.upstream.parsing.safe_xml import load_xml
from digest.upstream.parsing.withdrawal import is_withdrawal

if TYPE_CHECKING:
    from lxml import etree

LIMIT_BYTES = 32_000_000
"""Above this an answer is refused; 2,000 papers are about 6 MB."""

_ELEMENTS_LIMIT = 400_000
"""2,000 papers of fifty authors, with room."""
_LONGEST_NUMBER = 12

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One page of an answer, in the order asked for."""

    papers: tuple[Paper, ...]
    total: int
    """Papers that match, on all pages."""
    start: int
    """Offset of this page's first paper."""
    shown: int
    """Different entries on this page, unreadable ones included: the next page starts at `start + shown`."""


def parse_query_result(payload: bytes) -> QueryResult:
    """Read one answer of the query API.

    The API knows submissions, not announcements: each paper's `announced` is the earliest announcement that its
    first version can have been in, and `replaced` the same for a later version; `announce_type` is `new`
    throughout, for only a listing's context can tell. An entry without usable id, category or date is left out
    and logged at warning.

    Raises:
        ParseError: The body is not such an answer, arXiv reports an error in it (the message has arXiv's), or the
            page is empty though it should not be, which happens and passes: ask again.
    """
    root = load_xml(payload, limit_bytes=LIMIT_BYTES, limit_elements=_ELEMENTS_LIMIT)
    if root.tag != f"{_ATOM}feed":
        raise ParseError(f"expected an Atom feed from the query API, got <{str(root.tag)[:80]}>")
    entries = root.findall(f"{_ATOM}entry")
    _raise_reported_error(entries)
    total, start = _number(root, "totalResults"), _number(root, "startIndex")
    if not entries and start < total:
        raise ParseError(f"expected papers from offset {start} of {total}, got an empty page")
    entry_by_id: dict[str, etree._Element] = {}
    for entry in entries:
        entry_by_id.setdefault(_text(entry, f"{_ATOM}id"), entry)  # a doubled one counts once
    papers = tuple(paper for paper in map(_read_paper, entry_by_id.values()) if paper)
    return QueryResult(papers, total=total, start=start, shown=len(entry_by_id))


def _raise_reported_error(entries: list[etree._Element]) -> None:
    """Raise what arXiv says where its answer is an error in the shape of a feed."""
    if len(entries) != 1 or _text(entries[0], f"{_ATOM}title").strip() != "Error":
        return
    if parse_identifier(_text(entries[0], f"{_ATOM}id")) is None:  # else a paper of that title
        message = clean_comment(_text(entries[0], f"{_ATOM}summary"))
        raise ParseError(f"the query API answered with an error: {message or 'it does not say which'}")


def _number(root: etree._Element, name: str) -> int:
    text = _text(root, f"{_OPENSEARCH}{name}").strip()
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER):
        raise ParseError(f"expected a number as opensearch:{name} in the query API's answer, got {text[:40]!r}")
    return int(text)


def _read_paper(entry: etree._Element) -> Paper | None:
    raw_id = _text(entry, f"{_ATOM}id")
    found = parse_identifier(raw_id)
    published, updated = (_instant(_text(entry, f"{_ATOM}{name}")) for name in ("published", "updated"))
    categories = _categories(entry)
    if found is None or published is None or not categories:
        _log.warning("query API: an entry without usable id, date or category is left out: %r", raw_id[:80])
        return None
    abstract = clean_abstract(_text(entry, f"{_ATOM}summary"))
    comment = clean_comment(_text(entry, f"{_ARXIV}comment")) or None
    later = found.version is not None and found.version > 1 and updated is not None
    return Paper(
        id=found.id,
        version=found.version,
        title=clean_title(_text(entry, f"{_ATOM}title")),
        authors=join_authors(_authors(entry)),
        abstract=abstract,
        categories=categories,
        primary_category=categories[0],
        announce_type=AnnounceType.NEW,
        announced=announcement_day_of(published),
        replaced=announcement_day_of(updated) if later and updated else None,
        published=published,
        updated=updated,
        comment=comment,
        journal_ref=clean_comment(_text(entry, f"{_ARXIV}journal_ref")) or None,
        doi=" ".join(" ".join(_texts(entry, f"{_ARXIV}doi")).split())[:LONGEST_FACT] or None,
        withdrawn=is_withdrawal(comment, abstract),
        code_url=find_code_url(abstract, comment or ""),
    )


def _categories(entry: etree._Element) -> tuple[str, ...]:
    """Return the categories, each once, primary first."""
    primary = entry.find(f"{_ARXIV}primary_category")
    elements = ([] if primary is None else [primary]) + entry.findall(f"{_ATOM}category")
    return tuple(dict.fromkeys(term for term in (element.get("term", "") for element in elements) if term))


def _authors(entry: etree._Element) -> Iterator[tuple[str, str | None]]:
    """Yield each author's name and affiliation as they stand there."""
    for element in entry.findall(f"{_ATOM}author")[:MOST_AUTHORS]:
        affiliation = "; ".join(filter(None, map(clean_name, _texts(element, f"{_ARXIV}affiliation"))))
        yield _text(element, f"{_ATOM}name"), affiliation or None


def _texts(parent: etree._Element, tag: str) -> list[str]:
    return [readable("".join(map(str, element.itertext()))) for element in parent.findall(tag)]


def _text(parent: etree._Element, tag: str) -> str:
    return next(iter(_texts(parent, tag)), "")


def _instant(text: str) -> datetime | None:
    """Read an instant (RFC 3339, https://www.rfc-editor.org/rfc/rfc3339), in UTC; None if it is none."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if instant.utcoffset() is None else instant.astimezone(UTC)
