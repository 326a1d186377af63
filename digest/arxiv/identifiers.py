"""arXiv identifiers old and new, versions, and the addresses made from them.

Source: arXiv help, https://info.arxiv.org/help/arxiv_identifier.html.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.errors import InputError

_ID = re.compile(
    r"""(?:(?P<new>\d{4}\.\d{4,5})
         |  (?P<archive>[a-z]+(?:-[a-z]+)*)(?:\.[A-Za-z-]{2,})?/(?P<number>\d{7}))
        (?:v(?P<version>[1-9]\d{0,3}))?""",
    re.VERBOSE | re.ASCII,
)
_PREFIX = re.compile(
    r"^(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|oai:arXiv\.org:|arXiv:)", re.IGNORECASE
)


class Identifier(NamedTuple):
    """An arXiv id and, where it was given, the version."""

    id: str
    version: int | None


def parse_identifier(text: str) -> Identifier | None:
    """Read an arXiv id in any of its spellings; None if *text* is none.

    `2601.05174v2`, `hep-th/9901001`, `math.GT/0309136` (the subject class is dropped),
    each also behind `arXiv:`, `oai:arXiv.org:` or an arXiv address.
    """
    bare = _PREFIX.sub("", text.strip()).removesuffix(".pdf")
    found = _ID.fullmatch(bare)
    if not found:
        return None
    ident = found["new"] or f"{found['archive']}/{found['number']}"
    return Identifier(ident, int(found["version"]) if found["version"] else None)


def abs_url(ident: str) -> str:
    """Return the abstract page's address; it is also the paper's guid in every feed."""
    return f"https://arxiv.org/abs/{ident}"


def pdf_url(ident: str) -> str:
    """Return the PDF's address (no `.pdf` ending: arXiv answers that with 406)."""
    return f"https://arxiv.org/pdf/{ident}"


def html_url(ident: str) -> str:
    """Return the HTML full text's address; not every paper has one."""
    return f"https://arxiv.org/html/{ident}"


def identifier_of(text: str) -> Identifier:
    """Return the id that *text* writes, as somebody asks for a paper.

    Raises:
        InputError: It is none.
    """
    ident = parse_identifier(text)
    if ident is None:
        raise InputError(f"{text!r} is no arXiv id", name="id", hint="expected e.g. 2601.05174 or hep-th/9901001")
    return ident
