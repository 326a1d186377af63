"""Asking a store that may be down: it is left alone for a while after each failure, and one caller tries it again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from digest.errors import StoreError, StoreFullError, ValueTooLargeError

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

_EARLY_RETRY_AFTER = timedelta(seconds=3)
_LOG_INTERVAL = timedelta(minutes=1)
_REFUSAL_SHOWN = timedelta(minutes=5)
"""A store that is almost full takes some writes and refuses others: a refusal stays visible for so long."""


class Breaker:
    """Ask one store, and know how it is.

    Args:
        describe: Names it for the log.
        timeout: Longest time for one answer.
        retry_after: How long it is left alone; in the first *alone_after* of an outage for three seconds at most.
        alone_after: From then on, an outage is more than a moment's overload.
        monotonic: A clock in seconds.
    """

    def __init__(
        self,
        describe: Callable[[], str],
        *,
        timeout: timedelta,
        retry_after: timedelta,
        alone_after: timedelta,
        monotonic: Callable[[], float],
    ) -> None:
        self._describe = describe
        self._timeout_s = timeout.total_seconds()
        self._retry_after_s = retry_after.total_seconds()
        self._alone_after_s = alone_after.total_seconds()
        self._alone_from = 0.0
        self._monotonic = monotonic
        self._is_down = False
        self._retry_at = 0.0
        self._log_at = float("-inf")
        self._refusal = ""
        self._refused_at = self._written_at = float("-inf")

    @property
    def is_down(self) -> bool:
        """Whether the store failed, and has not answered since."""
        return self._is_down

    @property
    def is_down_for_long(self) -> bool:
        """Whether it has been down for more than a moment, if it is down."""
        return self._monotonic() >= self._alone_from

    @property
    def refusal(self) -> str:
        """Why the store has refused writes lately; "" if it takes them."""
        if self._refused_at > self._written_at or self._monotonic() < self._refused_at + _REFUSAL_SHOWN.total_seconds():
            return self._refusal
        return ""

    async def ask(self, call: Callable[[], Awaitable[_T]], *, writes: bool = False) -> _T:
        """Call the store, unless it failed a short while ago; *writes*: success shows that it takes writes.

        Raises:
            StoreError: It was not asked, or failed (`StoreFullError`: it refused a write).
        """
        now = self._monotonic()
        if self._is_down:
            if now < self._retry_at:
                raise StoreError("not asked: it failed a short while ago")
            self._retry_at = now + self._pause_s(now)  # one caller tries, the others needn't wait with it
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await call()
        except StoreFullError as error:
            self._log("refuses writes, memory keeps them", error)
            self._is_down = False
            if not isinstance(error, ValueTooLargeError):
                self._refusal, self._refused_at = str(error), self._monotonic()
            raise
        except (StoreError, TimeoutError) as error:
            now = self._monotonic()
            if not self._is_down:
                self._alone_from = now + self._alone_after_s
            self._retry_at = now + self._pause_s(now)
            self._is_down = True
            self._log("doesn't answer, memory is used instead", error)
            raise StoreError(str(error) or "no answer in time") from error
        self._is_down = False
        if writes:
            self._written_at = self._monotonic()
        return answer

    def _pause_s(self, now: float) -> float:
        """Return how long to leave the store alone: not long while it may only have been a moment's overload."""
        early = min(_EARLY_RETRY_AFTER.total_seconds(), self._retry_after_s)
        return self._retry_after_s if now >= self._alone_from else early

    def _log(self, what: str, error: Exception) -> None:
        now = self._monotonic()
        if now >= self._log_at:
            self._log_at = now + _LOG_INTERVAL.total_seconds()
            logger.warning("store %s %s: %s", self._describe(), what, str(error) or "no answer in time")
