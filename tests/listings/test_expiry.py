from datetime import UTC, datetime, timedelta

import pytest

from digest.listings.expiry import LONGEST_TTL, SHORTEST_TTL, Expiry, expiry, first_of

NOW = datetime(2026, 11, 19, 17, tzinfo=UTC)
HOURS = [NOW + timedelta(hours=12), NOW + timedelta(hours=3)]
SECONDS = [NOW + timedelta(seconds=20)]
PAST = [NOW - timedelta(hours=1), NOW + timedelta(hours=3)]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "facts", "fresh_for"),
    [
        pytest.param(HOURS, {}, timedelta(hours=3), id="held: until the first change"),
        pytest.param(SECONDS, {}, timedelta(seconds=20), id="the change is near: not one second longer"),
        pytest.param(PAST, {}, MINUTE, id="due"),
        pytest.param([NOW], {}, MINUTE, id="due now"),
        pytest.param(HOURS, {"unfinished": True}, MINUTE, id="settling"),
        pytest.param(SECONDS, {"unfinished": True}, timedelta(seconds=20), id="settling, and the change is near"),
        pytest.param(HOURS, {"missing": True}, MINUTE, id="missing"),
        pytest.param(HOURS, {"lacking": True}, timedelta(minutes=10), id="lacks summaries"),
        pytest.param(SECONDS, {"lacking": True}, timedelta(seconds=20), id="lacks summaries, and the change is near"),
        pytest.param(HOURS, {"lacking": True, "missing": True}, MINUTE, id="missing goes before lacking"),
        pytest.param([], {}, timedelta(days=7), id="nothing is known to change it"),
        pytest.param([], {"at_most": MINUTE / 2}, MINUTE / 2, id="looked at often"),
        pytest.param(PAST, {"at_most": MINUTE / 2}, MINUTE / 2, id="looked at often, and due"),
    ],
)
def test_an_answer_stays_true_until_the_first_change(changes, facts, fresh_for):
    assert expiry(NOW, changes, **facts).fresh_for == fresh_for


@pytest.mark.parametrize(("unfinished", "settled"), [(False, True), (True, False)])
def test_what_is_unfinished_is_never_settled(unfinished, settled):
    found = expiry(NOW, unfinished=unfinished, settled=True)
    assert (found.unfinished, found.settled) == (unfinished, settled)


@pytest.mark.parametrize(
    ("parts", "more", "whole"),
    [
        ([], {}, Expiry(LONGEST_TTL)),
        ([Expiry(MINUTE), Expiry(SHORTEST_TTL / 2)], {}, Expiry(SHORTEST_TTL / 2)),
        ([Expiry(MINUTE, unfinished=True), Expiry(MINUTE)], {}, Expiry(MINUTE, unfinished=True)),
        ([Expiry(MINUTE, is_kept=False), Expiry(MINUTE)], {}, Expiry(MINUTE, is_kept=False)),
        ([Expiry(MINUTE)], {"unfinished": True, "at_most": MINUTE / 4}, Expiry(MINUTE / 4, unfinished=True)),
    ],
)
def test_a_page_stays_true_as_long_as_its_first_part(parts, more, whole):
    assert first_of(parts, **more) == whole
