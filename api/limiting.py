"""How much one client may make this server fetch: each category, search or day costs arXiv requests, and everybody's turn."""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.types import Scope

from digest.clock import Clock, utc_now
from digest.errors import TooManyRequestsError

if TYPE_CHECKING:
    from limits.aio.strategies import FixedWindowRateLimiter

_IPV6_PREFIX = 64
"""What a provider gives one customer (RFC 6177, https://www.rfc-editor.org/rfc/rfc6177)."""
_HOUR_S = 3600.0


class MissLimiter:
    """Counts, for each client, the contexts that nobody asked for before; what is stored costs nothing.

    Each process counts for itself. arXiv's own limits hold in any case: all instances take turns.

    Args:
        per_hour: Contexts an hour and client; 0: no limit.
        exempt: Contexts that count for nobody: those of configured feeds.
        now: The clock, for telling when a client may come back.
    """

    def __init__(self, per_hour: int, exempt: Sequence[str] = (), *, now: Clock = utc_now) -> None:
        self._per_hour = per_hour
        self._exempt = frozenset(exempt)
        self._now = now
        self._limiter: FixedWindowRateLimiter | None = None

    async def admit(self, scope: Scope, contexts: Sequence[str]) -> None:
        """Charge *contexts* to the client of *scope*.

        Raises:
            TooManyRequestsError: That is more than it may have now.
        """
        counted = [context for context in contexts if context not in self._exempt]
        if counted and self._per_hour:
            await self._charge(client_of(scope), len(counted))

    async def _charge(self, address: str, count: int) -> None:
        from limits import RateLimitItemPerHour

        item = RateLimitItemPerHour(self._per_hour)
        limiter = self._opened()
        if count <= self._per_hour and await limiter.hit(item, address, cost=count):
            return
        stats = await limiter.get_window_stats(item, address)
        # The library counts by the system's clock; where ours is moved, a wait is still one of an hour at most.
        wait = min(max(stats.reset_time - self._now().timestamp(), 1.0), _HOUR_S)
        raise TooManyRequestsError(
            f"This address asked for {self._per_hour} categories, searches or digest days or more that this server doesn't store, "
            "within an hour; stored ones have no limit.",
            retry_after=timedelta(seconds=wait),
        )

    def _opened(self) -> "FixedWindowRateLimiter":
        if self._limiter is None:
            from limits.aio.storage import MemoryStorage
            from limits.aio.strategies import FixedWindowRateLimiter

            self._limiter = FixedWindowRateLimiter(MemoryStorage())
        return self._limiter


def client_of(scope: Scope) -> str:
    """Return what stands for the client of a request: its address, or the network that an IPv6 address is in."""
    client = scope.get("client")
    return _network(client[0]) if client else "unknown"


def _network(address: str) -> str:
    """Return what stands for one client: the address, or the network that an IPv6 address is in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
