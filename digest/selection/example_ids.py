"""Lists of example papers in text: ids and links as people paste them, or what a BibTeX file names."""

from __future__ import annotations

import re

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError
from digest.selection.bibtex import arxiv_id_in

MOST_IDS = 150
_BETWEEN = re.compile(r"[\s,;]+")
_LINK_END = re.compile(r"[?#].*$|/+$")
_ANYWHERE = re.compile(
    r"""(?<![\w./-])(?:\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7})(?:v[1-9]\d{0,3})?(?![\w/-]|\.\d)""",
    re.VERBOSE,
)
_MARKED = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf|html|format)/|[.:]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})",
    re.IGNORECASE | re.ASCII,
)


def read_ids(text: str, *, name: str) -> tuple[str, ...]:
    """Read arXiv ids between commas, blanks or line ends: sorted, each once, without versions.

    Each may be an id of the old or the new style, a link to arXiv, or the DOI that arXiv gives.

    Raises:
        InputError: One is none of these, or there are more than `MOST_IDS`.
    """
    found = {_read(piece, name) for piece in _BETWEEN.split(text) if piece}
    if len(found) > MOST_IDS:
        raise InputError(f"{name} takes at most {MOST_IDS} ids, not {len(found)}", name=name)
    return tuple(sorted(found))


def _read(piece: str, name: str) -> str:
    bare = _LINK_END.sub("", piece)
    ident = parse_identifier(bare) or parse_identifier(f"https://{bare}")
    found = ident.id if ident else arxiv_id_in([bare])
    if found is None:
        hint = "expected e.g. 2601.05174, hep-th/9901001 or https://arxiv.org/abs/2601.05174"
        raise InputError(f"{name}: {piece[:60]!r} is no arXiv id", name=name, hint=hint)
    return found


def ids_named_in(text: str) -> tuple[str, ...]:
    """Return the arXiv ids that any text names, a BibTeX file say: sorted, each once; the first `MOST_IDS` of the text."""
    marked = [found[1] for found in _MARKED.finditer(text)]
    plain = [found[0] for found in _ANYWHERE.finditer(text)]
    read = [ident.id for one in (*marked, *plain) if (ident := parse_identifier(one))]
    return tuple(sorted(list(dict.fromkeys(read))[:MOST_IDS]))
