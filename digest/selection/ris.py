"""RIS in, example papers out: what Mendeley, EndNote and most publishers export.

Source: RIS format, https://en.wikipedia.org/wiki/RIS_(file_format) (tags TI, T1, AB, N2, UR, DO, ID).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from digest.errors import InputError
from digest.selection.bibtex import arxiv_id_in
from digest.selection.similar import Example

logger = logging.getLogger(__name__)

_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*))?")
_TITLES = ("TI", "T1", "CT", "BT")
_ABSTRACTS = ("AB", "N2")
_ID_TAGS = ("AN", "UR", "L1", "L2", "LK", "DO", "JO", "JF", "T2", "N1", "M1")


def read_ris(text: str, *, name: str = "like") -> tuple[Example, ...]:
    """Read titles, abstracts and arXiv ids of a RIS file.

    A record without a title is left out and logged at warning. One without arXiv id goes by its own
    `ID`, else by its place in the file. A line that begins with no tag continues the one before.

    Raises:
        InputError: No record has a title; it calls the file *name*.
    """
    examples: list[Example] = []
    for number, fields in enumerate(_records(text), 1):
        title = _first(fields, _TITLES)
        if not title:
            logger.warning("%s: record %d has no title", name, number)
            continue
        ident = arxiv_id_in(value for tag in _ID_TAGS for value in fields.get(tag, ()))
        own = _first(fields, ("ID",)) or f"record {number}"
        examples.append(Example(id=ident or own, title=title, abstract=_first(fields, _ABSTRACTS)))
    if not examples:
        raise InputError(f"{name}: no RIS record with a title", name=name, hint="is it a .ris file?")
    return tuple(examples)


def _records(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the values of each record by tag, in the file's order."""
    fields: dict[str, list[str]] = {}
    tag = ""
    for line in text.removeprefix("\ufeff").splitlines():
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            if tag and line.strip():
                fields[tag][-1] += f" {line.strip()}"
            continue
        tag = found[1]
        if tag == "ER":
            yield fields
            fields, tag = {}, ""
        else:
            fields.setdefault(tag, []).append((found[2] or "").strip())
    if fields:
        yield fields


def _first(fields: dict[str, list[str]], tags: tuple[str, ...]) -> str:
    return next((" ".join(value.split()) for tag in tags for value in fields.get(tag, ()) if value), "")
