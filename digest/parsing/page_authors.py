"""Author lists of arXiv's pages: linked names with text between them, to authors with affiliations.

arXiv links each name, so none has to be guessed from commas. The text between says the rest: commas and colons
part authors, parentheses hold affiliations, or numbers that a list at the end explains. Very short names
("Lin", "韩梅梅") aren't linked, and a nickname can split a name in two: `<a>Min</a> (Jane) <a>Doe</a>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from digest.models import Author
from digest.text import clean_name

_TOKEN = re.compile(r"[(),:]|[^(),:]+")
_LEGEND = re.compile(r"\s*\(\s*\d{1,2}\s*\)")
_LEGEND_ITEM = re.compile(r"[,;\s]*\(\s*(\d{1,2})\s*\)\s*")
_REFERENCES = re.compile(r"(?:\d{1,2}(?:\s*,\s*|\s+and\s+|\s*$))+")
_NO_NAME = re.compile(r"(?:and|et\.? al\.?)?", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    name: str = ""
    notes: list[str] = field(default_factory=list)
    """What stood in parentheses since the last piece of the name."""

    def extend(self, text: str) -> None:
        """Go on with the name; what looked like an affiliation was part of it."""
        self.name += "".join(f" ({note}) " for note in self.notes) + text
        self.notes = []


def read_authors(pieces: Iterable[tuple[str, bool]]) -> tuple[Author, ...]:
    """Make authors of a page's author list.

    Args:
        pieces: Texts in their order, and whether each is a linked name.
    """
    drafts = [_Draft()]
    note: str | None = None  # the text of the open parenthesis, outermost level
    depth = 0
    for text, linked in pieces:
        if linked and note is not None:  # no name is linked within parentheses: these were never closed
            drafts[-1].notes.append(note)
            drafts.append(_Draft())
            note, depth = None, 0
        for piece in [text] if linked else _TOKEN.findall(text):
            depth += 0 if linked else (piece == "(") - (piece == ")")
            if note is not None:
                if depth > 0:
                    note += piece
                else:
                    drafts[-1].notes.append(note)
                    note, depth = None, 0
            elif piece == "(":
                note = ""
            elif piece in {",", ":", ")"}:
                depth = max(depth, 0)
                drafts.append(_Draft())
            elif piece.strip():
                drafts[-1].extend(piece)
    if note is not None:
        drafts[-1].notes.append(note)
    return _finish(drafts)


def _finish(drafts: list[_Draft]) -> tuple[Author, ...]:
    legend: dict[str, str] = {}
    for draft in drafts:
        for note in [note for note in draft.notes if _LEGEND.match(note)]:
            draft.notes.remove(note)
            parts = _LEGEND_ITEM.split(note)
            legend |= dict(zip(parts[1::2], parts[2::2], strict=True))
    authors = []
    for draft in drafts:
        name = clean_name(re.sub(r"^\s*and\s", "", draft.name))
        if not _NO_NAME.fullmatch(name):
            affiliation = "; ".join(filter(None, (_affiliation(note, legend) for note in draft.notes)))
            authors.append(Author(name=name, affiliation=affiliation or None))
    return tuple(authors)


def _affiliation(note: str, legend: dict[str, str]) -> str:
    if not _REFERENCES.fullmatch(note.strip()):
        return clean_name(note).strip(" ,;")
    return "; ".join(clean_name(legend[number]) for number in re.findall(r"\d+", note) if number in legend)
