"""The store of serverless instances: Redis behind Upstash's REST dialect, one HTTPS request a command.

Source: https://upstash.com/docs/redis/features/restapi.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.clock import Clock, utc_now
from digest.errors import StoreError
from digest.store.redis_dialect import RedisDialect, error_from_reply

if TYPE_CHECKING:
    import httpx

_TIMEOUT = timedelta(seconds=2)
_CONNECTIONS = 8


class UpstashStore(RedisDialect):
    """A `Store` in the database at *url*; *token* must be allowed to write.

    *timeout* is for connecting, for each answer, and for a free connection.
    """

    kind = "upstash"

    def __init__(self, url: str, token: str, *, timeout: timedelta = _TIMEOUT, now: Clock = utc_now) -> None:
        super().__init__(now)
        self._url = url
        self._timeout_s = timeout.total_seconds()
        self._token = token
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requests: set[asyncio.Task[Any]] = set()

    def describe(self) -> str:
        return f"upstash ({self._place()})"

    async def close(self) -> None:
        client, self._client = self._client, None
        if client and self._loop is asyncio.get_running_loop():
            await asyncio.gather(*self._requests, return_exceptions=True)
            await client.aclose()

    async def _send(self, *command: str) -> Any:
        # A request runs to its end even if its caller is cancelled: httpcore 1.0 never gives back a
        # connection whose request was cancelled before it began to connect, until the pool is used up.
        request = asyncio.create_task(self._request(command))
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)
        request.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(request)

    async def _request(self, command: tuple[str, ...]) -> Any:
        import httpx

        try:
            response = await self._connected().post(self._url, json=command)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreError(f"{self._place()}: {type(error).__name__} {error}".rstrip()) from error
        return self._result(response)

    def _result(self, response: httpx.Response) -> Any:
        try:
            answer = response.json()
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
                timeout=self._timeout_s,
                limits=httpx.Limits(max_connections=_CONNECTIONS),
                follow_redirects=False,
                verify=self._url.startswith(
                    "https:"
                ),  # loading the certificates takes 30 ms, and plain HTTP needs none
            )
            self._loop = loop
        return self._client

    def _place(self) -> str:
        return urlsplit(self._url).hostname or ""
