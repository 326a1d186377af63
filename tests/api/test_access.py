"""A server with a token lets in only who knows it, and nobody else's cache keeps what it says."""

import base64
import logging
from urllib.parse import quote

import pytest

TOKEN = "s3cret & täglich"
KEY = quote(TOKEN, safe="")

pytestmark = pytest.mark.anyio


def basic(password, user="reader"):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
async def closed(site):
    site.environ["ACCESS_TOKEN"] = TOKEN
    async with site.client() as client:
        yield client


class TestClosedServer:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/rss/cs.LG",
            "/api/status",
            "/readyz",
            "/llms.txt",
            "/papers/2601.00001",
            "/docs",
            "/openapi.json",
            "/nothing/here",
            "/metrics",
        ],
    )
    async def test_says_what_it_wants_and_nothing_else(self, closed, path):
        response = await closed.get(path)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Basic ")
        assert response.headers["cache-control"] == "no-store"
        assert TOKEN not in response.text

    async def test_lets_browsers_ask_whether_a_script_may_send_the_token(self, closed):
        asked = {"origin": "https://reader.test", "access-control-request-method": "GET"}
        response = await closed.options("/json/cs.LG", headers=asked)
        assert response.status_code == 204
        assert "Authorization" in response.headers["access-control-allow-headers"]
        assert (await closed.options("/json/cs.LG")).status_code == 401

    async def test_tells_that_it_is_alive(self, closed):
        assert (await closed.get("/healthz")).status_code == 200

    @pytest.mark.parametrize("path", ["/", "/list/cs.LG", "/build?spec=cs.LG"])
    async def test_says_beside_subscribe_links_that_they_hold_the_token(self, closed, site, path):
        note = "These addresses contain this server’s token"
        page = (await closed.get(path, headers=basic(TOKEN))).text
        assert page.index("Open in a reader") < page.index(note)
        site.environ.pop("ACCESS_TOKEN")
        async with site.client() as opened:
            assert note not in (await opened.get(path)).text

    @pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
    async def test_takes_a_bearer_token_beyond_ascii(self, closed, encoding):
        header = b"Bearer " + TOKEN.encode(encoding)
        assert (await closed.get("/rss/cs.LG", headers={b"authorization": header})).status_code == 200
        assert (await closed.get("/rss/cs.LG", headers={b"authorization": header + b"\xc3"})).status_code == 401

    @pytest.mark.parametrize("wrong", ["", "s3cret", TOKEN + "x", TOKEN[:-1], "%00", "\u2028"])
    async def test_refuses_any_other_token(self, closed, wrong):
        assert (await closed.get(f"/rss/cs.LG?key={quote(wrong)}")).status_code == 401
        assert (await closed.get("/rss/cs.LG", headers=basic(wrong))).status_code == 401

    @pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Digest x", "Bearer", "", "Basic eA=="])
    async def test_survives_any_authorization(self, closed, header):
        assert (await closed.get("/rss/cs.LG", headers={"authorization": header})).status_code == 401

    async def test_opens_for_the_key_the_password_and_the_bearer_token(self, closed):
        by_key = await closed.get(f"/rss/cs.LG?key={KEY}")
        by_password = await closed.get("/rss/cs.LG", headers=basic(TOKEN))
        assert by_key.status_code == by_password.status_code == 200
        assert by_key.content == by_password.content
        assert by_key.headers["etag"] == by_password.headers["etag"]

    async def test_a_hot_answer_is_not_given_to_others(self, closed):
        assert (await closed.get(f"/rss/cs.LG?key={KEY}")).status_code == 200
        hot = await closed.get(f"/rss/cs.LG?key={KEY}")
        assert hot.headers["server-timing"].startswith('cache;desc="hot"')
        assert (await closed.get("/rss/cs.LG")).status_code == 401
        assert (await closed.get("/rss/cs.LG?key=wrong")).status_code == 401

    @pytest.mark.parametrize("path", ["/rss/cs.LG", "/", "/opml.xml", "/api/feeds", "/static/style.css"])
    async def test_no_shared_cache_keeps_what_it_says(self, closed, path):
        for _ in range(2):  # as made, and hot
            response = await closed.get(path, headers=basic(TOKEN))
            assert response.status_code == 200
            control = response.headers["cache-control"]
            assert "public" not in control
            assert "s-maxage" not in control
            assert control.startswith("private") or "no-store" in control

    async def test_a_poll_is_still_a_304(self, closed):
        tag = (await closed.get(f"/rss/cs.LG?key={KEY}")).headers["etag"]
        again = await closed.get(f"/rss/cs.LG?key={KEY}", headers={"if-none-match": tag})
        assert again.status_code == 304
        assert again.headers["cache-control"].startswith("private")

    async def test_redirects_keep_the_key_that_came_in_the_address(self, closed):
        response = await closed.get(f"/rss/cs.LG?limit=05&key={KEY}")
        assert response.status_code == 301
        assert response.headers["location"] == f"/rss/cs.LG?limit=5&key={KEY}"
        assert (await closed.get(response.headers["location"])).status_code == 200

    async def test_redirects_do_not_tell_the_key_to_who_came_with_a_password(self, closed):
        response = await closed.get("/rss/cs.LG?limit=05", headers=basic(TOKEN))
        assert response.headers["location"] == "/rss/cs.LG?limit=5"

    async def test_the_addresses_for_feed_readers_hold_the_key(self, closed):
        feed = (await closed.get("/json/cs.LG", headers=basic(TOKEN))).json()
        assert feed["feed_url"].endswith(f"/json/cs.LG?key={KEY}")
        listed = (await closed.get("/api/feeds", headers=basic(TOKEN))).json()
        assert listed[0]["atom"].endswith(f"?key={KEY}")
        opml = (await closed.get("/opml.xml", headers=basic(TOKEN))).text
        assert f"/feeds/machines.rss?key={KEY}" in opml

    async def test_the_token_stands_in_no_log_line(self, closed, caplog):
        with caplog.at_level(logging.DEBUG):
            await closed.get(f"/rss/cs.LG?key={KEY}")
            await closed.get(f"/rss/cs.XX?key={KEY}")
            await closed.get("/rss/cs.LG?key=wr0ng")
            await closed.get("/rss/cs.LG", headers=basic(TOKEN))
        ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
        assert len(ours) >= 4
        assert not [line for line in ours if "s3cret" in line or "wr0ng" in line]


class TestOpenServer:
    async def test_a_key_that_is_no_longer_needed_does_no_harm(self, client):
        assert (await client.get("/rss/cs.LG?key=old&limit=5")).status_code == 200

    async def test_addresses_hold_no_key(self, client):
        assert "key=" not in (await client.get("/json/cs.LG")).json()["feed_url"]


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/rss/cs.LG", "/rss/cs.XX", "/api/feeds", "/healthz", "/nowhere", "/robots.txt"]
    )
    async def test_every_answer_has_those_of_security_once(self, client, path):
        for _ in range(2):
            headers = (await client.get(path)).headers
            assert headers.get_list("x-content-type-options") == ["nosniff"]
            assert headers.get_list("referrer-policy") == ["no-referrer"]
            if headers["content-type"].startswith("text/html"):
                assert "default-src 'none'" in headers["content-security-policy"]


class TestColdMisses:
    """Reading is free; what nobody asked for before is limited for each address."""

    @pytest.fixture
    async def strict(self, cold_site):
        server = cold_site.config.server.model_copy(update={"new_categories_per_hour": 2})
        cold_site.config = cold_site.config.model_copy(update={"server": server})
        async with cold_site.client() as client:
            yield client

    async def test_beyond_the_limit_they_are_429_with_the_time_to_wait(self, strict):
        for context in ("math.AG", "hep-th"):
            assert (await strict.get(f"/rss/{context}")).status_code == 200
        refused = await strict.get("/rss/quant-ph")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert refused.headers["cache-control"] == "no-store"
        assert refused.headers["content-type"] == "application/problem+json"

    async def test_what_is_held_and_what_is_configured_is_served_on(self, strict):
        for context in ("math.AG", "hep-th", "quant-ph"):
            last = await strict.get(f"/rss/{context}")
        assert last.status_code == 429
        assert (await strict.get("/atom/math.AG?limit=3")).status_code == 200
        assert (await strict.get("/feeds/machines.rss")).status_code == 200
        assert (await strict.get("/rss/cs.CL")).status_code == 200

    async def test_one_request_for_more_than_the_limit_is_refused_whole(self, strict, cold_site):
        assert (await strict.get("/rss/math.AG+math.CO+math.NT")).status_code == 429
        assert not cold_site.arxiv.requests

    async def test_zero_is_no_limit(self, cold_site):
        server = cold_site.config.server.model_copy(update={"new_categories_per_hour": 0})
        cold_site.config = cold_site.config.model_copy(update={"server": server})
        async with cold_site.client() as client:
            for context in ("math.AG", "hep-th", "quant-ph"):
                assert (await client.get(f"/rss/{context}")).status_code == 200
