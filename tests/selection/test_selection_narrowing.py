from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.errors import QuerySyntaxError
from digest.models import AnnounceType
from digest.selection import Example, Scoring, Selection, Topic, explain, narrow, parse_query, select, split_list
from tests.selection.selection_papers import make_paper

WORDS = ["graph", "diffusion", "survey", "quantum"]
PAPERS = st.lists(
    st.builds(
        lambda words, kind, day, code: {
            "title": " ".join(words) or "nothing",
            "announce_type": kind,
            "announced": date(2026, 1, 26) + timedelta(days=day),
            "code_url": "https://github.com/a/b" if code else None,
        },
        st.lists(st.sampled_from(WORDS), max_size=3),
        st.sampled_from(AnnounceType),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=12,
).map(lambda papers: [make_paper(id=str(number), **fields) for number, fields in enumerate(papers)])
FILTERS = {
    "types": st.none() | st.lists(st.sampled_from(AnnounceType), unique=True).map(tuple),
    "q": st.none() | st.sampled_from(["graph OR quantum", "NOT survey", "ti:diffusion"]),
    "include": st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    "exclude": st.lists(st.sampled_from(WORDS), max_size=1).map(tuple),
    "has": st.sampled_from([(), (), ("code",)]),
    "min_score": st.none() | st.sampled_from([-1.0, 0.0, 1.0, 2.0]),
    "limit": st.none() | st.integers(1, 5),
    "sort": st.sampled_from([None, "score", "date"]),
}
NARROWING = st.builds(Selection, **FILTERS)
BASES = st.builds(
    Selection,
    **FILTERS,
    scoring=st.sampled_from([Scoring(), Scoring(keywords={"graph": 2, "survey": -1, "diffusion": 1})]),
    topics=st.sampled_from([(), (Topic(label="G", q="graph"),)]),
)


def ids(papers, selection):
    return [entry.paper.id for entry in select(papers, selection).entries]


@given(PAPERS, BASES, NARROWING, NARROWING)
def test_narrowing_never_widens(papers, base, by, further):
    narrowed = select(papers, narrow(base, by))
    whole = select(papers, base)
    assert set(ids(papers, narrow(narrow(base, by), further))) <= {entry.paper.id for entry in narrowed.entries}
    assert all(entry in whole.entries for entry in narrowed.entries), "points and tags stay those of the base"
    assert narrowed.left_out.total + len(narrowed.entries) == len(papers)


@given(PAPERS, BASES)
def test_narrowing_by_nothing_changes_nothing(papers, base):
    assert select(papers, narrow(base, Selection())) == select(papers, base)


@given(PAPERS, BASES, NARROWING, NARROWING)
def test_narrowing_twice_can_be_written_either_way(papers, base, by, further):
    assert ids(papers, narrow(narrow(base, by), further)) == ids(papers, narrow(base, narrow(by, further)))


@given(PAPERS, NARROWING)
def test_every_paper_shown_passes_each_filter(papers, selection):
    shown = ids(papers, selection)
    assert len(shown) == len(set(shown))
    for name in ("q", "include", "exclude", "has"):
        alone = Selection(types=tuple(AnnounceType), **{name: getattr(selection, name)})
        assert set(shown) <= set(ids(papers, alone))


def test_a_narrowed_feed_keeps_the_types_of_its_base():
    papers = [make_paper(announce_type="replace")]
    base = Selection(types="new,replace")
    assert ids(papers, narrow(base, Selection())) == ["2601.00001"]
    assert ids(papers, narrow(base, Selection(types="new"))) == []
    assert ids(papers, narrow(Selection(), Selection(types="replace"))) == []


def test_a_narrowing_selection_has_no_points_of_its_own():
    with pytest.raises(ValidationError, match="points and topics are the base's"):
        narrow(Selection(), Selection(scoring=Scoring(keywords=["a"])))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a, b ,,c d", ("a", "b", "c d")),
        ('"a, b", c', ("a, b", "c")),
        ('""', ()),
        (' "a" , b ', ("a", "b")),
        (", ,", ()),
    ],
)
def test_lists_of_words_and_phrases(text, items):
    assert split_list(text) == items


@pytest.mark.parametrize("text", ['"a', 'a "b" c', 'a, "b" c', 'a"'])
def test_stray_quotes_are_refused(text):
    with pytest.raises(ValueError, match="quote at character"):
        split_list(text)


def test_long_lists_are_refused_quickly():
    with pytest.raises(ValueError, match="quote at character"):
        split_list("a" + " " * 100_000 + '"')


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"q": "a AND"}, "a condition is missing here"),
        ({"types": "new,old"}, "'replace-cross'"),
        ({"include": "--"}, "nothing to look for"),
        ({"include": ",".join("abc" * 40)}, "at most 100"),
        ({"author": "..."}, "no name"),
        ({"has": "cookies"}, "'code'"),
        ({"limit": 0}, "greater than or equal to 1"),
        ({"sort": "size"}, "'score' or 'date'"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_wrong_values_are_refused_readably(fields, message):
    with pytest.raises(ValidationError, match=message):
        Selection(**fields)


def test_a_selection_survives_json():
    selection = Selection(q="a OR b", include='"c d"', author="Bengio, Y.", scoring=Scoring(keywords={"x | y": 2}))
    assert Selection.model_validate_json(selection.model_dump_json()) == selection
    assert Selection.model_json_schema()["$defs"]["Selection"]["properties"]["q"]["anyOf"][0] == {"type": "string"}


def test_a_parsed_query_is_taken_as_it_is():
    assert Selection(q=parse_query("a")).q == Selection(q="a").q
    with pytest.raises(QuerySyntaxError):
        parse_query("(")


def test_examples_of_a_narrowing_selection_order_add_points_and_never_widen():
    papers = [
        make_paper(id="2601.00001", title="Proofs about primes", abstract="A sieve."),
        make_paper(id="2601.00002", title="Dwarf galaxies", abstract="Spectra of dwarf galaxies."),
        make_paper(id="2601.00003", title="Galaxies without the word", abstract="Dwarf galaxies again."),
    ]
    stars = Example(id="s", title="Dwarf galaxies", abstract="Spectra of dwarf galaxies.", narrowing=True)
    base = Selection(scoring={"keywords": {"proofs": 1, "spectra": 0.5}}, min_score=0.1)
    narrowed = narrow(base, Selection(scoring=Scoring(like=("s",))))
    found = select(papers, narrowed, examples=[stars]).entries
    assert [entry.paper.id for entry in found] == ["2601.00002", "2601.00001"]
    assert {match.rule for match in found[0].matches} == {"keyword", "like"}
    cut = narrow(base, Selection(scoring=Scoring(like=("s",)), top=1))
    assert [entry.paper.id for entry in select(papers, cut, examples=[stars]).entries] == ["2601.00002"]
    rules = [step.rule for step in explain(papers[1], narrowed, examples=[stars]) if "score" in step.rule]
    assert rules == ["score", "min_score", "narrowed: score"]
    assert select(papers, narrowed, examples=[stars.model_copy(update={"narrowing": False})]).entries[0].score == 1.5


@pytest.mark.parametrize("scoring", [{"keywords": ["x"]}, {"like": ["a"], "like_weight": 3}, {"authors": {"A": 1}}])
def test_a_narrowing_selection_gives_no_other_points(scoring):
    with pytest.raises(ValueError, match="adds only examples"):
        narrow(Selection(), Selection(scoring=scoring))
