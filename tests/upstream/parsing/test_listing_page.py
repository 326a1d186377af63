"""arXiv's listing and catch-up pages: every entry, its type, the day and the totals, or a refusal."""

import json
import logging
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv.taxonomy import name_of
from digest.errors import InputError, ParseError, UnknownContextError
from digest.models import Counts, Listing, Paper, Source
from digest.upstream.parsing.listing_page import ListingPage, join_pages, parse_listing_page

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
NOW = datetime(2026, 1, 29, 14, 30, tzinfo=UTC)
HEADINGS = {"new": "New", "cross": "Cross", "replace": "Replacement"}


def make_entry(
    ident="2601.00001",
    *,
    section="new",
    title="A title",
    authors="",
    subjects=("cs.LG",),
    abstract="<p class='mathjax'>\n An abstract.\n </p>",
    extra="",
    html_version=None,
    href=None,
):
    """One `<dt>`/`<dd>` pair in arXiv's shape; texts are markup, as on the page."""
    html_link = f', <a href="https://arxiv.org/html/{ident}v{html_version}" title="View HTML">html</a>'
    primary, *others = (f"{name_of(code)} ({code})" for code in subjects)
    return (
        section,
        f"""<a href ="{href or "/abs/" + ident}" title="Abstract" id="{ident}">
        arXiv:{ident}
      </a>
          (note)
        [<a href="/pdf/{ident}" title="Download PDF">pdf</a>{html_link if html_version else ""}]
    </dt>
    <dd>
      <div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span>
          {title}
        </div>
        <div class='list-authors'>{authors}</div>
        {extra}
        <div class='list-subjects'><span class='descriptor'>Subjects:</span>
          <span class="primary-subject">{primary}</span>{"".join("; " + other for other in others)}
        </div>
        {abstract}
      </div>
    </dd>""",
    )


def make_page(entries=(), *, kind="listing", context="cs.LG", skip=0, totals=None):
    """A page of entries from number `skip + 1` on; `totals` by section where more exist than are shown."""
    shown = Counter(section for section, _ in entries)
    totals = totals or dict(shown)
    total = sum(totals.values())
    if kind == "listing":
        top = f"""<h1>{name_of(context)}</h1>
<p>See <a href="/list/{context}/recent">recent</a> articles</p>
<h3>Showing new listings for Thursday, 29 January 2026</h3>
<div class='paging'>Total of {total} entries</div>"""
        top = top if entries else top.partition("<div")[0] + "<p>No updates today.</p>"
    else:
        top = f"""<h1>Catchup results for {name_of(context)} on Wed, 28 Jan 2026</h1>
    <div>
      Total of {total} entries for Wed, 28 Jan 2026
    </div>"""
    number, body = skip, ""
    for section, heading in HEADINGS.items():
        rows = [text for name, text in entries if name == section]
        if rows:
            body += f"<dl id='articles'><h3>{heading} submissions "
            how = "showing" if shown[section] == totals[section] else "continued, showing last"
            body += f"({how} {len(rows)} of {totals[section]} entries)</h3>"
            for row in rows:
                number += 1
                body += f"<dt><a name='item{number}'>[{number}]</a>{row}"
            body += "</dl>"
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><title>Machine Learning</title></head><body><div id='content'>"
        f"<div id='content-inner'><div id='dlpage'>{top}{body}</div></div></div></body>\n\n</html>"
    ).encode()


def parse(payload, context="cs.LG", skip=0) -> ListingPage:
    return parse_listing_page(payload, context=context, fetched_at=NOW, skip=skip)


def read_one(context="cs.LG", **fields) -> Paper:
    (paper,) = parse(make_page([make_entry(**fields)], context=context), context).listing.papers
    return paper


def link(name):
    return f'<a href="https://arxiv.org/search/cs?searchtype=author&amp;query=X">{name}</a>'


def test_a_listing_page_has_its_day_and_totals():
    entries = [
        make_entry("2601.00001"),
        make_entry("2601.00002"),
        make_entry("2601.00003", section="cross", subjects=["math.OC", "cs.LG"]),
        make_entry("2512.00001", section="replace"),
        make_entry("2512.00002", section="replace", subjects=["stat.ML", "cs.LG"]),
    ]
    page = parse(make_page(entries))
    listing = page.listing
    assert listing == Listing(
        context="cs.LG",
        day=date(2026, 1, 29),
        papers=listing.papers,
        source=Source.LISTING_PAGE,
        announced=Counts(new=2, cross=1, replace=1, replace_cross=1),
        asked=("cs.LG",),
        fetched_at=NOW,
    )
    assert [(paper.id, paper.announce_type.value) for paper in listing.papers] == [
        ("2601.00001", "new"),
        ("2601.00002", "new"),
        ("2601.00003", "cross"),
        ("2512.00001", "replace"),
        ("2512.00002", "replace-cross"),
    ]
    assert {paper.announced for paper in listing.papers} == {listing.day}
    assert [paper.replaced for paper in listing.papers] == [None, None, None, listing.day, listing.day]
    assert (page.total, page.first, page.shown, page.next_skip, page.is_whole) == (5, 1, 5, None, True)


def test_a_catch_up_page_is_told_from_a_listing_page():
    listing = parse(make_page([make_entry()], kind="catch-up")).listing
    assert listing.source is Source.CATCH_UP_PAGE
    assert listing.day == date(2026, 1, 28)


@pytest.mark.parametrize("kind", ["listing", "catch-up"])
def test_a_page_without_entries_is_a_listing_without_papers(kind):
    page = parse(make_page(kind=kind))
    assert page.listing.papers == ()
    assert page.listing.announced == Counts()
    assert page.next_skip is None


def test_all_fields_of_an_entry_are_read():
    paper = read_one(
        ident="hep-th/9901001",
        title="Bounds for $a&lt;b$ &amp; more",
        authors=f"{link('Ada Lovelace')} (London), {link('Plato')}",
        subjects=["cs.LG", "cond-mat.dis-nn", "hep-th"],
        extra="<div class='list-comments mathjax'><span class='descriptor'>Comments:</span> 12 pages </div>"
        "<div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span> J. X 1 (2026) </div>",
        html_version=3,
    )
    assert paper.id == "hep-th/9901001"
    assert paper.version == 3
    assert paper.title == "Bounds for $a<b$ & more"
    assert [(author.name, author.affiliation) for author in paper.authors] == [
        ("Ada Lovelace", "London"),
        ("Plato", None),
    ]
    assert paper.categories == ("cs.LG", "cond-mat.dis-nn", "hep-th")
    assert paper.primary_category == "cs.LG"
    assert (paper.comment, paper.journal_ref) == ("12 pages", "J. X 1 (2026)")
    assert paper.abstract == "An abstract."
    assert not paper.withdrawn


def test_what_the_page_lacks_is_none():
    paper = read_one(abstract="<p class='mathjax'> </p>", authors="(author list is unavailable)")
    assert (paper.abstract, paper.authors) == ("", ())
    assert (paper.version, paper.comment, paper.journal_ref, paper.doi, paper.published) == (None,) * 5


def test_hidden_addresses_come_back_and_breaks_become_paragraphs():
    paper = read_one(
        abstract="""<p class='mathjax'>Code at
 <a href="https://github.com/x/y?a=1&amp;b=2" class="link-external">this https URL</a>.
<br>See <a href="https://arxiv.org/abs/2501.00001">arXiv:2501.00001</a>,
doi:<a href="https://doi.org/10.1/x" data-doi="10.1/x">https://doi.org/10.1/x</a>
and <a href="http://www.example.org">this http URL</a>.</p>"""
    )
    assert paper.abstract == (
        "Code at https://github.com/x/y?a=1&b=2.\n\nSee arXiv:2501.00001, doi:10.1/x and http://www.example.org."
    )
    assert paper.code_url == "https://github.com/x/y"


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (
            f"{link('Ada Lovelace')}, Lin, {link('Plato')}",
            ["Ada Lovelace", "Lin", "Plato"],
        ),  # the shortest have no link
        (f"Can (Sam){link('Chen')}, {link('B. Two')}", ["Can (Sam) Chen", "B. Two"]),
        (f"{link('ATLAS Collaboration')}: {link('G. Aad')}, ", ["ATLAS Collaboration", "G. Aad"]),
        (f"{link('A. One')} (1), {link('B. Two')} (2) ((1) X, Y, (2) Z)", ["A. One", "B. Two"]),
    ],
)
def test_author_lists_are_read_with_and_without_links(authors, names):
    assert [author.name for author in read_one(authors=authors).authors] == names


def test_a_withdrawn_paper_is_marked():
    comment = "<div class='list-comments mathjax'>This paper has been withdrawn by the author</div>"
    assert read_one(section="replace", extra=comment).withdrawn


@pytest.mark.parametrize(
    ("context", "primary", "expected"),
    [
        ("cs", "cs.LG", "replace"),
        ("cs", "stat.ML", "replace-cross"),
        ("eess.SY", "cs.SY", "replace"),
        ("math.IT", "cs.IT", "replace"),
        ("hep-th", "hep-th", "replace"),
        ("physics", "quant-ph", "replace-cross"),
    ],
)
def test_a_replacement_is_cross_where_its_primary_category_is_elsewhere(context, primary, expected):
    assert read_one(context, section="replace", subjects=[primary, "cs.RO"]).announce_type.value == expected


def test_an_alias_is_read_as_the_canonical_context():
    listing = parse(make_page([make_entry(subjects=["cs.IT"])], context="cs.IT"), "math.IT").listing
    assert (listing.context, listing.asked) == ("cs.IT", ("cs.IT",))


@given(st.text(st.sampled_from('<>"ab/!=[]x0'), min_size=1))
def test_what_looks_like_markup_in_a_title_stays_text(title):
    assert read_one(title="x" + escape(title) + "x").title == f"x{title}x"


def test_an_entry_without_id_is_left_out_and_logged_but_still_announced(caplog):
    with caplog.at_level(logging.WARNING):
        page = parse(make_page([make_entry("2601.00001"), make_entry("2601.00002", href="/abs/none-such")]))
    assert [paper.id for paper in page.listing.papers] == ["2601.00001"]
    assert page.listing.announced == Counts(new=2)
    assert "none-such" in caplog.text


WHOLE = make_page([make_entry(), make_entry("2601.00002", section="cross", subjects=["stat.ML", "cs.LG"])])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "HTML"),
        (b"Rate exceeded.", "Rate exceeded"),
        (b"<?xml version='1.0'?><rss></rss>", "HTML"),
        (b"<html><head><title>503 Backend fetch failed</title></head><body></body></html>", "503 Backend"),
        (b"<html></html>", "titled ''"),
        (WHOLE.replace(b"New submissions", b"Recent submissions"), "heading like"),
        (WHOLE.replace(b"showing 1 of 1", b"showing 2 of 2", 1), "expected 2 entries"),
        (WHOLE.replace(b"showing 1 of 1", b"showing 1 of 9", 1), "10 by section"),
        (WHOLE.replace(b"Total of 2", b"Total of 1"), "expected 1 entries"),
        (WHOLE.replace(b"Total of 2 entries", b""), "Total of"),
        (WHOLE.replace(b"29 January", b"31 February"), "date"),
        (WHOLE.replace(b"January", b"Foo"), "date"),
        (WHOLE.replace(b"[1]", b"[2]"), "entry .1."),
        (make_page([make_entry()], skip=1, totals={"new": 2}), "entry .1."),
        (WHOLE.replace(b"class='mathjax'", b""), "abs=True"),
        (WHOLE.replace(b"/list/cs.LG/", b"/list/cs.AI/"), "got that of cs.AI"),
        (WHOLE.replace(b"/list/cs.LG/", b"/list/nope/"), "unknown category"),
        (WHOLE.replace(b"A title", "Tïtle".encode("latin-1")), "UTF-8"),
        (WHOLE.decode().encode("utf-16"), "UTF-8"),
        (WHOLE + b"x" * 32_000_000, "at most"),
    ],
)
def test_anything_else_is_refused_and_says_what_was_expected(payload, reason):
    with pytest.raises(ParseError, match=reason):
        parse(payload)


@given(st.integers(0, len(WHOLE) - 8))
def test_no_part_of_a_page_passes_for_the_whole(length):
    with pytest.raises(ParseError):
        parse(WHOLE[:length])


@given(st.integers(0, len(WHOLE)), st.integers(1, 400))
def test_a_page_with_a_hole_is_never_taken_for_a_smaller_day(start, length):
    try:
        page = parse(WHOLE[:start] + WHOLE[start + length :])
    except ParseError:
        return
    assert page.shown == 2 or page.next_skip == page.shown


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_parse_error(payload):
    with pytest.raises(ParseError):
        parse(payload)


def test_an_unknown_context_is_no_fault_of_the_page():
    with pytest.raises(UnknownContextError):
        parse(WHOLE, "cs.NOPE")


def make_pages(sizes):
    entries = [make_entry(f"2601.{n:05}") for n in range(1, 5)]
    entries += [make_entry("2601.00005", section="cross", subjects=["math.OC", "cs.LG"])]
    entries += [make_entry("2512.00006", section="replace"), make_entry("2512.00007", section="replace")]
    totals = {"new": 4, "cross": 1, "replace": 2}
    pages, skip = [], 0
    for size in sizes:
        pages.append(parse(make_page(entries[skip : skip + size], skip=skip, totals=totals), skip=skip))
        skip += size
    return pages


@pytest.mark.parametrize("sizes", [(3, 3, 1), (5, 2), (1, 1, 1, 1, 1, 1, 1)])
def test_pages_join_to_what_one_page_would_have_said(sizes):
    pages = make_pages(sizes)
    assert [page.next_skip for page in pages] == [*(sum(sizes[: n + 1]) for n in range(len(sizes) - 1)), None]
    assert all(page.listing.announced is None for page in pages)
    (whole,) = make_pages([7])
    assert join_pages(pages) == join_pages(pages[::-1]) == whole.listing == join_pages([whole])


def test_pages_that_do_not_belong_together_are_refused():
    pages = make_pages([3, 3, 1])
    other_day = parse(make_page([make_entry()], kind="catch-up", skip=6, totals={"new": 7}), skip=6)
    for wrong in (pages[:2], pages[1:], [pages[0], pages[2]], [pages[0], *pages], [*pages[:2], other_day]):
        with pytest.raises(ParseError):
            join_pages(wrong)
    with pytest.raises(InputError):
        join_pages([])


REPLICA_PAGES = """
import json, sys
from datetime import date
from clock import Clock, parse_now
from pages import Pages
from store import Store
store = Store(["data/days", "data/edge"])
pages = Pages(store, Clock(parse_now("2026-01-29")))
for context in sys.argv[1:]:
    for day in ("2026-01-24", "2026-01-29"):
        body, _ = pages.catchup(context, day, {"abs": "True"})
        wanted = pages.subject(context)[2]
        rows = pages._rows(date.fromisoformat(day), wanted, date(2026, 1, 29))
        print(json.dumps([context, day, body.decode(), [[kind, paper.id] for kind, paper, _ in rows]]))
body, _ = pages.listing("cs.LG", "new", {})
print(json.dumps(["cs.LG", "2026-01-29", body.decode(), None]))
"""


@pytest.mark.parametrize(
    "element",
    [
        "<div " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</div>",
        "<div " + " ".join(f"a{n}='>'" for n in range(60_000)) + ">x</div>",
        "<p class='mathjax' " + "a " * 5_000 + ">x</p>",
        '<div a=">' + " b" * 10_000 + '">x</div>',
    ],
)
def test_an_element_that_would_take_minutes_is_refused(element):
    began = time.process_time()
    with pytest.raises(ParseError, match="longer than any of arXiv's"):
        parse(make_page([make_entry(extra=element)]))
    assert time.process_time() - began < 2


def test_giants_are_cut_and_the_paper_stays():
    page = make_page([make_entry(title="{" * 400_000, abstract=f"<p class='mathjax'>{'{' * 400_000}</p>")])
    (paper,) = parse(page).listing.papers
    assert 299_000 < len(paper.title) <= len(paper.abstract) == 300_000


@pytest.mark.parametrize("digits", ["1" * 5_000, "1" * 10])
def test_a_total_of_too_many_digits_is_refused(digits):
    body = make_page([make_entry()])
    with pytest.raises(ParseError):
        parse(body.replace(b"Total of 1", b"Total of " + digits.encode()))


@pytest.mark.end_to_end
def test_real_days_are_read_to_the_last_entry():
    """Over thousands of real papers: every entry, in order, under its type."""
    replica = SHARED / "arxiv_replica"
    if not replica.exists():
        pytest.skip("the collection of real papers is not on this machine")
    contexts = ["cs", "eess.SY", "math", "astro-ph", "physics", "hep-th"]
    command = [sys.executable, "-B", "-W", "ignore", "-c", REPLICA_PAGES, *contexts]
    output = subprocess.run(command, cwd=replica, check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        context, day, body, expected = json.loads(line)
        listing = parse(body.encode(), context).listing
        assert listing.day == date.fromisoformat(day)
        found = [[paper.announce_type.value, paper.id] for paper in listing.papers]
        assert expected is None or found == expected
        by_type = Counter(kind for kind, _ in found)
        assert listing.announced == Counts(**{kind.replace("-", "_"): count for kind, count in by_type.items()})
        assert all(paper.title and paper.authors for paper in listing.papers if paper.id != "2601.99006")
