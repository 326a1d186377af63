"""Bytes to serve, with what HTTP needs to know about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.listings.expiry import Expiry
from digest.rendering.bodies import Body

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
PLAIN_TEXT = "text/plain; charset=utf-8"

Known = Callable[[str, datetime], bool]
"""Tells of a tag and a time of change whether the client has that content already."""


@dataclass(frozen=True)
class Document:
    """One answer.

    Attributes:
        content: The bytes, or the body that memory keeps; None where the client has them and nobody needs them.
        last_modified: The newest change of content, UTC.
        expiry: How long it stays true; decided for each answer, never kept with the bytes.
    """

    content: bytes | Body | None
    media_type: str
    etag: str
    last_modified: datetime
    expiry: Expiry

    @property
    def body(self) -> bytes:
        """The bytes as rendered; empty where the client has them already."""
        return self.content.template() if isinstance(self.content, Body) else self.content or b""


def etag_for(body: bytes) -> str:
    """Return a strong entity tag for *body*, with its double quotes.

    Source: RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.
    """
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
