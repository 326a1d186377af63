"""Where words stand that a feed looks for: exactly where the matcher finds them, and never inside math."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.selection.indexing import Text
from digest.selection.marking import Sought, places_of, sought_by
from digest.selection.selection import Scoring, Selection, narrow
from digest.selection.words import Vocabulary, term_words
from digest.text import math_spans


def marked(text, *terms, prefix=False):
    words = [term_words(term, prefix=prefix) for term in terms]
    avoid = [(span.start, span.end) for span in math_spans(text)]
    return [text[start:end] for start, end in places_of(words, text, avoid=avoid)]


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("Diffusion Models for Graphs", "diffusion model", ["Diffusion Models"]),
        ("A model of diffusion", "diffusion model", []),
        ("Pre-training helps; pretraining, pre training", "pretraining", ["Pre-training", "pretraining"]),
        ("Pre-training helps; pretraining", "pre-training", ["Pre-training", "pretraining"]),
        ("The colour of colors", "color", ["colour", "colors"]),
        ("Poincaré's maps and Poincare", "poincare", ["Poincaré's", "Poincare"]),
        ("C++ and C", "c++", ["C++"]),
        ("A* search, a star", '"A*"'.strip('"'), ["A*"]),
        ("Graph of graphs $graph$ in graphs", "graph", ["Graph", "graphs", "graphs"]),
        ("No such thing", "graph", []),
        ("(graph)", "graph", ["graph"]),
        ("α-decay", "alpha", ["α"]),
    ],
)
def test_a_term_is_marked_where_it_matches(text, term, expected):
    assert marked(text, term) == expected


def test_a_beginning_marks_whole_words():
    assert marked("Decoder, decoding, code", "decod", prefix=True) == ["Decoder", "decoding"]


def test_terms_that_overlap_are_one_place():
    assert marked("large language models", "large language", "language model") == ["large language models"]


@given(st.text(alphabet="ab- é.,", max_size=40), st.sampled_from(["ab", "a b", "a-b", "é"]))
def test_every_place_holds_the_term_and_a_text_that_holds_it_has_a_place(text, term):
    words = term_words(term)
    assert words is not None
    places = places_of([words], text)
    assert all(Text(text[start:end], Vocabulary()).has(words) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert bool(places) == Text(text, Vocabulary()).has(words)


def test_what_is_sought_comes_from_every_rule_that_lets_papers_in():
    base = Selection(
        include=("graph*",),
        exclude=("tree",),
        author=("Bengio, Y.", "-Hinton"),
        scoring=Scoring(keywords={"speculative decoding | lookahead": 2, "survey": -3}, authors={"A. Turing": 1}),
    )
    sought = sought_by(narrow(base, Selection(q='ti:"language model" AND au:Noether ANDNOT abs:robot')))
    names = ["Yoshua Bengio", "Emmy Noether", "Alan Turing", "Geoffrey Hinton"]
    assert [sought.is_author(name) for name in names] == [True, True, True, False]
    text = "graphs tree speculative decoding lookahead survey language models robot"
    shown = [text[start:end] for start, end in places_of(sought.terms, text)]
    assert shown == ["graphs", "speculative decoding", "lookahead", "language models"]


def test_a_feed_that_looks_for_nothing_marks_nothing():
    assert sought_by(Selection()) == Sought()
    assert not Sought().is_author("A. Turing")
