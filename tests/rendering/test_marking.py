"""Quotes marked in abstracts: where, and where not."""

import pytest

from digest.models import Entry, Match, Proof
from digest.rendering.pages.marking import marked_abstract, marked_text
from digest.selection import Selection
from digest.selection.marking import sought_by
from tests.builders import make_paper


def entry(abstract, *quotes, field="abstract"):
    matches = tuple(
        Match(rule="wanted", term=f"wish {n}", field=field, points=3, grade=3, proof=Proof(quote=quote, field=field))
        for n, quote in enumerate(quotes)
    )
    return Entry(paper=make_paper(abstract=abstract), matches=matches)


@pytest.mark.parametrize(
    ("abstract", "quotes", "html"),
    [
        ("One two three.", [], "<p>One two three.</p>"),
        ("One two three.", ["two"], "<p>One <mark>two</mark> three.</p>"),
        ("One two three.", ["One two three."], "<p><mark>One two three.</mark></p>"),
        ("One <b> three.", ["<b>"], "<p>One <mark>&lt;b&gt;</mark> three.</p>"),
        ("One two three.", ["three", "One"], "<p><mark>One</mark> two <mark>three</mark>.</p>"),
        ("One two three.", ["One two", "two three"], "<p><mark>One two three</mark>.</p>"),
        ("One two.\n\nThree four.", ["Three"], "<p>One two.</p><p><mark>Three</mark> four.</p>"),
        ("One two.\n\nThree four.", ["two. Three"], "<p>One two.</p><p>Three four.</p>"),
        ("One $x$ three.", ["One $x$"], "<p><mark>One <em>x</em></mark> three.</p>"),
        ("One two three.", ["absent words"], "<p>One two three.</p>"),
    ],
)
def test_quotes_are_marked(abstract, quotes, html):
    assert marked_abstract(entry(abstract, *quotes)) == html


@pytest.mark.parametrize("quote", ["x + y", "One $x", "y$ three"])
def test_half_a_formula_is_not(quote):
    assert "<mark>" not in marked_abstract(entry("One $x + y$ three.", quote))


def test_words_that_were_looked_for_are_marked_with_the_quotes():
    sought = sought_by(Selection(include=("graph neural network",), author=("Noether",)))
    shown = entry("Graph neural networks for $graph$.\n\nThey train, on graphs.", "They train")
    assert marked_abstract(shown, sought) == (
        "<p><mark>Graph neural networks</mark> for <em>graph</em>.</p><p><mark>They train</mark>, on graphs.</p>"
    )
    assert marked_text("A graph-neural network", sought) == "A <mark>graph-neural network</mark>"
    assert marked_text("A <b> & c", sought) == "A &lt;b&gt; &amp; c"


def test_a_quote_from_the_title_is_not_looked_for_in_the_abstract():
    assert "<mark>" not in marked_abstract(entry("One two three.", "two", field="title"))
