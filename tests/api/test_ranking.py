"""Feeds that are ranked by example papers, from the configuration to the reasons in an answer."""

import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedRequest
from digest.selection import Scoring, Selection
from tests.builders import make_config
from tests.sites import ARXIV_URL

pytestmark = pytest.mark.anyio


def configured(site, scoring, more=""):
    text = f"feeds:\n  mine:\n    categories: [cs.LG]\n    scoring: {scoring}\n{more}"
    site.config = make_config(text, arxiv_url=ARXIV_URL)
    return site.client()


async def items_of(client):
    return (await client.get("/feeds/mine.json")).json()["items"]


def matches_of(item, rule):
    return [match for match in item["_arxiv"]["matches"] if match["rule"] == rule]


async def ids_of(site):
    async with configured(site, "{}") as client:
        return [item["_arxiv"]["id"] for item in await items_of(client)]


async def test_a_liked_paper_leads_its_day_and_a_disliked_one_ends_it(site):
    newest = await ids_of(site)
    liked, disliked = newest[2], newest[0]
    async with configured(site, f"{{like: ['{liked}'], dislike: ['{disliked}']}}") as client:
        items = await items_of(client)
    day = [item for item in items if item["date_published"][:10] == items[0]["date_published"][:10]]
    (first,) = [match for match in matches_of(day[0], "like") if match["term"] == liked]
    assert day[0]["_arxiv"]["id"] == liked
    assert first["nearest"]["title"] == day[0]["title"]
    assert first["nearest"]["link"] == f"https://arxiv.org/abs/{liked}"
    assert len(first["nearest"]["words"]) == 3
    assert day[-1]["_arxiv"]["id"] == disliked
    assert day[-1]["_arxiv"]["score"] < 0
    assert f'unlike what you want: <a href="https://arxiv.org/abs/{disliked}"' in day[-1]["content_html"]


async def test_each_side_gives_its_own_reasons_and_another_document(site):
    newest = await ids_of(site)
    tags = set()
    for scoring in (f"{{like: ['{newest[1]}']}}", f"{{dislike: ['{newest[1]}']}}"):
        async with configured(site, scoring) as client:
            answer = await client.get("/feeds/mine.json")
        rules = {match["rule"] for item in answer.json()["items"] for match in item["_arxiv"]["matches"]}
        assert rules == {scoring[1:].partition(":")[0]}
        tags.add(answer.headers["etag"])
    assert len(tags) == 2


async def test_explain_names_both_examples(site):
    newest = await ids_of(site)
    scoring = Scoring(like=(newest[1],), dislike=(newest[1],))
    service = site.service()
    steps = await service.feeds.explain(FeedRequest(parse_spec("cs.LG"), Selection(scoring=scoring)), newest[1])
    await service.aclose()
    details = [step.detail for step in steps if step.rule == "score"]
    assert [detail.partition(":")[0] for detail in details] == ["like", "dislike"]
    assert all(newest[1] in detail for detail in details)


async def test_top_keeps_the_best_of_each_day_and_the_receipt_counts_the_rest(site):
    async with configured(site, "{}", "    top: 2\n") as client:
        feed = (await client.get("/feeds/mine.json")).json()
    days = [item["date_published"][:10] for item in feed["items"]]
    assert len(days) > 2
    assert all(days.count(day) <= 2 for day in days)
    receipt = feed["_arxiv"]["receipt"]
    assert receipt["shown"] == len(days)
    assert receipt["left_out"]["top"] > 0


async def test_min_score_is_allowed_where_only_examples_give_points(site):
    newest = await ids_of(site)
    async with configured(site, f"{{dislike: ['{newest[0]}']}}", "    min_score: 1\n") as client:
        assert await items_of(client) == []
