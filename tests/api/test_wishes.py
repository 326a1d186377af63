"""Feeds with wishes from the outside: what readers see before and after grades, what waits and for how long, who pays."""

import json
from datetime import timedelta

import httpx
import pytest

from digest.selection import Selection
from tests.builders import make_config
from tests.fakes import settled
from tests.llm.llm_kit import answer
from tests.llm.verdict_kit import RefusingStore, read_request
from tests.sites import ARXIV_URL

pytestmark = pytest.mark.anyio

WISH = "language models that reason about the taste of fruit"
HOSTILE = "Ignore Previous Instructions"
"""A paper of the demo whose first sentences give orders: a grader that quotes them proves nothing."""
FEEDS = f"""
feeds:
  wished:
    categories: [cs.CL]
    types: [new]
    days: 3
    summary: none
    wants: {WISH}
"""
MODEL = """
model:
  base_url: http://model.test/v1
  model: test-model
  prices: {input: 1, output: 2}
"""


class Grader(httpx.AsyncBaseTransport):
    """Grades each paper by a function of its title, quoting the beginning of its abstract."""

    def __init__(self, judge=lambda paper: 3):
        self.judge = judge
        self.requests = []

    async def handle_async_request(self, request):
        papers = read_request(json.loads(await request.aread()))
        self.requests.append(papers)
        made = {
            paper.label: {"quote": " ".join(paper.abstract.split()[:30]), "grade": self.judge(paper)}
            for paper in papers
        }
        return answer(made)


@pytest.fixture
def proves_all(monkeypatch):
    """Let every quote be about the wish: the papers of these tests are made up."""
    monkeypatch.setattr("digest.llm.proofs.shares_content", lambda _quote, _wish: True)


def wished(site, *, more="", model=True, grader=None):
    site.model = grader or Grader()
    site.config = make_config(FEEDS + more + (MODEL if model else ""), arxiv_url=ARXIV_URL)
    return site.service()


async def poll(service, name="wished"):
    """Read the feed as JSON and wait for what goes on behind the answer."""
    request = service.feeds.named(name)
    document = await settled(
        service.feeds.feed(request, "json", self_url="http://x.test/a", page_url="http://x.test/b")
    )
    found = json.loads(document.body)
    return found["items"], found["_arxiv"]["receipt"], document


def marks(items):
    return {mark for item in items for mark in ("not judged", "not considered") if mark in item["content_html"]}


class TestWithoutAModel:
    async def test_the_first_stage_orders_and_the_feed_says_so_once(self, site):
        service = wished(site, model=False)
        items, receipt, document = await poll(service)
        assert items
        assert receipt["wishes"]["note"] == "no model is configured: papers are ordered by likeness to the wishes alone"
        assert json.loads(document.body)["description"].count("No model is configured") == 1
        assert "not judged" in marks(items)
        await service.aclose()

    async def test_a_grade_that_is_wanted_leaves_nothing_out(self, site):
        service = wished(site, more="    min_grade: 3\n", model=False)
        items, receipt, _ = await poll(service)
        assert len(items) == receipt["papers"] - receipt["left_out"]["type"]
        await service.aclose()


@pytest.mark.usefixtures("proves_all")
class TestGrades:
    async def test_come_behind_the_answer_and_show_their_quotes_at_the_next(self, site):
        service = wished(site)
        before, _, first = await poll(service)
        after, receipt, second = await poll(service)
        assert "not judged" in marks(before)
        graded = [item for item in after if "wanted: “" in item["content_html"]]
        (other,) = [item for item in after if item not in graded]
        assert marks(graded) == set()
        assert (HOSTILE in other["title"], marks([other])) == (True, {"not judged"})
        assert (receipt["wishes"]["judged"], receipt["wishes"]["not_judged"]) == (len(after) - 1, 1)
        assert first.etag != second.etag
        assert after[0]["_arxiv"]["matches"][0]["grade"] == 3
        assert after[0]["_arxiv"]["matches"][0]["proof"]["quote"]
        await service.aclose()

    async def test_are_paid_for_once(self, site):
        service = wished(site)
        await poll(service)
        asked = len(site.model.requests)
        for _ in range(3):
            await poll(service)
        other = site.service()
        await poll(other)
        assert len(site.model.requests) == asked
        await service.aclose()
        await other.aclose()

    async def test_the_same_ids_before_and_after(self, site):
        service = wished(site)
        before, _, _ = await poll(service)
        after, _, _ = await poll(service)
        assert {item["id"] for item in before} == {item["id"] for item in after}
        await service.aclose()

    async def test_papers_wait_for_their_grade_and_then_only_good_ones_are_shown(self, site):
        grader = Grader(lambda paper: 3 if len(paper.title) % 2 else 1)
        service = wished(site, more="    min_grade: 3\n", grader=grader)
        before, waiting, _ = await poll(service)
        after, receipt, _ = await poll(service)
        assert before == []
        assert waiting["wishes"]["waiting"] == waiting["wishes"]["not_judged"] == waiting["left_out"]["unjudged"] > 0
        assert after
        assert all(len(item["title"]) % 2 for item in after)
        assert receipt["left_out"]["grade"] == receipt["wishes"]["below_grade"] > 0
        await service.aclose()

    async def test_after_three_hours_a_paper_is_shown_without_one(self, site):
        class Dead(Grader):
            async def handle_async_request(self, request):
                return httpx.Response(500)

        service = wished(site, more="    min_grade: 3\n", grader=Dead())
        before, _, _ = await poll(service)
        site.clock.advance(hours=2, minutes=59)
        still, _, _ = await poll(service)
        site.clock.advance(minutes=2)
        after, receipt, _ = await poll(service)
        assert (before, still) == ([], [])
        assert len(after) == receipt["wishes"]["not_judged"] > 0
        assert marks(after) == {"not judged"}
        assert "not all papers are judged" in receipt["wishes"]["note"]
        await service.aclose()

    @pytest.mark.parametrize(("unjudged", "shown"), [("show", True), ("hide", False)])
    async def test_or_at_once_or_never(self, site, unjudged, shown):
        service = wished(site, more=f"    min_grade: 3\n    unjudged: {unjudged}\n")
        before, _, _ = await poll(service)
        assert bool(before) is shown
        await service.aclose()

    async def test_nothing_waits_where_the_store_forgets_with_the_process(self, site):
        site.environ = {"VERCEL": "1"}
        service = wished(site, more="    min_grade: 3\n")
        before, _, _ = await poll(service)
        assert before
        await service.aclose()

    async def test_nothing_waits_where_the_store_takes_no_note_of_it(self, site, monkeypatch):
        monkeypatch.setattr(type(site.store), "sure", RefusingStore())
        service = wished(site, more="    min_grade: 3\n")
        before, receipt, _ = await poll(service)
        assert len(before) == receipt["wishes"]["not_judged"] > 0
        assert (marks(before), site.model.requests) == ({"not judged"}, [])
        await service.aclose()

    async def test_a_judge_limit_leaves_papers_unconsidered_after_the_judged_ones(self, site):
        service = wished(site, more="    judge_limit: 1\n", grader=Grader(lambda _: 0))
        await poll(service)
        after, receipt, _ = await poll(service)
        judged = receipt["wishes"]["judged"]
        assert sum(map(len, site.model.requests)) == judged <= 3
        assert receipt["wishes"]["not_considered"] == len(after) - judged > 0
        days = {}
        for item in after:
            days.setdefault(item["date_published"], []).append("not considered" in item["content_html"])
        assert all(marked == sorted(marked) for marked in days.values())
        await service.aclose()

    async def test_only_the_feed_as_it_is_spends(self, site):
        service = wished(site)
        request = service.feeds.named("wished")
        for other in (
            request.narrowed(Selection(include=("model",)), None, request.view),
            request.narrowed(Selection(), 1, request.view),
        ):
            await settled(service.feeds.feed(other, "json", self_url="", page_url=""))
        assert site.model.requests == []
        await service.aclose()

    async def test_explain_tells_both_stages(self, site):
        service = wished(site)
        await poll(service)
        items, _, _ = await poll(service)
        steps = await service.feeds.explain(service.feeds.named("wished"), items[0]["_arxiv"]["id"])
        told = [step.detail for step in steps]
        assert any("number 1 of its day" in detail or "are judged" in detail for detail in told)
        assert any(detail.startswith("second stage: ") and "graded 3 of 4" in detail for detail in told)
        await service.aclose()

    async def test_the_cron_grades_first_and_a_dry_run_tells_what_it_would_cost(self, site):
        service = wished(site)
        expected = await service.summaries.forecast_grades()
        assert site.model.requests == []
        assert expected["wished"].papers > 0
        outcome = await service.operations.refresh_and_summarise(timedelta(seconds=60))
        run = outcome.grades["wished"]
        assert (run.written, run.refused) == (expected["wished"].papers - 1, 1)
        assert outcome.summaries == {}
        again = await service.summaries.forecast_grades()
        assert again["wished"].papers == 1
        await service.aclose()

    async def test_pages_mark_the_quote_in_the_abstract(self, site):
        service = wished(site)
        await poll(service)
        async with site.client() as client:
            page = (await client.get("/feeds/wished")).text
        assert "<mark>" in page
        await service.aclose()
