"""Model summaries in feeds, the API and the cron: what a reader sees before, during and after, and who pays."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.config.views import SummaryMode
from digest.feeds.papers import FeedRequest, merged_summary
from digest.models import Summary
from digest.selection import Selection
from digest.summaries.kept import builtin_summary
from tests.builders import make_config
from tests.fakes import settled, with_behind
from tests.sites import ARXIV_URL, FEEDS

pytestmark = pytest.mark.anyio

MODEL = """
model:
  base_url: http://model.test/v1
  model: test-model
  prices: {{input: 1, output: 2}}
  {more}
"""
ANSWER = {
    "tldr": "The authors show that a small model can do what was thought to need a large one.",
    "motivation": "Large models are expensive, and few groups can afford to train them.",
    "method": "A small model is trained on the answers that a large one gives to hard questions.",
    "result": "The small model answers most of these questions as well as its teacher does.",
    "conclusion": "Much of what large models know can be handed on to small ones.",
}


class Model(httpx.AsyncBaseTransport):
    """Gives one answer to everything, or a status; remembers what it was asked."""

    def __init__(self, answer=ANSWER, *, status=200):
        self.answer, self.status = answer, status
        self.prompts = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def handle_async_request(self, request):
        self.prompts.append((await request.aread()).decode())
        await self.gate.wait()
        if self.status != 200:
            return httpx.Response(self.status, json={"error": {"message": "no"}})
        choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(self.answer)}}
        usage = {"prompt_tokens": 300, "completion_tokens": 100}
        return httpx.Response(200, json={"choices": [choice], "usage": usage})


def with_model(site, model=None, *, feeds=FEEDS, more=""):
    """Give the server a model; `languages` is its feed of four papers."""
    site.model = model or Model()
    site.config = make_config(feeds + MODEL.format(more=more), arxiv_url=ARXIV_URL)
    return site


async def poll(service, name="languages", **changes):
    """Read a named feed as JSON and wait for what goes on behind the answer."""
    request = service.feeds.named(name)
    request = request.narrowed(Selection(), None, request.view.model_copy(update=changes))
    document = await settled(
        service.feeds.feed(request, "json", self_url="http://x.test/a", page_url="http://x.test/b")
    )
    return json.loads(document.body)["items"], document


def engines(items):
    return [item["_arxiv"].get("summary", {}).get("engine") for item in items]


@pytest.fixture
async def service(site):
    made = with_model(site).service()
    yield made
    await made.aclose()


class TestFeed:
    async def test_answers_with_built_in_summaries_and_has_the_models_at_the_next_poll(self, site, service):
        before, first = await poll(service)
        site.clock.advance(minutes=5)
        after, second = await poll(service)
        assert set(engines(before)) == {"builtin"}
        assert set(engines(after)) == {"test-model"}
        assert [item["summary"] for item in after] == [ANSWER["tldr"]] * 4
        assert first.etag != second.etag

    async def test_keeps_ids_and_dates_and_moves_updated(self, service):
        before, first = await poll(service)
        after, second = await poll(service)
        for name in ("id", "url", "date_published", "title"):
            assert [item[name] for item in before] == [item[name] for item in after]
        assert all(old["date_modified"] < new["date_modified"] for old, new in zip(before, after, strict=True))
        assert second.last_modified >= first.last_modified

    async def test_asks_once_a_paper_however_often_and_from_wherever_it_is_read(self, site, service):
        await asyncio.gather(poll(service), poll(service), poll(service, math="tex"))
        await poll(site.service())
        assert len(site.model.prompts) == len(set(site.model.prompts)) == 4

    async def test_may_soon_be_more_complete_while_work_is_under_way(self, site, service):
        site.model.gate.clear()
        request = service.feeds.named("languages")
        document, behind = await with_behind(service.feeds.feed(request, "json", self_url="", page_url=""))
        assert document.expiry.unfinished
        assert document.expiry.fresh_for.total_seconds() == 60
        site.model.gate.set()
        await asyncio.wait(behind)

    async def test_waits_as_long_as_readers_may(self, site):
        items, _ = await poll(with_model(site, more="inline_seconds: 20").service())
        assert set(engines(items)) == {"test-model"}

    async def test_does_not_wait_longer(self, site):
        model = Model()
        model.gate.clear()
        service = with_model(site, model, more="inline_seconds: 0.01").service()
        document = await service.feeds.feed(service.feeds.named("languages"), "json", self_url="", page_url="")
        assert set(engines(json.loads(document.body)["items"])) == {"builtin"}
        await service.aclose()

    async def test_has_parts_that_the_model_left_out_from_the_abstract(self, site):
        answer = {**ANSWER, "result": "", "conclusion": ""}
        service = with_model(site, Model(answer)).service()
        before, _ = await poll(service)
        after, _ = await poll(service)
        for old, new in zip(before, after, strict=True):
            paper = await service.papers.find(old["_arxiv"]["id"])
            builtin, merged = builtin_summary(paper.title, paper.abstract), new["_arxiv"]["summary"]
            assert merged.get("result") == builtin.result
            assert merged["method"] == ANSWER["method"]
            assert old["_arxiv"]["summary"].keys() <= merged.keys()

    async def test_does_not_repeat_sentences_of_the_abstract_where_no_model_wrote(self, site):
        service = site.service()
        document = await service.feeds.feed(service.feeds.named("languages"), "json", self_url="", page_url="")
        items = json.loads(document.body)["items"]
        assert {tuple(item["_arxiv"]["summary"]) for item in items} == {("engine", "language", "tldr")}

    def test_has_no_parts_in_another_language_but_the_tldr(self):
        builtin = Summary(engine="builtin", language="en", tldr="We bound it.", method="We count.", result="It holds.")
        partly = Summary(engine="m", language="zh-CN", tldr="我们给出界。", method="计数。")
        assert merged_summary(partly, builtin) == partly
        translated = Summary(engine="m", language="zh-CN", title="界", abstract="我们给出界。")
        assert merged_summary(translated, builtin) == translated.model_copy(update={"tldr": "We bound it."})
        british = Summary(engine="m", language="en-GB", tldr="A bound.")
        assert merged_summary(british, builtin).method == "We count."

    @pytest.mark.parametrize(("mode", "expected"), [("builtin", "builtin"), ("none", None), ("model", "test-model")])
    async def test_shows_what_is_asked_for(self, service, mode, expected):
        await poll(service)
        items, _ = await poll(service, summary=SummaryMode(mode))
        assert set(engines(items)) == {expected}

    @pytest.mark.parametrize("mode", ["builtin", "none"])
    async def test_spends_nothing_where_it_shows_none(self, site, service, mode):
        await poll(service, summary=SummaryMode(mode))
        assert not site.model.prompts

    async def test_only_of_a_model_lacks_what_was_not_written_yet(self, service):
        items, _ = await poll(service, summary=SummaryMode.MODEL)
        assert set(engines(items)) == {None}


class TestOthers:
    async def test_an_ad_hoc_feed_never_spends_but_shows_what_is_there(self, site, service):
        async def ad_hoc():
            request = FeedRequest(parse_spec("cs.CL"), Selection())
            document = await service.feeds.feed(request, "json", self_url="", page_url="")
            return engines(json.loads(document.body)["items"])

        assert set(await ad_hoc()) == {"builtin"}
        assert not site.model.prompts
        await poll(service)
        assert (await ad_hoc()).count("test-model") == 4
        assert len(site.model.prompts) == 4

    async def test_another_language_is_looked_up_only(self, site, service):
        await poll(service)
        items, _ = await poll(service, lang="zh-CN")
        assert set(engines(items)) == {"builtin"}
        assert len(site.model.prompts) == 4

    async def test_a_narrowed_feed_does_not_spend(self, site, service):
        request = service.feeds.named("machines")
        await service.feeds.feed(
            request.narrowed(Selection(limit=1), None, request.view), "json", self_url="", page_url=""
        )
        assert not site.model.prompts

    async def test_the_json_api_has_them_too(self, site, service):
        await poll(service)
        async with site.client() as client:
            page = (await client.get("/api/papers?feed=languages")).json()
        assert {entry["summary"]["engine"] for entry in page["entries"]} == {"test-model"}


class TestFailures:
    @pytest.mark.parametrize(
        "model", [Model(status=401), Model(status=404), Model({"tldr": "N/A"}), Model("nothing of use")]
    )
    async def test_leave_the_built_in_summaries(self, site, model):
        service = with_model(site, model).service()
        before, first = await poll(service)
        after, second = await poll(service)
        assert before == after
        assert first.etag == second.etag
        assert set(engines(after)) == {"builtin"}

    async def test_are_not_paid_for_at_each_poll(self, site):
        service = with_model(site, Model({"tldr": "N/A"})).service()
        await poll(service)
        asked = len(site.model.prompts)
        site.clock.advance(minutes=11)
        await poll(service)
        assert len(site.model.prompts) == asked

    async def test_a_spent_budget_ends_it(self, site):
        service = with_model(site, more="daily: {calls: 2}").service()
        await poll(service)
        items, _ = await poll(service)
        assert sorted(engines(items)) == ["builtin", "builtin", "test-model", "test-model"]
        assert len(site.model.prompts) == 2
        site.clock.advance(days=1)
        await poll(service)
        items, _ = await poll(service)
        assert len(site.model.prompts) == 4

    async def test_a_spent_budget_is_told_wherever_one_looks(self, site):
        service = with_model(site, more="daily: {calls: 2}").service()
        await poll(service)
        service = site.service()
        forecast = (await service.summaries.forecast())["languages"]
        async with site.client() as client:
            summaries = (await client.get("/api/status")).json()["summaries"]
            page = (await client.get("/status")).text
        why = "the budget of calls for 2026-11-18 is spent; it goes on at 2026-11-19 00:00 UTC"
        assert forecast.problem == why
        assert summaries["problem"] == f"{why}; 2 papers wait"
        assert summaries["waiting"] == 2
        assert summaries["problem"] in page
        site.clock.advance(days=1)
        assert (await site.service().operations.status()).summaries.problem is None

    async def test_limits_that_are_not_set_keep_their_defaults(self, site):
        model = with_model(site, more="daily: {calls: 10, money: 1}\n  monthly: {tokens: null}").config.model
        assert (model.daily.calls, model.daily.tokens, model.daily.money) == (10, 2_000_000, 1.0)
        assert (model.monthly.calls, model.monthly.tokens, model.monthly.money) == (10_000, None, None)

    async def test_a_model_without_address_asks_nobody_and_is_told(self, site):
        site.config = make_config(FEEDS + "\nmodel: {model: alone}\n", arxiv_url=ARXIV_URL)
        async with site.client() as client:
            summaries = (await client.get("/api/status")).json()["summaries"]
            page = (await client.get("/status")).text
        assert summaries["problem"].startswith("the model has neither address nor key")
        assert "the model has neither address nor key" in page


class TestOperations:
    async def test_the_cron_fills_in_all_configured_feeds(self, site):
        with_model(site, feeds=FEEDS + "    schema: tldr\n")
        site.clock.advance(hours=1)
        async with site.client() as client:
            told = (await client.get("/api/cron/refresh")).json()["summaries"]
        papers = {name: outcome["wanted"] for name, outcome in told.items()}
        assert set(told) == {"machines", "languages"}
        assert papers["languages"] == 4
        assert all(outcome["present"] + outcome["written"] == outcome["wanted"] for outcome in told.values())

    async def test_a_run_that_is_ended_goes_on_where_it_was(self, site):
        service = with_model(site, more="daily: {calls: 3}").service()
        first = (await service.summaries.fill(timedelta(minutes=5)))["languages"]
        site.clock.advance(days=1)
        site.config = make_config(FEEDS + MODEL.format(more=""), arxiv_url=ARXIV_URL, wait_s=0)
        await site.service().summaries.fill(timedelta(minutes=5))
        assert len(site.model.prompts) == len(set(site.model.prompts))
        assert first.wanted == first.present + first.written + first.left

    async def test_a_forecast_asks_nobody(self, site, service):
        found = await service.summaries.forecast()
        assert found["languages"].papers == found["languages"].calls == 4
        assert found["languages"].money > 0
        assert not site.model.prompts

    async def test_the_status_tells_who_spent_what(self, site, service):
        await poll(service)
        async with site.client() as client:
            summaries = (await client.get("/api/status")).json()["summaries"]
            page = (await client.get("/status")).text
        assert summaries["ledger"] == [
            {
                "day": "2026-11-18",
                "feed": "languages",
                "model": "test-model",
                "calls": 4,
                "input_tokens": 1200,
                "output_tokens": 400,
                "money": 0.002,
                "summaries": 4,
            }
        ]
        assert summaries["today"]["tokens"] == 1600
        assert "Summaries by a model" in page
        assert "<td>languages</td><td>test-model</td>" in page

    async def test_without_a_model_there_is_nothing_to_tell(self, client):
        assert (await client.get("/api/status")).json()["summaries"] is None
        assert "Summaries by a model" not in (await client.get("/status")).text


class TestParameters:
    @pytest.mark.parametrize(
        "query", ["summary=model", "summary=auto", "summary=none", "lang=zh-CN", "lang=de&summary=model"]
    )
    async def test_are_taken(self, client, query):
        assert (await client.get(f"/json/cs.CL?{query}")).status_code == 200

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("lang=Chinese", "is no language tag"),
            ("summary=gpt", "summary: input should be 'auto', 'builtin', 'model' or 'none'"),
            ("language=de", "unknown parameter language"),
        ],
    )
    async def test_that_make_no_sense_are_refused(self, client, query, said):
        response = await client.get(f"/json/cs.CL?{query}")
        assert response.status_code == 400
        assert said in response.text

    async def test_a_language_has_one_spelling(self, client):
        response = await client.get("/json/cs.CL?lang=zh_hans")
        assert (response.status_code, response.headers["location"]) == (301, "/json/cs.CL?lang=zh-Hans")
