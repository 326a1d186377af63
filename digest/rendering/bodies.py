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
"""Stands for scheme and host of this server until an answer is sent; no host has this name.

Source: RFC 2606, https://www.rfc-editor.org/rfc/rfc2606#section-2.
"""
PACKED_FROM_BYTES = 1_000
"""Shorter bodies gain nothing by compression."""
_GZIP_LEVEL = 5
"""A hundredth larger than at 6, in two thirds of the time."""
_MARK = ORIGIN.encode()
_QUOTED_MARK = quote(ORIGIN, safe="").encode()
"""As it is in the addresses of other sites that take a feed's address as a parameter."""
_COMMENTED = "http://server-of-comment.invalid"
"""Stands for the same within a comment of XML."""
_COMMENTED_MARK = _COMMENTED.encode()
_WRITTEN = (_MARK, _QUOTED_MARK, _COMMENTED_MARK)
_MARKS = re.compile(b"|".join(map(re.escape, _WRITTEN)))


def placed(template: bytes, origin: str) -> bytes:
    """Return *template* with *origin* (`https://papers.example`) in the place of `ORIGIN`."""
    if origin == ORIGIN:
        return template
    forms = dict(zip(_WRITTEN, _forms(origin), strict=True))
    return _MARKS.sub(lambda found: forms[found[0]], template)


def in_comment(url: str) -> str:
    """Return an address of this server as a comment of XML can hold it: no two hyphens in a row, none at the end."""
    if url.startswith(ORIGIN):
        return _COMMENTED + _without_hyphens(url.removeprefix(ORIGIN))
    return _without_hyphens(url)


def _without_hyphens(url: str) -> str:
    return url.replace("--", "-%2D")


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
        # Where an origin is, and in which of its forms: the offset in the template times the number of forms, and which.
        marks = ((found.start(), _WRITTEN.index(found[0])) for found in _MARKS.finditer(template))
        self._gaps = array("q", (start * len(_WRITTEN) + form for start, form in marks))
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
        pieces, begin, moved = [], 0, 0
        for gap in self._gaps:
            offset, form = divmod(gap, len(_WRITTEN))
            start = offset + moved
            pieces += [body[begin:start], new[form]]
            begin = start + len(old[form])
            moved += len(old[form]) - len(_WRITTEN[form])
        return b"".join([*pieces, body[begin:]])


def _forms(origin: str) -> tuple[bytes, bytes, bytes]:
    """Return *origin* as it is written, percent-encoded, and within a comment of XML."""
    if origin == ORIGIN:
        return _WRITTEN
    return origin.encode(), quote(origin, safe="").encode(), _without_hyphens(origin).encode()
