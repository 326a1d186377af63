"""The addresses of profiles, which are keys: hidden from every log and count, and their answers from everybody else.

A path is hidden where it looks like one of ours, wherever it stands: behind a proxy's folder, with a doubled slash, mistyped.
"""

import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.profiles.addresses import HOME

FOLDER = f"{HOME}/"
HIDDEN = f"{HOME}/-"
"""What is logged and counted in the place of every such path."""
_SECRET = re.compile(r"(?i)/me/.*|[orv][a-z2-7]{40}.*", re.DOTALL)
_NOT_CACHED, _NOT_STORED = b"private, no-cache", b"private, no-store"
_SHARING = (b"access-control-", b"x-robots-tag")


def is_private(path: str) -> bool:
    """Tell whether *path* is one of a profile, or the one at which profiles are made."""
    return path == HOME or path.startswith(FOLDER)


def shown_path(path: str) -> str:
    """Return *path* as anybody may see it."""
    return _SECRET.sub(HIDDEN, path)


class Veil:
    """Hides private paths from the server around, which may log them, and seals their answers.

    Sealed answers are for the one who asked: no shared cache keeps them, no script of another site reads them, and no
    crawler lists them. Errors and redirects are sealed, too.

    Args:
        app: What answers.
        root: Returns the path of the public address without a slash at its end; "" for none.
    """

    def __init__(self, app: ASGIApp, *, root: Callable[[], str]) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the ASGI server."""
        if scope["type"] != "http" or not self._is_private(scope["path"]):
            await self._app(scope, receive, send)
            return
        inner = dict(scope)
        # uvicorn and others log the scope that they made, when the answer begins.
        scope["path"] = shown_path(scope["path"])
        scope["raw_path"] = scope["path"].encode()
        scope["query_string"] = b""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _sealed(message.get("headers", []))}
            await send(message)

        await self._app(inner, receive, sealed)

    def _is_private(self, path: str) -> bool:
        return shown_path(path) != path or is_private(path.removeprefix(self._root()))


def _sealed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return *headers* for one client only."""
    kept = [(name, value) for name, value in headers if not name.lower().startswith(_SHARING)]
    kept = [(name, _unshared(value) if name.lower() == b"cache-control" else value) for name, value in kept]
    if not any(name.lower() == b"cache-control" for name, _ in kept):
        kept.append((b"cache-control", _NOT_CACHED))
    return [*kept, (b"x-robots-tag", b"noindex, nofollow")]


def _unshared(cache_control: bytes) -> bytes:
    if cache_control.startswith(b"private"):
        return cache_control
    return _NOT_STORED if b"no-store" in cache_control else _NOT_CACHED
