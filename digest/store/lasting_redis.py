"""What lasts in Redis: keys without a time to live, in a database that must not evict such keys.

    arxiv-digest:lasting:KEY     revision, day and the value in base64, with blanks between them
    arxiv-digest:lasting-days    a sorted set: each key by the day on which it was last used

Each operation is one command or one script, so it is atomic; over TCP and over Upstash's REST alike.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from digest.errors import StoreError
from digest.store.lasting import Kept, Refusal

Command = Callable[..., Awaitable[Any]]

_PREFIX = "arxiv-digest:lasting:"
_DAYS = "arxiv-digest:lasting-days"
_POLICY = "maxmemory_policy"

_SWAP = """
local found = redis.call('GET', KEYS[1])
local revision = found and string.match(found, '^(%d+) ') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
return 1
"""

_REMOVE = """
for place = 2, #KEYS do
  redis.call('DEL', KEYS[place])
  redis.call('ZREM', KEYS[1], ARGV[place - 1])
end
return 0
"""


class RedisLasting:
    """A `LastingStore` in the Redis that *command* sends commands to."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def refusal(self) -> Refusal | None:
        """See `LastingStore`. What doesn't tell its policy is believed to keep keys: Upstash does unless told otherwise."""
        try:
            told = await self._command("INFO", "memory")
        except StoreError as error:
            if not _is_forbidden(error):
                raise
            return None
        return Refusal.EVICTS if _policy(told).startswith("allkeys") else None

    async def load(self, key: str) -> Kept | None:
        reply = await self._command("GET", _PREFIX + key)
        if reply is None:
            return None
        try:
            revision, day, value = _text(reply).split(" ")
            return Kept(base64.b64decode(value, validate=True), int(revision), date.fromisoformat(day))
        except ValueError as error:
            raise StoreError(f"{_PREFIX}{key} contains data that this program didn't write") from error

    async def swap(self, key: str, value: bytes, *, revision: int, day: date) -> bool:
        stored = f"{revision + 1} {day.isoformat()} {base64.b64encode(value).decode()}"
        arguments = (str(revision), stored, str(day.toordinal()), key)
        return bool(int(await self._command("EVAL", _SWAP, "2", _PREFIX + key, _DAYS, *arguments)))

    async def remove(self, keys: Sequence[str]) -> None:
        places = (_DAYS, *(_PREFIX + key for key in keys))
        await self._command("EVAL", _REMOVE, str(len(places)), *places, *keys)

    async def unused_since(self, day: date, most: int) -> list[str]:
        last = f"({day.toordinal()}"
        return [
            _text(key) for key in await self._command("ZRANGEBYSCORE", _DAYS, "-inf", last, "LIMIT", "0", str(most))
        ]


def _policy(told: Any) -> str:
    """Return what a server does when it is full, as it tells in text, or in the mapping that its client makes of that."""
    if isinstance(told, dict):
        return str(told.get(_POLICY, ""))
    lines = (line.partition(":") for line in _text(told).splitlines())
    return next((value.strip() for name, _, value in lines if name == _POLICY), "")


def _is_forbidden(error: StoreError) -> bool:
    """Tell whether a server doesn't let us, or can't, tell about itself."""
    return any(phrase in str(error) for phrase in ("NOPERM", "unknown command", "not available", "not supported"))


def _text(reply: str | bytes) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
