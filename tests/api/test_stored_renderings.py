"""Rendered feeds in the store: what is stored, for whom it is good, and that it is never served for other content."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.feeds.papers import FeedRequest
from digest.selection import Selection
from digest.service import stored_renderings
from digest.service.contents import Contents
from digest.service.stored_renderings import place_of

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def made(monkeypatch):
    """The requests whose content was made, and not found."""
    requests = []
    render = Contents.render

    async def noted(self, material, *args, **options):
        requests.append(material.request)
        return await render(self, material, *args, **options)

    monkeypatch.setattr(Contents, "render", noted)
    return requests


async def stored_keys(site):
    return [key for key in await site.store.keys("") if "rendered:" in key]


async def get(site, *paths, **headers):
    """Ask a process of its own; its answers, once all is stored that it stores."""
    async with site.client(**headers) as client:
        answers = [await client.get(path, follow_redirects=True) for path in paths]
        if writing := [task for task in asyncio.all_tasks() if task.get_name().startswith("storing ")]:
            await asyncio.wait(writing)
    assert {answer.status_code for answer in answers} == {200}
    return [answer.text for answer in answers]


@pytest.mark.parametrize(
    "path", ["/rss/cs.LG", "/json/cs.LG", "/atom/cs.CL+cs.LG", "/feeds/machines.rss", "/feeds/languages.json"]
)
async def test_a_process_that_starts_later_renders_nothing(site, made, path):
    first = await get(site, path)
    made.clear()
    assert await get(site, path) == first
    assert made == []


@pytest.mark.parametrize(
    "path",
    [
        "/rss/cs.LG?limit=5",
        "/rss/cs.LG?q=learning",
        "/json/cs.LG?title=mine",
        "/feeds/machines.rss?days=2",
        "/list/cs.LG",
        "/api/papers?spec=cs.LG",
        "/",
    ],
)
async def test_only_bare_addresses_are_stored(site, path):
    await get(site, path)
    assert await stored_keys(site) == []


async def test_a_closed_server_stores_none(site):
    site.environ["ACCESS_TOKEN"] = "correct horse battery"
    bodies = await get(site, "/rss/cs.LG?key=correct+horse+battery")
    assert "key=" in bodies[0]
    assert await stored_keys(site) == []


async def test_every_host_shares_one_place_and_gets_its_own_links(site, made):
    await get(site, "/rss/cs.LG")
    made.clear()
    for host in ("one.test", "two.test"):
        (body,) = await get(site, "/rss/cs.LG", host=host)
        assert f"http://{host}/rss/cs.LG" in body
    assert made == []
    assert len(await stored_keys(site)) == 1


async def test_another_version_renders_anew_and_takes_the_place(site, made, monkeypatch):
    await get(site, "/rss/cs.LG")
    made.clear()
    monkeypatch.setattr(stored_renderings, "renderer_version", lambda: "another")
    await get(site, "/rss/cs.LG", "/rss/cs.LG")
    await get(site, "/rss/cs.LG")
    assert len(made) == 1
    assert len(await stored_keys(site)) == 1


async def test_bytes_of_other_content_are_not_served(site, made):
    (before,) = await get(site, "/json/cs.LG")
    made.clear()
    site.clock.advance(days=1)
    service = site.service()
    await service.operations.keep_warm()
    await service.aclose()
    (after,) = await get(site, "/json/cs.LG")
    assert made
    assert after != before


async def test_a_longer_body_is_not_stored(site, monkeypatch):
    monkeypatch.setattr(stored_renderings, "LIMIT_BYTES", 1_000)
    await get(site, "/rss/cs.LG")
    assert await stored_keys(site) == []


async def test_damaged_bytes_are_rendered_anew(site, made):
    (first,) = await get(site, "/rss/cs.LG")
    (key,) = await stored_keys(site)
    for damaged in (b"", b"AXD1", (await site.store.get(key))[:-9]):
        await site.store.set(key, damaged)
        made.clear()
        assert await get(site, "/rss/cs.LG") == [first]
        assert made


@pytest.mark.parametrize(
    ("spec", "name", "addresses", "place"),
    [
        ("cs.LG", None, ["http://a/rss/cs.LG", "http://a/list/cs.LG"], "spec:cs.LG:rss"),
        ("cs.LG+cs.CL", "mine", ["http://a/feeds/mine.rss"], "named:mine:rss"),
        ("cs.LG", None, ["http://a/rss/cs.LG?q=x", "http://a/list/cs.LG"], None),
        ("cs.LG", None, ["http://a/rss/cs.LG", "http://a/list/cs.LG?key=secret"], None),
        ("cs.LG", None, [""], None),
    ],
)
def test_an_address_with_a_query_has_no_place(spec, name, addresses, place):
    assert place_of(FeedRequest(parse_spec(spec), Selection(), name=name), "rss", *addresses) == place


def test_unions_share_few_places():
    codes = [
        "cs.LG",
        "cs.CL",
        "cs.AI",
        "cs.CV",
        "math.CO",
        "math.NT",
        "hep-th",
        "hep-ph",
        "gr-qc",
        "quant-ph",
        "stat.ML",
        "eess.SP",
    ]
    specs = [f"{one}+{two}" for one in codes for two in codes if one < two]
    places = {place_of(FeedRequest(parse_spec(spec), Selection()), "rss", "http://a/") for spec in specs}
    assert len(specs) > 60
    assert len(places) <= 32


@pytest.mark.end_to_end
def test_the_name_of_a_request_is_the_same_in_every_process():
    code = """
from digest.arxiv.taxonomy import parse_spec
from digest.config.reading import parse_config
from digest.feeds.named import named_request
from digest.service.contents import fingerprint
text = '''
feeds:
  a: {categories: [cs.LG, math.CO], types: [new, cross], include: [x, y], author: [Doe], scoring: {keywords: [deep, star], like: ["2601.00001"]}}
topics:
  t: {label: T, q: "ti:graph OR abs:tree"}
'''
config = parse_config(text, {})
print(fingerprint(named_request(config, "a"), named_request(config, "t")))
"""
    names = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(names) == 1
