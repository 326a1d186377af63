"""What the numbers of many days tell."""

from datetime import date, timedelta

import pytest

from digest.listings.tallies import Tally
from digest.models import Counts
from digest.reports.statistics import NewTerm, new_terms, statistics_of

FIRST = date(2026, 1, 5)


def weekdays(count):
    days = (FIRST + timedelta(days=n) for n in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


def tally(new=10, code=2, **terms):
    return Tally(counts=Counts(new=new), code=code, terms={name.replace("_", " "): n for name, n in terms.items()})


def test_nothing_counted_tells_nothing():
    found = statistics_of({"cs.LG": {}})
    assert (found.first, found.new_terms, found.contexts[0].spans) == (None, (), ())


def test_few_days_stand_for_themselves():
    days = weekdays(3)
    found = statistics_of({"cs.LG": {days[0]: tally(), days[2]: tally(20)}, "cs.CL": {days[1]: tally(5, 0)}})
    learning, language = found.contexts
    assert [(span.label, span.papers_a_day) for span in learning.spans] == [
        ("2026-01-05", 10),
        ("2026-01-06", 0),
        ("2026-01-07", 20),
    ]
    assert [span.days for span in language.spans] == [0, 1, 0]
    assert (learning.total.counts.new, learning.days) == (30, 2)
    assert [span.code_share for span in language.spans] == [None, 0.0, None]
    assert not found.by_week


def test_many_days_are_shown_by_weeks_as_papers_a_day():
    days = weekdays(50)
    found = statistics_of({"cs.LG": {day: tally(10 if day < days[25] else 30) for day in days}})
    assert found.by_week
    assert [span.label for span in found.contexts[0].spans][:2] == ["2026-W02", "2026-W03"]
    assert found.contexts[0].spans[0].papers_a_day == 10
    assert found.contexts[0].spans[-1].papers_a_day == 30
    assert found.contexts[0].spans[0].code_share == pytest.approx(0.2)


class TestNewTerms:
    def found(self, before, now, days=25):
        all_days = weekdays(days)
        known = {day: tally(**(now if day >= all_days[-5] else before)) for day in all_days}
        return new_terms({"cs.LG": known}, all_days)

    def test_are_those_that_exceed_what_is_expected_clearly(self):
        assert self.found({"graph": 2}, {"graph": 2, "mamba": 1}) == (NewTerm("mamba", 5, 0.0),)
        assert self.found({"graph": 2}, {"graph": 4}) == (NewTerm("graph", 20, 10.0),)
        assert self.found({"graph": 2}, {"graph": 3}) == ()

    def test_are_none_on_the_word_of_two_titles(self):
        days = weekdays(25)
        known = {day: tally(**({"mamba": 1} if day in days[-2:] else {})) for day in days}
        assert new_terms({"cs.LG": known}, days) == ()

    def test_need_days_before(self):
        assert self.found({}, {"mamba": 9}, days=9) == ()

    def test_leave_out_words_of_a_pair_that_says_more(self):
        found = self.found({}, {"world": 2, "world_model": 2, "model": 9})
        assert [one.term for one in found] == ["model", "world model"]

    def test_allow_for_more_papers(self):
        all_days = weekdays(25)
        known = {day: tally(30, graph=6) if day >= all_days[-5] else tally(10, graph=2) for day in all_days}
        assert new_terms({"cs.LG": known}, all_days) == ()
