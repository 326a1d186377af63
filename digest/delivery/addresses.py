"""Where a name leads, and whether anything may be sent there: looked up once, every address checked, one of them used.

A name that leads to this machine, the local network or a cloud's own services would let whoever sets a target make this
server ask what only it can reach. Looking a name up again to connect would let it lead elsewhere the second time.

Source: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)
"""IPv6 networks whose addresses hold an IPv4 address that the packets end at."""


class AddressError(Exception):
    """Nothing is sent there; the message says why, without the name."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of *host*, in the system's order.

    Raises:
        OSError: There is none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


async def checked_addresses(
    host: str, port: int, *, allow_private: bool, resolve: Resolve = resolve
) -> tuple[str, ...]:
    """Look *host* up once and return its addresses.

    Raises:
        AddressError: There is none, or one of them is not of the public internet and *allow_private* is off.
    """
    try:
        found = tuple(await resolve(host.strip("[]"), port))
    except (OSError, UnicodeError) as error:
        raise AddressError("its host can't be looked up") from error
    if not found:
        raise AddressError("its host has no address")
    if not allow_private and not all(map(is_public, found)):
        raise AddressError("its host is on this machine or the local network; allow_private: true permits that")
    return found


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _TRANSLATED):
            return False
    return found.is_global and not found.is_multicast
