"""The store of serverless instances: Redis behind Upstash's REST dialect, one HTTPS request a command.

Source: Upstash documentation, "REST API".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.errors import StoreError
from digest.store.redis_dialect import RedisDialect, error_from_reply

if TYPE_CHECKING:
    import httpx

_CONNECT_TIMEOUT_S = 2.0
_ANSWER_TIMEOUT_S = 2.0
_CONNECTIONS = 8


class UpstashStore(RedisDialect):
    """A `Store` in the database at *url*; *token* must be allowed to write."""

    kind = "upstash"

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def describe(self) -> str:
        return f"upstash ({self._place()})"

    async def close(self) -> None:
        client, self._client = self._client, None
        if client and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _send(self, *command: str) -> Any:
        import httpx

        try:
            response = await self._connected().post(self._url, json=command)
            answer = response.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreError(f"{self._place()}: {error or type(error).__name__}") from error
        except ValueError as error:
            raise StoreError(f"{self._place()}: status {response.status_code} without JSON") from error
        if isinstance(answer, dict) and "error" in answer:
            raise error_from_reply(self._place(), str(answer["error"]))
        if not response.is_success or not isinstance(answer, dict) or "result" not in answer:
            raise StoreError(f"{self._place()}: status {response.status_code} without a result")
        return answer["result"]

    def _connected(self) -> httpx.AsyncClient:
        """Return the client of the running event loop; connections can't move to another one."""
        import httpx

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
                limits=httpx.Limits(max_connections=_CONNECTIONS),
                follow_redirects=False,
            )
            self._loop = loop
        return self._client

    def _place(self) -> str:
        return urlsplit(self._url).hostname or ""
