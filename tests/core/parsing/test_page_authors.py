"""Linked names with text between them become authors; no name is ever lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.parsing.page_authors import read_authors


def pieces(text):
    """Names in braces are linked: `{Ada Lovelace} (London), {Plato}`."""
    for number, part in enumerate(text.replace("}", "{").split("{")):
        yield part, number % 2 == 1


def read(text):
    return [(author.name, author.affiliation) for author in read_authors(pieces(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("(author list is unavailable)", []),
        ("{Ada Lovelace}, {Plato}", [("Ada Lovelace", None), ("Plato", None)]),
        ("{Ada Lovelace} (MIT, Cambridge), {Plato}", [("Ada Lovelace", "MIT, Cambridge"), ("Plato", None)]),
        (
            "{A. One} (Univ. of X (Campus Y), Spain), {B. Two}",
            [("A. One", "Univ. of X (Campus Y), Spain"), ("B. Two", None)],
        ),
        # names of three letters and less are not linked
        (
            "{Ada Lovelace}, Lin, 李 雷, {Plato}",
            [("Ada Lovelace", None), ("Lin", None), ("李 雷", None), ("Plato", None)],
        ),
        ("Can (Sam) {Chen}, {B. Two}", [("Can (Sam) Chen", None), ("B. Two", None)]),
        ("{Meng Yee} (Michael) {Chuah}", [("Meng Yee (Michael) Chuah", None)]),
        (
            "{ATLAS Collaboration}: {G. Aad}, {B. Two}",
            [("ATLAS Collaboration", None), ("G. Aad", None), ("B. Two", None)],
        ),
        ("The {REPLICA Collaboration}, {A. One}", [("The REPLICA Collaboration", None), ("A. One", None)]),
        ("{A. One}, and {B. Two}, et al.", [("A. One", None), ("B. Two", None)]),
        (
            "{A. One} (1), {B. Two} (1 and 2), {C. Three} (3) ((1) X, Y, (2) Z)",
            [("A. One", "X, Y"), ("B. Two", "X, Y; Z"), ("C. Three", None)],
        ),
        ("{A. One} (1,2) ((1) X (Y) (2) Z)", [("A. One", "X (Y); Z")]),
        # parentheses that never close, or were never opened
        ("{A. One} (MIT, {B. Two}, {C. Three}", [("A. One", "MIT"), ("B. Two", None), ("C. Three", None)]),
        ("{A. One}), {B. Two}", [("A. One", None), ("B. Two", None)]),
        ("{A. One} (MIT", [("A. One", "MIT")]),
        ("{A. One}, , , {B. Two}, ", [("A. One", None), ("B. Two", None)]),
    ],
)
def test_author_lists_as_they_occur(text, expected):
    assert read(text) == expected


names = st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", fullmatch=True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["", ", ", " (", ") ", ": ", " (1), ", " ((1) X), ", "and "]), names), max_size=8
    )
)
def test_every_linked_name_is_in_the_result(parts):
    linked = [piece for text, name in parts for piece in ((text, False), (name, True))]
    found = " ".join(author.name for author in read_authors(linked))
    assert all(name in found for _, name in parts)
