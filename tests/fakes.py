"""Stand-ins for what tests can't have: a clock that can be moved, an arXiv that answers what it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Self, TypeVar

import httpx

from digest.costs import Costs, account
from digest.errors import StoreError
from digest.store.lasting import Kept, Refusal
from digest.store.memory import MemoryStore
from tests.builders import NOON

T = TypeVar("T")


class Clock:
    """Stands still until it is moved; with *step*, moves on at each look."""

    def __init__(self, now: datetime = NOON, *, step: timedelta = timedelta(0)) -> None:
        self.now = now
        self._step = step

    def __call__(self) -> datetime:
        self.now += self._step
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def flying_clock() -> Clock:
    """A clock for stores, whose time flies: nobody waits out the pause between requests."""
    return Clock(step=timedelta(milliseconds=60))


def quick_store() -> MemoryStore:
    """A store on a clock that flies."""
    return MemoryStore(now=flying_clock())


async def until(happened: Callable[[], bool], patience_s: float = 10) -> None:
    """Let other tasks work until *happened* says so; a test that waits in vain fails."""
    async with asyncio.timeout(patience_s):
        while not happened():  # noqa: ASYNC110 - what happens has no event to wait for
            await asyncio.sleep(0.005)


class FakeLasting:
    """Keeps values in memory as if they lasted; fails, refuses or is overtaken when told to.

    Attributes:
        values: What is kept, by key.
        fails: Raised by every call while set; `fails_writing` by writes only.
        refused: What `refusal` says.
        before_swap: Called before each write: somebody else may be faster.
    """

    def __init__(self) -> None:
        self.values: dict[str, Kept] = {}
        self.fails: StoreError | None = None
        self.fails_writing: StoreError | None = None
        self.refused: Refusal | None = None
        self.before_swap: Callable[[], Awaitable[object]] | None = None

    async def refusal(self) -> Refusal | None:
        self._check()
        return self.refused

    async def load(self, key: str) -> Kept | None:
        self._check()
        return self.values.get(key)

    async def swap(self, key: str, value: bytes, *, revision: int, day: date) -> bool:
        self._check(self.fails_writing)
        if self.before_swap:
            before, self.before_swap = self.before_swap, None
            await before()
        known = self.values.get(key)
        if (known.revision if known else 0) != revision:
            return False
        self.values[key] = Kept(value, revision + 1, day)
        return True

    async def remove(self, keys: Sequence[str]) -> None:
        self._check(self.fails_writing)
        for key in keys:
            self.values.pop(key, None)

    async def unused_since(self, day: date, most: int) -> list[str]:
        self._check()
        return [key for key, kept in self.values.items() if kept.day < day][:most]

    def _check(self, error: StoreError | None = None) -> None:
        if found := self.fails or error:
            raise found


Reply = httpx.Response | Exception


class FakeArxiv(httpx.AsyncBaseTransport):
    """Carries requests to a list of replies, the last of which is repeated, or to a function.

    Attributes:
        requests: What was asked, in order.
        most_at_once: The largest number of requests under way at a time.
        release: Set to an event to hold requests back until it is set.
    """

    def __init__(self, *replies: Reply | Callable[[httpx.Request], Reply]) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.most_at_once = 0
        self.before_reply: Callable[[], Awaitable[object]] | None = None
        self._under_way = 0

    def now_reply(self, *replies: Reply | Callable[[httpx.Request], Reply]) -> Self:
        """Answer with these from now on."""
        self._replies = list(replies)
        return self

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.before_reply:
                await self.before_reply()
        finally:
            self._under_way -= 1
        reply = self._replies[0] if len(self._replies) == 1 else self._replies.pop(0)
        reply = reply(request) if callable(reply) else reply
        if isinstance(reply, Exception):
            raise reply
        # A response may be sent once only.
        return httpx.Response(reply.status_code, headers=reply.headers, stream=reply.stream)


async def with_behind(work: Awaitable[T]) -> tuple[T, set[asyncio.Task[None]]]:
    """Do *work* as a request does, and return what it gives and what it leaves behind the answer."""
    costs = Costs()
    with account(costs):
        done = await work
    return done, costs.behind


async def settled(work: Awaitable[T]) -> T:
    """Do *work* as a request does, and let what it leaves behind the answer come to its end."""
    done, behind = await with_behind(work)
    if behind:
        await asyncio.wait(behind)
    return done
