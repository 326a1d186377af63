"""Fair turns for heavy work: each client has a few at a time, small work goes before large, and waiting makes equal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from digest.errors import UnavailableError

LARGE = 2_000
"""From this weight on work is large; a weight is a number of papers."""
_MOST_OF_A_CLIENT = 2
_MOST_WAITING = 500
_SECOND_OF_WAITING = 1_000
"""The weight that each second of waiting makes up for."""
_COME_BACK = timedelta(seconds=10)


@dataclass(eq=False, slots=True)
class Waiting:
    """Work that waits for its turn.

    Attributes:
        since: When it came, in seconds of any clock.
        go: Done once it has its turn.
    """

    client: str
    weight: int
    since: float
    go: asyncio.Future[None] | None = field(default=None, repr=False)


def next_turn(waiting: Sequence[Waiting], running: Sequence[Waiting], *, slots: int, now: float) -> Waiting | None:
    """Return whose turn is next, None if nobody's: the client with least under way, then the lightest work.

    One client has two turns at most, and one of them for large work; large work leaves a slot to the rest.
    """
    if len(running) >= slots:
        return None
    of_client = Counter(one.client for one in running)
    large = [one.client for one in running if one.weight >= LARGE]
    open_for_large = len(large) < max(slots - 1, 1)

    def may_go(one: Waiting) -> bool:
        if of_client[one.client] >= _MOST_OF_A_CLIENT:
            return False
        return one.weight < LARGE or (open_for_large and one.client not in large)

    def rank(one: Waiting) -> tuple[int, float]:
        return of_client[one.client], one.weight - (now - one.since) * _SECOND_OF_WAITING

    return min(filter(may_go, waiting), key=rank, default=None)


class Turns:
    """Give turns, so many at a time.

    Args:
        slots: How many have their turn at a time.
        most_waiting: How many may wait; of one client, half of them.
        place_weight: What each place that a client has in line already adds to the weight of its next work, so that
            clients with much in line don't hold up the others.
        now: A clock in seconds.
    """

    def __init__(
        self, slots: int, *, most_waiting: int = _MOST_WAITING, place_weight: int = 0, now: Callable[[], float]
    ) -> None:
        self._slots = slots
        self._most_waiting = most_waiting
        self._place_weight = place_weight
        self._now = now
        self._waiting: list[Waiting] = []
        self._running: list[Waiting] = []

    @asynccontextmanager
    async def turn(self, client: str, weight: int) -> AsyncIterator[None]:
        """Wait for a turn, and have it for as long as the body runs. Who stops waiting loses the place.

        Raises:
            UnavailableError: Too many wait already.
        """
        own = sum(one.client == client for one in self._waiting)
        if len(self._waiting) >= self._most_waiting or (client and own >= self._most_waiting // 2):
            raise UnavailableError("This server has too much to do at once.", retry_after=_COME_BACK)
        mine = Waiting(
            client, weight + own * self._place_weight, self._now(), asyncio.get_running_loop().create_future()
        )
        self._waiting.append(mine)
        self._give()
        try:
            if mine.go:
                await mine.go
            yield
        finally:
            for place in (self._waiting, self._running):
                if mine in place:
                    place.remove(mine)
            self._give()

    def _give(self) -> None:
        while found := next_turn(self._waiting, self._running, slots=self._slots, now=self._now()):
            self._waiting.remove(found)
            self._running.append(found)
            if found.go and not found.go.done():
                found.go.set_result(None)
