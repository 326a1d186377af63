"""BibTeX, Markdown and configuration to copy: read back by parsers that are not ours."""

import bibtexparser
import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from digest.arxiv.taxonomy import parse_spec
from digest.config.reading import parse_config
from digest.config.views import MathMode, SummaryMode, View
from digest.feeds.papers import FeedRequest
from digest.models import Entry
from digest.rendering.bibtex import bibtex
from digest.rendering.pages.snippets import config_yaml, markdown
from digest.selection import Selection
from tests.builders import make_paper, papers


def cite(**overrides):
    library = bibtexparser.parse_string(bibtex([make_paper(**overrides)]))
    assert library.failed_blocks == []
    (entry,) = library.entries
    return entry


class TestBibtex:
    def test_cites_a_preprint_as_arxiv_does(self):
        entry = cite()
        assert (entry.entry_type, entry.key) == ("misc", "quill2026taste_261190001")
        assert {field.key: field.value for field in entry.fields} == {
            "title": "{On the Taste of Imaginary Fruit}",
            "author": "Ada Quill and Bo Ferrer",
            "year": "2026",
            "month": "nov",
            "eprint": "2611.90001",
            "archivePrefix": "arXiv",
            "primaryClass": "cs.LG",
            "url": "https://arxiv.org/abs/2611.90001",
        }

    @pytest.mark.parametrize(
        ("title", "written"),
        [
            ("Profit & loss at 50%", r"{Profit \& loss at 50\%}"),
            ("Bounds of $O(n^2)$", "{Bounds of $O(n^2)$}"),
            ("A {brace", r"{A \textbraceleft{}brace}"),
            ("snake_case", r"{snake\_case}"),
        ],
    )
    def test_escapes_what_tex_would_take_for_its_own(self, title, written):
        assert cite(title=title)["title"] == written

    def test_keeps_a_collaboration_one_author(self):
        entry = cite(authors=("The Peas and Carrots Collaboration", "Ada Quill", "Plato"))
        assert entry["author"] == "{The Peas and Carrots Collaboration} and Ada Quill and {Plato}"

    def test_names_the_first_doi(self):
        assert cite(doi="10.5555/a 10.5555/b")["doi"] == "10.5555/a"

    @pytest.mark.parametrize("title", ["Of $0<r<1$\\", r"Of $a$ and \}", r"Of $\{$ and }", "Of $x$ { and"])
    def test_a_formula_does_not_let_a_brace_out(self, title):
        library = bibtexparser.parse_string(bibtex([make_paper(title=title), make_paper(id="2611.90002")]))
        assert [entry["eprint"] for entry in library.entries] == ["2611.90001", "2611.90002"]

    @given(papers())
    def test_any_paper_is_one_entry(self, paper):
        library = bibtexparser.parse_string(bibtex([paper, make_paper()]))
        assert library.failed_blocks == []
        assert [entry["eprint"] for entry in library.entries] == [paper.id, "2611.90001"]


class TestMarkdown:
    @given(papers())
    def test_any_paper_is_one_item_with_one_link(self, paper):
        tokens = MarkdownIt().parse(markdown([Entry(paper=paper), Entry(paper=make_paper())]))
        assert [token.type for token in tokens].count("list_item_open") == 2
        links = [child.attrs["href"] for token in tokens for child in token.children or () if child.type == "link_open"]
        assert links == [paper.links.abs, "https://arxiv.org/abs/2611.90001"]

    def test_shortens_many_authors(self):
        text = markdown([Entry(paper=make_paper(authors=("A B", "C D", "E F", "G H")))])
        assert "A B, C D, E F and 1 more, arXiv:2611.90001" in text


class TestConfiguration:
    def test_leaves_defaults_out(self):
        request = FeedRequest(parse_spec("cs.LG"), Selection())
        assert config_yaml(request) == "feeds:\n  cs-lg:\n    categories: [cs.LG]\n"

    @pytest.mark.parametrize(
        "filters",
        [
            {"include": "diffusion, \"flow matching\", 'quoted', on"},
            {"q": 'ti:"a: b" OR au:bengio_y', "types": "new,replace-cross"},
            {"author": "Bengio, Y.;Hinton", "has": "code", "limit": 3, "min_score": -1.5, "sort": "date"},
            {"exclude": "yes, 2026, null"},
        ],
    )
    def test_means_the_same(self, filters):
        selection = Selection(**filters)
        view = View(math=MathMode.TEX, summary=SummaryMode.NONE)
        request = FeedRequest(parse_spec("cs.LG+hep-th+stat.ML"), selection, days=3, view=view)
        (name, feed), *more = parse_config(config_yaml(request), {}).feeds.items()
        assert (name, more) == ("cs-lg-hep-th-stat-ml", [])
        assert feed.selection(()) == selection
        assert (feed.spec, feed.days, feed.view) == (request.spec, 3, view)
