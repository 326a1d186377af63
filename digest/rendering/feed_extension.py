"""What feedgen does not write itself: arXiv's namespace, one `dc:creator`, the language of an entry, links to older papers.

Source: arXiv help, https://info.arxiv.org/help/rss_specifications.html (element names and order); RFC 5005,
https://www.rfc-editor.org/rfc/rfc5005#section-4 (archived feeds, in RSS too).
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from digest.feeds.document import Elsewhere
from digest.models import Entry, Paper
from digest.reports.receipts import DayReceipt, FeedReceipt
from digest.text import xml_safe

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
ARXIV = "http://arxiv.org/schemas/atom"
DC = "http://purl.org/dc/elements/1.1/"
RECEIPT = "urn:arxiv-digest:receipt:1"
"""Our own namespace; docs/reference/receipts.md says what it holds."""
_LIKE_MARKUP = re.compile(r"<[a-z/!?]|&#?\w", re.IGNORECASE)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class ArxivExtension(BaseExtension):  # type: ignore[misc]
    """The feed's part: the namespaces, the receipt, and where the feed goes on; see `account` and `lead`."""

    def __init__(self) -> None:
        self._receipt: FeedReceipt | None = None
        self._elsewhere = Elsewhere()

    def account(self, receipt: FeedReceipt | None) -> None:
        """Set the receipt to write."""
        self._receipt = receipt

    def lead(self, elsewhere: Elsewhere) -> None:
        """Set where the rest of the window is."""
        self._elsewhere = elsewhere

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes in use."""
        history = {"fh": HISTORY} if self._elsewhere.current else {}
        return {"arxiv": ARXIV, "dc": DC, "receipt": RECEIPT, **history}

    def extend_rss(self, feed: Any) -> Any:
        """Add links and receipt to an RSS channel."""
        self._write_links(feed[0])
        self._write(feed[0])
        return feed

    def extend_atom(self, feed: Any) -> Any:
        """Add links and receipt to an Atom feed."""
        self._write_links(feed)
        self._write(feed)
        return feed

    def _write_links(self, parent: Any) -> None:
        if self._elsewhere.current:
            etree.SubElement(parent, f"{{{HISTORY}}}archive")
        for rel, url in (("prev-archive", self._elsewhere.older), ("current", self._elsewhere.current)):
            if url:
                etree.SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=url)

    def _write(self, parent: Any) -> None:
        receipt = self._receipt
        if receipt is None:
            return
        root = etree.SubElement(parent, f"{{{RECEIPT}}}receipt")
        root.set("shown", str(receipt.shown))
        root.set("papers", str(receipt.papers))
        root.set("complete", str(receipt.is_complete).lower())
        for reason, number in receipt.left_out.model_dump().items():
            root.set(f"left-out-by-{reason}", str(number))
        if receipt.wishes:
            for name, number in receipt.wishes.model_dump(exclude={"note"}).items():
                root.set(f"wishes-{name.replace('_', '-')}", str(number))
            if receipt.wishes.note:
                root.set("wishes-note", xml_safe(receipt.wishes.note))
        if receipt.examples:
            root.set("examples-known", str(receipt.examples.known))
            root.set("examples-asked", str(receipt.examples.asked))
        if receipt.rest:
            root.set("rest", receipt.rest)
        for day in receipt.days:
            _write_day(root, day)


class ArxivEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """An entry's part; give it the entry with `describe`."""

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._creator = ""
        self._is_compat = False

    def describe(self, entry: Entry, creator: str, *, is_compat: bool) -> None:
        """Set what to write: the paper's facts and, in RSS and in the form of arXiv's own feed, the authors as one text.

        In the form of arXiv's own feed (*is_compat*) all texts are plain, whatever they look like.
        """
        self._entry = entry
        self._creator = creator
        self._is_compat = is_compat

    def extend_rss(self, item: Any) -> Any:
        """Add arXiv's elements and the authors to an RSS item."""
        if self._creator:
            _add(item, DC, "creator", self._creator)
        summary = self._entry.summary if self._entry and not self._is_compat else None
        if summary and summary.language not in {"en", "und"}:  # the feed's own goes without saying
            _add(item, DC, "language", summary.language)
        return self._extend(item)

    def extend_atom(self, element: Any) -> Any:
        """Add arXiv's elements and the language to an Atom entry, and to its links and texts what feedgen loses."""
        if self._is_compat and self._creator:
            _add(element, DC, "creator", self._creator)
        if not self._is_compat:
            for name in ("title", "summary"):
                _declare_html(element, name)
        if self._entry:
            facts = entry_links(self._entry.paper)
            for link in element.findall("link"):
                for name, value in facts.get(link.get("href"), {}).items():
                    link.set(name, value)
        if self._entry and self._entry.summary and self._entry.summary.language != "und":
            element.set(_XML_LANG, self._entry.summary.language)
        return self._extend(element)

    def _extend(self, element: Any) -> Any:
        if self._entry is None:
            return element
        paper = self._entry.paper
        _add(element, ARXIV, "announce_type", paper.announce_type.value)
        for name, value in (("DOI", paper.doi), ("journal_reference", paper.journal_ref)):
            if value:
                _add(element, ARXIV, name, value)
        if paper.license:
            _add(element, DC, "rights", paper.license)
        return element


def entry_links(paper: Paper) -> dict[str, dict[str, str]]:
    """Return the links of an Atom entry: address to attributes."""
    return {
        paper.links.abs: {"rel": "alternate", "type": "text/html"},
        paper.links.pdf: {"rel": "related", "type": "application/pdf", "title": "PDF"},
    }


def _write_day(root: Any, day: DayReceipt) -> None:
    element = etree.SubElement(root, f"{{{RECEIPT}}}day")
    element.set("context", day.context)
    element.set("date", day.day.isoformat())
    element.set("status", day.status.value)
    for prefix, counts in (("announced", day.announced), ("held", day.held)):
        if counts is not None:
            for name, number in counts.model_dump().items():
                element.set(f"{prefix}-{name.replace('_', '-')}", str(number))
    if day.sources:
        element.set("sources", " ".join(source.value for source in day.sources))
    for flag in ("backfilled", "provisional"):
        if getattr(day, flag):
            element.set(flag, "true")
    if day.note:
        element.text = xml_safe(day.note)


def _declare_html(parent: Any, name: str) -> None:
    """Escape a plain text that looks like markup once more and declare it HTML, so that no reader takes it for what it isn't.

    Source: RFC 4287, https://www.rfc-editor.org/rfc/rfc4287#section-3.1.1; the W3C's validator warns of such texts.
    """
    text = parent.find(name)
    if text is not None and _LIKE_MARKUP.search(text.text or ""):
        text.set("type", "html")
        text.text = escape(text.text, quote=False)


def _add(parent: Any, namespace: str, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{namespace}}}{name}").text = xml_safe(text)
