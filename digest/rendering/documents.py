"""Bytes to serve, with what HTTP needs to know about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.rendering.bodies import Body

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
SHORTEST_TTL = timedelta(seconds=60)
"""For answers that may soon be more complete."""

Known = Callable[[str, datetime], bool]
"""Tells of a tag and a time of change whether the client has that content already."""


@dataclass(frozen=True)
class Document:
    """One answer.

    Attributes:
        content: The bytes, or the body that memory keeps; None where the client has them and nobody needs them.
        last_modified: The newest change of content, UTC.
        fresh_for: How long nothing newer can come.
        unfinished: Work is under way that may soon bring more.
        settled: Nothing newer is expected at all: clients need not ask again within the hour.
    """

    content: bytes | Body | None
    media_type: str
    etag: str
    last_modified: datetime
    fresh_for: timedelta
    unfinished: bool = field(default=False, compare=False)
    settled: bool = False

    @property
    def body(self) -> bytes:
        """The bytes as rendered; empty where the client has them already."""
        return self.content.template() if isinstance(self.content, Body) else self.content or b""


def etag_for(body: bytes) -> str:
    """Return a strong entity tag for *body*, with its double quotes.

    Source: RFC 9110, section 8.8.3.
    """
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
