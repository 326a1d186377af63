"""Deliveries from a server over an invented arXiv to stand-ins of the services: each day once, whatever goes wrong."""

import asyncio
import itertools
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from digest.delivery.history import History
from digest.delivery.sending import Sender
from digest.errors import StoreFullError
from digest.service.deliveries import Pauses
from digest.store.memory import MemoryStore
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore
from tests.builders import NOON, make_config
from tests.fakes import Clock, flying_clock, until
from tests.services import ENVIRON, SECRETS, WEB_KINDS, Services, settings
from tests.sites import ARXIV_URL, Site

pytestmark = pytest.mark.anyio
SHARE = timedelta(seconds=30)
MORNING = datetime(2026, 11, 18, 5, 20, tzinfo=UTC)
"""Twenty minutes after the feeds have Wednesday."""


class NotMemory(MemoryStore):
    """Memory that passes for a store of several processes."""

    kind = "shared"


async def resolve(_host, _port):
    return ["93.184.216.34"]


class World:
    """A server that delivers, the services it delivers to, and the time of all.

    Args:
        kinds: Targets of its only feed.
        now: The first moment.
        more: See `tests.services.settings`.
    """

    def __init__(self, *kinds, now=NOON, environ=ENVIRON, store=None, feed="", **more):
        self.clock = Clock(now)
        config = make_config(settings(*kinds, feed=feed, **more), arxiv_url=ARXIV_URL)
        from digest.config.reading import parse_config

        deliveries = parse_config(settings(*kinds, feed=feed, **more), environ).deliveries
        self.site = Site(clock=self.clock, config=config.model_copy(update={"deliveries": deliveries}))
        self.site.store = store or NotMemory(now=Clock(now, step=timedelta(milliseconds=60)))
        self.services = Services(self.clock)
        self.site.sender = Sender(
            user_agent="arxiv-digest/test", transport=self.services, resolve=resolve, now=self.clock
        )

    def service(self):
        return self.site.service()

    async def refresh(self):
        service = self.service()
        await service.operations.refresh(timedelta(seconds=20))
        await service.aclose()

    async def deliver(self, *, is_steady=True, within=SHARE):
        """One run of a process that was just started."""
        service = self.service()
        service.deliveries._pauses = Pauses(timedelta(0), timedelta(seconds=0.1))
        try:
            return await service.deliveries.run(within=within, is_steady=is_steady)
        finally:
            await service.aclose()

    def heads(self, kind):
        return [one.text.partition("\n")[0] for one in self.services.of(kind)]


async def world_with_papers(*kinds, **more):
    world = World(*kinds, **more)
    await world.refresh()
    return world


async def test_every_kind_gets_the_newest_day_once():
    world = await world_with_papers(*WEB_KINDS)
    first = await world.deliver()
    assert world.services.refused == []
    assert {one.state for one in first.deliveries} == {"sent"}
    assert first.sent == len(WEB_KINDS)
    assert (await world.deliver()).sent == 0
    for kind in WEB_KINDS:
        (head,) = world.heads(kind)
        assert head.strip("*").startswith("Machines, Wed 18 Nov: "), head


async def test_a_new_target_gets_no_backlog_and_then_every_day_in_order():
    world = await world_with_papers("slack")
    await world.deliver()
    for hours in (24, 24):
        world.clock.advance(hours=hours)
        await world.refresh()
    await world.deliver()
    days = [head.split(", ")[1].partition(":")[0] for head in world.heads("slack")]
    assert days == ["Wed 18 Nov", "Thu 19 Nov", "Fri 20 Nov"]


async def test_two_processes_at_the_same_time_send_once():
    world = await world_with_papers("slack", "telegram", "webhook")
    outcomes = await asyncio.gather(*(world.deliver() for _ in range(5)))
    assert [len(world.services.of(kind)) for kind in ("slack", "telegram", "webhook")] == [1, 1, 1]
    assert sum(one.sent for one in outcomes) == 3


async def test_two_processes_that_both_hold_the_lease_send_once(monkeypatch):
    """As after an outage of the store, or with a clock that jumped: the claim alone has to do."""
    world = await world_with_papers("slack", "matrix")
    lease = await world.site.store.acquire("any", ttl=SHARE)

    async def granted(_self, _name, *, ttl):
        return lease

    monkeypatch.setattr(NotMemory, "acquire", granted)
    await asyncio.gather(*(world.deliver() for _ in range(5)))
    assert [len(world.services.of(kind)) for kind in ("slack", "matrix")] == [1, 1]


@pytest.mark.parametrize(("kind", "messages", "state"), [("slack", 0, "unknown"), ("matrix", 1, "sent")])
async def test_killed_between_claim_and_sending(kind, messages, state):
    world = await world_with_papers(kind)
    service = world.service()
    deliveries = service.deliveries
    (pair,) = deliveries._messages.pairs
    period, _, _ = await deliveries._messages.newest(pair)
    assert await deliveries._claims.claim(pair, period, 1)  # and then kill -9
    await service.aclose()
    await world.deliver()
    world.clock.advance(seconds=10)
    outcome = await world.deliver()
    assert len(world.services.of(kind)) == messages
    status = await world_status(world)
    assert status.deliveries[0].state == state
    assert not outcome.problem


@pytest.mark.parametrize(("kind", "messages"), [("slack", 1), ("matrix", 1), ("webhook", 1), ("resend", 1)])
async def test_killed_between_sending_and_marking(kind, messages, monkeypatch):
    world = await world_with_papers(kind)

    class KilledError(BaseException):
        pass

    async def killed(*_args, **_more):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(History, "note", killed)
        with pytest.raises(KilledError):
            await world.deliver()
    world.clock.advance(minutes=4)
    for _ in range(3):
        await world.deliver()
        world.clock.advance(minutes=1)
    assert len(world.services.of(kind)) == messages


async def world_status(world):
    service = world.service()
    try:
        return (await service.operations.status(for_owner=True)).deliveries
    finally:
        await service.aclose()


@pytest.mark.parametrize("days", [-400, -30, -1, 1, 30, 89, 400])
async def test_a_clock_that_jumps_repeats_nothing(days):
    world = await world_with_papers("slack", "telegram")
    await world.deliver()
    start = world.clock.now
    for moment in (start + timedelta(days=days), start, start + timedelta(minutes=5)):
        world.clock.now = moment
        await world.deliver()
    assert [len(world.services.of(kind)) for kind in ("slack", "telegram")] == [1, 1]


async def test_a_clock_that_ran_ahead_while_a_store_forgot_its_claims_repeats_nothing(tmp_path):
    clock, steps = Clock(NOON), itertools.count()

    def flying():
        return clock.now + timedelta(milliseconds=60) * next(steps)

    store = ResilientStore(SqliteStore(tmp_path / "c.sqlite3", now=flying), MemoryStore(now=flying))
    world = World("slack", store=store)
    world.clock = world.site.clock = clock
    world.site.sender = Sender(user_agent="arxiv-digest/test", transport=world.services, resolve=resolve, now=clock)
    await world.refresh()
    await world.deliver()
    clock.advance(days=400)
    await world.deliver()
    clock.advance(days=-400)
    await world.deliver()
    assert len(world.services.of("slack")) == 1


async def test_a_target_that_hangs_delays_nobody_and_is_not_asked_twice():
    world = await world_with_papers("slack", "telegram")

    async def hang():
        await asyncio.sleep(60)

    world.services.faults["slack"] = lambda _request: hang()
    started = asyncio.get_running_loop().time()
    outcome = await world.deliver(within=timedelta(seconds=5))
    assert asyncio.get_running_loop().time() - started < 9
    assert {one.target: one.state for one in outcome.deliveries} == {"slack": "unknown", "telegram": "sent"}
    del world.services.faults["slack"]
    await world.deliver()
    assert [len(world.services.of(kind)) for kind in ("slack", "telegram")] == [0, 1]


@pytest.mark.parametrize("kind", ["slack", "telegram"])
async def test_429_waits_as_long_as_asked_and_then_sends_once(kind):
    world = await world_with_papers(kind)
    world.services.faults[kind] = lambda _request: httpx.Response(429, headers={"Retry-After": "120"})
    (outcome,) = (await world.deliver()).deliveries
    assert (outcome.state, "429" in outcome.reason) == ("retrying", True)
    del world.services.faults[kind]
    world.clock.advance(seconds=119)
    assert (await world.deliver()).sent == 0
    world.clock.advance(seconds=1)
    assert (await world.deliver()).sent == 1
    assert (await world.deliver()).sent == 0


async def test_a_short_pause_is_waited_for_within_the_run():
    world = await world_with_papers("telegram")
    replies = [httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 0.01}})]
    world.services.faults["telegram"] = lambda _request: replies.pop() if replies else None
    assert (await world.deliver()).sent == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("slack", {"ok": False, "error": "channel_is_archived"}),
        ("telegram", {"ok": False, "description": "Bad Request: chat not found"}),
        ("feishu", {"code": 19001, "msg": "param invalid"}),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}),
    ],
)
async def test_200_with_an_error_in_its_body_is_no_success(kind, body):
    world = await world_with_papers(kind)
    world.services.faults[kind] = lambda _request: httpx.Response(200, json=body)
    (outcome,) = (await world.deliver()).deliveries
    assert outcome.state == "retrying"
    del world.services.faults[kind]
    world.clock.advance(minutes=16)
    await world.deliver()
    assert len(world.services.of(kind)) == 1


async def test_a_revoked_token_is_shown_and_mended_within_the_day():
    world = await world_with_papers("telegram")
    reply = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    world.services.faults["telegram"] = lambda _request: httpx.Response(401, json=reply)
    for _ in range(4):
        await world.deliver()
        world.clock.advance(minutes=45)
    (status,) = (await world_status(world)).deliveries
    assert (status.state, status.error) == ("retrying", "status 401: Unauthorized")
    del world.services.faults["telegram"]
    world.clock.advance(hours=2)
    await world.deliver()
    assert len(world.services.of("telegram")) == 1


async def test_a_target_that_is_dead_for_a_day_is_given_up_and_gets_the_next_one():
    world = await world_with_papers("slack")
    world.services.faults["slack"] = lambda _request: httpx.ConnectError("refused")
    for _ in range(32):
        await world.deliver()
        world.clock.advance(hours=1)
    (status,) = (await world_status(world)).deliveries
    assert (status.state, status.sent_at) == ("failed", None)
    del world.services.faults["slack"]
    await world.refresh()
    await world.deliver()
    (head,) = world.heads("slack")
    assert "Thu 19 Nov" in head


@pytest.mark.parametrize("fault", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x"), httpx.Response(502), httpx.WriteError("x")])  # fmt: skip
@pytest.mark.parametrize(
    ("kind", "messages"),
    [("slack", 1), ("discord", 1), ("telegram", 1), ("mattermost", 1), ("ntfy", 1), ("matrix", 1), ("webhook", 1), ("resend", 1)],
)  # fmt: skip
async def test_an_answer_that_got_lost_repeats_nothing(kind, messages, fault):
    """The message was taken, the answer was not seen: whoever can tell a repetition is asked again, nobody else."""
    world = await world_with_papers(kind)
    world.services.after[kind] = lambda _request: fault
    await world.deliver()
    asked = len(world.services.requests)
    world.services.after.clear()
    for _ in range(3):
        world.clock.advance(minutes=2)
        await world.deliver()
    assert len(world.services.of(kind)) == messages
    assert (len(world.services.requests) > asked) == (kind in {"matrix", "webhook", "resend"})


@pytest.mark.parametrize("fault", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
async def test_what_never_left_is_sent_later(fault):
    world = await world_with_papers("slack")
    world.services.faults["slack"] = lambda _request: fault
    (outcome,) = (await world.deliver(within=timedelta(seconds=6))).deliveries
    assert outcome.state == "retrying"
    world.services.faults.clear()
    world.clock.advance(minutes=1)
    await world.deliver()
    await world.deliver()
    assert len(world.services.of("slack")) == 1


async def test_memory_sends_nothing_and_says_why():
    world = await world_with_papers("slack", store=MemoryStore(now=Clock(NOON, step=timedelta(milliseconds=60))))
    outcome = await world.deliver()
    assert world.services.requests == []
    assert "memory" in outcome.problem
    assert "memory" in (await world_status(world)).problem


class Broken(NotMemory):
    """A store whose writes fail, or that doesn't answer at all."""

    error: Exception | None = None

    async def increment(self, key, by=1, *, ttl=None):
        if self.error:
            raise self.error
        return await super().increment(key, by, ttl=ttl)

    async def set(self, key, value, *, ttl=None, lease=None):
        if self.error:
            raise self.error
        return await super().set(key, value, ttl=ttl, lease=lease)

    async def acquire(self, name, *, ttl):
        if self.error:
            raise self.error
        return await super().acquire(name, ttl=ttl)


async def test_a_store_that_refuses_writes_sends_nothing_and_says_why():
    inner = Broken(now=Clock(NOON, step=timedelta(milliseconds=60)))
    world = await world_with_papers("slack", store=ResilientStore(inner, MemoryStore(now=flying_clock())))
    inner.error = StoreFullError("OOM command not allowed")
    await world.deliver()
    assert world.services.requests == []
    assert "refuses writes" in (await world_status(world)).problem
    inner.error = None
    world.site.store = ResilientStore(inner, MemoryStore(now=flying_clock()))  # another process, later
    await world.deliver()
    assert len(world.services.of("slack")) == 1


async def test_a_stand_in_sends_nothing(monkeypatch):
    inner = Broken(now=Clock(NOON, step=timedelta(milliseconds=60)))
    store = ResilientStore(inner, MemoryStore(now=flying_clock()))
    world = await world_with_papers("slack", store=store)
    monkeypatch.setattr(ResilientStore, "degraded", True)
    assert "doesn't answer" in (await world.deliver()).problem
    assert world.services.requests == []


async def test_a_missing_variable_is_named_and_the_others_are_served():
    environ = {name: value for name, value in ENVIRON.items() if name != "DELIVER_SLACK_URL"}
    world = await world_with_papers("slack", "telegram", environ=environ)
    outcome = await world.deliver()
    assert {one.target: one.reason for one in outcome.deliveries} == {
        "slack": "DELIVER_SLACK_URL is not set",
        "telegram": "",
    }
    assert (await world_status(world)).deliveries[0].error == "DELIVER_SLACK_URL is not set"


async def test_days_with_too_few_papers_are_passed_over():
    world = await world_with_papers("slack", "telegram", "discord", slack="at_least: 900", telegram="at_least: 2")
    outcome = await world.deliver()
    assert {one.target: one.state for one in outcome.deliveries} == {
        "slack": "empty", "telegram": "sent", "discord": "sent"}  # fmt: skip
    assert (await world.deliver()).sent == 0


async def test_an_empty_day_sends_nothing_or_one_line():
    world = await world_with_papers("slack", "telegram", feed="    include: [no such word]\n", telegram="empty: true")
    await world.deliver()
    assert world.services.of("slack") == []
    (taken,) = world.services.of("telegram")
    assert "nothing to send, none of the" in taken.text


async def test_nothing_is_logged_that_is_secret(caplog):
    world = await world_with_papers(*WEB_KINDS)
    for kind in WEB_KINDS:
        reply = {"error": f"bad token {ENVIRON.get(f'DELIVER_{kind.upper()}_TOKEN')} at {ENVIRON.get(f'DELIVER_{kind.upper()}_URL')}"}  # fmt: skip
        world.services.faults[kind] = lambda _request, reply=reply: httpx.Response(403, json=reply)
    with caplog.at_level(logging.DEBUG):
        from digest.service.log_lines import quieten_libraries

        quieten_libraries()
        outcome = await world.deliver()
    shown = caplog.text + outcome.model_dump_json() + (await world_status(world)).model_dump_json()
    assert not [secret for secret in SECRETS if secret in shown]
    assert len(outcome.deliveries) == len(WEB_KINDS)


async def test_a_run_that_nobody_waits_for_any_more_comes_to_its_end():
    """A platform's cron hangs up: what is claimed must not be left without a word."""
    world = await world_with_papers("slack")
    service = world.service()
    gate = asyncio.Event()

    async def slowly():
        await gate.wait()

    world.services.faults["slack"] = lambda _request: slowly()
    waiting = asyncio.create_task(service.deliveries.run(within=SHARE, is_steady=True))
    await until(lambda: bool(world.services.requests))
    waiting.cancel()
    gate.set()
    await service.aclose()
    assert len(world.services.of("slack")) == 1
    assert (await world_status(world)).deliveries[0].state == "sent"


async def test_sending_again_on_request_is_noted_and_not_repeated():
    world = await world_with_papers("slack", "webhook")
    await world.deliver()
    for kind in ("slack", "webhook"):
        service = world.service()
        assert (await service.delivery_trials.again("machines", kind)).outcome == "sent"
        await service.aclose()
    await world.deliver()
    assert [len(world.services.of(kind)) for kind in ("slack", "webhook")] == [2, 2]


async def test_a_test_is_marked_and_leaves_no_trace():
    world = await world_with_papers("telegram")
    service = world.service()
    assert (await service.delivery_trials.test("machines", "telegram")).outcome == "sent"
    await service.aclose()
    assert world.heads("telegram")[0].startswith("[Test, please ignore] Machines, Wed 18 Nov")
    assert (await world.deliver()).sent == 1


async def test_a_preview_sends_nothing_and_says_what_is_due():
    world = await world_with_papers("slack", "telegram", telegram='not_before: "23:30 UTC"')
    service = world.service()
    shown = await service.delivery_trials.preview()
    await service.aclose()
    assert [(one.target, one.status) for one in shown] == [
        ("slack", "due"),
        ("telegram", "not before that time of day until 2026-11-18 23:30 UTC"),
    ]
    assert world.services.requests == []
    assert "Machines, Wed 18 Nov" in shown[0].payload.text


async def test_a_week_is_sent_when_it_is_over():
    world = await world_with_papers("slack", "telegram", slack="weekly: true")
    await world.deliver()
    for _ in range(5):
        world.clock.advance(hours=24)
        await world.refresh()
        await world.deliver()
    assert [head.partition(":")[0] for head in world.heads("slack")] == [
        "*Machines, week 46 (Mon 9 Nov to Fri 13 Nov)",  # the newest that was over when the target was new
        "*Machines, week 47 (Mon 16 Nov to Fri 20 Nov)",
    ]
    assert all("complete" in head for head in world.heads("slack"))
    assert len(world.services.of("telegram")) == 4  # Wednesday to Friday, and Monday


LATE = datetime(2026, 11, 18, 5, 30, tzinfo=UTC)


def incomplete(site):
    """arXiv as it is, but its pages are down: nobody can say how many papers there are."""
    from tests.sites import demo_replies

    usual = demo_replies(site.clock)
    return lambda request: httpx.Response(503) if request.url.path.startswith(("/list", "/catchup")) else usual(request)


@pytest.mark.parametrize("kind", ["telegram", "discord", "matrix", "slack"])
async def test_a_day_that_becomes_complete_late_is_brought_up_to_date(kind):
    world = World(kind, now=LATE)
    world.site.arxiv.now_reply(incomplete(world.site))
    await world.refresh()
    (outcome,) = (await world.deliver()).deliveries
    assert (outcome.state, outcome.reason) == ("waiting", "waiting for the rest of it")
    world.clock.advance(hours=6, minutes=1)
    await world.deliver()
    (taken,) = world.services.of(kind)
    assert "total not confirmed yet" in taken.text
    world.site.recover()
    world.clock.advance(hours=2)
    await world.refresh()
    for _ in range(3):
        await world.deliver()
        world.clock.advance(minutes=5)
    (taken,) = world.services.of(kind)
    assert ["complete; " in text for text in taken.edits] == ([] if kind == "slack" else [True])
    assert world.services.refused == []


async def test_an_edit_that_fails_is_tried_again_and_shown():
    world = World("telegram", now=LATE)
    world.site.arxiv.now_reply(incomplete(world.site))
    await world.refresh()
    await world.deliver()
    world.clock.advance(hours=6, minutes=1)
    await world.deliver()
    world.site.recover()
    world.clock.advance(hours=2)
    await world.refresh()
    world.services.faults["telegram"] = lambda _request: httpx.ReadTimeout("x")
    await world.deliver()
    assert "not brought up to date" in (await world_status(world)).deliveries[0].error
    world.services.faults.clear()
    await world.deliver()
    (taken,) = world.services.of("telegram")
    assert len(taken.edits) == 1
    assert (await world_status(world)).deliveries[0].error is None


async def test_without_another_run_in_sight_what_is_there_is_sent_and_says_so():
    world = World("telegram", "slack", now=LATE, telegram='not_before: "07:30 Europe/Berlin"')
    world.site.arxiv.now_reply(incomplete(world.site))
    await world.refresh()
    await world.deliver(is_steady=False)
    for kind in ("telegram", "slack"):
        (taken,) = world.services.of(kind)
        assert "Sent before the day was complete" in taken.text
    (taken,) = world.services.of("telegram")
    assert taken.body["disable_notification"] is True


async def test_runs_of_the_day_before_let_a_message_wait():
    world = await world_with_papers("slack", now=datetime(2026, 11, 17, 5, 40, tzinfo=UTC))
    for _ in range(12):
        await world.deliver(is_steady=False)
        world.clock.advance(minutes=30)
    assert len(world.services.of("slack")) == 1
    world.clock.now = LATE
    world.site.arxiv.now_reply(incomplete(world.site))
    await world.refresh()
    (outcome,) = (await world.deliver(is_steady=False)).deliveries
    assert outcome.state == "waiting"
    assert len(world.services.of("slack")) == 1


async def test_refreshing_sends_within_its_own_share_and_a_reader_s_request_never_does():
    world = World("slack")
    service = world.service()
    await service.operations.fetch()
    outcome = await service.operations.refresh_and_summarise(timedelta(seconds=20))
    assert [one.state for one in outcome.delivered.deliveries] == ["sent"]
    await service.aclose()

    other = World("slack")
    other.site.config = other.site.config.model_copy(
        update={"cache": other.site.config.cache.model_copy(update={"keep_warm_s": 0})}
    )
    async with other.site.client() as client:
        for path in ("/feeds/machines.rss", "/feeds/machines", "/digest/latest?feed=machines", "/status", "/", "/api/status"):  # fmt: skip
            assert (await client.get(path)).status_code < 400
    assert other.services.requests == []


@pytest.mark.parametrize(("token", "is_told"), [("", False), ("key", True)])
async def test_strangers_see_names_and_times_alone(token, is_told):
    world = await world_with_papers("slack", "telegram")
    world.services.faults["telegram"] = lambda _request: httpx.Response(403, json={"description": "bot was blocked"})
    await world.deliver()
    world.site.environ = {"ACCESS_TOKEN": token} if token else {}
    world.site.config = world.site.config.model_copy(
        update={"cache": world.site.config.cache.model_copy(update={"keep_warm_s": 0})}
    )
    async with world.site.client(authorization=f"Bearer {token}" if token else "") as client:
        told = (await client.get("/api/status")).json()["deliveries"]["deliveries"]
        page = (await client.get("/status")).text
    assert [(one["feed"], one["target"]) for one in told] == [("machines", "slack"), ("machines", "telegram")]
    assert told[0]["sent_at"].startswith("2026-11-18T17:00")
    assert (told[1]["error"], told[1]["state"]) == (
        ("status 403: bot was blocked", "retrying") if is_told else (None, None)
    )
    assert ("bot was blocked" in page) is is_told
    assert "Deliveries" in page
    assert "never" in page


@pytest.mark.parametrize("secret", ["", "cron"])
async def test_the_cron_s_address_tells_strangers_no_reasons(secret):
    world = World("telegram")
    world.services.faults["telegram"] = lambda _request: httpx.Response(403, json={"description": "bot was blocked"})
    world.site.environ = {"CRON_SECRET": secret} if secret else {}
    world.site.config = world.site.config.model_copy(
        update={"cache": world.site.config.cache.model_copy(update={"keep_warm_s": 0})}
    )
    async with world.site.client(authorization=f"Bearer {secret}" if secret else "") as client:
        answer = (await client.get("/api/cron/refresh")).json()
    (told,) = answer["delivered"]["deliveries"]
    assert told["state"] == "retrying"
    assert told["reason"] == ("status 403: bot was blocked" if secret else "")


async def test_a_first_day_that_still_waits_when_the_next_one_comes_is_not_passed_over():
    world = World("slack", now=LATE)
    world.site.arxiv.now_reply(incomplete(world.site))
    await world.refresh()
    assert (await world.deliver()).sent == 0
    world.site.recover()
    world.clock.advance(hours=24)
    await world.refresh()
    await world.deliver()
    days = [head.split(", ")[1].partition(":")[0] for head in world.heads("slack")]
    assert days == ["Wed 18 Nov", "Thu 19 Nov"]


async def test_days_keep_their_order_while_one_is_tried_again():
    world = await world_with_papers("slack")
    world.services.faults["slack"] = lambda _request: httpx.Response(429, headers={"Retry-After": "3600"})
    await world.deliver()
    world.services.faults.clear()
    world.clock.now += timedelta(minutes=59)
    world.clock.now = max(world.clock.now, NOON + timedelta(hours=12, minutes=20))
    service = world.service()
    (pair,) = service.deliveries._messages.pairs
    period = (await service.deliveries._messages.newest(pair))[0]
    known = (await service.deliveries._history.of(pair, [period]))[period]
    later = known.model_copy(update={"retry_at": world.clock.now + timedelta(hours=1)})
    await service.deliveries._history.note(pair, period, later, None)
    await service.aclose()
    await world.refresh()
    await world.deliver()
    assert world.heads("slack") == []
    world.clock.advance(hours=1)
    await world.deliver()
    days = [head.split(", ")[1].partition(":")[0] for head in world.heads("slack")]
    assert days == ["Wed 18 Nov", "Thu 19 Nov"]
