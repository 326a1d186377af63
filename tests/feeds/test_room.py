"""How much a feed may hold, and what its receipt says of the rest."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv.taxonomy import parse_spec
from digest.config.reading import parse_config
from digest.config.views import SummaryMode, View
from digest.feeds.named import named_request
from digest.feeds.papers import FeedContent, FeedRequest, document_of, with_builtin
from digest.feeds.room import USUAL_BYTES, USUAL_ITEMS, Room, estimated_bytes, fitted, room_of
from digest.models import Entry
from digest.rendering.formats import FORMATS
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut, Selection
from tests.builders import NOON, make_paper

DAY = date(2026, 11, 27)
REST = "http://papers.test/rss/cs.LG?days=7"
BARE = FeedRequest(parse_spec("cs.LG"), Selection())


def content_of(*numbers, abstract="Words. ", request=BARE):
    """A feed with so many papers a day, newest day first."""
    entries = tuple(
        Entry(paper=make_paper(id=f"2611.{n * 10_000 + k:05}", abstract=abstract, announced=DAY - timedelta(days=n)))
        for n, number in enumerate(numbers)
        for k in range(number)
    )
    receipt = FeedReceipt(days=(), papers=len(entries) + 3, shown=len(entries), left_out=LeftOut(type=3))
    return FeedContent(request, entries, receipt, NOON, NOON)


LONG = "A word. " * 800
"""Makes an entry of about 8,000 bytes: 4 MB hold some 480."""


@pytest.mark.parametrize(
    ("numbers", "abstract", "kept"),
    [
        ((10, 20, 30), "Words. ", 60),
        ((700, 700, 100), "Words. ", 1_500),  # just as many as fit
        ((700, 700, 101), "Words. ", 1_400),
        ((1_600, 1, 1), "Words. ", 1_600),  # the newest day is whole, whatever its size
        ((1_501,), "Words. ", 1_501),
        ((200, 200, 200), LONG, 400),
        ((600, 1), LONG, 600),
        ((100, 600, 1), LONG, 100),  # a day that doesn't fit ends the feed, there is no gap
        ((), "", 0),
    ],
)
def test_where_nobody_said_whole_days_are_kept(numbers, abstract, kept):
    content = content_of(*numbers, abstract=abstract)
    found = fitted(content, room_of(BARE, 15_000_000, REST))
    assert found.entries == content.entries[:kept]
    assert found.receipt.left_out.size == len(content.entries) - kept
    assert found.receipt.papers == found.receipt.shown + found.receipt.left_out.total
    assert found.receipt.shown == kept


@pytest.mark.parametrize(
    ("longest", "rest"),
    [(0, REST), (60_000_000, REST), (4_300_000, "")],
)
def test_the_receipt_names_the_address_that_gives_the_rest_if_one_does(longest, rest):
    content = content_of(*(200,) * 5, abstract=LONG)
    assert fitted(content, room_of(BARE, longest, REST)).receipt.rest == (rest or None)


def test_where_days_or_papers_are_given_only_the_longest_answer_counts():
    content = content_of(1_000, 1_000)
    asked = FeedRequest(BARE.spec, BARE.selection, days_given=True)
    assert fitted(content, room_of(asked, 0, REST)) == content
    assert fitted(content, room_of(asked, 60_000_000, REST)) == content
    cut = fitted(content, room_of(asked, 1_000_000, REST))
    assert 0 < len(cut.entries) < 1_000
    assert cut.receipt.rest is None


@pytest.mark.parametrize(
    ("text", "name", "is_sized"),
    [
        ("feeds: {a: {categories: [cs.LG]}}", "a", False),
        ("feeds: {a: {categories: [cs.LG], days: 7}}", "a", True),
        ("feeds: {a: {categories: [cs.LG], limit: 3000}}", "a", True),
        ("{feeds: {b: {categories: [cs.LG]}}, topics: {t: {label: T, q: graph}}}", "t", False),
    ],
)
def test_what_is_configured_counts_as_given(text, name, is_sized):
    request = named_request(parse_config(text, {}), name)
    assert request.is_sized is is_sized
    assert request.narrowed(Selection(include=("x",)), None, View()).is_sized is is_sized
    assert request.narrowed(Selection(), 3, View()).is_sized
    assert request.narrowed(Selection(limit=9), None, View()).is_sized


abstracts = st.sampled_from(
    ["We prove it. ", "Über $x<y$ & „Größe“. ", "量子计算。", "$\\alpha_i \\le \\beta$ holds. ", ""]
)


@given(
    st.lists(st.tuples(abstracts, st.integers(1, 120), st.integers(0, 30)), min_size=1, max_size=6),
    st.sampled_from([SummaryMode.NONE, SummaryMode.BUILTIN]),
)
def test_the_estimate_is_never_far_too_low(shapes, mode):
    papers = [
        make_paper(id=f"2611.{n:05}", abstract=text * times, authors=[f"Ann Example{k}" for k in range(authors)])
        for n, (text, times, authors) in enumerate(shapes)
    ]
    content = content_of(1, request=FeedRequest(BARE.spec, BARE.selection, view=View(summary=mode)))
    empty = document_of(content, self_url="http://a/", page_url="http://a/").model_copy(update={"entries": ()})
    entries = with_builtin([Entry(paper=paper) for paper in papers], mode)
    whole = empty.model_copy(update={"entries": entries})
    longest = max(len(one.papers()(whole)) - len(one.papers()(empty)) for one in FORMATS.values())
    assert longest <= 2.5 * sum(estimated_bytes(Entry(paper=paper), mode) for paper in papers)


@given(st.lists(st.integers(0, 700), max_size=8), st.sampled_from([0, 500_000, 4_300_000]), st.booleans())
def test_what_is_kept_begins_with_the_first_and_adds_up(numbers, longest, is_asked):
    content = content_of(*numbers)
    found = fitted(content, Room(longest, is_asked, REST))
    assert content.entries[: len(found.entries)] == found.entries
    assert found.receipt.shown + found.receipt.left_out.total == content.receipt.papers
    if not is_asked and not longest:
        assert len(found.entries) <= max(USUAL_ITEMS, next(filter(None, numbers), 0))
        assert sum(map(estimated_bytes, found.entries)) <= USUAL_BYTES


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_names_the_rest(format_name):
    content = fitted(content_of(1_600, 1), room_of(BARE, 15_000_000, REST))
    short = FeedContent(BARE, content.entries[:2], content.receipt, NOON, NOON)
    body = FORMATS[format_name].papers()(document_of(short, self_url="http://a/", page_url="http://a/")).decode()
    assert REST in body
    assert (
        REST
        not in FORMATS[format_name]
        .papers()(document_of(content_of(2), self_url="http://a/", page_url="http://a/"))
        .decode()
    )
