"""The stub arXiv answers as arXiv does, checked with independent parsers."""

import re
import socket
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import feedparser
import httpx
import pytest
from lxml import etree, html

from tests.demo_arxiv import DemoArxiv
from tests.demo_arxiv.archive import EASTERN
from tests.demo_arxiv.papers import WEEK

WEDNESDAY = date(2026, 11, 18)
SATURDAY = date(2026, 11, 21)
WEEKDAYS = [WEDNESDAY - timedelta(days=age) for age in (0, 1, 2, 5, 6)]
CATEGORIES = ["cs.LG", "cs.CL", "stat.ML", "math.AG", "astro-ph.CO", "q-bio.NC"]
ALL = "+".join(CATEGORIES)


@pytest.fixture
def arxiv():
    with DemoArxiv(today=WEDNESDAY) as running:
        yield running


@pytest.fixture
def client(arxiv):
    with httpx.Client(base_url=arxiv.url, trust_env=False, verify=False, timeout=5) as opened:
        yield opened


def parse_feed(response, status=200):
    assert response.status_code == status
    parsed = feedparser.parse(response.content, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo
    return parsed


def feed_types(client, spec, kind="rss"):
    """Return {id: announce type} of a feed, in its order."""
    entries = parse_feed(client.get(f"/{kind}/{spec}")).entries
    return {entry.id.removeprefix("oai:arXiv.org:").partition("v")[0]: entry.arxiv_announce_type for entry in entries}


def page_types(response):
    """Return {id: announce type} of a listing or catch-up page after checking that its counts add up."""
    assert response.status_code == 200
    tree = html.fromstring(response.text)
    found, sections = {}, tree.xpath("//dl[@id='articles']")
    for section in sections:
        heading = section.findtext(".//h3")
        name, shown, total = re.fullmatch(r"(\w+) submissions \(showing (\d+) of (\d+) entries\)", heading).groups()
        ids = section.xpath(".//dt/a[@title='Abstract']/@id")
        assert len(ids) == len(section.xpath(".//dd")) == int(shown) == int(total)
        found |= dict.fromkeys(ids, {"New": "new", "Cross": "cross", "Replacement": "replace"}[name])
    stated = re.search(r"Total of (\d+) entries", tree.text_content())
    assert len(found) == (int(stated[1]) if stated else 0)
    return found


def api_ids(client, **parameters):
    parsed = parse_feed(client.get("/api/query", params={"max_results": 100} | parameters))
    return [entry.id.removeprefix("http://arxiv.org/abs/") for entry in parsed.entries]


class TestPapers:
    def test_are_about_sixty_in_six_categories(self):
        primaries = Counter(paper.categories.split()[0] for papers in WEEK for paper in papers)
        assert set(primaries) == set(CATEGORIES)
        assert 55 <= primaries.total() <= 65

    def test_have_titles_of_their_own_and_abstracts_of_several_sentences(self):
        papers = [paper for day in WEEK for paper in day]
        assert len({paper.title for paper in papers}) == len(papers)
        sentences = [len(re.findall(r"[.?!。](?=\s|$)|。", paper.abstract)) for paper in papers]
        assert min(sentences) >= 4
        assert max(sentences) <= 9

    @pytest.mark.parametrize("day", WEEKDAYS)
    def test_every_weekday_has_some_in_every_category(self, arxiv, client, day):
        arxiv.now = datetime(day.year, day.month, day.day, 12, tzinfo=EASTERN)
        assert all("new" in feed_types(client, category).values() for category in CATEGORIES)

    def test_the_week_holds_every_kind_of_announcement(self, client):
        kinds = Counter()
        for day in WEEKDAYS:
            for category in CATEGORIES:
                kinds.update(page_types(client.get(f"/catchup/{category}/{day}")).values())
        assert set(kinds) == {"new", "cross", "replace"}

    def test_ids_stay_when_days_pass(self, arxiv, client):
        today = feed_types(client, ALL)
        arxiv.now = datetime(2026, 11, 20, 12, tzinfo=EASTERN)
        assert page_types(client.get(f"/catchup/cs.LG/{WEDNESDAY}")).keys() <= today.keys()
        assert list(feed_types(client, ALL)) != list(today)


class TestFeeds:
    def test_rss_has_the_parts_of_arxivs_feed(self, client):
        response = client.get("/rss/stat.ML")
        assert response.headers["content-type"] == "application/rss+xml"
        assert response.headers["cache-control"] == f"max-age={12 * 3600}"
        channel = etree.fromstring(response.content).find("channel")
        assert channel.findtext("title") == "stat.ML updates on arXiv.org"
        assert channel.findtext("pubDate") == "Wed, 18 Nov 2026 00:00:00 -0500"
        assert sorted(channel.xpath("skipDays/day/text()")) == ["Saturday", "Sunday"]
        for item in channel.findall("item"):
            ident = item.findtext("link").removeprefix("https://arxiv.org/abs/")
            prefix = r"arXiv:(\S+?)v(\d+) Announce Type: (\S+) \nAbstract: "
            shown, version, kind = re.match(prefix, item.findtext("description")).groups()
            assert shown == ident
            assert item.findtext("guid") == f"oai:arXiv.org:{ident}v{version}"
            assert item.findtext("{http://arxiv.org/schemas/atom}announce_type") == kind
            assert item.findtext("pubDate") == channel.findtext("pubDate")
            assert len(item.findall("{http://purl.org/dc/elements/1.1/}creator")) == 1
            assert "stat.ML" in item.xpath("category/text()")

    def test_atom_holds_the_same_entries(self, client):
        rss, atom = (parse_feed(client.get(f"/{kind}/{ALL}")).entries for kind in ("rss", "atom"))
        for one, other in zip(rss, atom, strict=True):
            assert (one.id, one.title, one.summary) == (other.id, other.title, other.summary)
            assert [tag.term for tag in one.tags] == [tag.term for tag in other.tags]
            assert other.published == "2026-11-18T00:00:00-05:00"

    def test_text_with_markup_characters_survives(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 16, 12, tzinfo=EASTERN)
        texts = [entry.summary + entry.title for entry in parse_feed(client.get(f"/rss/{ALL}")).entries]
        assert any("$0.3<z<1.5$" in text for text in texts)
        assert any("Q&A" in text for text in texts)

    def test_types_of_a_union_follow_the_primary_category(self, client):
        alone, union = feed_types(client, "stat.ML"), feed_types(client, "cs.LG+stat.ML")
        primaries = {
            entry.id.removeprefix("oai:arXiv.org:").partition("v")[0]: entry.tags[0].term
            for entry in parse_feed(client.get(f"/rss/{ALL}")).entries
        }
        assert alone.keys() < union.keys()
        for ident, kind in union.items():
            own = primaries[ident] in {"cs.LG", "stat.ML"}
            assert kind in ({"new", "replace"} if own else {"cross", "replace-cross"})
        assert any(alone[ident] == "cross" and union[ident] == "new" for ident in alone)

    def test_an_archive_is_all_of_its_categories(self, client):
        assert feed_types(client, "cs").items() >= feed_types(client, "cs.LG+cs.CL").items()

    def test_a_late_cross_list_is_a_cross_even_beside_its_primary(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 19, 12, tzinfo=EASTERN)
        (ident,) = [i for i, kind in feed_types(client, "math.CO").items() if i.startswith("2611.916")]
        assert feed_types(client, "math.CO+math.AG")[ident] == "cross"
        assert ident not in feed_types(client, "math.AG")
        assert ident in feed_types(client, "math")
        assert ident not in page_types(client.get("/list/math/new"))

    def test_a_replacement_has_version_two(self, client):
        entries = parse_feed(client.get("/rss/cs.CL")).entries
        assert [e.id[-2:] for e in entries if e.arxiv_announce_type == "replace"] == ["v2"]

    def test_order_is_by_type_then_id(self, client):
        ranks = ["new", "cross", "replace", "replace-cross"]
        keys = [(ranks.index(kind), ident) for ident, kind in feed_types(client, "cs").items()]
        assert keys == sorted(keys)

    def test_case_does_not_matter(self, client):
        assert client.get("/rss/CS.lg+STAT.ml").content == client.get("/rss/cs.LG+stat.ML").content

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            ("cs.XX", "Bad subject class 'XX'."),
            ("cs.LG+nope", "Bad archive 'nope'."),
            ("cs.LG.x", "Bad archive/subject class structure"),
            ("cs.LG+", "Invalid archive specification"),
        ],
    )
    @pytest.mark.parametrize("kind", ["rss", "atom"])
    def test_an_unknown_part_is_a_400_with_an_empty_feed(self, client, kind, spec, message):
        parsed = parse_feed(client.get(f"/{kind}/{spec}"), status=400)
        assert not parsed.entries
        assert parsed.feed.title.startswith("Feed error for query: http://rss.arxiv.org/")
        assert parsed.feed.subtitle.startswith(message)

    def test_an_unusual_spec_is_escaped(self, client):
        assert not parse_feed(client.get("/rss/%3Cb%3E%22%26"), status=400).entries

    @pytest.mark.parametrize("kind", ["rss", "atom"])
    def test_is_empty_at_the_weekend(self, arxiv, client, kind):
        arxiv.now = datetime(2026, 11, 21, 12, tzinfo=EASTERN)
        assert feed_types(client, ALL, kind) == {}

    def test_is_empty_on_quiet_days(self):
        with DemoArxiv(today=WEDNESDAY, quiet_days=[WEDNESDAY]) as quiet:
            feed = httpx.get(f"{quiet.url}/rss/cs", trust_env=False)
            page = httpx.get(f"{quiet.url}/list/cs/new", trust_env=False)
        assert not parse_feed(feed).entries
        assert "Tuesday, 17 November 2026" in page.text


class TestPages:
    @pytest.mark.parametrize("category", CATEGORIES)
    def test_the_listing_page_agrees_with_the_feed(self, client, category):
        page = page_types(client.get(f"/list/{category}/new"))
        feed = {ident: kind.removesuffix("-cross") for ident, kind in feed_types(client, category).items()}
        assert list(page.items()) == list(feed.items())

    def test_the_listing_page_states_the_day_and_has_all_fields(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 16, 12, tzinfo=EASTERN)
        tree = html.fromstring(client.get("/list/astro-ph.CO/new").text)
        assert tree.findtext(".//h1") == "Cosmology and Nongalactic Astrophysics"
        assert "Showing new listings for Monday, 16 November 2026" in tree.xpath("//h3/text()")
        first = tree.xpath("//dd")[0]
        assert "$0.3<z<1.5$" in first.xpath("string(.//*[contains(@class, 'list-title')])")
        authors = first.xpath("string(.//div[@class='list-authors'])")
        assert len(first.xpath(".//div[@class='list-authors']/a")) == 100
        assert authors.endswith(", et al. (30 additional authors not shown)")
        assert "(astro-ph.CO)" in first.xpath("string(.//span[@class='primary-subject'])")
        assert "Catalogues & images" in first.xpath("string(.//p[@class='mathjax'])")

    def test_an_address_shows_as_a_link(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 16, 12, tzinfo=EASTERN)
        tree = html.fromstring(client.get("/list/cs.LG/new").text)
        (link,) = tree.xpath("//p[@class='mathjax']/a")
        assert (link.text, link.get("href")[:19]) == ("this https URL", "https://github.com/")

    def test_paragraphs_are_kept_apart(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 19, 12, tzinfo=EASTERN)
        assert "are given.\n  An appendix" in client.get("/rss/math.AG").text
        assert "are given.\n<br>An appendix" in client.get("/list/math.AG/new").text

    def test_accents_are_unicode_on_pages_and_tex_in_feeds(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 17, 12, tzinfo=EASTERN)
        page = client.get("/list/math.AG/new").text
        assert "Aurélie Sapinière" in page
        assert "à feuilles persistantes" in page
        assert r"Aur\'elie Sapini\`ere" in client.get("/rss/math.AG").text

    def test_the_listing_page_keeps_friday_over_the_weekend(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 22, 12, tzinfo=EASTERN)
        page = client.get("/list/cs.LG/new")
        assert "Friday, 20 November 2026" in page.text
        assert page_types(page)

    def test_the_listing_page_turns_four_hours_before_the_feed(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 18, 20, 0, tzinfo=EASTERN)
        assert "Thursday, 19 November 2026" in client.get("/list/cs.LG/new").text
        assert parse_feed(client.get("/rss/cs.LG")).feed.published.startswith("Wed, 18 Nov")

    def test_a_category_without_papers_has_a_page(self, client):
        response = client.get("/list/cs.GL/new")
        assert page_types(response) == {}
        assert "No updates today." in response.text

    def test_an_unknown_context_is_a_400(self, client):
        assert client.get("/list/nope/new").status_code == 400
        assert client.get("/catchup/cs.lg/2026-11-18").status_code == 400

    @pytest.mark.parametrize("day", WEEKDAYS)
    def test_catch_up_repeats_the_days_listing(self, arxiv, client, day):
        caught_up = client.get(f"/catchup/cs/{day}?abs=True")
        arxiv.now = datetime(day.year, day.month, day.day, 12, tzinfo=EASTERN)
        assert page_types(caught_up) == page_types(client.get("/list/cs/new")) != {}

    def test_catch_up_shows_papers_as_they_stand_now(self, arxiv, client):
        address = "/catchup/cs.LG/2026-11-18?abs=True"
        assert "Forgetting Skills Instead of Data" in client.get(address).text
        arxiv.now = datetime(2026, 11, 19, 12, tzinfo=EASTERN)
        assert "Forgetting Skills, Keeping Breakfast" in client.get(address).text

    def test_catch_up_has_abstracts_only_when_asked(self, client):
        with_abstracts, without = (client.get(f"/catchup/cs.LG/2026-11-18?abs={flag}") for flag in (True, False))
        assert with_abstracts.text.count("<p class='mathjax'>") == with_abstracts.text.count("<dd>") > 0
        assert "<p class='mathjax'>" not in without.text

    def test_catch_up_before_the_week_or_at_a_weekend_is_empty(self, client):
        assert page_types(client.get("/catchup/cs/2026-11-11?abs=True")) == {}
        assert page_types(client.get("/catchup/cs/2026-11-15?abs=True")) == {}

    @pytest.mark.parametrize("day", ["2026-08-01", "2026-11-19", "yesterday"])
    def test_catch_up_refuses_other_days(self, client, day):
        assert client.get(f"/catchup/cs/{day}?abs=True").status_code == 400

    def test_catch_up_redirects_aliases(self, client):
        response = client.get("/catchup/cs.SY/2026-11-18?abs=True")
        assert response.status_code == 301
        assert response.headers["location"] == "/catchup/eess.SY/2026-11-18?page=1&abs=True"


class TestPaperPages:
    def test_the_abstract_page_has_citation_tags(self, client):
        tree = html.fromstring(client.get("/abs/2611.91602").text)
        tags = [(tag.get("name"), tag.get("content")) for tag in tree.xpath("//meta[starts-with(@name, 'citation_')]")]
        assert ("citation_arxiv_id", "2611.91602") in tags
        assert [value for name, value in tags if name == "citation_author"] == [
            "Straßenfeld, Wilhelmina",
            "Wróblewicz, Łucja",
        ]

    def test_full_text_has_sections_or_is_missing(self, client):
        tree = html.fromstring(client.get("/html/2611.91601v1").text)
        assert tree.xpath("//section[@class='ltx_section']//p[@class='ltx_p']")
        assert client.get("/html/2611.91606v1").status_code == 404

    def test_the_pdf_is_one(self, client):
        response = client.get("/pdf/2611.91601")
        assert response.headers["content-type"] == "application/pdf"
        start = int(response.content.split()[-2])
        assert response.content[start:].startswith(b"xref")

    def test_the_pdf_of_a_withdrawn_version_is_missing(self, arxiv, client):
        arxiv.now = datetime(2026, 11, 21, 12, tzinfo=EASTERN)
        withdrawn = parse_feed(client.get("/api/query?search_query=co:withdrawn")).entries
        (ident,) = [entry.id.rpartition("/")[2] for entry in withdrawn]
        assert ident.endswith("v2")
        assert client.get(f"/pdf/{ident}").status_code == 404
        assert client.get(f"/pdf/{ident[:-1]}1").status_code == 200

    @pytest.mark.parametrize("ident", ["2611.91601v3", "2611.99999", "2611.91901", "hep-th/9901001", "x"])
    def test_what_is_not_there_is_a_404(self, client, ident):
        assert client.get(f"/abs/{ident}").status_code == 404


class TestQueryApi:
    def test_entries_have_the_parts_of_arxivs_api(self, client):
        parsed = parse_feed(client.get("/api/query?search_query=cat:q-bio.NC&max_results=2"))
        assert int(parsed.feed.opensearch_totalresults) > len(parsed.entries) == 2
        for entry in parsed.entries:
            assert re.fullmatch(r"http://arxiv\.org/abs/\d{4}\.\d{5}v\d", entry.id)
            assert entry.arxiv_primary_category["term"] == entry.tags[0].term
            assert entry.published <= entry.updated < "2026-11-18"
            assert entry.authors
            assert [link.get("title") for link in entry.links if link.type == "application/pdf"] == ["pdf"]

    def test_all_papers_of_the_week_are_there_once(self, client):
        ids = api_ids(client, search_query="cat:cs.* OR cat:stat.ML OR cat:math.AG OR cat:astro-ph.CO OR cat:q-bio.NC")
        assert len(ids) == len(set(ids)) == sum(map(len, WEEK))

    def test_pages_follow_each_other(self, client):
        whole = api_ids(client, search_query="cat:cs.LG")
        pages = [api_ids(client, search_query="cat:cs.LG", start=start, max_results=4) for start in range(0, 40, 4)]
        assert list(chain.from_iterable(pages)) == whole

    @pytest.mark.parametrize(
        ("query", "same_as"),
        [
            ("cat:cs.LG AND ti:tidal OR ti:beekeeper", "cat:cs.LG AND (ti:tidal OR ti:beekeeper)"),
            ("ti:tidal OR ti:beekeeper AND cat:math.AG", "ti:tidal OR (ti:beekeeper AND cat:math.AG)"),
            ("ti:tidal ti:beekeeper", "ti:tidal OR ti:beekeeper"),
            ("au:strassenfeld", "au:Straßenfeld"),
            ('ti:"tidal attention"', "ti:tidal AND ti:attention AND ti:forget"),
            ("(cat:cs.LG ANDNOT all:https)", "cat:cs.LG ANDNOT all:https"),
        ],
    )
    def test_booleans_group_from_the_right(self, client, query, same_as):
        assert api_ids(client, search_query=query) == api_ids(client, search_query=same_as) != []

    def test_andnot_leaves_out(self, client):
        everything, some = (api_ids(client, search_query=f"cat:cs.LG{rest}") for rest in ("", " ANDNOT cat:cs.CL"))
        both = api_ids(client, search_query="cat:cs.LG AND cat:cs.CL")
        assert sorted(some + both) == sorted(everything)

    def test_words_match_whole_words(self, client):
        assert api_ids(client, search_query="ti:tid") == []
        assert api_ids(client, search_query="ti:tid*") != []

    def test_dates_limit_the_submission(self, client):
        ids = api_ids(client, search_query="submittedDate:[202611160000 TO 202611162359]")
        assert ids
        assert all(ident.startswith("2611.917") for ident in ids)

    @pytest.mark.parametrize("order", ["ascending", "descending"])
    def test_sorting_follows_the_submission(self, client, order):
        parameters = {"search_query": "cat:cs.CL", "sortBy": "submittedDate", "sortOrder": order, "max_results": 50}
        dates = [entry.published for entry in parse_feed(client.get("/api/query", params=parameters)).entries]
        assert dates == sorted(dates, reverse=order == "descending")

    def test_ids_bring_the_version_asked_for_and_unknown_ones_nothing(self, client):
        assert api_ids(client, id_list="2611.91603,2611.91603v1,2611.00001") == ["2611.91603v2", "2611.91603v1"]

    def test_only_ten_come_unless_more_are_asked_for(self, client):
        ids = ",".join(f"2611.917{number:02d}" for number in range(1, 13))
        assert len(parse_feed(client.get("/api/query", params={"id_list": ids})).entries) == 10

    @pytest.mark.parametrize(
        ("parameters", "status"),
        [
            ({}, 400),
            ({"id_list": "2611.91601,"}, 400),
            ({"search_query": "(cat:cs.LG"}, 400),
            ({"search_query": "cat:cs.LG)"}, 400),
            ({"search_query": "cat:cs.LG AND"}, 400),
            ({"search_query": "cat:cs.LG", "sortBy": "size"}, 400),
            ({"search_query": "cat:cs.LG", "start": "x"}, 400),
            ({"search_query": "cat:cs.LG", "max_results": "0"}, 500),
            ({"search_query": "cat:cs.LG", "start": "9999"}, 500),
            ({"search_query": "submittedDate:[20261116 TO *]"}, 500),
        ],
    )
    def test_errors_are_feeds_of_one_entry(self, client, parameters, status):
        (entry,) = parse_feed(client.get("/api/query", params=parameters), status).entries
        assert entry.title == "Error"
        assert entry.id.startswith("https://arxiv.org/api/errors#")


class TestServer:
    @pytest.mark.real_time  # of each request the stub notes when it really came
    def test_requests_are_recorded_with_path_and_time(self, arxiv, client):
        before = datetime.now(UTC)
        client.get("/rss/cs.LG")
        client.get("/list/cs.LG/new?show=2000")
        client.head("/rss/cs.LG")
        assert [path for path, _ in arxiv.requests] == ["/rss/cs.LG", "/list/cs.LG/new?show=2000", "/rss/cs.LG"]
        assert before <= arxiv.requests[0].time <= arxiv.requests[-1].time <= datetime.now(UTC)
        assert arxiv.counts == {"/rss/cs.LG": 2, "/list/cs.LG/new": 1}

    def test_can_fail_for_some_paths_and_recover(self, arxiv, client):
        arxiv.fail_with(429, path="/rss", retry_after=600)
        refused = client.get("/rss/cs.LG")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "600")
        assert client.get("/list/cs.LG/new").status_code == 200
        arxiv.recover()
        assert client.get("/rss/cs.LG").status_code == 200

    def test_can_cut_bodies_off(self, arxiv, client):
        whole = client.get("/rss/cs.LG").content
        arxiv.truncate()
        half = client.get("/rss/cs.LG")
        assert half.status_code == 200
        assert half.content == whole[: len(whole) // 2]

    def test_can_answer_with_a_page_instead(self, arxiv, client):
        arxiv.html()
        response = client.get("/rss/cs.LG")
        assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")

    def test_can_say_nothing(self, arxiv, client):
        arxiv.hang()
        with pytest.raises(httpx.ReadTimeout):
            client.get("/rss/cs.LG", timeout=0.1)
        arxiv.recover()
        assert client.get("/rss/cs.LG").status_code == 200

    def test_stops_answering_on_open_connections(self):
        with httpx.Client(trust_env=False) as client:
            with DemoArxiv(today=WEDNESDAY) as arxiv:
                client.get(f"{arxiv.url}/rss/cs.LG")
            with pytest.raises(httpx.TransportError):
                client.get(f"{arxiv.url}/rss/cs.LG")

    @pytest.mark.real_time
    def test_follows_the_real_clock_unless_told(self):
        with DemoArxiv() as arxiv:
            feed = parse_feed(httpx.get(f"{arxiv.url}/rss/cs.LG", trust_env=False))
            page = httpx.get(f"{arxiv.url}/list/cs.LG/new", trust_env=False)
        age = datetime.now(EASTERN) - datetime.strptime(feed.feed.published, "%a, %d %b %Y %H:%M:%S %z")
        assert timedelta() <= age < timedelta(hours=26)
        assert page_types(page)

    @pytest.mark.end_to_end
    def test_the_command_line_prints_its_address_when_it_is_ready(self):
        command = [sys.executable, "-m", "tests.demo_arxiv", "--port", "0", "--now", "2026-11-21T09:00"]
        root = Path(__file__).resolve().parents[1]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            try:
                address = re.fullmatch(r"demo arXiv at (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())[1]
                page = httpx.get(f"{address}/list/cs.LG/new", trust_env=False)
            finally:
                process.terminate()
        assert "Friday, 20 November 2026" in page.text

    @pytest.mark.end_to_end
    def test_the_command_line_says_when_the_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            command = [sys.executable, "-m", "tests.demo_arxiv", "--port", str(taken.getsockname()[1])]
            root = Path(__file__).resolve().parents[1]
            ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=20, check=False)
        assert ended.returncode == 1
        assert "can't serve on port" in ended.stderr
