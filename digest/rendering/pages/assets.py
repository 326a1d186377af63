"""The pages' own style sheet, scripts and icon, addressed by content so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_MEDIA_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "feed.css": "text/css; charset=utf-8",
    "view.js": "text/javascript; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "reading.js": "text/javascript; charset=utf-8",
    "digest.js": "text/javascript; charset=utf-8",
    "marks.js": "text/javascript; charset=utf-8",
    "me.js": "text/javascript; charset=utf-8",
    "saved.js": "text/javascript; charset=utf-8",
    "build.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "favicon.ico": "image/x-icon",
    "apple-touch-icon.png": "image/png",
}


class Asset(NamedTuple):
    """One file, and the mark of its content."""

    body: bytes
    media_type: str
    mark: str


@lru_cache(maxsize=len(_MEDIA_TYPES))
def load_asset(name: str) -> Asset | None:
    """Return the file of that name, None if there is none. Read once."""
    media_type = _MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    body = files("digest").joinpath("static", name).read_bytes()
    return Asset(body, media_type, hashlib.sha256(body).hexdigest()[:12])


def asset_path(name: str) -> str:
    """Return the path of a file, with the mark of its content.

    Raises:
        LookupError: There is no such file.
    """
    asset = load_asset(name)
    if asset is None:
        raise LookupError(f"no static file {name}")
    return f"/static/{name}?v={asset.mark}"
