"""Settings of arxiv_rss_bot as ours."""

import json

import pytest

from digest.config.importing import FEED_NAME, import_config
from digest.config.reading import parse_config
from digest.errors import InputError
from digest.selection import select
from tests.builders import make_paper


def imported(**settings):
    made = import_config(json.dumps({"categories": ["cs.LG"]} | settings))
    return parse_config(made.yaml, {}).feeds[FEED_NAME], made.remarks


def test_what_has_a_counterpart_means_the_same():
    feed, remarks = imported(
        categories=["cs.lg", "math.IT", "cs.LG"],
        keywords=["LLM", " RL "],
        exclude_keywords=["survey"],
        max_papers=12,
        days_back=3,
        ai_summary={"enabled": True},
    )
    assert (feed.categories, feed.exclude, feed.limit, feed.days) == (("cs.IT", "cs.LG"), ("survey",), 12, 3)
    assert feed.scoring.scorer == "substring"
    assert [keyword.terms for keyword in feed.scoring.keywords] == [("LLM",), ("RL",)]
    assert [remark.partition(":")[0] for remark in remarks] == ["days_back", "ai_summary"]


@pytest.mark.parametrize(
    ("settings", "limit"), [({}, 50), ({"max_papers": 12}, 12), ({"max_papers": 30}, 30), ({"max_papers": 50}, 50)]
)
def test_as_many_papers_are_shown_as_the_bot_shows(settings, limit):
    feed, _ = imported(keywords=["LLM"], **settings)
    assert feed.selection(()).effective_limit == limit


@pytest.mark.parametrize(
    ("keywords", "shown"),
    [
        (["llm", "rl"], ["LLMs in the world", "A world"]),
        (["llm"], ["LLMs in the world"]),
        ([], ["LLMs in the world", "A world", "Maps"]),
    ],
)
def test_a_paper_without_any_keyword_stays_out_as_it_does_with_the_bot(keywords, shown):
    feed, _ = imported(keywords=keywords)
    papers = [make_paper(id=title, title=title, abstract="") for title in ("LLMs in the world", "A world", "Maps")]
    assert [entry.paper.title for entry in select(papers, feed.selection(())).entries] == shown


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({"enabled": True}, ("full", "fulltext")),
        ({"enabled": False}, ("tldr", "abstract")),
        ({}, ("tldr", "abstract")),
        (True, ("tldr", "abstract")),
    ],
)
def test_summaries_are_of_the_whole_paper_where_the_bot_writes_them(summary, expected):
    feed, _ = imported(ai_summary=summary)
    assert (feed.summary_schema, feed.source) == expected


def test_what_is_not_set_or_the_bots_default_is_left_out():
    feed, remarks = imported(max_papers=30)
    assert (feed.limit, feed.days, remarks) == (None, 7, ())


def test_cross_lists_stay_out_as_they_do_with_the_bot():
    feed, _ = imported()
    assert feed.types == ("new",)


def test_what_a_model_needs_is_told_setting_by_setting():
    settings = {
        "enabled": True,
        "language": "zh-cn",
        "model": "qwen-max",
        "base_url": "https://me:SECRET@api.example.org/v1",
        "api_key_env": "SOME_KEY",
        "prompt_file": "prompt.md",
        "max_papers_to_summarize": 5,
        "max_workers": 2,
        "mood": "good",
    }
    feed, remarks = imported(ai_summary=settings)
    assert feed.language == "zh-CN"
    assert [remark.partition(":")[0] for remark in remarks] == [
        "ai_summary",
        *(f"ai_summary.{name}" for name in settings if name not in {"enabled", "language"}),
    ]
    assert "ai_summary.base_url: set LLM_BASE_URL in the environment (now https://***@api.example.org/v1)" in remarks
    assert "model.daily.calls" in " ".join(remarks)


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        ({"categories": ["cs.LG", "cs.XX"]}, "categories: unknown category cs.XX"),
        ({"keywords": "LLM"}, "keywords: expected a list, found 'LLM'; left out"),
        ({"keywords": ["LLM", 7, " "]}, "keywords: [7, ' '] left out, not text"),
        ({"max_papers": True}, "max_papers: expected a positive number, found True; left out"),
        ({"days_back": 90}, "days_back: 90 days of the calendar became 60 announcements"),
        ({"port": 1}, "port: has no counterpart and was left out"),
        ({"min_score": 2}, "min_score: left out, since the bot doesn't read it; `min_score` of the feed"),
        ({"enable_deduplication": True}, "enable_deduplication: not needed: one paper is one entry"),
        ({"language": "Klingon!"}, "language: "),
        ({"ai_summary": True}, "ai_summary: papers have the built-in summary"),
    ],
)
def test_what_can_t_be_carried_over_is_told(settings, remark):
    _, remarks = imported(**settings)
    assert len(remarks) == 1
    assert remarks[0].startswith(remark)


@pytest.mark.parametrize("word", ["*", "a*b", "LLM | MoE", "--"])
def test_words_that_we_cannot_take_are_left_out_and_told(word):
    feed, remarks = imported(keywords=["LLM", word], exclude_keywords=[word, "survey"])
    assert [keyword.terms for keyword in feed.scoring.keywords] == [("LLM",)]
    assert feed.exclude == ("survey",)
    assert [remark.partition(" left out: ")[0] for remark in remarks] == [
        f"exclude_keywords: {word!r}",
        f"keywords: {word!r}",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not JSON"), ("[" * 100_000, "not JSON"), ("[]", "found list"), ("{}", "no category of arXiv")],
)
def test_what_is_no_such_file_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        import_config(text)
