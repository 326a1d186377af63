"""One stored paper: a page to read, and texts for notes and reference managers."""

from __future__ import annotations

from typing import Any

from digest.feeds.addresses import paper_path
from digest.feeds.stored_paper import StoredPaper
from digest.models import Paper
from digest.rendering.bibtex import bibtex
from digest.rendering.documents import JSON, MARKDOWN
from digest.rendering.markdown_text import harmless
from digest.rendering.names import named_authors
from digest.rendering.pages.templating import Site, render_template
from digest.rendering.ris import RIS_TYPE, ris
from digest.text import to_markdown, to_plain

PAPER_TEXTS = {
    "md": MARKDOWN,
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": RIS_TYPE,
    "json": JSON,
}
"""The media types of a paper's texts by ending."""


def render_paper(found: StoredPaper, site: Site) -> str:
    """Render the page of one paper."""
    return render_template("paper.html.j2", site, found=found, entry=found.entry, path=paper_path(found.paper.id))


def render_paper_text(found: StoredPaper, ending: str) -> str:
    """Render one paper as text; *ending* is one of `PAPER_TEXTS`."""
    match ending:
        case "bib":
            return bibtex([found.paper])
        case "ris":
            return ris([found.paper])
        case "json":
            return found.paper.model_dump_json()
        case _:
            return _markdown(found)


def _markdown(found: StoredPaper) -> str:
    """Return a note: YAML front matter as Obsidian and Logseq read it, then title, summary and abstract."""
    import yaml

    paper, summary = found.paper, found.entry.summary
    front: str = yaml.safe_dump(_front_matter(paper), sort_keys=False, allow_unicode=True, width=10_000)
    parts = [f"# {harmless(to_markdown(paper.title)) or f'arXiv:{paper.id}'}"]
    if summary and summary.tldr:
        parts.append(f"> {harmless(to_markdown(summary.tldr))}")
    if paper.abstract:
        parts.append(harmless(to_markdown(paper.abstract), starts_line=True))
    parts.append(f"[arXiv:{paper.id}]({paper.links.abs}) · [PDF]({paper.links.pdf})")
    return f"---\n{front}---\n\n" + "\n\n".join(parts) + "\n"


def _front_matter(paper: Paper) -> dict[str, Any]:
    """Return what notes are found by. Tags can't hold a dot: `cs.LG` becomes `cs/LG`, which nests."""
    names, has_others = named_authors(paper)
    members: dict[str, Any] = {
        "title": to_plain(paper.title) or f"arXiv:{paper.id}",
        "authors": [*names, *(["et al."] if has_others else [])],
        "date": (paper.published.date() if paper.published else paper.announced).isoformat(),
        "arxiv": paper.id,
        "url": paper.links.abs,
        "doi": (paper.doi or "").partition(" ")[0],
        "tags": ["arxiv", *(category.replace(".", "/") for category in paper.categories)],
    }
    return {name: value for name, value in members.items() if value}
