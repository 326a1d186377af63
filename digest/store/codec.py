"""Values to stored bytes and back: versioned, compressed JSON. What can't be read counts as absent."""

from __future__ import annotations

import logging
import struct
import zlib
from typing import TypeVar

from pydantic import BaseModel, ValidationError

logger = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

JSON_LIMIT_BYTES = 32 * 1024 * 1024
"""The largest JSON text that is packed or unpacked; a day of all of arXiv is about a tenth of it."""

_HEADER = struct.Struct(">4sI")  # magic with the container's own version, then the schema
_MAGIC = b"AXD1"
_LEVEL = 5


def pack(model: BaseModel, schema: int) -> bytes:
    """Return *model* as bytes for a store; computed fields are left out.

    Args:
        model: Any pydantic model.
        schema: The version of the model's shape, 0 to 2³² - 1: raise it when old values must not be read.

    Raises:
        ValueError: The JSON text is longer than `JSON_LIMIT_BYTES`.
    """
    return pack_text(model.model_dump_json(exclude_computed_fields=True).encode(), schema)


def pack_text(text: bytes, schema: int) -> bytes:
    """Return *text* as bytes for a store, which `unpack_text` reads.

    Raises:
        ValueError: It is longer than `JSON_LIMIT_BYTES`.
    """
    if len(text) > JSON_LIMIT_BYTES:
        raise ValueError(f"too large to store: {len(text)} bytes of JSON")
    return _HEADER.pack(_MAGIC, schema) + zlib.compress(text, _LEVEL)


def unpack(model_type: type[Model], data: bytes | None, schema: int) -> Model | None:
    """Read what `pack` made; None, with a line in the debug log, for anything else.

    That is: no data, truncated or foreign bytes, an older or newer schema, JSON that is larger than
    `JSON_LIMIT_BYTES` or doesn't fit *model_type*.
    """
    if data is None:
        return None
    try:
        return model_type.model_validate_json(unpack_text(data, schema))
    except UnreadableError as error:
        reason = str(error)
    except ValidationError as error:
        reason = f"{error.error_count()} members don't fit"
    logger.debug("stored %s of %d bytes counts as absent: %s", model_type.__name__, len(data), reason)
    return None


class UnreadableError(Exception):
    """Bytes that `pack` with this schema didn't make."""


def unpack_text(data: bytes, schema: int) -> bytes:
    """Return the text that `pack_text` was given.

    Raises:
        UnreadableError: Truncated or foreign bytes, another schema, or a text that is larger than `JSON_LIMIT_BYTES`.
    """
    if len(data) < _HEADER.size:
        raise UnreadableError("truncated")
    magic, found = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise UnreadableError("not in this program's format")
    if found != schema:
        raise UnreadableError(f"schema {found}, expected {schema}")
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data[_HEADER.size :], JSON_LIMIT_BYTES + 1)
    except zlib.error as error:
        raise UnreadableError(str(error)) from error
    if len(text) > JSON_LIMIT_BYTES:
        raise UnreadableError("too large")
    if not stream.eof or stream.unused_data:
        raise UnreadableError("truncated or with bytes after its end")
    return text
