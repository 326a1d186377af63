"""Fair turns: who goes next, as a table; and that nobody is forgotten."""

import asyncio

import pytest

from digest.concurrency.turns import LARGE, Turns, Waiting, next_turn
from digest.errors import UnavailableError

pytestmark = pytest.mark.anyio


def made(text):
    """Read "a:10 b:20@3": client, weight and, after @, since when it waits."""
    found = []
    for part in text.split():
        client, _, rest = part.partition(":")
        weight, _, since = rest.partition("@")
        found.append(Waiting(client, int(weight), float(since or 10)))
    return found


@pytest.mark.parametrize(
    ("running", "waiting", "chosen"),
    [
        ("", "", None),
        ("", "a:10", "a:10"),
        ("a:1 a:1 b:1", "c:1", None),  # every slot is taken
        ("", "a:500 b:20", "b:20"),  # the lightest
        ("a:1", "a:5 b:900", "b:900"),  # the client with least under way
        ("a:1 a:1", "a:5", None),  # two of a client at most
        ("a:1 a:1", "a:5 b:900", "b:900"),
        ("", f"a:{LARGE} b:{LARGE - 1}", f"b:{LARGE - 1}"),
        (f"a:{LARGE}", f"a:{LARGE}", None),  # one large of a client
        (f"a:{LARGE}", f"a:{LARGE} a:10", "a:10"),
        (f"a:{LARGE}", f"b:{LARGE}", f"b:{LARGE}"),
        (f"a:{LARGE} b:{LARGE}", f"c:{LARGE}", None),  # one slot is never for large work
        (f"a:{LARGE} b:{LARGE}", f"c:{LARGE} a:3", "a:3"),
        ("", "a:5000@0 b:20", "a:5000@0"),  # ten seconds of waiting make up for it
    ],
)
def test_whose_turn_is_next(running, waiting, chosen):
    found = next_turn(made(waiting), made(running), slots=3, now=10.0)
    expected = made(chosen)[0] if chosen else None
    assert (found and (found.client, found.weight)) == (expected and (expected.client, expected.weight))


async def test_all_get_their_turn_and_never_too_many_at_once():
    rota, under_way, most = Turns(3, now=lambda: 0.0), 0, 0

    async def work(client, weight):
        nonlocal under_way, most
        async with rota.turn(client, weight):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(work(str(n % 7), n * 37 % 4_000) for n in range(200)))
    assert most == 3
    assert under_way == 0


async def test_who_gives_up_gives_the_turn_to_the_next():
    rota = Turns(1, now=lambda: 0.0)
    order = []

    async def work(name):
        async with rota.turn(name, 1):
            order.append(name)

    async with rota.turn("first", 1):
        tasks = [asyncio.create_task(work(name)) for name in "abc"]
        await asyncio.sleep(0)
        tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["b", "c"]


async def test_too_many_are_told_to_come_back_half_of_the_places_are_left_to_other_clients():
    rota = Turns(1, most_waiting=6, now=lambda: 0.0)

    async def work(client):
        async with rota.turn(client, 1):
            await asyncio.sleep(0)

    done = await asyncio.gather(*(work(client) for client in "aaaaaabbbbbb"), return_exceptions=True)
    told = [isinstance(one, UnavailableError) for one in done]
    # One has its turn; three of each client wait.
    assert told == [*[False] * 4, *[True] * 2, *[False] * 3, *[True] * 3]
