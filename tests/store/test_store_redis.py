"""Redis and Upstash when they restart, hang, are full, or are not what they should be."""

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta

import pytest

from digest.errors import StoreError, StoreFullError
from digest.store.memory import MemoryStore
from digest.store.redis_tcp import RedisStore
from digest.store.resilient import ResilientStore
from digest.store.upstash import UpstashStore
from tests.store import redis_server, upstash_server

MINUTE = timedelta(minutes=1)
SHORT = timedelta(milliseconds=50)

pytestmark = pytest.mark.anyio


@contextmanager
def silent_server():
    """Accept connections (the kernel does) and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@asynccontextmanager
async def losing_first_answer_to(command, port):
    """Pass everything on to the server at *port*, but cut the connection when it answers the first *command*."""
    lost = []

    async def serve(reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        while request := await reader.read(65536):
            upstream_writer.write(request)
            answer = await upstream_reader.read(65536)
            if command in request and not lost:
                lost.append(answer)
                break
            writer.write(answer)
        for stream in (writer, upstream_writer):
            stream.close()
            await stream.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
    assert lost


@pytest.fixture(params=["redis", "upstash"])
async def remote(request, redis, upstash, clock):
    """A store over the network, whichever way."""
    over_tcp = request.param == "redis"
    opened = (
        RedisStore(redis.url, now=clock) if over_tcp else UpstashStore(upstash.url, upstash_server.TOKEN, now=clock)
    )
    yield opened
    await opened.close()


@pytest.fixture
async def rest(upstash, clock):
    opened = UpstashStore(upstash.url, upstash_server.TOKEN, now=clock)
    yield opened
    await opened.close()


def store_on(kind, port):
    if kind == "redis":
        return RedisStore(f"redis://:s3cret@127.0.0.1:{port}", timeout=SHORT)
    return UpstashStore(f"http://127.0.0.1:{port}", "s3cret", timeout=SHORT)


class TestTime:
    async def test_values_and_locks_end_by_the_clock_of_the_server(self, remote, redis):
        await remote.set("key", b"1", ttl=timedelta(milliseconds=20))
        await remote.acquire("lock", ttl=timedelta(milliseconds=20))
        redis.client.blpop("nothing", timeout=0.05)
        assert await remote.get("key") is None
        assert await remote.acquire("lock", ttl=MINUTE)

    async def test_a_client_whose_clock_ran_ahead_does_not_stop_the_tokens(self, remote, redis):
        ahead = int(datetime(2031, 1, 1).astimezone().timestamp() * 1000)
        redis.client.set("arxiv-digest:fence:lock", ahead)
        assert (await remote.acquire("lock", ttl=MINUTE)).token == ahead + 1

    async def test_tokens_go_on_growing_when_the_server_forgot_everything(self, remote, redis, clock):
        before = await remote.acquire("lock", ttl=MINUTE)
        redis.client.flushall()
        clock.advance(timedelta(milliseconds=1))
        after = await remote.acquire("lock", ttl=MINUTE)
        assert after.token > before.token
        assert not await remote.set("key", b"late", lease=before)

    async def test_the_fence_outlives_the_lock(self, remote, redis):
        await remote.acquire("lock", ttl=MINUTE)
        redis.advance(timedelta(days=6))
        assert redis.client.keys() == [b"arxiv-digest:fence:lock"]


class TestForeign:
    """Another program, or an older one, put something else under our keys: it counts as absent."""

    @pytest.fixture(params=["list", "hash", "set", "zset", "stream"])
    def occupy(self, request, redis):
        def put(key):
            client = redis.client
            {
                "list": lambda: client.rpush(key, "x"),
                "hash": lambda: client.hset(key, "f", "x"),
                "set": lambda: client.sadd(key, "x"),
                "zset": lambda: client.zadd(key, {"x": 1}),
                "stream": lambda: client.xadd(key, {"f": "x"}),
            }[request.param]()

        return put

    async def test_a_value_is_absent_and_replaced(self, remote, occupy):
        occupy("arxiv-digest:v:key")
        assert await remote.get_many(["key", "other"]) == [None, None]
        assert await remote.set("key", b"1")
        assert await remote.get("key") == b"1"

    async def test_a_counter_begins_anew_with_its_time_to_live(self, remote, redis, occupy):
        occupy("arxiv-digest:v:n")
        assert await remote.increment("n", 3, ttl=MINUTE) == 3
        assert await remote.increment("n", ttl=MINUTE) == 4
        redis.advance(timedelta(minutes=2))
        assert await remote.get("n") is None

    async def test_a_lock_is_free(self, remote, occupy):
        occupy("arxiv-digest:lock:lock")
        lease = await remote.acquire("lock", ttl=MINUTE)
        assert lease
        assert await remote.acquire("lock", ttl=MINUTE) is None
        assert await remote.extend(lease, MINUTE)
        assert await remote.release(lease)

    async def test_a_fence_begins_anew(self, remote, occupy):
        occupy("arxiv-digest:fence:lock")
        lease = await remote.acquire("lock", ttl=MINUTE)
        assert lease
        occupy("arxiv-digest:fence:other")
        assert await remote.set("key", b"1", lease=lease)

    async def test_a_write_under_a_foreign_fence_is_accepted(self, remote, redis, occupy):
        lease = await remote.acquire("lock", ttl=MINUTE)
        redis.client.delete("arxiv-digest:fence:lock")
        occupy("arxiv-digest:fence:lock")
        assert await remote.set("key", b"1", lease=lease)

    async def test_release_and_extend_of_a_foreign_lock_say_no(self, remote, redis, occupy):
        lease = await remote.acquire("lock", ttl=MINUTE)
        redis.client.delete("arxiv-digest:lock:lock")
        occupy("arxiv-digest:lock:lock")
        assert not await remote.extend(lease, MINUTE)
        assert not await remote.release(lease)

    async def test_text_is_no_lock_of_ours_if_it_never_ends_and_no_number_is_no_fence(self, remote, redis):
        redis.client.set("arxiv-digest:lock:lock", "somebody")
        redis.client.set("arxiv-digest:fence:lock", "not a number")
        assert await remote.acquire("lock", ttl=MINUTE)


class TestSilence:
    @pytest.mark.parametrize("kind", ["redis", "upstash"])
    async def test_a_server_that_never_answers_is_given_up(self, kind):
        with silent_server() as port:
            store = store_on(kind, port)
            async with asyncio.timeout(5):
                with pytest.raises(StoreError) as caught:
                    await store.get("key")
            assert "s3cret" not in str(caught.value)
            await store.close()

    @pytest.mark.parametrize("kind", ["redis", "upstash"])
    async def test_behind_a_resilient_store_a_hundred_callers_wait_once(self, kind, clock):
        with silent_server() as port:
            store = ResilientStore(store_on(kind, port), MemoryStore(now=clock), timeout=timedelta(milliseconds=200))
            async with asyncio.timeout(5):
                await asyncio.gather(*(store.get(f"k{n}") for n in range(100)))
                await asyncio.gather(*(store.set(f"k{n}", b"1") for n in range(100)))
                assert await store.get_many(["k0", "k99"]) == [b"1", b"1"]
            assert store.degraded
            await store.close()

    @pytest.mark.parametrize("kind", ["redis", "upstash"])
    async def test_nobody_listening_is_a_store_error(self, kind):
        with silent_server() as port:
            pass
        store = store_on(kind, port)
        with pytest.raises(StoreError) as caught:
            await store.get("key")
        assert "s3cret" not in str(caught.value)
        await store.close()


class TestRestart:
    async def test_killed_and_started_again(self, running_redis, tmp_path, clock):
        server = redis_server.RedisServer(tmp_path)
        server.start()
        direct = RedisStore(server.url, now=clock)
        store = ResilientStore(direct, MemoryStore(now=clock), monotonic=lambda: clock().timestamp())
        await store.set("key", b"1")
        server.kill()
        with pytest.raises(StoreError):
            await direct.get("key")
        assert await store.set("key", b"2")
        assert await store.get("key") == b"2"
        assert store.degraded
        server.start()
        clock.advance(timedelta(seconds=11))
        assert await store.set("other", b"3")
        assert not store.degraded
        assert await direct.get("other") == b"3"
        await store.close()
        server.kill()

    async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(self, remote, redis):
        await remote.set("key", b"1")
        redis.client.client_kill_filter(_type="normal", skipme=True)
        assert await remote.get("key") == b"1"

    async def test_a_lock_whose_answer_was_lost_is_not_lost(self, redis, clock):
        """The client repeats itself on a new connection and is known by its owner's name."""
        async with losing_first_answer_to(b"EVAL", redis.port) as port:
            store = RedisStore(f"redis://127.0.0.1:{port}", now=clock)
            try:
                lease = await store.acquire("lock", ttl=MINUTE)
                assert lease
                assert await store.extend(lease, MINUTE)
            finally:
                await store.close()


class TestFull:
    async def test_writes_are_refused_and_reads_go_on(self, remote, redis):
        await remote.set("old", b"1")
        redis.client.config_set("maxmemory-policy", "noeviction")
        redis.client.config_set("maxmemory", 1)
        lease = await _lease_of_another_day(remote, redis)
        for write in (
            remote.set("key", b"1"),
            remote.set("key", b"1", lease=lease),
            remote.increment("n"),
            remote.acquire("lock", ttl=MINUTE),
        ):
            with pytest.raises(StoreFullError, match="OOM"):
                await write
        assert await remote.get("old") == b"1"
        await remote.delete("old")
        assert await remote.get("old") is None

    async def test_behind_a_resilient_store_memory_keeps_the_rest(self, remote, redis, clock):
        store = ResilientStore(remote, MemoryStore(now=clock))
        await store.set("key", b"old")
        redis.client.config_set("maxmemory", 1)
        assert await store.set("key", b"new")
        assert await store.get("key") == b"new"
        assert not store.degraded


async def _lease_of_another_day(remote, redis):
    limit = redis.client.config_get("maxmemory")["maxmemory"]
    redis.client.config_set("maxmemory", 0)
    lease = await remote.acquire("other", ttl=MINUTE)
    redis.client.config_set("maxmemory", limit)
    return lease


class TestUpstash:
    async def test_a_wrong_token_is_a_store_error_without_the_token(self, upstash):
        store = UpstashStore(upstash.url, "wr0ng")
        with pytest.raises(StoreError, match="Unauthorized") as caught:
            await store.get("key")
        assert "wr0ng" not in str(caught.value)
        await store.close()

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, b"oops"),
            (502, b"<html>Bad gateway</html>"),
            (200, b"<html>Welcome to the hotel</html>"),
            (200, b"{}"),
            (200, b"[1]"),
            (200, b""),
            (302, b"{}"),
            (429, b'{"error":"ERR max daily request limit exceeded. Limit: 10000, Usage: 10001."}'),
        ],
    )
    async def test_anything_but_a_result_is_a_store_error(self, rest, upstash, status, body):
        upstash.answer_instead = (status, body)
        with pytest.raises(StoreError) as caught:
            await rest.get("key")
        assert not isinstance(caught.value, StoreFullError)

    async def test_a_value_beyond_its_limits_is_only_a_refused_write(self, rest, upstash):
        upstash.answer_instead = (400, b'{"error":"ERR max request size exceeded. Limit: 1048576 bytes"}')
        with pytest.raises(StoreFullError):
            await rest.set("key", b"1")

    async def test_one_operation_is_one_request(self, rest, upstash):
        await rest.get_many([f"k{n}" for n in range(100)])
        await rest.acquire("lock", ttl=MINUTE)
        await rest.increment("n", ttl=MINUTE)
        assert len(upstash.requests) == 3


async def test_other_programs_may_share_the_database(remote, redis):
    redis.client.set("key", b"theirs")
    redis.client.set("arxiv-digest:v:odd", b"\xff\xfe")
    redis.client.set("arxiv-digest:v:broken", b"=%%%")
    redis.client.set("arxiv-digest:v:text", b"text")
    assert await remote.get("key") is None
    await remote.set("key", b"ours")
    await remote.delete("key")
    assert redis.client.get("key") == b"theirs"
    assert await remote.get_many(["odd", "broken", "text"]) == [None] * 3


def test_a_store_may_be_used_from_one_event_loop_after_another(redis, upstash):
    """As on AWS Lambda, or from a command line that runs twice."""
    for store in (RedisStore(redis.url), UpstashStore(upstash.url, upstash_server.TOKEN)):

        async def use(store=store):
            await store.set("key", b"1")
            assert await store.get("key") == b"1"
            await store.close()

        asyncio.run(use())
        asyncio.run(use())
