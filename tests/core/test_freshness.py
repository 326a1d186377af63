"""When arXiv is worth asking again, and when a day counts as complete."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import schedule
from digest.freshness import (
    HOLIDAY_POLL,
    POLL,
    ContextState,
    DayState,
    after_answer,
    after_failure,
    after_try,
    day_state,
    due_at,
    incomplete_days,
    is_due,
    jitter,
    needs_settling,
    next_completion,
    with_day,
    with_error,
    without_days,
)
from digest.models import AnnounceType, Counts, Source
from tests.builders import NOON, WEDNESDAY, make_listing, make_paper

TUESDAY, FRIDAY, SATURDAY = date(2026, 11, 17), date(2026, 11, 20), date(2026, 11, 21)
HOLDS = DayState(mark="x", held=Counts(new=3))
COMPLETE = DayState(mark="x", held=Counts(new=3, cross=1), announced=Counts(new=3, cross=1))
BOTH = (Source.ANNOUNCEMENT_FEED, Source.LISTING_PAGE)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (bounds must be naive)


def state(*days, known=COMPLETE, **facts):
    return ContextState(context="cs.LG", days=dict.fromkeys(days, known), **facts)


def noon_of(day):
    return NOON + (day - WEDNESDAY)


class TestDue:
    def test_at_once_while_nothing_is_known(self):
        assert due_at(state(), NOON) == NOON
        assert is_due(state(), NOON)

    def test_with_the_next_announcement_while_the_newest_is_held(self):
        held = state(WEDNESDAY, checked_at=NOON, seen_day=WEDNESDAY)
        assert due_at(held, NOON) == schedule.next_feed_change(NOON) + jitter("cs.LG")

    def test_not_at_weekends(self):
        held = state(FRIDAY, checked_at=noon_of(FRIDAY), seen_day=FRIDAY)
        for hours in range(60):
            assert not is_due(held, noon_of(FRIDAY) + timedelta(hours=hours))
        assert is_due(held, noon_of(FRIDAY) + timedelta(hours=60 + 1))

    def test_each_quarter_of_an_hour_while_the_new_day_is_late(self):
        held = state(TUESDAY, checked_at=NOON, seen_day=TUESDAY)
        assert due_at(held, NOON) == NOON + POLL

    def test_more_slowly_once_arxiv_said_that_the_day_is_empty(self):
        held = state(TUESDAY, checked_at=NOON)
        for pause in (POLL, POLL, HOLIDAY_POLL, HOLIDAY_POLL):
            held = after_answer(held, WEDNESDAY, NOON)
            assert due_at(held, NOON) == NOON + pause

    def test_not_while_a_failure_is_too_fresh(self):
        failed = after_failure(state(TUESDAY, checked_at=NOON - POLL), "x", NOON)
        assert not is_due(failed, NOON)
        assert is_due(failed, NOON + timedelta(minutes=1))

    @given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=20)), st.booleans())
    def test_asking_is_never_put_off_beyond_the_next_announcement_and_its_rush(self, checked, age, shown):
        latest = schedule.latest_feed_day(checked)
        held = state(latest, checked_at=checked, seen_day=latest if shown else None)
        now = checked + age
        limit = schedule.next_feed_change(now) + timedelta(minutes=10)
        assert due_at(held, now) <= limit

    @given(st.text(min_size=1, max_size=10))
    def test_contexts_are_spread_over_ten_minutes_each_always_the_same(self, context):
        assert timedelta(0) <= jitter(context) == jitter(context) < timedelta(minutes=10)

    def test_not_everyone_asks_at_the_same_moment(self):
        assert len({jitter(f"cs.{letter}") for letter in "ABCDEFGHIJ"}) > 5


class TestFailures:
    def test_the_pause_grows_up_to_half_an_hour_and_an_answer_ends_it(self):
        failing, pauses = state(), []
        for _ in range(7):
            failing = after_failure(failing, "broken", NOON)
            pauses.append((failing.retry_at - NOON) // timedelta(minutes=1))
        assert pauses == [1, 3, 9, 27, 30, 30, 30]
        assert (failing.failures, failing.last_error, failing.last_error_at) == (7, "broken", NOON)
        answered = after_answer(failing, WEDNESDAY, NOON)
        assert (answered.failures, answered.retry_at, answered.checked_at) == (0, None, NOON)
        assert answered.last_error == "broken"  # for the status page

    def test_what_arxiv_asked_for_is_obeyed(self):
        failed = after_failure(state(), "x", NOON, retry_after=timedelta(hours=5))
        assert failed.retry_at == NOON + timedelta(hours=5)

    def test_a_long_error_is_cut(self):
        assert len(with_error(state(), "x" * 9999, NOON).last_error) == 300


class TestSettling:
    def provisional(self, day=WEDNESDAY, **facts):
        return state(day, known=HOLDS.model_copy(update={"unsettled": ("cs.CL", "cs.LG")}), **facts)

    @pytest.mark.parametrize(
        ("asked", "needed"),
        [
            (("cs.LG",), True),
            (("cs.LG", "stat.ML"), True),
            (("cs.CL", "cs.LG"), False),
            (("cs.CL", "cs.LG", "x"), False),
        ],
    )
    def test_only_for_feeds_that_lack_a_part_of_the_union(self, asked, needed):
        assert needs_settling(self.provisional(), asked, NOON) is needed

    def test_not_while_arxiv_is_left_alone_nor_without_anything_held(self):
        assert not needs_settling(self.provisional(retry_at=NOON + POLL), ("cs.LG",), NOON)
        assert not needs_settling(state(), ("cs.LG",), NOON)

    def test_a_settled_day_needs_none(self):
        assert not needs_settling(state(WEDNESDAY), ("cs.LG",), NOON)


class TestDays:
    @pytest.mark.parametrize(
        ("announced", "held", "shortfall"),
        [
            (Counts(new=5, cross=2), Counts(new=5, cross=2), Counts()),
            (Counts(new=5, cross=2), Counts(new=3, cross=4), Counts(new=2)),
            (Counts(new=5), Counts(new=6), Counts()),
            (Counts(replace=3), Counts(replace=2, replace_cross=1), Counts()),
            (Counts(replace=3), Counts(replace_cross=1), Counts(replace=2)),
        ],
    )
    def test_is_complete_once_all_that_was_announced_is_held(self, announced, held, shortfall):
        known = DayState(mark="x", held=held, announced=announced, sources=BOTH)
        assert known.shortfall == shortfall
        assert known.is_complete is (shortfall == Counts())

    def test_is_not_complete_without_totals_or_while_provisional(self):
        assert not HOLDS.is_complete
        assert not COMPLETE.model_copy(update={"unsettled": ("cs.CL", "cs.LG")}).is_complete

    def test_describes_a_listing(self):
        papers = [make_paper(id=f"2611.0000{n}", announce_type=kind) for n, kind in enumerate(AnnounceType)]
        known = day_state(
            make_listing(*papers, provisional=True, asked=("cs.CL", "cs.LG")), "x", (Source.LISTING_PAGE,)
        )
        assert known.held == Counts(new=1, cross=1, replace=1, replace_cross=1)
        assert (known.unsettled, known.sources, known.fetched_at) == (("cs.CL", "cs.LG"), (Source.LISTING_PAGE,), NOON)

    def test_the_newest_is_one_with_papers_where_there_is_one(self):
        empty = DayState(mark="y")
        assert ContextState(context="x", days={TUESDAY: COMPLETE, WEDNESDAY: empty}).newest == TUESDAY
        assert ContextState(context="x", days={TUESDAY: empty, WEDNESDAY: DayState()}).newest == TUESDAY
        assert state().newest is None

    def test_those_missing_short_or_unconfirmed_are_worth_completing_newest_first(self):
        days = {date(2026, 11, 18): COMPLETE, date(2026, 11, 17): HOLDS, date(2026, 11, 13): COMPLETE}
        found = incomplete_days(ContextState(context="x", days=days), 5, NOON)
        assert found == (date(2026, 11, 17), date(2026, 11, 16), date(2026, 11, 12))

    def test_one_that_was_tried_waits_ever_longer(self):
        known, waits = HOLDS, []
        for _ in range(7):
            known = after_try(known, NOON)
            waits.append((known.next_try - NOON) / POLL)
        assert waits == [1, 2, 4, 8, 16, 24, 24]
        tried = ContextState(context="x", days={WEDNESDAY: known})
        assert incomplete_days(tried, 1, NOON) == ()
        assert next_completion(tried, WEDNESDAY) == known.next_try
        assert incomplete_days(tried, 1, known.next_try) == (WEDNESDAY,)

    def test_nothing_beyond_what_arxiv_can_show_is_asked_for(self):
        days = incomplete_days(state(WEDNESDAY), 200, NOON)
        assert min(days) >= WEDNESDAY - timedelta(days=90)

    def test_those_that_grew_old_or_were_lost_are_forgotten(self):
        held = state(TUESDAY, date(2026, 8, 3))
        assert set(with_day(held, WEDNESDAY, COMPLETE, keep=timedelta(days=100)).days) == {WEDNESDAY, TUESDAY}
        assert set(without_days(held, {TUESDAY}).days) == {date(2026, 8, 3)}
