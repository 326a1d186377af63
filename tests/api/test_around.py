"""What readers, browsers and crawlers look for by themselves."""

import re
import urllib.robotparser
from html import unescape

import pytest
from lxml import etree

from digest.rendering.atom import render_papers as atom
from digest.rendering.content import code_label
from digest.rendering.json_feed import render_papers as json_feed
from digest.rendering.opensearch import render_opensearch
from tests.builders import make_document, make_paper

pytestmark = pytest.mark.anyio


def rules_of(text):
    parser = urllib.robotparser.RobotFileParser()
    parser.parse(text.splitlines())
    return parser


class TestIcons:
    @pytest.mark.parametrize(
        ("path", "media_type", "begins"),
        [
            ("/favicon.ico", "image/x-icon", b"\0\0\1\0"),
            ("/apple-touch-icon.png", "image/png", b"\x89PNG"),
            ("/apple-touch-icon-precomposed.png", "image/png", b"\x89PNG"),
        ],
    )
    @pytest.mark.parametrize("token", ["", "sesame"])
    async def test_are_where_they_are_looked_for(self, filled_site, path, media_type, begins, token):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": token}
        async with site.client() as client:
            answer = await client.get(path)
            assert answer.content.startswith(begins)
            assert answer.headers["content-type"] == media_type
            again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304


class TestRobots:
    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/", True),
            ("/llms.txt", True),
            ("/rss/cs.LG", True),
            ("/feeds/machines.atom", True),
            ("/search/rss?query=x", True),
            ("/list/cs.LG", True),
            ("/me/", True),
            ("/search?q=x", False),
            ("/build?spec=cs.LG", True),
            ("/api/papers?spec=cs.LG", False),
            ("/papers/2601.00001", False),
            ("/stats/", False),
        ],
    )
    async def test_keep_crawlers_from_what_asks_arxiv(self, client, path, allowed):
        rules = rules_of((await client.get("/robots.txt")).text)
        assert rules.can_fetch("Crawler", f"http://papers.test{path}") is allowed

    async def test_keep_crawlers_out_of_a_closed_server(self, filled_site):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": "sesame"}
        async with site.client() as client:
            assert (await client.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"


OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


class TestOpenSearch:
    @pytest.mark.parametrize("token", ["", "se&same"])
    async def test_every_page_leads_to_it_and_it_to_searches(self, filled_site, token):
        site = filled_site.copy()
        site.environ = {"ACCESS_TOKEN": token}
        async with site.client(authorization=f"Bearer {token}") as client:
            found = re.search(r'<link rel="search" [^>]*href="([^"]+)"', (await client.get("/")).text)
        async with site.client() as client:
            answer = await client.get(unescape(found[1]))
            assert answer.headers["content-type"] == "application/opensearchdescription+xml"
            root = etree.fromstring(answer.content)
            templates = {one.get("type"): one.get("template") for one in root.findall(f"{OPENSEARCH}Url")}
            for kind in ("text/html", "application/rss+xml", "application/atom+xml", "application/feed+json"):
                searched = await client.get(
                    templates[kind].replace("{searchTerms}", "ti%3Amodel"), follow_redirects=True
                )
                assert searched.status_code == 200
                assert searched.headers["content-type"].startswith(kind)
            again = await client.get(unescape(found[1]), headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304

    def test_names_and_describes_the_server(self):
        body = render_opensearch("Papers & <fruit> of the day", "https://papers.example", str)
        root = etree.fromstring(body)
        assert root.findtext(f"{OPENSEARCH}ShortName") == "Papers & <fruit>"
        assert root.findtext(f"{OPENSEARCH}Description").startswith("Papers & <fruit> of the day")


async def test_cards_lead_to_the_page_of_a_paper_and_titles_to_arxiv(client):
    page = (await client.get("/list/cs.LG")).text
    (path, *_) = re.findall(r'href="(/papers/[^"]+)"', page)
    assert f'<a href="https://arxiv.org/abs/{path.removeprefix("/papers/")}">' in page
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://github.com/a/b", "Code"),
        ("https://www.gitlab.com/a/b", "Code"),
        ("https://gitlab.lab.example/a", "Code"),
        ("https://huggingface.co/a/b", "Code"),
        ("https://a.github.io/b", "Project"),
        ("https://zenodo.org/record/1", "Link"),
        ("https://huggingface.co/datasets/a/b", "Link"),
        ("https://huggingface.co/spaces/a/b", "Link"),
        ("https://www.kaggle.com/datasets/a/b", "Link"),
        ("https://a.github.io/leaderboard", "Link"),
        ("https://leaderboard.example.org/x", "Link"),
        ("https://eval.ai/web/challenges/challenge-page/1", "Link"),
        ("https://neurips.cc/virtual/2025/1", "Link"),
        ("https://2026.miccai.org/en", "Link"),
        ("https://confident-ai.example/quill", "Project"),
        ("https://quill.readthedocs.io", "Project"),
        ("https://github.com.evil.example/a", "Project"),
    ],
)
def test_only_a_code_host_is_called_code(url, label):
    assert code_label(url) == label


@pytest.mark.parametrize("render", [atom, json_feed])
def test_an_empty_summary_is_left_out(render):
    assert b"summary" not in render(make_document(make_paper(abstract="")))
    assert b"summary" in render(make_document(make_paper(abstract="We show that a star is hot.")))
