"""Which texts say that a paper is withdrawn."""

import pytest

from digest.upstream.parsing.withdrawal import is_withdrawal


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


@pytest.mark.parametrize(
    "notice",
    [
        "arXiv admin note: This paper has been withdrawn by arXiv due to unverifiable authorship",
        "arXiv admin note: This version has been removed by arXiv administrators as the submitter lacked the right",
        "arXiv admin note: submission has been withdrawn by arXiv administrators due to text overlap",
        "arXiv administrators have withdrawn this submission",
        "This paper has now been withdrawn",
        "This submission is hereby withdrawn",
        "I am withdrawing this paper",
        "We have decided to withdraw the manuscript",
        "The authors would like to retract this work",
        "This e-print has been withdrawn",
        "Version 2 of this paper has been withdrawn",
        "Withdrawn for revision: more runs are needed",
        "Withdrawn until the data are cleared",
        "Due to an error in Theorem 2, this paper has been withdrawn",
        "This paper will be withdrawn",
    ],
)
def test_notices_in_other_words(notice):
    assert is_withdrawal(notice, "We study trees.")
    assert is_withdrawal(None, notice)


@pytest.mark.parametrize(
    "comment",
    [
        "7 pages, 2 figures; this paper has been withdrawn by the authors",
        "12 pages. Withdrawn due to an error",
        "(5 pages) Paper withdrawn by the author",
        "12 pages, withdrawn by the author",
        "Withdrawal due to errors in Lemma 3",
        "Retracted: a figure was wrong",
    ],
)
def test_a_comment_may_say_it_later_or_barely(comment):
    assert is_withdrawal(comment, "We study trees.")


@pytest.mark.parametrize(
    "abstract",
    [
        "Withdrawn by design: we let users leave a data set.",
        "Retracted: a data set of retractions",
        "Withdrawal due to deposit shocks is modelled.",
        "The report was withdrawn by the agency in 1992.",
        "Trees grow. This paper has been withdrawn by the authors of a data set that we study.",
        "We withdraw the assumption of convexity.",
        "Withdrawn consent: how users leave.",
    ],
)
def test_abstracts_about_withdrawals_are_none(abstract):
    assert not is_withdrawal(None, abstract)


@pytest.mark.parametrize(
    "comment",
    [
        "arXiv admin note: text overlap with arXiv:2401.00001",
        "arXiv admin note: substantial text overlap with arXiv:2401.00001, which was withdrawn",
        "12 pages; replaces the withdrawn arXiv:2401.00001",
        "9 pages; withdrawn from ICLR 2026",
        "This paper has been withdrawn from NeurIPS",
        "This version has been removed of typos",
        "Comment on a retracted paper, withdrawn states included",
    ],
)
def test_comments_about_other_papers_are_none(comment):
    assert not is_withdrawal(comment, "We study trees.")
