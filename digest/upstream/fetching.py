"""The only module that opens a connection to arXiv: paced, bounded, and polite about refusals.

arXiv's terms of use allow one request every three seconds over one connection, for all machines of
an operator together. The right to send is therefore a lease in the store, shared by every
process and instance that uses the same store: whoever holds it sends one request; afterwards the
lease is not given back but left to run out, which makes the pause.

Source: arXiv help, https://info.arxiv.org/help/api/tou.html and https://info.arxiv.org/help/robots.html;
RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 (Retry-After).
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, IntEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from digest import __version__, costs
from digest.clock import Clock, utc_now
from digest.errors import NO_CONNECTION, FetchError, NoAnswerError, NoConnectionError, RateLimitedError
from digest.store.protocol import Lease, Store
from digest.upstream.bounded import BodyError, BodyTooLargeError, BoundedBody

if TYPE_CHECKING:
    import httpx


_THROTTLED = frozenset({403, 406, 429, 503})
"""arXiv sheds load with any of these, mostly without Retry-After; going on after a 403 counts as an attack."""
_PASSING = frozenset({500, 502, 504})
_TURN = "arxiv"
_TURN_ENDS = "arxiv:turn-ends"
"""When the pause after the last request ends: all who wait for it sleep until then."""
_URGENT = "arxiv:urgent"
_URGENT_TTL = timedelta(seconds=1)
"""Beyond the time for which whoever waits sleeps."""
_FIRST_LOOK_S = 0.1
_LONGEST_LOOK_S = 1.0
"""Between looks while another instance's request is under way, whose end nobody knows."""
_SHORTEST_COOLDOWN = timedelta(minutes=1)
_FIRST_COOLDOWN = timedelta(minutes=10)
_LONGEST_COOLDOWN = timedelta(hours=3)
_LONGEST_RETRY_AFTER = timedelta(hours=24)
_SECONDS = re.compile(r" *[0-9]{1,9} *")
_MARGIN = timedelta(milliseconds=50)
_ASKED_JUST_NOW_S = 0.5
"""A cool-down isn't looked up again within this time, unless somebody else had a turn in between."""
_REDIRECTS = 3
_PUT_OFF_S = 30.0
"""What nobody waits for is put off no longer, however many readers come."""
_OFFLINE_FOR_S = 10.0
_CONNECT_WHILE_OFFLINE = timedelta(milliseconds=500)
"""How long a connection may take while others failed within the last `_OFFLINE_FOR_S`: there is probably no network."""


class Service(Enum):
    """arXiv's services and their hosts. Each is throttled for itself."""

    FEEDS = "https://rss.arxiv.org"
    API = "https://export.arxiv.org"
    PAGES = "https://arxiv.org"


class Rank(IntEnum):
    """Who sends first where several want to; the lower goes first, equal ones in order of asking."""

    AWAITED = 0
    """Somebody waits for the answer."""
    PRESENT = 1
    """A check of the present that nobody waits for: a page began it, or the server itself."""
    BEHIND = 2
    """What completes the past."""


class _Errand:
    """What belongs together: one request, or several that follow one another.

    Args:
        is_awaited: Tells whether somebody waits for it now.
        urgent: Whether it concerns the present.
    """

    def __init__(self, is_awaited: Callable[[], bool], *, urgent: bool) -> None:
        self._is_awaited = is_awaited
        self._urgent = urgent
        self._since = asyncio.get_running_loop().time()

    @property
    def rank(self) -> Rank:
        """Its place now: readers come and give up while it waits its turn."""
        if not self._urgent:
            return Rank.BEHIND
        waited_s = asyncio.get_running_loop().time() - self._since
        return Rank.AWAITED if self._is_awaited() or waited_s > _PUT_OFF_S else Rank.PRESENT


_errand: ContextVar[_Errand | None] = ContextVar("errand", default=None)
"""What requests to arXiv are made for; None for requests that somebody waits for."""


@dataclass(frozen=True)
class FetchLimits:
    """Bounds of one request: `timeout` for all of it, `size_bytes` for the body uncompressed."""

    timeout: timedelta = timedelta(seconds=60)
    size_bytes: int = 24_000_000
    interval: timedelta = timedelta(seconds=3)
    """Pause between the end of a request and the start of the next."""
    connect: timedelta = timedelta(seconds=3)
    first_byte: timedelta = timedelta(seconds=3)
    """What a source that gives way may take until it begins to answer, while a reader waits."""


@dataclass
class FetchCounters:
    """What this process asked arXiv for since it started; for status and logs."""

    requests: int = 0
    failures: int = 0
    refusals: int = 0
    last_error: str = ""


class ArxivClient:
    """Fetch bodies from arXiv, one at a time.

    Args:
        store: Holds the lease that paces all instances, and the cool-downs.
        base_url: One address for all services, None for arXiv's own hosts.
        user_agent: See `user_agent`.
        limits: Time, size and pause.
        transport: What carries requests; None for the network. Tests give a handler function.
        now: The clock, for Retry-After dates only.
    """

    def __init__(
        self,
        store: Store,
        *,
        base_url: str | None,
        user_agent: str,
        limits: FetchLimits,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._store = store
        self._base_url = base_url
        self._user_agent = user_agent
        self._limits = limits
        self._transport = transport
        self._now = now
        self._client: httpx.AsyncClient | None = None
        self._turn = asyncio.Lock()
        self._errands: list[_Errand] = []
        self._answering: set[Service] = set()
        """Services whose refusals in a row were ended by an answer, and that refused nothing to this process since."""
        self._pause_ends = 0.0
        """Of this process's last request, by the event loop's clock."""
        self._looked: dict[Service, float] = {}
        """When this process last saw that a service may be asked, by the event loop's clock."""
        self._readers = 0
        self._unreachable_at = float("-inf")
        """When a connection failed the last time, by the event loop's clock."""
        self.counters = FetchCounters()

    async def fetch(
        self, service: Service, path: str, *, attempts: int = 2, urgent: bool = True, gives_way: bool = False
    ) -> bytes:
        """Return the body that arXiv answers for *path* (with its query) of *service*.

        Waits its turn (see `Rank`; what isn't *urgent* lets everything urgent go first), then tries up to
        *attempts* times: broken connections and passing server errors are tried again after a jittered pause;
        refusals and hosts that can't be reached are not. What *gives way* has a source behind it: while a reader waits
        (see `awaited`), it has one attempt, and little time to begin.

        Raises:
            RateLimitedError: arXiv refused (403, 406, 429, 503), or did so lately and the pause isn't over.
            NoAnswerError: The host can't be reached, or has not begun to answer in time.
            FetchError: Anything else that left us without a whole body; the cause is chained.
        """
        import stamina

        def passing(error: Exception) -> bool:
            return (
                isinstance(error, FetchError)
                and not isinstance(error, RateLimitedError | NoAnswerError)
                and (error.status is None or error.status in _PASSING)
                and not isinstance(error.__cause__, TimeoutError)  # it cost a minute already
            )

        hastens = gives_way and self._readers > 0
        url = (self._base_url or service.value) + path
        async for attempt in stamina.retry_context(
            on=passing,
            attempts=1 if hastens else attempts,
            timeout=None,
            wait_initial=1.0,
            wait_jitter=2.0,
            wait_max=10.0,
        ):
            with attempt:
                return await self._fetch_in_turn(service, url, urgent=urgent, gives_way=gives_way)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Note that a reader waits until the context is left: sources that have another one behind them give way."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1

    @contextmanager
    def hurry(self, is_awaited: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Let requests made inside go first, and keep what comes after them from being sent between them.

        Args:
            is_awaited: Tells whether somebody waits for them now; else they go after those that somebody waits for.
        """
        errand = _Errand(is_awaited, urgent=True)
        before = _errand.set(errand)
        self._errands.append(errand)
        try:
            yield
        finally:
            self._errands.remove(errand)
            _errand.reset(before)

    async def aclose(self) -> None:
        """Close the connection. The client may be used again afterwards."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def cooldown(self, service: Service) -> timedelta | None:
        """Return how long *service* is to be left alone, None if it may be asked."""
        return self._left(await self._store.get(_cooldown_key(service)))

    async def cooldowns(self) -> dict[Service, timedelta]:
        """Return the services that are left alone now, and for how long."""
        stored = await self._store.get_many([_cooldown_key(service) for service in Service])
        found = {service: self._left(until) for service, until in zip(Service, stored, strict=True)}
        return {service: left for service, left in found.items() if left}

    def _left(self, until: bytes | None) -> timedelta | None:
        try:
            left = datetime.fromisoformat((until or b"").decode()) - self._now()
        except ValueError:  # there is none
            return None
        return left if left > timedelta(0) else None

    async def _fetch_in_turn(self, service: Service, url: str, *, urgent: bool, gives_way: bool) -> bytes:
        if urgent:  # the rest looks when its turn comes
            await self._refuse_while_cooling(service, url)
        async with self._own_turn(service, url, urgent=urgent) as first_lease:
            lease = first_lease
            for _ in range(_REDIRECTS + 1):
                body, redirect = await self._fetch_holding(lease, service, url, gives_way=gives_way)
                if redirect is None:
                    return body
                url = self._checked_redirect(url, redirect)
                lease = await self._own_lease(service, url)
            await self._store.release(lease)
        raise self._failed(FetchError("redirected too often", url=url, status=302))

    async def _fetch_holding(
        self, lease: Lease, service: Service, url: str, *, gives_way: bool
    ) -> tuple[bytes, str | None]:
        """Send one request with the right to do so, which runs out a pause later."""
        sent = False
        try:
            await self._refuse_while_cooling(service, url)  # it may have begun while we waited our turn
            sent = True
            return await self._fetch_once(service, url, gives_way=gives_way)
        except NoConnectionError:
            sent = False  # arXiv heard nothing of it: the next source needn't wait
            raise
        finally:
            if sent:
                await self._begin_pause(lease)
            else:
                await self._store.release(lease)

    async def _begin_pause(self, lease: Lease) -> None:
        """Let the right to send run out a pause from now, and tell those who wait when that is."""
        pause = self._limits.interval + _MARGIN
        await self._store.extend(lease, pause)
        self._pause_ends = asyncio.get_running_loop().time() + pause.total_seconds()
        await self._store.set(_TURN_ENDS, (self._now() + pause).isoformat().encode(), ttl=pause)

    async def _own_lease(self, service: Service, url: str) -> Lease:
        lease = None
        while lease is None:
            lease = await self._await_lease(_Errand(lambda: True, urgent=True), service, url)
        return lease

    @asynccontextmanager
    async def _own_turn(self, service: Service, url: str, *, urgent: bool) -> AsyncIterator[Lease]:
        """Hold this process's turn and the right to send; steps back while somebody waits who goes first."""
        errand = (_errand.get() if urgent else None) or _Errand(lambda: True, urgent=urgent)
        self._errands.append(errand)
        try:
            while True:
                async with self._turn:
                    lease = await self._await_lease(errand, service, url)
                    if lease is not None:
                        yield lease
                        return
                await asyncio.sleep(0.1)
        finally:
            self._errands.remove(errand)

    async def _await_lease(self, errand: _Errand, service: Service, url: str) -> Lease | None:
        """Wait for the right to send; what nobody waits for lets readers of other instances go first, too.

        Returns:
            None if somebody of this process has come meanwhile who goes first.

        Raises:
            RateLimitedError: *service* is left alone, and nobody waits.
        """
        ttl = self._limits.timeout + self._limits.interval
        wait_s, look_s = self._pause_ends - asyncio.get_running_loop().time(), _FIRST_LOOK_S
        while not self._is_outranked(errand):
            if wait_s > 0:
                self._looked.pop(service, None)  # whoever sends meanwhile may be refused
                if errand.rank is Rank.AWAITED:
                    await self._store.set(_URGENT, b"1", ttl=timedelta(seconds=wait_s) + _URGENT_TTL)
                await asyncio.sleep(wait_s)
                if self._is_outranked(errand):
                    break
            if errand.rank is Rank.AWAITED or not await self._look(service, url):
                lease = await self._store.acquire(_TURN, ttl=ttl)
                if lease:
                    return lease
            wait_s = await self._left_of_pause() or look_s
            wait_s += random.uniform(0, look_s)  # noqa: S311 - jitter, nothing secret
            look_s = min(look_s * 1.5, _LONGEST_LOOK_S)
        return None

    def _is_outranked(self, errand: _Errand) -> bool:
        rank = errand.rank
        return any(other.rank < rank for other in self._errands)

    async def _left_of_pause(self) -> float:
        """Return the seconds for which nobody may send; 0 while a request is under way, or nobody sent lately."""
        until = await self._store.get(_TURN_ENDS)
        try:
            left = (datetime.fromisoformat((until or b"").decode()) - self._now()).total_seconds()
        except ValueError:  # there is none
            return 0.0
        return min(max(left, 0.0), (self._limits.interval + _MARGIN).total_seconds())

    async def _fetch_once(self, service: Service, url: str, *, gives_way: bool) -> tuple[bytes, str | None]:
        """Return the body and, for a redirect, its target instead."""
        import httpx

        self.counters.requests += 1
        began = time.perf_counter()
        hastens = gives_way and self._readers > 0
        first_byte = self._limits.first_byte if hastens else self._limits.timeout
        beginning = asyncio.timeout(first_byte.total_seconds())
        try:
            async with (
                asyncio.timeout(self._limits.timeout.total_seconds()),
                beginning,
                self._opened().stream("GET", url, timeout=self._timeout()) as response,
            ):
                beginning.reschedule(None)
                if response.has_redirect_location:
                    return b"", response.headers["location"]
                await self._raise_for_status(service, url, response)
                return await self._read(url, response), None
        except TimeoutError as error:
            if beginning.expired() and hastens:
                raise self._failed(NoAnswerError(f"no answer begun within {first_byte}", url=url)) from error
            raise self._failed(FetchError(f"no answer within {self._limits.timeout}", url=url)) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._unreachable_at = asyncio.get_running_loop().time()
            raise self._failed(NoConnectionError(_no_connection(url, error), url=url)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = str(error) or type(error).__name__
            raise self._failed(FetchError(text, url=url)) from error
        finally:
            costs.note_upstream(time.perf_counter() - began)

    def _timeout(self) -> httpx.Timeout:
        """Return how long to wait: for a connection little, and less where another one failed a moment ago."""
        import httpx

        limits = self._limits
        is_offline = asyncio.get_running_loop().time() - self._unreachable_at < _OFFLINE_FOR_S
        connect = min(limits.connect, _CONNECT_WHILE_OFFLINE) if is_offline else limits.connect
        return httpx.Timeout(limits.timeout.total_seconds(), connect=connect.total_seconds())

    async def _read(self, url: str, response: httpx.Response) -> bytes:
        try:
            body = BoundedBody(response.headers.get("content-encoding", ""), limit_bytes=self._limits.size_bytes)
            async for chunk in response.aiter_raw():
                body.feed(chunk)
            return body.whole()
        except BodyTooLargeError as error:
            raise self._failed(FetchError(str(error), url=url, status=200)) from error
        except BodyError as error:
            raise self._failed(FetchError(str(error), url=url)) from error

    async def _raise_for_status(self, service: Service, url: str, response: httpx.Response) -> None:
        status = response.status_code
        if status == 200:
            if service not in self._answering:
                await self._store.delete(f"arxiv:refusals:{service.name}")
                self._answering.add(service)
            return
        if status in _THROTTLED:
            pause = await self._cool_down(service, parse_retry_after(response.headers.get("retry-after"), self._now()))
            self.counters.refusals += 1
            raise self._failed(
                RateLimitedError(f"refused with status {status}", url=url, status=status, retry_after=pause)
            )
        raise self._failed(FetchError(f"answered with status {status}", url=url, status=status))

    async def _refuse_while_cooling(self, service: Service, url: str) -> None:
        if asyncio.get_running_loop().time() - self._looked.get(service, float("-inf")) > _ASKED_JUST_NOW_S:
            await self._look(service, url)

    async def _look(self, service: Service, url: str) -> bool:
        """Refuse while *service* is left alone; return whether a reader of any instance waits, from the same trip."""
        urgent, cooling = await self._store.get_many([_URGENT, _cooldown_key(service)])
        left = self._left(cooling)
        if left:
            raise RateLimitedError(
                f"not asked: arXiv refused lately, next try in {round(left.total_seconds())} s",
                url=url,
                retry_after=left,
            )
        self._looked[service] = asyncio.get_running_loop().time()
        return urgent is not None

    async def _cool_down(self, service: Service, retry_after: timedelta | None) -> timedelta:
        """Note for all instances how long to leave *service* alone, longer with each refusal in a row."""
        self._answering.discard(service)
        self._looked.pop(service, None)
        refusals = await self._store.increment(f"arxiv:refusals:{service.name}", ttl=timedelta(days=1))
        pause = retry_after
        if pause is None:
            grown = min(_FIRST_COOLDOWN * 2 ** min(refusals - 1, 10), _LONGEST_COOLDOWN)
            pause = grown * random.uniform(1.0, 1.2)  # noqa: S311 - jitter, nothing secret
        pause = max(_SHORTEST_COOLDOWN, min(pause, _LONGEST_RETRY_AFTER))
        until = (self._now() + pause).isoformat().encode()
        await self._store.set(_cooldown_key(service), until, ttl=pause)
        return pause

    def _checked_redirect(self, url: str, target: str) -> str:
        """Return the absolute target of a redirect if it stays within arXiv.

        Raises:
            FetchError: It leads elsewhere.
        """
        try:
            absolute = urljoin(url, target)
            origin = _origin(absolute)
        except ValueError as error:
            raise self._failed(
                FetchError(f"redirected to no address: {target[:100]!r}", url=url, status=302)
            ) from error
        allowed = {_origin(self._base_url)} if self._base_url else {_origin(service.value) for service in Service}
        if origin not in allowed:
            raise self._failed(FetchError(f"redirected away, to {'://'.join(origin)[:100]}", url=url, status=302))
        return absolute

    def _failed(self, error: FetchError) -> FetchError:
        self.counters.failures += 1
        self.counters.last_error = f"{error.url}: {error}"
        return error

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(
                transport=self._transport,
                headers={
                    "User-Agent": self._user_agent,
                    "Accept-Encoding": BoundedBody.ENCODINGS,
                    "Accept": "application/rss+xml, application/atom+xml, text/html;q=0.9, */*;q=0.1",
                },
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                follow_redirects=False,
            )
        return self._client


def user_agent(*, public_url: str | None, contact: str | None) -> str:
    """Name this program and, where known, the deployment and its operator, as arXiv asks."""
    given = "; ".join(part for part in (public_url, contact) if part)
    about = "".join(character if " " <= character <= "~" else "?" for character in given)  # a header holds no others
    return f"arxiv-digest/{__version__}" + (f" (+{about})" if about else " (self-hosted)")


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (seconds or a date); None where it is absent or not understood.

    Source: RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3.
    """
    if not value:
        return None
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=int(value))
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(when.replace(tzinfo=when.tzinfo or UTC) - now, timedelta(0))


def _no_connection(url: str, error: Exception) -> str:
    """Say that a host can't be reached; why, only where that isn't the network's fault."""
    reason = f": {error}" if "SSL" in str(error) or "certificate" in str(error).lower() else ""
    return f"{NO_CONNECTION}{urlsplit(url).netloc} from this machine{reason}"


def _cooldown_key(service: Service) -> str:
    return f"arxiv:cooldown:{service.name}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
