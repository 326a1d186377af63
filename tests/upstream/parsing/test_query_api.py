"""The query API's answers: papers as arXiv has them, or a refusal that says why."""

import logging
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.models import AnnounceType, Author, Paper
from digest.upstream.parsing.query_api import QueryResult, parse_query_result

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/QiDHBlvWqwfSh9l</id>
  <title>arXiv Query: search_query=cat:cs.SE</title>
  <updated>2026-01-29T14:30:00Z</updated>
  <opensearch:itemsPerPage>10</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
  {entries}
</feed>
"""
AUTHORS = "<author><name>Ada Lovelace</name><arxiv:affiliation>London</arxiv:affiliation></author>"
ERROR = """<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_foo</id><title>Error</title>
<summary>incorrect id format for foo</summary><author><name>arXiv api core</name></author></entry>"""


def make_entry(
    ident="http://arxiv.org/abs/2601.19964v1",
    *,
    title="A title",
    summary="An abstract.",
    published="2026-01-27T20:56:12Z",
    updated="2026-01-27T20:56:12Z",
    categories=("cs.SE", "cs.AI"),
    primary="cs.SE",
    extra=AUTHORS,
):
    terms = "".join(f'<category term="{code}" scheme="http://arxiv.org/schemas/atom"/>' for code in categories)
    return f"""<entry><id>{ident}</id><title>{escape(title)}</title><updated>{updated}</updated>
    <link href="https://arxiv.org/abs/x" rel="alternate" type="text/html"/><summary>{escape(summary)}</summary>
    {terms}<published>{published}</published><arxiv:primary_category term="{primary}"/>{extra}</entry>"""


def make_feed(*entries, total=None, start=0):
    total = len(entries) if total is None else total
    return FEED.format(total=total, start=start, entries="".join(entries)).encode()


def read_one(**fields) -> Paper:
    (paper,) = parse_query_result(make_feed(make_entry(**fields))).papers
    return paper


def test_a_paper_has_all_that_arxiv_tells():
    extra = (
        AUTHORS
        + "<author><name>Plato</name></author><author><name> </name></author>"
        + "<arxiv:comment>12 pages; code: https://github.com/x/y</arxiv:comment><arxiv:journal_ref>J. X 1</arxiv:journal_ref>"
        + "<arxiv:doi>10.1/a</arxiv:doi><arxiv:doi>10.1/b</arxiv:doi>"
    )
    assert read_one(extra=extra) == Paper(
        id="2601.19964",
        version=1,
        title="A title",
        authors=(Author(name="Ada Lovelace", affiliation="London"), Author(name="Plato")),
        abstract="An abstract.",
        categories=("cs.SE", "cs.AI"),
        primary_category="cs.SE",
        announce_type=AnnounceType.NEW,
        announced=date(2026, 1, 29),
        published=datetime(2026, 1, 27, 20, 56, 12, tzinfo=UTC),
        updated=datetime(2026, 1, 27, 20, 56, 12, tzinfo=UTC),
        comment="12 pages; code: https://github.com/x/y",
        journal_ref="J. X 1",
        doi="10.1/a 10.1/b",
        code_url="https://github.com/x/y",
    )


def test_announcements_are_computed_from_submissions():
    """Version 1 on a Saturday is in Tuesday's announcement; version 2, on Thursday after 14:00, in Monday's."""
    paper = read_one(
        ident="http://arxiv.org/abs/hep-th/9901001v2",
        published="2026-01-24T12:00:00Z",
        updated="2026-01-29T19:00:00+00:00",
    )
    assert (paper.id, paper.version) == ("hep-th/9901001", 2)
    assert (paper.announced, paper.replaced) == (date(2026, 1, 27), date(2026, 2, 2))
    assert read_one().replaced is None


def test_the_primary_category_comes_first_and_none_twice():
    paper = read_one(categories=("cs.AI", "cs.SE", "cs.AI"), primary="cs.SE")
    assert paper.categories == ("cs.SE", "cs.AI")
    assert read_one(categories=(), primary="cs.SE").categories == ("cs.SE",)


def test_short_titles_and_empty_abstracts_are_no_gaps():
    paper = read_one(title="0", summary="", extra="")
    assert (paper.title, paper.abstract, paper.authors, paper.comment, paper.doi) == ("0", "", (), None, None)


@given(st.text(st.sampled_from('<>"ab/!=[]x0'), min_size=1))
def test_what_looks_like_markup_is_text(text):
    paper = read_one(title=f"x{text}x", summary=f"x{text}x")
    assert paper.title == paper.abstract == f"x{text}x"


def test_a_withdrawn_paper_is_marked():
    assert read_one(summary="This paper has been withdrawn by the authors due to an error.").withdrawn
    assert not read_one().withdrawn


@pytest.mark.parametrize(
    "bad",
    [
        {"ident": "http://arxiv.org/abs/none-such"},
        {"published": "yesterday"},
        {"published": "2026-01-27T20:56:12"},
        {"categories": (), "primary": ""},
    ],
)
def test_an_unusable_entry_costs_only_itself(bad, caplog):
    with caplog.at_level(logging.WARNING):
        result = parse_query_result(
            make_feed(make_entry(**bad), make_entry("http://arxiv.org/abs/2601.00002v1"), total=5, start=3)
        )
    assert [paper.id for paper in result.papers] == ["2601.00002"]
    assert (result.total, result.start, result.shown) == (5, 3, 2)
    assert len(caplog.records) == 1


def test_a_doubled_entry_counts_once():
    one, two = make_entry(title="One"), make_entry("http://arxiv.org/abs/2601.00002v1", title="Two")
    result = parse_query_result(make_feed(one, two, one))
    assert [paper.title for paper in result.papers] == ["One", "Two"]
    assert result.shown == 2


def test_no_match_and_the_end_of_the_results_are_empty():
    assert parse_query_result(make_feed()) == QueryResult((), total=0, start=0, shown=0)
    assert parse_query_result(make_feed(total=20, start=20)).papers == ()


def test_an_empty_page_amid_results_is_refused():
    with pytest.raises(ParseError, match="offset 10 of 20"):
        parse_query_result(make_feed(total=20, start=10))


def test_an_error_in_the_shape_of_a_feed_is_an_error():
    with pytest.raises(ParseError, match="incorrect id format for foo"):
        parse_query_result(make_feed(ERROR))


def test_a_paper_may_be_titled_error():
    assert read_one(title="Error").title == "Error"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"<html><body>Oops</body></html>", "HTML page"),
        (b"<rss version='2.0'><channel/></rss>", "Atom feed"),
        (make_feed(make_entry()).replace(b"totalResults>1<", b"totalResults>many<"), "totalResults"),
        (make_feed(make_entry()).replace(b"startIndex", b"offset"), "startIndex"),
        (make_feed(make_entry())[:-10], "well-formed"),
        (make_feed(make_entry(title="\x07")), "well-formed"),
        (b"<!DOCTYPE feed [<!ENTITY a 'b'>]>" + make_feed().partition(b"?>")[2], "document type"),
    ],
)
def test_anything_else_is_refused_and_says_what_was_expected(payload, reason):
    with pytest.raises(ParseError, match=reason):
        parse_query_result(payload)


def test_giants_are_cut_and_the_paper_stays():
    many = "<author><name>A B</name></author>" * 30_000
    paper = read_one(title="{" * 400_000, summary="{" * 400_000, extra=many)
    assert (len(paper.title), len(paper.abstract), len(paper.authors)) == (300_000, 300_000, 20_000)


@pytest.mark.parametrize("total", ["1" * 5_000, "9" * 12, "-1", "", "1e3", "\u0661"])
def test_a_total_that_is_no_usable_number_is_refused(total):
    with pytest.raises(ParseError, match="expected a number as opensearch:totalResults"):
        parse_query_result(make_feed(total=total))
