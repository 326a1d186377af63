"""Profiles over HTTP: made, voted, shown, renewed, restored, deleted; and what nobody may do."""

import json
import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from digest.errors import StoreError, StoreFullError
from digest.store.lasting import Refusal
from tests.fakes import FakeLasting

pytestmark = pytest.mark.anyio
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def lasting():
    return FakeLasting()


@pytest.fixture
def my_site(site, lasting):
    """A server that holds a week of papers, and can keep profiles."""
    site.lasting = lasting
    return site


@pytest.fixture
async def client(my_site):
    async with my_site.client() as opened:
        yield opened


def path_of(url):
    return urlsplit(url).path


async def make(client, top="3", spec="cs.LG"):
    """Make a profile with a small feed and return the paths that it opens."""
    made = await client.post("/me", headers=JSON)
    assert made.status_code == 201, made.text
    addresses = made.json()
    mine = {"owner": path_of(addresses["owner"]), "page": path_of(addresses["page"])}
    mine |= {name: path_of(url) for name, url in addresses["feeds"].items()}
    mine |= {f"saved.{name}": path_of(url) for name, url in addresses["saved"].items()}
    await settings(client, mine, spec=spec, top=top)
    return mine


async def settings(client, mine, **fields):
    answer = await client.post(f"{mine['owner']}/settings", data=fields)
    assert answer.status_code == 303, answer.text


async def items_of(client, mine):
    answer = await client.get(mine["json"])
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def ids(items):
    return [item["_arxiv"]["id"] for item in items]


def day_of(items, place=0):
    days = sorted({item["date_published"] for item in items}, reverse=True)
    return [item for item in items if item["date_published"] == days[place]]


def links_of(item):
    """The paths behind an item, by what they do."""
    found = re.findall(r'href="http://papers\.test(/me/v[^/]+/(\w+)/[^"]+)"', item["content_html"])
    return {deed: path for path, deed in found}


async def vote(client, mine, paper, deed="more"):
    """Vote from the owner's page on any paper."""
    answer = await client.post(f"{mine['owner']}/votes", data={"papers": paper, "as": deed})
    assert answer.status_code == 303, answer.text


async def export_of(client, mine):
    return (await client.get(f"{mine['owner']}/export.json")).json()


async def votes_of(client, mine):
    return {one["paper"]: one["liked"] for one in (await export_of(client, mine))["votes"]}


class TestMaking:
    async def test_one_button_makes_one_and_leads_to_its_page(self, client):
        page = await client.get("/me", headers=HTML)
        assert page.text.count("<button") == 2  # one makes a profile, the other restores one
        made = await client.post("/me", data={"create": "1"})
        assert made.status_code == 303
        owner = await client.get(made.headers["location"], headers=HTML)
        assert owner.status_code == 200
        assert f"http://papers.test{made.headers['location']}" in owner.text

    async def test_looking_at_the_page_makes_none(self, client, lasting):
        await client.get("/me")
        await client.head("/me")
        assert lasting.values == {}

    async def test_its_feed_begins_with_the_configured_categories(self, client):
        mine = await client.post("/me", headers=JSON)
        owner = await client.get(mine.json()["owner"], headers=HTML)
        assert 'name="spec" value="cs.CL, cs.LG, stat.ML"' in owner.text

    async def test_a_client_makes_only_so_many_a_day(self, my_site):
        my_site.config = my_site.config.model_copy(
            update={"server": my_site.config.server.model_copy(update={"profiles_per_day": 2})}
        )
        async with my_site.client() as client:
            statuses = [(await client.post("/me", headers=JSON)).status_code for _ in range(3)]
            assert statuses == [201, 201, 429]
            refused = await client.post("/me", headers=JSON)
            assert int(refused.headers["retry-after"]) == 7 * 3600  # the clock stands at 17:00
            my_site.clock.advance(days=1)
            assert (await client.post("/me", headers=JSON)).status_code == 201

    async def test_what_nobody_used_for_long_makes_room(self, client, my_site, lasting):
        await make(client)
        my_site.clock.advance(days=401)
        await client.post("/me", headers=JSON)
        assert len([key for key in lasting.values if ":" not in key]) == 1


class TestWhereItCanLive:
    @pytest.mark.parametrize("refusal", list(Refusal))
    async def test_where_nothing_lasts_the_page_says_so_and_offers_the_address(self, my_site, lasting, refusal):
        if refusal is Refusal.OFF:
            server = my_site.config.server.model_copy(update={"profiles_per_day": 0})
            my_site.config = my_site.config.model_copy(update={"server": server})
        elif refusal is Refusal.EVICTS:
            lasting.refused = refusal
        else:
            my_site.lasting = refusal
        async with my_site.client() as client:
            page = await client.get("/me", headers=HTML)
            assert page.status_code == 200
            assert "like=" in page.text
            assert 'href="/build"' in page.text
            assert "<form" not in page.text
            refused = await client.post("/me", headers=HTML)
            assert refused.status_code == 503
            assert "like=" in refused.text
            assert (await client.post("/me", headers=JSON)).status_code == 503
            restored = await client.post("/me", data={"export": json.dumps(EXPORT)})
            assert restored.status_code == 503
        assert lasting.values == {}

    async def test_the_store_s_memory_is_no_place(self, site):
        async with site.client() as client:  # its store is memory
            assert (await client.post("/me", headers=JSON)).status_code == 503

    async def test_addresses_are_a_503_where_the_store_was_changed_to_memory(self, my_site, site):
        async with my_site.client() as client:
            mine = await make(client)
        site.lasting = None
        async with site.client() as client:
            answer = await client.get(mine["rss"])
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0

    @pytest.mark.parametrize("error", [StoreError("down"), StoreFullError("full")])
    async def test_a_vote_that_isn_t_written_is_a_503(self, client, lasting, error):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        lasting.fails_writing = error
        own = mine["owner"]
        for path, fields in [
            (links["more"], {}),
            (f"{own}/settings", {"spec": "cs.CL"}),
            (f"{own}/delete", {"sure": "1"}),
        ]:
            answer = await client.post(path, data=fields)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
        assert (await client.post("/me", headers=JSON)).status_code == 503
        lasting.fails_writing = None
        assert await votes_of(client, mine) == {}

    async def test_a_feed_is_read_while_nothing_can_be_written(self, client, lasting, my_site):
        mine = await make(client)
        lasting.fails_writing = StoreFullError("full")
        my_site.clock.advance(days=1)
        assert (await client.get(mine["rss"])).status_code == 200

    async def test_a_store_that_can_t_be_read_is_a_503_everywhere(self, client, lasting):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        lasting.fails = StoreError("down")
        paths = [
            *mine.values(),
            f"{mine['page']}.bib",
            f"{mine['page']}/saved",
            f"{mine['owner']}/export.json",
            *links.values(),
        ]
        for path in paths:
            answer = await client.get(path)
            assert (path, answer.status_code) == (path, 503)
            assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/me")).status_code == 503

    async def test_what_can_t_be_understood_is_a_503_too(self, client, lasting):
        mine = await make(client)
        for key, kept in lasting.values.items():
            lasting.values[key] = kept._replace(value=b"of another version")
        assert (await client.get(mine["rss"])).status_code == 503


class TestVoting:
    async def test_each_item_ends_with_its_links(self, client):
        mine = await make(client)
        for item in await items_of(client, mine):
            links = links_of(item)
            assert list(links) == ["more", "less", "save"]
            assert all(path.endswith(item["_arxiv"]["id"]) for path in links.values())
            assert item["content_html"].endswith(">Save</a></p>")

    @pytest.mark.parametrize("ending", ["rss", "atom"])
    async def test_so_it_does_in_every_format(self, client, ending):
        mine = await make(client)
        text = (await client.get(mine[ending])).text
        assert text.count("More like this") == text.count("/save/") > 2

    async def test_no_get_changes_anything(self, client, lasting):
        """Readers prefetch links, mail scanners open them, and some ask twice."""
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        before = dict(lasting.values)
        for path in links.values():
            for headers in (
                {},
                HTML,
                {"sec-purpose": "prefetch"},
                {"purpose": "prefetch", "user-agent": "Scanner/1.0"},
            ):
                page = await client.get(path, headers=headers)
                assert page.status_code == 200
                assert page.text.count("<button") == 1
                await client.head(path, headers=headers)
                await client.options(path, headers=headers)
        assert lasting.values == before

    async def test_the_button_votes_and_says_so(self, client):
        mine = await make(client)
        item = (await items_of(client, mine))[0]
        page = await client.post(links_of(item)["more"], headers=HTML)
        assert page.status_code == 200
        assert "Noted: more like this." in page.text
        assert await votes_of(client, mine) == {item["_arxiv"]["id"]: True}

    async def test_a_vote_can_be_changed_undone_and_given_twice(self, client):
        mine = await make(client)
        item = (await items_of(client, mine))[0]
        links, paper = links_of(item), item["_arxiv"]["id"]
        undo = links["more"].replace("/more/", "/undo/")
        for path, expected in [
            (links["more"], {paper: True}),
            (links["more"], {paper: True}),
            (links["less"], {paper: False}),
            (undo, {}),
            (undo, {}),
        ]:
            assert (await client.post(path)).status_code == 200
            assert await votes_of(client, mine) == expected

    async def test_saving_is_apart_from_voting(self, client):
        mine = await make(client)
        item = (await items_of(client, mine))[0]
        save = links_of(item)["save"]
        await client.post(save)
        assert await votes_of(client, mine) == {}
        assert ids((await client.get(mine["saved.json"])).json()["items"]) == [item["_arxiv"]["id"]]
        await client.post(save.replace("/save/", "/unsave/"))
        assert (await client.get(mine["saved.json"])).json()["items"] == []

    async def test_a_script_of_our_page_gets_a_short_answer(self, client):
        mine = await make(client)
        item = (await items_of(client, mine))[0]
        answer = await client.post(links_of(item)["less"], headers=JSON)
        assert answer.json() == {"paper": item["_arxiv"]["id"], "done": "less"}

    async def test_a_vote_on_an_old_id_with_a_slash_works(self, client):
        mine = await make(client)
        await vote(client, mine, "hep-th/9901001")
        page = await client.get(mine["owner"], headers=HTML)
        assert "https://arxiv.org/abs/hep-th/9901001" in page.text

    @pytest.mark.parametrize("site_header", ["cross-site", "Cross-Site"])
    async def test_another_site_s_form_is_refused(self, client, lasting, site_header):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        before = dict(lasting.values)
        headers = {"sec-fetch-site": site_header, "origin": "https://evil.example"}
        for path in (
            "/me",
            links["more"],
            *(f"{mine['owner']}/{part}" for part in ("settings", "votes", "renew", "delete")),
        ):
            assert (await client.post(path, headers=headers, data={"sure": "1"})).status_code == 403
        assert lasting.values == before

    @pytest.mark.parametrize(
        "headers", [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "null"}]
    )
    async def test_our_own_form_is_not(self, client, headers):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        assert (await client.post(links["more"], headers=headers)).status_code == 200

    async def test_a_link_from_another_site_can_be_followed(self, client):
        """Web readers show items on their own pages; opening the small page from there is a cross-site GET."""
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        assert (await client.get(links["more"], headers={"sec-fetch-site": "cross-site"})).status_code == 200


class TestLearning:
    async def test_votes_change_the_newest_day(self, client):
        mine = await make(client, top="2")
        before = day_of(await items_of(client, mine))
        await settings(client, mine, spec="cs.LG", top="")
        everything = day_of(await items_of(client, mine))
        wanted = next(one for one in reversed(everything) if one["_arxiv"]["id"] not in ids(before))
        await settings(client, mine, spec="cs.LG", top="2")
        await vote(client, mine, wanted["_arxiv"]["id"])
        after = day_of(await items_of(client, mine))
        assert wanted["_arxiv"]["id"] not in ids(before)
        assert ids(after)[0] == wanted["_arxiv"]["id"]

    async def test_what_was_served_on_days_that_are_over_doesn_t_change(self, client):
        mine = await make(client, top="2")
        before = await items_of(client, mine)
        newest = before[0]["date_published"]
        await vote(client, mine, ids(before)[0], "less")
        await vote(client, mine, "2611.90009")
        after = await items_of(client, mine)

        def earlier(items):
            return sorted((one["id"], one["date_published"]) for one in items if one["date_published"] != newest)

        assert len(earlier(before)) > 2
        assert earlier(after) == earlier(before)

    async def test_ids_and_dates_are_those_of_every_feed(self, client):
        mine = await make(client)
        public = {one["id"]: one["date_published"] for one in (await client.get("/json/cs.LG")).json()["items"]}
        items = await items_of(client, mine)
        assert {one["id"]: one["date_published"] for one in items}.items() <= public.items()

    async def test_a_shared_item_names_no_other_paper_that_was_voted_for(self, client):
        mine = await make(client, top="20")
        items = await items_of(client, mine)
        liked = items[0]
        await vote(client, mine, liked["_arxiv"]["id"])
        others = [one for one in await items_of(client, mine) if one["id"] != liked["id"]]
        assert any(one["_arxiv"]["matches"] for one in others)
        assert not [one for one in others if liked["_arxiv"]["id"] in json.dumps(one)]
        shared, own = [(await client.get(path)).text for path in (mine["page"], f"{mine['owner']}/papers")]
        assert f"like “{liked['title']}”" in own
        assert own.count('class="chosen"') == 1
        assert "like “" not in shared
        assert 'class="chosen"' not in shared

    async def test_the_owner_s_page_tells_what_was_learnt(self, client):
        mine = await make(client)
        items = await items_of(client, mine)
        await vote(client, mine, ids(items)[0])
        await vote(client, mine, ids(items)[-1], "less")
        page = (await client.get(mine["owner"], headers=HTML)).text
        assert "Words that bring a paper up" in page
        assert "Words that take a paper down" in page
        assert items[0]["title"] in page

    async def test_votes_on_papers_that_aren_t_known_yet_never_give_an_unranked_feed(self, my_site):
        async with my_site.client() as client:
            mine = await make(client)
            my_site.arxiv.now_reply(ConnectionError("arXiv is down"))
            await vote(client, mine, "2001.00001, 2001.00002")
            answer = await client.get(mine["rss"])
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0


class TestReading:
    async def test_an_answer_is_for_its_reader_alone(self, client):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        paths = [
            "/me",
            *mine.values(),
            f"{mine['page']}.bib",
            f"{mine['page']}/saved",
            links["more"],
            "/me/rubbish",
            "/me/r/saved.rss",
        ]
        for path in paths:
            answer = await client.get(path, headers={"origin": "https://evil.example"})
            assert answer.headers["cache-control"].startswith("private"), path
            assert "noindex" in answer.headers["x-robots-tag"]
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert not [name for name in answer.headers if name.startswith("access-control")]

    async def test_a_preflight_gets_no_permission(self, client):
        mine = await make(client)
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        answer = await client.options(mine["rss"], headers=asked)
        assert answer.status_code == 405
        assert "access-control-allow-origin" not in answer.headers

    @pytest.mark.parametrize("name", ["rss", "atom", "json", "page", "owner", "saved.rss"])
    async def test_it_says_private_and_has_a_tag(self, client, name):
        mine = await make(client)
        await client.get(mine[name])  # what is shown first is noted, which is part of the tag
        answer = await client.get(mine[name])
        assert answer.headers["cache-control"] == "private, no-cache"
        same = await client.get(mine[name], headers={"if-none-match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == answer.headers["etag"]
        assert same.headers["cache-control"] == "private, no-cache"
        assert (await client.get(mine[name], headers={"if-none-match": '"other"'})).status_code == 200

    async def test_no_date_says_that_nothing_changed(self, client):
        """A vote changes the feed and no date in it."""
        mine = await make(client)
        answer = await client.get(mine["rss"], headers={"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"})
        assert answer.status_code == 200
        assert "last-modified" not in answer.headers

    async def test_compressed_answers_have_a_tag_of_their_own(self, client):
        mine = await make(client)
        await client.get(mine["rss"])
        packed = await client.get(mine["rss"], headers={"accept-encoding": "gzip"})
        plain = await client.get(mine["rss"])
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.text == plain.text
        assert packed.headers["etag"] != plain.headers["etag"]
        for tag in (packed.headers["etag"], plain.headers["etag"]):
            again = await client.get(mine["rss"], headers={"accept-encoding": "gzip", "if-none-match": tag})
            assert again.status_code == 304

    @pytest.mark.parametrize("change", ["vote", "settings", "renew"])
    async def test_the_tag_changes_with_votes_settings_and_links(self, client, change):
        mine = await make(client)
        items = await items_of(client, mine)
        tag = (await client.get(mine["json"])).headers["etag"]
        if change == "vote":
            await client.post(links_of(items[0])["more"])
        elif change == "settings":
            await settings(client, mine, spec="cs.LG", top="4")
        else:
            await client.post(f"{mine['owner']}/renew", data={"kind": "vote"})
        assert (await client.get(mine["json"], headers={"if-none-match": tag})).status_code == 200

    async def test_nothing_of_it_is_kept_where_others_answers_are(self, my_site):
        async with my_site.client() as client:
            mine = await make(client)
            state = client._transport.app.state
            before = set(await my_site.store.keys(""))
            for name in ("rss", "json", "page", "owner", "saved.rss"):
                for _ in range(2):
                    assert (await client.get(mine[name])).status_code == 200
            bodies = state.backend.service().bodies
            assert (state.hot.size_bytes, bodies.size_bytes) == (0, 0)
            added = set(await my_site.store.keys("")) - before
            assert [key for key in added if ":asked:" not in key] == []  # that somebody reads the category
            await client.get("/rss/cs.LG")
            assert state.hot.size_bytes > 0
            assert bodies.size_bytes > 0

    async def test_head_is_answered_like_get_without_a_body(self, client):
        mine = await make(client)
        await client.get(mine["rss"])
        answer = await client.head(mine["rss"])
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["etag"] == (await client.get(mine["rss"])).headers["etag"]

    async def test_labels_follow_the_feed_s_language(self, client):
        mine = await make(client)
        await settings(client, mine, spec="cs.LG", top="2", lang="zh-CN")
        assert "更多类似" in (await items_of(client, mine))[0]["content_html"]
        assert '<html lang="zh">' in (await client.get(mine["owner"], headers=HTML)).text

    async def test_bibtex_of_the_feed_and_of_what_is_liked(self, client):
        mine = await make(client)
        items = await items_of(client, mine)
        await vote(client, mine, ids(items)[0])
        feed = await client.get(f"{mine['page']}.bib")
        assert feed.headers["content-type"].startswith("application/x-bibtex")
        assert feed.text.count("@misc") == len(items)
        liked = await client.get(f"{mine['owner']}/liked.bib")
        assert liked.text.count("@misc") == 1
        assert ids(items)[0] in liked.text

    async def test_saved_papers_are_a_page_a_feed_and_bibtex(self, client):
        mine = await make(client)
        items = await items_of(client, mine)
        for item in items[:2]:
            await client.post(links_of(item)["save"])
        saved = (await client.get(mine["saved.json"])).json()
        assert set(ids(saved["items"])) == set(ids(items[:2]))
        assert "Remove from saved" in saved["items"][0]["content_html"]
        assert (await client.get(f"{mine['page']}/saved.bib")).text.count("@misc") == 2
        assert (await client.get(f"{mine['page']}/saved")).text.count("<article") == 2
        for ending in ("rss", "atom"):
            assert (await client.get(mine[f"saved.{ending}"])).text.count("Remove from saved") == 2


class TestKeys:
    async def test_each_key_opens_its_own_and_nothing_else(self, client):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        keys = {
            "owner": mine["owner"].split("/")[2],
            "read": mine["page"].split("/")[2],
            "vote": links["more"].split("/")[2],
        }
        paper = links["more"].split("/")[4]
        opened = {}
        for name, key in keys.items():
            got = [(await client.get(f"/me/{key}{rest}")).status_code for rest in READ]
            posted = [(await client.post(f"/me/{key}/{part}", data={})).status_code for part in OWN]
            opened[name] = (got, posted, (await client.post(f"/me/{key}/more/{paper}")).status_code)
        assert opened["owner"] == ([200, 404, 404, 404, 404, 404, 200, 200, 200], [400, 405, 400, 400], 404)
        assert opened["read"] == ([200, 200, 200, 200, 200, 200, 404, 404, 404], [404, 405, 404, 404], 404)
        assert opened["vote"] == ([404] * 9, [404, 405, 404, 404], 200)

    async def test_a_stolen_item_gives_one_vote_on_its_own_paper(self, client):
        mine = await make(client)
        first, second = (await items_of(client, mine))[:2]
        key = links_of(first)["more"].split("/")[2]
        other = second["_arxiv"]["id"]
        for deed in ("more", "less", "undo", "save", "unsave"):
            assert (await client.post(f"/me/{key}/{deed}/{other}")).status_code == 404
        assert (await client.post(links_of(first)["less"])).status_code == 200
        assert await votes_of(client, mine) == {first["_arxiv"]["id"]: False}

    async def test_its_page_tells_nothing_of_the_profile(self, client):
        mine = await make(client)
        item = (await items_of(client, mine))[0]
        link = links_of(item)["more"]
        before = (await client.get(link)).text
        await vote(client, mine, item["_arxiv"]["id"])
        assert (await client.get(link)).text == before
        for key in (mine["owner"], mine["page"]):
            assert key not in before

    async def test_no_feed_and_no_reading_page_holds_the_owner_s_key(self, client):
        mine = await make(client)
        for name in ("rss", "atom", "json", "page", "saved.rss", "saved.json"):
            answer = await client.get(mine[name])
            assert mine["owner"] not in answer.text
            assert not re.search(r"/me/o", answer.text)

    @pytest.mark.parametrize(
        "path",
        [
            "/me/x",
            "/me/o" + "a" * 40,
            "/me/r" + "a" * 40 + ".rss",
            "/me/v" + "a" * 40 + "/more/2601.00001",
            "/me/.rss",
            "/me//",
            "/me/",
        ],
    )
    async def test_an_unknown_key_is_a_404(self, client, path):
        answer = await client.get(path)
        assert answer.status_code == 404
        assert "aaaa" not in answer.text

    async def test_a_key_that_is_cut_is_a_404(self, client):
        mine = await make(client)
        for path in (mine["owner"][:-1], mine["page"][:-1] + ".rss", mine["rss"] + "x", mine["page"].upper()):
            assert (await client.get(path)).status_code == 404

    @pytest.mark.parametrize("kind", ["owner", "read", "vote"])
    async def test_each_is_renewed_alone(self, client, kind):
        mine = await make(client)
        link = links_of((await items_of(client, mine))[0])["more"]
        paths = {"owner": mine["owner"], "read": mine["rss"], "vote": link}
        renewed = await client.post(f"{mine['owner']}/renew", data={"kind": kind})
        assert renewed.status_code == 303
        assert (await client.get(renewed.headers["location"])).status_code == 200
        statuses = {name: (await client.get(path)).status_code for name, path in paths.items()}
        assert statuses == {name: 404 if name == kind else 200 for name in paths}

    async def test_renewing_something_else_is_a_400(self, client):
        mine = await make(client)
        assert (await client.post(f"{mine['owner']}/renew", data={"kind": "all"})).status_code == 400


READ = ("", ".rss", ".atom", ".json", ".bib", "/saved.rss", "/papers", "/export.json", "/liked.bib")
OWN = ("settings", "nothing", "renew", "delete")
EXPORT = {
    "format": "arxiv-digest profile",
    "version": 1,
    "root": "ab" * 32,
    "editions": {"o": "", "r": "", "v": ""},
    "spec": "cs.LG",
    "query": [["top", "2"]],
    "votes": [{"paper": "2601.00001", "liked": True, "at": "2026-01-29T12:00:00Z"}],
    "saved": [],
    "created": "2026-01-29",
}


class TestRestoring:
    async def test_a_flushed_store_costs_no_subscription(self, client, lasting):
        mine = await make(client)
        items = await items_of(client, mine)
        await client.post(links_of(items[0])["more"])
        document = (await client.get(f"{mine['owner']}/export.json")).text
        lasting.values.clear()
        assert (await client.get(mine["rss"])).status_code == 404
        restored = await client.post("/me", data={"export": document})
        assert restored.status_code == 303
        assert restored.headers["location"] == mine["owner"]
        assert await votes_of(client, mine) == {ids(items)[0]: True}
        assert (await client.get(mine["rss"])).status_code == 200
        assert (await client.post(links_of(items[1])["less"])).status_code == 200

    async def test_it_is_taken_as_json_as_well(self, client):
        made = await client.post("/me", json=EXPORT)
        assert made.status_code == 201
        assert (await client.get(made.json()["owner"])).status_code == 200

    async def test_a_profile_that_is_there_gains_what_it_lacks_and_loses_nothing(self, client):
        mine = await make(client)
        items = await items_of(client, mine)
        await client.post(links_of(items[0])["more"])
        document = (await client.get(f"{mine['owner']}/export.json")).text
        await client.post(links_of(items[0])["less"])
        await client.post(links_of(items[1])["more"])
        await settings(client, mine, spec="cs.CL")
        assert (await client.post("/me", data={"export": document})).status_code == 303
        exported = await export_of(client, mine)
        assert exported["spec"] == "cs.CL"
        assert ids(items)[1] in {one["paper"] for one in exported["votes"]}

    async def test_an_export_made_before_the_owner_s_key_was_renewed_changes_nothing(self, client):
        mine = await make(client)
        document = (await client.get(f"{mine['owner']}/export.json")).text
        await client.post(f"{mine['owner']}/renew", data={"kind": "owner"})
        refused = await client.post("/me", data={"export": document}, headers=HTML)
        assert refused.status_code == 400
        assert "renewed after this export" in refused.text

    async def test_under_new_addresses_it_is_another_profile(self, client):
        mine = await make(client)
        items = await items_of(client, mine)
        await client.post(links_of(items[0])["more"])
        document = (await client.get(f"{mine['owner']}/export.json")).text
        made = await client.post("/me", data={"export": document, "anew": "1"})
        other = made.headers["location"]
        assert other != mine["owner"]
        theirs = (await client.get(f"{other}/export.json")).json()
        assert theirs["root"] != json.loads(document)["root"]
        assert theirs["votes"] == json.loads(document)["votes"]

    async def test_a_deleted_one_comes_back_with_its_export(self, client):
        mine = await make(client)
        document = (await client.get(f"{mine['owner']}/export.json")).text
        await client.post(f"{mine['owner']}/delete", data={"sure": "1"})
        assert (await client.post("/me", data={"export": document})).headers["location"] == mine["owner"]
        assert (await client.get(mine["rss"])).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"spec": "cs.XX"},
            {"query": [["top", "many"]]},
            {"query": [["like", "2601.00001"]]},
            {"query": [["unknown", "1"]]},
            {"root": "short"},
            {"votes": "all"},
        ],
    )
    async def test_what_can_t_be_an_export_is_refused_with_the_reason(self, client, lasting, change):
        document = json.dumps(EXPORT | change)
        refused = await client.post("/me", data={"export": document}, headers=HTML)
        assert refused.status_code == 400
        assert "This is not an export of a profile" in refused.text
        assert lasting.values == {}

    async def test_hostile_text_in_an_export_is_text(self, client):
        document = json.dumps(EXPORT | {"query": [["title", "<script>alert(1)</script>"]]})
        made = await client.post("/me", data={"export": document})
        assert "<script>alert" not in (await client.get(made.headers["location"])).text

    async def test_a_body_without_end_is_cut(self, client):
        assert (await client.post("/me", content=b"export=" + b"a" * 3_100_000)).status_code == 400

    async def test_more_fields_than_any_form_has_are_refused(self, client):
        assert (await client.post("/me", content="&".join(f"a{n}=1" for n in range(2_000)))).status_code == 400


class TestDeleting:
    async def test_it_is_gone_at_once_everywhere(self, client, lasting):
        mine = await make(client)
        links = links_of((await items_of(client, mine))[0])
        await client.post(links["more"])
        done = await client.post(f"{mine['owner']}/delete", data={"sure": "1"}, headers=HTML)
        assert "Your profile is deleted" in done.text
        for path in (mine["owner"], mine["rss"], mine["saved.rss"], links["more"]):
            assert (await client.get(path)).status_code == 410
        assert (await client.post(links["more"])).status_code == 410
        (kept,) = lasting.values.values()
        assert len(kept.value) < 60  # that there was one, and nothing of it

    async def test_it_takes_a_tick(self, client):
        mine = await make(client)
        assert (await client.post(f"{mine['owner']}/delete")).status_code == 400
        assert (await client.get(mine["rss"])).status_code == 200

    async def test_one_that_nobody_used_for_long_is_gone(self, client, my_site):
        mine = await make(client)
        my_site.clock.advance(days=401)
        assert (await client.get(mine["owner"])).status_code == 410

    async def test_one_that_is_read_now_and_then_stays(self, client, my_site, lasting):
        mine = await make(client)
        for _ in range(3):
            my_site.clock.advance(days=399)
            assert (await client.get(mine["owner"])).status_code == 200

    async def test_its_use_is_noted_once_a_day(self, client, my_site, lasting):
        mine = await make(client)
        await client.get(mine["owner"])
        revisions = {key: kept.revision for key, kept in lasting.values.items()}
        await client.get(mine["owner"])
        assert {key: kept.revision for key, kept in lasting.values.items()} == revisions
        my_site.clock.advance(days=1)
        for _ in range(3):
            await client.get(mine["owner"])
        assert [kept.revision - revisions[key] for key, kept in lasting.values.items()] == [1]
        assert {kept.day for kept in lasting.values.values()} == {date(2026, 11, 19)}


class TestTwoDevices:
    async def test_both_votes_are_kept(self, client, lasting):
        mine = await make(client)
        first, second = (await items_of(client, mine))[:2]

        async def other_device():
            assert (await client.post(links_of(second)["less"])).status_code == 200

        lasting.before_swap = other_device
        assert (await client.post(links_of(first)["more"])).status_code == 200
        assert await votes_of(client, mine) == {first["_arxiv"]["id"]: True, second["_arxiv"]["id"]: False}

    async def test_a_profile_that_is_deleted_meanwhile_stays_deleted(self, client, lasting):
        mine = await make(client)
        item = (await items_of(client, mine))[0]

        async def other_device():
            await client.post(f"{mine['owner']}/delete", data={"sure": "1"})

        lasting.before_swap = other_device
        assert (await client.post(links_of(item)["more"])).status_code == 410


class TestOwnersPage:
    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"spec": "cs.XX"}, "cs.XX"),
            ({"spec": ""}, "categor"),
            ({"spec": "cs.LG", "top": "none"}, "integer"),
            ({"spec": "cs.LG", "days": "99"}, "60"),
            ({"spec": "cs.LG", "q": "ti:("}, "("),
            ({"spec": "cs.LG", "lang": "no language at all"}, "language"),
            ({"spec": "cs.LG", "min_score": "3"}, "min_score"),
            ({"spec": "cs.LG", "like": "2601.00001"}, "like"),
        ],
    )
    async def test_what_is_wrong_in_the_form_is_told_beside_it_and_kept(self, client, fields, told):
        mine = await make(client)
        answer = await client.post(f"{mine['owner']}/settings", data=fields, headers=HTML)
        assert answer.status_code == 400
        assert told in answer.text
        assert 'class="error"' in answer.text
        assert (await export_of(client, mine))["spec"] == "cs.LG"

    async def test_a_filter_is_kept_and_used(self, client):
        mine = await make(client)
        await settings(client, mine, spec="cs.CL, cs.LG", types="new", include="taste", days="3")
        page = await client.get(mine["owner"], headers=HTML)
        assert 'name="spec" value="cs.CL, cs.LG"' in page.text
        assert 'name="include" value="taste"' in page.text
        assert {one["_arxiv"]["announce_type"] for one in await items_of(client, mine)} <= {"new"}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2601.00001, hep-th/9901001", {"2601.00001", "hep-th/9901001"}),
            ("https://arxiv.org/abs/2601.00002v3\n2601.00003", {"2601.00002", "2601.00003"}),
            ("@misc{a, title={Fruit}, eprint={2601.00004}, archivePrefix={arXiv}}", {"2601.00004"}),
        ],
    )
    async def test_pasted_papers_are_votes(self, client, text, expected):
        mine = await make(client)
        await vote(client, mine, text)
        assert set(await votes_of(client, mine)) == expected

    @pytest.mark.parametrize("text", ["", "fruit", "@book{a, title={No id}}"])
    async def test_a_text_without_an_id_is_told(self, client, text):
        mine = await make(client)
        answer = await client.post(f"{mine['owner']}/votes", data={"papers": text, "as": "more"}, headers=HTML)
        assert answer.status_code == 400
        assert 'id="papers-problem"' in answer.text

    async def test_votes_and_saved_papers_are_taken_back_there(self, client):
        mine = await make(client)
        await vote(client, mine, "2601.00001")
        await vote(client, mine, "2601.00002", "save")
        await client.post(f"{mine['owner']}/votes", data={"undo": "2601.00001"})
        await client.post(f"{mine['owner']}/votes", data={"unsave": "2601.00002"})
        exported = await export_of(client, mine)
        assert (exported["votes"], exported["saved"]) == ([], [])

    async def test_it_offers_an_address_that_ranks_alike(self, client):
        mine = await make(client, top="5")
        items = await items_of(client, mine)
        await vote(client, mine, ids(items)[2])
        page = (await client.get(mine["owner"], headers=HTML)).text
        address = (
            re.search(r'href="(/list/[^"]*like=[^"]*)"', page)[1].replace("&amp;", "&").replace("/list/", "/json/")
        )
        public = (await client.get(address)).json()["items"]
        newest = public[0]["date_published"]
        mine_now = [one for one in await items_of(client, mine) if one["date_published"] == newest]
        assert ids(mine_now) == ids([one for one in public if one["date_published"] == newest])

    async def test_a_warning_tells_that_redis_may_evict_now(self, client, lasting):
        mine = await make(client)
        assert "maxmemory-policy" not in (await client.get(mine["owner"])).text
        lasting.refused = Refusal.EVICTS
        assert "maxmemory-policy" in (await client.get(mine["owner"])).text


class TestClosedServer:
    @pytest.fixture
    def my_site(self, site, lasting):
        site.lasting = lasting
        site.environ["ACCESS_TOKEN"] = "letmein"
        return site

    async def test_only_the_token_makes_one(self, client):
        assert (await client.get("/me")).status_code == 401
        assert (await client.post("/me", headers=JSON)).status_code == 401
        assert (await client.post("/me", headers=JSON, json=EXPORT)).status_code == 401
        page = await client.get("/me?key=letmein", headers=HTML)
        assert 'action="/me?key=letmein"' in page.text
        assert (await client.post("/me?key=letmein")).status_code == 303

    async def test_its_keys_open_its_addresses_and_the_token_is_nowhere(self, client):
        made = await client.post("/me?key=letmein")
        owner = made.headers["location"]
        assert "letmein" not in owner
        page = await client.get(owner, headers=HTML)
        read = re.search(r"http://papers\.test(/me/r[a-z2-7]+)\.rss", page.text)[1]
        await client.post(f"{owner}/settings", data={"spec": "cs.LG", "top": "2"})
        texts = [page.text]
        for path in (f"{read}.rss", f"{read}.atom", f"{read}.json", read, f"{read}/saved.rss", f"{owner}/export.json"):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            texts.append(answer.text)
        link = re.search(r"http://papers\.test(/me/v[^\"&]+/more/[\d.]+)", texts[1])[1]
        texts += [(await client.get(link)).text, (await client.post(link)).text]
        assert not [text for text in texts if "letmein" in text]
        assert (await client.get("/rss/cs.LG")).status_code == 401


async def test_robots_may_look_so_that_they_see_noindex(client):
    robots = (await client.get("/robots.txt")).text
    assert not [line for line in robots.splitlines() if line.startswith("Disallow") and "/me" in line]


async def test_methods_that_there_aren_t_are_told(client):
    mine = await make(client)
    answer = await client.put(mine["owner"])
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
