"""Filters in plain words, as titles of feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv.taxonomy import parse_spec
from digest.config.views import View
from digest.feeds.papers import FeedRequest
from digest.selection import Selection, filter_words
from digest.selection.wording import LONGEST


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({}, ""),
        ({"include": "diffusion", "exclude": "image", "author": "Wang"}, "diffusion, not image; by Wang"),
        ({"q": "diffusion -image", "author": "Wang"}, "diffusion, not image; by Wang"),
        ({"q": "diffusion -image au:Wang"}, "diffusion, not image; by Wang"),
        ({"q": "ti:graph"}, "ti:graph"),
        ({"q": 'abs:"flow matching" "low rank"'}, 'abs:"flow matching", low rank'),
        ({"q": "LLM OR GNN"}, "LLM or GNN"),
        ({"q": "LLM|GNN -survey"}, "(LLM or GNN), not survey"),
        ({"q": "-survey"}, "not survey"),
        ({"q": "a OR b c"}, "a or (b and c)"),
        ({"q": "a -(b OR c)"}, "a, not (b or c)"),
        ({"q": "decod* -au:Wang"}, "decod*; not by Wang"),
        ({"q": "cat:cs.CV", "include": "graph, tree"}, "cat:cs.CV, (graph or tree)"),
        ({"include": '"A*", "flow, matching"'}, "A* or flow, matching"),
        ({"exclude": "survey,review"}, "not survey, not review"),
        ({"author": "Bengio, Y.; Hinton; -Wang"}, "by Bengio, Y. or Hinton, not by Wang"),
        ({"has": "code"}, "with code"),
        ({"types": "new"}, "only new"),
        ({"types": "replace,cross"}, "only cross-lists and replacements"),
        ({"types": "new,cross"}, ""),
        ({"min_score": 2.5}, "score from 2.5"),
        ({"limit": 5, "sort": "date"}, ""),
    ],
)
def test_a_filter_in_plain_words(filters, words):
    assert filter_words(Selection(**filters)) == words


@given(st.lists(st.text("abc ", min_size=1), max_size=80))
def test_words_have_an_end(terms):
    words = filter_words(Selection(exclude=tuple(f"x{term}" for term in terms)))
    assert len(words) <= LONGEST


def test_a_title_tells_the_filter_unless_another_one_is_asked_for():
    spec = parse_spec("cs.LG")
    request = FeedRequest(spec, Selection(include="diffusion", exclude="image", author="Wang"))
    assert request.shown_title == "arXiv cs.LG: diffusion, not image; by Wang"
    assert request.shown_description == "New papers in Machine Learning (cs.LG): diffusion, not image; by Wang"
    assert FeedRequest(spec, Selection(q="a"), asked_title="Mine").shown_title == "Mine"
    assert FeedRequest(spec, Selection(limit=3)).shown_title == "arXiv cs.LG"


def test_a_configured_feed_tells_what_narrows_it_and_not_its_own_filter():
    feed = FeedRequest(parse_spec("cs.LG"), Selection(q="a"), name="mine", title="My papers", description="All of it.")
    assert (feed.shown_title, feed.shown_description) == ("My papers", "All of it.")
    narrowed = feed.narrowed(Selection(q="agent"), None, View())
    assert (narrowed.shown_title, narrowed.shown_description) == ("My papers: agent", "All of it: agent")
    assert feed.narrowed(Selection(), 3, View()).shown_title == "My papers"
    assert feed.narrowed(Selection(q="agent"), None, View(), "Agents").shown_title == "Agents"
