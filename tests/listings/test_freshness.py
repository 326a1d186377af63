"""When arXiv is worth asking again, and when a day counts as complete."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv import schedule
from digest.listings.empty_days import after_dispute, after_empty_answer, is_unusual
from digest.listings.freshness import (
    HOLIDAY_POLL,
    POLL,
    after_answer,
    after_failure,
    after_start,
    after_try,
    due_at,
    incomplete_days,
    is_due,
    is_first_check,
    jitter,
    needs_settling,
    next_completion,
    wait_left,
    with_error,
    with_failed_day,
)
from digest.listings.states import ContextState, DayState, day_state, with_day, without_days
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
        assert known.next_try
        assert incomplete_days(tried, 1, known.next_try) == (WEDNESDAY,)

    def test_nothing_beyond_what_arxiv_can_show_is_asked_for(self):
        days = incomplete_days(state(WEDNESDAY), 200, NOON)
        assert min(days) >= WEDNESDAY - timedelta(days=90)

    def test_those_that_grew_old_or_were_lost_are_forgotten(self):
        held = state(TUESDAY, date(2026, 8, 3))
        assert set(with_day(held, WEDNESDAY, COMPLETE, keep=timedelta(days=100)).days) == {WEDNESDAY, TUESDAY}
        assert set(without_days(held, {TUESDAY}).days) == {date(2026, 8, 3)}


FEED, PAGE, CATCH_UP, API = Source.ANNOUNCEMENT_FEED, Source.LISTING_PAGE, Source.CATCH_UP_PAGE, Source.QUERY_API
HOURS = timedelta(hours=1)


def empty(*sources, **facts):
    return DayState(mark="e", sources=sources, fetched_at=NOON, **facts)


class TestEmptyDays:
    @pytest.mark.parametrize(
        ("known", "complete"),
        [
            (empty(FEED), False),
            (empty(PAGE), False),
            (empty(API), False),
            (empty(PAGE, CATCH_UP), False),  # one service
            (empty(FEED, PAGE), True),
            (empty(CATCH_UP, API), True),
            (empty(FEED, API), True),
            (empty(CATCH_UP, announced=Counts()), False),  # as stored before services had to agree
            (empty(CATCH_UP, no_announcement=True), True),
            (empty(FEED, CATCH_UP, disputed_at=NOON), False),
            (empty(CATCH_UP, disputed_at=NOON, checks=4), False),
            (empty(CATCH_UP, disputed_at=NOON, checks=5), True),  # the page has decided
            (DayState(), False),
        ],
    )
    def test_are_complete_once_two_services_agree_or_the_page_has_decided(self, known, complete):
        assert known.is_complete is complete
        assert known.is_unconfirmed is (bool(known.mark) and not complete)

    @pytest.mark.parametrize(
        ("announced", "sources", "complete"),
        [
            (Counts(new=3, cross=1), (CATCH_UP,), True),
            (Counts(new=3, cross=1), (FEED,), True),
            (Counts(new=3), (CATCH_UP,), False),
            (Counts(cross=3), (CATCH_UP,), False),
            (Counts(replace=3), (PAGE, CATCH_UP), False),
            (Counts(new=3), (FEED, PAGE), True),
            (Counts(cross=3), (CATCH_UP, API), True),
        ],
    )
    def test_a_page_that_lacks_a_section_needs_a_second_service_too(self, announced, sources, complete):
        known = DayState(mark="x", held=announced, announced=announced, sources=sources)
        assert known.is_complete is complete

    @pytest.mark.parametrize(
        ("papers_by_day", "unusual"),
        [
            ({}, True),  # nothing is stored
            ({9: 0, 10: 0, 11: 0}, True),  # no day has any
            ({9: 3, 10: 3, 11: 3, 12: 3}, True),
            ({9: 3, 10: 3, 11: 3, 12: 3, 13: 0}, True),  # four of five
            ({9: 3, 10: 3, 11: 3, 12: 0}, False),  # three of four
            ({9: 3, 10: 0}, False),
        ],
    )
    def test_are_unusual_where_nearly_all_others_have_papers_or_none_has(self, papers_by_day, unusual):
        days = {date(2026, 11, day): COMPLETE if count else empty(FEED, PAGE) for day, count in papers_by_day.items()}
        assert is_unusual(ContextState(context="x", days=days), WEDNESDAY) is unusual

    def test_that_are_in_doubt_themselves_make_no_habit(self):
        doubted = empty(FEED, PAGE, next_try=NOON)
        days = {date(2026, 11, 12): COMPLETE, date(2026, 11, 13): doubted, date(2026, 11, 16): doubted}
        assert is_unusual(ContextState(context="x", days=days), WEDNESDAY)

    @staticmethod
    def asked_at(known, *, unusual):
        """The hours after the first answer at which an empty day is asked for again, each time without papers."""
        hours, known = [], after_empty_answer(DayState(), known, NOON, unusual=unusual)
        while known.next_try:
            hours.append((known.next_try - NOON) // HOURS)
            known = after_empty_answer(known, known, known.next_try, unusual=unusual)
        return hours

    def test_are_checked_as_often_as_the_doubt_is_worth(self):
        assert self.asked_at(empty(FEED, PAGE), unusual=False) == [24]
        assert self.asked_at(empty(FEED, PAGE), unusual=True) == [1, 24]
        assert self.asked_at(empty(PAGE), unusual=True) == []  # a second service is asked first
        assert self.asked_at(empty(PAGE, no_announcement=True), unusual=True) == []
        disputed = after_dispute(empty(CATCH_UP), NOON)
        assert disputed.next_try == NOON + HOURS
        assert self.asked_at(disputed, unusual=True) == [1, 4, 24, 72, 168]

    def test_what_a_sleeping_server_missed_is_one_check(self):
        known = after_empty_answer(DayState(), empty(FEED, PAGE), NOON, unusual=True)
        late = after_empty_answer(known, known, NOON + 30 * HOURS, unusual=True)
        assert (late.checks, late.next_try) == (2, None)

    def test_what_is_known_of_them_stays_while_they_are_empty_and_goes_with_the_first_paper(self):
        before = empty(CATCH_UP, disputed_at=NOON, checks=2, next_try=NOON, asked_at=NOON)
        still = day_state(make_listing(), "e", (CATCH_UP,), before)
        assert (still.disputed_at, still.checks, still.next_try, still.asked_at) == (NOON, 2, NOON, NOON)
        filled = day_state(make_listing(make_paper()), "x", (CATCH_UP,), before)
        assert (filled.disputed_at, filled.checks, filled.next_try) == (None, 0, None)


class TestSettledDays:
    @pytest.mark.parametrize(
        ("days", "settled"),
        [
            ({WEDNESDAY: COMPLETE}, True),
            ({WEDNESDAY: HOLDS}, True),
            ({WEDNESDAY: empty(FEED, PAGE)}, True),
            ({WEDNESDAY: empty(PAGE, no_announcement=True)}, True),
            ({WEDNESDAY: empty(FEED)}, False),
            ({WEDNESDAY: empty(PAGE, disputed_at=NOON)}, False),
            ({TUESDAY: COMPLETE}, False),
            ({date(2026, 11, 19): COMPLETE}, True),  # a newer one
            ({}, False),
        ],
    )
    def test_have_papers_or_are_confirmed_to_have_none(self, days, settled):
        known = ContextState(context="cs.LG", days=days, checked_at=NOON, seen_day=WEDNESDAY, answers=9)
        assert known.is_settled(WEDNESDAY) is settled
        opening = datetime(2026, 11, 19, 5, tzinfo=UTC) + jitter("cs.LG")
        assert due_at(known, NOON) == (opening if settled else NOON + HOLIDAY_POLL)

    @pytest.mark.parametrize(("day", "pause"), [(date(2026, 11, 27), HOLIDAY_POLL), (date(2026, 11, 20), POLL)])
    def test_a_weekday_that_may_be_a_holiday_is_asked_for_hourly_from_the_opening_on(self, day, pause):
        opening = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + jitter("cs.LG")
        before = opening - timedelta(minutes=30)
        known = state(day - timedelta(days=1), checked_at=before)
        assert due_at(known, before) == opening
        assert due_at(known.model_copy(update={"checked_at": opening}), opening) == opening + pause


class TestWeekdaysNobodyAskedFor:
    @pytest.mark.parametrize("holiday", [date(2026, 11, 27), date(2026, 11, 20)])
    def test_are_completed_once_they_are_over_whatever_the_calendar_says(self, holiday):
        held = state(holiday - timedelta(days=1), known=COMPLETE)
        on_the_day, saturday = noon_of(holiday), noon_of(holiday + timedelta(days=1))
        assert holiday not in incomplete_days(held, 3, on_the_day)
        assert holiday in incomplete_days(held, 3, saturday)

    def test_count_in_a_window_until_arxiv_shows_that_they_had_none(self):
        monday, friday, wednesday = date(2026, 11, 30), date(2026, 11, 27), date(2026, 11, 25)
        held = state(monday, date(2026, 11, 26))
        assert incomplete_days(held, 3, noon_of(monday)) == (friday,)
        shown = held.model_copy(update={"days": {**held.days, friday: empty(CATCH_UP, API)}})
        assert shown.without_announcement == {friday}
        assert incomplete_days(shown, 3, noon_of(monday)) == (wednesday,)

    def test_a_quiet_day_of_one_category_is_none_without_announcement(self):
        assert state(WEDNESDAY, known=empty(FEED, PAGE)).without_announcement == frozenset()

    def test_a_day_that_no_page_showed_is_left_to_the_next_check_until_it_is_over(self):
        days = {TUESDAY: COMPLETE, WEDNESDAY: empty(FEED)}
        assert WEDNESDAY not in incomplete_days(ContextState(context="x", days=days), 2, NOON)
        assert WEDNESDAY in incomplete_days(ContextState(context="x", days=days), 2, noon_of(date(2026, 11, 19)))
        days[WEDNESDAY] = empty(PAGE)
        assert WEDNESDAY in incomplete_days(ContextState(context="x", days=days), 2, NOON)


class TestPauses:
    @pytest.mark.parametrize(
        ("tries", "minutes"), [(1, 15), (2, 30), (3, 60), (5, 240), (6, 360), (7, 360), (10_000, 360)]
    )
    def test_behind_the_answers(self, tries, minutes):
        known = after_try(DayState(tries=tries - 1, error="down"), NOON)
        assert (known.tries, known.error) == (tries, "")
        assert known.next_try == NOON + timedelta(minutes=minutes)

    @pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (5, 16), (6, 32), (7, 60), (10_000, 60)])
    def test_while_somebody_waits(self, tries, minutes):
        day = date(2020, 1, 2)
        state = ContextState(context="cs.LG", days={day: DayState(tries=tries - 1)})
        known = with_failed_day(state, day, "down", NOON).days[day]
        assert (known.tries, known.error) == (tries, "down")
        assert known.next_try == NOON + timedelta(minutes=minutes)

    def test_what_arxiv_asks_for_goes_before(self):
        day = date(2020, 1, 2)
        state = with_failed_day(ContextState(context="cs.LG"), day, "no", NOON, retry_after=timedelta(hours=3))
        assert state.days[day].next_try == NOON + timedelta(hours=3)

    def test_attempts_are_bounded_and_what_is_held_is_never_forgotten_for_them(self):
        held = {WEDNESDAY: DayState(mark="x")}
        state = ContextState(context="cs.LG", days=held)
        days = [date(2020, 1, 1) + timedelta(days=number) for number in range(100)]
        for number, day in enumerate(days):
            state = with_failed_day(state, day, "down", NOON + timedelta(seconds=number))
            assert len(state.days) == 1 + min(number + 1, 40)
        assert state.days.keys() == {WEDNESDAY, *days[-40:]}


class TestWaiting:
    """Readers wait for the first check of an announcement, from its start on, and once more if it was left behind."""

    OPENING = schedule.feed_instant(WEDNESDAY)
    BEFORE, AFTER = OPENING - timedelta(minutes=1), OPENING + timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("now", "known", "first"),
        [
            (NOON, {}, True),
            (NOON, {"checked_at": BEFORE}, True),
            (NOON, {"checked_at": BEFORE, "asked_at": BEFORE}, True),
            (NOON, {"checked_at": AFTER}, False),
            (NOON, {"checked_at": BEFORE, "asked_at": AFTER}, False),
            (NOON, {"asked_at": AFTER}, False),
            (NOON, {"began_at": AFTER, "begun": 1}, True),
            (NOON, {"days": {WEDNESDAY: DayState(mark="x", held=Counts(new=1))}}, False),
            (NOON, {"days": {TUESDAY: DayState(mark="x", held=Counts(new=1))}}, True),
            (datetime(2026, 11, 21, 17, tzinfo=UTC), {"checked_at": NOON}, True),  # Saturday; Friday is not settled
            (datetime(2026, 11, 27, 17, tzinfo=UTC), {"checked_at": NOON}, False),  # the Friday after Thanksgiving
            (datetime(2026, 11, 30, 17, tzinfo=UTC), {"checked_at": NOON}, True),
        ],
    )
    def test_which_check_is_the_first(self, now, known, first):
        assert is_first_check(ContextState(context="cs.LG", **known), now) is first

    @pytest.mark.parametrize(
        ("known", "seconds"),
        [
            ({}, 8),
            ({"began_at": NOON, "begun": 1}, 8),
            ({"began_at": NOON - timedelta(seconds=3), "begun": 1}, 5),
            ({"began_at": NOON + timedelta(seconds=3), "begun": 1}, 8),  # clocks of instances differ
            ({"began_at": NOON - timedelta(seconds=8), "begun": 1}, 0),
            ({"began_at": NOON - timedelta(seconds=59), "begun": 1}, 0),
            ({"began_at": NOON - timedelta(seconds=60), "begun": 1}, 8),
            ({"began_at": NOON - timedelta(seconds=3), "begun": 2}, 5),
            ({"began_at": NOON - timedelta(seconds=60), "begun": 2}, 0),
            ({"began_at": NOON - timedelta(seconds=3), "begun": 3}, 0),
            ({"began_at": BEFORE, "begun": 2}, 8),  # another announcement's
        ],
    )
    def test_how_long_is_left(self, known, seconds):
        left = wait_left(ContextState(context="cs.LG", **known), NOON, timedelta(seconds=8))
        assert left == timedelta(seconds=seconds)

    def test_starts_are_counted_by_announcement_and_forgotten_with_an_end(self):
        state = after_start(after_start(ContextState(context="cs.LG"), NOON), NOON)
        assert (state.begun, state.began_at) == (2, NOON)
        assert after_start(state, NOON + timedelta(days=1)).begun == 1
        for ended in (after_answer(state, WEDNESDAY, NOON), after_failure(state, "down", NOON)):
            assert (ended.begun, ended.began_at, ended.asked_at) == (0, None, NOON)


def test_a_day_without_papers_pushes_none_with_papers_out():
    """What arXiv shows may be old: a copy of it, or a long silence. It stays what there is to show."""
    old, today, keep = date(2026, 1, 29), date(2026, 11, 27), timedelta(days=100)
    state = ContextState(context="cs.LG", days={old: DayState(mark="x", held=Counts(new=3))})
    assert set(with_day(state, today, DayState(passed_over=True), keep=keep).days) == {old, today}
    assert set(with_day(state, today, DayState(mark="y", held=Counts(new=1)), keep=keep).days) == {today}
    empty = with_day(ContextState(context="cs.LG"), old, DayState(mark="x"), keep=keep)
    assert set(with_day(empty, today, DayState(), keep=keep).days) == {today}
