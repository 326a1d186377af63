import pytest

from digest.errors import InputError
from digest.selection import Example, read_bibtex

LIBRARY = r"""
% exported from somewhere
@string{venue = "A venue"}
@article{a2026, title={{Graph} networks on {$k$}-trees}, author={A and B}, eprint={2601.00001v2},
  archivePrefix={arXiv}, abstract={About Schr{\"o}dinger.
  And more.}}
@misc{b, TITLE = "Low-rank things", url = {https://arxiv.org/abs/2106.00002}}
@article{c, title={Old work}, journal={arXiv:hep-th/9901001}}
@article{f, title={Published elsewhere}, url={https://example.org/1}, doi={10.48550/arXiv.2201.00001}}
@article{d, title={No id here}, journal=venue}
@article{e, author={No Title}}
"""


def test_titles_abstracts_and_ids_are_read(caplog):
    assert read_bibtex(LIBRARY) == (
        Example(id="2601.00001", title="Graph networks on $k$-trees", abstract="About Schrödinger. And more."),
        Example(id="2106.00002", title="Low-rank things"),
        Example(id="hep-th/9901001", title="Old work"),
        Example(id="2201.00001", title="Published elsewhere"),
        Example(id="d", title="No id here"),
    )
    assert "entry e has no title" in caplog.text


def test_one_broken_entry_does_not_cost_the_file(caplog):
    found = read_bibtex("@misc{x, title={Never closed, year=2020\n" + LIBRARY)
    assert [example.id for example in found][-3:] == ["hep-th/9901001", "2201.00001", "d"]
    assert "can't be read" in caplog.text


@pytest.mark.parametrize("text", ["", "no bibtex", "@misc{x, author={A}}"])
def test_a_file_without_examples_is_refused(text):
    with pytest.raises(InputError, match=r"mine\.bib: no BibTeX entry with a title"):
        read_bibtex(text, name="mine.bib")
