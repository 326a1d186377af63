"""A profile in a real browser: from nothing to a feed that has changed, with and without scripts."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from digest.store.lasting_sqlite import SqliteLasting
from tests.browser.conftest import serving
from tests.browser.test_browser import BAD_REQUEST, PHONE, violations
from tests.sites import fill_site

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a server that can keep profiles can be reached."""
    with ThreadPoolExecutor(1) as thread:
        site = thread.submit(asyncio.run, fill_site()).result()
    site.lasting = SqliteLasting(tmp_path_factory.mktemp("me") / "cache.profiles.sqlite3")
    server = site.config.server.model_copy(update={"profiles_per_day": 1_000})
    site.config = site.config.model_copy(update={"server": server})
    with serving(site) as base:
        yield base


def make(page):
    """Press the one button, choose a small feed, and return the addresses that the page shows."""
    page.click("text=Make my profile")
    page.fill("#spec", "cs.LG")
    page.fill("#top", "2")
    page.click("text=Change the feed")
    return page.locator(".address code").all_inner_texts()


def newest_of(url):
    items = httpx.get(url, trust_env=False, timeout=20).json()["items"]
    return [item["title"] for item in items if item["date_published"] == items[0]["date_published"]]


def test_votes_change_the_feed(open_page):
    page = open_page("/me")
    owner, _rss, _atom, feed, *_ = make(page)
    before = newest_of(feed)
    page.click("text=Read and vote here")
    card = page.locator(".entry").first
    first = card.locator(".title").inner_text()
    card.get_by_text("Less like this").click()
    page.wait_for_selector(".entry .chosen")
    assert page.locator("#message").inner_text() == "Noted: less like this."
    assert page.url.endswith("/papers")
    after = newest_of(feed)
    assert first in before
    assert after != before
    card.get_by_text("More like this").click()
    page.wait_for_selector(".entry .chosen[data-deed=more]")
    assert card.locator(".chosen").count() == 1
    card.get_by_text("More like this").click()
    page.wait_for_selector(".entry .chosen", state="detached")
    assert newest_of(feed) == before
    page.goto(owner)
    assert page.locator("#votes").inner_text() == "0 votes"


def test_so_they_do_without_scripts(open_page):
    page = open_page("/me", java_script_enabled=False)
    owner, _rss, _atom, feed, *_ = make(page)
    before = newest_of(feed)
    page.click("text=Read and vote here")
    page.locator(".entry").first.get_by_text("Less like this").click()
    assert page.locator("h1").inner_text() == "Less like this"
    assert newest_of(feed) == before
    page.locator("main button").click()
    assert page.locator("h1").inner_text() == "Noted: less like this."
    assert newest_of(feed) != before
    page.click("text=Undo")
    assert page.locator("h1").inner_text() == "Undone: the vote is gone."
    assert newest_of(feed) == before
    page.goto(owner)
    page.fill("#papers", "2601.00001 2601.00002")
    page.locator("#papers ~ *, form").get_by_role("button", name="More like this").click()
    assert page.locator("#votes").inner_text() == "2 votes"
    page.locator(".marked button").first.click()
    assert page.locator("#votes").inner_text() == "1 vote"


def test_a_profile_is_exported_deleted_and_restored_from_the_file(open_page, tmp_path):
    page = open_page("/me", accept_downloads=True, expect=["410"])
    owner, *_ = make(page)
    page.fill("#papers", "2601.00001")
    page.locator("form:has(#papers)").get_by_role("button", name="More like this").click()
    with page.expect_download() as waiting:
        page.click("text=Everything as JSON")
    path = tmp_path / "profile.json"
    waiting.value.save_as(path)
    assert json.loads(path.read_text())["format"] == "arxiv-digest profile"
    page.check("[name=sure]")
    page.click("text=Delete my profile")
    assert page.locator("h1").inner_text() == "Your profile is deleted"
    assert page.goto(owner).status == 410
    page.goto(owner.partition("/me/")[0] + "/me")
    page.set_input_files("#file", path)
    page.wait_for_function("document.getElementById('export').value.length > 100")
    page.get_by_role("button", name="Restore").click()
    assert page.url == owner
    assert page.locator("#votes").inner_text() == "1 vote"


def test_papers_saved_on_public_pages_can_be_added(open_page):
    page = open_page("/me")
    make(page)
    assert not page.locator("#from-browser").is_visible()
    page.evaluate(
        "localStorage.setItem('saved', JSON.stringify({'2601.00001': {title: 'A'}, '2601.00002': {title: 'B'}}))"
    )
    page.reload()
    page.click("#from-browser")
    page.keyboard.press("Enter")
    page.wait_for_selector("#saved + form .marked li")
    assert page.locator("#saved").inner_text() == "2 saved papers"


def test_no_key_is_left_in_the_browser_s_memory(open_page):
    """Public pages run in the same origin."""
    page = open_page("/me")
    make(page)
    page.click("text=Read and vote here")
    page.locator(".entry").first.get_by_text("Save").click()
    page.wait_for_selector(".entry .chosen")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "/me/" not in kept
    assert kept == '[{},{},""]'


@pytest.mark.parametrize("which", ["start", "owner", "papers", "saved", "deed", "mistake"])
def test_every_page_can_be_used_by_everybody(open_page, address, axe, which):
    page = open_page("/me", expect=[BAD_REQUEST])
    if which != "start":
        make(page)
        page.fill("#papers", "2601.00001 2601.00002")
        page.locator("form:has(#papers)").get_by_role("button", name="More like this").click()
    if which in {"papers", "deed"}:
        page.click("text=Read and vote here")
    if which == "deed":
        page.goto(address + page.locator("[data-deed=more]").first.get_attribute("href"))
    if which == "saved":
        page.click("text=My saved papers >> nth=0")
    if which == "mistake":
        page.fill("#spec", "cs.LGG")
        page.click("text=Change the feed")
        assert page.locator("#spec-problem").is_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page, axe) == []
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
