"""Requests to a host whose addresses were checked: connected to by address, spoken to by name.

Source: https://www.encode.io/httpcore/extensions/ (`sni_hostname`: the name that TLS asks for and checks).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import httpx

Check = Callable[[str, int], Awaitable[Sequence[str]]]
_PORTS = {"http": 80, "https": 443}


class CheckedTransport(httpx.AsyncBaseTransport):
    """Carry requests to checked addresses.

    Args:
        inner: What carries a request whose host is an address.
        check: Returns the addresses of a host and port that may be connected to, or raises `AddressError`.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, check: Check) -> None:
        self._inner = inner
        self._check = check

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* to the first of its host's addresses that takes connections."""
        url = request.url
        addresses = await self._check(url.host, url.port or _PORTS[url.scheme])
        problem: httpx.TransportError | None = None
        for address in addresses:
            try:
                return await self._inner.handle_async_request(_at(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                problem = error
        assert problem is not None, "there is an address"
        raise problem

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _at(request: httpx.Request, address: str) -> httpx.Request:
    """Return the same request to an address; its headers name the host already."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
