"""Which of two listings to believe, and what both together know: tables of small cases."""

from datetime import date
from typing import Any

import pytest

from digest.listings.reconciling import Verdict, judge, overlap, unite
from digest.models import Counts, Listing, Paper, Source
from tests.builders import NOON, make_listing, make_paper

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)


def batch(letters: str, day: date = WEDNESDAY, **overrides: Any) -> Listing:
    """A listing with one paper a letter: small letters are new, capital ones are replacements."""
    return make_listing(*(paper_of(letter, day) for letter in letters), day=day, **overrides)


def paper_of(letter: str, day: date = WEDNESDAY) -> Paper:
    kind = "new" if letter.islower() else "replace"
    return make_paper(id=id_of(letter), announced=day, announce_type=kind)


def id_of(letter: str) -> str:
    return f"2611.{ord(letter):05d}"


def letters_of(listing: Listing) -> str:
    return "".join(chr(int(paper.id.removeprefix("2611."))) for paper in listing.papers)


class TestJudge:
    """What a fresh answer of the feed is worth beside the newest listing that is stored."""

    @pytest.mark.parametrize(
        ("fresh", "held", "verdict"),
        [
            # Nothing in it, or nothing to compare it with.
            (batch(""), batch("abc", TUESDAY), Verdict.EMPTY),
            (batch(""), None, Verdict.EMPTY),
            (batch("abc"), None, Verdict.GOOD),
            # A later day than the one stored: good unless it shows the same papers once more.
            (batch("abc"), batch("xyz", TUESDAY), Verdict.GOOD),
            (batch("abc"), batch("abc", TUESDAY), Verdict.STALE),
            (batch("abcd"), batch("abcx", TUESDAY), Verdict.STALE),
            (batch("abcde"), batch("ab", TUESDAY), Verdict.STALE),
            (batch("ab"), batch("abcde", TUESDAY), Verdict.STALE),
            (batch("abcX"), batch("abcY", TUESDAY), Verdict.STALE),
            (batch("abcd"), batch("abxy", TUESDAY), Verdict.GOOD),
            (batch("abXY"), batch("cdXY", TUESDAY), Verdict.GOOD),
            (batch("XY"), batch("XY", TUESDAY), Verdict.GOOD),
            (batch("abc"), batch("", TUESDAY), Verdict.GOOD),
            # The day that is stored: good unless it shows other papers under that date.
            (batch("abc"), batch("abc"), Verdict.GOOD),
            (batch("abcd"), batch("abc"), Verdict.GOOD),
            (batch("a"), batch("abcd"), Verdict.GOOD),
            (batch("abc"), batch("xyz"), Verdict.MISDATED),
            (batch("abcd"), batch("abxy"), Verdict.MISDATED),
            (batch("abcX"), batch("defX"), Verdict.MISDATED),
            (batch("abc"), batch(""), Verdict.GOOD),
            (batch("abc"), batch("XY"), Verdict.GOOD),
            (batch("XY"), batch("abc"), Verdict.GOOD),
            # An earlier day than the one stored, whatever it shows.
            (batch("abc", TUESDAY), batch("xyz"), Verdict.OLD),
            (batch("abc", TUESDAY), batch("abc"), Verdict.OLD),
            (batch("abc", MONDAY), batch("xyz"), Verdict.OLD),
        ],
        ids=lambda value: (
            value.value if isinstance(value, Verdict) else value and f"{value.day:%a}-{letters_of(value)}"
        ),
    )
    def test_by_day_and_by_what_both_show(self, fresh, held, verdict):
        assert judge(fresh, held) is verdict

    def test_papers_cross_listed_count_as_new_ones(self):
        crosses = [make_paper(id=id_of(letter), announce_type="cross") for letter in "abc"]
        assert judge(make_listing(*crosses), batch("abc", TUESDAY)) is Verdict.STALE


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [("abcd", "abcd", 1), ("abcd", "abxy", 0.5), ("abcd", "a", 1), ("abcd", "", 0), ("", "", 0), ("XY", "XY", 0)],
)
def test_overlap_is_the_share_of_the_smaller_batch(one, other, share):
    assert overlap(batch(one), batch(other)) == overlap(batch(other), batch(one)) == share


TOTALS: dict[str, Any] = {"announced": Counts(new=3)}
UNSURE: dict[str, Any] = {"provisional": True}


class TestUnite:
    """Which papers are left when a listing comes to one of the same day."""

    @pytest.mark.parametrize(
        ("held", "fresh", "papers"),
        [
            # Nothing that only the older one has is lost …
            (batch("ab"), batch("bc"), "abc"),
            (batch("abc"), batch("a"), "abc"),
            (batch("ab"), batch(""), "ab"),
            (batch("ab"), batch("xy"), "abxy"),
            (batch("ab", **UNSURE), batch("bc", **UNSURE), "abc"),
            (batch("ab"), batch("bc", **UNSURE), "abc"),
            (batch("abX"), batch("bY", **TOTALS), "abXY"),
            (batch("abcd"), batch("abc", **TOTALS), "abcd"),
            (batch("XY"), batch("ab", **TOTALS), "abXY"),
            (batch("ab"), batch("XY", **TOTALS), "abXY"),
            # … unless it could not tell who belongs here and the new one can …
            (batch("abx", **UNSURE), batch("abc"), "abc"),
            (batch("abx", **UNSURE), batch("abc", **TOTALS), "abc"),
            (batch("abx", **UNSURE), batch("abc", **TOTALS, **UNSURE), "abc"),
            # … or shows another batch than the one whose totals arXiv states.
            (batch("xyz"), batch("abc", **TOTALS), "abc"),
            (batch("abxy"), batch("abcd", **TOTALS), "abcd"),
            (batch("xyzZ"), batch("abc", **TOTALS), "abc"),
            (batch("abcx"), batch("abcd", **TOTALS), "abcdx"),
        ],
        ids=lambda value: value if isinstance(value, str) else letters_of(value),
    )
    def test_keeps_papers(self, held, fresh, papers):
        assert letters_of(unite(held, fresh)) == papers

    def test_orders_by_type_then_id(self):
        papers = [make_paper(id=id_of(one), announce_type=kind) for one, kind in zip("dcba", ("new", "cross", "replace", "replace-cross"), strict=True)]  # fmt: skip
        assert letters_of(unite(make_listing(*papers[::-1]), batch("e"))) == "decba"

    @pytest.mark.parametrize(
        ("held", "fresh", "expected"),
        [
            ({}, TOTALS, {"announced": Counts(new=3)}),
            (TOTALS, {}, {"announced": Counts(new=3)}),
            ({"announced": Counts(new=9)}, TOTALS, {"announced": Counts(new=3)}),
            ({"source": Source.QUERY_API}, {"source": Source.LISTING_PAGE}, {"source": Source.QUERY_API}),
            (UNSURE, UNSURE, {"provisional": True}),
            (UNSURE, {}, {"provisional": False}),
            ({}, UNSURE, {"provisional": False}),
            ({"backfilled": True}, {}, {"backfilled": True}),
            ({}, {"backfilled": True}, {"backfilled": False}),
            ({"asked": ("cs.CL", "cs.LG")}, {}, {"asked": ("cs.LG",)}),
            ({}, {"asked": ("cs.CL", "cs.LG"), **UNSURE}, {"asked": ("cs.LG",)}),
            ({}, {"asked": ("cs.CL", "cs.LG"), **UNSURE, **TOTALS}, {"asked": ("cs.CL", "cs.LG")}),
        ],
    )
    def test_tells_of_the_day(self, held, fresh, expected):
        united = unite(batch("abc", **held), batch("abc", **fresh))
        assert {name: getattr(united, name) for name in expected} == expected

    def test_is_dated_as_the_fresh_one(self):
        later = NOON.replace(hour=23)
        assert unite(batch("abc"), batch("abc", fetched_at=later)).fetched_at == later


class TestOnePaper:
    """A paper that both listings have: each field from the listing that knows it best."""

    @pytest.mark.parametrize(
        ("held", "fresh", "expected"),
        [
            ({"announce_type": "new"}, {"announce_type": "cross"}, {"announce_type": "cross"}),
            ({"announce_type": "replace"}, {"announce_type": "new"}, {"announce_type": "new"}),
            ({"version": 2}, {"version": None}, {"version": 2}),
            ({"version": None}, {"version": 2}, {"version": 2}),
            ({"comment": "9 pages"}, {"comment": None}, {"comment": "9 pages"}),
            ({"authors": ("A", "B", "C")}, {"authors": ("A",)}, {"authors": ("A", "B", "C")}),
            ({"authors": ("A",)}, {"authors": ("A", "B")}, {"authors": ("A", "B")}),
            ({"categories": ("cs.LG",)}, {"categories": ("cs.LG", "math.ST")}, {"categories": ("cs.LG", "math.ST")}),
            ({"announced": TUESDAY}, {"announced": WEDNESDAY}, {"announced": WEDNESDAY, "replaced": None}),
            ({"replaced": WEDNESDAY}, {}, {"replaced": None}),
            ({}, {"replaced": WEDNESDAY}, {"replaced": None}),
        ],
    )
    def test_is_united_field_by_field(self, held, fresh, expected):
        (paper,) = unite(make_listing(make_paper(**held)), make_listing(make_paper(**fresh))).papers
        found = {name: getattr(paper, name) for name in expected}
        if "authors" in found:
            found["authors"] = tuple(author.name for author in paper.authors)
        assert found == expected
