"""What a list holds, in sentences: numbers that add up, each day counted once."""

from datetime import date

import pytest

from digest.rendering.pages.receipt_words import Sentence, day_sentences, sentences
from digest.reports.receipts import DayReceipt, ExampleCount, FeedReceipt
from digest.selection import LeftOut
from digest.words import ENGLISH_WORDS, words_in

TODAY, BEFORE = date(2026, 11, 18), date(2026, 11, 17)


def day(status="complete", **facts):
    return DayReceipt(**{"context": "cs.LG", "day": TODAY, "status": status, **facts})


def feed(*days, papers=3, shown=3, examples=None, **left_out):
    return FeedReceipt(days=days, papers=papers, shown=shown, left_out=LeftOut(**left_out), examples=examples)


WEEK = (day(), day(day=BEFORE))


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        (feed(*WEEK), ["3 papers of the last 2 announcements, complete."]),
        (feed(*WEEK, shown=1), ["1 paper of the last 2 announcements, complete."]),
        (feed(day()), ["3 papers of the newest announcement, complete."]),
        (feed(*WEEK, shown=2445), ["2,445 papers of the last 2 announcements, complete."]),
        (
            feed(day("filling"), day(day=BEFORE)),
            ["3 papers of the last 2 announcements so far.", "1 day is still being fetched."],
        ),
        # Two categories of one day are one day, and the worse one counts.
        (
            feed(day("filling"), day("unconfirmed", context="cs.CL"), day("short", day=BEFORE)),
            [
                "3 papers of the last 2 announcements so far.",
                "1 day is still being fetched.",
                "arXiv announced more on 1 day than has arrived; other sources are being asked.",
            ],
        ),
        (
            feed(*WEEK, papers=15, type=6, filter=3, limit=2, score=1),
            [
                "3 papers of the last 2 announcements, complete.",
                ("6 revisions hidden", "/all"),
                "3 hidden by the filter.",
                "1 below the minimum score.",
                "2 beyond the limit.",
            ],
        ),
        (
            feed(*WEEK, papers=9, top=6, examples=ExampleCount(known=4, asked=5)),
            [
                "3 papers of the last 2 announcements, complete.",
                ("6 not among the best of their day", "/rest"),
                "4 of 5 example papers known.",
            ],
        ),
    ],
)  # fmt: skip
def test_a_list_in_sentences(receipt, said):
    expected = [Sentence(*([one] if isinstance(one, str) else one)) for one in said]
    assert sorted(sentences(receipt, ENGLISH_WORDS, only_revisions=True, all_types="/all", rest="/rest")) == sorted(
        expected
    )


def test_other_kinds_are_called_so_where_they_are_not_all_revisions():
    found = sentences(feed(*WEEK, papers=9, type=6), ENGLISH_WORDS, only_revisions=False)
    assert found[1] == Sentence("6 of other kinds hidden")


def test_a_day_says_that_the_rest_of_it_is_hidden():
    found = day_sentences(feed(day(), papers=9, filter=6), ENGLISH_WORDS)
    assert [one.text for one in found] == [
        "3 papers, complete.",
        "6 other papers of that day hidden: revisions, or outside the filter.",
    ]


def test_the_same_in_chinese():
    found = sentences(feed(*WEEK, papers=9, type=6), words_in("zh"), only_revisions=True)
    assert [one.text for one in found] == ["最近 2 次发布共 3 篇论文，完整。", "已隐藏 6 篇修订"]
