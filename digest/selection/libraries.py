"""Names of examples in the configuration: arXiv ids, files, and libraries: `zotero:users/123/collections/ABCD2345`."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal, NamedTuple

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError

PREFIX = "zotero:"
FILES = frozenset({".bib", ".ris"})
"""Endings of files that hold examples."""
_NAME = re.compile(
    r"zotero:(?P<owner>users|groups)/(?P<number>[0-9]{1,12})(?:/collections/(?P<collection>[A-Z0-9]{8}))?", re.ASCII
)
_HINT = "write zotero:users/123, zotero:groups/456 or zotero:users/123/collections/KEY (the key has eight characters)"


class LibraryName(NamedTuple):
    """One Zotero library, or one collection of it without its subcollections.

    Attributes:
        path: Below the API's host: `users/123`, `groups/456`.
        collection: The collection's key, None for the whole library.
    """

    path: str
    collection: str | None = None

    def __str__(self) -> str:
        """Return the name as the configuration has it."""
        return f"{PREFIX}{self.path}" + (f"/collections/{self.collection}" if self.collection else "")

    @property
    def items_path(self) -> str:
        """The path of its top-level items."""
        return f"/{self.path}" + (f"/collections/{self.collection}" if self.collection else "") + "/items/top"


def parse_library_name(text: str) -> LibraryName:
    """Read the name of a Zotero library.

    Raises:
        InputError: It is none.

    Source: Zotero Web API v3, https://www.zotero.org/support/dev/web_api/v3/basics (user and group library URLs).
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise InputError(f"{text[:60]!r} is no Zotero library", name="like", hint=_HINT)
    return LibraryName(f"{found['owner']}/{found['number']}", found["collection"])


def kind_of(name: str) -> Literal["library", "file", "id"]:
    """Tell what a name in `like` or `dislike` means to be."""
    if name.startswith(PREFIX):
        return "library"
    return "file" if PurePath(name).suffix.lower() in FILES else "id"


def example_id(text: str) -> str:
    """Return the arXiv id that *text* is.

    Raises:
        InputError: It is none, and nothing else that `like` takes.
    """
    found = parse_identifier(text)
    if found is None:
        problem = f"like: {text[:60]!r} is neither an arXiv id, a .bib or .ris file, nor a Zotero library"
        raise InputError(problem, name="like")
    return found.id


def check_example_name(name: str) -> None:
    """Check a name in the configuration; a file is looked for when it is needed.

    Raises:
        InputError: It is no arXiv id, no file of a known kind and no library.
    """
    kind = kind_of(name)
    if kind == "library":
        parse_library_name(name)
    elif kind == "id":
        example_id(name)
