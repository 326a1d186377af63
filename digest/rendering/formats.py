"""The feed formats: name, media type, and the renderer, which is loaded when first used (cold start)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, cast

from digest.feeds.document import Renderer


class Format(NamedTuple):
    """One feed format."""

    title: str
    media_type: str
    load: Callable[[], Renderer]


def _loader(module: str, function: str) -> Callable[[], Renderer]:
    return lambda: cast("Renderer", getattr(import_module(f"digest.rendering.{module}"), function))


FORMATS: dict[str, Format] = {
    "rss": Format("RSS 2.0", "application/rss+xml; charset=utf-8", _loader("xml_feeds", "render_rss")),
    "atom": Format("Atom 1.0", "application/atom+xml; charset=utf-8", _loader("xml_feeds", "render_atom")),
    "json": Format("JSON Feed 1.1", "application/feed+json; charset=utf-8", _loader("json_feed", "render_json_feed")),
}
