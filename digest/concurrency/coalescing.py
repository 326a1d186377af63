"""Do the same work once, however many ask for it at a time: what keeps a thousand readers from being a thousand reads."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from functools import partial
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Work by key: who asks while it is under way waits for the same result.

    Only for work whose result doesn't depend on when it was begun.

    Args:
        drops: Whether the work of a key is cancelled once all who asked have given up; by default it runs to its end.
    """

    def __init__(self, *, drops: Callable[[K], bool] = lambda _: False) -> None:
        self._drops = drops
        self._running: dict[K, asyncio.Task[T]] = {}
        self._asking: Counter[K] = Counter()

    def __contains__(self, key: K) -> bool:
        """Whether work of *key* is under way."""
        return key in self._running

    def __len__(self) -> int:
        """How much work is under way."""
        return len(self._running)

    async def run(self, key: K, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of *work*, or of the work of that key that is under way."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(_begun(work))
            task.add_done_callback(partial(self._ended, key))
        self._asking[key] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._left(key, task)

    async def aclose(self) -> None:
        """Stop what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, key: K, task: asyncio.Task[T]) -> None:
        if self._running.get(key) is not task:
            return
        self._asking[key] -= 1
        if not self._asking[key] and not task.done() and self._drops(key):
            self._forget(key)  # who asks now begins anew
            task.cancel()

    def _forget(self, key: K) -> None:
        del self._running[key]
        del self._asking[key]

    def _ended(self, key: K, task: asyncio.Task[T]) -> None:
        if self._running.get(key) is task:
            self._forget(key)
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody may be left to


class BatchedReads(Generic[K, T]):
    """Read by key, one read at a time; all who ask during one share the next, which sees everything written before.

    Args:
        read: Returns the values of several keys.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[dict[K, T]]]) -> None:
        self._read = read
        self._one_at_a_time = asyncio.Lock()
        self._next: set[K] = set()
        self._task: asyncio.Task[dict[K, T]] | None = None
        """The read that has not begun yet and may be joined."""

    async def get(self, keys: Iterable[K]) -> dict[K, T]:
        """Return the values of *keys*, in their order, as they are now or later."""
        wanted = list(keys)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._next.update(wanted)
        found = await asyncio.shield(self._task)
        return {key: found[key] for key in wanted}

    async def _run(self) -> dict[K, T]:
        async with self._one_at_a_time:
            keys, self._next, self._task = list(self._next), set(), None
            return await self._read(keys)


class Background(Generic[K]):
    """Work behind the answers, by key, one task a key at a time; what fails unexpectedly is logged."""

    def __init__(self) -> None:
        self._running: dict[K, asyncio.Task[None]] = {}

    def __contains__(self, key: K) -> bool:
        """Whether work of *key* is under way."""
        return key in self._running

    def start(self, key: K, work: Callable[[], Coroutine[Any, Any, None]], *, doing: str) -> None:
        """Begin *work*, unless work of *key* is under way; *doing* names it in the log."""
        if key not in self._running:
            task = self._running[key] = asyncio.create_task(work(), name=doing)
            task.add_done_callback(partial(self._ended, key))

    def tasks(self, keys: Iterable[K]) -> tuple[asyncio.Task[None], ...]:
        """Return what is under way of *keys*."""
        return tuple(self._running[key] for key in keys if key in self._running)

    async def aclose(self) -> None:
        """Stop what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: K, task: asyncio.Task[None]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s failed", task.get_name(), exc_info=error)


async def _begun(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
