"""Feeds in no more bytes than a platform lets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Entry
from digest.rendering.fitting import fitting, render_fitting
from digest.rendering.formats import FORMATS
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut
from tests.builders import make_document, make_paper

ENTRIES = tuple(Entry(paper=make_paper(id=f"2611.{number:05}", abstract="Words. " * number)) for number in range(1, 60))
RECEIPT = FeedReceipt(days=(), papers=70, shown=59, left_out=LeftOut(filter=11))


def joined(items):
    return b"[" + b"".join(items) + b"]"


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(min_value=2, max_value=400))
def test_the_first_items_stay_and_the_rest_gives_way(items, room):
    body = fitting(items, joined, room)
    assert len(body) <= room
    assert body in {joined(items[:count]) for count in range(len(items) + 1)}
    if len(joined(items)) <= room:
        assert body == joined(items)


@given(st.lists(st.binary(min_size=5, max_size=5), min_size=1, max_size=200), st.integers(min_value=50, max_value=600))
def test_little_room_is_given_away(items, room):
    body = fitting(items, joined, room)
    assert body == joined(items) or len(body) >= 0.97**2 * room - 12


def test_no_limit_is_no_limit():
    assert fitting([b"x" * 1000], joined, 0) == joined([b"x" * 1000])


@pytest.mark.parametrize("name", FORMATS)
def test_a_feed_that_is_too_long_tells_what_it_left_out(name):
    document = make_document(entries=ENTRIES, receipt=RECEIPT)
    render = FORMATS[name].papers()
    whole = render(document)
    body = render_fitting(document, render, len(whole) // 2)
    assert 0.35 * len(whole) < len(body) <= len(whole) // 2
    shown = sum(entry.paper.links.abs.encode() in body for entry in ENTRIES)
    assert all(entry.paper.id.encode() in body for entry in ENTRIES[:shown])
    if name == "json":
        receipt = json.loads(body)["_arxiv"]["receipt"]
        assert (receipt["shown"], receipt["papers"]) == (shown, 70)
        assert receipt["left_out"] == {"type": 0, "filter": 11, "score": 0, "top": 0, "limit": 0, "size": 59 - shown}
    else:
        assert f'shown="{shown}" papers="70"'.encode() in body
        assert f'left-out-by-size="{59 - shown}"'.encode() in body


@pytest.mark.parametrize("name", FORMATS)
def test_a_feed_that_fits_is_as_it_was(name):
    document = make_document(entries=ENTRIES, receipt=RECEIPT)
    render = FORMATS[name].papers()
    assert render_fitting(document, render, 10_000_000) == render(document)


@pytest.mark.parametrize("name", FORMATS)
def test_a_feed_that_is_too_long_leads_on_behind_its_last_entry(name):
    document = make_document(entries=ENTRIES, receipt=RECEIPT)
    render = FORMATS[name].papers()
    whole = render(document)

    def older(last):
        return f"http://papers.test/behind/{last.paper.id}"

    body = render_fitting(document, render, len(whole) // 2, older)
    shown = sum(entry.paper.links.abs.encode() in body for entry in ENTRIES)
    assert older(ENTRIES[shown - 1]).encode() in body
    assert b"/behind/" not in render_fitting(document, render, 0, older)
    assert b"/behind/" not in render_fitting(document, render, 1, older)  # not even one entry finds room
