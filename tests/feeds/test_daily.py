"""One day's digest: sections, united feeds, identity, quiet days, and the feed of days."""

import json
import re
from calendar import timegm
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest

from digest.arxiv.schedule import announcement_instant
from digest.arxiv.taxonomy import parse_spec
from digest.errors import NotFoundError
from digest.feeds.daily import (
    DigestScope,
    build_digest,
    compose_digest,
    feed_scope,
    next_day,
    previous_day,
    quiet_period,
    section_of,
)
from digest.feeds.digests import load_digest
from digest.feeds.papers import FeedContent, FeedRequest
from digest.feeds.periods import one_day
from digest.models import AnnounceType, Entry, Summary
from digest.rendering.day_documents import digest_json, digest_markdown
from digest.rendering.day_feeds import render_day_feed
from digest.rendering.day_item import day_item
from digest.rendering.formats import FORMATS
from digest.rendering.pages.digest_pages import render_digest_page
from digest.rendering.pages.templating import Site as PageSite
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut, Selection
from tests.builders import NOON, WEDNESDAY, make_paper

BASE = "https://papers.example.org"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
INSTANT = announcement_instant(WEDNESDAY)


def make_request(spec="cs.LG+stat.ML", **overrides):
    return FeedRequest(parse_spec(spec), Selection(), **overrides)


def make_content(request, *entries, updated=INSTANT):
    receipt = FeedReceipt(days=(), papers=len(entries), shown=len(entries), left_out=LeftOut())
    return FeedContent(request, entries, receipt, updated, updated)


def make_day(*entries, spec="cs.LG+stat.ML", updated=INSTANT):
    request = make_request(spec)
    content = make_content(request, *entries, updated=updated)
    return compose_digest(feed_scope(request), one_day(WEDNESDAY), [content], papers=len(entries))


def entry(ident, *categories, summary=None, **more):
    return Entry(paper=make_paper(id=ident, categories=categories or ("cs.LG",)), summary=summary, **more)


class TestSections:
    @pytest.mark.parametrize(
        ("categories", "contexts", "section"),
        [
            (("cs.LG", "stat.ML"), ("stat.ML", "cs.LG"), "cs.LG"),
            (("math.ST", "stat.ML"), ("cs.LG", "stat.ML"), "stat.ML"),
            (("math.ST", "cs.LG", "stat.ML"), ("stat.ML", "cs.LG"), "cs.LG"),
            (("cs.CL", "cs.AI"), ("cs",), "cs.CL"),
            (("stat.OT", "cs.CL"), ("cs",), "cs.CL"),
            (("math.IT",), ("cs.IT",), "cs.IT"),
            (("hep-th",), ("cs.LG",), "hep-th"),
        ],
    )
    def test_primary_category_comes_first_then_the_first_watched_one(self, categories, contexts, section):
        assert section_of(make_paper(categories=categories), contexts) == section

    def test_follow_the_order_of_what_is_watched_and_keep_that_of_the_entries(self):
        day = make_day(entry("2611.90001", "stat.ML"), entry("2611.90002"), entry("2611.90003"))
        assert [(one.name, [found.paper.id for found in one.entries]) for one in day.sections] == [
            ("cs.LG", ["2611.90002", "2611.90003"]),
            ("stat.ML", ["2611.90001"]),
        ]

    def test_of_an_archive_are_its_categories_by_name(self):
        day = make_day(entry("2611.90001", "cs.LG"), entry("2611.90002", "cs.AI"), spec="cs")
        assert [section.name for section in day.sections] == ["cs.AI", "cs.LG"]


class TestUnitedFeeds:
    def test_show_a_paper_once_with_all_its_tags_and_the_most_points(self):
        first, second = make_request("cs.LG"), make_request("stat.ML")
        cross = make_paper(categories=("cs.LG", "stat.ML"), announce_type=AnnounceType.CROSS)
        contents = [
            make_content(first, Entry(paper=make_paper(), score=1, tags=("a",))),
            make_content(second, Entry(paper=cross, score=3, tags=("b", "a"))),
        ]
        day = compose_digest(DigestScope((first, second), "All", "digest"), one_day(WEDNESDAY), contents, papers=1)
        (section,) = day.sections
        (found,) = section.entries
        assert (found.score, found.tags, found.paper.announce_type) == (3, ("a", "b"), AnnounceType.NEW)

    def test_come_best_first(self):
        first, second = make_request("cs.LG"), make_request("stat.ML")
        contents = [
            make_content(first, entry("2611.90001", score=1)),
            make_content(second, entry("2611.90002", score=2)),
        ]
        day = compose_digest(DigestScope((first, second), "All", "digest"), one_day(WEDNESDAY), contents, papers=2)
        assert [one.paper.id for one in day.sections[0].entries] == ["2611.90002", "2611.90001"]


class TestDocument:
    def test_json_is_what_the_renderer_takes(self):
        summary = Summary(engine="qwen", language="zh", tldr="短")
        day = make_day(entry("2611.90001", summary=summary, tags=("Fruit",), score=2.5))
        digest = load_digest(digest_json(day))
        assert digest == build_digest(day)
        assert digest.entries[0].tags == ("cs.LG", "Fruit")
        assert json.loads(digest_json(day))["entries"][0]["summary"] == {
            "engine": "qwen",
            "language": "zh",
            "tldr": "短",
        }

    def test_is_dated_by_its_content_not_by_the_clock(self):
        assert build_digest(make_day(entry("2611.90001"), updated=NOON)).generated_at == NOON

    @pytest.mark.parametrize("layout", ["analysis", "toc", "tagged", "ranked"])
    def test_of_a_quiet_day_says_why(self, layout):
        day = quiet_period(feed_scope(make_request()), one_day(date(2026, 11, 15)), "no announcement: Sunday")
        assert "No announcement: Sunday.\n" in digest_markdown(day, layout).decode()

    def test_says_that_nothing_passed_the_filter(self):
        request = make_request()
        day = compose_digest(feed_scope(request), one_day(WEDNESDAY), [make_content(request)], papers=12)
        assert day.note == "nothing to show: none of the 12 papers of this day passes the filter"


class TestNeighbours:
    def test_pass_over_weekends_and_days_known_to_be_quiet(self):
        monday, friday = date(2026, 11, 16), date(2026, 11, 13)
        assert previous_day(monday) == friday
        assert next_day(friday, WEDNESDAY) == monday
        assert previous_day(monday, frozenset({friday})) == date(2026, 11, 12)
        holiday = date(2026, 11, 27)  # the day after Thanksgiving: passed over once arXiv has said so
        assert next_day(date(2026, 11, 26), date(2026, 12, 4)) == holiday
        assert next_day(date(2026, 11, 26), date(2026, 12, 4), frozenset({holiday})) == date(2026, 11, 30)

    def test_end_with_the_newest_and_with_the_first_day_of_arxiv(self):
        assert next_day(WEDNESDAY, WEDNESDAY) is None
        assert previous_day(date(1991, 8, 14)) is None


class TestFeedOfDays:
    def render(self, *days, format_name="json"):
        scope = days[0].scope
        return render_day_feed(
            days, scope, FORMATS[format_name].days(), self_url=f"{BASE}/digest/feed.{format_name}?feed=x", base_url=BASE
        )

    def golden_day(self):
        summary = Summary(engine="builtin", language="en", tldr="Sweet when $a<b$.")
        return make_day(
            entry("2611.90001", summary=summary, tags=("Fruit & <veg>",), score=2.5),
            Entry(paper=make_paper(id="hep-th/9901001", categories=("stat.ML",), title="<b>&amp; $O(N^2)$", authors=[f"A. {n}" for n in "BCDEFGHI"], code_url="https://github.com/a/b?c=1&d=2")),
        )  # fmt: skip

    @pytest.mark.parametrize("format_name", ["rss", "atom", "json"])
    def test_is_as_expected_byte_for_byte(self, format_name, assert_golden):
        assert_golden(f"digest_feed/days.{format_name}", self.render(self.golden_day(), format_name=format_name))

    @pytest.mark.parametrize("format_name", ["rss", "atom"])
    def test_reads_the_same_in_xml_as_in_json(self, format_name):
        item = json.loads(self.render(self.golden_day()))["items"][0]
        parsed = feedparser.parse(
            self.render(self.golden_day(), format_name=format_name), sanitize_html=False, resolve_relative_uris=False
        )
        (found,) = parsed.entries
        assert not parsed.bozo
        assert (found.id, found.link, found.title) == (item["id"], item["url"], item["title"])
        assert found.content[0].value == item["content_html"]
        assert datetime.fromtimestamp(timegm(found.published_parsed), UTC) == INSTANT

    def test_content_is_well_formed_and_links_only_whole_addresses(self):
        content = json.loads(self.render(self.golden_day()))["items"][0]["content_html"]
        tree = ET.fromstring(f"<div>{content}</div>")
        links = [element.get("href") for element in tree.iter("a")]
        assert all(link.startswith("https://") for link in links)
        assert f"{BASE}/digest/2026-11-18?spec=cs.LG%2Bstat.ML#stat.ML" in links
        assert "class" not in content
        assert "<details" not in content

    def test_keeps_an_items_identity_and_date_when_a_model_summary_arrives(self):
        later = INSTANT + timedelta(hours=5)
        written = Summary(engine="qwen", language="en", tldr="Better.", created=later)
        before = json.loads(self.render(make_day(entry("2611.90001"))))["items"][0]
        after = json.loads(self.render(make_day(entry("2611.90001", summary=written), updated=later)))["items"][0]
        assert (before["id"], before["date_published"]) == (after["id"], after["date_published"])
        assert "Better." in after["content_html"]
        assert after["date_modified"] > before["date_modified"]

    def test_tells_apart_the_same_day_of_different_feeds(self):
        ids = {
            json.loads(self.render(make_day(entry("2611.90001"), spec=spec)))["items"][0]["id"]
            for spec in ("cs.LG", "cs.LG+stat.ML")
        }
        assert ids == {
            "urn:arxiv-digest:day:2026-11-18:list/cs.LG",
            "urn:arxiv-digest:day:2026-11-18:list/cs.LG+stat.ML",
        }

    def test_has_no_item_for_a_day_without_entries(self):
        assert json.loads(self.render(make_day()))["items"] == []


class TestPagesOfALongDay:
    DAY = make_day(*(entry(f"2611.{number:05}", "stat.ML" if number % 3 else "cs.LG") for number in range(1, 71)))

    def page(self, number):
        return render_digest_page(self.DAY, PageSite("Papers", BASE), previous=None, following=None, number=number)

    def test_hold_each_paper_once(self):
        found = [ident for number in (1, 2, 3) for ident in re.findall(r'data-id="([^"]+)"', self.page(number))]
        assert found == [one.paper.id for section in self.DAY.sections for one in section.entries]

    def test_have_what_the_feed_of_days_links_to(self):
        content = day_item(self.DAY, BASE).content
        links = re.findall(r'/digest/2026-11-18\?(?:page=(\d)&amp;)?spec=cs\.LG%2Bstat\.ML#([^"]+)', content)
        assert len(links) == 70 + 2
        for number, anchor in links:
            assert f' id="{anchor}"' in self.page(int(number or 1))

    def test_lead_from_the_contents_to_where_a_section_begins(self):
        assert 'href="/digest/2026-11-18?spec=cs.LG%2Bstat.ML#cs.LG"' in self.page(2)
        assert 'href="#stat.ML"' in self.page(1)
        marks = re.findall(r' id="([^"]+)"', self.page(2))
        assert len(marks) == len(set(marks))

    def test_there_is_none_behind_the_last(self):
        with pytest.raises(NotFoundError, match="there is no page 4: these papers fill 3 pages"):
            self.page(4)
