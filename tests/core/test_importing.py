"""What becomes of the settings of arxiv_rss_bot."""

import json

import pytest

from digest.config_file import parse_config
from digest.errors import InputError
from digest.importing import import_config


def imported(**settings):
    return import_config(json.dumps({"categories": ["cs.AI"], **settings}))


def feed_of(result):
    return parse_config(result.yaml, {}).feeds["imported"]


def test_a_whole_file_becomes_a_feed_with_the_bots_points():
    result = imported(
        categories=["cs.AI", "cs.CL"], keywords=["LLM", "C++"], exclude_keywords=["survey"], max_papers=50, days_back=3
    )
    feed = feed_of(result)
    assert (feed.categories, feed.exclude, feed.limit, feed.days) == (("cs.AI", "cs.CL"), ("survey",), 50, 3)
    assert feed.scoring.scorer == "substring"
    assert [keyword.terms for keyword in feed.scoring.keywords] == [("LLM",), ("C++",)]
    assert result.remarks == ("days_back: 3 days of the calendar became 3 announcements",)


@pytest.mark.parametrize("word", ["*", "a*b", "LLM | MoE", "--"])
def test_words_that_we_cannot_take_are_left_out_and_told(word):
    result = imported(keywords=["LLM", word], exclude_keywords=[word, "survey"])
    feed = feed_of(result)
    assert [keyword.terms for keyword in feed.scoring.keywords] == [("LLM",)]
    assert feed.exclude == ("survey",)
    assert [remark.partition(" left out: ")[0] for remark in result.remarks] == [
        f"exclude_keywords: {word!r}",
        f"keywords: {word!r}",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "expected an object with settings, found list"),
        ("{}", "no category of arXiv among `categories`"),
    ],
)
def test_what_is_no_such_file_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        import_config(text)
