"""What no value may hold, whoever makes it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from digest.listings.windows import SearchResult
from digest.models import Summary
from tests.builders import make_listing, make_paper


def make_summary(**facts):
    return Summary(engine="m", language="en", **facts)


def make_result(**facts):
    return SearchResult(query="cat:cs.LG", papers=(), total=0, **facts)


INSTANTS = [
    (make_paper, "published"),
    (make_paper, "updated"),
    (make_listing, "fetched_at"),
    (make_summary, "created"),
    (make_result, "fetched_at"),
]
NAMES = [f"{make.__name__.removeprefix('make_')}.{name}" for make, name in INSTANTS]


@pytest.mark.parametrize(("make", "name"), INSTANTS, ids=NAMES)
@pytest.mark.parametrize("naive", [datetime(2026, 11, 18, 17), "2026-11-18T17:00:00", "2026-11-18 17:00", "2026-11-18"])  # noqa: DTZ001 (that is the point)
def test_an_instant_without_a_zone_is_refused(make, name, naive):
    with pytest.raises(ValidationError, match=f"{name}\n.*timezone"):
        make(**{name: naive})


@pytest.mark.parametrize(("make", "name"), INSTANTS, ids=NAMES)
@pytest.mark.parametrize(
    "aware",
    [
        datetime(2026, 11, 18, 17, tzinfo=UTC),
        datetime(2026, 11, 18, 12, tzinfo=timezone(timedelta(hours=-5))),
        "2026-11-18T17:00:00Z",
        "2026-11-18T12:00:00-05:00",
    ],
)
def test_an_instant_with_any_zone_is_kept(make, name, aware):
    assert getattr(make(**{name: aware}), name) == datetime(2026, 11, 18, 17, tzinfo=UTC)
