"""Wishes without a model: likeness, who is considered, what grades do to order and to what is shown."""

from datetime import date, timedelta

import pytest

from digest.models import Entry, Match, Proof, Standing
from digest.selection import Filters, Selection, explain, narrow, select
from digest.selection.selecting import candidates
from digest.selection.wishes import Fate, Judged, Unjudged, Verdict, Wish, Wishes, best_grade, considered, fate, graded
from tests.builders import WEDNESDAY, make_paper

SPEECH = "a new data set of speech in languages with few resources"
DUST = "maps of interstellar dust in the Milky Way"
PROOF = Proof(quote="we release recordings of forty languages", field="abstract")
PAPERS = (
    make_paper(id="2611.00001", title="Gauge theories on a lattice", abstract="We compute the mass gap of gluons."),
    make_paper(
        id="2611.00002",
        title="A corpus of spoken Quechua",
        abstract="We release a speech data set for languages with few resources, recorded by native speakers.",
    ),
    make_paper(
        id="2611.00003", title="Dust in the Milky Way", abstract="We map interstellar dust in three dimensions."
    ),
    make_paper(id="2611.00004", title="Rings of polynomials", abstract="We classify ideals of polynomial rings."),
)
IDS = [paper.id for paper in PAPERS]


def wishing(*wants, **settings):
    made = [Wish(text=text) for text in wants]
    return Selection(wishes=Wishes(wants=tuple(made), **settings))


def ids(entries):
    return [entry.paper.id[-1] for entry in entries]


def judged(*, is_open=True, overdue=(), **grades):
    """Grades for SPEECH by the last digit of the id, given as `_2=4`."""
    verdicts = {
        f"2611.0000{name[1:]}": {SPEECH: Verdict(grade=grade, proof=PROOF if grade > 1 else None)}
        for name, grade in grades.items()
    }
    return Judged(verdicts=verdicts, is_open=is_open, overdue=frozenset(f"2611.0000{one}" for one in overdue))


class TestTheFirstStage:
    def test_papers_near_a_wish_come_first_with_the_words_that_both_use(self):
        found = select(PAPERS, wishing(SPEECH))
        assert ids(found.entries)[0] == "2"
        (match,) = found.entries[0].matches
        assert (match.rule, match.term, match.grade) == ("wanted", SPEECH, None)
        assert "speech" in match.nearest.words
        assert 0.4 < match.points <= 4

    def test_each_wish_has_points_of_its_own_and_its_weight(self):
        heavy = Selection(wishes=Wishes(wants=(Wish(text=SPEECH), Wish(text=DUST, weight=5))))
        found = {entry.paper.id[-1]: entry for entry in select(PAPERS, heavy).entries}
        points = {match.term: match.points for match in found["3"].matches}
        alone = {match.term: match.points for match in select(PAPERS, wishing(DUST)).entries[0].matches}
        assert points[DUST] == pytest.approx(5 * alone[DUST], abs=0.05)
        assert found["3"].score > found["2"].score

    def test_what_is_not_wanted_comes_last(self):
        found = select(PAPERS, Selection(wishes=Wishes(not_wants=(Wish(text=SPEECH),))))
        assert ids(found.entries)[-1] == "2"
        assert found.entries[-1].matches[0].rule == "not wanted"
        assert found.entries[-1].score < 0

    def test_points_add_to_those_of_other_rules(self):
        both = wishing(SPEECH).model_copy(update={"scoring": Selection(scoring={"keywords": ["dust"]}).scoring})
        found = {entry.paper.id[-1]: [match.rule for match in entry.matches] for entry in select(PAPERS, both).entries}
        assert (found["3"][0], found["2"]) == ("keyword", ["wanted"])

    def test_candidates_are_the_most_promising_of_each_day_newest_day_first(self):
        before = make_paper(
            id="2611.00009", announced=WEDNESDAY - timedelta(days=1), title="Speech", abstract="Speech."
        )
        found = candidates((before, *PAPERS), wishing(SPEECH, judge_limit=2))
        assert (len(found), ids(found)[0], ids(found)[-1]) == (3, "2", "9")

    def test_filtered_papers_are_no_candidates_and_a_narrowed_feed_has_those_of_the_whole(self):
        selection = wishing(SPEECH).model_copy(update={"include": ("dust",)})
        assert ids(candidates(PAPERS, selection)) == ["3"]
        assert len(candidates(PAPERS, narrow(wishing(SPEECH), Selection(include=("dust",))))) == 4
        assert candidates(PAPERS, Selection()) == ()

    def test_the_feed_says_that_nothing_was_judged(self):
        found = select(PAPERS, wishing(SPEECH, judge_limit=3), judged=Judged(note="no model"))
        assert (found.wishes.not_judged, found.wishes.not_considered, found.wishes.note) == (3, 1, "no model")
        assert select(PAPERS, Selection()).wishes is None

    def test_without_a_model_nothing_is_held_back(self):
        found = select(PAPERS, wishing(SPEECH, min_grade=3))
        assert len(found.entries) == 4

    def test_addresses_have_no_wishes(self):
        assert "wishes" not in Filters.model_fields
        with pytest.raises(ValueError, match="are the base's"):
            narrow(Selection(), wishing(SPEECH))


class TestGrades:
    def test_order_by_grade_and_replace_the_first_stage(self):
        found = select(PAPERS, wishing(SPEECH), judged=judged(_4=4, _2=1, _1=0))
        assert ids(found.entries)[0] == "4"
        best = found.entries[0]
        assert (best.score, best.standing) == (4, Standing.JUDGED)
        assert best.matches[0].proof == PROOF

    def test_a_paper_without_a_grade_keeps_its_first_stage_points_and_is_marked(self):
        alone = {entry.paper.id: entry for entry in select(PAPERS, wishing(SPEECH)).entries}
        found = {entry.paper.id: entry for entry in select(PAPERS, wishing(SPEECH), judged=judged(_4=4)).entries}
        assert found[IDS[1]].score == alone[IDS[1]].score
        assert found[IDS[1]].standing is Standing.NOT_JUDGED

    def test_papers_that_were_not_considered_come_after_all_others(self):
        selection = wishing(SPEECH, judge_limit=3)
        last = candidates(PAPERS, selection.model_copy(update={"wishes": Wishes(wants=(Wish(text=SPEECH),))}))[-1]
        found = select(PAPERS, selection, judged=judged(_2=0))
        assert found.entries[-1].paper.id == last.paper.id
        assert found.entries[-1].standing is Standing.NOT_CONSIDERED
        best = select(PAPERS, selection.model_copy(update={"top": 3}), judged=judged(_2=0))
        assert last.paper.id not in [entry.paper.id for entry in best.entries]

    def test_points_are_grade_times_weight_and_no_wish_gives_more_than_four_times_its_weight(self):
        selection = Selection(wishes=Wishes(wants=(Wish(text=SPEECH, weight=2.5),)))
        assert select(PAPERS, selection, judged=judged(_1=4)).entries[0].score == 10

    def test_what_is_not_wanted_takes_points(self):
        selection = Selection(wishes=Wishes(not_wants=(Wish(text=SPEECH),)))
        last = select(PAPERS, selection, judged=judged(_1=3)).entries[-1]
        assert (last.paper.id[-1], last.score) == ("1", -3)

    @pytest.mark.parametrize("is_open", [True, False])
    def test_no_paper_is_lost(self, is_open):
        for unjudged in Unjudged:
            selection = wishing(SPEECH, min_grade=3, judge_limit=2, unjudged=unjudged)
            found = select(PAPERS, selection, judged=judged(is_open=is_open, _2=4, _3=1))
            assert len(found.entries) + found.left_out.total == len(PAPERS)


WANT, UNWANT = Wish(text=SPEECH), Wish(text=DUST)


def entry_with(wanted=None, unwanted=None, standing=Standing.JUDGED):
    matches = [Match(rule="wanted", term=SPEECH, field="abstract", points=0, grade=wanted)]
    matches += (
        [Match(rule="not wanted", term=DUST, field="abstract", points=0, grade=unwanted)]
        if unwanted is not None
        else []
    )
    return Entry(paper=PAPERS[0], matches=tuple(matches), standing=standing)


NJ, NC = Standing.NOT_JUDGED, Standing.NOT_CONSIDERED


class TestFates:
    @pytest.mark.parametrize(
        ("entry", "unjudged", "overdue", "expected"),
        [
            (entry_with(3), "wait", False, Fate.SHOWN),
            (entry_with(4), "wait", False, Fate.SHOWN),
            (entry_with(2), "wait", False, Fate.BELOW),
            (entry_with(0), "show", False, Fate.BELOW),
            (entry_with(4, 3), "wait", False, Fate.BELOW),
            (entry_with(4, 2), "wait", False, Fate.SHOWN),
            (entry_with(standing=NJ), "wait", False, Fate.WAITING),
            (entry_with(standing=NJ), "wait", True, Fate.SHOWN),
            (entry_with(standing=NJ), "show", False, Fate.SHOWN),
            (entry_with(standing=NJ), "hide", True, Fate.LEFT_OUT),
            (entry_with(3, standing=NJ), "wait", False, Fate.SHOWN),
            (entry_with(3, standing=NJ), "hide", False, Fate.SHOWN),
            (entry_with(2, standing=NJ), "wait", False, Fate.WAITING),
            (entry_with(standing=NC), "wait", False, Fate.LEFT_OUT),
            (entry_with(standing=NC), "wait", True, Fate.LEFT_OUT),
            (entry_with(standing=NC), "hide", False, Fate.LEFT_OUT),
            (entry_with(standing=NC), "show", False, Fate.SHOWN),
        ],
    )
    def test_with_a_grade_that_is_wanted(self, entry, unjudged, overdue, expected):
        wishes = Wishes(wants=(WANT,), min_grade=3, unjudged=unjudged)
        known = Judged(is_open=True, overdue=frozenset({entry.paper.id} if overdue else ()))
        assert fate(entry, wishes, known) is expected

    def test_while_it_is_open_whether_a_paper_is_unwanted_a_good_grade_waits(self):
        wishes = Wishes(wants=(WANT,), not_wants=(UNWANT,), min_grade=3)
        assert fate(entry_with(4, standing=NJ), wishes, Judged(is_open=True)) is Fate.WAITING

    def test_all_are_shown_where_no_grade_is_wanted_or_no_model_judges(self):
        assert fate(entry_with(0), Wishes(wants=(WANT,)), Judged(is_open=True)) is Fate.SHOWN
        assert fate(entry_with(0), Wishes(wants=(WANT,), min_grade=4), Judged()) is Fate.SHOWN

    @pytest.mark.parametrize(
        ("wanted", "unwanted", "best"), [(3, None, 3), (None, None, None), (4, 3, 0), (4, 2, 4), (None, 4, 0)]
    )
    def test_the_best_grade(self, wanted, unwanted, best):
        assert best_grade(entry_with(wanted, unwanted)) == best

    def test_receipts_count_them(self):
        selection = wishing(SPEECH, min_grade=3, judge_limit=3)
        found = select(PAPERS, selection, judged=judged(_2=3, _3=1))
        account = found.wishes
        assert (account.judged, account.below_grade, account.not_judged, account.waiting, account.not_considered) == (2, 1, 1, 1, 1)  # fmt: skip
        assert (found.left_out.grade, found.left_out.unjudged, len(found.entries)) == (1, 2, 1)


class TestConsidered:
    def test_points_decide_then_promise_then_the_order_given(self):
        entries = [Entry(paper=paper, score=score) for paper, score in zip(PAPERS, (0, 1, 0, 0), strict=True)]
        promises = {IDS[0]: -0.2, IDS[1]: 0.0, IDS[2]: -0.1, IDS[3]: -0.2}
        wishes = Wishes(wants=(WANT,), judge_limit=3)
        assert considered(entries, wishes, promises) == {IDS[1], IDS[2], IDS[0]}

    def test_each_day_has_its_own(self):
        other = make_paper(id="2611.00009", announced=date(2026, 11, 17))
        entries = [Entry(paper=paper) for paper in (*PAPERS[:2], other)]
        assert len(considered(entries, Wishes(wants=(WANT,), judge_limit=1), {})) == 2

    def test_a_paper_with_a_grade_counts_as_considered(self):
        after = graded([Entry(paper=PAPERS[1])], Wishes(wants=(WANT,)), frozenset(), judged(_2=2))
        assert after.entries[0].standing is Standing.JUDGED


class TestExplaining:
    def steps(self, known, paper=PAPERS[1], **settings):
        return {
            (step.rule, step.passed): step.detail
            for step in explain(paper, wishing(SPEECH, **settings), among=PAPERS, judged=known)
        }

    def test_tells_the_first_stage_and_the_place_of_the_paper(self):
        told = self.steps(Judged())
        assert told["wanted", True].startswith(f'first stage: near "{SPEECH}", both have')
        assert told["judge_limit", True] == "number 1 of its day, the first 60 are judged"

    def test_tells_the_second_stage_with_its_quote(self):
        told = [step.detail for step in explain(PAPERS[1], wishing(SPEECH), among=PAPERS, judged=judged(_2=3))]
        assert f'second stage: "{SPEECH}" graded 3 of 4: "{PROOF.quote}": +3' in told

    @pytest.mark.parametrize(
        ("known", "passed", "detail"),
        [
            (judged(_2=3), True, "best grade 3; at least 3 wanted"),
            (judged(_2=2), False, "best grade 2; at least 3 wanted"),
            (judged(), False, "not judged; at least 3 wanted: hidden until it is judged, for three hours at most"),
            (judged(overdue=(2,)), True, "not judged; at least 3 wanted"),
            (Judged(), True, "at least 3 wanted, but no model judges: the first stage alone orders"),
        ],
    )
    def test_tells_what_the_grade_does(self, known, passed, detail):
        assert self.steps(known, min_grade=3)["min_grade", passed] == detail

    def test_says_that_a_paper_was_not_considered(self):
        assert "promise more" in self.steps(Judged(), paper=PAPERS[3], judge_limit=1)["judge_limit", True]
