"""One page of a Zotero library's items, as JSON of its Web API, to examples of what its owner reads.

Source: Zotero Web API v3, https://www.zotero.org/support/dev/web_api/v3/basics ("Item Export Formats", "json").
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

from digest.errors import ParseError
from digest.models import Frozen
from digest.selection.bibtex import arxiv_id_in

log = logging.getLogger(__name__)

_NO_WORKS = frozenset({"attachment", "note", "annotation"})
_TITLES = ("title", "caseName", "nameOfAct", "subject")
_ID_FIELDS = ("archiveID", "DOI", "url", "extra", "reportNumber", "publicationTitle")
_LONGEST = 20_000


class LibraryItem(Frozen):
    """One work of a library.

    Attributes:
        key: Its name within the library.
        arxiv_id: Where the entry names one, without version.
        added: When its owner put it there, UTC.
    """

    key: str
    title: str
    abstract: str = ""
    arxiv_id: str | None = None
    added: datetime


def parse_items(payload: bytes) -> tuple[tuple[LibraryItem, ...], int]:
    """Read one page of items.

    Attachments, notes, and works without a title are left out; so is an item that can't be read, which is logged.

    Returns:
        The works, in the page's order, and how many items the page had in all.

    Raises:
        ParseError: The body is no JSON array.
    """
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the library's items are no JSON: {error}") from error
    if not isinstance(found, list):
        raise ParseError(f"the library's items should be a JSON array, not {type(found).__name__}")
    return tuple(item for one in found if (item := _item(one))), len(found)


def _item(found: Any) -> LibraryItem | None:
    try:
        data = found["data"]
        if data["itemType"] in _NO_WORKS:
            return None
        title = next((text for name in _TITLES if (text := _text(data, name))), "")
        if not title:
            return None
        return LibraryItem(
            key=data["key"],
            title=title,
            abstract=_text(data, "abstractNote"),
            arxiv_id=arxiv_id_in(_text(data, name) for name in _ID_FIELDS),
            added=datetime.fromisoformat(data["dateAdded"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        log.warning("an item of a Zotero library can't be read: %s: %s", type(error).__name__, error)
        return None


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return " ".join(value[:_LONGEST].split()) if isinstance(value, str) else ""
