"""Notice when a client hangs up before it got its answer, so that work nobody waits for can stop."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive

_BEGIN_S = 0.3
"""Most answers are there sooner; only behind those that aren't is anybody watched."""


class HangUp:
    """One client.

    Attributes:
        happened: Whether it hung up before the answer began.
    """

    def __init__(self) -> None:
        self.happened = False
        self._body_was_read = asyncio.Event()

    def reading(self, receive: Receive) -> Receive:
        """Wrap *receive* for a route that reads a body: the client is watched once the route has it."""

        async def noted() -> Message:
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body", False):
                self._body_was_read.set()
            return message

        return noted

    @contextmanager
    def watched(self, receive: Receive, has_answer: Callable[[], bool], *, has_body: bool = False) -> Iterator[None]:
        """Cancel the present task if the client hangs up while the body runs and has no answer yet.

        What the server receives is read for that, where a route reads a body (`reading`) only behind its end.
        """
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        watching: list[asyncio.Task[None]] = []

        async def watch() -> None:
            if has_body:
                await self._body_was_read.wait()
            if await _hung_up(receive) and not has_answer():
                self.happened = True
                task.cancel()

        timer = loop.call_later(_BEGIN_S, lambda: watching.append(loop.create_task(watch())))
        try:
            yield
        finally:
            timer.cancel()
            for one in watching:
                one.cancel()


async def _hung_up(receive: Receive) -> bool:
    """Wait for the client to hang up; False where the server doesn't tell."""
    ends = 0
    while ends < 2:  # a body ends once
        message = await receive()
        if message["type"] == "http.disconnect":
            return True
        ends += not message.get("more_body", False)
    return False
