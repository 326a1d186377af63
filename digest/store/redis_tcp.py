"""The store of many instances: a Redis server over TCP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.clock import Clock, utc_now
from digest.errors import StoreError
from digest.store.redis_dialect import RedisDialect, error_from_reply

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.exceptions import ResponseError

_TIMEOUT = timedelta(seconds=2)
_CONNECTIONS = 8


class RedisStore(RedisDialect):
    """A `Store` in the Redis (or Valkey) at *url*: `redis://` or `rediss://`, with credentials and database if needed.

    *timeout* is for connecting, for each answer, and for a free connection.
    """

    kind = "redis"

    def __init__(self, url: str, *, timeout: timedelta = _TIMEOUT, now: Clock = utc_now) -> None:
        super().__init__(now)
        self._url = url
        self._timeout_s = timeout.total_seconds()
        self._client: Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def describe(self) -> str:
        return f"redis ({self._place()})"

    async def close(self) -> None:
        client, self._client = self._client, None
        if client and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _send(self, *command: str) -> Any:
        try:
            import redis.exceptions
        except ImportError as error:
            raise StoreError("the package redis is not installed") from error
        try:
            return await self._connected().execute_command(*command)  # type: ignore[no-untyped-call]  # theirs has no annotations
        except redis.exceptions.ConnectionError as error:  # AuthenticationError and BusyLoadingError are among them
            raise StoreError(f"{self._place()}: {error}") from error
        except redis.exceptions.ResponseError as error:
            raise error_from_reply(self._place(), _reply_text(error)) from error
        except (redis.exceptions.RedisError, OSError, ValueError) as error:
            raise StoreError(f"{self._place()}: {error}") from error

    def _connected(self) -> Redis:
        """Return the client of the running event loop; connections can't move to another one."""
        import redis.exceptions
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            pool = BlockingConnectionPool.from_url(
                self._url,
                max_connections=_CONNECTIONS,
                timeout=self._timeout_s,
                socket_connect_timeout=self._timeout_s,
                socket_timeout=self._timeout_s,
                # A pooled connection may be stale after a restart. A counter may then count one call twice, never too few.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,)),
                protocol=2,
            )
            self._client, self._loop = Redis.from_pool(pool), loop
        return self._client

    def _place(self) -> str:
        parts = urlsplit(self._url)
        return f"{parts.hostname}:{parts.port or 6379}/{parts.path.strip('/') or 0}"


def _reply_text(error: ResponseError) -> str:
    """Return the error reply as sent; the library cuts off the code of some."""
    return f"{error.status_code or ''} {error}".strip()
