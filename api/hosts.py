"""Which Host headers are answered: what they say becomes part of addresses and of keys, so it must look like a host."""

import re

from starlette.types import Scope

_LONGEST = 255
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_LARGEST_PORT = 65_535


def has_good_host(scope: Scope) -> bool:
    """Tell whether a request names one host that may be one; HTTP/1.0 may name none.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-7.2;
    https://www.rfc-editor.org/rfc/rfc9112#section-3.2 (several or malformed ones are a 400).
    """
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return not hosts or (len(hosts) == 1 and _is_host(hosts[0]))


def _is_host(value: bytes) -> bool:
    found = _HOST.fullmatch(value) if len(value) <= _LONGEST else None
    return found is not None and int(found[1] or 0) <= _LARGEST_PORT
