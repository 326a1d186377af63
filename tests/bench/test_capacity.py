"""The simulated week: what a CDN spares, when readers see a new day, and that it is the same every time."""

import math
from dataclasses import replace

import pytest

from bench.capacity import (
    COSTS,
    DAY,
    HABITS,
    HOUR,
    MINUTE,
    PENDING_S,
    WEEK,
    Deployment,
    Load,
    Reader,
    limits,
    make_readers,
    peak_polls,
    quantile,
    row,
    simulate,
)

CONTAINER = Deployment("container", readers=300, addresses=40, categories=10)
BEHIND_CDN = replace(CONTAINER, name="behind a CDN", regions=3)
FUNCTION = replace(BEHIND_CDN, name="functions", idle_s=5 * MINUTE, keep_warm_s=0)
STORELESS = replace(FUNCTION, name="functions without store", shared_store=False)


@pytest.fixture(scope="module")
def loads() -> dict[str, Load]:
    return {plan.name: simulate(plan) for plan in (CONTAINER, BEHIND_CDN, FUNCTION, STORELESS)}


@pytest.mark.parametrize(
    ("every_s", "phase_s", "begin_s", "end_s", "polls"),
    [
        (HOUR, 0, 0, DAY, 24),
        (HOUR, 1, 0, DAY, 24),
        (HOUR, 1800, 1801, HOUR, 0),
        (HOUR, 1800, 0, 1800, 0),
        (HOUR, 1800, 0, 1801, 1),
        (DAY, 5 * HOUR, 6 * HOUR, 3 * DAY, 2),
    ],
)
def test_polls_are_counted_up_to_but_not_including_the_end(
    every_s: float, phase_s: float, begin_s: float, end_s: float, polls: int
) -> None:
    assert Reader(0, 0, every_s, phase_s).polls(begin_s, end_s) == polls


def test_shares_of_habits_make_a_whole() -> None:
    assert math.isclose(sum(habit.share for habit in HABITS), 1)


def test_readers_are_the_same_for_the_same_seed_and_few_addresses_have_most_of_them() -> None:
    readers = make_readers(CONTAINER, 3)

    assert readers == make_readers(CONTAINER, 3) != make_readers(CONTAINER, 4)
    first, last = (sum(reader.address in part for reader in readers) for part in (range(10), range(30, 40)))
    assert first > 4 * last


def test_the_same_seed_gives_the_same_row() -> None:
    assert row(simulate(FUNCTION, seed=5)) == row(simulate(FUNCTION, seed=5))


@pytest.mark.parametrize("name", ["container", "behind a CDN", "functions", "functions without store"])
def test_every_poll_of_the_week_is_counted_once(loads: dict[str, Load], name: str) -> None:
    expected = sum(7 * DAY / reader.every_s for reader in make_readers(loads[name].deployment, 7))

    assert loads[name].polls == pytest.approx(expected, rel=0.01)


def test_nobody_misses_a_day(loads: dict[str, Load]) -> None:
    assert {len(load.ages_s) for load in loads.values()} == {300 * len(WEEK)}


def test_without_a_cdn_every_poll_is_a_call(loads: dict[str, Load]) -> None:
    assert loads["container"].calls == loads["container"].polls


def test_a_cdn_answers_all_but_a_few_polls_of_each_copy(loads: dict[str, Load]) -> None:
    load = loads["functions"]
    copies = len({(reader.address, reader.region) for reader in make_readers(FUNCTION, 7)}) * len(WEEK)

    assert copies <= load.calls <= 1.5 * copies
    assert load.from_cdn > 0.8


def test_each_new_day_is_asked_for_once_with_a_store_and_again_by_each_process_without(loads: dict[str, Load]) -> None:
    assert loads["functions"].refreshes == 10 * len(WEEK)
    assert loads["functions"].requests == COSTS.day_requests * 10 * len(WEEK)
    assert loads["functions without store"].requests > 2 * loads["functions"].requests


def test_a_function_shows_the_day_to_the_poll_that_finds_it_due() -> None:
    """Only polls in the minutes before the category is due see the day before."""
    lonely = replace(FUNCTION, readers=40, categories=1, regions=1)

    assert quantile(simulate(lonely).delays_s, 0.99) <= 10


def test_a_late_arxiv_costs_calls_every_minute_and_requests_every_quarter_of_an_hour() -> None:
    on_time, late = simulate(FUNCTION), simulate(FUNCTION, late_s=2 * HOUR)

    assert late.calls > on_time.calls
    assert late.refreshes == on_time.refreshes
    checks = late.requests - on_time.requests
    assert 0 < checks <= FUNCTION.categories * len(WEEK) * 2 * HOUR / (15 * MINUTE)
    assert min(late.ages_s) >= 2 * HOUR


def test_a_late_arxiv_reaches_a_living_process_with_its_next_look() -> None:
    load = simulate(replace(CONTAINER, readers=50), late_s=HOUR)

    assert quantile(load.delays_s, 1) <= DAY + 2 * PENDING_S


def test_machines_that_are_off_poll_and_see_nothing() -> None:
    load = simulate(replace(CONTAINER, readers=20, awake=(7, 22)))

    assert min(load.ages_s) >= 3 * HOUR
    assert load.polls < simulate(replace(CONTAINER, readers=20)).polls


def test_readers_by_the_clock_make_a_peak() -> None:
    apart = [Reader(0, 0, HOUR, number * 30.0 + 15) for number in range(120)]
    together = [replace(reader, phase_s=1.0) for reader in apart]

    assert peak_polls(apart) < 0.2
    assert peak_polls(together) > 12


def test_the_nearest_limit_comes_first(loads: dict[str, Load]) -> None:
    for load in loads.values():
        used = [limit.used for limit in limits(load)]
        assert used == sorted(used, reverse=True)
    assert limits(simulate(replace(FUNCTION, readers=20_000)))[0].name == "transfer"


def test_a_small_deployment_stays_far_below_the_limits_of_free_plans() -> None:
    load = simulate(replace(FUNCTION, readers=20, addresses=5, categories=5, regions=6))

    assert limits(load)[0].used < 0.1
