from datetime import date

import pytest

from digest.selection import LeftOut, PaperIndex, Scoring, Selection, Topic, narrow, select
from digest.selection.selection import ServedDay
from tests.selection.selection_papers import make_paper

MONDAY, TUESDAY = date(2026, 1, 26), date(2026, 1, 27)


def ids(papers, selection, **options):
    return [entry.paper.id for entry in select(papers, selection, **options).entries]


def test_new_and_cross_are_kept_by_default():
    papers = [make_paper(id=kind, announce_type=kind) for kind in ("new", "cross", "replace", "replace-cross")]
    assert ids(papers, Selection()) == ["new", "cross"]
    assert ids(papers, Selection(types="replace")) == ["replace"]


def test_every_paper_is_either_shown_or_accounted_for():
    papers = [
        make_paper(id="1", announce_type="replace"),
        make_paper(id="2", title="On cats"),
        make_paper(id="3", title="On dogs"),
        make_paper(id="4", title="More dogs with diffusion"),
        make_paper(id="5", title="Dogs and diffusion models"),
    ]
    selection = Selection(q="dog", scoring=Scoring(keywords=["diffusion"]), min_score=1, limit=1)
    selected = select(papers, selection)
    assert [entry.paper.id for entry in selected.entries] == ["4"]
    assert selected.left_out.model_dump() == {"type": 1, "filter": 1, "score": 1, "top": 0, "limit": 1, "size": 0}
    assert selected.left_out.total + len(selected.entries) == len(papers)


def test_newest_day_comes_first_then_the_best_then_the_order_given():
    papers = [
        make_paper(id="old-best", announced=MONDAY, title="Diffusion"),
        make_paper(id="plain", announced=TUESDAY),
        make_paper(id="good", announced=TUESDAY, abstract="Diffusion."),
        make_paper(id="plain-2", announced=TUESDAY),
        make_paper(id="best", announced=TUESDAY, title="Diffusion"),
    ]
    scoring = Scoring(keywords=["diffusion"])
    assert ids(papers, Selection(scoring=scoring)) == ["best", "good", "plain", "plain-2", "old-best"]
    assert ids(papers, Selection(scoring=scoring, sort="date")) == [paper.id for paper in papers]


def test_limit_cuts_after_sorting():
    papers = [make_paper(id="1"), make_paper(id="2", title="Diffusion")]
    assert ids(papers, Selection(scoring=Scoring(keywords=["diffusion"]), limit=1)) == ["2"]


def test_topics_tag_entries_and_filter_nothing():
    topics = (Topic(label="学习", q="ti:learning"), Topic(label="agents", q="agent"))
    entries = select([make_paper(title="Learning agents"), make_paper(id="2")], Selection(topics=topics)).entries
    assert [entry.tags for entry in entries] == [("学习", "agents"), ()]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"include": 'cats, "deep learning"'}, ["cats", "deep"]),
        ({"exclude": "cats"}, ["deep", "code"]),
        ({"author": "Y. Bengio; hinton_g"}, ["deep"]),
        ({"has": "code"}, ["code"]),
    ],
)
def test_lists_filter(fields, expected):
    papers = [
        make_paper(id="cats", title="On a cat"),
        make_paper(id="deep", abstract="We use deep learning.", authors=("Yoshua Bengio",)),
        make_paper(id="code", code_url="https://github.com/a/b"),
    ]
    assert ids(papers, Selection(**fields)) == expected


def test_an_index_can_be_shared_between_selections():
    papers, index = [make_paper(title="Cats"), make_paper(id="2", title="Dogs")], PaperIndex()
    assert ids(papers, Selection(q="cat"), index=index) == ["2601.00001"]
    assert ids(papers, Selection(q="dog"), index=index) == ["2"]


def of_days(*papers):
    """Make papers of (day of January, points): a keyword in the title for each point."""
    made = [
        make_paper(id=f"{number}", announced=date(2026, 1, day), title=" ".join(["w1", "w2", "w3"][:points]) or "none")
        for number, (day, points) in enumerate(papers)
    ]
    return made, Scoring(keywords=["w1", "w2", "w3"], title_weight=1)


class TestTop:
    PAPERS, SCORING = of_days((29, 0), (29, 2), (29, 2), (29, 3), (28, 1), (28, 0), (27, 0))

    def ids(self, **filters):
        found = select(self.PAPERS, Selection(scoring=self.SCORING, **filters))
        assert len(self.PAPERS) == len(found.entries) + found.left_out.total
        return [entry.paper.id for entry in found.entries], found.left_out

    @pytest.mark.parametrize(
        ("top", "expected"),
        [
            (1, ["3", "4", "6"]),
            (2, ["3", "1", "4", "5", "6"]),
            (3, ["3", "1", "2", "4", "5", "6"]),
            (9, ["3", "1", "2", "0", "4", "5", "6"]),
        ],
    )
    def test_keeps_the_best_of_each_day(self, top, expected):
        ids, left_out = self.ids(top=top)
        assert ids == expected
        assert left_out == LeftOut(top=7 - len(expected))

    def test_keeps_the_order_that_is_asked_for(self):
        assert self.ids(top=2, sort="date")[0] == ["1", "3", "4", "5", "6"]

    def test_comes_before_the_limit_and_after_min_score(self):
        ids, left_out = self.ids(top=1, limit=2)
        assert (ids, left_out) == (["3", "4"], LeftOut(top=4, limit=1))
        ids, left_out = self.ids(top=1, min_score=0.5)
        assert (ids, left_out) == (["3", "4"], LeftOut(score=3, top=2))

    @pytest.mark.parametrize(
        ("served", "is_closed", "expected"),
        [
            (["0"], False, ["0", "4", "6"]),
            (["0", "2"], False, ["2", "0", "4", "6"]),
            ([], False, ["3", "4", "6"]),
            ([], True, ["4", "6"]),
            (["gone"], False, ["3", "4", "6"]),
        ],
        ids=["stays", "more-than-top", "fills-up", "closed", "left-the-listing"],
    )
    def test_what_was_served_of_a_day_keeps_its_place(self, served, is_closed, expected):
        day = next(paper.announced for paper in self.PAPERS if paper.id == "0")
        shown = ServedDay(day=day, ids=tuple(served), is_closed=is_closed)
        assert self.ids(top=1, served=(shown,))[0] == expected

    def test_of_an_older_day_doesn_t_change_with_a_newer_one(self):
        older = [paper for paper in self.PAPERS if paper.announced < date(2026, 1, 29)]
        alone = select(older, Selection(scoring=self.SCORING, top=1)).entries
        both = select(self.PAPERS, Selection(scoring=self.SCORING, top=1)).entries
        assert [entry for entry in both if entry.paper in older] == list(alone)

    def test_narrows_what_another_selection_shows(self):
        base = Selection(scoring=self.SCORING, top=2)
        found = select(self.PAPERS, narrow(base, Selection(top=1)))
        assert [entry.paper.id for entry in found.entries] == ["3", "4", "6"]
        assert found.left_out == LeftOut(top=4)
