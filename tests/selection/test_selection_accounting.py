"""Why nothing fits: each condition as it was read, and the papers that it leaves."""

import pytest

from digest.selection import Scoring, Selection, account_for, narrow, select
from tests.selection.selection_papers import make_paper

TITLES = ("Graph networks", "Graph networks: a survey", "Neural fields", "Trees")
PAPERS = [
    make_paper(title=title, authors=(author,), abstract="", comment="A graph." if title == "Trees" else None)
    for title, author in zip(TITLES, ("Ann Wang", "Bo Kim", "Cy Hinton", "Hinton Wang"), strict=True)
]
TYPES = ("types", "announced as new or cross", 4)


def told(selection, papers=PAPERS):
    return [(one.parameter, one.words, one.papers) for one in account_for(papers, selection)]


@pytest.mark.parametrize(
    ("filters", "conditions"),
    [
        (
            {"q": "ti:graph neural"},
            [
                ("q", "ti:graph", 2),
                ("q", "neural anywhere", 1),
                ("q", "the whole query, read as ti:graph AND neural", 0),
            ],
        ),
        (
            {"q": "trees -graph"},
            [
                ("q", "trees anywhere", 1),
                ("q", "not graph anywhere", 1),
                ("q", "the whole query, read as trees ANDNOT graph", 0),
            ],
        ),
        ({"q": "xylophone"}, [("q", "xylophone anywhere", 0)]),
        (
            {"q": "xylophone|zebra"},
            [
                ("q", "xylophone anywhere", 0),
                ("q", "zebra anywhere", 0),
                ("q", "the whole query, read as xylophone OR zebra", 0),
            ],
        ),
        (
            {"include": "fields", "exclude": "neural,trees"},
            [("include", "fields in title or abstract", 1), ("exclude", "not neural", 3), ("exclude", "not trees", 3)],
        ),
        (
            {"include": "zebra,yak"},
            [
                ("include", "zebra in title or abstract", 0),
                ("include", "yak in title or abstract", 0),
                ("include", "at least one of them", 0),
            ],
        ),
        (
            {"author": "Kim, Hinton"},
            [("author", "by Hinton Kim, one person (semicolons separate several)", 0)],
        ),
        (
            {"author": "Kim; -B. Kim"},
            [("author", "by Kim", 1), ("author", "not by B. Kim", 3), ("author", "all of that about authors", 0)],
        ),
        ({"has": "code"}, [("has", "with a link to code", 0)]),
    ],
)
def test_each_condition_tells_how_it_was_read_and_what_it_leaves(filters, conditions):
    selection = Selection(**filters)
    assert select(PAPERS, selection).entries == ()
    assert told(selection) == [TYPES, *conditions]


def test_types_come_first_and_count_for_the_rest():
    selection = Selection(types="replace", q="graph")
    assert told(selection) == [("types", "announced as replace", 0), ("q", "graph anywhere", 0)]


def test_a_score_is_told_among_those_that_pass_the_rest():
    selection = Selection(q="graph", min_score=9, scoring=Scoring(keywords=("survey",)))
    assert told(selection)[-1] == ("min_score", "score from 9, among the papers that pass all the rest", 0)
    assert told(selection.model_copy(update={"min_score": 1.0}))[-1][-1] == 1


def test_what_narrows_counts_among_the_papers_of_the_feed():
    selection = narrow(Selection(q="ti:graph"), Selection(include="neural"))
    assert told(selection) == [
        ("feed", "in the feed", 2),
        ("types", "announced as new or cross or replace or replace-cross", 2),
        ("include", "neural in title or abstract", 0),
    ]
