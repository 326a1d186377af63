"""What one request costs: how its answer came about, what arXiv was asked for it, and what it may ask for.

Whoever serves requests begins an account for each (`account`); what happens deeper down is noted on the
account of the request that caused it. Work that no request caused (command line, refreshing) has none.
What a request may ask for is no note but an argument: an `Admit` is handed down to where arXiv would be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

Admit = Callable[[Sequence[str]], Awaitable[None]]
"""Asked before arXiv is asked for contexts of which nothing is stored; raises `TooManyRequestsError`."""


async def free(_contexts: Sequence[str]) -> None:
    """Admit everything: what the command line and the server itself ask for is charged to nobody."""


@dataclass(slots=True)
class Costs:
    """The account of one request.

    Attributes:
        client: The client, as far as its address shows; "" for nobody. Clients take turns where work is heavy.
        outcome: `rendered` (listings looked at, bytes from before), `fresh` (rendered for this request), "" (neither).
        upstream_requests: Requests to arXiv that were made before the answer.
        upstream_s: Seconds that they took, without waiting for their turn.
        behind: Work that goes on behind the answer; a platform that freezes idle processes has to be kept awake for it.
    """

    client: str = ""
    outcome: str = ""
    upstream_requests: int = 0
    upstream_s: float = 0.0
    behind: set[asyncio.Task[None]] = field(default_factory=set)


_current: ContextVar[Costs | None] = ContextVar("costs", default=None)


@contextmanager
def account(costs: Costs) -> Iterator[None]:
    """Note on *costs* what happens inside, in the tasks begun there, too."""
    before = _current.set(costs)
    try:
        yield
    finally:
        _current.reset(before)


def note_outcome(outcome: str) -> None:
    """Note how the answer came about."""
    if costs := _current.get():
        costs.outcome = outcome


def note_upstream(seconds: float) -> None:
    """Note a request to arXiv."""
    if costs := _current.get():
        costs.upstream_requests += 1
        costs.upstream_s += seconds


def note_behind(tasks: Iterable[asyncio.Task[None]]) -> bool:
    """Note work that goes on behind the answer, and tell whether any of it is still under way."""
    running = {task for task in tasks if not task.done()}
    if costs := _current.get():
        costs.behind |= running
    return bool(running)


def behind() -> set[asyncio.Task[None]]:
    """Return what goes on behind the present request's answer."""
    costs = _current.get()
    return {task for task in costs.behind if not task.done()} if costs else set()


def is_accounted() -> bool:
    """Tell whether a request caused the present work; nobody else gets an answer before the work is done."""
    return _current.get() is not None


def client() -> str:
    """Return for whom the present work is done, "" for nobody."""
    costs = _current.get()
    return costs.client if costs else ""
