"""Whether a request comes from the server's owner, on purpose: asked before the one thing that spends at a request.

A browser sends a remembered Basic password by itself, and anybody's page can make it send a form. So the token counts
only where somebody put it: in a header that browsers don't add, or in the form.
"""

import ipaddress
from collections.abc import Mapping

from starlette.requests import Request

from api.access import Gate

BOUND = "ARXIV_DIGEST_BOUND"
"""The variable in which `python -m digest serve` says on which address it listens; unknown under any other server."""
_FORWARDING = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "x-client-ip",
    "x-vercel-forwarded-for",
)
_OWN_PAGES = frozenset({"same-origin", "none"})


def is_owner(request: Request, fields: Mapping[str, str], *, gate: Gate, environ: Mapping[str, str]) -> bool:
    """Tell whether the owner asks: with the token in a header or the form, or on the machine itself.

    Args:
        request: What is asked.
        fields: Its form.
        gate: Knows the token.
        environ: Says where the server listens.
    """
    if not _is_from_own_page(request):
        return False
    return _has_token(request, fields, gate) or _is_on_this_machine(request, environ)


def _has_token(request: Request, fields: Mapping[str, str], gate: Gate) -> bool:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = [fields.get("token", ""), bearer.strip() if scheme.lower() == "bearer" else ""]
    return gate.is_closed and any(one and _opens(gate, one) for one in given)


def _opens(gate: Gate, token: str) -> bool:
    header = (b"authorization", b"Bearer " + token.encode("utf-8", "surrogateescape"))
    return gate.admitted({"path": "/", "query_string": b"", "headers": [header]}) is not None


def _is_on_this_machine(request: Request, environ: Mapping[str, str]) -> bool:
    """Tell whether the server listens on a loopback address, is asked under such a name, and nothing passed the request on.

    A page of another site that resolves its own name to this machine asks under that name; a proxy on this machine
    says for whom it asks.
    """
    hosts = request.headers.getlist("host")
    passed_on = any(name in request.headers for name in _FORWARDING)
    return (
        _is_loopback(environ.get(BOUND, ""))
        and len(hosts) == 1
        and _is_loopback(_name_of(hosts[0]))
        and request.client is not None
        and _is_loopback(request.client.host)
        and not passed_on
    )


def _is_from_own_page(request: Request) -> bool:
    """Tell whether no other site's page can have sent this: browsers say whose page it was; programs say nothing.

    Source: W3C, https://www.w3.org/TR/fetch-metadata/; a browser without it still sends `Origin` with a POST.
    """
    site = request.headers.get("sec-fetch-site")
    return site.strip().lower() in _OWN_PAGES if site is not None else "origin" not in request.headers


def _name_of(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
