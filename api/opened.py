"""A feed that somebody opens in a browser: sent as plain XML, so that the browser shows it with its style sheet.

Chromium shows `application/rss+xml` as source and Firefox saves it to a file; as `text/xml` both show the same bytes by
their style sheet. Only a browser that opens a page says so; readers get the feed's own type. Either is right for either
(RFC 7303), so caches in between need not tell them apart.

Source: Fetch Metadata, https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header;
RFC 7303, https://www.rfc-editor.org/rfc/rfc7303.
"""

from starlette.types import Message, Scope, Send

_OPENED = (b"sec-fetch-dest", b"document")
_FEED_TYPES = (b"application/rss+xml", b"application/atom+xml")
_XML = b"text/xml"


def shown_in_browser(scope: Scope, send: Send) -> Send:
    """Wrap *send* where a browser opens the address as a page: feeds are then sent as XML."""
    if _OPENED not in scope["headers"]:
        return send

    async def shown(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [_as_xml(*header) for header in message.get("headers", [])]}
        await send(message)

    return shown


def _as_xml(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    kind, semicolon, rest = value.partition(b";")
    return (name, _XML + semicolon + rest) if name.lower() == b"content-type" and kind in _FEED_TYPES else (name, value)
