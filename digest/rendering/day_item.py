"""The digest of a day or a week as one item of a feed: identity, words, and HTML for readers that keep little of it.

Learned from real readers: absolute links only (a jump within the item leads to the page's anchor), no `<details>`,
no classes.
"""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from digest.arxiv import schedule
from digest.arxiv.taxonomy import name_of
from digest.config.views import View
from digest.feeds.addresses import with_page, with_query
from digest.feeds.daily import DigestContent, DigestScope
from digest.feeds.guids import Guid, digest_guid
from digest.feeds.periods import Period
from digest.models import Entry
from digest.rendering.content import byline, code_label, entry_title, other_title
from digest.rendering.slices import page_of
from digest.text import to_html
from digest.words import ENGLISH_WORDS, Words

_MOST_AUTHORS = 6


class DayItem(NamedTuple):
    """A day or a week as an item, ready for every format.

    Attributes:
        id: The same in every format, on every host and for ever: period and scope make it, content doesn't.
        summary: How many papers there are, plain.
        published: The (last) announcement, UTC.
        updated: The newest change of content, UTC: a model's summary may come later.
        labels: Section names.
    """

    guid: Guid
    url: str
    title: str
    summary: str
    content: str
    published: datetime
    updated: datetime
    labels: tuple[str, ...]


def day_item(content: DigestContent, base_url: str) -> DayItem:
    """Make the item of a digest that has entries."""
    scope, period = content.scope, content.period
    return DayItem(
        guid=digest_guid(period, scope.name),
        url=digest_url(base_url, scope, period),
        title=f"{scope.title}: {period_words(period)}",
        summary=_counts_words(content),
        content=content_html(content, base_url),
        published=schedule.announcement_instant(content.day),
        updated=content.updated,
        labels=tuple(section.name for section in content.sections),
    )


def digest_url(
    base_url: str,
    scope: DigestScope,
    period: Period | None = None,
    ending: str = "",
    *,
    layout: str = "",
    page: int = 1,
) -> str:
    """Return the address of a digest's page (or document, by its *ending*); without *period* that of the index."""
    path = f"/digest/{period.name}{ending}" if period else "/digest"
    own = [("layout", layout)] if layout else []
    return base_url + with_query(path, with_page([*scope.query, *own], page))


def section_pages(content: DigestContent) -> dict[str, int]:
    """Return the number of the page on which each section begins."""
    found, position = {}, 0
    for section in content.sections:
        found[section.name] = page_of(position)
        position += len(section.entries)
    return found


def day_words(day: date) -> str:
    """Return a date for people: "Thursday, 29 January 2026"."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def period_words(period: Period, words: Words = ENGLISH_WORDS) -> str:
    """Return a period for people: "Thursday, 29 January 2026", "Week 5 of 2026, 26 January to 30 January"."""
    if period.is_day:
        return day_words(period.first)
    first, last = f"{period.first.day} {period.first:%B}", f"{period.last.day} {period.last:%B}"
    if period.is_week:
        year, week, _ = period.first.isocalendar()
        return words("period.week", week=week, year=year, first=first, last=last)
    return words("period.range", first=f"{first} {period.first:%Y}", last=f"{last} {period.last:%Y}")


def _counts_words(content: DigestContent) -> str:
    """Say how many papers a day has: "132 papers: cs.LG 100, stat.ML 32"."""
    if not content.shown:
        return content.note
    noun = "paper" if content.shown == 1 else "papers"
    parts = ", ".join(f"{section.name} {len(section.entries)}" for section in content.sections)
    return f"{content.shown} {noun}: {parts}"


def section_words(name: str) -> str:
    """Return a section's heading: "cs.LG: Machine Learning"."""
    from digest.errors import UnknownContextError

    try:
        return f"{name}: {name_of(name)}"
    except UnknownContextError:
        return name


def section_anchor(name: str) -> str:
    """Return what is behind `#` to lead to a section of a day's page."""
    return quote(name, safe=":+.")


def paper_anchor(ident: str) -> str:
    """Return what is behind `#` to lead to a paper of a day's page."""
    return f"p{ident.replace('/', '-')}"


def content_html(content: DigestContent, base_url: str) -> str:
    """Return the digest as HTML: table of contents, then each section's papers, each with authors and TL;DR."""
    view = content.scope.requests[0].view

    def page(number: int = 1) -> str:
        return digest_url(base_url, content.scope, content.period, page=number)

    parts = [f'<p>{escape(_counts_words(content))} · <a href="{escape(page())}">read as a page</a></p>']
    if len(content.sections) > 1:
        starts = section_pages(content)
        lines = (
            f'<li><a href="{escape(page(starts[section.name]))}#{section_anchor(section.name)}">'
            f"{escape(section_words(section.name))}</a> ({len(section.entries)})</li>"
            for section in content.sections
        )
        parts.append("<ul>" + "".join(lines) + "</ul>")
    position = 0
    for section in content.sections:
        parts.append(f'<h2 id="{section_anchor(section.name)}">{escape(section_words(section.name))}</h2>')
        for entry in section.entries:
            parts.append(_entry_html(entry, page(page_of(position)), view))
            position += 1
    return "\n".join(parts)


def _entry_html(entry: Entry, page_url: str, view: View) -> str:
    paper, summary, math = entry.paper, entry.summary, view.math
    marks = [*entry.tags, *([f"score {entry.score:g}"] if entry.matches else [])]
    links = [("PDF", paper.links.pdf), ("HTML", paper.links.html), ("details", f"{page_url}#{paper_anchor(paper.id)}")]
    if paper.code_url:
        links.append((code_label(paper.code_url).lower(), paper.code_url))
    title = other_title(entry, view.title_form)
    said = (summary and summary.tldr) or paper.abstract
    lines = [
        f'<h3><a href="{escape(paper.links.abs)}">{escape(entry_title(entry, view.title_form))}</a></h3>',
        f"<p><strong>{to_html(title, math)}</strong></p>" if title else "",
        f"<p><em>{escape(byline(paper, _MOST_AUTHORS))}</em></p>" if paper.authors else "",
        f"<p>{to_html(said, math)}</p>" if said else "",
        "<p>" + " · ".join(
            [*map(escape, marks), *(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links)]
        ) + "</p>",
    ]  # fmt: skip
    return "\n".join(line for line in lines if line)
