"""What scripts of other sites may do: read, with validators and a token.

Source: Fetch standard, https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

from starlette.responses import Response
from starlette.types import Scope

OPEN = {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag, Retry-After"}
"""On answers that any site's script may read: feeds, JSON, errors."""
_PERMISSION = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "Authorization, If-Modified-Since, If-None-Match",
    "access-control-max-age": "86400",
    "cache-control": "public, max-age=86400",
}
_TO_PROGRAMS = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": (
        "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id"
    ),
    "access-control-max-age": "3600",
    "cache-control": "no-store",
}


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks on a script's behalf what it may send; such a question never carries a token."""
    names = {name for name, _ in scope["headers"]}
    return scope["method"] == "OPTIONS" and names >= {b"origin", b"access-control-request-method"}


def permission() -> Response:
    """Answer a preflight."""
    return Response(status_code=204, headers=_PERMISSION)


def permission_to_call(origin: str) -> Response:
    """Answer a preflight of a page at *origin* that may call the tools for programs."""
    return Response(status_code=204, headers={**_TO_PROGRAMS, **only(origin)})


def only(origin: str | None) -> dict[str, str]:
    """Return the headers with which pages at *origin* alone may read an answer; the same answer to programs has none."""
    return {"access-control-allow-origin": origin, "vary": "Origin"} if origin else {"vary": "Origin"}
