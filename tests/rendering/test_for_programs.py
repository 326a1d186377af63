"""Papers and receipts for programs: small, bounded, other people's words marked."""

import json
from datetime import UTC, date, datetime

import pytest

from digest.feeds.since import DayAccount
from digest.models import Entry
from digest.rendering.for_programs import (
    LONGEST_ANSWER,
    answer,
    how_many_fit,
    paper_members,
    receipt_members,
    written,
    written_size,
)
from digest.reports.receipts import DayStatus
from tests.builders import make_paper

MONDAY = date(2026, 11, 16)
NEXT = datetime(2026, 11, 17, 5, tzinfo=UTC)


def day(status="complete", announced=4, stored=4):
    return DayAccount(MONDAY, DayStatus(status), announced, stored)


@pytest.mark.parametrize(
    ("accounts", "more", "complete", "words"),
    [
        ([day()], {}, True, "1 day, 4 of 4 announcements"),
        ([day(), day()], {"since": MONDAY}, True, "everything since your last call: 2 days, 8 of 8 announcements"),
        ([], {"since": MONDAY}, True, "everything since your last call: 0 days, 0 of 0 announcements"),
        (
            [day("short", 5)],
            {"since": MONDAY},
            False,
            "not everything since your last call: 1 day, 4 of 5 announcements",
        ),
        ([day("unconfirmed", None)], {}, False, "1 day, 4 announcements stored, arXiv's totals not all known yet"),
        ([day()], {"since": MONDAY, "outside": [MONDAY]}, False, "not everything since your last call: 1 day, 4 of 4"),
        ([day()], {"since": MONDAY, "late": ["cs.LG"]}, False, "not everything since your last call: 1 day, 4 of 4"),
    ],
)
def test_receipts_say_whether_that_is_everything(accounts, more, complete, words):
    found = receipt_members(accounts, ident=None, shown=2, papers=3, **more)
    assert found["complete"] is complete
    assert found["says"].startswith(words)
    assert found["says"].endswith("; 2 of 3 papers pass the filter")


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "\\alpha" * 9_000, "é" * 50_000, '"' * 50_000, "𝔸" * 50_000, "\n\n" * 9_000]
)
def test_no_paper_is_too_large_for_an_answer(text):
    paper = make_paper(title=text, abstract=text, authors=[text] * 3_000, comment=text)
    members = paper_members(Entry(paper=paper))
    document = answer({}, receipt_members([day()] * 60, ident="x" * 100, shown=1, papers=1), NEXT)
    assert how_many_fit(document, [members]) == 1
    assert written_size({**document, "papers": [members]}) < LONGEST_ANSWER
    assert members["untrusted_text"]["more_authors"] == 2_970


@pytest.mark.parametrize("text", ["word " * 300, "\\beta " * 200, "ü" * 900])
def test_answers_are_cut_between_papers(text):
    members = [paper_members(Entry(paper=make_paper(abstract=text))) for _ in range(200)]
    count = how_many_fit({}, members)
    size = len(json.dumps(written({"papers": members[:count]}), ensure_ascii=False).encode())
    assert LONGEST_ANSWER - 8_000 < size < LONGEST_ANSWER
    assert 0 < count < 200


def test_brief_papers_have_no_abstract():
    entry = Entry(paper=make_paper(abstract="Long.", comment="12 pages"))
    assert paper_members(entry)["untrusted_text"].keys() > paper_members(entry, is_brief=True)["untrusted_text"].keys()


def test_what_is_nothing_is_left_out():
    found = paper_members(Entry(paper=make_paper(abstract="", authors=[], version=None)))
    assert not {"version", "tags", "matched", "score", "section", "withdrawn"} & found.keys()
    assert found["untrusted_text"].keys() == {"title"}
