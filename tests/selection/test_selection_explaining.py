from datetime import date

from hypothesis import given

from digest.selection import Scoring, Selection, Topic, explain, narrow, select
from tests.selection.selection_papers import make_paper
from tests.selection.test_selection_narrowing import BASES, NARROWING, PAPERS

PAPER = make_paper(title="Speculative decoding", authors=("Yoshua Bengio",), categories=("cs.CL",))


def told(selection, paper=PAPER, **options):
    return [(step.rule, step.passed, step.detail) for step in explain(paper, selection, **options)]


def test_each_rule_says_why():
    selection = Selection(
        q="ti:decoding AND cat:cs.LG",
        include="decoding, drafts",
        exclude="survey",
        author="Hinton; bengio_y",
        has="code",
        scoring=Scoring(keywords={"speculative decoding": 2}),
        topics=(Topic(label="fast", q="decoding"),),
        min_score=4,
    )
    assert told(selection) == [
        ("types", True, "announced as new; wanted: new, cross"),
        ("has", False, "no code link known"),
        ("q", False, "no match: cat:cs.LG"),
        ("author", True, "by bengio_y"),
        ("include", True, '"decoding" found'),
        ("exclude", True, "none of the excluded terms found"),
        ("score", True, "keyword speculative decoding in title: +3"),
        ("topics", True, "tagged fast"),
        ("min_score", False, "score 3, at least 4 wanted"),
    ]


def test_the_other_answers():
    paper = PAPER.model_copy(update={"code_url": "https://github.com/a/b"})
    selection = Selection(q="decoding OR x", include="x", exclude="decoding", author="Hinton", has="code")
    assert [step[1:] for step in told(selection, paper)[1:]] == [
        (True, "https://github.com/a/b"),
        (True, "matches: decoding"),
        (False, "by none of: Hinton"),
        (False, "none found of: x"),
        (False, '"decoding" found'),
    ]


def test_the_best_of_a_day_are_told_among_the_papers_of_that_day():
    papers = [
        make_paper(id="1"),
        make_paper(id="2", title="Decoding"),
        make_paper(id="3", announced=date(2026, 1, 28)),
    ]
    selection = Selection(scoring=Scoring(keywords=["decoding"]), top=1, limit=1)
    steps = [[step for step in told(selection, paper, among=papers) if step[0] in {"top", "limit"}] for paper in papers]
    assert steps == [
        [("top", False, "number 2 of 2 of its day, the first 1 are shown")],
        [
            ("top", True, "number 1 of 2 of its day, the first 1 are shown"),
            ("limit", True, "number 1 of 2, the first 1 are shown"),
        ],
        [
            ("top", True, "number 1 of 1 of its day, the first 1 are shown"),
            ("limit", False, "number 2 of 2, the first 1 are shown"),
        ],
    ]


def test_the_limit_is_told_among_the_other_papers():
    papers = [make_paper(id="1"), make_paper(id="2", title="Decoding"), make_paper(id="3")]
    selection = Selection(scoring=Scoring(keywords=["decoding"]), limit=2)
    steps = [told(selection, paper, among=papers)[-1] for paper in papers]
    assert steps == [
        ("limit", True, "number 2 of 3, the first 2 are shown"),
        ("limit", True, "number 1 of 3, the first 2 are shown"),
        ("limit", False, "number 3 of 3, the first 2 are shown"),
    ]


def test_a_narrowed_feed_tells_both_levels():
    selection = narrow(Selection(q="decoding"), Selection(exclude="speculative", limit=3))
    assert told(selection, among=[PAPER]) == [
        ("types", True, "announced as new; wanted: new, cross"),
        ("q", True, "matches: decoding"),
        ("narrowed: exclude", False, '"speculative" found'),
    ]


@given(PAPERS, BASES, NARROWING)
def test_a_paper_is_shown_if_and_only_if_it_passes_all_rules(papers, base, by):
    for selection in (base, narrow(base, by)):
        shown = {entry.paper.id for entry in select(papers, selection).entries}
        for paper in papers:
            assert all(step.passed for step in explain(paper, selection, among=papers)) == (paper.id in shown)
