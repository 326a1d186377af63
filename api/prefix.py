"""A public address with a path: the server lives below it, whatever the proxy in front makes of it."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = "public_root"
"""The member of the scope that holds the path of the public address, "" for none."""


class UnderPath:
    """Serve below the path of `server.public_url`.

    Proxies either pass the path on or take it off; both are understood. Links, redirects among
    them, begin with it in either case.

    Args:
        app: What is served, with addresses that know nothing of the path.
        root: Returns the path without a slash at its end; "" for none.
    """

    def __init__(self, app: ASGIApp, *, root: Callable[[], str]) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the ASGI server."""
        root = self._root() if scope["type"] == "http" else ""
        if not root:
            await self._app(scope, receive, send)
            return

        async def located(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [_below(root.encode(), *header) for header in message.get("headers", [])]
                message = {**message, "headers": headers}
            await send(message)

        path: str = scope["path"]
        if path == root or path.startswith(f"{root}/"):
            path = path.removeprefix(root) or "/"
        await self._app({**scope, "path": path, ROOT: root}, receive, located)


def _below(root: bytes, name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_ours = name.lower() == b"location" and value.startswith(b"/") and not value.startswith(b"//")
    return name, root + value if is_ours else value
