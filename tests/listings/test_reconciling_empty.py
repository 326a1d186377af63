"""What a listing without papers says against one that has some, and what the query API's estimate adds."""

import pytest

from digest.listings.reconciling import unite, unknown_papers
from digest.models import Counts, Source
from tests.builders import make_listing, make_paper

PAPERS = (make_paper(id="2611.00001"), make_paper(id="2611.00002"))
PAGE = {"source": Source.LISTING_PAGE, "announced": Counts()}


@pytest.mark.parametrize(
    ("held", "fresh", "kept"),
    [
        (make_listing(*PAPERS), make_listing(**PAGE), PAPERS),
        (make_listing(*PAPERS, announced=Counts(new=2)), make_listing(**PAGE), PAPERS),
        (make_listing(**PAGE), make_listing(*PAPERS), PAPERS),
        (make_listing(), make_listing(**PAGE), ()),
        (make_listing(*PAPERS, provisional=True, asked=("cs.LG", "cs.CL")), make_listing(**PAGE), ()),
    ],
    ids=["a feed's papers", "with totals", "papers come later", "both empty", "nobody knew whether they belong here"],
)
def test_an_empty_listing_takes_nothing_away(held, fresh, kept):
    assert unite(held, fresh).papers == kept


def test_an_empty_page_states_no_totals_for_papers_that_are_held():
    assert unite(make_listing(*PAPERS), make_listing(**PAGE)).announced is None


def test_papers_count_as_unknown_only_where_no_day_has_them():
    estimate = make_listing(*PAPERS, make_paper(id="2611.00003"), source=Source.QUERY_API)
    other_day = make_listing(PAPERS[1])
    assert [paper.id for paper in unknown_papers(estimate, [other_day])] == ["2611.00001", "2611.00003"]
    assert unknown_papers(estimate, [estimate]) == ()
