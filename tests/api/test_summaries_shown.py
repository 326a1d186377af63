"""Built-in summaries are made only where somebody reads them."""

import asyncio

import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.config.views import SummaryMode, View
from digest.costs import Costs, account
from digest.feeds import papers as feeds
from digest.feeds.papers import EVERY, NONE, FeedContent, FeedRequest, summarised, with_builtin, with_written
from digest.models import Entry, Summary
from digest.rendering.pages.builder import PAPERS_SHOWN
from digest.rendering.slices import PAGE_SIZE
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut, Selection
from digest.summaries.kept import KEPT, builtin_summary
from tests.builders import NOON, make_paper

pytestmark = pytest.mark.anyio

SPEC = "/list/cs.LG+stat.ML+cs.CL"


@pytest.fixture
def read(monkeypatch):
    """The titles of the papers whose built-in summaries somebody reads."""
    titles = []

    def noted(title, abstract):
        titles.append(title)
        return builtin_summary(title, abstract)

    monkeypatch.setattr(feeds, "builtin_summary", noted)
    return titles


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 0),
        ("/status", 0),
        ("/list/cs.LG.bib", 0),
        ("/api/feeds", 0),
        ("/rss/cs.LG?summary=none", 0),
        ("/api/papers?page_size=3&spec=cs.LG", 3),
        ("/build?spec=cs.LG%2Bcs.CL", PAPERS_SHOWN),
        (SPEC, PAGE_SIZE),
        (f"{SPEC}?page=2", PAGE_SIZE),
        (f"{SPEC}.md?page=2", PAGE_SIZE),
    ],
)
async def test_of_the_papers_that_a_page_shows(site, read, path, most):
    async with site.client() as client:
        answer = await client.get(path, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        assert len(read) <= most
        assert not most or read


@pytest.mark.parametrize("page", [1, 2])
async def test_a_page_shows_the_summaries_that_its_feed_has(site, page):
    async with site.client() as client:
        items = (await client.get("/api/papers?page_size=500&spec=cs.CL,cs.LG,stat.ML", follow_redirects=True)).json()[
            "entries"
        ]
        text = (await client.get(f"{SPEC}.md?page={page}", follow_redirects=True)).text
    shown = items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    assert len(shown) > 1
    assert all(item["summary"]["tldr"] for item in shown)
    assert all(item["paper"]["title"] in text for item in shown)


async def settled(service):
    """Ask for a feed and wait for what that left behind."""
    costs = Costs()
    with account(costs):
        document = await service.feeds.feed(
            FeedRequest(parse_spec("cs.LG"), Selection()), "json", self_url="", page_url=""
        )
    if costs.behind:
        await asyncio.wait(costs.behind)
    return document


async def test_a_feed_of_a_warm_store_makes_none_in_a_cold_process(site):
    first = site.service()
    document = await settled(first)
    await first.aclose()
    KEPT.clear()
    made = KEPT.made
    second = site.service()
    again = await settled(second)
    await second.aclose()
    assert KEPT.made == made
    assert again.body == document.body


class TestSlices:
    paper = make_paper(abstract="We study graphs. We prove that every graph of this kind has a large matching.")
    entries = (Entry(paper=paper),) * 4

    @pytest.mark.parametrize(
        ("mode", "written", "builtin"),
        [
            (SummaryMode.AUTO, True, True),
            (SummaryMode.MODEL, True, False),
            (SummaryMode.BUILTIN, False, True),
            (SummaryMode.NONE, False, False),
        ],
    )
    def test_a_mode_says_which_summaries_are_attached(self, mode, written, builtin):
        model = {self.paper.id: Summary(engine="model", language="en", method="It counts.")}
        by_model = with_written(self.entries, mode, model)
        assert [bool(entry.summary) for entry in by_model] == [written] * 4
        whole = with_builtin(by_model, mode)
        assert [bool(entry.summary and entry.summary.tldr) for entry in whole] == [builtin] * 4

    @pytest.mark.parametrize(
        ("shown", "with_summary"),
        [
            (EVERY, [1, 1, 1, 1]),
            (NONE, [0, 0, 0, 0]),
            (slice(1, 3), [0, 1, 1, 0]),
            (slice(3, 9), [0, 0, 0, 1]),
            (slice(9, 20), [0] * 4),
        ],
    )
    def test_entries_outside_of_the_slice_stay(self, content, shown, with_summary):
        made = summarised(content(self.entries), {}, shown)
        assert [bool(entry.summary) for entry in made.entries] == with_summary
        assert [entry.paper for entry in made.entries] == [self.paper] * 4


@pytest.fixture
def content():

    def make(entries):
        request = FeedRequest(parse_spec("cs.LG"), Selection(), view=View(summary=SummaryMode.BUILTIN))
        receipt = FeedReceipt(days=(), papers=len(entries), shown=len(entries), left_out=LeftOut())
        return FeedContent(request, tuple(entries), receipt, NOON, NOON)

    return make
