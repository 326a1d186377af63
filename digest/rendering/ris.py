"""Papers as RIS, for EndNote, Mendeley, Zotero and others: `UNPB`, an unpublished work. Pure.

Source: https://en.wikipedia.org/wiki/RIS_(file_format) (tags of two characters, two blanks, a hyphen, a blank; lines end with CR LF; names as
`Family, Given, Suffix`; dates as YYYY/MM/DD/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.models import Paper
from digest.rendering.names import name_parts, named_authors
from digest.text import to_plain

RIS_TYPE = "application/x-research-info-systems; charset=utf-8"


def ris(papers: Iterable[Paper]) -> str:
    """Return the papers as RIS, one record each."""
    return "\r\n".join("".join(f"{tag}  - {_line(value)}\r\n" for tag, value in _record(paper)) for paper in papers)


def _record(paper: Paper) -> Iterator[tuple[str, str]]:
    day = paper.published or paper.announced
    names, has_others = named_authors(paper)
    yield "TY", "UNPB"
    yield "TI", to_plain(paper.title) or f"arXiv:{paper.id}"
    for name in names:
        yield "AU", name_parts(name).inverted()
    if has_others:
        yield "AU", "others"
    yield "PY", str(day.year)
    yield "DA", f"{day:%Y/%m/%d}/"
    yield "PB", "arXiv"
    yield "AN", f"arXiv:{paper.id}"
    for category in paper.categories:
        yield "KW", category
    for doi in (paper.doi or "").split()[:1]:
        yield "DO", doi
    yield "UR", paper.links.abs
    if paper.abstract:
        yield "AB", to_plain(paper.abstract)
    yield "ER", ""


def _line(text: str) -> str:
    """Return a value on one line: a line of its own could begin with a tag."""
    return " ".join(text.split())
