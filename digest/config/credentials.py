"""Addresses in settings, which may hold credentials: checked, and shown without them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

HIDDEN = "***"

_ODD_PORT = re.compile(r"[^/?#\[]*:(?!\d*(?:[/?#]|$))")
"""What follows the colon is no port, so that it may be a password whose host is missing."""
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


def split_address(value: str) -> SplitResult:
    """Split an address into its parts.

    Raises:
        ValueError: It is no address, or its port is no number. Python's own message would repeat
            what is there, which may be half of a password.
    """
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("expected an address like https://example.org") from None
    return parts


def without_credentials(address: str) -> str:
    """Return *address* with user information, query and fragment replaced by stars.

    Where a sign in a password makes it unclear what is what, all behind the scheme is hidden.
    """
    scheme = found[0] if (found := _SCHEME.match(address)) else ""
    rest = address[len(scheme) :]
    before, at, place = rest.rpartition("@")
    if (at and re.search(r"[?#/\\\s]", before)) or _ODD_PORT.match(place):
        return f"{scheme}{HIDDEN}"
    end = re.search(r"[?#]", place)
    shown = place[: end.start()] + place[end.start()] + HIDDEN if end else place
    return f"{scheme}{HIDDEN}@{shown}" if at else f"{scheme}{shown}"


def shown_value(value: object, *, is_address: bool = False) -> str:
    """Return a setting's value as error messages show it: like `repr`, and all addresses without credentials.

    Args:
        value: What YAML or the environment gave.
        is_address: Whether text is an address even if it doesn't look like one.
    """
    try:
        return repr(_public(value, is_address=is_address))
    except (ValueError, RecursionError):  # more digits than Python writes; a list within itself
        return "something too large to show"


def _public(value: object, *, is_address: bool) -> object:
    if isinstance(value, str):
        return without_credentials(value) if is_address or "//" in value else value
    if isinstance(value, Mapping):
        return {_public(key, is_address=False): _public(one, is_address=is_address) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_public(one, is_address=is_address) for one in value]
    return value
