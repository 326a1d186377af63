"""arXiv is asked politely: paced, bounded, left alone when it says so."""

import asyncio
import gzip
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FetchError, NoAnswerError, RateLimitedError
from digest.store.memory import MemoryStore
from digest.upstream import fetching
from digest.upstream.fetching import ArxivClient, FetchLimits, Service, parse_retry_after, user_agent
from tests.builders import NOON
from tests.fakes import Clock, FakeArxiv, quick_store, until

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, content=b"body")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _retry_without_pause():
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


def make_client(arxiv, *, store=None, now=lambda: NOON, **limits):
    limits = {"interval": timedelta(milliseconds=1), "timeout": timedelta(seconds=5)} | limits
    return ArxivClient(
        store or quick_store(),
        base_url="http://arxiv.test",
        user_agent="test/1",
        limits=FetchLimits(**limits),
        transport=arxiv,
        now=now,
    )


async def fetch(client, path="/rss/cs.LG", service=Service.FEEDS):
    return await client.fetch(service, path)


async def refusal_of(client, service=Service.FEEDS):
    with pytest.raises(RateLimitedError) as caught:
        await fetch(client, service=service)
    return caught.value


async def failure_of(client):
    with pytest.raises(FetchError) as caught:
        await fetch(client)
    assert not isinstance(caught.value, RateLimitedError)
    assert str(caught.value)
    return caught.value


class TestRequest:
    async def test_goes_to_the_base_address_and_brings_the_body(self):
        arxiv = FakeArxiv(OK)
        assert await make_client(arxiv).fetch(Service.API, "/api/query?id_list=1") == b"body"
        assert [str(request.url) for request in arxiv.requests] == ["http://arxiv.test/api/query?id_list=1"]

    async def test_goes_to_the_hosts_of_arxiv_by_https_where_no_address_is_set(self):
        arxiv = FakeArxiv(OK)
        for service in Service:
            client = ArxivClient(
                quick_store(), base_url=None, user_agent="test/1", limits=FetchLimits(), transport=arxiv, now=Clock()
            )
            await client.fetch(service, "/x")
        assert [str(request.url) for request in arxiv.requests] == [
            "https://rss.arxiv.org/x",
            "https://export.arxiv.org/x",
            "https://arxiv.org/x",
        ]

    async def test_a_compressed_body_is_unpacked(self):
        async def packed():
            data = gzip.compress(b"body" * 1000)
            yield data[:10]
            yield data[10:]

        reply = httpx.Response(200, content=packed(), headers={"content-encoding": "gzip"})
        assert await fetch(make_client(FakeArxiv(reply))) == b"body" * 1000

    async def test_names_this_program_and_what_it_takes(self):
        arxiv = FakeArxiv(OK)
        await fetch(make_client(arxiv))
        assert arxiv.requests[0].headers["user-agent"] == "test/1"
        assert arxiv.requests[0].headers["accept-encoding"] == "gzip"
        assert arxiv.requests[0].headers["accept"].startswith("application/rss+xml, application/atom+xml")

    async def test_is_possible_again_after_closing(self):
        client = make_client(FakeArxiv(OK))
        await fetch(client)
        await client.aclose()
        await client.aclose()
        assert await fetch(client) == b"body"

    async def test_is_counted(self):
        client = make_client(FakeArxiv(httpx.Response(404), OK))
        await failure_of(client)
        await fetch(client)
        assert (client.counters.requests, client.counters.failures, client.counters.refusals) == (2, 1, 0)
        assert client.counters.last_error == "http://arxiv.test/rss/cs.LG: answered with status 404"


class TestPace:
    async def test_the_next_request_waits_out_the_pause_after_the_one_before(self):
        clock, arxiv = Clock(), FakeArxiv(OK)
        client = make_client(arxiv, store=MemoryStore(now=clock), interval=timedelta(seconds=3))
        await fetch(client)
        second = asyncio.create_task(fetch(client))
        await asyncio.sleep(0.01)
        clock.advance(seconds=2.9)
        await asyncio.sleep(0.01)
        assert len(arxiv.requests) == 1
        clock.advance(seconds=0.2)
        await second
        assert len(arxiv.requests) == 2

    async def test_a_request_that_failed_is_followed_by_the_pause_too(self):
        clock, arxiv = Clock(), FakeArxiv(httpx.Response(404), OK)
        client = make_client(arxiv, store=MemoryStore(now=clock), interval=timedelta(seconds=3))
        await failure_of(client)
        second = asyncio.create_task(fetch(client))
        await asyncio.sleep(0.01)
        assert len(arxiv.requests) == 1
        clock.advance(seconds=3.1)
        await second

    async def test_one_request_at_a_time_for_all_clients_of_a_store(self):
        # The clock jumps at each look, so that pauses are over at once and only the holder's lease counts.
        store = quick_store()
        arxiv = FakeArxiv(OK)
        arxiv.before_reply = lambda: asyncio.sleep(0.002)
        clients = [make_client(arxiv, store=store, timeout=MINUTE) for _ in range(2)]
        await asyncio.gather(*(fetch(client) for client in clients for _ in range(3)))
        assert len(arxiv.requests) == 6
        assert arxiv.most_at_once == 1

    async def test_a_cancelled_request_leaves_the_pause_behind_and_no_lock_for_ever(self):
        clock, arxiv = Clock(), FakeArxiv(OK)
        client = make_client(arxiv, store=MemoryStore(now=clock), interval=timedelta(seconds=3), timeout=MINUTE)
        arxiv.before_reply = asyncio.Event().wait
        task = asyncio.create_task(fetch(client))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        arxiv.before_reply = None
        clock.advance(seconds=3.1)
        assert await fetch(client) == b"body"


class TestPrecedence:
    """A reader waits for what is urgent; work behind the answers is not, and steps back."""

    async def test_what_is_urgent_overtakes_what_waits_in_this_process(self):
        arxiv, held = FakeArxiv(OK), asyncio.Event()
        client = make_client(arxiv, store=MemoryStore(now=Clock(step=timedelta(milliseconds=60))), timeout=MINUTE)
        arxiv.before_reply = held.wait
        sent = []
        for path, urgent in (("/first", False), ("/background", False), ("/reader", True)):
            sent.append(asyncio.create_task(client.fetch(Service.FEEDS, path, urgent=urgent)))
            await asyncio.sleep(0.01)
        held.set()
        await asyncio.gather(*sent)
        assert arxiv.paths == ["/first", "/reader", "/background"]

    async def test_nothing_else_is_sent_between_the_requests_of_something_urgent(self):
        arxiv = FakeArxiv(OK)
        client = make_client(arxiv)
        with client.hurry():
            background = asyncio.create_task(client.fetch(Service.FEEDS, "/background", urgent=False))
            for path in ("/one", "/two"):
                await client.fetch(Service.FEEDS, path)
                await asyncio.wait([background], timeout=0.15)
        await background
        assert arxiv.paths == ["/one", "/two", "/background"]

    @staticmethod
    async def sent_behind_the_first(arxiv, client, work):
        """Begin *work*, one after the other, while the first request is under way; return the paths in order."""
        held = asyncio.Event()
        arxiv.before_reply = held.wait
        begun = [asyncio.create_task(client.fetch(Service.FEEDS, "/first"))]
        await until(lambda: arxiv.paths == ["/first"])
        for one in work:
            begun.append(asyncio.create_task(one))
            await asyncio.sleep(0.01)
        held.set()
        await asyncio.gather(*begun)
        return arxiv.paths[1:]

    @staticmethod
    async def hurried(client, path, *, is_awaited):
        with client.hurry(is_awaited):
            await client.fetch(Service.FEEDS, path)

    async def test_a_reader_goes_before_what_a_page_began_and_that_before_work_on_the_past(self):
        arxiv = FakeArxiv(OK)
        client = make_client(arxiv, store=quick_store(), timeout=MINUTE)
        work = (
            client.fetch(Service.FEEDS, "/past", urgent=False),
            *(self.hurried(client, f"/page{number}", is_awaited=lambda: False) for number in (1, 2)),
            client.fetch(Service.FEEDS, "/reader"),
        )
        sent = await self.sent_behind_the_first(arxiv, client, work)
        assert [path.rstrip("12") for path in sent] == ["/reader", "/page", "/page", "/past"]

    async def test_what_a_page_began_goes_as_soon_as_a_reader_comes_for_it(self):
        arxiv, readers = FakeArxiv(OK), []
        client = make_client(arxiv, store=quick_store(), timeout=MINUTE)

        async def reader_comes():
            readers.append("me")

        work = (
            self.hurried(client, "/other", is_awaited=lambda: False),
            self.hurried(client, "/mine", is_awaited=lambda: bool(readers)),
            reader_comes(),
        )
        assert await self.sent_behind_the_first(arxiv, client, work) == ["/mine", "/other"]

    async def test_what_nobody_waits_for_is_put_off_for_half_a_minute_at_most(self, monkeypatch):
        monkeypatch.setattr(fetching, "_PUT_OFF_S", 0.03)
        arxiv = FakeArxiv(OK)
        client = make_client(arxiv, store=quick_store(), timeout=MINUTE)
        with client.hurry():
            page = asyncio.create_task(self.hurried(client, "/page", is_awaited=lambda: False))
            await asyncio.wait_for(page, 5)
        assert arxiv.paths == ["/page"]

    async def test_a_reader_of_another_instance_goes_before_what_a_page_began(self):
        clock, arxiv = Clock(), FakeArxiv(OK)
        store = MemoryStore(now=clock)
        await store.set("arxiv:urgent", b"1", ttl=timedelta(seconds=3))
        client = make_client(arxiv, store=store)
        page = asyncio.create_task(self.hurried(client, "/page", is_awaited=lambda: False))
        await asyncio.wait([page], timeout=0.3)
        assert arxiv.paths == []
        clock.advance(seconds=3)
        await page

    async def test_a_reader_of_another_instance_goes_first_too(self):
        clock, arxiv = Clock(), FakeArxiv(OK)
        store, pause = MemoryStore(now=clock), timedelta(milliseconds=200)
        one, other = (make_client(arxiv, store=store, interval=pause) for _ in range(2))
        await fetch(one)
        reader = asyncio.create_task(fetch(one))
        await asyncio.sleep(0.01)
        reader.cancel()
        clock.advance(seconds=0.5)  # the pause is over, and the reader was there less than a second ago
        background = asyncio.create_task(other.fetch(Service.FEEDS, "/background", urgent=False))
        await asyncio.wait([background], timeout=0.3)
        assert arxiv.paths == ["/rss/cs.LG"]
        clock.advance(seconds=1)
        await background
        assert arxiv.paths == ["/rss/cs.LG", "/background"]


class TestBounds:
    async def test_a_body_beyond_the_limit_is_refused_before_it_is_all_read(self):
        sent = []

        async def endless():
            while True:
                sent.append(1)
                yield bytes(1000)

        error = await failure_of(make_client(FakeArxiv(httpx.Response(200, content=endless())), size_bytes=5000))
        assert str(error) == "answer larger than 5,000 bytes"
        assert len(sent) < 10

    async def test_the_limit_counts_what_compressed_bodies_expand_to(self):
        async def bomb():
            yield gzip.compress(bytes(1_000_000))

        reply = httpx.Response(200, content=bomb(), headers={"content-encoding": "gzip"})
        assert "larger than" in str(await failure_of(make_client(FakeArxiv(reply), size_bytes=5000)))

    async def test_a_body_that_is_not_compressed_as_it_says_is_refused(self):
        async def plain():
            yield b"<rss/>"

        def reply(_):
            return httpx.Response(200, content=plain(), headers={"content-encoding": "gzip"})

        assert "not compressed as it says" in str(await failure_of(make_client(FakeArxiv(reply))))

    async def test_an_answer_that_does_not_come_is_given_up_and_not_asked_for_again(self):
        arxiv = FakeArxiv(OK)
        arxiv.before_reply = asyncio.Event().wait
        error = await failure_of(make_client(arxiv, timeout=timedelta(milliseconds=20)))
        assert str(error) == "no answer within 0:00:00.020000"
        assert len(arxiv.requests) == 1

    async def test_an_answer_that_drips_is_given_up_all_in_all(self):
        async def drip():
            while True:
                yield b"x"
                await asyncio.sleep(0.005)

        arxiv = FakeArxiv(lambda _: httpx.Response(200, content=drip()))
        assert "no answer within" in str(await failure_of(make_client(arxiv, timeout=timedelta(milliseconds=30))))


class TestRefusals:
    @pytest.mark.parametrize("status", [403, 406, 429, 503])
    async def test_are_not_tried_again_and_start_a_pause_of_at_least_ten_minutes(self, status):
        arxiv = FakeArxiv(httpx.Response(status))
        client = make_client(arxiv)
        error = await refusal_of(client)
        assert (error.status, len(arxiv.requests), client.counters.refusals) == (status, 1, 1)
        assert 10 * MINUTE <= error.retry_after <= 12 * MINUTE

    async def test_hold_for_all_clients_of_the_store_until_the_pause_is_over(self):
        clock, store = Clock(), quick_store()
        arxiv = FakeArxiv(httpx.Response(429, headers={"retry-after": "300"}), OK)
        one, other = (make_client(arxiv, store=store, now=clock) for _ in range(2))
        assert (await refusal_of(one)).retry_after == 5 * MINUTE
        clock.advance(minutes=4)
        assert (await refusal_of(other)).retry_after == MINUTE
        assert await other.cooldowns() == {Service.FEEDS: MINUTE}
        assert len(arxiv.requests) == 1
        clock.advance(minutes=1)
        assert await other.cooldowns() == {}
        assert await fetch(other) == b"body"

    async def test_stop_requests_that_were_waiting_for_their_turn(self):
        store, arxiv = quick_store(), FakeArxiv(httpx.Response(429))
        held = asyncio.Event()
        arxiv.before_reply = held.wait
        one, other = (make_client(arxiv, store=store) for _ in range(2))
        tasks = [asyncio.create_task(refusal_of(client)) for client in (one, other)]
        await asyncio.sleep(0.01)
        held.set()
        await asyncio.gather(*tasks)
        assert len(arxiv.requests) == 1

    async def test_of_one_service_leave_the_others_open(self):
        client = make_client(FakeArxiv(httpx.Response(429), OK))
        await refusal_of(client)
        assert await fetch(client, service=Service.PAGES) == b"body"

    async def test_in_a_row_make_the_pause_grow_up_to_some_hours(self):
        clock = Clock()
        client = make_client(FakeArxiv(httpx.Response(406)), now=clock, store=quick_store())
        pauses = []
        for _ in range(4):
            pauses.append((await refusal_of(client)).retry_after)
            clock.advance(days=1)
        for pause, minutes in zip(pauses, (10, 20, 40, 80), strict=True):
            assert minutes * MINUTE <= pause <= 1.2 * minutes * MINUTE

    async def test_an_answer_ends_the_row(self):
        clock = Clock()
        client = make_client(FakeArxiv(httpx.Response(429), httpx.Response(429), OK, httpx.Response(429)), now=clock)
        for _ in range(2):
            await refusal_of(client)
            clock.advance(days=1)
        await fetch(client)
        assert (await refusal_of(client)).retry_after <= 12 * MINUTE

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("7200", timedelta(hours=2)),
            ("Wed, 18 Nov 2026 18:00:00 GMT", timedelta(hours=1)),
            ("9999999", timedelta(hours=24)),
            ("0", MINUTE),
            ("Tue, 17 Nov 2026 18:00:00 GMT", MINUTE),
        ],
    )
    async def test_say_for_how_long(self, header, expected):
        client = make_client(FakeArxiv(httpx.Response(503, headers={"retry-after": header})))
        assert (await refusal_of(client)).retry_after == expected

    async def test_a_pause_that_cannot_be_read_counts_as_none(self):
        store = quick_store()
        await store.set("arxiv:cooldown:FEEDS", b"\xffnonsense")
        assert await fetch(make_client(FakeArxiv(OK), store=store)) == b"body"


class TestRetries:
    @pytest.mark.parametrize(
        "reply", [httpx.RemoteProtocolError("cut"), httpx.ReadError(""), httpx.Response(500), httpx.Response(502)]
    )
    async def test_a_passing_failure_is_tried_once_more(self, reply):
        arxiv = FakeArxiv(reply, OK)
        assert await fetch(make_client(arxiv)) == b"body"
        assert len(arxiv.requests) == 2

    async def test_then_the_failure_is_told(self):
        arxiv = FakeArxiv(httpx.ReadError(""))
        error = await failure_of(make_client(arxiv))
        assert (str(error), error.status, len(arxiv.requests)) == ("ReadError", None, 2)
        assert error.url == "http://arxiv.test/rss/cs.LG"
        assert isinstance(error.__cause__, httpx.ReadError)

    @pytest.mark.parametrize(
        "reply", [httpx.ConnectError("refused"), httpx.ConnectError("unknown host"), httpx.ConnectTimeout("")]
    )
    async def test_a_host_that_cannot_be_reached_fails_at_once(self, reply):
        arxiv = FakeArxiv(reply)
        assert isinstance(await failure_of(make_client(arxiv)), NoAnswerError)
        assert len(arxiv.requests) == 1

    @pytest.mark.parametrize("status", [204, 304, 400, 404, 410])
    async def test_a_lasting_failure_is_not_tried_again(self, status):
        arxiv = FakeArxiv(httpx.Response(status))
        assert (await failure_of(make_client(arxiv))).status == status
        assert len(arxiv.requests) == 1


class TestGivingWay:
    """While a reader waits, a source with another one behind it gets one attempt and little time to begin."""

    @staticmethod
    async def outcome(*, gives_way, awaited, delay_s=0.0, reply=OK):
        arxiv = FakeArxiv(reply, OK)
        client = make_client(arxiv, first_byte=timedelta(milliseconds=50))

        async def late():
            await asyncio.sleep(delay_s)

        arxiv.before_reply = late
        with client.awaited() if awaited else nullcontext():
            try:
                return await client.fetch(Service.FEEDS, "/rss/cs.LG", gives_way=gives_way), len(arxiv.requests)
            except FetchError as error:
                return type(error), len(arxiv.requests)

    @pytest.mark.parametrize(
        ("gives_way", "awaited", "expected"),
        [(True, True, (NoAnswerError, 1)), (True, False, (b"body", 1)), (False, True, (b"body", 1))],
    )
    async def test_if_it_does_not_begin(self, gives_way, awaited, expected):
        assert await self.outcome(gives_way=gives_way, awaited=awaited, delay_s=0.3) == expected

    @pytest.mark.parametrize(
        ("gives_way", "awaited", "expected"),
        [(True, True, (FetchError, 1)), (True, False, (b"body", 2)), (False, True, (b"body", 2))],
    )
    async def test_if_it_fails(self, gives_way, awaited, expected):
        assert await self.outcome(gives_way=gives_way, awaited=awaited, reply=httpx.Response(500)) == expected


class TestRedirects:
    @pytest.mark.parametrize("location", ["/rss/stat.ML", "http://arxiv.test/rss/stat.ML"])
    async def test_within_arxiv_are_followed(self, location):
        arxiv = FakeArxiv(httpx.Response(301, headers={"location": location}), OK)
        assert await fetch(make_client(arxiv)) == b"body"
        assert arxiv.paths == ["/rss/cs.LG", "/rss/stat.ML"]

    async def test_between_the_hosts_of_arxiv_are_followed_but_not_to_http(self):
        arxiv = FakeArxiv(
            httpx.Response(301, headers={"location": "https://arxiv.org/list"}),
            httpx.Response(301, headers={"location": "http://arxiv.org/list"}),
        )
        limits = FetchLimits(interval=timedelta(milliseconds=1))
        client = ArxivClient(
            quick_store(), base_url=None, user_agent="test/1", limits=limits, transport=arxiv, now=Clock()
        )
        assert "redirected away, to http://arxiv.org" in str(await failure_of(client))
        assert [request.url.host for request in arxiv.requests] == ["rss.arxiv.org", "arxiv.org"]

    @pytest.mark.parametrize(
        "location",
        ["https://arxiv.test/", "http://evil.test/", "//evil.test", "file:///etc/passwd", "http://arxiv.test:81/", "http://["],
    )  # fmt: skip
    async def test_elsewhere_are_refused(self, location):
        arxiv = FakeArxiv(httpx.Response(302, headers={"location": location}))
        assert "redirected" in str(await failure_of(make_client(arxiv)))
        assert len(arxiv.requests) == 1

    async def test_without_an_end_are_given_up(self):
        arxiv = FakeArxiv(httpx.Response(302, headers={"location": "/rss/cs.LG"}))
        assert str(await failure_of(make_client(arxiv))) == "redirected too often"
        assert len(arxiv.requests) == 4


@asynccontextmanager
async def raw_server(*answers):
    """Serve raw bytes, one answer a connection, the last one again and again; then close it."""
    pending = list(answers)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(pending[0] if len(pending) == 1 else pending.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class TestWire:
    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"SSH-2.0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        ],
        ids=["nothing", "not HTTP", "cut", "cut chunks", "bad length"],
    )
    async def test_a_broken_answer_is_a_fetch_error(self, answer):
        async with raw_server(answer) as url:
            client = ArxivClient(
                quick_store(),
                base_url=url,
                user_agent="test/1",
                limits=FetchLimits(interval=timedelta(milliseconds=1)),
                now=Clock(),
            )
            await failure_of(client)
            await client.aclose()

    async def test_a_connection_that_breaks_is_made_anew(self):
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
        async with raw_server(whole[:-2], whole) as url:
            client = ArxivClient(
                quick_store(),
                base_url=url,
                user_agent="test/1",
                limits=FetchLimits(interval=timedelta(milliseconds=1)),
                now=Clock(),
            )
            assert await fetch(client) == b"body"
            await client.aclose()


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (None, None),
            ("", None),
            ("120", timedelta(seconds=120)),
            (" 0 ", timedelta(0)),
            ("Wed, 18 Nov 2026 17:00:30 GMT", timedelta(seconds=30)),
            ("Wed, 18 Nov 2026 17:00:30 -0000", timedelta(seconds=30)),
            ("Wed, 18 Nov 2026 12:00:30 -0500", timedelta(seconds=30)),
            ("Tue, 17 Nov 2026 17:00:30 GMT", timedelta(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("²", None),
            ("9" * 5000, None),
            ("Wed, 18 Nov 99999999999 17:00:30 GMT", None),
        ],
    )
    def test_is_seconds_or_a_date_and_anything_else_is_none(self, value, expected):
        assert parse_retry_after(value, NOON) == expected

    @given(st.text(max_size=40))
    def test_never_fails(self, value):
        pause = parse_retry_after(value, NOON)
        assert pause is None or pause >= timedelta(0)


class TestUserAgent:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ((None, None), " (self-hosted)"),
            (("https://p.example.org", None), " (+https://p.example.org)"),
            (("https://p.example.org", "me@example.org"), " (+https://p.example.org; me@example.org)"),
            ((None, "jürgen@example.org\r\nX: y"), " (+j?rgen@example.org??X: y)"),
        ],
    )
    def test_names_the_deployment_in_letters_that_a_header_may_hold(self, facts, expected):
        named = user_agent(public_url=facts[0], contact=facts[1])
        assert named.startswith("arxiv-digest/")
        assert named.endswith(expected)
