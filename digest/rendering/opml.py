"""OPML 2.0: a list of subscriptions that feed readers import.

Source: OPML 2.0, http://opml.org/spec2.opml ("Subscription lists").
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.models import Frozen
from digest.text import xml_safe

OPML_TYPE = "text/x-opml; charset=utf-8"


class Subscription(Frozen):
    """One feed to subscribe to."""

    title: str
    feed_url: str
    page_url: str
    description: str = ""


def render_opml(title: str, subscriptions: Sequence[Subscription]) -> bytes:
    """Render a subscription list; there is no date in it, so equal lists are equal bytes."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = xml_safe(title)
    body = etree.SubElement(root, "body")
    for one in subscriptions:
        outline = etree.SubElement(body, "outline", type="rss", text=xml_safe(one.title), title=xml_safe(one.title))
        outline.set("xmlUrl", one.feed_url)
        outline.set("htmlUrl", one.page_url)
        if one.description:
            outline.set("description", xml_safe(one.description))
    rendered: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return rendered
