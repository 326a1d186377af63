"""Lists of a hundred authors reach every reader whole, or shortened by one rule."""

import json

import feedparser
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedContent, FeedRequest
from digest.models import Entry
from digest.rendering.bibtex import bibtex
from digest.rendering.citations import citation_tags
from digest.rendering.content import byline
from digest.rendering.for_programs import paper_members
from digest.rendering.formats import FORMATS
from digest.rendering.names import named_authors
from digest.rendering.pages.snippets import markdown
from digest.rendering.pages.templating import byline as page_byline
from digest.rendering.ris import ris
from digest.rendering.terminal import render_terminal
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut, Selection
from tests.builders import NOON, make_document, make_paper

NAMES = [f"Ann Example{number}" for number in range(100)]
PAPER = make_paper(authors=NAMES)
CUT_BY_ARXIV = make_paper(authors=NAMES, more_authors=True)


def terminal(paper):
    receipt = FeedReceipt(days=(), papers=1, shown=1, left_out=LeftOut())
    request = FeedRequest(parse_spec("cs.LG"), Selection())
    text = render_terminal(FeedContent(request, (Entry(paper=paper),), receipt, NOON, NOON))
    return " ".join(text.split())


def content_of(paper):
    document = make_document(entries=(Entry(paper=paper),))
    return json.loads(FORMATS["json"].papers()(document))["items"][0]["content_html"]


@pytest.mark.parametrize(
    ("shown", "most"),
    [(byline, 30), (content_of, 30), (terminal, 6), (lambda paper: markdown([Entry(paper=paper)]), 3)],
)
def test_texts_are_shortened_by_one_rule(shown, most):
    names = ", ".join(NAMES[:most])
    assert f"{names} and {100 - most} more" in shown(PAPER)
    assert f"{names} et al." in shown(CUT_BY_ARXIV)
    few = make_paper(authors=NAMES[:2])
    assert ", ".join(NAMES[:2]) in shown(few)
    assert " more" not in shown(few)
    assert "Ann Example1 et al." in shown(make_paper(authors=NAMES[:2], more_authors=True))


def test_pages_and_answers_to_programs_shorten_as_texts_do():
    found = page_byline(PAPER)
    assert ([name for name, _ in found.names], found.more, found.has_others) == (NAMES[:30], 70, False)
    assert page_byline(CUT_BY_ARXIV).has_others
    members = paper_members(Entry(paper=PAPER))["untrusted_text"]
    assert (members["authors"], members["more_authors"]) == (NAMES[:30], 70)
    assert paper_members(Entry(paper=CUT_BY_ARXIV))["untrusted_text"]["more_authors"] == "et al."


def test_fields_for_programs_have_all_names():
    document = make_document(entries=(Entry(paper=PAPER),))
    texts = {name: one.papers()(document) for name, one in FORMATS.items()}
    rss, atom = (feedparser.parse(texts[name]).entries[0] for name in ("rss", "atom"))
    assert rss.author == ", ".join(NAMES)
    assert [author["name"] for author in atom.authors] == NAMES
    assert [author["name"] for author in json.loads(texts["json"])["items"][0]["authors"]] == NAMES
    assert [value for name, value in citation_tags(PAPER) if name == "citation_author"] == [
        f"Example{number}, Ann" for number in range(100)
    ]
    assert bibtex([PAPER]).count(" and ") == 99
    assert ris([PAPER]).count("AU  - ") == 100


@pytest.mark.parametrize("filling", [", ", " ", "and ", "et al., "])
def test_endless_names_take_no_time(filling):
    name = "Ann " + filling * 50_000 + "Example"
    assert named_authors(make_paper(authors=[name])) == ([name], False)
    assert named_authors(make_paper(authors=[f"{name}, et al."])) == ([name], True)
