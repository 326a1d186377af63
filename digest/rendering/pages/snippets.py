"""Text to copy: BibTeX, Markdown, and a feed as a piece of `config.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from digest.feeds import DEFAULT_DAYS, FeedRequest
from digest.models import Entry, Paper
from digest.rendering.content import title_text
from digest.selection import Filters
from digest.text import to_markdown, to_plain
from digest.views import View

_SPECIAL = re.compile(r"[\\{}$&#%_~^]")
# BibTeX counts braces, escaped ones too.
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_NO_KEY = re.compile(r"[^A-Za-z0-9]+")
_STOP = {"a", "an", "the", "on", "of", "in", "for", "to", "and", "with", "towards", "toward"}


def bibtex(papers: Iterable[Paper]) -> str:
    """Return the papers as BibTeX (UTF-8), as arXiv cites preprints: `@misc` with `eprint` and `archivePrefix`."""
    return "\n".join(_bibtex_entry(paper) for paper in papers)


def _bibtex_entry(paper: Paper) -> str:
    year, month = _year_and_month(paper)
    fields = {
        # Braces keep capitals; math stays TeX, so the title is not escaped where it has any.
        "title": f"{{{paper.title if '$' in paper.title and _is_balanced(paper.title) else _escaped(to_plain(paper.title))}}}",
        "author": " and ".join(_author(author.name) for author in paper.authors),
        "year": str(year),
        "month": month,
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.primary_category,
        "doi": (paper.doi or "").split(" ")[0],
        "url": paper.links.abs,
    }
    body = "".join(
        f"  {name:<13} = {value if name == 'month' else f'{{{value}}}'},\n" for name, value in fields.items() if value
    )
    return f"@misc{{{_key(paper, year)},\n{body}}}\n"


def _year_and_month(paper: Paper) -> tuple[int, str]:
    day = paper.published or paper.announced
    return day.year, f"{day:%b}".lower()


def _key(paper: Paper, year: int) -> str:
    """Return a key like `quill2026taste`, unique by the id at its end."""
    family = paper.authors[0].name.split()[-1] if paper.authors and paper.authors[0].name.split() else "arxiv"
    words = [word for word in to_plain(paper.title).split() if word.casefold() not in _STOP]
    parts = (_ascii(family), str(year), _ascii(words[0]) if words else "", "_" + _ascii(paper.id))
    return "".join(parts).lower()


def _ascii(text: str) -> str:
    return _NO_KEY.sub("", unicodedata.normalize("NFKD", text))[:30]


def _author(name: str) -> str:
    escaped = _escaped(name)
    # "and" within a name, as collaborations have it, would make two authors of it.
    return f"{{{escaped}}}" if re.search(r"\band\b|,", escaped) or " " not in escaped else escaped


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], f"\\{found[0]}"), text)


def _is_balanced(text: str) -> bool:
    r"""Whether *text* can stand between braces for BibTeX, which counts `\{`, and for parsers that don't."""
    if re.search(r"(?<!\\)[%#]|\\\Z", text):
        return False
    for braces in (text, re.sub(r"\\.", "", text)):
        depth = 0
        for character in braces:
            depth += (character == "{") - (character == "}")
            if depth < 0:
                return False
        if depth:
            return False
    return True


def markdown(entries: Iterable[Entry]) -> str:
    """Return the entries as a Markdown list: title with link, authors, what the paper says."""
    return "\n".join(_markdown_entry(entry) for entry in entries)


def _markdown_entry(entry: Entry) -> str:
    paper = entry.paper
    authors = ", ".join(author.name for author in paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else "")
    said = (entry.summary and entry.summary.tldr) or ""
    title = to_markdown(paper.title) if paper.title else title_text(paper)
    lines = [f"- [{title}]({paper.links.abs}){' (withdrawn)' if paper.withdrawn else ''}"]
    if authors:
        lines.append(f"  {to_markdown(authors)}, arXiv:{paper.id} [{paper.primary_category}]")
    if said:
        lines.append(f"  {to_markdown(said)}")
    return "  \n".join(lines) + "\n"


def _feed_name(request: FeedRequest) -> str:
    """Return a name for the feed, as `config.yaml` wants them: `cs-lg-stat-ml`."""
    return "-".join(_NO_KEY.sub("-", context) for context in request.spec.contexts[:3]).lower()


def config_yaml(request: FeedRequest) -> str:
    """Return the request as a piece of `config.yaml` that means the same."""
    import yaml

    chosen: dict[str, Any] = {"title": request.asked_title} if request.asked_title else {}
    chosen["categories"] = list(request.spec.contexts)
    if request.days != DEFAULT_DAYS:
        chosen["days"] = request.days
    filters = request.selection.model_dump(mode="json", include=set(Filters.model_fields))
    chosen |= {name: value for name, value in filters.items() if value not in (None, [])}
    defaults = View()
    chosen |= {
        name: str(getattr(request.view, name))
        for name in ("math", "summary")
        if getattr(request.view, name) != getattr(defaults, name)
    }
    feeds = {"feeds": {_feed_name(request): chosen}}
    text: str = yaml.safe_dump(feeds, sort_keys=False, allow_unicode=True, width=90, default_flow_style=None)
    return text
