"""The page of one stored paper, and its texts."""

import re
from urllib.parse import parse_qsl

import html5lib
import pytest
import yaml

from digest.feeds.stored_paper import stored_paper
from digest.models import Paper
from digest.rendering.pages.paper import render_paper_text
from tests.builders import make_paper

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ident(client):
    """The id of a stored paper."""
    return (await client.get("/api/papers?page_size=1&spec=cs.LG")).json()["entries"][0]["paper"]["id"]


def elements(html, name):
    root = html5lib.parse(html, namespaceHTMLElements=False)
    return [element.attrib for element in root.iter(name)]


class TestPage:
    async def test_shows_the_paper_and_where_it_was_announced(self, client, ident):
        answer = await client.get(f"/papers/{ident}")
        paper = (await client.get(f"/api/papers/{ident}")).json()
        assert answer.status_code == 200
        assert paper["authors"][-1]["name"] in answer.text
        assert "in cs.LG" in answer.text
        assert 'href="/feeds/machines"' in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]

    async def test_can_be_cited(self, client, ident):
        html = (await client.get(f"/papers/{ident}")).text
        paper = Paper.model_validate_json((await client.get(f"/papers/{ident}.json")).content, extra="ignore")
        meta = [(one.get("name"), one.get("content")) for one in elements(html, "meta")]
        assert ("citation_arxiv_id", ident) in meta
        assert len([name for name, _ in meta if name == "citation_author"]) == len(paper.authors)
        (span,) = [one for one in elements(html, "span") if one.get("class") == "Z3988"]
        assert dict(parse_qsl(span["title"]))["rft.identifier"] == paper.links.abs

    @pytest.mark.parametrize("spelling", ["{}v2", "arXiv:{}", "arXiv:{}v1"])
    @pytest.mark.parametrize("ending", ["", ".md", ".bib"])
    async def test_a_version_and_another_spelling_redirect(self, client, ident, spelling, ending):
        answer = await client.get(f"/papers/{spelling.format(ident)}{ending}")
        assert (answer.status_code, answer.headers["location"]) == (301, f"/papers/{ident}{ending}")

    @pytest.mark.parametrize("ident", ["2501.00001", "hep-th/9901001", "2501.00001.ris", "hep-th/9901001.md"])
    async def test_a_paper_that_is_not_stored_is_arxiv_s_to_show(self, client, site, ident):
        answer = await client.get(f"/papers/{ident}")
        assert answer.status_code == 404
        bare = ident.removesuffix(".ris").removesuffix(".md")
        assert f"https://arxiv.org/abs/{bare}" in answer.json()["detail"]
        assert site.arxiv.requests == []

    @pytest.mark.parametrize("text", ["hello", "2501", "2501.00001/", "2501.00001.txt", "hep-th", ".md"])
    async def test_what_is_no_id_is_refused(self, client, text):
        assert (await client.get(f"/papers/{text}")).status_code == 400

    async def test_takes_no_parameter(self, client, ident):
        assert (await client.get(f"/papers/{ident}?utm_source=x")).headers["location"] == f"/papers/{ident}"


class TestTexts:
    @pytest.mark.parametrize(
        ("ending", "media_type", "begins"),
        [
            ("md", "text/markdown", "---\n"),
            ("bib", "application/x-bibtex", "@misc{"),
            ("ris", "application/x-research-info-systems", "TY  - "),
            ("json", "application/json", "{"),
        ],
    )
    async def test_have_their_types(self, client, ident, ending, media_type, begins):
        answer = await client.get(f"/papers/{ident}.{ending}")
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.text.startswith(begins)
        again = await client.get(f"/papers/{ident}.{ending}", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304

    async def test_json_is_that_of_the_api(self, client, ident):
        assert (await client.get(f"/papers/{ident}.json")).content == (await client.get(f"/api/papers/{ident}")).content

    async def test_lists_end_in_ris_too(self, client):
        answer = await client.get("/list/cs.LG.ris")
        total = (await client.get("/api/papers?spec=cs.LG")).json()["total"]
        assert answer.text.count("ER  - \r\n") == total


@pytest.mark.parametrize(
    "title", ["Plain: a study", "- item", "--- # x", "A \"b\" 'c'", "$x$ [y] {z}", "<script>", "Ω\u2028x"]
)
def test_front_matter_reads_back(title):
    paper = make_paper(title=title, authors=["A: B", "et al."], categories=["cs.LG", "hep-th"], doi="10.1/a 10.2/b")
    _, front, body = render_paper_text(stored_paper(paper, (), ()), "md").split("---\n", 2)
    found = yaml.safe_load(front)
    assert (found["authors"], found["tags"]) == (["A: B", "et al."], ["arxiv", "cs/LG", "hep-th"])
    assert found["doi"] == "10.1/a"
    assert isinstance(found["title"], str)
    assert body.lstrip().startswith("# ")
    assert "<script>" not in body


@pytest.mark.parametrize("path", ["/list/cs.LG", "/feeds/machines", "/digest/2026-11-18", "/list/cs.LG?types=new"])
async def test_pages_name_their_markdown(client, path):
    html = (await client.get(path, follow_redirects=True)).text
    (found,) = [one["href"] for one in elements(html, "link") if one.get("type") == "text/markdown"]
    text = await client.get(found)
    assert text.status_code == 200
    assert text.headers["content-type"].startswith("text/markdown")


@pytest.mark.parametrize("path", ["/list/cs.LG", "/digest/2026-11-18"])
async def test_every_card_can_be_cited(client, path):
    html = (await client.get(path)).text
    cards = len(re.findall(r"<article", html))
    spans = [one["title"] for one in elements(html, "span") if one.get("class") == "Z3988"]
    assert cards == len(spans) > 0
    assert all("rft.title" in dict(parse_qsl(span)) for span in spans)
