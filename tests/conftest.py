"""What all tests share: golden files and the switch that rewrites them, and a clock that nobody may look at.

The program's own clock (`digest.clock.utc_now`) fails in every test: a test hands over its own, or says that it needs
the real one with the marker `real_time`. `pytest --today DATE` runs everything as if it were noon of that day (US
Eastern): the program's clock and the tests' own `datetime` alike.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, settings

from digest import clock

# A busy machine is no bug: no example has a deadline. What lands is judged by the same examples each time; whoever
# works on the program gets new ones with every run, and many more with `--hypothesis-profile thorough`.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.register_profile(  # the same test runs again and again in one process
    "mutation", parent=settings.get_profile("ci"), max_examples=25, suppress_health_check=list(HealthCheck)
)
settings.load_profile("ci" if os.environ.get("CI") else "quick")

EXPECTED = Path(__file__).parent / "data" / "expected"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/data/expected from what comes out")
    parser.addoption(
        "--today", type=date.fromisoformat, metavar="DATE", help="run everything as if it were noon of this day"
    )


class ClockOfNobody(datetime):
    """Stands in for `datetime` where the program reads the time: fails, and remembers, since failures get caught."""

    reads: ClassVar[list[str]] = []

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "ClockOfNobody":
        test = os.environ.get("PYTEST_CURRENT_TEST", "a fixture")
        cls.reads.append(test)
        raise AssertionError(f"{test}: the program asked the system for the time; hand over a clock")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_time: this test means the real time of day, for a reason that it states")
    day = config.getoption("--today")
    if day:
        travel = time_machine.travel(datetime.combine(day, time(12), ZoneInfo("America/New_York")), tick=True)
        travel.start()
        config.add_cleanup(travel.stop)
    vars(clock)["datetime"] = ClockOfNobody  # fixtures of a session are made before any fixture of a test


@pytest.fixture(autouse=True)
def _no_system_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let only tests with the marker `real_time` see what time it is; fail the others that made the program look."""
    if request.node.get_closest_marker("real_time"):
        vars(clock)["datetime"] = datetime
        yield
        vars(clock)["datetime"] = ClockOfNobody
        return
    yield
    reads = list(ClockOfNobody.reads)
    ClockOfNobody.reads.clear()
    assert not reads, f"the program asked the system for the time: {reads}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is slow last, otherwise in the random order that was chosen: mistakes show early."""
    items.sort(key=lambda item: item.get_closest_marker("end_to_end") is not None)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def assert_golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with tests/data/expected/NAME, or with --update-golden write them there."""

    def check(name: str, found: bytes) -> None:
        path = EXPECTED / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
        assert path.exists(), f"no golden file {name}: run pytest --update-golden and read what it writes"
        assert found == path.read_bytes()

    return check
