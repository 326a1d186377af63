"""Zotero's Web API: a library read page by page, whole or not at all.

The host is fixed, and every page's address is made here, never taken from an answer. A key, where one is
configured, travels in a header. A library that changes while it is read is read again from its start.
A `Backoff` on any answer, and a `Retry-After`, hold for all instances that share the store.

Source: https://www.zotero.org/support/dev/web_api/v3/basics (versions, paging, rate limiting) and
https://www.zotero.org/support/dev/web_api/v3/syncing (versions of a library).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from digest.errors import FetchError, ParseError, RateLimitedError
from digest.selection.libraries import LibraryName
from digest.store.protocol import Values
from digest.upstream.bounded import BodyError, BoundedBody
from digest.upstream.fetching import parse_retry_after
from digest.upstream.parsing.zotero_items import LibraryItem, parse_items

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

HOST = "https://api.zotero.org"
KEY_VARIABLE = "ZOTERO_API_KEY"
NEWEST = 500
"""Items that are read of a library, those added last."""
_PAGE = 100
_TIMEOUT = timedelta(seconds=20)
_LIMIT_BYTES = 8_000_000
_READINGS = 3
"""How often a library that changes meanwhile is begun again."""
_LONGEST_BACKOFF_WAITED = timedelta(seconds=30)
_BUSY = timedelta(minutes=5)
"""To be left alone after a refusal that doesn't say for how long."""
_LONGEST_PAUSE = timedelta(days=1)
_REFUSALS = frozenset({429, 503})
_COOLDOWN = "zotero:cooldown"


@dataclass(frozen=True)
class Library:
    """A library as it was at one version."""

    version: int
    items: tuple[LibraryItem, ...]


@dataclass(frozen=True)
class _Page:
    items: tuple[LibraryItem, ...]
    count: int
    total: int
    version: int
    backoff: timedelta | None


class ZoteroClient:
    """Read libraries.

    Args:
        store: Where the instances that share it note that Zotero wants to be left alone.
        user_agent: See `digest.upstream.fetching.user_agent`.
        key: Opens private libraries; None for public ones only.
        base_url: Another host, for tests.
        transport: What carries requests; None for the network.
        now: The clock, for Retry-After dates.
    """

    def __init__(
        self,
        store: Values,
        *,
        user_agent: str,
        key: str | None,
        base_url: str = HOST,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._user_agent = user_agent
        self._key = key
        self._base_url = base_url
        self._transport = transport
        self._now = now

    @property
    def has_key(self) -> bool:
        """Tell whether libraries are read with a key, so that what they hold may be private."""
        return self._key is not None

    async def read(self, name: LibraryName, *, since: int | None = None) -> Library | None:
        """Return the newest `NEWEST` works of a library; None if nothing changed after the version *since*.

        Raises:
            RateLimitedError: Zotero asked to be left alone; `retry_after` says for how long.
            FetchError: No answer, no such library, or the key doesn't open it.
            ParseError: An answer that is not the API's, or a library that never held still.
        """
        await self._refuse_while_cooling(name)
        async with self._opened() as http:
            for _ in range(_READINGS):
                first = await self._page(http, name, 0, since)
                if first is None:
                    return None
                if (whole := await self._rest(http, name, first)) is not None:
                    return whole
                log.info("%s changed while it was read; reading it again", name)
        raise ParseError(f"{name} changed each time it was read", url=self._url(name, 0))

    async def _rest(self, http: httpx.AsyncClient, name: LibraryName, first: _Page) -> Library | None:
        """Read on behind the first page; None if the library changed meanwhile."""
        items, page, start = list(first.items), first, first.count
        while start < min(page.total, NEWEST) and page.count:
            if page.backoff:
                await _wait(name, page.backoff)
            following = await self._page(http, name, start, None)
            if following is None or (following.version, following.total) != (first.version, first.total):
                return None
            page, start = following, start + following.count
            items += page.items
        return Library(first.version, tuple(items[:NEWEST])) if start >= min(first.total, NEWEST) else None

    async def _refuse_while_cooling(self, name: LibraryName) -> None:
        until = await self._store.get(_COOLDOWN)
        left = datetime.fromisoformat(until.decode()) - self._now() if until else timedelta(0)
        if left > timedelta(0):
            raise RateLimitedError(f"{name}: not asked, Zotero wants a pause", url=self._base_url, retry_after=left)

    async def _cool_down(self, headers: httpx.Headers, *, refused: bool) -> timedelta | None:
        """Note for all instances how long Zotero wants to be left alone, if it does."""
        told = [parse_retry_after(headers.get("Backoff"), self._now())]
        if refused:
            told += [parse_retry_after(headers.get("Retry-After"), self._now())]
        pause = max(filter(None, told), default=_BUSY if refused else None)
        if pause:
            until = (self._now() + pause).isoformat().encode()
            await self._store.set(_COOLDOWN, until, ttl=min(pause, _LONGEST_PAUSE))
        return pause

    async def _page(self, http: httpx.AsyncClient, name: LibraryName, start: int, since: int | None) -> _Page | None:
        """Fetch one page; None for 304."""
        import httpx

        url = self._url(name, start)
        headers = {} if since is None else {"If-Modified-Since-Version": str(since)}
        try:
            async with asyncio.timeout(_TIMEOUT.total_seconds()), http.stream("GET", url, headers=headers) as response:
                refused = response.status_code in _REFUSALS
                pause = await self._cool_down(response.headers, refused=refused)
                if refused:
                    message = f"{name}: refused with status {response.status_code}"
                    raise RateLimitedError(message, url=url, status=response.status_code, retry_after=pause)
                if response.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                self._check_status(name, url, response.status_code)
                body = BoundedBody(response.headers.get("content-encoding", ""), limit_bytes=_LIMIT_BYTES)
                async for chunk in response.aiter_raw():
                    body.feed(chunk)
                return _read(url, body.whole(), response.headers, pause)
        except TimeoutError as error:
            raise FetchError(f"{name}: no answer within {_TIMEOUT}", url=url) from error
        except (httpx.HTTPError, BodyError) as error:
            raise FetchError(f"{name}: {str(error) or type(error).__name__}", url=url) from error

    def _check_status(self, name: LibraryName, url: str, status: int) -> None:
        if status == 200:
            return
        reasons = {
            403: f"it is private, and the key in {KEY_VARIABLE} doesn't open it"
            if self._key
            else f"it is private; put a key that may read it into {KEY_VARIABLE}",
            404: "there is no such library or collection",
        }
        raise FetchError(f"{name}: {reasons.get(status, f'answered with status {status}')}", url=url, status=status)

    def _url(self, name: LibraryName, start: int) -> str:
        query = {"format": "json", "limit": _PAGE, "start": start, "sort": "dateAdded", "direction": "desc"}
        return f"{self._base_url}{name.items_path}?{urlencode(query)}"

    def _opened(self) -> httpx.AsyncClient:
        import httpx

        headers = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": BoundedBody.ENCODINGS,
            "Zotero-API-Version": "3",
        }
        return httpx.AsyncClient(
            transport=self._transport,
            headers=headers | ({"Zotero-API-Key": self._key} if self._key else {}),
            timeout=_TIMEOUT.total_seconds(),
            follow_redirects=False,
        )


def _read(url: str, payload: bytes, headers: httpx.Headers, backoff: timedelta | None) -> _Page:
    items, count = parse_items(payload)
    try:
        total, version = int(headers["Total-Results"]), int(headers["Last-Modified-Version"])
    except (KeyError, ValueError) as error:
        raise ParseError("an answer without Zotero's Total-Results and Last-Modified-Version", url=url) from error
    return _Page(items, count, total, version, backoff)


async def _wait(name: LibraryName, backoff: timedelta) -> None:
    if backoff > _LONGEST_BACKOFF_WAITED:
        raise RateLimitedError(f"{name}: Zotero wants a pause", retry_after=backoff)
    await asyncio.sleep(backoff.total_seconds())
