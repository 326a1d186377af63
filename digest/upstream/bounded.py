"""A body read piece by piece and unpacked within a bound: a few kilobytes may expand to anything."""

from __future__ import annotations

import zlib


class BodyError(Exception):
    """The body can't be unpacked; the message says why."""


class BodyTooLargeError(BodyError):
    """The body, unpacked, is larger than allowed."""


class BoundedBody:
    """Collect a body.

    Args:
        encoding: The Content-Encoding: gzip or nothing.
        limit_bytes: The most that it may hold unpacked; never much more than that is in memory.

    Raises:
        BodyError: It is encoded in another way.
    """

    ENCODINGS = "gzip"
    """What may be asked for (Accept-Encoding)."""

    def __init__(self, encoding: str, *, limit_bytes: int) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyError(f"the body is encoded as {name[:40]!r}, which was not asked for")
        self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS) if name.endswith("gzip") else None
        self._limit_bytes = limit_bytes
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Add what came over the wire.

        Raises:
            BodyTooLargeError: That is too much.
            BodyError: It is not compressed as it said.
        """
        if self._inflater is None:
            self._body += chunk
        elif chunk:
            try:
                self._body += self._inflater.decompress(chunk, self._limit_bytes - len(self._body) + 1)
            except zlib.error as error:
                raise BodyError(f"not compressed as it says: {error}") from error
        if len(self._body) > self._limit_bytes:
            raise BodyTooLargeError(f"answer larger than {self._limit_bytes:,} bytes")

    def whole(self) -> bytes:
        """Return the body after its last piece.

        Raises:
            BodyError: It was cut off.
        """
        if self._inflater is not None and self._body and not self._inflater.eof:
            raise BodyError("not compressed as it says: cut off")
        return bytes(self._body)
