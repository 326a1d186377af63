"""Rendered bodies as memory keeps them: packed, once, with the address of the server put in late.

Where no `public_url` is set, documents are rendered for the address `ORIGIN`, in whose place each answer gets
the scheme and host that its client used. So one rendering serves every Host, and no Host makes a second one.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from array import array
from dataclasses import dataclass
from urllib.parse import quote

ORIGIN = "http://server.invalid"
"""Stands for scheme and host of this server until an answer is sent (RFC 2606: no host has this name)."""
PACKED_FROM_BYTES = 1_000
"""Shorter bodies gain nothing by compression."""
_GZIP_LEVEL = 5
"""A hundredth larger than at 6, in two thirds of the time."""
_MARK = ORIGIN.encode()
_QUOTED_MARK = quote(ORIGIN, safe="").encode()
"""As it stands in the addresses of other sites that take a feed's address as a parameter."""
_MARKS = re.compile(re.escape(_MARK) + b"|" + re.escape(_QUOTED_MARK))


def placed(template: bytes, origin: str) -> bytes:
    """Return *template* with *origin* (`https://papers.example`) in the place of `ORIGIN`."""
    if origin == ORIGIN:
        return template
    return template.replace(_MARK, origin.encode()).replace(_QUOTED_MARK, quote(origin, safe="").encode())


def placed_tag(tag: str, origin: str) -> str:
    """Return the strong entity tag of what `placed` makes of a template tagged *tag*."""
    if origin == ORIGIN:
        return tag
    return f'"{hashlib.sha256(f"{tag}{origin}".encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Edition:
    """A body for one origin.

    Attributes:
        data: The body, compressed if `is_packed`.
        length: Of the body, uncompressed.
    """

    origin: str
    data: bytes
    is_packed: bool
    length: int

    def plain(self) -> bytes:
        """Return the body uncompressed."""
        return gzip.decompress(self.data) if self.is_packed else self.data


class Body:
    """One rendered body. It is kept for one origin and made for others when they ask.

    Args:
        template: The body as rendered.
    """

    def __init__(self, template: bytes) -> None:
        # Where an origin stands, by offset in the template; a quoted one has the offset's complement.
        marks = ((found.start(), found[0] == _MARK) for found in _MARKS.finditer(template))
        self._gaps = array("q", (start if is_plain else ~start for start, is_plain in marks))
        self._kept = Edition(ORIGIN, template, is_packed=False, length=len(template))
        self._candidate = ""

    @property
    def length(self) -> int:
        """Length of the body uncompressed, about."""
        return self._kept.length

    @property
    def size_bytes(self) -> int:
        """Bytes that are kept."""
        return len(self._kept.data) + len(self._gaps) * self._gaps.itemsize

    def template(self) -> bytes:
        """Return the body as rendered."""
        return self._at(ORIGIN)

    def ready(self, origin: str) -> Edition | None:
        """Return what is sent to clients that know the server as *origin*; None where `made` has work to do."""
        kept = self._kept
        is_same = kept.origin == origin or not self._gaps
        return kept if is_same and (kept.is_packed or kept.length < PACKED_FROM_BYTES) else None

    def made(self, origin: str) -> Edition:
        """Return what is sent to clients that know the server as *origin*. Takes a while; changes nothing."""
        body = self._at(origin)
        if len(body) < PACKED_FROM_BYTES:
            return Edition(origin, body, is_packed=False, length=len(body))
        return Edition(origin, gzip.compress(body, _GZIP_LEVEL, mtime=0), is_packed=True, length=len(body))

    def adopt(self, edition: Edition) -> None:
        """Keep *edition* in the place of the present one, if its origin is the first, or was asked for twice in a row.

        Hosts that clients invent are asked for once each, so the origin that readers use stays.
        """
        if self._kept.origin == ORIGIN or self._candidate == edition.origin:
            self._kept = edition
            self._candidate = ""
        else:
            self._candidate = edition.origin

    def _at(self, origin: str) -> bytes:
        body, present = self._kept.plain(), self._kept.origin
        if origin == present or not self._gaps:
            return body
        old, new = _forms(present), _forms(origin)
        marks = _forms(ORIGIN)
        pieces, begin, moved = [], 0, 0
        for gap in self._gaps:
            is_quoted = gap < 0
            start = (~gap if is_quoted else gap) + moved
            pieces += [body[begin:start], new[is_quoted]]
            begin = start + len(old[is_quoted])
            moved += len(old[is_quoted]) - len(marks[is_quoted])
        return b"".join([*pieces, body[begin:]])


def _forms(origin: str) -> tuple[bytes, bytes]:
    """Return *origin* as it is written, and percent-encoded."""
    return origin.encode(), quote(origin, safe="").encode()
