"""arXiv ids in their spellings."""

import pytest

from digest.identifiers import Identifier, parse_identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2601.05174v2", Identifier("2601.05174", 2)),
        ("arXiv:hep-th/9901001", Identifier("hep-th/9901001", None)),
        ("https://arxiv.org/pdf/math.GT/0309136v1.pdf", Identifier("math/0309136", 1)),
    ],
)
def test_ids_are_read(text, expected):
    assert parse_identifier(text) == expected


@pytest.mark.parametrize(
    "text", ["２６０１.０５１７４", "2601.05174v２", "2601.٠٥١٧٤", "hep-th/９９０１００１", "2601.051", ""]
)
def test_digits_of_other_scripts_are_no_id(text):
    assert parse_identifier(text) is None
