"""Refreshing by cron, what the log says, and numbers for Prometheus."""

import asyncio
import json
import logging
import re

import httpx
import pytest

SECRET = "0123456789abcdef"
CRON = {"user-agent": "vercel-cron/1.0"}

pytestmark = pytest.mark.anyio


def request_lines(caplog):
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "api.requests"]


class TestRefresh:
    async def test_brings_what_is_due_of_the_configured_feeds(self, cold_site):
        async with cold_site.client() as client:
            response = await client.get("/api/cron/refresh", headers=CRON)
            told = response.json()
        assert response.headers["cache-control"] == "no-store"
        assert told["ran"]
        assert told["left"] == 0
        assert set(told["contexts"]) == {"cs.CL", "cs.LG", "stat.ML"}
        assert {one["newest_day"] for one in told["contexts"].values()} == {"2026-11-18"}

    async def test_twice_in_a_row_asks_arxiv_nothing_more(self, cold_site):
        cold_site.environ["CRON_SECRET"] = SECRET
        headers = CRON | {"authorization": f"Bearer {SECRET}"}
        async with cold_site.client() as client:
            await client.get("/api/cron/refresh", headers=headers)
            asked = len(cold_site.arxiv.requests)
            again = await client.get("/api/cron/refresh", headers=headers)
        assert again.json()["ran"]
        assert len(cold_site.arxiv.requests) == asked

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer wrong", f"Basic {SECRET}", f"x {SECRET}", f"Token {SECRET}", SECRET, "Bearer", f" {SECRET}"],
    )
    async def test_with_a_secret_nobody_else_can_start_it(self, cold_site, header):
        cold_site.environ["CRON_SECRET"] = SECRET
        async with cold_site.client() as client:
            response = await client.get("/api/cron/refresh", headers={"authorization": header})
        assert response.status_code == 401
        assert not cold_site.arxiv.requests

    async def test_without_a_secret_it_runs_only_when_the_data_are_old(self, site):
        async with site.client() as client:
            fresh = (await client.get("/api/cron/refresh")).json()
            site.clock.advance(minutes=11)
            old = (await client.get("/api/cron/refresh")).json()
        assert not fresh["ran"]
        assert old["ran"]

    async def test_arxiv_down_is_told_and_does_no_harm(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(503))
        cold_site.environ["CRON_SECRET"] = SECRET
        async with cold_site.client() as client:
            response = await client.get("/api/cron/refresh", headers={"authorization": f"Bearer {SECRET}"})
        assert response.status_code == 200
        assert all(one["error"] for one in response.json()["contexts"].values())

    async def test_the_cron_gets_into_a_closed_server_by_its_secret_and_nowhere_else(self, site):
        site.environ |= {"ACCESS_TOKEN": "token", "CRON_SECRET": SECRET}
        headers = {"authorization": f"Bearer {SECRET}"}
        async with site.client() as client:
            assert (await client.get("/api/cron/refresh", headers=headers)).status_code == 200
            assert (await client.get("/rss/cs.LG", headers=headers)).status_code == 401
            assert (await client.get("/api/cron/refresh", headers={"authorization": "Bearer token"})).status_code == 401

    async def test_a_closed_server_without_cron_secret_wants_its_token_here_too(self, site):
        site.environ["ACCESS_TOKEN"] = "token"
        async with site.client() as client:
            assert (await client.get("/api/cron/refresh")).status_code == 401
            assert (await client.get("/api/cron/refresh?key=token")).status_code == 200


class TestStopping:
    async def test_who_still_waits_is_told_to_come_back(self, cold_site):
        """A server that stops cancels what takes too long."""
        sent, asked = [], asyncio.Event()

        async def hold():
            asked.set()
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        cold_site.arxiv.before_reply = hold
        async with cold_site.client() as client:
            scope = {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "path": "/rss/cs.LG",
                "raw_path": b"/rss/cs.LG",
                "query_string": b"",
                "headers": [(b"host", b"papers.test")],
            }
            app = client._transport.app
            waiting = asyncio.create_task(app(scope, asyncio.Event().wait, send))
            await asked.wait()
            waiting.cancel()
            await waiting
        assert sent[0]["status"] == 503
        assert (b"retry-after", b"5") in sent[0]["headers"]


class TestLog:
    async def test_one_line_a_request_tells_how_the_answer_came_about(self, cold_site, caplog):
        with caplog.at_level(logging.INFO, "api.requests"):
            async with cold_site.client() as client:
                for path in ("/rss/cs.CL?days=1", "/rss/cs.CL?days=1&limit=3", "/healthz"):
                    await client.get(path)
        lines = request_lines(caplog)
        assert [(line["path"], line["status"], line["cache"]) for line in lines] == [
            ("/rss/cs.CL", 200, "fresh"),
            ("/rss/cs.CL", 200, "fresh"),
            ("/healthz", 200, "none"),
        ]
        assert lines[0]["arxiv_requests"] >= 1
        assert "arxiv_requests" not in lines[1]
        assert all(re.fullmatch(r"[0-9a-f]{12}", line["request"]) for line in lines)

    async def test_the_second_of_two_answers_in_a_row_is_hot(self, site, caplog):
        with caplog.at_level(logging.INFO, "api.requests"):
            async with site.client() as client:
                for _ in range(2):
                    await client.get("/rss/cs.LG")
        assert [line["cache"] for line in request_lines(caplog)] == ["fresh", "hot"]

    async def test_the_id_of_a_proxy_is_kept_if_it_is_one(self, client):
        kept = await client.get("/healthz", headers={"x-request-id": "abc-123"})
        made = await client.get("/healthz", headers={"x-request-id": 'x" onload="'})
        assert kept.headers["x-request-id"] == "abc-123"
        assert re.fullmatch(r"[0-9a-f]{12}", made.headers["x-request-id"])

    async def test_every_answer_has_an_id_and_its_timing(self, client):
        for path in ("/rss/cs.LG", "/rss/cs.LG", "/", "/nowhere"):
            headers = (await client.get(path)).headers
            assert headers["x-request-id"]
            assert re.match(r'cache;desc="(hot|rendered|fresh|none)"', headers["server-timing"])


class TestMetrics:
    async def test_are_off_unless_asked_for(self, client):
        assert (await client.get("/metrics")).status_code == 404

    async def test_count_requests_and_tell_the_state(self, site):
        server = site.config.server.model_copy(update={"metrics": True})
        site.config = site.config.model_copy(update={"server": server})
        async with site.client() as client:
            for path in ("/rss/cs.LG", "/rss/cs.LG", "/some/odd/path"):
                await client.get(path)
            response = await client.get("/metrics")
        lines = response.text.splitlines()
        assert response.headers["content-type"].startswith("text/plain")
        assert 'digest_requests_total{cache="hot",kind="rss",status="200"} 1.0' in lines
        assert 'digest_requests_total{cache="none",kind="other",status="404"} 1.0' in lines
        assert 'digest_behind{context="cs.LG"} 0.0' in lines
        assert "digest_store_degraded 0.0" in lines
