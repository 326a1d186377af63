"""A digest as Markdown and as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from digest.config.views import TitleForm
from digest.feeds.daily import DigestContent, build_digest
from digest.feeds.digests import Digest, DigestEntry, DigestPaper
from digest.feeds.periods import Period
from digest.models import Entry, Frozen
from digest.rendering.markdown import render_markdown
from digest.reports.receipts import DayReceipt
from digest.summaries.kept import builtin_summary

_OF_SEVERAL_DAYS: Any = {"period": True, "entries": {"__all__": {"announced"}}}
"""Members that say nothing of a digest of one day."""


class DaySection(Frozen):
    """The entries under one heading."""

    name: str
    entries: tuple[Entry, ...]


class DigestReport(Frozen):
    """A digest with everything that is known of its days, for programs."""

    day: date
    """arXiv's date of the announcement; of several days, the newest."""
    period: str
    """Which announcements: `2026-01-29`, `2026-W05`, `2026-01-22..2026-01-29`."""
    is_running: bool
    """Whether announcements of the period are to come."""
    title: str
    note: str
    """Why there is nothing to show, "" where there is something."""
    shown: int
    papers: int
    """Different papers that its listings hold."""
    previous: str | None
    """The announcement before, or the week before a week."""
    next: str | None
    """The one after, null for the newest."""
    sections: tuple[DaySection, ...]
    receipts: tuple[DayReceipt, ...]


def digest_markdown(content: DigestContent, layout: str) -> bytes:
    """Render a digest in a layout; below one without entries stands why, where the layout itself doesn't say."""
    digest = _with_shown_titles(build_digest(content), content.scope.requests[0].view.title_form)
    text = render_markdown(digest, layout, summarise=builtin_summary)
    if content.note and layout != "analysis":
        text = f"{text.rstrip()}\n\n{digest.preamble}\n".lstrip()
    return text.encode()


def _with_shown_titles(digest: Digest, form: TitleForm) -> Digest:
    """Return a digest whose papers have the titles that are asked for."""
    if form is TitleForm.ORIGINAL:
        return digest
    entries = tuple(one.model_copy(update={"paper": _titled(one, form)}) for one in digest.entries)
    return digest.model_copy(update={"entries": entries})


def _titled(entry: DigestEntry, form: TitleForm) -> DigestPaper:
    title = entry.summary.title if entry.summary else None
    if not title or title.casefold() == entry.paper.title.casefold():
        return entry.paper
    both = f"{title} · {entry.paper.title}"
    return entry.paper.model_copy(update={"title": title if form is TitleForm.TRANSLATED else both})


def digest_json(content: DigestContent) -> bytes:
    """Render a digest as a document, the input of `python -m digest render`."""
    document = build_digest(content).model_dump(
        mode="json", exclude=_OF_SEVERAL_DAYS if content.period.is_day else None
    )
    for entry in document["entries"]:
        summary = entry["summary"]
        entry["summary"] = summary and {name: text for name, text in summary.items() if text is not None}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def digest_report(content: DigestContent, previous: Period | None, following: Period | None) -> DigestReport:
    """Return all that is known of a digest."""
    return DigestReport(
        day=content.day,
        period=content.period.name,
        is_running=content.is_running,
        title=content.scope.title,
        note=content.note,
        shown=content.shown,
        papers=content.papers,
        previous=previous.name if previous else None,
        next=following.name if following else None,
        sections=tuple(DaySection(name=section.name, entries=section.entries) for section in content.sections),
        receipts=content.receipts,
    )
