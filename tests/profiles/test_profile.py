"""A profile as a value: votes, saved papers, bounds, merging, and its export."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.errors import InputError
from digest.profiles.keys import Kind
from digest.profiles.profile import (
    MOST_SAVED,
    MOST_VOTES,
    Profile,
    Saved,
    Vote,
    exported,
    merged,
    new_editions,
    renewed,
    restored,
)

T0 = datetime(2026, 1, 29, 12, tzinfo=UTC)


def paper(number):
    return f"2601.{number:05}"


def vote(number, *, liked=True, minutes=0):
    return Vote(paper=paper(number), liked=liked, at=T0 + timedelta(minutes=minutes))


def saved(number, *, minutes=0):
    return Saved(paper=paper(number), at=T0 + timedelta(minutes=minutes))


def make_profile(**overrides):
    members = {"root": "ab" * 32, "editions": dict(new_editions()), "spec": "cs.LG", "created": date(2026, 1, 29)}
    return Profile(**{**members, **overrides})


class TestVotes:
    def test_the_last_vote_on_a_paper_counts(self):
        profile = make_profile().with_votes([vote(1)]).with_votes([vote(1, liked=False, minutes=1)])
        assert (profile.liked(), profile.disliked()) == ((), (paper(1),))

    def test_an_older_vote_changes_nothing(self):
        profile = make_profile().with_votes([vote(1, minutes=1)])
        assert profile.with_votes([vote(1, liked=False)]) == profile

    def test_the_newest_come_first(self):
        profile = make_profile().with_votes([vote(1), vote(2, minutes=2), vote(3, minutes=1)])
        assert profile.liked() == (paper(2), paper(3), paper(1))
        assert profile.liked(2) == (paper(2), paper(3))

    def test_a_vote_is_taken_back_alone(self):
        profile = make_profile().with_votes([vote(1), vote(2)]).without_votes([paper(1)])
        assert profile.liked() == (paper(2),)

    def test_the_oldest_give_way(self):
        full = make_profile().with_votes(vote(number, minutes=number) for number in range(MOST_VOTES))
        fuller = full.with_votes([vote(90_000, minutes=10_000)])
        assert len(fuller.votes) == MOST_VOTES
        assert paper(0) in full.liked()
        assert paper(0) not in fuller.liked()
        assert fuller.liked()[0] == paper(90_000)

    def test_no_value_changes(self):
        profile = make_profile()
        profile.with_votes([vote(1)])
        assert profile.votes == ()


class TestSaved:
    def test_saving_twice_keeps_the_first_date(self):
        profile = make_profile().with_saved([saved(1)])
        assert profile.with_saved([saved(1, minutes=5)]) == profile

    def test_nothing_that_is_saved_gives_way(self):
        full = make_profile().with_saved(saved(number) for number in range(MOST_SAVED))
        with pytest.raises(InputError):
            full.with_saved([saved(90_000)])
        assert full.with_saved([saved(1)]) == full

    def test_one_is_removed_alone(self):
        profile = make_profile().with_saved([saved(1), saved(2)]).without_saved([paper(2)])
        assert [one.paper for one in profile.saved] == [paper(1)]


votes_on_few_papers = st.lists(
    st.builds(vote, st.integers(1, 6), liked=st.booleans(), minutes=st.integers(0, 50)),
    max_size=12,
    unique_by=lambda one: one.at,
)


class TestMerging:
    @given(votes_on_few_papers, votes_on_few_papers)
    def test_no_paper_is_lost_and_the_last_vote_counts(self, ours, theirs):
        both = merged(make_profile().with_votes(ours), make_profile().with_votes(theirs))
        last = {}
        for one in sorted([*ours, *theirs], key=lambda one: one.at):
            last[one.paper] = one.at
        assert {one.paper: one.at for one in both.votes} == last

    @given(votes_on_few_papers)
    def test_merging_with_itself_changes_nothing(self, ours):
        profile = make_profile().with_votes(ours)
        assert merged(profile, profile) == profile

    def test_settings_and_keys_stay(self):
        ours = renewed(make_profile(spec="hep-th"), Kind.READ, "1f")
        both = merged(ours, make_profile(spec="cs.CL").with_saved([saved(1)]))
        assert (both.spec, both.editions) == ("hep-th", ours.editions)
        assert [one.paper for one in both.saved] == [paper(1)]


class TestExport:
    def test_what_is_exported_comes_back(self):
        profile = (
            make_profile(query=(("top", "20"),)).with_votes([vote(1), vote(2, liked=False)]).with_saved([saved(3)])
        )
        profile = renewed(profile, Kind.VOTE, "2c")
        assert restored(exported(profile)) == profile

    def test_it_says_what_it_is(self):
        document = json.loads(exported(make_profile()))
        assert (document["format"], document["version"]) == ("arxiv-digest profile", 1)

    def test_ids_are_read_as_people_write_them(self):
        document = json.loads(exported(make_profile()))
        document["votes"] = [
            {"paper": "https://arxiv.org/abs/hep-th/9901001v2", "liked": True, "at": "2026-01-29T12:00:00Z"}
        ]
        assert restored(json.dumps(document)).liked() == ("hep-th/9901001",)

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "something else"},
            {"version": 2},
            {"version": 0},
            {"root": "ab" * 31},
            {"root": "AB" * 32},
            {"root": "zz" * 32},
            {"root": "ab" * 32 + "\n"},
            {"editions": {"o": "", "r": ""}},
            {"editions": {"o": "", "r": "", "v": "", "x": ""}},
            {"editions": {"o": "\x00", "r": "", "v": ""}},
            {"spec": ""},
            {"votes": [{"paper": "no id", "liked": True, "at": "2026-01-29T12:00:00Z"}]},
            {"votes": [{"paper": "2601.00001", "liked": True, "at": "2026-01-29T12:00:00"}]},
            {"votes": [{"paper": "2601.00001", "liked": True, "at": "2026-01-29T12:00:00Z"}] * (MOST_VOTES + 1)},
            {"saved": [{"paper": "2601.00001", "at": "soon"}]},
            {"more": 1},
            {"query": [["top"]]},
        ],
    )
    def test_anything_else_is_refused(self, change):
        document = json.loads(exported(make_profile())) | change
        with pytest.raises(ValidationError):
            restored(json.dumps(document))

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "1e999", "\ud800", '{"format":"arxiv-digest profile"}'])
    def test_no_json_is_refused(self, text):
        with pytest.raises(ValidationError):
            restored(text)
