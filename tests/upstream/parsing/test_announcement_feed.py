"""Announcement feeds: every usable paper, a refusal of everything else, and unions split as arXiv would."""

import json
import logging
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.models import AnnounceType, Author, Source
from digest.upstream.parsing.announcement_feed import AnnouncementFeed, parse_announcement_feed, split_by_context
from tests.builders import NOON, WEDNESDAY, make_paper
from tests.demo_arxiv.archive import EASTERN, Archive
from tests.demo_arxiv.site import respond

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
PREFIX = "arXiv:2611.00001v2 Announce Type: new \nAbstract: "
CATEGORIES = ("cs.CL", "cs.LG", "stat.ML", "math.AG", "astro-ph.CO", "q-bio.NC")


def make_item(**parts):
    """One `<item>`; None leaves an element out, values are text."""
    parts = {
        "title": "A title",
        "link": "https://arxiv.org/abs/2611.00001",
        "description": f"{PREFIX}We look at it.",
        "guid": "oai:arXiv.org:2611.00001v2",
        "category": ("cs.LG", "stat.ML"),
        "arxiv:announce_type": "new",
        "dc:creator": "Ada Quill, Bo Ferrer",
    } | parts
    elements = [
        f"<{name}>{escape(value)}</{name}>"
        for name, values in parts.items()
        if values is not None
        for value in ([values] if isinstance(values, str) else values)
    ]
    return f"<item>{''.join(elements)}</item>"


def make_feed(*items, title="cs.LG updates on arXiv.org", date="Wed, 18 Nov 2026 00:00:00 -0500", head=None):
    declaration = head or "<?xml version='1.0' encoding='UTF-8'?>"
    return (
        f"""{declaration}
        <rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
        <channel><title>{title}</title><link>http://rss.arxiv.org/rss/cs.LG</link><description>About</description>
        <pubDate>{date}</pubDate>{"".join(items)}</channel></rss>"""
    ).encode()


def only_paper(**parts):
    (paper,) = parse_announcement_feed(make_feed(make_item(**parts))).papers
    return paper


class TestPaper:
    def test_has_all_that_the_feed_tells(self):
        paper = only_paper(
            **{
                "title": "Fr\\'echet  means\n of <b>bold</b> & $0<r<1$",
                "description": f"{PREFIX}We look, $0<r<1$ & so on.\n  Code: https://github.com/ada/quill.",
                "dc:rights": "http://creativecommons.org/licenses/by/4.0/",
                "arxiv:DOI": "10.5555/a.1\n 10.5555/b.2",
                "arxiv:journal_reference": 'Z. f\\"ur   Phys. 1 (2026)',
            }
        )
        assert (paper.id, paper.version) == ("2611.00001", 2)
        assert paper.title == "Fréchet means of <b>bold</b> & $0<r<1$"
        assert paper.abstract == "We look, $0<r<1$ & so on.\n\nCode: https://github.com/ada/quill."
        assert paper.authors == (Author(name="Ada Quill"), Author(name="Bo Ferrer"))
        assert (paper.categories, paper.primary_category) == (("cs.LG", "stat.ML"), "cs.LG")
        assert (paper.announce_type, paper.announced) == (AnnounceType.NEW, WEDNESDAY)
        assert (paper.doi, paper.journal_ref) == ("10.5555/a.1 10.5555/b.2", "Z. für Phys. 1 (2026)")
        assert paper.license == "http://creativecommons.org/licenses/by/4.0/"
        assert paper.code_url == "https://github.com/ada/quill"
        assert not paper.withdrawn

    def test_may_lack_all_but_id_category_and_type(self):
        paper = only_paper(title=None, link=None, description=None, **{"dc:creator": None})
        assert (paper.title, paper.abstract, paper.authors) == ("", "", ())
        assert (paper.doi, paper.journal_ref, paper.license) == (None, None, None)

    @pytest.mark.parametrize("title", ["0", "None", "nan"])
    def test_a_title_that_looks_like_nothing_is_a_title(self, title):
        assert only_paper(title=title).title == title

    def test_an_old_id_keeps_its_archive(self):
        paper = only_paper(
            guid="oai:arXiv.org:hep-th/9901001v3", description="arXiv:hep-th/9901001v3 Announce Type: new \nAbstract: X"
        )
        assert (paper.id, paper.version, paper.abstract) == ("hep-th/9901001", 3, "X")

    def test_without_guid_the_link_tells_the_id_and_the_text_the_version(self):
        paper = only_paper(guid=None)
        assert (paper.id, paper.version) == ("2611.00001", 2)

    def test_without_its_element_the_text_tells_the_announce_type(self):
        assert only_paper(**{"arxiv:announce_type": None}).announce_type is AnnounceType.NEW

    def test_an_abstract_that_quotes_the_prefix_keeps_it(self):
        assert only_paper(description=f"{PREFIX}Of {PREFIX}X").abstract.startswith("Of arXiv:2611.00001v2 Announce")

    def test_a_notice_for_an_abstract_is_a_withdrawal(self):
        assert only_paper(description=f"{PREFIX}This paper has been withdrawn by the author.").withdrawn


class TestFeed:
    def test_keeps_the_order_and_each_id_once(self):
        ids = ["2611.00003", "2611.00001", "2611.00003", "2611.00002"]
        items = [make_item(guid=f"oai:arXiv.org:{ident}v1", title=f"Title {n}") for n, ident in enumerate(ids)]
        papers = parse_announcement_feed(make_feed(*items)).papers
        assert [(paper.id, paper.title) for paper in papers] == [
            ("2611.00003", "Title 0"),
            ("2611.00001", "Title 1"),
            ("2611.00002", "Title 3"),
        ]

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("Wed, 18 Nov 2026 00:00:00 -0500", WEDNESDAY),
            ("Wed, 18 Nov 2026 05:00:00 +0000", WEDNESDAY),
            ("Wed, 18 Nov 2026 04:59:59 GMT", WEDNESDAY - timedelta(days=1)),
            ("Wed, 15 Jul 2026 00:00:00 -0400", date(2026, 7, 15)),
        ],
    )
    def test_is_of_the_day_in_the_east_of_the_us(self, text, day):
        assert parse_announcement_feed(make_feed(date=text)).day == day

    def test_without_entries_is_a_day_without_announcement(self):
        assert parse_announcement_feed(make_feed()) == AnnouncementFeed(WEDNESDAY, ())

    @pytest.mark.parametrize(
        "unusable",
        [
            {"guid": None, "link": None},
            {"guid": "urn:x", "link": "https://arxiv.org/"},
            {"category": ()},
            {"category": ""},
            {"arxiv:announce_type": "absonly"},
            {"arxiv:announce_type": None, "description": "x"},
        ],
    )
    def test_leaves_an_unusable_entry_out_and_says_so(self, unusable, caplog):
        usable = make_item(guid="oai:arXiv.org:2611.00002v1")
        papers = parse_announcement_feed(make_feed(make_item(**unusable), usable)).papers
        assert [paper.id for paper in papers] == ["2611.00002"]
        assert "2026-11-18: 1 unusable entries left out: " in caplog.text

    def test_many_unusable_entries_make_one_line_in_the_log(self, caplog):
        items = [make_item(category=())] * 100 + [make_item()]
        parse_announcement_feed(make_feed(*items))
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert len(caplog.messages[0]) < 400

    @pytest.mark.parametrize(
        ("head", "encoding"),
        [
            ("<?xml version='1.0' encoding='UTF-8'?>", "utf-8-sig"),
            ("<?xml version='1.0' encoding='UTF-16'?>", "utf-16"),
            ("<?xml version='1.0' encoding='ISO-8859-1'?>", "iso-8859-1"),
            ("<?xml version='1.0' encoding='windows-1252'?>", "windows-1252"),
        ],
    )
    def test_may_come_in_another_encoding_that_it_names(self, head, encoding):
        payload = make_feed(make_item(title="Stühmer, été"), head=head).decode().encode(encoding)
        assert parse_announcement_feed(payload).papers[0].title == "Stühmer, été"


BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY c SYSTEM "file:///etc/passwd">]>"""


class TestGiants:
    """What is longer than arXiv takes is cut; the paper, and all others, stay."""

    @pytest.mark.parametrize("name", ["title", "dc:creator", "arxiv:journal_reference", "arxiv:DOI", "dc:rights"])
    @pytest.mark.parametrize("unit", ["{", "A, "])
    def test_one_text_is_cut_and_no_paper_lost(self, name, unit):
        began = time.process_time()
        feed = parse_announcement_feed(
            make_feed(
                make_item(**{name: unit * (400_000 // len(unit))}),
                make_item(guid="oai:arXiv.org:2611.00002v1", description=PREFIX.replace("00001", "00002")),
            )
        )
        assert [paper.id for paper in feed.papers] == ["2611.00001", "2611.00002"]
        assert len(feed.papers[0].model_dump_json()) < 4_000_000
        assert time.process_time() - began < 10

    def test_an_abstract_is_cut(self):
        assert len(only_paper(description=PREFIX + "{" * 400_000).abstract) == 300_000

    @pytest.mark.parametrize("version", ["v" + "1" * 5_000, "v" + "9" * 20])
    def test_a_version_of_too_many_digits_makes_no_id(self, version, caplog):
        odd = make_item(guid=f"oai:arXiv.org:2611.00003{version}", link="", description=f"arXiv:2611.00003{version} x")
        assert [paper.id for paper in parse_announcement_feed(make_feed(make_item(), odd)).papers] == ["2611.00001"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("payload", "reason"),
        [
            (b"", "empty body"),
            (b"  \n", "empty body"),
            (b"Rate exceeded.", "expected an XML document"),
            (b"<!DOCTYPE html><html><body>Backend unavailable</body></html>", "an HTML page"),
            (b"<html><body>Backend unavailable</body></html>", "an HTML page"),
            (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "expected an RSS channel"),
            (b"<rss version='2.0'/>", "expected an RSS channel"),
            (make_feed(title="Feed error for query: cs.XX"), "arXiv's feed service answers: About"),
            (make_feed(date=""), "expected the channel's pubDate, found ''"),
            (make_feed(date="soon"), "expected the channel's pubDate, found 'soon'"),
            (make_feed(date="Wed, 18 Nov 2026 00:00:00 -0000"), "expected the channel's pubDate"),
            (make_feed(date="Wed, 18 Nov 99999999999 00:00:00 GMT"), "expected the channel's pubDate"),
            (make_feed(make_item(title="&bad;")).replace(b"&amp;", b"&"), "well-formed"),
            (make_feed(make_item(title="\x01")), "well-formed"),
            (make_feed(make_item(title="café")).decode().encode("latin-1"), "well-formed"),
            (make_feed(make_item(title="X&c;"), head=BOMB).replace(b"&amp;", b"&"), "document type declaration"),
            (make_feed(make_item(title="X&c;"), head=OUTSIDE).replace(b"&amp;", b"&"), "document type declaration"),
            (make_feed(make_item(title="x" * 25_000_000)), "expected at most 12000000 bytes"),
            (make_feed() + b"<html>", "well-formed"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_body_that_is_no_feed_is_refused_whole(self, payload, reason):
        with pytest.raises(ParseError, match=reason.replace("(", r"\(")):
            parse_announcement_feed(payload)

    @given(st.floats(0, 1, exclude_max=True))
    def test_a_body_that_was_cut_anywhere_is_refused(self, fraction):
        payload = make_feed(make_item(), make_item(guid="oai:arXiv.org:2611.00002v1"))
        with pytest.raises(ParseError):
            parse_announcement_feed(payload[: int(len(payload) * fraction)])

    def test_entries_of_which_none_is_usable_are_no_quiet_day(self):
        with pytest.raises(ParseError, match="none of 2 entries has an id, a category and a known announce type"):
            parse_announcement_feed(make_feed(make_item(category=()), make_item(guid=None, link=None)))

    @given(st.binary(max_size=300))
    def test_any_bytes_are_a_feed_or_a_parse_error(self, payload):
        with pytest.raises(ParseError):
            parse_announcement_feed(payload)


def types_of(papers):
    return {paper.id: paper.announce_type for paper in papers}


REPLACED_AND_CROSS_LISTED = {"2510.04567", "2601.99201"}
"""On one day; a feed has each paper once, so a union tells the cross-list only, and not the replacement at home."""


def check_split(union, single):
    """Check the parts of *union* (contexts, feed) with the feed that *single* gives for one context.

    Returns:
        How many parts there were and how many of them were provisional.
    """
    contexts, feed = union
    listings = split_by_context(feed, contexts, NOON)
    assert tuple(listing.context for listing in listings) == contexts
    for listing in listings:
        assert (listing.day, listing.source, listing.asked) == (feed.day, Source.ANNOUNCEMENT_FEED, contexts)
        expected, found = types_of(single(listing.context).papers), types_of(listing.papers)
        expected = {
            ident: kind for ident, kind in expected.items() if ident in found or ident not in REPLACED_AND_CROSS_LISTED
        }
        if listing.provisional:  # it may hold more: papers that were cross-listed today into another part
            assert {kind for ident, kind in found.items() if ident not in expected} <= {AnnounceType.CROSS}
            found = {ident: kind for ident, kind in found.items() if ident in expected}
        assert found == expected
    return len(listings), sum(listing.provisional for listing in listings)


class TestSplit:
    def test_one_context_is_the_feed_itself(self):
        feed = AnnouncementFeed(WEDNESDAY, (make_paper(announce_type=AnnounceType.REPLACE, categories=("cs.AI",)),))
        (listing,) = split_by_context(feed, ("cs.LG",), NOON)
        assert listing.papers == feed.papers
        assert (listing.asked, listing.provisional, listing.fetched_at) == (("cs.LG",), False, NOON)

    @pytest.mark.parametrize(
        ("kind", "categories", "expected"),
        [
            ("new", ("cs.LG", "cs.CL"), {"cs.LG": "new", "cs.CL": "cross"}),
            ("new", ("cs.LG", "cs.AI"), {"cs.LG": "new"}),
            ("replace", ("cs.CL", "cs.LG"), {"cs.CL": "replace", "cs.LG": "replace-cross"}),
            ("replace-cross", ("cs.AI", "cs.LG"), {"cs.LG": "replace-cross"}),
            # Its home is asked for, and yet it is no new paper there: it is old and came to the other one today.
            ("cross", ("cs.LG", "cs.CL"), {"cs.CL": "cross"}),
            ("cross", ("cs.AI", "cs.CL"), {"cs.CL": "cross"}),
            ("new", ("math-ph", "math.MP", "cs.IT", "math.IT"), {}),
        ],
    )
    def test_gives_each_context_the_type_it_would_see(self, kind, categories, expected):
        feed = AnnouncementFeed(WEDNESDAY, (make_paper(announce_type=kind, categories=categories),))
        listings = split_by_context(feed, ("cs.CL", "cs.LG"), NOON)
        assert {one.context: one.papers[0].announce_type for one in listings if one.papers} == expected
        assert not any(one.provisional for one in listings)

    def test_follows_aliases(self):
        feed = AnnouncementFeed(WEDNESDAY, (make_paper(categories=("cs.SY", "math.IT")),))
        listings = split_by_context(feed, ("cs.IT", "eess.SY"), NOON)
        assert [one.papers[0].announce_type for one in listings] == ["cross", "new"]

    def test_an_old_paper_in_several_of_them_makes_them_provisional(self):
        new = make_paper(id="2611.00005", categories=("cs.LG",))
        old = make_paper(id="2510.00001", categories=("cs.AI", "cs.CL", "cs.LG"), announce_type="cross")
        listings = split_by_context(AnnouncementFeed(WEDNESDAY, (new, old)), ("cs.CL", "cs.LG", "stat.ML"), NOON)
        assert {one.context: one.provisional for one in listings} == {"cs.CL": True, "cs.LG": True, "stat.ML": False}

    def test_an_id_not_below_a_new_one_tells_that_the_paper_is_new_today(self):
        new = make_paper(id="2611.00005", categories=("cs.LG",))
        later = make_paper(id="2611.00006", categories=("cs.AI", "cs.CL", "cs.LG"), announce_type="cross")
        listings = split_by_context(AnnouncementFeed(WEDNESDAY, (new, later)), ("cs.CL", "cs.LG"), NOON)
        assert not any(one.provisional for one in listings)

    def test_an_old_style_id_is_older_than_any_other(self):
        new = make_paper(id="0704.0001", categories=("cs.LG",))
        old = make_paper(id="math/0611800", categories=("cs.AI", "cs.CL", "cs.LG"), announce_type="cross")
        listings = split_by_context(AnnouncementFeed(WEDNESDAY, (new, old)), ("cs.CL", "cs.LG"), NOON)
        assert all(one.provisional for one in listings)

    @settings(max_examples=60)
    @given(st.sets(st.sampled_from(CATEGORIES), min_size=2), st.integers(0, 6))
    def test_agrees_with_the_feed_of_each_category(self, contexts, age):
        now = datetime(2026, 11, 18, 12, tzinfo=EASTERN).astimezone(UTC) - timedelta(days=age)
        archive, contexts = Archive(), tuple(sorted(contexts))

        def feed(*names):
            return parse_announcement_feed(respond(archive, f"/rss/{'+'.join(names)}", now).body)

        check_split((contexts, feed(*contexts)), feed)


# Runs inside the collection's folder and writes one line a feed: [specification, text].
REPLICA_FEEDS = """
import json, subprocess, sys, time, urllib.request
server = subprocess.Popen([sys.executable, "-B", "serve.py", "--port", "0", "--today", sys.argv[1]], stdout=subprocess.PIPE, text=True)
try:
    line = server.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http")).rstrip("/.,")
    for spec in sys.argv[2:]:
        print(json.dumps([spec, urllib.request.urlopen(f"{url}/rss/{spec}").read().decode()]))
finally:
    server.terminate()
"""


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("day", "contexts"),
    [
        ("2026-01-27", ("cs.CL", "cs.LG", "stat.ML")),
        ("2026-01-29", ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "eess.IV", "eess.SY", "math-ph", "stat.ML")),
    ],
)
def test_unions_of_real_papers_agree_with_the_feed_of_each_category(day, contexts):
    replica = SHARED / "arxiv_replica"
    if not replica.exists():
        pytest.skip("the collection of real papers is not on this machine")
    command = [sys.executable, "-B", "-c", REPLICA_FEEDS, day, "+".join(contexts), *contexts]
    output = subprocess.run(command, cwd=replica, check=True, capture_output=True, text=True).stdout
    feeds = {spec: parse_announcement_feed(text.encode()) for spec, text in map(json.loads, output.splitlines())}
    parts, provisional = check_split((contexts, feeds["+".join(contexts)]), feeds.__getitem__)
    assert parts == len(contexts)
    assert provisional < parts
