"""Bodies of forms: read as far as they may reach, and taken apart.

Forms come as `application/x-www-form-urlencoded`, which needs no library (WHATWG URL standard, section 5).
"""

import asyncio
from urllib.parse import parse_qsl

from fastapi import Request

from digest.errors import InputError
from digest.words import ENGLISH_WORDS

LONGEST_FORM = 3_000_000
"""Bytes: an export with all that a profile may hold, percent-encoded, has about a million."""
_MOST_FIELDS = 1_000
_BODY_S = 20.0
"""How long a client may take to send its body."""


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        InputError: It is too long, or takes too long to come.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_FORM:
                    raise InputError(ENGLISH_WORDS("me.error.body"), name="body")
    except TimeoutError as error:
        raise InputError(ENGLISH_WORDS("me.error.body"), name="body") from error
    return bytes(body)


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form by name: those of one name joined with commas, blank ones left out.

    Raises:
        InputError: There are more fields than any form has.
    """
    try:
        pairs = parse_qsl(body.decode(errors="replace"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InputError(ENGLISH_WORDS("me.error.body"), name="body") from error
    fields: dict[str, str] = {}
    for name, text in pairs:
        if value := text.strip():
            fields[name] = f"{fields[name]},{value}" if name in fields else value
    return fields
