"""Lists of example papers as people paste them."""

import pytest

from digest.errors import InputError
from digest.selection.example_ids import MOST_IDS, ids_named_in, read_ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2601.05174", ["2601.05174"]),
        ("2601.05174v2, 2601.05174", ["2601.05174"]),
        ("2601.05174;0704.0001\nhep-th/9901001", ["0704.0001", "2601.05174", "hep-th/9901001"]),
        ("math.GT/0309136", ["math/0309136"]),
        ("https://arxiv.org/abs/2601.05174v1", ["2601.05174"]),
        ("http://www.arxiv.org/pdf/2601.05174.pdf", ["2601.05174"]),
        ("arxiv.org/abs/2601.05174", ["2601.05174"]),
        ("https://arxiv.org/html/2601.05174v3#S2", ["2601.05174"]),
        ("https://export.arxiv.org/abs/hep-th/9901001?context=hep-ph", ["hep-th/9901001"]),
        ("arXiv:2601.05174 oai:arXiv.org:2601.00001", ["2601.00001", "2601.05174"]),
        ("10.48550/arXiv.2601.05174", ["2601.05174"]),
        ("https://doi.org/10.48550/arXiv.2601.05174", ["2601.05174"]),
        (" , ;\n", []),
    ],
)
def test_each_spelling_of_an_id_is_read(text, expected):
    assert list(read_ids(text, name="like")) == expected


@pytest.mark.parametrize(
    "text", ["words", "2601", "2601.1", "2601.05174 and", "https://example.org/abs/1", "2601.05174v0"]
)
def test_what_is_no_id_is_named(text):
    with pytest.raises(InputError, match="no arXiv id") as caught:
        read_ids(text, name="dislike")
    assert caught.value.name == "dislike"


def test_there_is_a_limit():
    ids = [f"2601.{number:05d}" for number in range(MOST_IDS)]
    assert len(read_ids(",".join([*ids, ids[0]]), name="like")) == MOST_IDS
    with pytest.raises(InputError, match="at most 150 ids, not 151"):
        read_ids(",".join([*ids, "2602.00001"]), name="like")


BIBTEX = """
@article{a, title = {One}, eprint = {2601.05174}, year = 2026}
@misc{b, title = {Two}, url = {https://arxiv.org/abs/hep-th/9901001v2}, doi = {10.1103/PhysRevD.99.126007}}
@misc{c, title = {Three}, journal = {arXiv preprint arXiv:1706.03762}, pages = {1234--1250}}
@article{d, title = {Four}, doi = {10.1038/s41586-021-03819-2}, volume = {596.12345}}
"""


def test_a_bibtex_file_gives_the_ids_that_it_names():
    assert ids_named_in(BIBTEX) == ("1706.03762", "2601.05174", "hep-th/9901001")
