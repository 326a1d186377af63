"""What all tests share: golden files and the switch that rewrites them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no bug: no example has a deadline. What lands is judged by the same examples each time; whoever
# works on the program gets new ones with every run.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")

EXPECTED = Path(__file__).parent / "data" / "expected"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/data/expected from what comes out")


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
