"""What browsers and readers need to know to search this server from their own search field.

Source: OpenSearch 1.1, https://github.com/dewitt/opensearch.
"""

from __future__ import annotations

from collections.abc import Callable

from digest.feeds.addresses import search_address
from digest.rendering.feed_heads import FAVICON, ICON
from digest.rendering.formats import FORMATS
from digest.text import xml_safe

OPENSEARCH_TYPE = "application/opensearchdescription+xml"
OPENSEARCH_PATH = "/opensearch.xml"
SEARCH_PAGE = "/search?q="
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_TERMS = "{searchTerms}"
_LONGEST_NAME = 16


def render_opensearch(title: str, base_url: str, link: Callable[[str], str]) -> bytes:
    """Render the description of a server's search.

    Args:
        title: The server's name; browsers show its first 16 characters.
        base_url: The server's public address.
        link: Makes of an address of this server one that can be opened: on a closed server, with the key.
    """
    from lxml import etree

    root = etree.Element("OpenSearchDescription", xmlns=_NAMESPACE)
    for name, text in (
        ("ShortName", title[:_LONGEST_NAME].strip()),
        ("Description", f"{title}: search new arXiv papers"),
        ("InputEncoding", "UTF-8"),
    ):
        etree.SubElement(root, name).text = xml_safe(text)
    etree.SubElement(root, "Image", width="16", height="16", type="image/x-icon").text = base_url + FAVICON
    etree.SubElement(root, "Image", width="180", height="180", type="image/png").text = base_url + ICON
    address = search_address([("query", "")])
    templates = [("text/html", SEARCH_PAGE), *((one.bare_type, address.feed(one.name)) for one in FORMATS.values())]
    for media_type, path in templates:
        etree.SubElement(root, "Url", type=media_type, template=link(base_url + path + _TERMS))
    own = link(base_url + OPENSEARCH_PATH)
    etree.SubElement(root, "Url", type=OPENSEARCH_TYPE, rel="self", template=own)
    rendered: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return rendered
