"""What a message says: the head's counts, the papers' lines, and what is left unsaid."""

from dataclasses import replace
from datetime import date

import pytest

from digest.config.views import TitleForm, View
from digest.delivery.messages import message_of, one_line
from digest.feeds.periods import one_day, week_of
from digest.models import AnnounceType, Counts, Summary
from digest.reports.receipts import DayStatus
from digest.words import words_in
from tests.delivery.kit import THURSDAY, make_content, make_entry, make_message, receipt

SHORT = {"status": DayStatus.SHORT, "held": Counts(new=131, cross=20), "announced": Counts(new=132, cross=20)}


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ([{}], "cs.LG, Thu 29 Jan: 131 new, complete; 2 for you"),
        ([SHORT], "cs.LG, Thu 29 Jan: 131 of 132 new, one is still missing; 2 for you"),
        (
            [SHORT | {"announced": Counts(new=1140)}],
            "cs.LG, Thu 29 Jan: 131 of 1,140 new, 1,009 are still missing; 2 for you",
        ),
        (
            [{"status": DayStatus.UNCONFIRMED, "announced": None}],
            "cs.LG, Thu 29 Jan: 131 new, total not confirmed yet; 2 for you",
        ),
        (
            [{}, {"context": "cs.CL", "status": DayStatus.FILLING, "held": Counts(), "announced": None}],
            "cs.LG, Thu 29 Jan: 131 new, cs.CL not out yet; 2 for you",
        ),
        ([{}, {"context": "cs.CL", "held": Counts(new=9), "announced": Counts(new=9)}], "cs.LG, Thu 29 Jan: 140 new, complete; 2 for you"),
        ([{}, {"context": "math.IT", "status": DayStatus.QUIET, "held": Counts(), "announced": Counts()}],
         "cs.LG, Thu 29 Jan: 131 new, complete; 2 for you"),
    ],
)  # fmt: skip
def test_the_head_says_what_came_and_whether_that_is_all(receipts, expected):
    entries = [make_entry(1), make_entry(2)]
    message = make_message(*entries, receipts=tuple(receipt(**one) for one in receipts))
    assert message.head == expected
    assert message.is_complete == expected.endswith("complete; 2 for you")


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (None, "131 of 132 new + 20 cross-listed, one is still missing"),
        (("cross",), "20 cross-listed, total not confirmed yet"),
        (("replace", "replace-cross"), "7 replaced, total not confirmed yet"),
    ],
)
def test_the_head_counts_what_the_feed_is_about(types, expected):
    from digest.delivery.messages import counts_words
    from digest.selection.selection import DEFAULT_TYPES
    from digest.words import ENGLISH_WORDS

    counted = receipt(**SHORT | {"held": Counts(new=131, cross=20, replace=3, replace_cross=4)})
    kinds = [AnnounceType(one) for one in types] if types else DEFAULT_TYPES
    assert counts_words([counted], kinds, ENGLISH_WORDS) == expected


def test_a_feed_whose_own_papers_are_complete_says_so_only_if_the_day_is():
    """Replacements that are missing leave the day incomplete, though no new paper is."""
    lacking = receipt(status=DayStatus.SHORT, announced=Counts(new=131, cross=20, replace=5))
    assert not make_message(make_entry(), receipts=(lacking,)).is_complete


def test_the_head_in_chinese():
    message = make_message(make_entry(), language="zh-CN", receipts=(receipt(**SHORT),))
    assert message.head == "cs.LG，1月29日周四：新论文 131/132 篇，还缺 1 篇；符合您的筛选 1 篇"


def test_the_best_papers_come_first_and_equal_ones_keep_their_order():
    entries = [make_entry(1), make_entry(2, points=3), make_entry(3), make_entry(4, points=5)]
    message = make_message(*entries, top=3)
    assert [one.ident[-1] for one in message.papers] == ["4", "2", "1"]
    assert message.shown == 4
    assert message.more_words(3) == "and one more"
    assert message.more_words(1) == "and 3 more"
    assert message.more_words(4) == message.more_words(0) == ""


def test_a_paper_has_its_title_first_author_tldr_and_reason():
    entry = make_entry(7, points=3, authors=("Ada Quill", "Bo Ferrer", "Cy Twig"), title="$\\alpha$ and <b>")
    (paper,) = make_message(entry).papers
    assert paper.title == "α and <b>"
    assert paper.link == "https://arxiv.org/abs/2601.00007"
    assert paper.details == ("Ada Quill and 2 more", "It is sweet.", "Why: fruit in title +3")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (TitleForm.ORIGINAL, "Paper 1"),
        (TitleForm.TRANSLATED, "论文一"),
        (TitleForm.BOTH, "论文一 · Paper 1"),
    ],
)
def test_a_title_has_the_form_that_the_feed_gives_it(form, expected):
    entry = make_entry().model_copy(update={"summary": Summary(engine="qwen", language="zh", title="论文一")})
    content = make_content(entry, make_entry(2))
    request = replace(content.request, view=View(title_form=form))
    message = message_of(replace(content, request=request), one_day(THURSDAY), words_in("en"), top=10, link=None)
    assert [paper.title for paper in message.papers] == [expected, "Paper 2"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"authors": ()}, ("It is sweet.",)),
        ({"authors": ("Ada Quill",)}, ("Ada Quill", "It is sweet.")),
        ({"tldr": None, "authors": ("Ada Quill", "Bo Ferrer")}, ("Ada Quill and one more",)),
        ({"authors": (), "points": -2}, ("It is sweet.",)),
    ],
)
def test_what_is_not_known_has_no_line(overrides, expected):
    (paper,) = make_message(make_entry(**overrides)).papers
    assert paper.details == expected


@pytest.mark.parametrize(
    ("content_papers", "receipts", "expected"),
    [
        (0, (receipt(status=DayStatus.QUIET, note="no announcement: US holiday (Juneteenth)"),),
         "cs.LG, Thu 29 Jan: nothing to send, no announcement: US holiday (Juneteenth)"),
        (0, (receipt(),), "cs.LG, Thu 29 Jan: nothing to send, arXiv announced nothing"),
        (31, (receipt(),), "cs.LG, Thu 29 Jan: nothing to send, none of the 31 papers passes the filter"),
    ],
)  # fmt: skip
def test_an_empty_day_says_why(content_papers, receipts, expected):
    from dataclasses import replace

    from digest.words import ENGLISH_WORDS

    content = make_content(receipts=receipts)
    content = replace(content, receipt=content.receipt.model_copy(update={"papers": content_papers}))
    message = message_of(content, one_day(THURSDAY), ENGLISH_WORDS, top=10, link=None)
    assert message.head == expected


def test_a_week_counts_all_its_days():
    days = [date(2026, 1, number) for number in range(26, 31)]
    message = make_message(make_entry(), period=week_of(THURSDAY), receipts=tuple(receipt(day=day) for day in days))
    assert message.head == "cs.LG, week 5 (Mon 26 Jan to Fri 30 Jan): 655 new, complete; 1 for you"
    assert message.link_words == "The whole week"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a  b\nc", "a b c"), ("word " * 3, "word word word"), ("one two three", "one two…"), ("unbreakable-text", "unbreakabl…")],
)  # fmt: skip
def test_long_text_is_cut_between_words(text, expected):
    assert one_line(text, 14 if "word" in text else 11) == expected
