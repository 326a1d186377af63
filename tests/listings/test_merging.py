"""Listings merged: every paper once, nothing lost, whatever the order of arrival."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.listings.merging import merge_announcements, merge_listings
from digest.listings.reconciling import unite
from digest.models import PARSER_VERSION, AnnounceType, Listing
from tests.builders import make_listing, make_paper, papers

FEW_IDS = st.sampled_from(["2611.00001", "2611.00002", "math/0611800", "2611.00003"])
WORDS = st.sampled_from(["", "One", "Another", "A third"])
MAYBE = st.none() | WORDS


def announcements(ids):
    """Papers whose texts are short: what they say doesn't matter, only which of them prevails."""
    authors = st.lists(st.sampled_from(["Ada Quill", "Bo Ferrer"]), max_size=2).map(tuple)
    facts = {"comment": MAYBE, "journal_ref": MAYBE, "doi": MAYBE, "authors": authors}
    return papers(ids, title=WORDS, abstract=WORDS, **facts)


LISTINGS = st.lists(
    st.tuples(st.sampled_from(["cs.LG", "cs.CL", "stat.ML"]), st.lists(announcements(FEW_IDS), max_size=5)), max_size=5
).map(lambda parts: [make_listing(*found, context=context) for context, found in parts])
SEVERAL = st.lists(announcements(st.just("2611.00001")), min_size=1, max_size=5)

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
REPLACEMENTS = {AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS}


class TestLaws:
    @given(LISTINGS, st.randoms(use_true_random=False))
    def test_the_order_of_listings_means_nothing(self, listings, random):
        shuffled = [
            one.model_copy(update={"papers": tuple(random.sample(one.papers, len(one.papers)))})
            for one in random.sample(listings, len(listings))
        ]
        assert merge_listings(shuffled) == merge_listings(listings)

    @given(LISTINGS)
    def test_each_paper_is_there_once_and_none_is_lost(self, listings):
        merged = [paper.id for paper in merge_listings(listings)]
        assert len(merged) == len(set(merged))
        assert set(merged) == {paper.id for one in listings for paper in one.papers}

    @given(LISTINGS)
    def test_merging_what_was_merged_changes_nothing(self, listings):
        merged = merge_listings(listings)
        once_more = merge_listings([make_listing(*merged)])
        strip = {"replaced": None}
        assert [one.model_copy(update=strip) for one in once_more] == [one.model_copy(update=strip) for one in merged]

    @given(LISTINGS)
    def test_the_newest_announcement_comes_first_then_the_strongest_type_then_the_lowest_id(self, listings):
        keys = [(-p.announced.toordinal(), p.announce_type.rank, p.id) for p in merge_listings(listings)]
        assert keys == sorted(keys)

    @given(SEVERAL)
    def test_the_strongest_type_wins_with_the_first_day_on_which_it_was_given(self, found):
        merged = merge_announcements(found)
        strongest = min(one.announce_type.rank for one in found)
        assert merged.announce_type.rank == strongest
        assert merged.announced == min(one.announced for one in found if one.announce_type.rank == strongest)

    @given(SEVERAL)
    def test_categories_unite(self, found):
        merged = merge_announcements(found)
        assert set(merged.categories) == {code for one in found for code in one.categories}
        assert len(merged.categories) == len(set(merged.categories))
        assert merged.primary_category in merged.categories

    @given(SEVERAL)
    def test_the_text_is_that_of_the_latest_announcement(self, found):
        merged = merge_announcements(found)
        latest = max(one.announced for one in found)
        texts = {(one.title, one.abstract, one.authors, one.withdrawn) for one in found if one.announced == latest}
        assert (merged.title, merged.abstract, merged.authors, merged.withdrawn) in texts

    @given(SEVERAL)
    def test_a_fact_that_any_of_them_knows_is_known(self, found):
        merged = merge_announcements(found)
        for field in ("comment", "journal_ref", "doi", "license"):
            known = {getattr(one, field) for one in found} - {None, ""}
            assert (getattr(merged, field) in known) if known else not getattr(merged, field)

    @given(SEVERAL)
    def test_it_counts_as_replaced_by_the_last_replacement_after_it_came(self, found):
        merged = merge_announcements(found)
        later = [
            one.announced for one in found if one.announce_type in REPLACEMENTS and one.announced > merged.announced
        ]
        assert merged.replaced == max(later, default=None)

    @given(LISTINGS)
    def test_apart_each_replacement_of_a_day_is_a_paper_of_its_own(self, listings):
        merged = merge_listings(listings, replacements_apart=True)
        assert not any(paper.replaced for paper in merged)
        expected = {
            (paper.id, paper.announced if paper.announce_type in REPLACEMENTS else None)
            for one in listings
            for paper in one.papers
        }
        assert len(merged) == len(expected)


class TestExamples:
    def test_new_at_home_and_cross_elsewhere_is_new(self):
        home = make_listing(make_paper(announce_type="new"), context="cs.LG")
        elsewhere = make_listing(make_paper(announce_type="cross"), context="stat.ML")
        (merged,) = merge_listings([elsewhere, home])
        assert merged.announce_type is AnnounceType.NEW

    def test_a_new_version_updates_the_paper_in_its_place(self):
        first = make_paper(announced=MONDAY, version=1, title="Draft", comment="10 pages")
        second = make_paper(announced=WEDNESDAY, version=2, title="Final", announce_type="replace", withdrawn=True)
        (merged,) = merge_listings([make_listing(second), make_listing(first, day=MONDAY)])
        assert (merged.title, merged.version, merged.withdrawn) == ("Final", 2, True)
        assert (merged.announced, merged.announce_type, merged.replaced) == (MONDAY, AnnounceType.NEW, WEDNESDAY)
        assert merged.comment == "10 pages"

    def test_a_version_that_the_latest_source_does_not_tell_is_not_taken_from_before(self):
        first = make_paper(announced=MONDAY, version=1)
        second = make_paper(announced=TUESDAY, version=None, announce_type="replace")
        assert merge_announcements((first, second)).version is None

    @pytest.mark.parametrize("known", [None, 3])
    def test_the_same_announcement_from_two_sources_has_the_version_that_one_of_them_tells(self, known):
        assert merge_announcements((make_paper(version=known), make_paper(version=None))).version == known

    def test_a_cross_list_of_an_old_paper_comes_on_its_own_day(self):
        replaced = make_paper(announced=MONDAY, announce_type="replace", version=2)
        cross = make_paper(announced=WEDNESDAY, announce_type="cross", version=2)
        merged = merge_announcements((replaced, cross))
        assert (merged.announced, merged.announce_type, merged.replaced) == (WEDNESDAY, AnnounceType.CROSS, None)

    def test_nothing_gives_nothing(self):
        assert merge_listings([]) == merge_listings([make_listing()]) == ()


class TestParsers:
    """A reading by newer parsers prevails over one that names more authors."""

    OLD = make_paper(title="Old", authors=("A. Lee", "B. Kim", "et al."), withdrawn=True, comment="9 pages")
    NEW = make_paper(title="New", authors=("A. Lee", "B. Kim"))

    def test_the_newer_one_wins_authors_title_and_withdrawn(self):
        for order in ((0, 1), (1, 0)):
            papers, parsers = (self.OLD, self.NEW), (1, 2)
            merged = merge_announcements([papers[n] for n in order], [parsers[n] for n in order])
            assert (merged.title, merged.authors, merged.withdrawn) == (self.NEW.title, self.NEW.authors, False)
            assert merged.comment == "9 pages"

    def test_listings_bring_their_parsers(self):
        old = make_listing(self.OLD).model_copy(update={"parser": 1})
        new = make_listing(self.NEW, context="stat.ML")
        for listings in ((old, new), (new, old)):
            (merged,) = merge_listings(listings)
            assert merged.authors == self.NEW.authors
        united = unite(old, make_listing(self.NEW))
        assert united.papers[0].authors == self.NEW.authors
        assert united.parser == PARSER_VERSION

    def test_a_page_that_ends_at_a_hundred_authors_loses_none(self):
        many = make_paper(authors=tuple(f"A. Lee-{n}" for n in range(120)))
        first = many.model_copy(update={"authors": many.authors[:100]})
        assert len(merge_announcements((many, first), (1, 2)).authors) == 120

    def test_of_equals_one_that_says_withdrawn_or_et_al_is_believed(self):
        page = self.NEW.model_copy(update={"withdrawn": True, "more_authors": True})
        feed = make_paper(title="New", authors=("A. Lee", "B. Kim", "C. Poe"))
        for held, fresh in ((page, feed), (feed, page)):
            (united,) = unite(make_listing(held), make_listing(fresh)).papers
            assert united.withdrawn
            assert united.more_authors
            assert len(united.authors) == 3

    def test_what_is_stored_without_version_was_read_by_the_first_parsers(self):
        listing = make_listing(self.NEW)
        assert listing.parser == PARSER_VERSION
        bare = listing.model_dump_json(exclude={"parser"}, exclude_computed_fields=True)
        assert Listing.model_validate_json(bare).parser == 1
        whole = listing.model_dump_json(exclude_computed_fields=True)
        assert Listing.model_validate_json(whole) == listing
