"""The threads that render: heavy work beside the event loop, in fair turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from digest import costs
from digest.concurrency.turns import Turns

T = TypeVar("T")

_THREADS = 3


class RenderingThreads:
    """A few threads; who gives up waiting for a turn costs nothing."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="render")
        self._turns = Turns(_THREADS, now=time.monotonic)

    async def run(self, work: Callable[[], T], *, weight: int = 0) -> T:
        """Return what *work* makes in a thread, in a fair turn; what it raises is raised here.

        Args:
            work: What to do.
            weight: Papers that it is about: light work of a client goes first.

        Raises:
            UnavailableError: Too much work waits already.
        """
        async with self._turns.turn(costs.client(), weight):
            return await self.run_at_once(work)

    async def run_at_once(self, work: Callable[[], T]) -> T:
        """Return what *work*, which is light, makes in the next thread that is free, without a turn.

        A thread can't be stopped, so who gives up waits for its end.
        """
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def close(self) -> None:
        """Give up the threads; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
