"""The `Store` in Redis commands, for whatever carries them: TCP or Upstash's REST.

What is in the database, all behind `arxiv-digest:` (other programs may share it):

    v:KEY       "=" and the value in base64 (REST carries text only, and both ways must
                read what the other wrote), or a counter as Redis keeps it: decimal digits
    lock:NAME   the owner of the lease that is held, expiring with it
    fence:NAME  the newest token that was given

Each operation is one command or one script, so it is atomic and one round trip; time is the server's.
Not for Redis Cluster: a script's keys may lie in different slots.
"""

from __future__ import annotations

import base64
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from digest.clock import Clock
from digest.errors import StoreError, StoreFullError, ValueTooLargeError
from digest.store.protocol import (
    FENCE_TTL,
    KEYS_LIMIT,
    Lease,
    SureWrites,
    milliseconds,
    next_token,
    timestamp_ms,
)

_NAMESPACE = "arxiv-digest:"
_SCAN_COUNT = 1000
_SCAN_ROUNDS = 50
_GLOB = str.maketrans({char: f"\\{char}" for char in "*?[]\\^"})

# Only the first word or a phrase tells what kind of error a reply is.
_REFUSED_WRITE = ("OOM", "MISCONF", "READONLY", "NOREPLICAS", "NOPERM", "capacity quota")
_TOO_LARGE = ("max request size", "max single record size", "string exceeds maximum allowed size")

# What other programs put under our keys (a list, a hash, no number) counts as absent; it must not stop us for good.
_TEXT = """
local function text(key)
  local found = redis.pcall('GET', key)
  return type(found) == 'string' and found
end
local function number(key) return tonumber(text(key) or '0') or 0 end
"""

_SET_FENCED = """
if number(KEYS[2]) > tonumber(ARGV[1]) then return 0 end
if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""

_INCREMENT = """
local made = not text(KEYS[1])
if made and redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) end
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if made and ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
"""

# The same owner asking again gets the same answer: the client may have lost the first one and repeat itself.
_ACQUIRE = """
local holder = text(KEYS[1])
if holder == ARGV[1] then return text(KEYS[2]) end
if holder and redis.call('PTTL', KEYS[1]) > 0 then return '0' end
local token = string.format('%.0f', math.max(number(KEYS[2]) + 1, tonumber(ARGV[3])))
redis.call('SET', KEYS[2], token, 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return token
"""

_RELEASE = """
if text(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

_EXTEND = """
if text(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class RedisDialect(ABC):
    """A `Store` whose subclasses know how to send one command.

    Values and leases end by the server's clock; *now* only tells from which number the tokens of a name start.
    """

    degraded = False
    refusal = ""

    def __init__(self, now: Clock) -> None:
        self._now = now

    @property
    def sure(self) -> SureWrites:
        """See `Store`: nothing replaces this one."""
        return self

    async def command(self, *words: str) -> Any:
        """Send one command, which other modules know the meaning of, and return the reply: text as `str` or `bytes`.

        Raises:
            StoreError: The connection failed, or the reply is an error.
        """
        return await self._send(*words)

    @abstractmethod
    async def _send(self, *command: str) -> Any:
        """Send one command and return the reply; text may come as `str` or `bytes`.

        Raises:
            StoreError: The connection failed, or the reply is an error (see `error_from_reply`).
            ValueError: The reply says that the key doesn't hold a counter.
        """

    async def get(self, key: str) -> bytes | None:
        return (await self.get_many([key]))[0]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        replies = await self._send("MGET", *(_value_key(key) for key in keys))
        return [_from_stored(reply) for reply in replies]

    async def set(self, key: str, value: bytes, *, ttl: timedelta | None = None, lease: Lease | None = None) -> bool:
        stored = "=" + base64.b64encode(value).decode()
        lifetime = _lifetime(ttl)
        if lease:
            places = (_value_key(key), _fence_key(lease.name))
            return bool(int(await self._script(_SET_FENCED, places, str(lease.token), stored, lifetime)))
        await self._send("SET", _value_key(key), stored, *(("PX", lifetime) if ttl else ()))
        return True

    async def delete(self, key: str) -> None:
        await self._send("DEL", _value_key(key))

    async def keys(self, prefix: str) -> list[str]:
        pattern = _value_key(prefix).translate(_GLOB) + "*"
        found: set[str] = set()
        cursor = "0"
        for _ in range(_SCAN_ROUNDS):
            cursor, some = await self._send("SCAN", cursor, "MATCH", pattern, "COUNT", str(_SCAN_COUNT))
            found.update(_text(key).removeprefix(_value_key("")) for key in some)
            cursor = _text(cursor)
            if cursor == "0" or len(found) >= KEYS_LIMIT:
                break
        return sorted(found)[:KEYS_LIMIT]

    async def increment(self, key: str, by: int = 1, *, ttl: timedelta | None = None) -> int:
        lifetime = _lifetime(ttl)
        try:
            return int(await self._script(_INCREMENT, (_value_key(key),), str(by), lifetime))
        except ValueError as error:
            raise ValueError(f"{key} is a value, not a counter") from error

    async def acquire(self, name: str, *, ttl: timedelta) -> Lease | None:
        owner = secrets.token_hex(8)
        earliest = str(next_token(0, timestamp_ms(self._now())))
        remembered = str(milliseconds(FENCE_TTL + ttl))
        places = (_lock_key(name), _fence_key(name))
        token = int(await self._script(_ACQUIRE, places, owner, _lifetime(ttl), earliest, remembered))
        return Lease(name, token, owner) if token else None

    async def release(self, lease: Lease) -> bool:
        return bool(int(await self._script(_RELEASE, (_lock_key(lease.name),), lease.owner)))

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        return bool(int(await self._script(_EXTEND, (_lock_key(lease.name),), lease.owner, _lifetime(ttl))))

    async def _script(self, script: str, keys: Sequence[str], *arguments: str) -> Any:
        return await self._send("EVAL", _TEXT + script, str(len(keys)), *keys, *arguments)


def error_from_reply(place: str, message: str) -> Exception:
    """Return the exception that an error reply stands for; *place* says which server."""
    if "not an integer" in message:
        return ValueError(message)
    kinds = ((ValueTooLargeError, _TOO_LARGE), (StoreFullError, _REFUSED_WRITE))
    kind = next((kind for kind, phrases in kinds if any(phrase in message for phrase in phrases)), StoreError)
    return kind(f"{place}: {message}")


def _value_key(key: str) -> str:
    return f"{_NAMESPACE}v:{key}"


def _lock_key(name: str) -> str:
    return f"{_NAMESPACE}lock:{name}"


def _fence_key(name: str) -> str:
    return f"{_NAMESPACE}fence:{name}"


def _lifetime(ttl: timedelta | None) -> str:
    return "0" if ttl is None else str(milliseconds(ttl))


def _text(reply: str | bytes | int) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)


def _from_stored(reply: str | bytes | int | None) -> bytes | None:
    """Return the value or the counter's digits; None for what this program didn't write."""
    if reply is None:
        return None
    stored = _text(reply)
    if not stored.startswith("="):
        return stored.encode() if stored.removeprefix("-").isdecimal() else None
    try:
        return base64.b64decode(stored[1:], validate=True)
    except ValueError:
        return None
