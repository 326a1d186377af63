"""OPML 2.0: a list of subscriptions that feed readers import.

Source: OPML 2.0, http://opml.org/spec2.opml ("Subscription lists").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digest.models import Frozen
from digest.text import xml_safe

OPML_TYPE = "text/x-opml; charset=utf-8"


class Subscription(Frozen):
    """One feed to subscribe to."""

    title: str
    feed_url: str
    page_url: str
    description: str = ""


class Folder(Frozen):
    """Subscriptions that readers show together.

    Attributes:
        title: Of the folder; "" where they lie beside the folders.
    """

    title: str
    subscriptions: tuple[Subscription, ...]


def render_opml(title: str, folders: Sequence[Folder]) -> bytes:
    """Render a subscription list, without empty folders; there is no date in it, so equal lists are equal bytes."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = xml_safe(title)
    body = etree.SubElement(root, "body")
    for folder in folders:
        if folder.subscriptions:
            parent = _outline(body, folder.title) if folder.title else body
            for one in folder.subscriptions:
                _write(parent, one)
    rendered: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return rendered


def _write(parent: Any, one: Subscription) -> None:
    outline = _outline(parent, one.title)
    outline.set("type", "rss")
    outline.set("xmlUrl", one.feed_url)
    outline.set("htmlUrl", one.page_url)
    if one.description:
        outline.set("description", xml_safe(one.description))


def _outline(parent: Any, title: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, "outline", text=xml_safe(title), title=xml_safe(title))
