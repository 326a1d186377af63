import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.selection import Example, Keyword, Scoring, Selection, select
from tests.selection.selection_papers import make_paper


def matches(paper, **scoring):
    (entry,) = select([paper], Selection(scoring=Scoring(**scoring))).entries
    assert entry.score == pytest.approx(math.fsum(match.points for match in entry.matches))
    return [(match.rule, match.term, match.field, match.points) for match in entry.matches]


PAPER = make_paper(
    title="Speculative decoding for LLMs",
    abstract="Decoding of a large language model is slow. This survey says why.",
    authors=("Yoshua Bengio",),
    categories=("cs.CL", "eess.SY"),
)


def test_a_keyword_counts_once_at_its_best_place():
    assert matches(PAPER, keywords=["decoding"]) == [("keyword", "decoding", "title", 1.5)]
    assert matches(PAPER, keywords={"survey": -2}) == [("keyword", "survey", "abstract", -2)]
    assert matches(PAPER, keywords={"decoding": 2}, title_weight=3) == [("keyword", "decoding", "title", 6)]
    assert matches(PAPER, keywords=["cod", "slowly"]) == []


def test_a_group_counts_once():
    found = [("keyword", "LLM", "title", 3.0)]
    assert matches(PAPER, keywords={"large language model | LLM": 2}) == found
    assert matches(PAPER, keywords=[{"terms": ["large language model", "LLM"], "weight": 2}]) == found
    assert matches(PAPER, keywords=(Keyword(terms=("nothing", "decod*")),)) == [("keyword", "decod*", "title", 1.5)]


def test_authors_and_categories_give_points():
    assert matches(PAPER, authors={"bengio_y": 5, "Hinton": 4}, categories={"cs": 1, "cs.SY": 0.5, "cs.LG": 9}) == [
        ("author", "bengio_y", "authors", 5),
        ("category", "cs", "categories", 1),
        ("category", "cs.SY", "categories", 0.5),
    ]


def test_matches_come_in_the_order_of_the_rules():
    found = matches(PAPER, keywords=["survey", "decoding", "speculative decoding", "slow*"])
    assert [term for _, term, _, _ in found] == ["survey", "decoding", "speculative decoding", "slow*"]


def test_phrases_longer_than_what_is_spelled_out_are_found_too():
    phrase = "for a b models networks classes studies graphs"
    paper = make_paper(abstract="See: for a B model network class study graph.")
    assert matches(paper, keywords=[phrase]) == [("keyword", phrase, "abstract", 1)]


@pytest.mark.parametrize(
    "scoring",
    [
        {"keywords": ["--"]},
        {"keywords": ["a*b"]},
        {"keywords": {"a": math.nan}},
        {"keywords": {"a": "much"}},
        {"keywords": "a"},
        {"authors": {"...": 1}},
        {"categories": {"c s": 1}},
        {"scorer": "substring", "keywords": {"a": 2}},
        {"scorer": "substring", "keywords": ["a | b"]},
        {"scorer": "substring", "authors": {"A": 1}},
        {"title_wait": 2},
    ],
)
def test_wrong_rules_are_refused(scoring):
    with pytest.raises(ValidationError):
        Scoring(**scoring)


def definition(title, abstract, keywords):
    """The rule of arxiv_rss_bot as its users know it."""
    text = (title + " " + abstract).lower()
    return sum(1.0 * (word.lower() in text) + 0.5 * (word.lower() in title.lower()) for word in keywords)


SYLLABLES = st.lists(st.sampled_from(["rl", "wo", "d", " ", "Ti", "É", "ss", "İ", "-"]), max_size=8).map("".join)
KEYWORDS = st.lists(
    st.lists(st.sampled_from(["rl", "wo", "d", " ", "Ti", "é"]), min_size=1, max_size=3)
    .map("".join)
    .filter(lambda word: word.strip()),
    max_size=4,
)


@given(st.lists(st.tuples(SYLLABLES, SYLLABLES), max_size=8), KEYWORDS, KEYWORDS)
def test_the_substring_scorer_is_its_definition(texts, keywords, excluded):
    papers = [make_paper(id=str(n), title=title, abstract=abstract) for n, (title, abstract) in enumerate(texts)]
    selection = Selection(scoring=Scoring(scorer="substring", keywords=keywords), exclude=excluded)
    expected = [
        (paper.id, definition(paper.title, paper.abstract, keywords))
        for paper in papers
        if not any(word.lower() in f"{paper.title} {paper.abstract}".lower() for word in excluded)
    ]
    expected.sort(key=lambda pair: -pair[1])
    assert [(entry.paper.id, entry.score) for entry in select(papers, selection).entries] == expected


def test_the_substring_scorer_shows_thirty():
    papers = [make_paper(id=str(number)) for number in range(40)]
    scoring = Scoring(scorer="substring", keywords=["title"])
    assert [entry.paper.id for entry in select(papers, Selection(scoring=scoring)).entries] == list(map(str, range(30)))
    assert len(select(papers, Selection(scoring=scoring, limit=35)).entries) == 35


DECODING = Example(id="2601.05174", title="Speculative decoding", abstract="Draft tokens make decoding faster.")
GALAXIES = Example(id="2601.00002", title="Dwarf galaxies", abstract="Spectra of dwarf galaxies.")


def test_papers_like_the_examples_get_points():
    papers = [
        make_paper(id="same", title=DECODING.title, abstract=DECODING.abstract),
        make_paper(id="near", title="Faster decoding with drafts", abstract="We draft tokens."),
        make_paper(id="star", title="A dwarf galaxy", abstract="We took its spectrum."),
        make_paper(id="other", title="Auctions", abstract="Bidders bid truthfully."),
    ]
    selection = Selection(scoring=Scoring(like=("2601.05174", "2601.00002"), like_weight=10))
    entries = {entry.paper.id: entry for entry in select(papers, selection, examples=(DECODING, GALAXIES)).entries}
    assert entries["same"].score > 5
    assert 1 < entries["near"].score < entries["same"].score
    assert entries["near"].matches[0].term == "2601.05174"
    assert entries["star"].matches[0].term == "2601.00002"
    assert entries["other"].matches == ()


def test_without_examples_like_gives_nothing():
    assert select([PAPER], Selection(scoring=Scoring(like=("2601.05174",)))).entries[0].score == 0
