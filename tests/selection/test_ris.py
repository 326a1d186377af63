"""RIS files as examples."""

import pytest

from digest.errors import InputError
from digest.selection.ris import read_ris

FILE = """\
TY  - JOUR
AU  - Quill, Ada
TI  - Sweet graphs
AB  - We show that
 graphs are sweet.
UR  - https://arxiv.org/abs/2601.00001v2
ER  -

TY  - CONF
T1  - Sour trees
N2  - Trees are sour.
ID  - trees2026
ER  -
TY  - JOUR
AU  - Nobody
ER  -
"""


def test_titles_abstracts_and_ids_are_read_and_a_record_without_title_is_left_out(caplog):
    first, second = read_ris(FILE)
    assert (first.id, first.title, first.abstract) == ("2601.00001", "Sweet graphs", "We show that graphs are sweet.")
    assert (second.id, second.title, second.abstract) == ("trees2026", "Sour trees", "Trees are sour.")
    assert "record 3 has no title" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffTY  - JOUR\r\nTI  - A\r\nER  - \r\n",
        "TY  - JOUR\nTI  - A",
        "TY  - JOUR\nTI - A\nER  -\n",
        "TY  - JOUR\nTI  -  A \nKW  -\nER  -\n",
    ],
)
def test_what_exporters_do_is_understood(text):
    (example,) = read_ris(text)
    assert (example.id, example.title) == ("record 1", "A")


@pytest.mark.parametrize("text", ["", "@article{a, title={A}}", "TY  - JOUR\nER  -\n"])
def test_a_file_without_a_title_is_refused_by_name(text):
    with pytest.raises(InputError, match=r"mine\.ris"):
        read_ris(text, name="mine.ris")
