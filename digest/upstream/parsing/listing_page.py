"""arXiv's listing pages and catch-up pages (HTML): one announcement of one context, with the day and the totals.

`/list/{context}/new` shows the last announcement, `/catchup/{context}/{date}?abs=True` any of the last 90 days, both
with the same entries, 2,000 a page. Text on these pages is Unicode already, math is TeX. What they lack: more than
100 authors of a paper, submission instants, DOIs, the version where a paper has no HTML, and aliases: `cs.SY` stands
there as `eess.SY`. An archive's page leaves out cross-lists within the archive, and everything at version 6 or later.

Source: https://github.com/arXiv/arxiv-browse, browse/templates/list, browse/controllers/list_page.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from digest.arxiv.identifiers import parse_identifier
from digest.arxiv.taxonomy import belongs, canonical
from digest.errors import InputError, ParseError
from digest.models import AnnounceType, Counts, Listing, Paper, Source
from digest.text import clean_abstract, clean_comment, clean_title, find_code_url, has_more_authors, parse_authors
from digest.upstream.parsing.bounds import readable
from digest.upstream.parsing.withdrawal import is_withdrawal

if TYPE_CHECKING:
    from lxml import html

LIMIT_BYTES = 16_000_000
"""Above this a page is refused; 2,000 entries are about 6 MB."""

_LONG_TAG = re.compile(r"<(?!\w+(?: class='mathjax')?>)[A-Za-z](?:[^<>]{4000}|[^<]{20000})")
"""A start tag, or one with all the text behind it (but an abstract's), since a quoted `>` ends none. The parser takes
time by the square of the number of attributes."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SECTIONS = {"New": AnnounceType.NEW, "Cross": AnnounceType.CROSS, "Replacement": AnnounceType.REPLACE}
_HEADING = re.compile(
    r"(New|Cross|Replacement) submissions \((?:[a-z, ]*)showing (?:[a-z]+ )?(\d{1,9}) of (\d{1,9}) entries ?\)"
)
_LISTING_DAY = re.compile(r"Showing new listings for \w+, (\d{1,2}) (\w+) (\d{4})")
_CATCH_UP_DAY = re.compile(r"Catchup results for .* on \w+, (\d{1,2}) (\w+) (\d{4})", re.DOTALL)
_TOTAL = re.compile(r"Total of (\d{1,9}) entries")
_CODE = re.compile(r"\(([A-Za-z]+(?:-[A-Za-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?)\)\s*$")
_HTML_VERSION = re.compile(r"/html/[^?#]+v(\d{1,4})$")
_HIDDEN_ADDRESS = re.compile(r"this \S+ URL", re.IGNORECASE)
_CONTEXT_LINK = re.compile(r"/list/([^/]+)/recent")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing; nearly always the only one.

    `listing.announced` is None unless the page is the whole listing, for one page doesn't state all totals.
    """

    listing: Listing
    total: int
    """Entries of the listing on all pages."""
    first: int
    """Number of this page's first entry, counted from 1."""
    shown: int
    """Entries on this page, those that could not be read included."""
    announced: dict[AnnounceType, int]
    """Totals of the sections that this page shows; replacements are not told apart."""

    @property
    def next_skip(self) -> int | None:
        """How many entries to skip for the next page, None if this is the last one."""
        seen = self.first - 1 + self.shown
        return seen if self.shown and seen < self.total else None

    @property
    def is_whole(self) -> bool:
        """Tell whether this page is the whole listing."""
        return self.shown == self.total


def parse_listing_page(payload: bytes, *, context: str, fetched_at: datetime, skip: int = 0) -> ListingPage:
    """Read a listing page or a catch-up page; which of the two it is, it says itself.

    A day without announcement has a valid catch-up page without entries. An empty page is no proof of an empty
    day, though: arXiv's cache has kept one for hours. An entry without usable id or category is left out and
    logged at warning; it still counts in the totals.

    Args:
        payload: The body as received, UTF-8.
        context: The category or archive that was asked for; decides replacements from cross-listed ones.
        fetched_at: When, for the listing's `fetched_at`.
        skip: How many entries the request skipped; catch-up pages skip 2,000 a page.

    Raises:
        ParseError: This is no such page, one of another context, without abstracts, or not all of it: the end is
            missing, or the entries are not as many, or not those, that it says.
        UnknownContextError: *context* is none.
    """
    wanted = canonical(context)
    root = _load_page(payload)
    source, day = _kind_and_day(root)
    if source is Source.LISTING_PAGE:
        _check_context(root, wanted)
    announced, entries = _read_sections(root)
    total = _total(root, len(entries))
    _check_numbers(entries, skip=skip, total=total, by_section=sum(announced.values()))
    if entries and not any(entry.body.find(".//p[@class='mathjax']") is not None for entry in entries):
        raise ParseError("expected entries with abstracts, got none with (catch-up pages are asked with abs=True)")
    papers = tuple(paper for paper in (_read_paper(entry, wanted, day) for entry in entries) if paper)
    listing = Listing(
        context=wanted, day=day, papers=papers, source=source, asked=(wanted,), fetched_at=fetched_at, announced=None
    )
    page = ListingPage(listing, total=total, first=skip + 1, shown=len(entries), announced=announced)
    return _with_counts(page) if page.is_whole else page


def join_pages(pages: Sequence[ListingPage]) -> Listing:
    """Join the pages of one listing; `announced` is what their headings state together.

    Raises:
        ParseError: They don't make up one whole listing: other days or totals (arXiv announced in between), a gap.
        InputError: There is no page.
    """
    if not pages:
        raise InputError("a listing has at least one page", name="pages")
    ordered = sorted(pages, key=lambda page: page.first)
    head = ordered[0]
    expected = 1
    for page in ordered:
        same = (page.listing.context, page.listing.day, page.total) == (
            head.listing.context,
            head.listing.day,
            head.total,
        )
        if not same or page.first != expected:
            raise ParseError(f"expected page from entry {expected} of {head.total} ({head.listing.day}), got another")
        expected += page.shown
    if expected != head.total + 1:
        raise ParseError(f"expected {head.total} entries on all pages together, got {expected - 1}")
    papers = {paper.id: paper for page in ordered for paper in page.listing.papers}
    announced = {kind: count for page in ordered for kind, count in page.announced.items()}
    listing = head.listing.model_copy(update={"papers": tuple(papers.values())})
    joined = ListingPage(listing, total=head.total, first=1, shown=head.total, announced=announced)
    return _with_counts(joined).listing


def _with_counts(page: ListingPage) -> ListingPage:
    """State the totals by type; the page has one for all replacements, so the entries divide it."""
    by_type = Counter(paper.announce_type for paper in page.listing.papers)
    crossed = by_type[AnnounceType.REPLACE_CROSS]
    counts = Counts(
        new=page.announced.get(AnnounceType.NEW, 0),
        cross=page.announced.get(AnnounceType.CROSS, 0),
        replace=max(page.announced.get(AnnounceType.REPLACE, 0) - crossed, 0),
        replace_cross=crossed,
    )
    listing = page.listing.model_copy(update={"announced": counts})
    return ListingPage(listing, total=page.total, first=page.first, shown=page.shown, announced=page.announced)


@dataclass(frozen=True, slots=True)
class _Entry:
    section: AnnounceType
    head: html.HtmlElement
    """`<dt>`: number, id, links."""
    body: html.HtmlElement
    """`<dd>`: title, authors and the rest."""


def _load_page(payload: bytes) -> html.HtmlElement:
    from lxml import etree, html

    if len(payload) > LIMIT_BYTES:
        raise ParseError(f"expected a listing page of at most {LIMIT_BYTES} bytes, got {len(payload)}")
    try:
        text = payload.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ParseError(f"expected a listing page in UTF-8: {error}") from error
    if not text[:200].lstrip().casefold().startswith(("<!doctype html", "<html")):
        raise ParseError(f"expected a listing page (HTML), got a body that begins with {text[:60]!r}")
    if not text[-20:].casefold().endswith("</html>"):
        raise ParseError("expected a whole listing page, got one without its end")
    if _LONG_TAG.search(text):
        raise ParseError("expected a listing page, got one with an element that is longer than any of arXiv's")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        raise ParseError(f"expected a listing page (HTML): {error}") from error


def _kind_and_day(root: html.HtmlElement) -> tuple[Source, date]:
    for source, path, pattern in (
        (Source.LISTING_PAGE, "//*[@id='dlpage']//h3", _LISTING_DAY),
        (Source.CATCH_UP_PAGE, "//*[@id='dlpage']//h1", _CATCH_UP_DAY),
    ):
        for heading in root.xpath(path):
            if found := pattern.match(_plain(heading)):
                return source, _date(*found.groups())
    title = _plain(*root.xpath("//title")[:1])[:60]
    raise ParseError(
        "expected a listing page (with 'Showing new listings for …') or a catch-up page "
        f"(with 'Catchup results for …'), got a page titled {title!r}"
    )


def _date(day: str, month: str, year: str) -> date:
    try:
        return date(int(year), _MONTHS.index(month[:3].casefold()) + 1, int(day))
    except ValueError as error:
        raise ParseError(f"expected a date in the page's heading, got {day} {month} {year}") from error


def _check_context(root: html.HtmlElement, wanted: str) -> None:
    """Compare with what the page is about; it says so in its link to `/list/{context}/recent`."""
    links = (_CONTEXT_LINK.search(href) for href in root.xpath("//*[@id='dlpage']//a/@href"))
    found = next(filter(None, links), None)
    if found is None:
        return
    try:
        actual = canonical(found[1])
    except InputError as error:
        raise ParseError(f"expected the listing page of {wanted}: {error}") from error
    if actual != wanted:
        raise ParseError(f"expected the listing page of {wanted}, got that of {actual}")


def _read_sections(root: html.HtmlElement) -> tuple[dict[AnnounceType, int], list[_Entry]]:
    announced: dict[AnnounceType, int] = {}
    entries: list[_Entry] = []
    for section in root.xpath("//dl[@id='articles']"):
        heading = _plain(*section.xpath("./h3")[:1])
        found = _HEADING.fullmatch(heading)
        if found is None:
            raise ParseError(
                f"expected a heading like 'New submissions (showing 3 of 3 entries)', got {heading[:80]!r}"
            )
        kind, shown = _SECTIONS[found[1]], int(found[2])
        heads, bodies = section.findall("dt"), section.findall("dd")
        if not len(heads) == len(bodies) == shown:
            raise ParseError(
                f"expected {shown} entries under {heading!r}, got {len(heads)}, of these {len(bodies)} whole"
            )
        announced[kind] = int(found[3])
        entries += [_Entry(kind, head, body) for head, body in zip(heads, bodies, strict=True)]
    return announced, entries


def _total(root: html.HtmlElement, shown: int) -> int:
    text = " ".join(map(_plain, root.xpath("//*[@id='dlpage']/*[self::div or self::p]")))
    if found := _TOTAL.search(text):
        return int(found[1])
    if shown == 0 and "No updates today" in text:
        return 0
    raise ParseError("expected 'Total of … entries' on the listing page, got none")


def _check_numbers(entries: list[_Entry], *, skip: int, total: int, by_section: int) -> None:
    """Compare the entries' own numbers with the request and with the totals: none is missing, before or after."""
    for number, entry in enumerate(entries, skip + 1):
        if f"[{number}]" not in _plain(entry.head):
            raise ParseError(f"expected entry [{number}] on the listing page, got {_plain(entry.head)[:60]!r}")
    shown = skip + len(entries)
    if shown > total or by_section > total or (shown == total and skip == 0 and by_section != total):
        raise ParseError(f"expected {total} entries, {by_section} by section, as the page states; got {shown}")


def _read_paper(entry: _Entry, context: str, day: date) -> Paper | None:
    raw_id = next(iter(entry.head.xpath("./a[@title='Abstract']/@href")), "").removeprefix("/abs/")
    found = parse_identifier(raw_id)
    primary, categories = _categories(entry.body)
    if found is None or primary is None:
        _log.warning("listing page %s %s: an entry without usable id or category is left out: %r", context, day, raw_id)
        return None
    kind = entry.section
    if kind is AnnounceType.REPLACE and not belongs([primary], context):
        kind = AnnounceType.REPLACE_CROSS
    abstract = clean_abstract(readable(_written(*entry.body.xpath(".//p[@class='mathjax']")[:1])))
    comment = clean_comment(_field(entry.body, "list-comments")) or None
    author_line = readable(_author_line(entry.body))
    return Paper(
        id=found.id,
        version=found.version or _html_version(entry.head),
        title=clean_title(_field(entry.body, "list-title")),
        authors=parse_authors(author_line),
        more_authors=has_more_authors(author_line),
        abstract=abstract,
        categories=categories,
        primary_category=primary,
        announce_type=kind,
        announced=day,
        replaced=day if entry.section is AnnounceType.REPLACE else None,
        comment=comment,
        journal_ref=clean_comment(_field(entry.body, "list-journal-ref")) or None,
        withdrawn=is_withdrawal(comment, abstract),
        code_url=find_code_url(abstract, comment or ""),
    )


def _categories(body: html.HtmlElement) -> tuple[str | None, tuple[str, ...]]:
    """Return the primary category (None if there is none) and all, primary first."""
    found = (_CODE.search(part) for part in _field(body, "list-subjects").split(";"))
    codes = tuple(dict.fromkeys(match[1] for match in found if match))
    primary = _CODE.search(_plain(*body.xpath(".//*[@class='primary-subject']")[:1]))
    if primary is None:
        return None, codes
    return primary[1], tuple(dict.fromkeys((primary[1], *codes)))


def _html_version(head: html.HtmlElement) -> int | None:
    """Return the version that the link to the HTML full text names; there is no other sign of it."""
    links = (_HTML_VERSION.search(href) for href in head.xpath("./a/@href"))
    return next((int(found[1]) for found in links if found), None)


def _author_line(body: html.HtmlElement) -> str:
    """Return the author list as one line, in the form that it was submitted in.

    Names are linked; the space between a nickname and the linked rest of a name is lost on the page.
    """
    line = ""
    for element in body.xpath(".//div[@class='list-authors']")[:1]:
        line = element.text or ""
        for child in element:
            line += (" " if line.endswith(")") else "") + _written(child) + (child.tail or "")
    return "" if line.strip() == "(author list is unavailable)" else line


def _field(body: html.HtmlElement, name: str) -> str:
    """Return a field as written, without its label ("Comments:"); "" where it is missing."""
    for element in body.xpath(f".//div[contains(concat(' ', @class, ' '), ' {name} ')]"):
        shown = ("" if child.get("class") == "descriptor" else _written(child) for child in element)
        after = "".join(text + (child.tail or "") for text, child in zip(shown, element, strict=True))
        return readable((element.text or "") + after)
    return ""


def _written(element: html.HtmlElement | None = None) -> str:
    """Return an element's text as its author wrote it: addresses instead of "this https URL", breaks as paragraphs."""
    if element is None:
        return ""
    if element.tag == "br":
        return "\n  "
    text = (element.text or "") + "".join(_written(child) + (child.tail or "") for child in element)
    if element.tag != "a":
        return text
    if _HIDDEN_ADDRESS.fullmatch(text.strip()):
        return str(element.get("href", text))
    return str(element.get("data-doi", text))


def _plain(element: html.HtmlElement | None = None) -> str:
    """Return an element's text on one line, "" without element."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
