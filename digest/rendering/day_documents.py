"""One day's digest as Markdown and as JSON."""

from __future__ import annotations

import json
from datetime import date

from digest.feeds.daily import DayContent, build_digest
from digest.models import Entry, Frozen
from digest.rendering.markdown import render_markdown
from digest.reports.receipts import DayReceipt
from digest.summaries.kept import builtin_summary


class DaySection(Frozen):
    """The entries under one heading."""

    name: str
    entries: tuple[Entry, ...]


class DayReport(Frozen):
    """One day with everything that is known of it, for programs."""

    day: date
    """arXiv's date of the announcement."""
    title: str
    note: str
    """Why there is nothing to show, "" where there is something."""
    shown: int
    papers: int
    """Different papers that the day's listings hold."""
    previous: date | None
    """The announcement before."""
    next: date | None
    """The announcement after, null for the newest."""
    sections: tuple[DaySection, ...]
    receipts: tuple[DayReceipt, ...]


def day_markdown(content: DayContent, layout: str) -> bytes:
    """Render a day in a layout; below one without entries stands why, where the layout itself doesn't say."""
    digest = build_digest(content)
    text = render_markdown(digest, layout, summarise=builtin_summary)
    if content.note and layout != "analysis":
        text = f"{text.rstrip()}\n\n{digest.preamble}\n".lstrip()
    return text.encode()


def day_json(content: DayContent) -> bytes:
    """Render a day as a digest document, the input of `python -m digest render`."""
    document = build_digest(content).model_dump(mode="json")
    for entry in document["entries"]:
        summary = entry["summary"]
        entry["summary"] = summary and {name: text for name, text in summary.items() if text is not None}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def day_report(content: DayContent, previous: date | None, following: date | None) -> DayReport:
    """Return all that is known of a day."""
    return DayReport(
        day=content.day,
        title=content.scope.title,
        note=content.note,
        shown=content.shown,
        papers=content.papers,
        previous=previous,
        next=following,
        sections=tuple(DaySection(name=section.name, entries=section.entries) for section in content.sections),
        receipts=content.receipts,
    )
