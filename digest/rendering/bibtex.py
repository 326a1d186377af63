"""Papers as BibTeX, UTF-8: `@misc` with `eprint` and `archivePrefix`, as arXiv cites preprints.

Sources: O. Patashnik, "BibTeXing" (fields, keys); N. Markey, "Tame the BeaST", section 11 (names: `First von Last`,
`von Last, Jr, First`, `and others`, corporate names in braces).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from digest.models import Paper
from digest.rendering.names import SUFFIX, name_parts, named_authors
from digest.text import is_collaboration, to_latex, to_plain

_NO_KEY = re.compile(r"[^A-Za-z0-9]+")
_STOP = {"a", "an", "the", "on", "of", "in", "for", "to", "and", "with", "towards", "toward"}


def bibtex(papers: Iterable[Paper]) -> str:
    """Return the papers as BibTeX, one entry each."""
    return "\n".join(_entry(paper) for paper in papers)


def _entry(paper: Paper) -> str:
    day = paper.published or paper.announced
    fields = {
        "title": f"{{{to_latex(paper.title)}}}",  # braces keep capitals
        "author": " and ".join(_authors(paper)),
        # What the entry is sorted by; styles warn of one that has neither.
        "key": "" if paper.authors else f"arXiv:{paper.id}",
        "year": str(day.year),
        "month": f"{day:%b}".lower(),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.primary_category,
        "doi": _verbatim((paper.doi or "").split(" ")[0]),
        "url": paper.links.abs,
    }
    body = "".join(
        f"  {name:<13} = {value if name == 'month' else f'{{{value}}}'},\n" for name, value in fields.items() if value
    )
    return f"@misc{{{_key(paper, day.year)},\n{body}}}\n"


def _key(paper: Paper, year: int) -> str:
    """Return a key like `quill2026taste`, unique by the id at its end."""
    family = _ascii(_family(paper.authors[0].name)) if paper.authors else ""
    words = [word for word in to_plain(paper.title).split() if word.casefold() not in _STOP]
    parts = (family or "arxiv", str(year), _ascii(words[0]) if words else "", "_" + _ascii(paper.id))
    return "".join(parts).lower()


def _ascii(text: str) -> str:
    return _NO_KEY.sub("", unicodedata.normalize("NFKD", text))[:30]


def _authors(paper: Paper) -> list[str]:
    """Return the authors as BibTeX reads them; those whom the source left out are `others`."""
    names, has_others = named_authors(paper)
    return [*map(_author, names), *(["others"] if has_others else [])]


def _author(name: str) -> str:
    parts = name_parts(name)
    if parts.is_whole:
        return f"{{{to_latex(name)}}}"
    if parts.suffix:
        return f"{to_latex(parts.family)}, {to_latex(parts.suffix)}, {to_latex(parts.given)}"
    if all(word[0].isascii() for word in name.split()[:-1]):
        return to_latex(name)
    # BibTeX tells particles by the case of the first ASCII letter, so Øyvind would be one.
    return f"{to_latex(parts.family)}, {to_latex(parts.given)}"


def _family(name: str) -> str:
    """Return the word of a name that the key begins with."""
    words = name.split() or [""]
    if is_collaboration(name):
        return next((word for word in words if word.casefold() not in {"the", "team"}), words[0])
    if SUFFIX.fullmatch(words[-1]) and len(words) > 2:
        return words[-2]
    return words[-1]


def _verbatim(text: str) -> str:
    """Return a value that styles take as it is, without the braces that would end it."""
    return text.replace("{", "%7B").replace("}", "%7D")
