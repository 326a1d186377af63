"""What is remembered between polls: hosts, tags, and clients that hang up."""

import pytest

from digest.service.kept_bodies import KeptBodies
from digest.service.rendering_threads import RenderingThreads
from tests.builders import make_config
from tests.sites import ARXIV_URL, FEEDS, ask_anew, ask_until_settled

pytestmark = pytest.mark.anyio

GOOD_HOSTS = ["papers.test", "localhost:8000", "127.0.0.1", "[::1]:8000", "arxiv_digest:80", "a" * 250, "Papers.Test."]
BAD_HOSTS = [
    *(
        "",
        " ",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "user@host",
        "a,b",
        'a"b',
        "<b>",
        "a:b",
        "a:99999",
        "a:123456",
        "a:",
        "[::1",
    ),
    *("a\\b", "a%00b", "é.example", "a" * 256, "a" * 50_000, ";", "a&b", "(a)"),
]


@pytest.fixture(name="renders")
def count_renders(monkeypatch):
    """What was done in turns for rendering, as a list that grows."""
    done, run = [], RenderingThreads.run

    async def counted(self, work, **options):
        done.append(work)
        return await run(self, work, **options)

    monkeypatch.setattr(RenderingThreads, "run", counted)
    return done


class TestHost:
    @pytest.mark.parametrize("host", GOOD_HOSTS)
    async def test_that_may_be_one_is_in_the_addresses(self, site, host):
        async with site.copy().client() as client:
            response = await client.get("/rss/cs.LG", headers={"host": host})
        assert response.status_code == 200
        assert f"http://{host}/rss/cs.LG" in response.text
        assert "server.invalid" not in response.text

    @pytest.mark.parametrize("host", BAD_HOSTS, ids=lambda host: repr(host[:20]))
    @pytest.mark.parametrize("path", ["/rss/cs.LG", "/", "/healthz"])
    async def test_that_is_none_is_refused(self, site, host, path):
        async with site.copy().client() as client:
            response = await client.get(path, headers={"host": host.encode()})
        assert response.status_code == 400

    @pytest.mark.parametrize(
        "path", ["/rss/cs.LG", "/atom/cs.LG", "/json/cs.LG", "/list/cs.LG", "/", "/digest/feed.rss", "/docs", "/build?spec=cs.LG", "/digest/latest", "/opml.xml", "/api/feeds", "/build?spec=nope"],
    )  # fmt: skip
    async def test_addresses_are_those_of_the_host_that_was_asked(self, site, path):
        async with site.copy().client() as client:
            answers = {
                host: await client.get(path, headers={"host": host, "x-forwarded-proto": "https"})
                for host in ("papers.test", "other.example:81", "third.example")
            }
        for host, answer in answers.items():
            assert "server.invalid" not in answer.text
            assert not any(other in answer.text for other in answers if other != host)
        first, second, _ = answers.values()
        assert first.text.replace("papers.test", "other.example:81").replace("%3A81", ":81") == second.text.replace(
            "%3A81", ":81"
        )
        assert (first.headers.get("etag") is None) or (first.headers["etag"] != second.headers["etag"]) == (
            first.text != second.text
        )

    async def test_a_new_one_is_no_reason_to_render(self, site, renders):
        async with site.copy().client() as client:
            await client.get("/rss/cs.LG")
            before = len(renders)
            for number in range(20):
                await client.get("/rss/cs.LG", headers={"host": f"h{number}.test"})
        # The address is put into the bytes that are kept: one light turn each, no composing, no rendering.
        assert len(renders) - before <= 20
        assert {work.__qualname__ for work in renders[before:]} <= {"KeptBodies._made.<locals>.<lambda>"}

    async def test_of_the_configuration_wins_over_that_of_the_request(self, site):
        copied = site.copy()
        copied.config = make_config(f"{FEEDS}\nserver:\n  public_url: https://papers.example/x\n", arxiv_url=ARXIV_URL)
        async with copied.client() as client:
            answers = [await client.get("/rss/cs.LG", headers={"host": host}) for host in ("a.test", "b.test")]
        assert answers[0].text == answers[1].text
        assert "https://papers.example/x/rss/cs.LG" in answers[0].text


class TestTags:
    @pytest.mark.parametrize("path", ["/rss/cs.LG", "/feeds/machines.atom", "/json/cs.LG?types=new", "/list/cs.LG"])
    async def test_answer_304_without_rendering_when_the_body_is_gone(self, site, renders, path, monkeypatch):
        async with site.copy().client() as client:
            tag = (await client.get(path, headers={"accept-encoding": "gzip"})).headers["etag"]
            monkeypatch.setattr(KeptBodies, "body", lambda _self, _etag: None)
            client._transport.app.state.hot._answers.clear()
            before = len(renders)
            response = await client.get(path, headers={"accept-encoding": "gzip", "if-none-match": tag})
            assert (response.status_code, response.headers["etag"], len(renders)) == (304, tag, before)
            other = await client.get(path, headers={"if-none-match": '"other"'})
            assert other.status_code == 200
        assert len(renders) > before

    async def test_never_hide_a_change(self, site):
        copied = site.copy()
        held = None
        async with copied.client() as client:
            for _ in range(8):
                tag = {"if-none-match": held.headers["etag"]} if held else {}
                conditional = await ask_anew(client, "/json/cs.LG", tag)
                held = conditional if conditional.status_code == 200 else held
                plain = await ask_anew(client, "/json/cs.LG")
                if plain.headers["etag"] == held.headers["etag"]:
                    assert held.json()["items"] == plain.json()["items"]
                copied.clock.advance(hours=5)
            plain = await ask_until_settled(client, "/json/cs.LG")  # what the answers left to do goes on behind them
            last = await ask_anew(client, "/json/cs.LG", {"if-none-match": held.headers["etag"]})
            held = last if last.status_code == 200 else held
        assert held.json() == plain.json()

    async def test_a_ranked_feed_is_not_ranked_again_for_a_poll(self, site, renders):
        async with site.copy().client() as client:
            papers = (await client.get("/json/cs.LG")).json()["items"]
            likes = ",".join(sorted(paper["_arxiv"]["id"] for paper in papers[:3]))
            path = (await client.get(f"/rss/cs.LG?like={likes}", follow_redirects=True)).url.raw_path.decode()
            first = await ask_until_settled(client, path)
            before = len(renders)
            assert [(await ask_anew(client, path)).content == first.content for _ in range(3)] == [True] * 3
        assert len(renders) == before
