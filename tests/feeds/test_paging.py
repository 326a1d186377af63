"""Cursors: places in a list that hold when newer entries come before it."""

from datetime import date, timedelta

import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.errors import InputError
from digest.feeds.paging import cursor_behind, newest_of, position_of
from digest.feeds.papers import FeedRequest
from digest.models import Entry
from digest.selection import Selection
from tests.builders import make_paper

DAY = date(2026, 11, 27)
REQUEST = FeedRequest(parse_spec("cs.LG"), Selection())


def entry(ident, days_ago=0, score=0):
    return Entry(paper=make_paper(id=ident, announced=DAY - timedelta(days=days_ago)), score=score)


# The first and the last are one paper: its replacement is an item of its own.
ENTRIES = [entry("2611.00001"), entry("2611.00002"), entry("2611.00003", 1), entry("2611.00001", 2)]


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        (ENTRIES, (1, 2, 3, 4)),
        ([entry("2611.00009"), *ENTRIES], (2, 3, 4, 5)),  # a newer one came
        (ENTRIES[1:], (3, 1, 2, 3)),  # the first one is gone, but not its paper
        ([ENTRIES[0], ENTRIES[3]], (1, 1, 1, 2)),
        ([], (0, 0, 0, 0)),
    ],
)
def test_a_cursor_points_behind_its_entry(entries, place):
    cursors = [cursor_behind(REQUEST, one) for one in ENTRIES]
    assert tuple(position_of(cursor, REQUEST, entries) for cursor in cursors) == place


def test_a_cursor_may_name_the_day_of_its_list():
    assert newest_of(cursor_behind(REQUEST, ENTRIES[2], DAY), REQUEST) == DAY
    with pytest.raises(InputError, match="not usable"):
        newest_of(cursor_behind(REQUEST, ENTRIES[2]), REQUEST)
    with pytest.raises(InputError, match="other parameters"):
        newest_of(cursor_behind(REQUEST, ENTRIES[2], DAY), FeedRequest(parse_spec("cs.CL"), Selection()))
