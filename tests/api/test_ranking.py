"""Feeds that are ranked by example papers, from the configuration to the reasons in an answer."""

import re

import anyio
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedRequest
from digest.listings.served import ServedDays
from digest.selection import Scoring, Selection
from tests.builders import make_config
from tests.fakes import until
from tests.sites import ARXIV_URL
from tests.zotero import FakeZotero, make_item

pytestmark = pytest.mark.anyio


def configured(site, scoring, more=""):
    text = f"feeds:\n  mine:\n    categories: [cs.LG]\n    scoring: {scoring}\n{more}"
    site.config = make_config(text, arxiv_url=ARXIV_URL)
    return site.client()


async def items_of(client):
    return (await client.get("/feeds/mine.json")).json()["items"]


def matches_of(item, rule):
    return [match for match in item["_arxiv"]["matches"] if match["rule"] == rule]


async def ids_of(site):
    async with configured(site, "{}") as client:
        return [item["_arxiv"]["id"] for item in await items_of(client)]


async def test_a_liked_paper_leads_its_day_and_a_disliked_one_ends_it(site):
    newest = await ids_of(site)
    liked, disliked = newest[2], newest[0]
    async with configured(site, f"{{like: ['{liked}'], dislike: ['{disliked}']}}") as client:
        items = await items_of(client)
    day = [item for item in items if item["date_published"][:10] == items[0]["date_published"][:10]]
    (first,) = [match for match in matches_of(day[0], "like") if match["term"] == liked]
    assert day[0]["_arxiv"]["id"] == liked
    assert first["nearest"]["title"] == day[0]["title"]
    assert first["nearest"]["link"] == f"https://arxiv.org/abs/{liked}"
    assert len(first["nearest"]["words"]) == 3
    assert day[-1]["_arxiv"]["id"] == disliked
    assert day[-1]["_arxiv"]["score"] < 0
    assert f'unlike what you want: <a href="https://arxiv.org/abs/{disliked}"' in day[-1]["content_html"]


async def test_each_side_gives_its_own_reasons_and_another_document(site):
    newest = await ids_of(site)
    tags = set()
    for scoring in (f"{{like: ['{newest[1]}']}}", f"{{dislike: ['{newest[1]}']}}"):
        async with configured(site, scoring) as client:
            answer = await client.get("/feeds/mine.json")
        rules = {match["rule"] for item in answer.json()["items"] for match in item["_arxiv"]["matches"]}
        assert rules == {scoring[1:].partition(":")[0]}
        tags.add(answer.headers["etag"])
    assert len(tags) == 2


async def test_explain_names_both_examples(site):
    newest = await ids_of(site)
    scoring = Scoring(like=(newest[1],), dislike=(newest[1],))
    service = site.service()
    steps = await service.feeds.explain(FeedRequest(parse_spec("cs.LG"), Selection(scoring=scoring)), newest[1])
    await service.aclose()
    details = [step.detail for step in steps if step.rule == "score"]
    assert [detail.partition(":")[0] for detail in details] == ["like", "dislike"]
    assert all(newest[1] in detail for detail in details)


async def test_top_keeps_the_best_of_each_day_and_the_receipt_counts_the_rest(site):
    async with configured(site, "{}", "    top: 2\n") as client:
        feed = (await client.get("/feeds/mine.json")).json()
    days = [item["date_published"][:10] for item in feed["items"]]
    assert len(days) > 2
    assert all(days.count(day) <= 2 for day in days)
    receipt = feed["_arxiv"]["receipt"]
    assert receipt["shown"] == len(days)
    assert receipt["left_out"]["top"] > 0


async def test_min_score_is_allowed_where_only_examples_give_points(site):
    newest = await ids_of(site)
    async with configured(site, f"{{dislike: ['{newest[0]}']}}", "    min_score: 1\n") as client:
        assert await items_of(client) == []


UNHELD = "2611.91812"
"""A paper that arXiv knows and no listing holds."""


async def get(client, path):
    answer = await client.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer


def ids_in(feed):
    return [item["_arxiv"]["id"] for item in feed["items"]]


def by_day(feed):
    days = {}
    for item in feed["items"]:
        days.setdefault(item["_arxiv"]["announced"], []).append(item["_arxiv"]["id"])
    return days


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("like=2601.00002,2501.00001,2601.00002v3", "like=2501.00001,2601.00002"),
        ("like=https://arxiv.org/abs/2501.00001%20arxiv.org/pdf/2502.00002v1.pdf", "like=2501.00001,2502.00002"),
        ("dislike=arXiv:math.GT/0309136;10.48550/arXiv.2501.00001", "dislike=2501.00001,math/0309136"),
        (
            "like=https://arxiv.org/abs/2501.00001?context=cs%0Ahttps://www.arxiv.org/html/2502.00002/",
            "like=2501.00001,2502.00002",
        ),
    ],
)
async def test_ids_are_sorted_and_bare_in_the_address(client, given, canonical):
    answer = await client.get(f"/json/cs.LG?{given}")
    assert answer.status_code == 301
    assert answer.headers["location"].replace("%2F", "/").endswith(f"/json/cs.LG?{canonical}")


MANY = ",".join(f"2401.{number:05d}" for number in range(151))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("like=words", "like"),
        ("like=2501.00001&dislike=2501.00001v2", "dislike"),
        (f"like={MANY}", "like"),
        (f"like={MANY[:1649]}&dislike={MANY[:1649].replace('2401', '2402')}&q={'x' * 1000}", "like"),
        ("top=0", "top"),
        ("min_score=1", "min_score"),
    ],
    ids=["no-id", "both", "too-many", "too-long", "top-0", "nothing-gives-points"],
)
async def test_what_can_t_be_is_a_400_that_names_the_parameter(client, query, name):
    answer = await client.get(f"/json/cs.LG?{query}")
    assert answer.status_code == 400
    assert name in (answer.json().get("parameter") or answer.json()["detail"])


@pytest.mark.parametrize("path", ["/search/json?query=x&like=2501.00001", "/search/json?query=x&top=3"])
async def test_searches_are_not_ranked(client, path):
    assert (await client.get(path)).status_code == 400


async def test_examples_in_an_address_order_and_leave_nothing_out(client):
    plain = (await get(client, "/json/cs.LG")).json()
    liked = by_day(plain)
    newest = max(liked)
    last = liked[newest][-1]
    ranked = (await get(client, f"/json/cs.LG?like={last}")).json()
    assert ids_in(ranked)[0] == last
    assert sorted(ids_in(ranked)) == sorted(ids_in(plain))
    assert ranked["_arxiv"]["receipt"]["examples"] == {"known": 1, "asked": 1}
    disliked = (await get(client, f"/json/cs.LG?dislike={ids_in(plain)[0]}")).json()
    assert by_day(disliked)[newest][-1] == ids_in(plain)[0]


async def test_with_min_score_they_cut_and_the_paper_itself_stays(client):
    some = ids_in((await get(client, "/json/cs.LG")).json())[3]
    found = ids_in((await get(client, f"/json/cs.LG?like={some}&min_score=9")).json())
    assert found == [some]


async def test_a_configured_feed_is_ordered_anew_and_never_widened(site):
    async with configured(site, "{keywords: {model: 100}}", "    limit: 5\n") as client:
        base = ids_in((await get(client, "/feeds/mine.json")).json())
        others = [one for one in ids_in((await get(client, "/json/cs.LG")).json()) if one not in base]
        ranked = (await get(client, f"/feeds/mine.json?like={others[0]},{base[-1]}")).json()
        assert sorted(ids_in(ranked)) == sorted(base)
        item = next(one for one in ranked["items"] if one["_arxiv"]["id"] == base[-1])
        assert {match["rule"] for match in item["_arxiv"]["matches"]} >= {"like"}
        cut = (await get(client, f"/feeds/mine.json?like={others[0]}&top=1")).json()
        assert set(ids_in(cut)) <= set(base)
        assert all(len(ids) == 1 for ids in by_day(cut).values())


@pytest.mark.parametrize(
    "path",
    ["/list/cs.LG", "/digest/2026-11-18.json", "/api/papers", "/rss/cs.LG", "/atom/cs.LG", "/json/cs.LG?group=day"],
)
async def test_every_address_of_papers_takes_them(client, path):
    some = ids_in((await get(client, "/json/cs.LG")).json())[0]
    spec = "spec=cs.LG&" if path.startswith(("/digest", "/api")) else ""
    mark = "&" if "?" in path else "?"
    answer = await get(client, f"{path}{mark}{spec}like={some}&top=2")
    assert answer.text != (await get(client, f"{path}{mark}{spec}top=3")).text


async def test_an_unheld_example_is_looked_up_behind_the_answer(site):
    async with site.client() as client:
        path = f"/json/cs.LG?like={UNHELD},2611.99999&top=2"
        first = await get(client, path)
        assert first.json()["_arxiv"]["receipt"]["examples"] == {"known": 0, "asked": 2}
        assert "max-age=60" in first.headers["cache-control"] or "max-age=3" in first.headers["cache-control"]
        assert len(by_day(first.json())) == 1, "an order that isn't known yet is not settled for older days"
        await until(lambda: bool(site.arxiv.requests))
        for _ in range(50):
            site.clock.advance(minutes=2)
            later = (await get(client, path)).json()
            if later["_arxiv"]["receipt"]["examples"]["known"]:
                break
            await anyio.sleep(0.05)
        assert later["_arxiv"]["receipt"]["examples"] == {"known": 1, "asked": 2}
        assert len(by_day(later)) > 1
        asked = [request.url.params.get("id_list") for request in site.arxiv.requests]
        assert [ids for ids in asked if ids] == [f"{UNHELD},2611.99999"]


async def test_the_receipt_leads_to_the_rest(site):
    async with site.client() as client:
        receipt = (await get(client, "/json/cs.LG?include=model&top=1")).json()["_arxiv"]["receipt"]
        assert receipt["left_out"]["top"] > 0
        assert receipt["rest"].endswith("/list/cs.LG?include=model")
        whole = (await get(client, "/json/cs.LG?include=model")).json()["_arxiv"]["receipt"]
        assert "rest" not in whole
        page = await get(client, "/list/cs.LG?include=model&top=1")
        assert 'href="/list/cs.LG?include=model" rel="nofollow">show' in page.text
        assert f"{receipt['left_out']['top']} not among the best of" in page.text


async def test_new_examples_change_the_newest_day_only(site):
    async with configured(site, "{}", "    top: 2\n") as client:
        before = by_day((await get(client, "/feeds/mine.json")).json())
    everything = by_day((await get_once(site, "/json/cs.LG")).json())
    newest, *older = sorted(everything, reverse=True)
    wanted = {everything[newest][-1], *(everything[day][-1] for day in older)}
    scoring = "{like: [" + ", ".join(f"'{ident}'" for ident in wanted) + "]}"
    async with configured(site, scoring, "    top: 2\n") as client:
        after = by_day((await get(client, "/feeds/mine.json")).json())
        days = (await get(client, "/digest/feed.json?feed=mine")).json()
        assert days["items"]
    assert {day: sorted(after[day]) for day in older} == {day: sorted(before[day]) for day in older}
    assert everything[newest][-1] in after[newest]
    assert everything[newest][-1] not in before[newest]


async def test_an_address_that_narrows_a_feed_with_top_keeps_what_it_showed(site):
    """Nobody asked for the whole feed here, so that only the address can remember."""
    path = "/feeds/mine.json?limit=500"
    async with configured(site, "{}", "    top: 2\n") as client:
        before = by_day((await get(client, path)).json())
    everything = by_day((await get_once(site, "/json/cs.LG")).json())
    older = sorted(everything)[:-1]
    wanted = ", ".join(f"'{everything[day][-1]}'" for day in older)
    async with configured(site, f"{{like: [{wanted}]}}", "    top: 2\n") as client:
        after = by_day((await get(client, path)).json())
        fresh = by_day((await get(client, f"{path}&types=new,cross,replace")).json())
    assert {day: sorted(after[day]) for day in older} == {day: sorted(before[day]) for day in older}
    assert {day: sorted(fresh[day]) for day in older} != {day: sorted(before[day]) for day in older}, "a new address"


async def test_two_processes_that_show_a_day_at_once_show_what_both_did(site, monkeypatch):
    """Between its look at the store and its writing, another process shows another paper of an older day."""
    path = "/json/cs.LG?top=1"
    everything = by_day((await get_once(site, "/json/cs.LG")).json())
    day = min(everything)
    note = ServedDays.note

    async def beaten(days, feed, entries, *, is_configured):
        other = next(entry for entry in entries if entry.paper.announced.isoformat() == day)
        paper = other.paper.model_copy(update={"id": everything[day][-1]})
        await note(days, feed, [*entries, other.model_copy(update={"paper": paper})], is_configured=is_configured)
        return await note(days, feed, entries, is_configured=is_configured)

    monkeypatch.setattr(ServedDays, "note", beaten)
    shown = by_day((await get_once(site, path)).json())[day]
    assert len(set(everything[day])) == 2
    assert sorted(shown) == sorted(everything[day])


async def get_once(site, path):
    async with site.client() as client:
        return await get(client, path)


async def private_library(site, title):
    """A library with one work, whose abstract is that of a paper of the newest day."""
    paper = (await get_once(site, "/api/papers?spec=cs.LG")).json()["entries"][0]["paper"]
    work = make_item(1, title=title, abstractNote=paper["abstract"])
    return FakeZotero({"users/1": [work]}, private={"users/1": "k"})


@pytest.mark.parametrize(("token", "is_told"), [("", False), ("open-sesame", True)])
async def test_titles_of_a_private_library_appear_nowhere_on_an_open_server(site, caplog, token, is_told):
    secret = "Sealed letters about quills"
    site.zotero = await private_library(site, secret)
    site.environ = {"ZOTERO_API_KEY": "k", **({"ACCESS_TOKEN": token} if token else {})}
    pages = [
        "/feeds/mine",
        "/feeds/mine.json",
        "/feeds/mine.rss",
        "/api/papers?feed=mine",
        "/digest/2026-11-18?feed=mine",
        "/",
    ]
    async with configured(site, "{like: ['zotero:users/1']}") as client:
        for _ in range(2):
            answers = [await client.get(path, headers={"authorization": f"Bearer {token}"}) for path in pages]
            await anyio.sleep(0.1)
            site.clock.advance(minutes=2)
    assert [answer.status_code for answer in answers] == [200] * len(pages)
    told = [secret in answer.text or "K0000001" in answer.text for answer in answers[:5]]
    assert any(told) == is_told
    assert "quills" not in caplog.text
    if not is_told:
        match = matches_of(answers[1].json()["items"][0], "like")[0]
        assert (match["term"], match["nearest"]["title"]) == ("private library", "")
        assert len(match["nearest"]["words"]) == 3


async def test_explain_keeps_a_private_title(site):
    site.zotero = await private_library(site, "Sealed letters")
    site.environ = {"ZOTERO_API_KEY": "k"}
    some = (await ids_of(site))[0]
    service = site.service()
    request = FeedRequest(parse_spec("cs.LG"), Selection(scoring=Scoring(like=("zotero:users/1",))), name="mine")
    details = [step.detail for step in await service.feeds.explain(request, some) if step.rule == "score"]
    await service.aclose()
    assert details
    assert all("private library" in detail and "Sealed" not in detail for detail in details)


async def test_a_digest_is_fresh_for_long_again_once_an_unknown_id_is_settled(site):
    async with site.client() as client:
        path = "/digest/2026-11-18.json?like=2611.99999&spec=cs.LG"
        assert seconds_of(await get(client, path)) == 60
        for _ in range(50):
            await anyio.sleep(0.05)
            site.clock.advance(seconds=61)
            if seconds_of(await get(client, path)) > 60:
                return
    raise AssertionError("the digest still waits for an id that nobody knows")


def seconds_of(answer):
    return int(re.search(r"s-maxage=(\d+)", answer.headers["cache-control"])[1])


async def test_digests_with_other_examples_are_other_items_with_short_names(client):
    ids = ids_in((await get(client, "/json/cs.LG")).json())
    found = []
    for like in (",".join(ids), ids[0]):
        feed = (await get(client, f"/digest/feed.json?like={like}&spec=cs.LG")).json()
        found.append(feed["items"][0]["id"])
    assert found[0] != found[1]
    assert max(map(len, found)) < 200
