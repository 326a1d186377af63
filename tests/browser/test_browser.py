"""The pages in a real browser: with and without scripts, by keyboard, on a phone, in the dark, under attack."""

import asyncio
import json

import bibtexparser
import feedparser
import httpx
import pytest

from tests.browser.conftest import serving
from tests.fakes import FakeArxiv
from tests.sites import Site, demo_replies

pytestmark = pytest.mark.end_to_end

PAGES = {
    "home": "/",
    "builder": "/build",
    "preview": "/build?include=learning,model&spec=cs.LG",
    "list": "/list/cs.LG",
    "feed": "/feeds/machines",
    "digests": "/digest",
    "day": "/digest/latest",
    "status": "/status",
    "api": "/docs",
    "filtered": "/list/cs.LG?exclude=survey&include=learning,model",
    "search": "/search?q=learning",
    "categories": "/search?q=cs.LG,math.AG",
    "help": "/help",
    "saved": "/saved",
    "chinese": "/list/cs.LG?ui=zh",
    "mistake": "/list/cs.LGG",
    "form mistake": "/build?q=ti:(a&spec=cs.LG",
}
LONG = "/list/cs.CL+cs.LG+stat.ML"
BAD_REQUEST = "status of 400"
PHONE = {"width": 390, "height": 844}


def feed_at(url):
    response = httpx.get(url, trust_env=False, timeout=20)
    assert response.status_code == 200
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


def violations(page, axe):
    """Run axe-core in a world of its own, where the page's policy doesn't hold."""
    devtools = page.context.new_cdp_session(page)
    frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = devtools.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
    devtools.send("Runtime.evaluate", {"expression": axe, "contextId": world})
    run = "axe.run().then(found => JSON.stringify(found.violations.map(one => [one.id, one.nodes.map(node => node.html)])))"
    answer = devtools.send("Runtime.evaluate", {"expression": run, "contextId": world, "awaitPromise": True})
    return json.loads(answer["result"]["value"])


def ids_on(page):
    return [entry.get_attribute("data-id") for entry in page.locator(".entry").all()]


class TestEveryPage:
    @pytest.mark.parametrize("name", PAGES)
    def test_has_no_violation_that_axe_finds(self, open_page, axe, name):
        page = open_page(PAGES[name], expect=[BAD_REQUEST])
        page.evaluate("document.querySelectorAll('details').forEach((one, place) => { one.open = place < 12; })")
        assert violations(page, axe) == []
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        assert violations(page, axe) == []

    @pytest.mark.parametrize("name", PAGES)
    def test_fits_a_phone_and_is_dark_in_the_dark(self, open_page, name):
        page = open_page(PAGES[name], viewport=PHONE, expect=[BAD_REQUEST])
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        shades = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            shades.append(sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))))
        assert shades[0] > 700
        assert shades[1] < 120

    @pytest.mark.parametrize("name", PAGES)
    def test_asks_nobody_else(self, browser, address, name):
        context = browser.new_context()
        asked = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.goto(address + PAGES[name])
        page.wait_for_load_state("networkidle")
        context.close()
        assert len(asked) >= 3
        assert [url for url in asked if not url.startswith(f"{address}/")] == []

    def test_mistakes_of_a_form_are_listed_on_top_and_have_the_focus(self, open_page):
        page = open_page(PAGES["form mistake"], expect=[BAD_REQUEST])
        assert page.evaluate("document.activeElement.id") == "problems"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: url.endswith("#q"))

    @pytest.mark.parametrize("name", [name for name in PAGES if name != "form mistake"])
    def test_can_be_left_for_its_content_by_keyboard(self, open_page, name):
        page = open_page(PAGES[name], expect=[BAD_REQUEST])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


class TestBuilder:
    def test_leads_from_nothing_to_a_feed_that_a_parser_reads(self, open_page):
        page = open_page("/build")
        page.get_by_label("Search by name or code").fill("machine learning")
        page.get_by_role("checkbox", name="cs.LG Machine Learning").check()
        page.get_by_label("Any of these words").fill("learning, model")
        link = page.locator(".address a", has_text="include=learning,model")
        link.first.wait_for()
        assert page.url.endswith("/build?include=learning,model&spec=cs.LG")
        for place, kind in enumerate(("rss20", "atom10")):
            parsed = feed_at(link.nth(place).get_attribute("href"))
            assert parsed.version == kind
            assert page.get_by_text(f"{len(parsed.entries)} matches among").is_visible()

    def test_shows_mistakes_at_their_field_as_you_type(self, open_page):
        page = open_page("/build?spec=cs.LG", expect=[BAD_REQUEST])
        field = page.get_by_label("Query in arXiv’s syntax")
        field.fill("ti:(graph")
        page.locator("#q-problem", has_text="This ( is never closed").wait_for()
        assert page.locator("#problems a", has_text="This ( is never closed").get_attribute("href") == "#q"
        assert field.get_attribute("aria-invalid") == "true"
        field.fill("ti:(graph OR model)")
        page.locator(".address a", has_text="graph").first.wait_for()
        assert page.locator(".error:visible").count() == 0

    def test_works_without_scripts(self, open_page):
        page = open_page("/build", java_script_enabled=False)
        assert not page.get_by_label("Search by name or code").is_visible()
        page.locator("summary", has_text="Statistics").click()
        page.get_by_role("checkbox", name="stat.ML").check()
        page.get_by_label("Limit").fill("2")
        page.get_by_role("button", name="Preview").click()
        assert page.url.endswith("/build?limit=2&spec=stat.ML")
        assert len(feed_at(page.locator(".address a").first.get_attribute("href")).entries) == 2

    def test_works_by_keyboard_alone(self, open_page):
        page = open_page("/build")
        page.get_by_label("Search by name or code").focus()
        page.keyboard.type("stat.ml")
        page.keyboard.press("Enter")
        page.locator(".address a").first.wait_for()
        assert page.url.endswith("/build?spec=stat.ML")
        # The box is free for the next one, and what was chosen stays in sight until it is taken away.
        assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["search", ""]
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove stat.ML"
        page.keyboard.press("Enter")
        page.get_by_text("Choose at least one category").wait_for()

    def test_copies_the_address(self, open_page):
        page = open_page(PAGES["preview"], permissions=["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy the Atom address").click()
        page.get_by_text("Address copied").wait_for()
        assert feed_at(page.evaluate("navigator.clipboard.readText()")).version == "atom10"


class TestReadingPage:
    def test_filters_as_you_type(self, open_page):
        page = open_page("/list/cs.LG")
        number = page.locator(".entry").count()
        page.get_by_label("Filter these papers").fill("DÉMAND gardeners")
        page.get_by_text(f"0 of {number} papers").wait_for()
        page.get_by_label("Filter these papers").fill("")
        assert page.locator(".entry:visible").count() == number

    def test_is_read_by_keys(self, open_page):
        page = open_page("/list/cs.LG")
        ids = [entry.get_attribute("data-id") for entry in page.locator(".entry").all()]
        focused = "document.activeElement.dataset.id"
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate(focused) == ids[1]
        page.keyboard.press("k")
        assert page.evaluate(focused) == ids[0]
        page.keyboard.press("o")
        assert page.locator(".entry").first.locator("details").get_attribute("open") is not None
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "filter"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.get_by_text("save the paper in this browser").is_visible()
        page.keyboard.press("Escape")
        assert not page.get_by_text("save the paper in this browser").is_visible()

    def test_a_view_is_remembered_and_needs_no_script(self, open_page):
        page = open_page("/list/cs.LG")
        full = page.locator(".entry").first.bounding_box()["height"]
        page.get_by_label("Compact").check(force=True)
        assert page.locator(".entry").first.bounding_box()["height"] < full * 0.8
        page.reload()
        assert page.get_by_label("Compact").is_checked()
        assert page.locator(".entry").first.bounding_box()["height"] < full * 0.8
        plain = open_page("/list/cs.LG", java_script_enabled=False)
        plain.get_by_label("Compact").check(force=True)
        assert plain.locator(".entry").first.bounding_box()["height"] < full * 0.8

    def test_shows_five_titles_on_a_desktop_and_more_than_one_paper_on_a_phone(self, open_page):
        whole = "[...document.querySelectorAll('.entry')].filter(one => one.getBoundingClientRect().bottom <= innerHeight).length"
        page = open_page("/list/cs.LG")
        page.get_by_label("Compact").check(force=True)
        assert page.evaluate(whole) >= 5
        phone = open_page("/list/cs.LG", viewport=PHONE)
        second = phone.locator(".entry").nth(1).bounding_box()
        assert PHONE["height"] - second["y"] > second["height"] / 2

    def test_saves_papers_in_the_browser_and_exports_them(self, open_page):
        page = open_page("/list/cs.LG")
        ids = ids_on(page)
        page.keyboard.press("j")
        page.keyboard.press("s")
        page.locator(".entry").nth(2).get_by_role("button", name="Save").click()
        assert page.locator(".is-saved").count() == 2
        page.keyboard.press("s")  # the focus is still on the third paper's button: it is taken back
        assert [one.get_attribute("data-id") for one in page.locator(".is-saved").all()] == [ids[0]]
        page.locator(".entry").nth(2).get_by_role("button", name="Save").click()
        page.goto(page.url.replace("/list/cs.LG", "/saved"))
        page.get_by_text("Papers: 2.").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as BibTeX").click()
        entries = bibtexparser.parse_file(download.value.path()).entries
        assert {entry["eprint"] for entry in entries} == {ids[0], ids[2]}
        page.get_by_role("link", name="Rank a feed by these papers").click()
        page.locator(".address a", has_text="like=").first.wait_for()
        assert {*ids[0:1], ids[2]} <= set(page.get_by_label("Papers that you like").input_value().split(","))

    def test_marks_what_the_list_looks_for_and_forgets_it_at_a_switch(self, open_page):
        page = open_page("/list/cs.LG?include=learning")
        marks = page.locator(".entry mark")
        assert {text.lower() for text in marks.all_inner_texts()} >= {"learning"}
        assert "underline" in marks.first.evaluate("one => getComputedStyle(one).textDecorationLine")
        page.locator(".menu > summary").click()
        page.locator("#marks").uncheck()
        page.reload()
        assert "underline" not in marks.first.evaluate("one => getComputedStyle(one).textDecorationLine")

    def test_marks_words_of_ones_own_on_every_list(self, open_page):
        page = open_page("/list/cs.LG")
        author = page.locator(".entry .by").first.inner_text().split(",")[0].strip()
        page.locator(".menu > summary").click()
        page.locator("#own-words-open").click()
        page.locator("#own-words-lines").fill(f"{author}\n<b>the (.*\n\nlearning")
        page.get_by_role("button", name="Keep").click()
        page.goto(page.url.replace("/list/cs.LG", "/feeds/machines"))
        marked = {text.lower() for text in page.locator("mark.own").all_inner_texts()}
        assert "learning" in marked
        page.goto(page.url.replace("/feeds/machines", "/list/cs.LG"))
        assert author in page.locator(".by mark.own").all_inner_texts()
        assert not page.locator("math mark").count()

    def test_searches_all_papers_where_the_page_has_few(self, open_page):
        page = open_page(LONG)
        page.get_by_label("Filter these papers").fill("xylophone")
        page.get_by_role("link", name="Search all 33 papers").click()
        assert page.url.endswith(f"{LONG}?q=xylophone")
        page.get_by_role("link", name="Remove query: xylophone").click()
        assert page.url.endswith(LONG)
        plain = open_page(LONG, java_script_enabled=False)
        plain.get_by_label("Filter these papers").fill("learning")
        with plain.expect_navigation():
            plain.keyboard.press("Enter")
        assert plain.url.endswith(f"{LONG}?q=learning")

    def test_opens_the_paper_by_key(self, open_page):
        page = open_page("/list/cs.LG")
        page.context.route("https://arxiv.org/**", lambda route: route.fulfill(body="arXiv"))
        page.keyboard.press("j")
        with page.context.expect_page() as opened:
            page.keyboard.press("v")
        assert opened.value.url == page.locator(".entry .title a").first.get_attribute("href")

    def test_keys_can_be_turned_off_and_stay_off(self, open_page):
        page = open_page("/list/cs.LG")
        page.locator(".menu > summary").click()
        page.get_by_role("checkbox", name="Keys").uncheck()
        page.reload()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement === document.body")

    def test_marks_what_is_new_since_the_last_visit(self, open_page):
        page = open_page("/list/cs.LG")
        assert page.locator(".is-new").count() == 0
        newest = page.locator(".entry").first.get_attribute("data-id")
        page.evaluate(
            """newest => {
                const name = `seen:${location.pathname}`;
                const kept = JSON.parse(localStorage.getItem(name));
                kept.seen = kept.seen.filter(id => id !== newest);
                kept.at -= 3600e3;
                localStorage.setItem(name, JSON.stringify(kept));
            }""",
            newest,
        )
        for _ in range(2):  # a reload within a visit doesn't end it
            page.reload()
            assert [one.get_attribute("data-id") for one in page.locator(".is-new").all()] == [newest]
        assert page.evaluate("document.querySelector('.stopped').previousElementSibling.dataset.id") == newest
        page.get_by_label("new since last visit").check()
        assert page.locator(".entry:visible").count() == 1
        assert not page.get_by_text("You stopped here last time").is_visible()

    def test_papers_of_earlier_days_are_not_new_even_if_never_seen(self, open_page):
        page = open_page(LONG)
        page.evaluate(
            """() => {
                const name = `seen:${location.pathname}`;
                localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name)), at: 0 }));
            }"""
        )
        page.reload()
        page.get_by_role("link", name="More papers").click()
        page.get_by_text("Page 2 of 2").wait_for()
        assert page.locator(".entry").count() == 33
        assert page.locator(".is-new").count() == 0

    def test_puts_more_papers_below(self, open_page):
        page = open_page(LONG)
        before = ids_on(page)
        page.get_by_role("link", name="More papers").click()
        page.get_by_text("Page 2 of 2").wait_for()
        after = ids_on(page)
        assert (len(before), len(after), len(set(after))) == (25, 33, 33)
        assert page.locator("#pager").inner_text().strip() == "Page 2 of 2, 33 papers"
        assert after[:25] == before
        assert page.url.endswith(LONG)
        assert page.evaluate("document.activeElement.dataset.id") == after[25]
        headings = page.locator(".papers h2").all_inner_texts()
        assert len(headings) == len(set(headings))
        page.get_by_label("Filter these papers").fill("xylophone")
        page.get_by_text("0 of 33 papers").wait_for()

    def test_keys_lead_on_to_the_next_papers(self, open_page):
        page = open_page(LONG)
        for _ in range(26):
            page.keyboard.press("j")
        page.get_by_text("Page 2 of 2").wait_for()
        assert page.evaluate("document.activeElement.dataset.id") == ids_on(page)[25]

    def test_finds_a_paper_that_has_moved_to_a_later_page(self, open_page):
        page = open_page(LONG)
        page.get_by_role("link", name="More papers").click()
        page.get_by_text("Page 2 of 2").wait_for()
        last = ids_on(page)[-1]
        page = open_page(f"{LONG}#p{last}")
        page.get_by_text("Page 2 of 2").wait_for()
        assert ids_on(page)[-1] == last

    def test_goes_to_the_next_page_where_its_papers_cannot_be_fetched(self, open_page):
        page = open_page(LONG, expect=["Failed to load resource"])
        page.route(
            "**/*page=2*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.fallback()
        )
        page.get_by_role("link", name="More papers").click()
        page.wait_for_url("**page=2")
        assert len(ids_on(page)) == 8

    def test_copies_what_came_later(self, open_page):
        page = open_page(LONG, permissions=["clipboard-read", "clipboard-write"])
        page.get_by_role("link", name="More papers").click()
        page.get_by_text("Page 2 of 2").wait_for()
        last = page.locator(".entry").last
        last.get_by_role("button", name="Markdown").click()
        page.get_by_text("Markdown copied").wait_for()
        assert last.locator(".title a").get_attribute("href") in page.evaluate("navigator.clipboard.readText()")

    def test_copies_a_paper_as_bibtex_and_markdown(self, open_page):
        page = open_page("/list/cs.LG", permissions=["clipboard-read", "clipboard-write"])
        entry = page.locator(".entry").nth(1)
        target = entry.locator(".title a").get_attribute("href")
        entry.get_by_role("button", name="BibTeX").click()
        page.get_by_text("BibTeX copied").wait_for()
        (cited,) = bibtexparser.parse_string(page.evaluate("navigator.clipboard.readText()")).entries
        assert cited["url"] == target
        entry.get_by_role("button", name="Markdown").click()
        page.get_by_text("Markdown copied").wait_for()
        assert f"]({target})" in page.evaluate("navigator.clipboard.readText()")

    def test_is_read_without_scripts(self, open_page):
        page = open_page("/list/cs.LG", java_script_enabled=False)
        assert page.locator(".entry:visible").count() > 5
        assert not page.locator("#tools").is_visible()
        details = page.locator(".entry details").first
        details.locator("summary").click()
        assert details.locator("p").first.is_visible()

    def test_prints_papers_and_no_buttons(self, open_page):
        page = open_page("/list/cs.LG")
        page.emulate_media(media="print")
        assert page.locator(".entry .title").first.is_visible()
        assert page.locator("button:visible").count() == 0
        assert not page.locator("header.site").is_visible()


def test_the_next_announcement_is_told_in_the_visitor_s_zone(open_page):
    page = open_page("/status", timezone_id="Asia/Tokyo", locale="en-GB")
    text = page.locator("time[datetime='2026-11-19T05:00:00+00:00']").inner_text()
    assert text.startswith("Thursday")
    assert "14:00" in text
    assert text.endswith("which is 19 Nov 2026, 05:00 UTC")


class TestUnderAttack:
    HOSTILE = b"&lt;img src=x onerror=&quot;window.hit=1&quot;&gt;&lt;script&gt;window.hit=1&lt;/script&gt;"

    @pytest.fixture
    def hostile(self):
        """A server whose arXiv gives a paper a title with a script."""
        site = Site()
        honest = demo_replies(site.clock)

        def reply(request):
            answer = honest(request)
            body = answer.content.replace(b"Gradient Descent in a Rowing Boat", self.HOSTILE)
            headers = {"content-type": answer.headers["content-type"]}
            return httpx.Response(answer.status_code, content=body, headers=headers)

        site.arxiv = FakeArxiv(reply)
        with serving(site) as base:
            yield base

    def test_a_title_is_text_whatever_it_holds(self, open_page, hostile):
        for path in ("/list/cs.LG", "/feeds/machines", "/build?spec=cs.LG", "/"):
            page = open_page(path, base=hostile)
            assert page.get_by_text("window.hit=1").first.is_visible()
            assert page.evaluate("window.hit") is None

    def test_the_policy_stops_a_script_that_got_in(self, open_page):
        page = open_page("/list/cs.LG", expect=["Content Security Policy", "status of 404"])
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.hit = 1";
                document.body.append(script);
                document.body.insertAdjacentHTML("beforeend", '<img src="/none" onerror="window.hit = 1">');
            }"""
        )
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit") is None


class TestColdPages:
    """Nothing is stored, and arXiv takes its time."""

    @pytest.fixture
    def cold(self):
        site = Site()

        async def slowly():
            await asyncio.sleep(0.5)

        site.arxiv.before_reply = slowly
        with serving(site) as base:
            yield base

    @pytest.mark.parametrize(
        ("path", "papers"),
        [
            ("/list/cs.LG", ".entry"),
            ("/digest/latest?spec=cs.LG", ".entry"),
            ("/", "#feed-machines .newest li"),
            ("/build?spec=cs.LG", "#result .entry"),
        ],
    )
    def test_fill_themselves_by_one_request(self, open_page, cold, path, papers):
        page = open_page(path, base=cold)
        page.locator(papers).first.wait_for(timeout=20_000)
        assert page.locator("a[data-later]").count() == 0
        assert page.url == cold + path.replace("latest", "2026-11-18")

    def test_without_scripts_a_link_leads_to_the_papers(self, open_page, cold):
        page = open_page("/list/cs.LG", base=cold, java_script_enabled=False)
        page.locator("a[data-later]").click()
        page.locator(".entry").first.wait_for(timeout=20_000)
