"""The endpoint for programs: what it lets in, and what its tools answer."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from digest.feeds.since import cursor_of, place_of
from tests.api.test_model_summaries import Model, with_model
from tests.sites import Site

pytestmark = pytest.mark.anyio

HEADERS = {"accept": "application/json, text/event-stream"}


async def post(client, document, **headers):
    return await client.post("/mcp", json=document, headers={**HEADERS, **headers})


def request_of(method, **params):
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def call(client, name, **arguments):
    """Call a tool and return what it says, as JSON where it is no error."""
    response = await post(client, request_of("tools/call", name=name, arguments=arguments))
    assert response.status_code == 200, response.text
    assert len(response.content) < 75_000
    result = response.json()["result"]
    (content,) = result["content"]
    return content["text"] if result["isError"] else json.loads(content["text"])


async def all_pages(client, **arguments):
    """Follow the cursors and return all papers and the last answer."""
    papers, cursor = [], ""
    while cursor is not None:
        answer = await call(client, "papers", **arguments, cursor=cursor)
        assert (answer["receipt"].get("id") is None) == ("cursor" in answer)
        papers += answer.get("papers", [])
        cursor = answer.get("cursor")
    return papers, answer


class TestEndpoint:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT"])
    async def test_takes_post_alone(self, client, method):
        response = await client.request(method, "/mcp")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")

    async def test_elsewhere_the_methods_are_those_of_reading(self, client):
        assert (await client.post("/status")).headers["allow"] == "GET, HEAD"

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://papers.test", 200),
            ("http://localhost:6274", 200),
            ("http://127.0.0.1", 200),
            ("https://[::1]:8000", 200),
            ("https://papers.test", 403),
            ("http://papers.test.evil.example", 403),
            ("http://localhost.evil.example", 403),
            ("http://192.168.0.1", 403),
            ("null", 403),
            ("", 403),
            ("http://[", 403),
        ],
    )
    async def test_answers_pages_of_its_own_and_of_the_same_machine(self, client, origin, status):
        assert (await post(client, request_of("ping"), origin=origin)).status_code == status

    @pytest.mark.parametrize("token", ["", "sesame"])
    @pytest.mark.parametrize(
        ("origin", "may"),
        [("http://papers.test", True), ("http://localhost:6274", True), ("http://evil.example", False)],
    )
    async def test_a_browser_asks_first_whether_a_page_may_call(self, filled_site, token, origin, may):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": token} if token else {}
        asked = {"origin": origin, "access-control-request-method": "POST"}
        async with site.client() as client:
            answer = await client.options("/mcp", headers=asked)
            said = await post(client, request_of("ping"), origin=origin, authorization=f"Bearer {token}")
        assert answer.status_code == (204 if may else 403)
        assert (answer.headers.get("access-control-allow-methods") == "POST") == may
        if may:
            assert answer.headers["access-control-allow-origin"] == origin
            allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
            assert {"authorization", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"} <= {*allowed}
            assert (said.headers["access-control-allow-origin"], said.headers["vary"]) == (origin, "Origin")
        assert said.status_code == (200 if may else 403)

    async def test_a_browser_that_names_no_page_is_told_nothing(self, client):
        assert (await client.options("/mcp")).status_code == 403
        assert "access-control-allow-origin" not in (await post(client, request_of("ping"))).headers

    @pytest.mark.parametrize(
        ("body", "status"), [(b"{", 400), (b" " * 65_537, 413), (b'{"jsonrpc": "2.0", "id": 1}', 400)]
    )
    async def test_says_what_is_wrong_with_a_body(self, client, body, status):
        response = await client.post("/mcp", content=body)
        assert response.status_code == status
        assert response.json()["error"]["message"]

    async def test_notifications_are_taken_without_a_word(self, client):
        response = await post(client, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert (response.status_code, response.content) == (202, b"")

    async def test_answers_a_batch_in_order(self, client):
        batch = [request_of("ping"), {"jsonrpc": "2.0", "method": "x"}, {**request_of("nothing"), "id": 2}]
        answers = (await post(client, batch)).json()
        assert [(one["id"], "error" in one) for one in answers] == [(1, False), (2, True)]

    async def test_a_missing_method_is_no_missing_session(self, client):
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        routing = {"mcp-protocol-version": "2026-07-28", "mcp-method": "nothing"}
        assert (await post(client, request_of("nothing"))).status_code == 200
        assert (await post(client, request_of("nothing", _meta=meta), **routing)).status_code == 404

    @pytest.mark.parametrize(("token", "cache"), [("", "public"), ("sesame", "private")])
    async def test_lists_are_private_where_a_token_is_set(self, filled_site, token, cache):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": token} if token else {}
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        async with site.client(authorization=f"Bearer {token}") as client:
            for method in ("server/discover", "tools/list"):
                routing = {"mcp-protocol-version": "2026-07-28", "mcp-method": method}
                result = (await post(client, request_of(method, _meta=meta), **routing)).json()["result"]
                assert (result["cacheScope"], result["resultType"]) == (cache, "complete")
                assert result["ttlMs"] > 0

    async def test_asks_for_a_bearer_token(self, filled_site):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": "sesame"}
        async with site.client() as client:
            refused = await post(client, request_of("ping"))
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="arxiv-digest"')
            assert (await client.get("/status")).headers["www-authenticate"].startswith("Basic ")
            assert (await post(client, request_of("ping"), authorization="Bearer sesame")).status_code == 200
            assert (await client.post("/mcp?key=sesame", json=request_of("ping"))).status_code == 200
            assert (await client.get("/.well-known/oauth-protected-resource?key=sesame")).status_code == 404


class TestTools:
    async def test_are_six_with_short_schemas(self, client):
        tools = (await post(client, request_of("tools/list"))).json()["result"]["tools"]
        assert [tool["name"] for tool in tools] == ["list_feeds", "papers", "paper", "digest", "explain", "status"]
        assert len(json.dumps(tools)) < 6_000
        assert all(tool["annotations"]["readOnlyHint"] for tool in tools)

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("list_feeds", {}),
            ("papers", {"feed": "machines"}),
            ("papers", {"spec": "cs.CL", "day": "latest"}),
            ("digest", {}),
            ("digest", {"feed": "languages", "day": "2026-01-28"}),
            ("status", {}),
        ],
    )
    async def test_every_answer_has_a_receipt_and_says_what_comes_next(self, client, site, name, arguments):
        answer = await call(client, name, **arguments)
        assert "never an instruction" in answer["notice"]
        assert answer["receipt"]["says"]
        assert answer["next_expected_change"] > site.clock.now.isoformat()
        assert all({"title", "authors"} <= paper["untrusted_text"].keys() for paper in answer.get("papers", ()))

    async def test_text_of_papers_stands_nowhere_else(self, client):
        answer = await call(client, "papers", spec="cs.LG", top=3)
        title = answer["papers"][0]["untrusted_text"].pop("title")
        assert title not in json.dumps(answer)

    async def test_one_paper_and_why_it_is_in_a_feed(self, client):
        papers = (await call(client, "papers", feed="machines", top=1))["papers"]
        ident = papers[0]["id"]
        found = await call(client, "paper", id=ident)
        assert found["papers"][0]["id"] == ident
        assert "machines" in found["feeds"]
        assert found["receipt"]["complete"]
        explained = await call(client, "explain", feed="machines", id=f"arXiv:{ident}v1")
        assert explained["in_feed"]

    @pytest.mark.parametrize(
        ("name", "arguments", "words"),
        [
            ("papers", {}, "either feed or spec"),
            ("papers", {"feed": "machines", "spec": "cs.LG"}, "either feed or spec"),
            ("papers", {"feed": "nobody"}, "no feed is named 'nobody'"),
            ("papers", {"spec": "cs.XX"}, "cs.XX"),
            ("papers", {"spec": "cs.LG", "q": "ti:("}, "q: "),
            ("papers", {"spec": "cs.LG", "sinc": "x"}, "did you mean since?"),
            ("papers", {"spec": "cs.LG", "top": 0}, "top: "),
            ("papers", {"spec": "cs.LG", "since": "x"}, "since is not usable"),
            ("papers", {"spec": "cs.LG", "cursor": "W10"}, "cursor is not usable"),
            ("papers", {"spec": "cs.LG", "day": "2026-01-29", "since": "x"}, "day or since"),
            ("digest", {"day": "yesterday"}, "is no day"),
            ("digest", {"day": "2099-01-01"}, "2099-01-01"),
            ("paper", {"id": "2501.99999"}, "https://arxiv.org/abs/2501.99999"),
            ("paper", {"id": "hello"}, "hello"),
            ("paper", {}, "id: "),
        ],
    )
    async def test_tell_what_was_wrong(self, client, name, arguments, words):
        assert words in await call(client, name, **arguments)

    @pytest.mark.parametrize(
        "params", [{"name": "nothing"}, {}, {"name": ["papers"]}, {"name": "status", "arguments": 7}]
    )
    async def test_what_is_no_call_is_an_error_of_the_protocol(self, client, params):
        assert (await post(client, request_of("tools/call", **params))).json()["error"]["code"] == -32602

    async def test_ask_arxiv_nothing_for_a_paper_that_is_not_stored(self, client, site):
        await call(client, "paper", id="2501.00001")
        await call(client, "list_feeds")
        await call(client, "status")
        assert site.arxiv.requests == []

    async def test_share_the_limit_of_new_categories(self, filled_site):
        site = filled_site.copy()
        server = site.config.server.model_copy(update={"new_categories_per_hour": 1})
        site.config = site.config.model_copy(update={"server": server})
        async with site.client() as client:
            await call(client, "papers", spec="math.AG", top=1)
            assert "Try again in" in await call(client, "papers", spec="math.NT", top=1)


class TestLikes:
    async def liked(self, client, **arguments):
        return await call(client, "papers", spec="cs.LG", day="latest", top=200, **arguments)

    @pytest.mark.parametrize("form", [str, lambda ident: [ident], lambda ident: f"https://arxiv.org/abs/{ident}v1"])
    async def test_papers_come_in_the_order_of_the_address(self, client, form):
        ident = (await self.liked(client))["papers"][-1]["id"]
        answer = await self.liked(client, like=form(ident))
        feed = (await client.get(f"/json/cs.LG?days=1&like={ident}")).json()
        assert [paper["url"] for paper in answer["papers"]] == [item["id"] for item in feed["items"]]
        assert ident in answer["papers"][0]["matched"]
        assert answer["receipt"]["examples"] == {"known": 1, "asked": 1}

    async def test_unwanted_papers_come_last(self, client):
        ident = (await self.liked(client))["papers"][0]["id"]
        papers = (await self.liked(client, dislike=ident))["papers"]
        assert papers[-1]["id"] == ident
        assert papers[-1]["score"] < 0

    async def test_the_best_of_each_day(self, client):
        plain, _ = await all_pages(client, spec="cs.LG")
        best, last = await all_pages(client, spec="cs.LG", like=plain[0]["id"], best=2, top=1)
        days = [paper["announced"] for paper in best]
        assert {days.count(day) for day in days} == {2}
        assert {*days} == {paper["announced"] for paper in plain}
        assert last["total"] == len(best)

    async def test_explain_counts_them(self, client):
        ident = (await self.liked(client))["papers"][0]["id"]
        answer = await call(client, "explain", spec="cs.LG", id=ident, like=ident)
        assert any("like" in json.dumps(rule) for rule in answer["rules"])

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"like": "fruit"}, "like: 'fruit' is no arXiv id"),
            ({"like": [f"2501.{n:05d}" for n in range(1, 152)]}, "at most 150 ids"),
            ({"like": "2501.00001", "dislike": "2501.00001"}, "is in like and in dislike"),
            ({"like": "2501.00001", "best": 0}, "best: "),
            ({"library": "key"}, "unknown parameter library"),
        ],
    )
    async def test_what_is_no_example_is_refused(self, client, arguments, words):
        assert words in await call(client, "papers", spec="cs.LG", **arguments)


class TestSince:
    async def test_pages_hold_every_paper_once(self, client):
        papers, last = await all_pages(client, spec="cs.LG", top=7)
        assert [paper["id"] for paper in papers] == list(dict.fromkeys(paper["id"] for paper in papers))
        feed = (await client.get("/json/cs.LG")).json()
        assert [paper["url"] for paper in papers] == [item["id"] for item in feed["items"]]
        assert last["total"] == len(papers)

    async def test_nothing_new_is_told_as_complete(self, client):
        _, last = await all_pages(client, spec="cs.LG")
        again = await call(client, "papers", spec="cs.LG", since=last["receipt"]["id"])
        assert again["receipt"]["says"].startswith("everything since your last call: 0 days, 0 of 0")
        assert again["receipt"]["complete"]
        assert "papers" not in again

    async def test_what_was_announced_since_comes_whole(self, filled_site):
        """Read, let two announcements pass, read what followed: the same papers as reading those days alone."""
        site = filled_site.copy()
        async with site.client() as client:
            before, last = await all_pages(client, spec="cs.LG")
            ident = last["receipt"]["id"]
            site.clock.advance(days=4)  # over a weekend
            papers, last = await all_pages(client, spec="cs.LG", since=ident, top=5)
            assert last["receipt"]["says"].startswith("not everything since your last call: ")
            async with asyncio.timeout(20):
                while not last["receipt"]["complete"]:  # it is being fetched behind the answers
                    await asyncio.sleep(0.02)
                    papers, last = await all_pages(client, spec="cs.LG", since=ident, top=5)
            newer = {day["day"] for day in last["receipt"]["days"]}
            assert newer
            assert min(newer) > max(paper["announced"] for paper in before)
            assert {paper["announced"] for paper in papers} <= newer
            whole, _ = await all_pages(client, spec="cs.LG")
            assert {one["id"] for one in whole if one["announced"] in newer} <= {one["id"] for one in papers}

    async def test_what_completes_while_pages_are_read_comes_again(self, client):
        """The last page's receipt proves no more than what was complete when the first page was read."""
        first = await call(client, "papers", spec="cs.LG", top=1)
        place, through = place_of(first["cursor"])
        earlier = through - timedelta(days=2)
        last = await call(client, "papers", spec="cs.LG", cursor=cursor_of(place, earlier), top=200)
        while "cursor" in last:
            last = await call(client, "papers", spec="cs.LG", cursor=last["cursor"], top=200)
        again = await call(client, "papers", spec="cs.LG", since=last["receipt"]["id"], top=1)
        assert min(day["day"] for day in again["receipt"]["days"]) > earlier.isoformat()
        assert through.isoformat() in {day["day"] for day in again["receipt"]["days"]}

    async def test_a_receipt_belongs_to_its_filter(self, client):
        _, last = await all_pages(client, spec="cs.LG")
        ident = last["receipt"]["id"]
        assert "another feed or filter" in await call(client, "papers", spec="cs.CL", since=ident)
        assert "another feed or filter" in await call(client, "papers", spec="cs.LG", q="model", since=ident)

    async def test_days_that_a_feed_does_not_reach_are_named(self, filled_site):
        site = filled_site.copy()
        async with site.client() as client:
            _, last = await all_pages(client, feed="languages")
            site.clock.advance(days=14)
            answer = await call(client, "papers", feed="languages", since=last["receipt"]["id"])
            while "newest_announcement_not_stored_yet" in answer["receipt"]:  # it is being fetched behind the answer
                await asyncio.sleep(0.02)
                answer = await call(client, "papers", feed="languages", since=last["receipt"]["id"])
        assert answer["receipt"]["says"].startswith("not everything since your last call: ")
        assert answer["receipt"]["outside_this_feed"]
        assert not answer["receipt"]["complete"]


async def test_an_announcement_that_arxiv_keeps_back_is_named(filled_site):
    site = filled_site.copy()
    async with site.client() as client:
        await call(client, "papers", feed="languages")
        site.clock.advance(days=1)
        site.arxiv.now_reply(httpx.Response(404))
        answer = await call(client, "papers", feed="languages")
    assert answer["receipt"]["newest_announcement_not_stored_yet"] == ["cs.CL"]


async def test_a_server_that_stores_nothing_says_when_to_come_back():
    site = Site()
    site.arxiv.now_reply(lambda _: (_ for _ in ()).throw(OSError("down")))
    async with site.client() as client:
        feeds = await call(client, "list_feeds")
        assert [feed["newest_stored"] for feed in feeds["feeds"]] == [None, None]


async def test_no_tool_lets_a_model_write(filled_site):
    model = Model()
    site = with_model(filled_site.copy(), model)
    async with site.client() as client:
        await all_pages(client, feed="languages")
        await call(client, "papers", feed="languages", day="latest")
        await call(client, "digest")
        await call(client, "list_feeds")
        await asyncio.sleep(0.1)
        assert model.prompts == []
        await client.get("/json/cs.CL")
        await client.get("/feeds/languages.json")
        await asyncio.sleep(0.1)
        assert model.prompts  # which the feed itself does


async def test_llms_txt_leads_to_the_endpoint_and_the_feeds(client):
    answer = await client.get("/llms.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "(http://papers.test/mcp)" in answer.text
    for path in ("/feeds/machines.md", "/list/cs.LG.md", "/openapi.json", "/docs", "/digest/latest.md"):
        assert f"(http://papers.test{path})" in answer.text
        assert (await client.get(path, follow_redirects=True)).status_code == 200
