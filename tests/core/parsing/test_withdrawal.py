"""Which texts say that a paper is withdrawn."""

import pytest

from digest.parsing.withdrawal import is_withdrawal


@pytest.mark.parametrize(
    "notice",
    [
        "This paper has been withdrawn by the author due to a crucial sign error in equation 7",
        "This submission has been withdrawn by arXiv administrators due to disputed authorship",
        "this article was withdrawn",
        "Paper withdrawn",
        "Withdrawn",
        "withdrawn: error in Lemma 3",
        "[Withdrawn] see v1",
        "Withdrawn by the authors",
        "Paper withdrawn because of an error.",
        "The authors have withdrawn this paper.",
        "We withdraw the manuscript",
        "This version has been temporarily withdrawn",
        "This arXiv submission is being withdrawn pending review",
        "This paper has been withdrawn from arXiv",
        "The paper has been retracted",
    ],
)
def test_a_notice_at_the_start_is_a_withdrawal(notice):
    assert is_withdrawal(notice, "")
    assert is_withdrawal(None, notice)
    assert is_withdrawal("12 pages", notice)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 pages, 3 figures",
        "Withdrawn from ICLR 2026",
        "This paper has been withdrawn from the conference and resubmitted",
        "ICLR 2026 withdrawn submission",
        "Supersedes arXiv:2401.00001, which has been withdrawn",
        "Withdrawn states and alcohol use: a cohort study",
        "We study how liquidity is withdrawn by market makers",
        "We withdraw funds from the bank",
        "The paper withdraws an assumption of earlier work",
        "Retracted articles keep being cited",
        "This work has been accepted; the first version had an error",
        "This is a paper on drawn graphs",
    ],
)
def test_a_mention_is_none(text):
    assert not is_withdrawal(text, text)
