"""Names, RIS and what reference managers look for in pages."""

import re
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest

from digest.rendering.bibtex import bibtex
from digest.rendering.citations import citation_tags, context_object
from digest.rendering.names import name_parts
from digest.rendering.ris import ris
from tests.builders import make_paper

RECORD = re.compile(r"[A-Z][A-Z0-9]  - .*")


def tags_of(text):
    """Return the tags and values of one record, read by the rules of the format."""
    lines = text.split("\r\n")
    assert lines.pop() == ""
    assert all(RECORD.fullmatch(line) for line in lines), lines
    return [(line[:2], line[6:]) for line in lines]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace", ("Lovelace", "Ada", "")),
        ("Jan van der Berg", ("van der Berg", "Jan", "")),
        ("Ludwig van Dyke Jr.", ("van Dyke", "Ludwig", "Jr.")),
        ("Martin Luther King, Jr.", ("King", "Martin Luther", "Jr.")),
        ("John Smith III", ("Smith", "John", "III")),
        ("María de la Cruz", ("de la Cruz", "María", "")),
        ("Øyvind Næss", ("Næss", "Øyvind", "")),
        ("de Broglie", ("Broglie", "de", "")),
        ("Plato", ("Plato", "", "")),
        ("", ("", "", "")),
        ("ATLAS Collaboration", ("ATLAS Collaboration", "", "")),
        ("The Event Horizon Telescope Collaboration", ("The Event Horizon Telescope Collaboration", "", "")),
        ("Smith and Jones", ("Smith and Jones", "", "")),
    ],
)
def test_names_are_taken_apart_once_for_all_formats(name, parts):
    assert name_parts(name) == parts


class TestRis:
    def test_a_record(self):
        paper = make_paper(
            id="2601.00001",
            title="Stars of $\\alpha$",
            authors=["Ludwig van Dyke Jr.", "ATLAS Collaboration"],
            abstract="One.\n\nTY  - JOUR",
            categories=["cs.LG", "stat.ML"],
            doi="10.1/a 10.2/b",
            published=datetime(2026, 1, 5, tzinfo=UTC),
        )
        assert tags_of(ris([paper])) == [
            ("TY", "UNPB"),
            ("TI", "Stars of α"),
            ("AU", "van Dyke, Ludwig, Jr."),
            ("AU", "ATLAS Collaboration"),
            ("PY", "2026"),
            ("DA", "2026/01/05/"),
            ("PB", "arXiv"),
            ("AN", "arXiv:2601.00001"),
            ("KW", "cs.LG"),
            ("KW", "stat.ML"),
            ("DO", "10.1/a"),
            ("UR", "https://arxiv.org/abs/2601.00001"),
            ("AB", "One. TY - JOUR"),
            ("ER", ""),
        ]

    @pytest.mark.parametrize("text", ["a\r\nER  - ", "a\u2028b", "\x85TY  - X", "x\x0by"])
    def test_no_text_ends_a_record(self, text):
        paper = make_paper(title=text, abstract=text, authors=[f"A {text}"], comment=text)
        assert [tag for tag, _ in tags_of(ris([paper]))].count("ER") == 1

    def test_records_stand_apart(self):
        assert ris([make_paper(), make_paper()]).count("ER  - \r\n") == 2
        assert ris([]) == ""

    def test_others_are_named_as_such(self):
        found = tags_of(ris([make_paper(authors=["Ada Lovelace", "et al."])]))
        assert [value for tag, value in found if tag == "AU"] == ["Lovelace, Ada", "others"]


def test_particles_stay_with_a_family_name_that_has_a_suffix():
    assert "author        = {van Dyke, Jr., Ludwig}" in bibtex([make_paper(authors=["Ludwig van Dyke Jr."])])


@pytest.mark.parametrize("title", ["Plain", "A & B; <i>", 'Quote " and = and #', "Ω & $x^2$"])
def test_a_context_object_reads_back(title):
    paper = make_paper(title=title, authors=["Jan van der Berg", "ATLAS Collaboration"], doi="10.1/a")
    found = parse_qsl(context_object(paper), strict_parsing=True)
    assert dict(found)["rft_val_fmt"] == "info:ofi/fmt:kev:mtx:dc"
    assert dict(found)["rft.title"] == title.replace("$x^2$", "x²")
    assert [value for name, value in found if name == "rft.creator"] == ["van der Berg, Jan", "ATLAS Collaboration"]
    assert dict(found)["rft_id"] == "info:doi/10.1/a"


def test_a_paper_without_a_title_has_its_id_for_one():
    paper = make_paper(title="", announced=date(2026, 1, 29))
    assert dict(parse_qsl(context_object(paper)))["rft.title"] == f"arXiv:{paper.id}"
    assert dict(citation_tags(paper))["citation_title"] == f"arXiv:{paper.id}"
    assert dict(citation_tags(paper))["citation_date"] == "2026/01/29"
