"""What votes mean for the ranking, and what is told of it."""

from datetime import UTC, datetime, timedelta

from digest.feeds.addresses import spec_address
from digest.profiles.addresses import stateless_address
from digest.profiles.learning import MOST_EXAMPLES, Learnt, learnt, scoring_of
from digest.profiles.profile import Vote
from tests.builders import make_paper
from tests.profiles.test_profile import make_profile, paper

T0 = datetime(2026, 1, 29, 12, tzinfo=UTC)


def with_votes(likes, dislikes=0):
    votes = [
        Vote(paper=paper(number), liked=number < likes, at=T0 + timedelta(minutes=number))
        for number in range(likes + dislikes)
    ]
    return make_profile(query=(("top", "20"),)).with_votes(votes)


class TestExamples:
    def test_the_newest_of_each_side_count(self):
        scoring = scoring_of(with_votes(400, 400), reasons="words")
        assert scoring.like == tuple(map(paper, range(400 - MOST_EXAMPLES, 400)))
        assert scoring.dislike == tuple(map(paper, range(800 - MOST_EXAMPLES, 800)))

    def test_the_order_of_votes_makes_no_difference(self):
        first = make_profile().with_votes(
            [Vote(paper=paper(1), liked=True, at=T0), Vote(paper=paper(2), liked=True, at=T0 + timedelta(1))]
        )
        second = make_profile().with_votes(
            [Vote(paper=paper(2), liked=True, at=T0), Vote(paper=paper(1), liked=True, at=T0 + timedelta(1))]
        )
        assert scoring_of(first, reasons="words") == scoring_of(second, reasons="words")


class TestStatelessAddress:
    def test_it_names_the_votes_and_the_settings(self):
        assert stateless_address(with_votes(2, 1), longest=4_000) == spec_address(
            "cs.LG", (("dislike", paper(2)), ("like", f"{paper(0)},{paper(1)}"), ("top", "20"))
        )

    def test_the_newest_votes_find_room(self):
        address = stateless_address(with_votes(300, 300), longest=1_000)
        assert len(address.feed("atom")) <= 1_000 < len(address.feed("atom")) + 30
        assert paper(299) in dict(address.query)["like"]
        assert paper(599) in dict(address.query)["dislike"]
        assert paper(0) not in dict(address.query)["like"]

    def test_without_votes_it_is_the_plain_feed(self):
        assert stateless_address(make_profile(), longest=4_000) == spec_address("cs.LG", ())


ROBOTS = [
    make_paper(id=f"2601.0000{number}", title=f"Walking robots {word}", abstract="A robot walks on legs over stones.")
    for number, word in enumerate(["uphill", "downhill", "backwards"])
]
STARS = [
    make_paper(id=f"2601.0001{number}", title=f"Dwarf galaxies {word}", abstract="A galaxy of few stars and much dust.")
    for number, word in enumerate(["nearby", "far away"])
]


class TestLearnt:
    def test_words_and_papers_of_both_sides_are_told(self):
        told = learnt(ROBOTS, STARS)
        assert {"robots", "walking"} & set(told.words)
        assert {"galaxies", "dwarf"} & set(told.unwanted_words)
        assert not set(told.words) & set(told.unwanted_words)
        assert set(told.papers) == set(ROBOTS)
        assert set(told.unwanted_papers) == set(STARS)

    def test_one_side_alone_says_nothing_of_the_other(self):
        told = learnt(ROBOTS, [])
        assert told.words
        assert (told.unwanted_words, told.unwanted_papers) == ((), ())

    def test_nothing_is_learnt_of_nothing(self):
        assert learnt([], []) == Learnt()
