"""BibTeX in, example papers out: a reader's own library as what `like` compares with."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError
from digest.selection.similar import Example

logger = logging.getLogger(__name__)

# Where reference managers put an arXiv id, and what may stand before it there.
_ID_FIELDS = ("eprint", "arxiv", "arxivid", "url", "doi", "journal", "note")
_IN_TEXT = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|[.:]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE | re.ASCII
)


def read_bibtex(text: str, *, name: str = "like") -> tuple[Example, ...]:
    """Read titles, abstracts and arXiv ids of a BibTeX file.

    An entry without a title, or one that can't be read, is left out and logged at warning. An entry
    without arXiv id goes by its citation key. TeX accents become Unicode; math stays.

    Raises:
        InputError: No entry could be read; it calls the file *name*.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware

    library = parse_string(text, append_middleware=[LatexDecodingMiddleware(keep_math_mode=True)])
    for block in library.failed_blocks:
        logger.warning("%s: the BibTeX block at line %s can't be read", name, (block.start_line or 0) + 1)
    examples: list[Example] = []
    for entry in library.entries:
        fields = {key.lower(): " ".join(str(field.value).split()) for key, field in entry.fields_dict.items()}
        if not fields.get("title"):
            logger.warning("%s: the BibTeX entry %s has no title", name, entry.key)
            continue
        examples.append(
            Example(id=_id(fields) or entry.key, title=fields["title"], abstract=fields.get("abstract", ""))
        )
    if not examples:
        raise InputError(f"{name}: no BibTeX entry with a title", name=name, hint="is it a .bib file?")
    return tuple(examples)


def _id(fields: dict[str, str]) -> str | None:
    return arxiv_id_in(fields.get(field, "") for field in _ID_FIELDS)


def arxiv_id_in(values: Iterable[str]) -> str | None:
    """Return the first arXiv id that one of *values* is or names, without its version; None if none does."""
    for value in values:
        whole = parse_identifier(value)
        if whole:
            return whole.id
        found = _IN_TEXT.search(value)
        part = parse_identifier(found[1]) if found else None
        if part:
            return part.id
    return None
