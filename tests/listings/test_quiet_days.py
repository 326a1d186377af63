"""Days of which arXiv shows nothing: who is believed, how often arXiv is asked, and that nothing is lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.errors import UnavailableError
from digest.feeds.papers import FeedRequest
from digest.reports.receipts import DayStatus
from digest.selection import Selection
from tests.demo_arxiv.archive import Archive
from tests.demo_arxiv.site import respond
from tests.demo_arxiv.taxonomy import categories_of
from tests.fakes import Clock, settled
from tests.sites import Site

pytestmark = pytest.mark.anyio

LINKS = {"self_url": "http://papers.test/rss/x", "page_url": "http://papers.test/"}
WEDNESDAY, THURSDAY, FRIDAY, MONDAY = (date(2026, 11, day) for day in (25, 26, 27, 30))
"""Thanksgiving is on that Thursday: by arXiv's table Friday has no announcement."""


def noon(day):
    """12:00 US Eastern, in winter."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


class Emptied(Archive):
    """Knows the days, and has no papers."""

    def listing(self, *_args, **_options):
        return []

    def week(self, today):
        return []


def replies(clock, *, archive=None, empty=(), down=()):
    """Answer as the invented arXiv does; without papers below the paths *empty*, not at all below *down*."""
    whole = archive or Archive()
    emptied = Emptied(whole.quiet_days)

    def reply(request):
        path = request.url.raw_path.decode()
        if path.startswith(tuple(down)):
            return httpx.Response(404)
        answer = respond(emptied if path.startswith(tuple(empty)) else whole, path, clock())
        return httpx.Response(
            answer.status, content=answer.body, headers={"content-type": answer.content_type, **answer.headers}
        )

    return reply


class Reader:
    """Polls one feed of a server and collects what it is shown."""

    def __init__(self, site, spec="cs.LG", days=5):
        self.site, self.service = site, site.service()
        self.request = FeedRequest(parse_spec(spec), Selection(), days=days)
        self.shown = set()
        self.problems = 0

    async def poll(self):
        """Read once, and let what that began come to its end."""
        try:
            await settled(self.service.feeds.feed(self.request, "json", **LINKS))
            page = await self.service.feeds.papers(self.request, cursor=None, limit=500)
        except UnavailableError:
            self.problems += 1
            await self.site_settles()
            return
        self.shown |= {entry.paper.id for entry in page.entries}

    async def site_settles(self):
        await self.service.operations.keep_warm()

    async def poll_for(self, *, every, **span):
        end = self.site.clock.now + timedelta(**span)
        while self.site.clock.now < end:
            await self.poll()
            self.site.clock.now += min(every, end - self.site.clock.now)
        await self.poll()

    async def day(self, day):
        context = self.request.spec.contexts[0]
        window = await self.service.operations._listings.window((context,), days=self.request.days)
        return window.states[context].days.get(day)


def announced(archive, spec, *days):
    """New and cross-listed papers of these days by the archive's own word."""
    wanted = categories_of([spec])
    rows = [row for day in days for row in archive.listing(day, wanted, as_of=day)]
    return {row.version.id for row in rows if row.kind in {"new", "cross"}}


PAGES = ("/list", "/catchup")
EMPTY = {
    "feed": ("/rss",),
    "listing page": ("/list",),
    "catch-up page": ("/catchup",),
    "pages": PAGES,
    "query API": ("/api",),
    "feed and pages": ("/rss", *PAGES),
    "everything": ("/",),
}


class TestNothingIsLost:
    @pytest.mark.parametrize("lasts", [timedelta(seconds=30), timedelta(hours=1), timedelta(days=1)], ids=str)
    @pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
    async def test_to_a_first_subscription(self, empty, lasts):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        site.arxiv.now_reply(replies(site.clock, empty=empty))
        reader = Reader(site)
        await reader.poll_for(every=max(lasts / 4, timedelta(seconds=10)), seconds=lasts.total_seconds() - 1)
        site.recover()
        await reader.poll_for(every=timedelta(hours=2), hours=26)
        days = [date(2026, 11, day) for day in (17, 18, 19)]
        assert announced(Archive(), "cs.LG", *days) <= reader.shown

    @pytest.mark.parametrize("lasts", [timedelta(seconds=30), timedelta(hours=1), timedelta(days=1)], ids=str)
    @pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
    async def test_to_a_server_that_slept_for_two_days(self, empty, lasts):
        site = Site(clock=Clock(noon(date(2026, 11, 16))))
        reader = Reader(site)
        await reader.poll()
        site.clock.advance(days=2)
        site.arxiv.now_reply(replies(site.clock, empty=empty))
        await reader.poll_for(every=max(lasts / 4, timedelta(seconds=10)), seconds=lasts.total_seconds() - 1)
        site.recover()
        await reader.poll_for(every=timedelta(hours=2), hours=26)
        days = [date(2026, 11, day) for day in (16, 17, 18, 19)]
        assert announced(Archive(), "cs.LG", *days) <= reader.shown


class TestWhoIsBelieved:
    async def test_one_service_alone_is_not(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        reader = Reader(site)
        site.arxiv.now_reply(replies(site.clock, empty=PAGES, down=("/api", "/rss")))
        await reader.poll()
        assert reader.problems == 1
        assert not reader.shown

    async def test_a_feed_that_is_empty_all_through_is_unavailable_until_a_second_service_agrees(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        service = site.service()
        site.arxiv.now_reply(replies(site.clock, empty=("/",), down=("/api", "/rss")))
        with pytest.raises(UnavailableError, match="no other one has confirmed that yet") as caught:
            await service.feeds.feed(FeedRequest(parse_spec("cs.LG"), Selection()), "json", **LINKS)
        assert caught.value.retry_after == timedelta(seconds=60)

    async def test_the_second_is_asked_in_the_same_request(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        site.arxiv.now_reply(replies(site.clock, empty=("/",), down=("/rss",)))
        document = await site.service().feeds.feed(
            FeedRequest(parse_spec("cs.LG"), Selection(), days=1), "json", **LINKS
        )
        assert site.arxiv.paths == ["/rss/cs.LG", "/list/cs.LG/new", "/api/query"]
        assert document.expiry.fresh_for <= timedelta(hours=1)

    async def test_a_union_that_is_empty_as_a_whole_is_no_word_and_one_query_is_the_second(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        site.arxiv.now_reply(replies(site.clock, empty=("/",)))
        request = FeedRequest(parse_spec("cs.LG+stat.ML"), Selection(), days=1)
        await site.service().feeds.feed(request, "json", **LINKS)
        assert site.arxiv.paths == ["/rss/cs.LG+stat.ML", "/list/cs.LG/new", "/list/stat.ML/new", "/api/query"]

    async def test_the_catch_up_page_of_a_day_that_is_not_over_proves_nothing(self):
        """It is as empty before the announcement as on a quiet day."""
        site = Site(clock=Clock(noon(date(2026, 11, 17))))
        reader = Reader(site)
        await reader.poll()
        site.clock.advance(days=1)
        site.arxiv.now_reply(replies(site.clock, empty=("/rss", "/catchup"), down=("/list", "/api")))
        await reader.poll()
        assert not (await reader.day(date(2026, 11, 18))).is_complete
        site.recover()
        site.clock.advance(hours=1)
        await reader.poll()
        assert announced(Archive(), "cs.LG", date(2026, 11, 18)) <= reader.shown

    async def test_where_the_api_names_papers_the_page_is_asked_ever_more_seldom_and_then_decides(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        reader = Reader(site, days=9)
        await reader.poll()
        site.clock.advance(days=2)
        site.arxiv.now_reply(replies(site.clock, empty=("/catchup/cs.LG/2026-11-19",)))
        began, asked = site.clock.now, []
        for _ in range(24 * 8):
            site.arxiv.requests.clear()
            await reader.poll()
            if "/catchup/cs.LG/2026-11-19" in site.arxiv.paths:
                asked.append((site.clock.now - began) // timedelta(hours=1))
            if site.clock.now - began < timedelta(days=7):
                known = await reader.day(date(2026, 11, 19))
                assert known.is_unconfirmed
            site.clock.advance(hours=1)
        assert asked == [0, 1, 4, 24, 72, 168]
        assert (await reader.day(date(2026, 11, 19))).is_complete

    async def test_papers_that_are_held_under_another_day_are_no_objection(self):
        """The day after a holiday that no table knows: the API places its papers on the holiday."""
        holiday = date(2026, 11, 18)
        site = Site(clock=Clock(noon(date(2026, 11, 17))))
        reader = Reader(site, days=4)
        quiet = Archive(quiet_days=[holiday])
        site.arxiv.now_reply(replies(site.clock, archive=quiet))
        await reader.poll()
        site.clock.advance(days=2)
        await reader.poll()
        known = await reader.day(holiday)
        assert known.is_complete
        assert known.disputed_at is None


class TestHolidays:
    """Papers are announced on a day that arXiv's table calls one without announcement."""

    @pytest.mark.parametrize("asleep", [False, True])
    async def test_what_is_announced_all_the_same_reaches_the_reader(self, asleep):
        site = Site(clock=Clock(noon(THURSDAY)))
        reader = Reader(site)
        await reader.poll()
        if asleep:
            site.clock.now = noon(MONDAY)
        else:
            await reader.poll_for(every=timedelta(hours=1), hours=24)
            assert announced(Archive(), "cs.LG", FRIDAY) <= reader.shown
            site.clock.now = noon(MONDAY)
        await reader.poll()
        await reader.poll()
        assert announced(Archive(), "cs.LG", THURSDAY, FRIDAY, MONDAY) <= reader.shown

    async def test_its_digest_shows_it_as_the_feed_does(self):
        site = Site(clock=Clock(noon(FRIDAY)))
        async with site.client() as client:
            feed = (await client.get("/json/cs.LG?days=1")).json()
            for day in ("2026-11-27", "latest"):
                digest = (await client.get(f"/digest/{day}.json?spec=cs.LG", follow_redirects=True)).json()
                assert digest["date"] == "2026-11-27"
                assert len(digest["entries"]) == len(feed["items"]) > 0

    async def test_arxiv_is_asked_hourly_from_the_opening_on(self):
        site = Site(clock=Clock(noon(THURSDAY)))
        site.arxiv.now_reply(replies(site.clock, archive=Archive(quiet_days=[FRIDAY])))
        reader = Reader(site)
        await reader.poll()
        site.clock.now = datetime(2026, 11, 27, 5, 11, tzinfo=UTC)
        site.arxiv.requests.clear()
        await reader.poll_for(every=timedelta(minutes=10), hours=6)
        asked = Counter(site.arxiv.paths)
        assert asked == {"/rss/cs.LG": 7, "/list/cs.LG/new": 1}

    @pytest.mark.parametrize("day", [FRIDAY, date(2026, 11, 20)], ids=["of the table", "that no table knows"])
    async def test_a_day_without_announcement_is_settled_by_arxiv(self, day):
        """Asked for while it lasts; once it is over its page is read once, and the weekend is left in peace."""
        site = Site(clock=Clock(noon(day - timedelta(days=1))))
        site.arxiv.now_reply(replies(site.clock, archive=Archive(quiet_days=[day])))
        reader = Reader(site)
        await reader.poll()
        site.clock.now = noon(day)
        await reader.poll_for(every=timedelta(minutes=30), hours=12)
        site.clock.advance(hours=12)
        await reader.poll()
        known = await reader.day(day)
        assert known.no_announcement
        assert known.is_complete
        site.arxiv.requests.clear()
        await reader.poll_for(every=timedelta(hours=1), hours=36)
        assert site.arxiv.paths == []
        receipts = (await site.service().operations.status()).contexts[0].days
        assert {one.day: one.status for one in receipts}[day] is DayStatus.QUIET

    async def test_a_window_reaches_one_day_further_back_for_it(self):
        site = Site(clock=Clock(noon(MONDAY)))
        site.arxiv.now_reply(replies(site.clock, archive=Archive(quiet_days=[FRIDAY])))
        reader = Reader(site, days=3)
        for _ in range(3):
            await reader.poll()
        assert announced(Archive(), "cs.LG", WEDNESDAY, THURSDAY, MONDAY) <= reader.shown


class TestCost:
    async def test_a_quiet_category_costs_two_requests_more_and_two_checks_a_day(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        reader = Reader(site, spec="hep-lat", days=3)
        await reader.poll_for(every=timedelta(hours=1), hours=36)
        site.clock.now = noon(date(2026, 11, 24))
        await reader.poll_for(every=timedelta(hours=1), hours=47)
        site.arxiv.requests.clear()
        site.clock.now = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
        await reader.poll()
        site.arxiv.requests.clear()
        site.clock.now = datetime(2026, 12, 1, 5, 11, tzinfo=UTC)
        await reader.poll_for(every=timedelta(minutes=30), hours=23)
        days = Counter(path.rpartition("/")[2] for path in site.arxiv.paths if path.startswith("/catchup"))
        assert days["2026-12-01"] <= 1
        assert Counter(path.split("/")[1] for path in site.arxiv.paths)["list"] <= 1

    async def test_while_the_query_api_is_down_the_page_is_not_asked_again_within_the_hour(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        empty = "/catchup/cs.LG/2026-11-17"
        site.arxiv.now_reply(replies(site.clock, empty=(empty,), down=("/api",)))
        reader = Reader(site)
        for _ in range(3):
            await reader.poll()
            site.clock.advance(minutes=16)
        asked = Counter(site.arxiv.paths)
        assert asked[empty] == 1
        assert asked["/api/query"] >= 2
        site.clock.advance(minutes=30)
        await reader.poll()
        assert Counter(site.arxiv.paths)[empty] == 2

    async def test_one_query_asks_for_all_unconfirmed_categories_of_a_day(self):
        site = Site(clock=Clock(noon(date(2026, 11, 18))))
        reader = Reader(site, spec="hep-lat+nucl-ex+math.GM+cs.LG", days=3)
        await reader.poll()
        assert Counter(site.arxiv.paths)["/api/query"] <= 3
