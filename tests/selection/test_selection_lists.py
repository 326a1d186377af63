"""The simple lists: what a minus, quotes and a star mean, and what is refused with the way to say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.selection import Selection, select
from digest.selection.lists import read_term, split_list
from tests.selection.selection_papers import make_paper


def titles(given, **filters):
    papers = [make_paper(title=title) for title in given]
    return [entry.paper.title for entry in select(papers, Selection(**filters)).entries]


@pytest.mark.parametrize(
    ("given", "include", "exclude"),
    [
        ("graph,-survey", ("graph",), ("survey",)),
        ('graph, -"a review"', ("graph",), ("a review",)),
        ("-survey", (), ("survey",)),
        ("!survey,graph", ("graph",), ("survey",)),
        ("−survey", (), ("survey",)),
        ("-decod*", (), ("decod*",)),
        ('-"a, b",c', ("c",), ("a, b",)),
        ('"-x"', ('"-x"',), ()),
        ("low-rank", ("low-rank",), ()),
        ('"A*"', ('"A*"',), ()),
        ("C++", ("C++",), ()),
        ('"profit AND loss"', ('"profit AND loss"',), ()),
        ('"ti:me"', ('"ti:me"',), ()),
        ("“flow matching”，graph", ("flow matching", "graph"), ()),
        ("theory and practice,R&D,profit & loss", ("theory and practice", "R&D", "profit & loss"), ()),
        ("O(N^2)", ("O(N^2)",), ()),
        ("note: this", ("note: this",), ()),
    ],
)
def test_a_minus_leaves_out_and_quotes_keep_signs(given, include, exclude):
    chosen = Selection(include=given)
    assert (chosen.include, chosen.exclude) == (include, exclude)
    assert Selection(include=chosen.include, exclude=chosen.exclude) == chosen


def test_a_minus_adds_to_what_is_excluded_anyway():
    assert Selection(include="a,-b", exclude="c").exclude == ("c", "b")
    assert Selection(include=("a", "-b"), exclude=("c",)).exclude == ("c", "b")


def test_a_minus_finds_what_exclude_finds():
    papers = ["Graph walks", "Graph walks: a survey", "Trees"]
    assert titles(papers, include="graph,-survey") == titles(papers, q="graph -survey") == ["Graph walks"]
    assert titles(papers, include="-survey") == titles(papers, q="-survey") == ["Graph walks", "Trees"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ('"A*"', ["A* search"]),
        ("A*", ["A* search", "Apples and pears", "C$^*$-algebras", "C algebras", "A pear"]),
        ('"C*-algebra"', ["C$^*$-algebras"]),
    ],
)
def test_a_star_in_quotes_is_a_sign(term, found):
    papers = ["A* search", "Apples and pears", "C$^*$-algebras", "C algebras", "A pear"]
    assert titles(papers, include=term) == found
    assert titles(papers, q=term) == found


@pytest.mark.parametrize(
    ("term", "fix"),
    [
        ("graph AND molecule", "write q=graph AND molecule"),
        ("graph OR tree", "graph,tree"),
        ("NOT survey", "-survey"),
        ("graph ANDNOT survey", "write q=graph ANDNOT survey"),
        ("(graph OR tree) AND molecule", "write q=(graph OR tree) AND molecule"),
        ("+graph +molecule", "write q=graph AND molecule"),
        ("graph -survey", "write q=graph ANDNOT survey"),
        ("graph !survey", "write q=graph ANDNOT survey"),
        ("graph && molecule", "write q=graph AND molecule"),
        ("ti:graph", "write q=ti:graph"),
        ("Abs: graph", "write q=Abs: graph"),
        ("title:graph", "write q=title:graph"),
        ("submittedDate:2026", "write q=submittedDate:2026"),
        ("LLM|GNN", "LLM,GNN"),
        ("LLM; GNN", "commas separate"),
        ("graph~2", "similar or near"),
        ("--survey", "single minus"),
        ('"quant*"', "write quant* for all endings"),
        ('"quant* walk"', "in quotes * is no wildcard"),
        ("C*-algebra", "put it in quotes"),
        ("*", "nothing to look for"),
    ],
)
@pytest.mark.parametrize("name", ["include", "exclude"])
def test_signs_of_the_query_language_are_refused_with_the_fix(name, term, fix):
    for value in (term, (term,)):
        with pytest.raises(ValidationError) as caught:
            Selection(**{name: value})
        (error,) = caught.value.errors()
        assert error["loc"] == (name,)
        assert fix in error["msg"]


@pytest.mark.parametrize("term", ["-survey", "!survey", '-"a b"'])
def test_a_minus_in_exclude_is_refused(term):
    with pytest.raises(ValidationError, match=r"left out already; write (survey|a b)"):
        Selection(exclude=term)


@pytest.mark.parametrize(
    ("author", "fix"),
    [
        ("Wang AND Hinton", "Wang; Hinton"),
        ("Wang OR Hinton", "Wang; Hinton"),
        ("Wang|Hinton", "Wang; Hinton"),
        ("Ada Wang and Bo Hinton", "Ada Wang; Bo Hinton"),
        ("Wang & Hinton", "Wang; Hinton"),
        ("Wang, Hinton, Bengio", "Wang; Hinton; Bengio"),
        ("A. Wang, B. Hinton", "A. Wang; B. Hinton"),
        ("au:Wang", "write the name alone"),
        ("author: Wang", "write the name alone"),
        ("+Wang +Hinton", "semicolons"),
        ("Wang -Hinton", "-name leaves an author out"),
        ("NOT Wang", "-name leaves an author out"),
        ("Wang~", "similar names"),
    ],
)
def test_several_names_in_one_are_refused_with_the_fix(author, fix):
    for value in (author, (author,)):
        with pytest.raises(ValidationError) as caught:
            Selection(author=value)
        assert fix in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "author",
    ["Bengio, Y.", "Bengio, Yoshua", "Roe, John, Jr.", "ORBIT and VELA Collaborations", "García Márquez, Gabriel José"],
)
def test_one_name_is_one_name(author):
    assert Selection(author=author).author == (author,)


def test_an_author_with_a_minus_is_left_out():
    papers = [make_paper(title=name, authors=(name, "Cy Poe")) for name in ("Ann Lee", "Bo Kim")]
    found = {
        author: [entry.paper.title for entry in select(papers, Selection(author=author)).entries]
        for author in ("-Kim", "Poe; -Kim", "-A. Lee; Poe", "-Kim;-Lee")
    }
    assert found == {"-Kim": ["Ann Lee"], "Poe; -Kim": ["Ann Lee"], "-A. Lee; Poe": ["Bo Kim"], "-Kim;-Lee": []}


@given(st.text(alphabet='ab "*-!+|&:;,~^()AND“', max_size=25))
def test_any_list_reads_to_items_that_read_back(text):
    try:
        chosen = Selection(include=text)
    except ValidationError:
        return
    again = Selection(include=chosen.include, exclude=chosen.exclude)
    assert again == chosen
    for term in (*chosen.include, *chosen.exclude):
        assert str(read_term(term)) == term
        assert split_list(f'"{term}"' if "," in term and term[0] != '"' else term) == (term,)
