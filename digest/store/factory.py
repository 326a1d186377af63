"""Which store: what the operator named, else what the platform set up, else the best that needs nothing."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from digest.clock import Clock, utc_now
from digest.config.hosting import is_serverless
from digest.errors import ConfigError
from digest.store.lasting import LastingStore, Refusal
from digest.store.memory import MemoryStore
from digest.store.protocol import Store
from digest.store.resilient import ResilientStore, primary_of

logger = logging.getLogger(__name__)

_EXPECTED = """expected one of
  memory://
  sqlite:///absolute/path/cache.sqlite3
  redis://[user:password@]host[:port][/database], or rediss:// for TLS
  https://:TOKEN@name.upstash.io, or without :TOKEN@ and the token in CACHE_TOKEN"""

# Upstash's own names first, then what Vercel's marketplace sets; the read-only token is none of them.
_REST_VARIABLES = (("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"), ("KV_REST_API_URL", "KV_REST_API_TOKEN"))
_TCP_VARIABLES = ("REDIS_URL", "KV_URL")
_FILE_TIMEOUT = timedelta(seconds=12)
"""A file on this machine is slow only when the machine is busy, and then memory would not be of help."""
_DRIVE = re.compile(r"/[A-Za-z]:[\\/]")


class _Candidate(NamedTuple):
    """An address as found, the token that goes with it, and where it was found."""

    url: str
    token: str
    variable: str


def open_store(url: str | None, environ: Mapping[str, str], *, now: Clock = utc_now) -> Store:
    """Return the store to use; nothing is connected or created before its first use.

    In this order: *url* or the variable `CACHE_URL`; the variables that Upstash and Vercel's marketplace
    set (`UPSTASH_REDIS_REST_*`, `KV_REST_API_*`, `REDIS_URL`, `KV_URL`, then the same behind any prefix); a
    SQLite file in the user's cache folder; memory where that can't be written, and on Vercel and AWS Lambda.
    All but memory are wrapped in a `ResilientStore`.

    Args:
        url: The operator's choice, None or "" for none.
        environ: The environment.
        now: The clock by which values and leases end where the store has none of its own.

    Raises:
        ConfigError: *url* or `CACHE_URL` is none of the expected forms.
    """
    if chosen := url or environ.get("CACHE_URL"):
        return _store_at(_Candidate(chosen, environ.get("CACHE_TOKEN", ""), "CACHE_URL"), now)
    for candidate in _candidates(environ):
        try:
            return _store_at(candidate, now)
        except ConfigError:
            logger.warning("%s is set but is no address of a Redis: ignored", candidate.variable)
    path = _default_path(environ)
    return _sqlite(path, now) if path else MemoryStore(now=now)


def lasting_beside(store: Store, *, is_serverless: bool) -> LastingStore | Refusal:
    """Return where values last that belong to *store*, or why they can't. Nothing is opened before its first use."""
    primary = primary_of(store)
    if primary.kind == "sqlite" and not is_serverless:
        from digest.store.lasting_sqlite import SqliteLasting
        from digest.store.sqlite import SqliteStore

        assert isinstance(primary, SqliteStore)
        return SqliteLasting(primary.path.with_name(f"{primary.path.stem}.profiles{primary.path.suffix}"))
    if primary.kind in {"redis", "upstash"}:
        from digest.store.lasting_redis import RedisLasting
        from digest.store.redis_dialect import RedisDialect

        assert isinstance(primary, RedisDialect)
        return RedisLasting(primary.command)
    return Refusal.SERVERLESS if is_serverless else Refusal.MEMORY


def _candidates(environ: Mapping[str, str]) -> Iterator[_Candidate]:
    """Yield what the platform's variables name, exact names before prefixed ones."""
    for is_prefixed in (False, True):
        for url_name, token_name in _REST_VARIABLES:
            for prefix in _prefixes(environ, url_name, is_prefixed=is_prefixed):
                if token := environ.get(prefix + token_name):
                    yield _Candidate(environ[prefix + url_name], token, prefix + url_name)
        for name in _TCP_VARIABLES:
            for prefix in _prefixes(environ, name, is_prefixed=is_prefixed):
                yield _Candidate(environ[prefix + name], "", prefix + name)


def _prefixes(environ: Mapping[str, str], name: str, *, is_prefixed: bool) -> list[str]:
    names = [found for found in sorted(environ) if found.endswith("_" + name)] if is_prefixed else [name]
    return [found.removesuffix(name) for found in names if environ.get(found)]


def _store_at(candidate: _Candidate, now: Clock) -> Store:
    try:
        parts = urlsplit(candidate.url.strip())
        _ = parts.port  # raises ValueError for one that is no number
    except ValueError:  # whose message may repeat half of a password
        raise _bad(candidate, "not a URL") from None
    if candidate.variable == "CACHE_URL":
        if parts.scheme == "memory":
            return MemoryStore(now=now)
        if parts.scheme == "sqlite":
            return _sqlite(_sqlite_path(candidate, parts), now)
    if not parts.hostname:
        raise _bad(candidate, "no host" if "://" in candidate.url else "no scheme")
    if parts.scheme in {"redis", "rediss"}:
        return _redis(candidate, parts, now)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}):
        return _upstash(candidate, parts, now)
    raise _bad(candidate, "unknown scheme")


def _sqlite(path: Path, now: Clock) -> Store:
    from digest.store.sqlite import SqliteStore

    return ResilientStore(SqliteStore(path, now=now), MemoryStore(now=now), timeout=_FILE_TIMEOUT)


def _redis(candidate: _Candidate, parts: SplitResult, now: Clock) -> Store:
    from digest.store.redis_tcp import RedisStore

    if not re.fullmatch(r"/?\d*", parts.path):
        raise _bad(candidate, "the database is not a number")
    return ResilientStore(RedisStore(candidate.url.strip(), now=now), MemoryStore(now=now))


def _upstash(candidate: _Candidate, parts: SplitResult, now: Clock) -> Store:
    from digest.store.upstash import UpstashStore

    token = unquote(parts.password or parts.username or "") or candidate.token
    if not token:
        raise _bad(candidate, "no token")
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    return ResilientStore(UpstashStore(bare, token, now=now), MemoryStore(now=now))


def _sqlite_path(candidate: _Candidate, parts: SplitResult) -> Path:
    path = unquote(parts.path)
    if parts.netloc or not path.strip("/") or path.endswith("/"):
        raise _bad(candidate, "no absolute path of a file (three slashes)")
    return Path(path[1:] if _DRIVE.match(path) else "/" + path.lstrip("/"))


def _default_path(environ: Mapping[str, str]) -> Path | None:
    """Return the file in the user's cache folder; None where there can be none or it would not last."""
    if is_serverless(environ):
        return None
    home = environ.get("HOME") or environ.get("USERPROFILE")
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # relative ones are to be ignored (XDG Base Directory Specification)
        if not home:
            return None
        base = Path(home, ".cache")
    folder = base / "arxiv-digest"
    existing = next((place for place in (folder, *folder.parents) if place.exists()), None)
    if existing and existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return folder / "cache.sqlite3"
    return None


def _bad(candidate: _Candidate, problem: str) -> ConfigError:
    # The value itself is not repeated: it may hold a password.
    return ConfigError(f"{candidate.variable}: {problem}; {_EXPECTED}", settings=(candidate.variable,))
