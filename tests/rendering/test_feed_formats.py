"""RSS, Atom and JSON Feed: golden bytes, and what must hold for any papers, read back with an independent parser."""

import contextlib
import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from io import BytesIO

import feedparser
import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from digest import __version__
from digest.config.views import Compat, MathMode, Replacements
from digest.listings.states import ContextState, DayState
from digest.models import AnnounceType, Counts, Entry, Match, Nearest, Source, Summary
from digest.rendering.bodies import ORIGIN, placed
from digest.rendering.content import match_words
from digest.rendering.formats import FORMATS
from digest.reports.receipts import FeedReceipt, day_receipts
from digest.selection import LeftOut
from tests.builders import NOON, WEDNESDAY, make_document, make_paper, papers

TUESDAY = date(2026, 11, 17)
HOSTILE = '<script>alert(1)</script> & "quotes" ]]> $0<r<1$ &amp;'

ENTRIES = (
    Entry(
        paper=make_paper(
            title=r"A bound of $O(N^2)$ for $\sum_{i<n} x_i$",
            abstract="We bound it. It holds for $0<r<1$ and for Q&A.\n\nCode: https://github.com/ada/quill",
            comment="12 pages",
            journal_ref="Z. für Phys. 1 (2026)",
            doi="10.5555/a.1 10.5555/b.2",
            code_url="https://github.com/ada/quill",
        ),
        score=4.5,
        matches=(Match(rule="keyword", term="bound", field="title", points=4.5),),
        tags=("Bounds",),
        summary=Summary(engine="builtin", language="en", tldr="We bound it."),
    ),
    Entry(paper=make_paper(id="2611.90002", title=HOSTILE, abstract=HOSTILE, authors=("Eve <eve@example.org>",))),
    Entry(
        paper=make_paper(id="math/0611800", announce_type="cross", authors=(), abstract="", license=None, version=None)
    ),
    Entry(
        paper=make_paper(
            id="2611.90003",
            version=2,
            announced=TUESDAY,
            replaced=WEDNESDAY,
            withdrawn=True,
            authors=tuple(f"Author {n}" for n in range(40)),
        ),
        summary=Summary(
            engine="some-model",
            language="zh-CN",
            tldr="水果不存在。",
            title="论想象水果的味道",
            method="品尝。",
            created=datetime(2026, 11, 18, 9, 30, tzinfo=UTC),
        ),
    ),
)
RECEIPT = FeedReceipt(
    days=day_receipts(
        [
            ContextState(
                context="cs.LG",
                days={
                    WEDNESDAY: DayState(
                        mark="x",
                        held=Counts(new=3, cross=1),
                        announced=Counts(new=3, cross=1),
                        sources=(Source.ANNOUNCEMENT_FEED, Source.LISTING_PAGE),
                    )
                },
            )
        ],
        (WEDNESDAY, TUESDAY),
        frozenset({("cs.LG", TUESDAY)}),
    ),
    papers=9,
    shown=4,
    left_out=LeftOut(type=3, filter=2),
)


def render(name, document):
    return FORMATS[name].papers()(document)


def example(**overrides):
    return make_document(**{"entries": ENTRIES, "receipt": RECEIPT} | overrides)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("compat", Compat)
def test_golden(name, compat, assert_golden):
    body = render(name, example(compat=compat)).replace(__version__.encode(), b"VERSION")
    assert_golden(f"feeds/{compat}.{name}", body)


class Read:
    """What an independent parser makes of a feed: (id, title, summary, content) of each item."""

    def __init__(self, name, body):
        if name == "json":
            feed = json.loads(body)
            self.items = [
                (one["id"], one["title"], one.get("summary"), one.get("content_html")) for one in feed["items"]
            ]
            return
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, recover=False))
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        assert not parsed.bozo
        self.items = [
            (
                one.id,
                self.shown(name, one.title_detail),
                one.get("summary"),
                one.content[0].value if "content" in one else None,
            )
            for one in parsed.entries
        ]

    @staticmethod
    def shown(name, detail):
        """What a reader shows of a title: in Atom it may be declared as HTML."""
        return unescape(detail.value) if name == "atom" and detail.type == "text/html" else detail.value


def as_feedparser_reads(text):
    """What feedparser makes of *text*: it takes Latin-1 that happens to be UTF-8 for a mistake and puts it right."""
    if text is not None:
        with contextlib.suppress(UnicodeError):
            return text.encode("iso-8859-1").decode()
    return text


class TestLaws:
    @settings(max_examples=60)
    @given(st.lists(papers(), max_size=4, unique_by=lambda paper: paper.id))
    def test_any_papers_are_well_formed_and_the_same_in_all_formats(self, found):
        document = make_document(*found)
        rss, atom, json_feed = (Read(name, render(name, document)).items for name in FORMATS)
        assert [one[0] for one in json_feed] == [f"https://arxiv.org/abs/{paper.id}" for paper in found]
        for other in (rss, atom):
            assert [one[0] for one in other] == [one[0] for one in json_feed]
            assert [one[1].strip() for one in other] == [as_feedparser_reads(one[1].strip()) for one in json_feed]
            assert [one[3] for one in other] == [as_feedparser_reads(one[3]) for one in json_feed]

    @settings(max_examples=40)
    @given(papers())
    def test_no_text_of_a_paper_becomes_markup(self, paper):
        (item,) = Read("json", render("json", make_document(paper))).items
        tree = html5lib.parseFragment(item[3], treebuilder="lxml", namespaceHTMLElements=False)
        names = {element.tag for part in tree if not isinstance(part, str) for element in part.iter()}
        local = {str(name).rpartition("}")[2] for name in names}
        assert not local & {"script", "style", "iframe", "img", "details", "form", "svg"}
        links = [element for part in tree if not isinstance(part, str) for element in part.iter("a")]
        assert all(link.get("href").startswith("https://") and set(link.keys()) == {"href"} for link in links)

    @pytest.mark.parametrize("name", FORMATS)
    def test_the_same_document_gives_the_same_bytes_at_any_time(self, name):
        first = render(name, example())
        time.sleep(0.002)
        assert render(name, example()) == first

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_feed_without_entries_is_valid(self, name):
        assert Read(name, render(name, make_document())).items == []

    @pytest.mark.parametrize("name", FORMATS)
    def test_declares_utf8(self, name):
        body = render(name, example())
        assert "水果不存在。" in body.decode("utf-8")
        assert name == "json" or body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


def identities(name, document):
    return [one[0] for one in Read(name, render(name, document)).items]


@pytest.mark.parametrize("name", FORMATS)
class TestIdentity:
    def test_neither_version_nor_summary_nor_day_changes_it(self, name):
        paper = make_paper()
        later = paper.model_copy(
            update={"version": 3, "title": "Another", "replaced": WEDNESDAY, "categories": ("cs.AI",)}
        )
        summary = Summary(engine="m", language="en", tldr="x", created=NOON)
        documents = (make_document(paper), make_document(entries=(Entry(paper=later, summary=summary, score=3),)))
        assert identities(name, documents[0]) == identities(name, documents[1]) == ["https://arxiv.org/abs/2611.90001"]

    def test_of_compat_is_that_of_arxiv(self, name):
        found = identities(
            name, make_document(make_paper(version=2), make_paper(id="a/0001001", version=None), compat=Compat.ARXIV)
        )
        assert found == ["oai:arXiv.org:2611.90001v2", "oai:arXiv.org:a/0001001v1"]

    def test_a_replacement_may_be_an_item_of_its_own(self, name):
        replaced = make_paper(announce_type=AnnounceType.REPLACE, version=2)
        unknown = make_paper(announce_type=AnnounceType.REPLACE_CROSS, version=None)
        document = make_document(make_paper(), replaced, unknown, replacements=Replacements.NEW_ITEM)
        found = identities(name, document)
        assert found[:2] == ["https://arxiv.org/abs/2611.90001", "https://arxiv.org/abs/2611.90001v2"]
        assert len(set(found)) == 3


class TestDates:
    """Of the announcement, the evening before the day it is dated with, at 20:00 in New York."""

    def test_rss(self):
        channel = etree.fromstring(render("rss", example())).find("channel")
        assert parsedate_to_datetime(channel.findtext("pubDate", "")) == NOON
        assert parsedate_to_datetime(channel.findtext("lastBuildDate", "")) == NOON
        assert [item.findtext("pubDate") for item in channel.findall("item")] == [
            "Wed, 18 Nov 2026 01:00:00 +0000",
            "Wed, 18 Nov 2026 01:00:00 +0000",
            "Wed, 18 Nov 2026 01:00:00 +0000",
            "Tue, 17 Nov 2026 01:00:00 +0000",
        ]

    def test_atom_and_json_tell_updates_as_well(self):
        entries = feedparser.parse(BytesIO(render("atom", example()))).entries
        assert (entries[3].published, entries[3].updated) == ("2026-11-17T01:00:00+00:00", "2026-11-18T09:30:00+00:00")
        item = json.loads(render("json", example()))["items"][3]
        assert (item["date_published"], item["date_modified"]) == (entries[3].published, entries[3].updated)

    def test_an_earlier_summary_changes_nothing(self):
        summary = Summary(engine="m", language="en", created=NOON - timedelta(days=9))
        item = json.loads(render("json", make_document(entries=(Entry(paper=make_paper(), summary=summary),))))[
            "items"
        ][0]
        assert item["date_modified"] == item["date_published"]


DC = "{http://purl.org/dc/elements/1.1/}"
ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


class TestRss:
    items = property(lambda self: etree.fromstring(render("rss", example())).findall("channel/item"))

    def test_has_all_authors_in_one_element(self):
        creators = [item.findall(f"{DC}creator") for item in self.items]
        assert [len(found) for found in creators] == [1, 1, 0, 1]
        assert creators[0][0].text == "Ada Quill, Bo Ferrer"
        assert creators[3][0].text.count(",") == 39

    def test_describes_before_it_gives_the_content(self):
        for item in self.items:
            names = [child.tag for child in item]
            if "description" in names:
                assert names.index("description") < names.index(f"{CONTENT}encoded")
            assert f"{CONTENT}encoded" in names

    def test_keeps_the_elements_of_arxiv(self):
        item = self.items[0]
        assert item.findtext(f"{ARXIV}announce_type") == "new"
        assert item.findtext(f"{ARXIV}DOI") == "10.5555/a.1 10.5555/b.2"
        assert item.findtext(f"{ARXIV}journal_reference") == "Z. für Phys. 1 (2026)"
        assert item.findtext(f"{DC}rights") == "http://creativecommons.org/licenses/by/4.0/"
        assert [one.text for one in item.findall("category")] == ["cs.LG", "stat.ML", "Bounds"]

    def test_a_guid_is_a_permanent_link_where_it_is_an_address(self):
        assert {item.find("guid").get("isPermaLink") for item in self.items} == {"true"}
        compat = etree.fromstring(render("rss", example(compat=Compat.ARXIV)))
        assert {item.find("guid").get("isPermaLink") for item in compat.findall("channel/item")} == {"false"}

    def test_a_title_is_plain_text_that_cannot_be_taken_for_markup(self):
        body = render("rss", example())
        assert b"<title>&#x3C;script&gt;alert(1)&#x3C;/script&gt; &#x26; " in body
        assert self.items[1].findtext("title").startswith("<script>alert(1)</script> & ")

    def test_a_description_is_html_without_markup(self):
        descriptions = [item.findtext("description") for item in self.items]
        assert descriptions[0] == "We bound it."
        assert descriptions[1].startswith("&lt;script&gt;alert(1)&lt;/script&gt; &amp; ")
        assert "0 &lt; r &lt; 1" in descriptions[1]
        assert descriptions[2] == "On the Taste of Imaginary Fruit"

    def test_links_are_absolute_and_the_feed_names_itself(self):
        channel = etree.fromstring(render("rss", example())).find("channel")
        assert channel.findtext("link") == "https://papers.example.org/"
        link = channel.find(f"{ATOM}link[@rel='self']")
        assert (link.get("href"), link.get("type")) == ("https://papers.example.org/rss/cs.LG", "application/rss+xml")
        assert all(item.findtext("link").startswith("https://arxiv.org/abs/") for item in channel.findall("item"))


class TestAtom:
    tree = property(lambda self: etree.fromstring(render("atom", example())))

    def test_has_an_author_each(self):
        entries = self.tree.findall(f"{ATOM}entry")
        names = [[name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")] for entry in entries]
        assert names[0] == ["Ada Quill", "Bo Ferrer"]
        assert len(names[3]) == 40
        assert names[2]  # Atom asks for an author where arXiv names none

    def test_has_what_the_standard_asks_for(self):
        for parent in (self.tree, *self.tree.findall(f"{ATOM}entry")):
            for name in ("id", "title", "updated"):
                assert len(parent.findall(f"{ATOM}{name}")) == 1
        for entry in self.tree.findall(f"{ATOM}entry"):
            assert [link.get("rel") for link in entry.findall(f"{ATOM}link")] == ["alternate", "related"]
            assert entry.find(f"{ATOM}content").get("type") == "html"

    def test_tells_the_language_of_a_summary(self):
        languages = [
            entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in self.tree.findall(f"{ATOM}entry")
        ]
        assert languages == ["en", None, None, "zh-CN"]

    @pytest.mark.parametrize(
        ("title", "is_html"),
        [
            ("Fruit & more", False),
            ("If a < b and b > c", False),
            ("x<3 and AT & T", False),
            ("AT&T", True),
            ("Moves of &2; in Go", True),
            ("On <x> and </y>", True),
            ("&amp; again", True),
            ("<!-- nothing", True),
        ],
    )
    def test_declares_what_looks_like_markup(self, title, is_html):
        body = render("atom", make_document(make_paper(title=title, abstract=title)))
        for name in ("title", "summary"):
            found = etree.fromstring(body).find(f"{ATOM}entry/{ATOM}{name}")
            assert found.get("type") == ("html" if is_html else None)
            assert (unescape(found.text) if is_html else found.text) == title

    def test_the_title_of_a_feed_cannot_be_taken_for_markup(self):
        body = render("atom", make_document(title="On <x> & &2;"))
        assert b"<title>On &#x3C;x&gt; &#x26; &#x26;2;</title>" in body

    def test_texts_are_plain_in_the_form_of_arxivs_feed(self):
        body = render("atom", make_document(make_paper(title="On <x> &2;"), compat=Compat.ARXIV))
        title = etree.fromstring(body).find(f"{ATOM}entry/{ATOM}title")
        assert (title.get("type"), title.text) == (None, "On <x> &2;")

    def test_categories_have_the_scheme_and_names_of_arxivs_api(self):
        entry = Entry(paper=make_paper(categories=("cs.LG", "xx.YY"), withdrawn=True), tags=("Bounds",))
        root = etree.fromstring(render("atom", make_document(entries=(entry,))))
        assert [dict(one.attrib) for one in root.findall(f"{ATOM}entry/{ATOM}category")] == [
            {"term": "cs.LG", "scheme": "http://arxiv.org/schemas/atom", "label": "Machine Learning"},
            {"term": "xx.YY"},
            {"term": "Bounds"},
            {"term": "withdrawn"},
        ]


class TestIcons:
    base = "https://papers.example.org/root"

    def test_rss(self):
        body = render("rss", make_document(title="Fruit & more", base_url=self.base))
        image = etree.fromstring(body).find("channel/image")
        assert {child.tag: child.text for child in image} == {
            "url": f"{self.base}/apple-touch-icon.png",
            "title": "Fruit & more",
            "link": "https://papers.example.org/",
            "width": "88",
            "height": "88",
        }

    def test_atom(self):
        root = etree.fromstring(render("atom", make_document(base_url=self.base)))
        assert root.findtext(f"{ATOM}icon") == f"{self.base}/favicon.ico"
        assert root.findtext(f"{ATOM}logo") == f"{self.base}/apple-touch-icon.png"

    def test_json(self):
        feed = json.loads(render("json", make_document(base_url=self.base)))
        assert feed["icon"] == f"{self.base}/apple-touch-icon.png"
        assert feed["favicon"] == f"{self.base}/favicon.ico"

    @pytest.mark.parametrize("name", FORMATS)
    def test_without_an_address_there_are_none(self, name):
        assert b"icon" not in render(name, make_document())


@pytest.mark.parametrize("name", ["rss", "atom"])
@pytest.mark.parametrize(
    ("page", "linked"),
    [
        ("https://papers.example.org/list/cs.LG", "https://papers.example.org/list/cs.LG"),
        ("https://xn--bcher-kva.example/?q=a---b--", "https://xn-%2Dbcher-kva.example/?q=a-%2D-b-%2D"),
        (f"{ORIGIN}/list/cs.LG?title=a--b", "https://xn-%2Dbcher-kva.example/list/cs.LG?title=a-%2Db"),
    ],
)
def test_a_comment_tells_people_what_it_is_and_links_the_page(name, page, linked):
    body = placed(render(name, make_document(make_paper(), page_url=page)), "https://xn--bcher-kva.example")
    lines = body.split(b"\n")
    assert lines[0] == b"<?xml version='1.0' encoding='UTF-8'?>"
    assert lines[1].startswith(b"<!-- This is a web feed")
    assert lines[1].endswith(f" {linked} -->".encode())
    assert etree.fromstring(body) is not None


class TestJson:
    feed = property(lambda self: json.loads(render("json", example())))

    def test_has_what_the_standard_asks_for(self):
        assert self.feed["version"] == "https://jsonfeed.org/version/1.1"
        assert self.feed["feed_url"] == "https://papers.example.org/rss/cs.LG"
        for item in self.feed["items"]:
            assert item["id"]
            assert item["content_html"] or item["content_text"]
            datetime.fromisoformat(item["date_published"])

    def test_tells_what_other_formats_have_no_place_for(self):
        own = self.feed["items"][0]["_arxiv"]
        assert own["announce_type"] == "new"
        assert own["primary_category"] == "cs.LG"
        assert own["links"]["pdf"] == "https://arxiv.org/pdf/2611.90001"
        assert own["score"] == 4.5
        assert own["matches"][0]["term"] == "bound"

    def test_tells_the_language_of_a_summary(self):
        assert [item.get("language") for item in self.feed["items"]] == ["en", None, None, "zh-CN"]


class TestContent:
    def text_of(self, **overrides):
        return json.loads(render("json", example(**overrides)))["items"]

    def test_says_which_example_an_entry_resembles(self):
        near = Nearest(title="Bounds for $x<y$", link="https://arxiv.org/abs/2611.90009", words=("bound", "<b>"))
        matches = (
            Match(rule="like", term="2611.90009", field="abstract", points=4.5, nearest=near),
            Match(rule="dislike", term="key", field="abstract", points=-1, nearest=Nearest(title="A & B")),
        )
        (item,) = self.text_of(entries=(ENTRIES[0].model_copy(update={"matches": matches}),))
        content = item["content_html"]
        assert 'like <a href="https://arxiv.org/abs/2611.90009"><em>Bounds for ' in content
        assert "</em></a> (bound, &lt;b&gt;) +4.5, unlike what you want: <em>A &amp; B</em> -1 (score" in content
        assert item["_arxiv"]["matches"][0]["nearest"] == near.model_dump(mode="json")
        assert "link" not in item["_arxiv"]["matches"][1]["nearest"]
        assert match_words(matches[1]) == "unlike what you want: “A & B” -1"

    def test_repeats_authors_categories_links_and_why_it_matched(self):
        content = self.text_of()[0]["content_html"]
        for part in (
            "Ada Quill, Bo Ferrer",
            "cs.LG, stat.ML",
            'href="https://arxiv.org/abs/2611.90001"',
            'href="https://arxiv.org/pdf/2611.90001"',
            'href="https://arxiv.org/html/2611.90001"',
            'href="https://github.com/ada/quill"',
            'href="https://doi.org/10.5555/b.2"',
            "bound",
            "+4.5",
            "12 pages",
        ):
            assert part in content

    def test_a_withdrawn_paper_says_so(self):
        item = self.text_of()[3]
        assert item["title"].startswith("[withdrawn] ")
        assert "withdrawn" in item["content_html"]
        assert "withdrawn" in item["tags"]

    def test_a_long_list_of_authors_is_shortened_there_but_whole_beside_it(self):
        item = self.text_of()[3]
        assert "Author 39" not in item["content_html"] or "Author 20" not in item["content_html"]
        assert len(item["authors"]) == 40

    @pytest.mark.parametrize(("mode", "shown"), [(MathMode.TEX, r"$\frac{a}{b}$"), (MathMode.MATHML, "<mfrac>")])
    def test_math_is_shown_as_the_feed_asks(self, mode, shown):
        document = make_document(make_paper(abstract=r"Let $\frac{a}{b}$ be."), math=mode)
        content = json.loads(render("json", document))["items"][0]["content_html"]
        assert shown in content

    def test_text_that_looks_like_markup_survives_every_escape(self):
        for name in FORMATS:
            body = render(name, make_document(make_paper(title="x", abstract="We ask for $0<r<1$ & more <b>here</b>.")))
            (item,) = Read(name, body).items
            plain = re.sub(r"<[^<>]+>", "", item[3])
            assert "more &lt;b&gt;here&lt;/b&gt;." in plain


class TestReceipt:
    def test_stands_in_each_format(self):
        own = json.loads(render("json", example()))["_arxiv"]["receipt"]
        assert (own["shown"], own["papers"]) == (4, 9)
        for name in ("rss", "atom"):
            root = etree.fromstring(render(name, example()))
            (receipt,) = [one for one in root.iter() if str(one.tag).endswith("}receipt")]
            assert (receipt.get("shown"), receipt.get("papers"), receipt.get("left-out-by-filter")) == ("4", "9", "2")
            assert [(day.get("date"), day.get("status")) for day in receipt] == [
                ("2026-11-18", "complete"),
                ("2026-11-17", "filling"),
            ]
