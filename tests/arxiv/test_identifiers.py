"""Identifiers of papers: every spelling leads to one id, and nothing else does."""

import pytest

from digest.arxiv.identifiers import abs_url, html_url, parse_identifier, pdf_url

NEW, OLD = "2601.05174", "hep-th/9901001"


@pytest.mark.parametrize(
    ("text", "ident", "version"),
    [
        (NEW, NEW, None),
        (f"{NEW}v2", NEW, 2),
        (f"{NEW}v12", NEW, 12),
        ("0704.0001", "0704.0001", None),
        ("0704.0001v3", "0704.0001", 3),
        (OLD, OLD, None),
        (f"{OLD}v1", OLD, 1),
        ("math.GT/0309136", "math/0309136", None),
        ("math.GT/0309136v2", "math/0309136", 2),
        ("cond-mat.mes-hall/0309136", "cond-mat/0309136", None),
        ("q-bio/0309136", "q-bio/0309136", None),
        (f"  {NEW}\n", NEW, None),
        (f"arXiv:{NEW}v2", NEW, 2),
        (f"ARXIV:{NEW}", NEW, None),
        (f"oai:arXiv.org:{NEW}", NEW, None),
        (f"https://arxiv.org/abs/{NEW}v3", NEW, 3),
        (f"http://arxiv.org/abs/{OLD}", OLD, None),
        (f"https://www.arxiv.org/pdf/{NEW}v3.pdf", NEW, 3),
        (f"https://export.arxiv.org/pdf/{OLD}.pdf", OLD, None),
        (f"https://arxiv.org/html/{NEW}v1", NEW, 1),
        (f"{NEW}.pdf", NEW, None),
    ],
)
def test_each_spelling_is_read(text, ident, version):
    assert parse_identifier(text) == (ident, version)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "quantum", "2601", "2601.", "2601.123", "2601.123456", "26011.12345", f"{NEW}v0", f"{NEW}v", f"{NEW}v01", f"{NEW}V2",
        f"{NEW} v2", f"{NEW}v2x", f"x{NEW}", "hep-th/990100", "hep-th/99010012", "HEP-TH/9901001", "-th/9901001", "hep-/9901001",
        "math.G/0309136", "/9901001", "hep-th9901001", f"https://example.org/abs/{NEW}", f"https://arxiv.org/list/{NEW}",
        f"xhttps://arxiv.org/abs/{NEW}", f"https://arxivxorg/abs/{NEW}", f"arXiv:arXiv:{NEW}", f"{NEW}.pdf.pdf", "٢٦٠١.٠٥١٧٤x",
    ],
)  # fmt: skip
def test_anything_else_is_none(text):
    assert parse_identifier(text) is None


@pytest.mark.parametrize("ident", [NEW, OLD])
def test_addresses_are_those_of_the_latest_version(ident):
    assert abs_url(ident) == f"https://arxiv.org/abs/{ident}"
    assert pdf_url(ident) == f"https://arxiv.org/pdf/{ident}"
    assert html_url(ident) == f"https://arxiv.org/html/{ident}"


@pytest.mark.parametrize("make", [abs_url, pdf_url, html_url])
@pytest.mark.parametrize("ident", [NEW, OLD])
def test_an_address_leads_back_to_its_id(make, ident):
    assert parse_identifier(make(ident)) == (ident, None)


@pytest.mark.parametrize(
    "text", ["２６０１.０５１７４", "2601.05174v２", "2601.٠٥١٧٤", "hep-th/９９０１００１", "2601.051", ""]
)
def test_digits_of_other_scripts_are_no_id(text):
    assert parse_identifier(text) is None
