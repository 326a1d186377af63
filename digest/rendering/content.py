"""The HTML body of one item, for readers that keep little more than paragraphs and links.

Learned from real readers: absolute links only, no `<details>`, no classes, no scripts or styles.
"""

from __future__ import annotations

from html import escape

from digest.models import Entry, Paper
from digest.rendering.document import ANNOUNCE_WORDS
from digest.text import shorten_authors, to_html, to_html_paragraphs, to_plain

AUTHORS_SHOWN = 30


def title_text(paper: Paper) -> str:
    """Return the title as plain text, withdrawn papers marked."""
    title = to_plain(paper.title) or f"arXiv:{paper.id}"
    return f"[withdrawn] {title}" if paper.withdrawn else title


def author_names(paper: Paper) -> list[str]:
    """Return the display names of the authors, all of them."""
    return [author.name for author in paper.authors]


def byline(paper: Paper) -> str:
    """Return the authors in one line, a long list shortened."""
    return shorten_authors(author_names(paper), AUTHORS_SHOWN)


def summary_text(entry: Entry) -> str:
    """Return what the paper says as plain text: the abstract."""
    return to_plain(entry.paper.abstract)


def content_html(entry: Entry) -> str:
    """Return the whole item as HTML: authors, abstract, categories, links."""
    paper = entry.paper
    parts = [
        f"<p>{escape(byline(paper))}</p>" if paper.authors else "",
        to_html_paragraphs(paper.abstract),
        f"<p><em>{to_html(paper.comment)}</em></p>" if paper.comment else "",
        _facts(paper),
        _links(paper),
    ]
    return "\n".join(part for part in parts if part)


def _facts(paper: Paper) -> str:
    words = [
        "withdrawn" if paper.withdrawn else "",
        ANNOUNCE_WORDS[paper.announce_type],
        ", ".join(paper.categories),
        paper.journal_ref or "",
    ]
    return f"<p>{escape(' · '.join(word for word in words if word))}</p>"


def _links(paper: Paper) -> str:
    links = [("Abstract", paper.links.abs), ("PDF", paper.links.pdf), ("HTML", paper.links.html)]
    if paper.code_url:
        links.append(("Code", paper.code_url))
    links += [(f"doi:{doi}", f"https://doi.org/{doi}") for doi in (paper.doi or "").split()]
    return "<p>" + " · ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links) + "</p>"
