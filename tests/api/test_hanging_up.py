"""Clients that hang up before their answer: what only they waited for stops."""

import asyncio
import threading

import pytest

from api.factory import create_app
from api.hanging_up import HangUp
from digest.feeds.papers import compose
from digest.service import contents

pytestmark = pytest.mark.anyio


async def hang_up_on(app, path, query=b"", *, after_s=0.4):
    """Send a request and hang up; return what was answered until then."""
    sent, gone = [], asyncio.Event()
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "query_string": query, "root_path": "", "headers": [(b"host", b"papers.test")], "client": ("192.0.2.1", 1), "server": ("127.0.0.1", 80)}  # fmt: skip
    task = asyncio.create_task(app(scope, receive, send))
    await asyncio.sleep(after_s)
    gone.set()
    await asyncio.wait_for(task, 2)
    return sent


def app_of(site):
    return create_app(site.config, environ={}, make=lambda _config, _environ: site.service())


async def test_a_search_whose_client_is_gone_is_not_asked_for(cold_site):
    held_back = asyncio.Event()
    cold_site.arxiv.before_reply = held_back.wait
    app = app_of(cold_site)
    words = ["fruit", "taste", "sweet", "sour", "bitter", "salt"]
    sent = await asyncio.gather(
        *(hang_up_on(app, "/search/rss", f"query=ti:{word}".encode(), after_s=1.0) for word in words)
    )
    held_back.set()
    await asyncio.sleep(0.1)
    assert sent == [[]] * len(words)
    assert len(cold_site.arxiv.requests) <= 2  # the one under way, and at most one that got its turn in between


async def test_an_old_day_whose_client_is_gone_is_not_asked_for(cold_site):
    held_back = asyncio.Event()
    cold_site.arxiv.before_reply = held_back.wait
    app = app_of(cold_site)
    days = ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"]
    await asyncio.gather(*(hang_up_on(app, f"/digest/{day}.json", b"spec=cs.LG", after_s=1.0) for day in days))
    held_back.set()
    await asyncio.sleep(0.1)
    assert len(cold_site.arxiv.requests) == 1


async def test_a_feed_goes_on_for_those_who_come_back(cold_site):
    held_back = asyncio.Event()
    cold_site.arxiv.before_reply = held_back.wait
    async with cold_site.client() as client:
        app = client._transport.app
        assert await hang_up_on(app, "/rss/cs.LG") == []
        held_back.set()
        assert (await client.get("/rss/cs.LG")).status_code == 200
    assert cold_site.arxiv.paths.count("/rss/cs.LG") == 1


async def test_who_stays_gets_the_answer(site):
    sent = await hang_up_on(app_of(site), "/rss/cs.LG", after_s=0.0)
    assert sent[0]["status"] == 200


async def test_a_rendering_that_has_begun_is_kept_for_those_who_come_back(site, monkeypatch):
    begun, held_back, rendered = threading.Event(), threading.Event(), []

    def slowly(*arguments, **options):
        rendered.append(arguments)
        begun.set()
        held_back.wait(5)
        return compose(*arguments, **options)

    monkeypatch.setattr(contents, "compose", slowly)
    async with site.client() as client:
        app = client._transport.app
        hanging = asyncio.create_task(hang_up_on(app, "/rss/cs.LG", after_s=0.5))
        await asyncio.to_thread(begun.wait, 5)
        await hanging
        held_back.set()
        await asyncio.sleep(0.2)
        assert (await client.get("/rss/cs.LG")).status_code == 200
    assert len(rendered) == 1


async def test_a_body_that_comes_slowly_goes_to_its_route_alone():
    messages, hang_up = asyncio.Queue(), HangUp()
    reading, read = hang_up.reading(messages.get), []

    async def route():
        with hang_up.watched(messages.get, lambda: False, has_body=True):
            await asyncio.sleep(0.5)  # the watch begins meanwhile
            for _ in range(2):
                message = await asyncio.wait_for(reading(), 2)
                read.append(message["body"])
            await asyncio.sleep(5)

    running = asyncio.create_task(route())
    messages.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
    messages.put_nowait({"type": "http.request", "body": b"b"})
    await asyncio.sleep(0.7)
    messages.put_nowait({"type": "http.disconnect"})
    await asyncio.wait({running}, timeout=2)
    assert read == [b"a", b"b"]
    assert running.cancelled()
    assert hang_up.happened
