"""The first poll after an announcement: it waits for arXiv, within bounds, and holds what was announced."""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.errors import UnavailableError
from digest.feeds.papers import FeedRequest
from digest.listings import listings as listings_module
from digest.listings.listings import Listings
from digest.selection import Selection
from digest.store.namespaced import NamespacedStore
from digest.upstream.fetching import ArxivClient, FetchLimits, Service
from digest.upstream.sources import ArxivSources
from tests.demo_arxiv.archive import Archive
from tests.demo_arxiv.site import respond
from tests.demo_arxiv.taxonomy import categories_of
from tests.fakes import Clock, settled, until
from tests.sites import ARXIV_URL, Site, demo_replies

pytestmark = pytest.mark.anyio

WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (18, 19, 20))
THANKSGIVING_FRIDAY = date(2026, 11, 27)
SHORT = timedelta(seconds=0.2)
NOBODY = timedelta(seconds=20)
LINKS = {"self_url": "http://papers.test/rss/x", "page_url": "http://papers.test/"}


def opening(day):
    """When nobody's first check of that day is put off any longer: 00:11 US Eastern, in winter."""
    return datetime(day.year, day.month, day.day, 5, 11, tzinfo=UTC)


def announced(spec, day, archive=None):
    rows = (archive or Archive()).listing(day, categories_of(spec.split("+")), as_of=day)
    return {row.version.id for row in rows if row.kind in {"new", "cross"}}


def replies(clock, *, archive=None, by_path=None):
    """Answer as the invented arXiv does, but paths that begin with one of *by_path* as it says there."""

    def reply(request):
        path = request.url.raw_path.decode()
        for start, answer in (by_path or {}).items():
            if path.startswith(start):
                return answer(request) if callable(answer) else answer
        answer = respond(archive or Archive(), path, clock())
        headers = {"content-type": answer.content_type, **answer.headers}
        return httpx.Response(answer.status, content=answer.body, headers=headers)

    return reply


def a_day_back(clock):
    return demo_replies(lambda: clock() - timedelta(days=1))


def under_todays_date(clock):
    """The feed of the day before, dated today."""

    def reply(request):
        answer = a_day_back(clock)(request)
        before, today = clock() - timedelta(days=1), clock()
        body = answer.content.replace(f"{before:%a, %d %b %Y}".encode(), f"{today:%a, %d %b %Y}".encode())
        return httpx.Response(200, content=body, headers={"content-type": "application/rss+xml"})

    return reply


async def held_since(day=WEDNESDAY, spec="cs.LG", **site):
    """A site that holds what was announced until *day*, and stands at the opening of the day after."""
    made = Site(clock=Clock(datetime(day.year, day.month, day.day, 17, tzinfo=UTC)), **site)
    service = made.service()
    request = FeedRequest(parse_spec(spec), Selection())
    for _ in range(2):
        await settled(service.feeds.feed(request, "json", **LINKS))
    await service.aclose()
    made.clock.now = opening(day + timedelta(days=1))
    made.arxiv.requests.clear()
    return made


@asynccontextmanager
async def asking(site, *, wait=NOBODY, patience=NOBODY, first_byte=NOBODY):
    """Listings of a process of its own over the site's store."""
    limits = FetchLimits(interval=timedelta(milliseconds=1), first_byte=first_byte)
    store = NamespacedStore(site.store, ARXIV_URL)
    client = ArxivClient(store, base_url=ARXIV_URL, user_agent="t", limits=limits, transport=site.arxiv, now=site.clock)
    listings = Listings(
        store, ArxivSources(client), keep=timedelta(days=30), patience=patience, wait=wait, now=site.clock
    )
    try:
        yield listings
    finally:
        await listings.aclose()
        await client.aclose()


async def poll(site, spec="cs.LG", **options):
    """Ask once in a process of its own, and return the window."""
    async with asking(site, **options) as listings:
        return await listings.window(parse_spec(spec).contexts, days=7)


async def papers_of(listings, window, day):
    loaded = await listings.load(window)
    return {paper.id for one in loaded.listings if one.day == day for paper in one.papers}


def holds(window, day):
    return {context for context, state in window.states.items() if day in state.days and state.days[day].held.total}


def hanging(*starts):
    """Hold back requests to paths that begin with one of *starts*, for ever."""

    def before(site):
        async def hold():
            if site.arxiv.requests[-1].url.path.startswith(starts):
                await asyncio.Event().wait()

        site.arxiv.before_reply = hold

    return before


async def hold_all_but(site, path):
    if site.arxiv.requests[-1].url.path != path:
        await asyncio.Event().wait()


UNION = "/rss/cs.LG+stat.ML"
OLD_PAPER = "2510.00001"
"""Of cs.LG since October, and in stat.ML since today: nothing in the feed of both tells which of them it entered."""


def an_old_paper_entered(clock):
    """Answer as the invented arXiv does, with `OLD_PAPER` among the cross-lists."""
    item = f"""<item><title>On entering late</title><link>https://arxiv.org/abs/{OLD_PAPER}</link>
    <description>arXiv:{OLD_PAPER}v1 Announce Type: cross Abstract: It entered.</description>
    <guid isPermaLink="false">oai:arXiv.org:{OLD_PAPER}v1</guid>
    <category>cs.AI</category><category>cs.LG</category><category>stat.ML</category>
    <arxiv:announce_type>cross</arxiv:announce_type><dc:creator>Ada Quill</dc:creator></item>"""

    def reply(request):
        answer = demo_replies(clock)(request)
        body = answer.content.replace(b"</channel>", f"{item}</channel>".encode())
        return httpx.Response(200, content=body, headers={"content-type": "application/rss+xml"})

    return reply


class TestHoldsTheDay:
    @pytest.mark.parametrize("spec", ["cs.LG", "cs.LG+stat.ML", "cs.CL+cs.LG"])
    @pytest.mark.parametrize(
        ("feed", "asked"),
        [
            (None, {"/rss"}),
            (httpx.Response(503), {"/rss", "/list"}),
            (httpx.Response(500), {"/rss", "/list"}),
            (httpx.ConnectError("refused"), {"/rss", "/list"}),
            ("old", {"/rss", "/list"}),
            ("stale", {"/rss", "/list"}),
        ],
        ids=["plain", "503", "500", "refused", "yesterday's", "yesterday's under today's date"],
    )
    async def test_in_the_first_answer_of_a_process_of_its_own(self, spec, feed, asked):
        site = await held_since(spec=spec)
        answers = {"old": a_day_back(site.clock), "stale": under_todays_date(site.clock)}
        site.arxiv.now_reply(replies(site.clock, by_path={"/rss": answers.get(feed, feed)} if feed else {}))
        async with asking(site) as listings:
            window = await listings.window(parse_spec(spec).contexts, days=7)
            before = list(site.arxiv.paths)  # what follows completes days behind the answer
            assert announced(spec, THURSDAY) <= await papers_of(listings, window, THURSDAY)
        assert {f"/{path.split('/')[1]}" for path in before} == asked
        assert max(Counter(before).values()) == 1

    async def test_without_a_store_that_outlives_the_process(self):
        for day in (WEDNESDAY, THURSDAY, FRIDAY):
            site = Site(clock=Clock(opening(day)))
            async with asking(site) as listings:
                window = await listings.window(("cs.LG",), days=7)
                assert announced("cs.LG", day) <= await papers_of(listings, window, day)

    async def test_after_days_without_a_poll(self):
        site = await held_since(FRIDAY)
        site.clock.now = opening(date(2026, 11, 24))
        assert holds(await poll(site), date(2026, 11, 24)) == {"cs.LG"}

    async def test_on_a_saturday(self):
        site = await held_since(THURSDAY)
        site.clock.now = datetime(2026, 11, 21, 15, tzinfo=UTC)
        assert holds(await poll(site), FRIDAY) == {"cs.LG"}

    async def test_of_many_categories_one_request_for_eight_and_one_for_an_archive(self):
        spec = "cs.AI+cs.CC+cs.CL+cs.CR+cs.CV+cs.DB+cs.DS+cs.LG+cs.RO+hep-th"
        site = await held_since(spec=spec)
        window = await poll(site, spec)
        asked = [path for path in site.arxiv.paths if path.startswith("/rss")]
        assert sorted(path.count("+") for path in asked) == [0, 0, 7]
        assert holds(window, THURSDAY) >= {one for one in spec.split("+") if announced(one, THURSDAY)}


class TestBounds:
    async def test_what_is_late_stays_as_held_is_named_in_the_receipt_and_is_there_for_the_next_poll(self):
        site = await held_since()
        gate = asyncio.Event()
        site.arxiv.before_reply = gate.wait
        async with asking(site, wait=SHORT) as listings:
            began = time.monotonic()
            window = await listings.window(("cs.LG",), days=7)
            assert SHORT.total_seconds() * 0.9 < time.monotonic() - began < 5
            assert not holds(window, THURSDAY)
            assert window.days[0] == THURSDAY
            assert ("cs.LG", THURSDAY) in window.filling
            assert window.is_settling
            gate.set()
            await until(lambda: "cs.LG" not in listings._refreshes)
            later = await listings.window(("cs.LG",), days=7)
            assert holds(later, THURSDAY)

    async def test_a_hanging_arxiv_costs_the_wait_once_whoever_asks(self):
        site = await held_since()
        hanging("/")(site)
        async with asking(site, wait=SHORT) as one, asking(site, wait=SHORT) as other:
            await one.window(("cs.LG",), days=7)
            site.clock.advance(seconds=9)
            for listings in (one, other, one, other):
                began = time.monotonic()
                assert (await listings.window(("cs.LG",), days=7)).is_settling
                assert time.monotonic() - began < SHORT.total_seconds() / 2
                site.clock.advance(seconds=9)

    async def test_a_source_that_does_not_begin_gives_way_while_a_reader_waits(self):
        site = await held_since()
        hanging("/rss")(site)
        window = await poll(site, first_byte=timedelta(seconds=0.05))
        assert holds(window, THURSDAY)
        assert [path.split("/")[1] for path in site.arxiv.paths[:2]] == ["rss", "list"]

    async def test_a_service_that_says_nothing_is_asked_once(self):
        site = await held_since()
        hanging("/rss", "/list", "/catchup")(site)
        await poll(site, first_byte=timedelta(seconds=0.05))
        assert [path.split("/")[1] for path in site.arxiv.paths[:3]] == ["rss", "list", "api"]

    async def test_where_every_service_cools_down_nobody_waits(self):
        site = await held_since()
        site.arxiv.now_reply(httpx.Response(429, headers={"retry-after": "7200"}))
        await poll(site)
        async with asking(site) as listings:
            await settled(listings.window(("cs.LG",), days=7))
        site.clock.advance(minutes=65)
        site.arxiv.requests.clear()
        took = []
        for _ in range(5):  # the quickest counts: the machine may be busy
            began = time.monotonic()
            window = await poll(site)
            took.append(time.monotonic() - began)
            assert not holds(window, THURSDAY)
        assert min(took) <= 0.3
        assert site.arxiv.requests == []

    async def test_nor_for_the_right_to_ask_that_another_instance_has_then(self):
        site = await held_since()
        store = NamespacedStore(site.store, ARXIV_URL)
        for service in Service:
            until_then = (site.clock.now + timedelta(hours=2)).isoformat().encode()
            await store.set(f"arxiv:cooldown:{service.name}", until_then)
        assert await store.acquire("refresh:cs.LG", ttl=timedelta(hours=1))
        began = time.monotonic()
        await poll(site)
        assert time.monotonic() - began < 2

    async def test_nobody_waits_for_an_old_check_that_another_instance_is_still_making(self):
        site = await held_since()
        hanging("/")(site)
        async with asking(site, wait=SHORT) as one, asking(site, wait=timedelta(seconds=10)) as other:
            await one.window(("cs.LG",), days=7)
            site.clock.advance(minutes=2)
            began = time.monotonic()
            assert (await other.window(("cs.LG",), days=7)).is_settling
            assert time.monotonic() - began < 4

    async def test_a_check_that_was_left_behind_is_waited_for_once(self):
        site = await held_since()
        hanging("/")(site)
        took = []
        for _ in range(4):
            async with asking(site, wait=SHORT) as listings:
                began = time.monotonic()
                await listings.window(("cs.LG",), days=7)
                took.append(time.monotonic() - began >= SHORT.total_seconds() * 0.9)
            site.clock.advance(minutes=2)
        assert took == [True, True, False, False]

    async def test_after_nothing_new_later_checks_run_behind_the_answer(self):
        site = await held_since()
        site.arxiv.now_reply(a_day_back(site.clock))
        assert not holds(await poll(site), THURSDAY)
        site.clock.advance(minutes=16)
        hanging("/")(site)
        window = await asyncio.wait_for(poll(site), 5)
        assert window.is_settling
        assert ("cs.LG", THURSDAY) not in window.filling

    async def test_two_hours_late_it_is_there_for_the_poll_after_the_check(self):
        site = await held_since()
        site.arxiv.now_reply(a_day_back(site.clock))
        async with asking(site) as listings:
            await settled(listings.window(("cs.LG",), days=7))
            site.clock.advance(hours=2)
            site.recover()
            await settled(listings.window(("cs.LG",), days=7))
            assert holds(await listings.window(("cs.LG",), days=7), THURSDAY)

    async def test_a_holiday_of_the_calendar_never_waits(self):
        site = await held_since(date(2026, 11, 25))
        site.clock.now = opening(THANKSGIVING_FRIDAY)
        hanging("/")(site)
        window = await asyncio.wait_for(poll(site), 5)
        assert window.is_settling

    async def test_a_holiday_that_no_table_knows_waits_once_and_is_asked_hourly_in_the_end(self):
        archive = Archive(quiet_days=[THURSDAY])
        site = await held_since()
        site.arxiv.now_reply(replies(site.clock, archive=archive))
        asked = []
        for minute in range(0, 240, 15):
            async with asking(site) as listings:
                await settled(listings.window(("cs.LG",), days=7))
            asked += [minute] * sum(path.startswith("/rss") for path in site.arxiv.paths)
            site.arxiv.requests.clear()
            site.clock.advance(minutes=15)
        assert asked[:3] == [0, 15, 30]
        assert all(later - earlier >= 60 for earlier, later in pairwise(asked[2:]))

    async def test_a_category_that_was_quiet_on_friday_is_left_alone_all_weekend(self):
        archive = Archive(quiet_days=[FRIDAY])
        site = await held_since(THURSDAY)
        site.arxiv.now_reply(replies(site.clock, archive=archive))
        site.clock.now = datetime(2026, 11, 21, 15, tzinfo=UTC)
        async with asking(site) as listings:
            await settled(listings.window(("cs.LG",), days=7))
        site.arxiv.requests.clear()
        site.clock.advance(hours=20)
        window = await poll(site)
        assert site.arxiv.requests == []
        assert not window.is_settling

    async def test_without_wait_nobody_waits_and_arxiv_is_asked_all_the_same(self):
        site = await held_since()
        gate = asyncio.Event()
        site.arxiv.before_reply = gate.wait
        async with asking(site) as listings:
            window = await asyncio.wait_for(listings.window(("cs.LG",), days=7, wait=False), 5)
            assert not window.waits
            await until(lambda: site.arxiv.paths == ["/rss/cs.LG"])
            gate.set()
            await until(lambda: "cs.LG" not in listings._refreshes)
            assert holds(await listings.window(("cs.LG",), days=7, wait=False), THURSDAY)

    async def test_a_wait_of_zero_turns_it_off(self):
        site = await held_since()
        hanging("/")(site)
        window = await asyncio.wait_for(poll(site, wait=timedelta(0)), 5)
        assert window.is_settling


class TestSharing:
    async def test_three_hundred_readers_in_one_second_make_one_request(self):
        site = await held_since()
        async with asking(site) as listings:
            windows = await asyncio.gather(*(listings.window(("cs.LG",), days=7) for _ in range(300)))
        assert all(holds(window, THURSDAY) for window in windows)
        assert [path for path in site.arxiv.paths if path.startswith("/rss")] == ["/rss/cs.LG"]

    async def test_above_the_bound_the_rest_get_what_is_held(self, monkeypatch):
        monkeypatch.setattr(listings_module, "_MOST_WAITING", 3)
        site = await held_since()
        gate = asyncio.Event()
        site.arxiv.before_reply = gate.wait
        async with asking(site) as listings:
            first = [asyncio.create_task(listings.window(("cs.LG",), days=7)) for _ in range(3)]
            await until(lambda: listings._refreshes.waiting == 3)
            crowded = await asyncio.wait_for(listings.window(("cs.LG",), days=7), 5)
            assert crowded.is_crowded
            assert not holds(crowded, THURSDAY)
            gate.set()
            windows = await asyncio.gather(*first)
        assert all(holds(window, THURSDAY) and not window.is_crowded for window in windows)

    async def test_instances_that_share_a_store_make_one_request(self):
        site = await held_since()
        async with asking(site) as one, asking(site) as other:
            windows = await asyncio.gather(*(each.window(("cs.LG",), days=7) for each in (one, other)))
        assert all(holds(window, THURSDAY) for window in windows)
        assert [path for path in site.arxiv.paths if path.startswith("/rss")] == ["/rss/cs.LG"]


class TestUnions:
    async def test_good_listings_come_first_and_an_empty_part_is_not_waited_for(self):
        spec = "cs.LG+cs.RO"
        site = await held_since(spec=spec)
        assert not announced("cs.RO", THURSDAY)
        hanging("/list", "/catchup", "/api")(site)
        window = await asyncio.wait_for(poll(site, spec), 10)
        assert holds(window, THURSDAY) == {"cs.LG"}
        assert window.is_settling
        assert ("cs.RO", THURSDAY) in window.filling

    async def test_readers_wait_for_their_own_contexts(self):
        site = await held_since(spec="cs.CL+cs.LG")
        site.arxiv.now_reply(replies(site.clock, by_path={"/rss": httpx.Response(404)}))
        hanging("/list/cs.LG")(site)
        async with asking(site) as listings:
            both = asyncio.create_task(listings.window(("cs.CL", "cs.LG"), days=7))
            window = await asyncio.wait_for(listings.window(("cs.CL",), days=7), 10)
            assert holds(window, THURSDAY) == {"cs.CL"}
            assert not both.done()
            both.cancel()

    @pytest.mark.parametrize("archive", ["astro-ph", "nlin"])
    async def test_nor_is_an_empty_archive_beside_full_categories(self, archive):
        spec = f"{archive}+cs.LG"
        site = await held_since(spec=spec)
        nothing = Archive(quiet_days=[THURSDAY])
        by_path = {f"/rss/{archive}": replies(site.clock, archive=nothing)}
        site.arxiv.now_reply(replies(site.clock, by_path=by_path))
        hanging("/list", "/catchup", "/api")(site)
        window = await asyncio.wait_for(poll(site, spec), 10)
        assert holds(window, THURSDAY) == {"cs.LG"}
        assert (archive, THURSDAY) in window.filling

    async def test_nor_an_empty_category_beside_one_that_was_asked_for_before(self):
        site = await held_since(spec="cs.LG+cs.RO")
        await poll(site, "cs.LG")
        hanging("/list", "/catchup", "/api")(site)
        window = await asyncio.wait_for(poll(site, "cs.LG+cs.RO"), 10)
        assert holds(window, THURSDAY) == {"cs.LG"}

    async def test_an_archive_whose_page_is_still_to_come_is_waited_for(self):
        spec = "astro-ph+cs.LG"
        site = await held_since(spec=spec)
        site.arxiv.now_reply(replies(site.clock, by_path={"/rss/astro-ph": httpx.Response(500)}))
        assert holds(await poll(site, spec), THURSDAY) == {"astro-ph", "cs.LG"}

    async def test_an_empty_union_is_waited_for(self):
        spec = "cs.CL+cs.LG"
        site = await held_since(spec=spec)
        nothing = Archive(quiet_days=[THURSDAY])
        site.arxiv.now_reply(replies(site.clock, by_path={"/rss": replies(site.clock, archive=nothing)}))
        assert holds(await poll(site, spec), THURSDAY) == {"cs.CL", "cs.LG"}

    async def test_what_a_union_left_unsettled_is_settled_for_who_reads_a_part_of_it(self):
        site = await held_since(spec="cs.LG+stat.ML")
        site.arxiv.now_reply(replies(site.clock, by_path={UNION: an_old_paper_entered(site.clock)}))
        assert (await poll(site, "cs.LG+stat.ML")).states["cs.LG"].days[THURSDAY].unsettled
        async with asking(site) as listings:
            window = await listings.window(("cs.LG",), days=7)
            assert OLD_PAPER not in await papers_of(listings, window, THURSDAY)
            assert not window.states["cs.LG"].days[THURSDAY].unsettled

    async def test_and_within_the_same_request_for_who_asks_while_the_union_is_asked_for(self):
        site = await held_since(spec="cs.LG+stat.ML")
        gate = asyncio.Event()
        site.arxiv.before_reply = gate.wait
        site.arxiv.now_reply(replies(site.clock, by_path={UNION: an_old_paper_entered(site.clock)}))
        async with asking(site) as listings:
            both = asyncio.create_task(listings.window(("cs.LG", "stat.ML"), days=7))
            await until(lambda: listings._refreshes.waiting == 1)
            part = asyncio.create_task(listings.window(("cs.LG",), days=7))
            await until(lambda: listings._refreshes.waiting == 2)
            gate.set()
            window = await part
            assert announced("cs.LG", THURSDAY) <= await papers_of(listings, window, THURSDAY)
            assert OLD_PAPER not in await papers_of(listings, window, THURSDAY)
            assert not window.states["cs.LG"].days[THURSDAY].unsettled
            await both
        assert [path for path in site.arxiv.paths if path.startswith("/rss")] == [UNION, "/rss/cs.LG"]

    async def test_no_longer_than_the_wait_allows(self):
        site = await held_since(spec="cs.LG+stat.ML")
        site.arxiv.now_reply(replies(site.clock, by_path={UNION: an_old_paper_entered(site.clock)}))
        async with asking(site, wait=timedelta(seconds=1)) as listings:
            both = asyncio.create_task(listings.window(("cs.LG", "stat.ML"), days=7))
            await until(lambda: listings._refreshes.waiting == 1)
            site.arxiv.before_reply = lambda: hold_all_but(site, UNION)
            window = await asyncio.wait_for(listings.window(("cs.LG",), days=7), 5)
            assert holds(window, THURSDAY) == {"cs.LG"}
            assert window.states["cs.LG"].days[THURSDAY].unsettled
            assert window.is_settling
            await both


class TestWhoGoesFirst:
    """A reader's feed goes before what a page began to fetch."""

    async def test_a_cold_feed_beside_a_cold_page(self):
        site, gate = Site(clock=Clock(opening(THURSDAY))), asyncio.Event()
        site.arxiv.before_reply = gate.wait
        async with asking(site) as listings:
            for spec in ("cs.CL", "hep-th", "astro-ph.CO", "stat.ML"):
                with pytest.raises(UnavailableError):
                    await listings.window((spec,), days=7, wait=False)
            await until(lambda: site.arxiv.paths == ["/rss/cs.CL"])
            reader = asyncio.create_task(listings.window(("cs.LG",), days=7))
            await until(lambda: listings._refreshes.waiting == 1)
            gate.set()
            await reader
        assert site.arxiv.paths[:2] == ["/rss/cs.CL", "/rss/cs.LG"]

    async def test_one_that_the_page_has_begun_itself(self):
        site, gate = Site(clock=Clock(opening(THURSDAY))), asyncio.Event()
        site.arxiv.before_reply = gate.wait
        async with asking(site) as listings:
            for spec in ("cs.CL", "astro-ph.CO", "cs.LG"):
                with pytest.raises(UnavailableError):
                    await listings.window((spec,), days=7, wait=False)
            await until(lambda: site.arxiv.paths == ["/rss/cs.CL"])
            reader = asyncio.create_task(listings.window(("cs.LG",), days=7))
            await until(lambda: listings._refreshes.waiting == 1)
            gate.set()
            await reader
        assert site.arxiv.paths[:2] == ["/rss/cs.CL", "/rss/cs.LG"]

    async def test_the_category_that_is_read_of_a_union_whose_pages_are_asked_one_by_one(self):
        site, gate = Site(clock=Clock(opening(THURSDAY))), asyncio.Event()
        site.arxiv.before_reply = gate.wait
        site.arxiv.now_reply(replies(site.clock, by_path={"/rss": httpx.Response(404)}))
        async with asking(site) as listings:
            with pytest.raises(UnavailableError):
                await listings.window(("astro-ph.CO", "cs.CL", "cs.LG", "stat.ML"), days=7, wait=False)
            await until(lambda: len(site.arxiv.paths) == 1)
            reader = asyncio.create_task(listings.window(("cs.LG",), days=7))
            await until(lambda: listings._refreshes.waiting == 1)
            gate.set()
            await reader
        assert site.arxiv.paths[1] == "/list/cs.LG/new"
