r"""Listings as the store has them, with the built-in summary of each paper beside its abstract. Pure.

A text of lines: the version of the summaries; the listing without its papers; then a line for each paper and one for its
summary (`null` where there is none). Compressed, that is an eighth larger than the listing alone, since a summary repeats
what stands a line before it. JSON has no raw line breaks, so the lines come apart by `\n`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter, ValidationError

from digest.models import Listing, Summary
from digest.store.codec import UnreadableError, pack_text, unpack, unpack_text

log = logging.getLogger(__name__)

BARE_SCHEMA = 1
"""Of a listing alone, as `codec.pack` writes it."""
SCHEMA = 2
"""Of a listing with summaries."""


@dataclass(frozen=True)
class StoredListing:
    """A listing, and the built-in summaries of its papers in their order: None where the store has none of this version."""

    listing: Listing
    summaries: tuple[Summary | None, ...] | None = None


def pack_listing(listing: Listing, summaries: Sequence[Summary | None], version: str) -> bytes:
    """Return a listing with summaries, one for each paper, as bytes for a store.

    Args:
        listing: What is stored.
        summaries: Of its papers, in their order; None for papers without abstract.
        version: Of the summaries.
    """
    lines = [version, listing.model_dump_json(exclude={"papers"}, exclude_computed_fields=True)]
    for paper, summary in zip(listing.papers, summaries, strict=True):
        lines.append(paper.model_dump_json(exclude_computed_fields=True))
        lines.append(summary.model_dump_json(exclude_none=True) if summary else "null")
    return pack_text("\n".join(lines).encode(), SCHEMA)


def unpack_listing(data: bytes | None, version: str) -> StoredListing | None:
    """Read a listing, with summaries or without; None, with a line in the debug log, for anything else.

    Summaries of another *version* are left out.
    """
    if data is None:
        return None
    try:
        lines = unpack_text(data, SCHEMA).split(b"\n")
    except UnreadableError:
        listing = unpack(Listing, data, BARE_SCHEMA)
        return StoredListing(listing) if listing else None
    try:
        return _read(lines, version)
    except (ValidationError, ValueError) as error:
        log.debug("stored listing of %d bytes counts as absent: %s", len(data), type(error).__name__)
        return None


def mentions(data: bytes | None, ident: str) -> bool:
    """Tell whether a stored listing has a paper of that id; much quicker than to parse it."""
    for schema in (SCHEMA, BARE_SCHEMA):
        try:
            return f'"id":"{ident}"'.encode() in unpack_text(data or b"", schema)
        except UnreadableError:
            continue
    return False


def _read(lines: Sequence[bytes], version: str) -> StoredListing:
    written_by, head, *rows = lines
    papers, summaries = rows[::2], rows[1::2]
    if len(papers) != len(summaries) or not head.endswith(b"}"):
        raise ValueError("lines are missing")
    listing = Listing.model_validate_json(head[:-1] + b',"papers":[' + b",".join(papers) + b"]}")
    if written_by.decode() != version:
        return StoredListing(listing)
    return StoredListing(listing, _summaries().validate_json(b"[" + b",".join(summaries) + b"]"))


@cache
def _summaries() -> TypeAdapter[tuple[Summary | None, ...]]:
    return TypeAdapter(tuple[Summary | None, ...])
