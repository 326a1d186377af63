"""arXiv's author strings."""

import pytest

from digest.text import parse_authors, shorten_authors


def names(raw):
    return [author.name for author in parse_authors(raw)]


def affiliations(raw):
    return {author.name: author.affiliation for author in parse_authors(raw)}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", []),
        ("Plato", ["Plato"]),
        ("A. Doe, B. Roe and C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe, B. Roe, and C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe & B. Roe", ["A. Doe", "B. Roe"]),
        ("White Space ,  Extra  Comma,, Double", ["White Space", "Extra Comma", "Double"]),
        (
            "H. P. Lima Jr, John Smith, Jr., W. III, Ann Lee, PhD",
            ["H. P. Lima Jr", "John Smith Jr.", "W. III", "Ann Lee PhD"],
        ),
        ("Ludwig van der Berg III, M. de la Cruz", ["Ludwig van der Berg III", "M. de la Cruz"]),
        ("Qiuyi (Richard) Zhang, Can (Sam) Chen", ["Qiuyi (Richard) Zhang", "Can (Sam) Chen"]),
        ("李 雷、韩梅梅，محمد", ["李 雷", "韩梅梅", "محمد"]),
        ("J.R.R. Tolkien, X.-Y. Z. Li", ["J. R. R. Tolkien", "X.-Y. Z. Li"]),
        ("J. R. R. Tolkien, X. -Y. Z. Li, P.Yu", ["J. R. R. Tolkien", "X.-Y. Z. Li", "P. Yu"]),
        ("St.John Smith, ATLAS v.2 Collaboration", ["St.John Smith", "ATLAS v.2 Collaboration"]),
        ("Smith, John; Doe, Jane", ["John Smith", "Jane Doe"]),
        ("A. Doe; B. Roe; C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe$^{1,2}$, B. Roe$^*$", ["A. Doe", "B. Roe"]),
        (r"Micha{\l} Ryga{\l}a and D\"orfler", ["Michał Rygała", "Dörfler"]),
        ("Edited by: A. Doe, B. Roe (Eds.)", ["A. Doe", "B. Roe"]),
        ("A. Doe, (MIT), B. Roe, (", ["A. Doe", "B. Roe", "("]),
        ("A. Doe (unclosed, B. Roe", ["A. Doe (unclosed", "B. Roe"]),
    ],
)
def test_names_are_split_right(raw, expected):
    assert names(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ATLAS Collaboration: G. Aad, B. Abbott", ["ATLAS Collaboration", "G. Aad", "B. Abbott"]),
        ("K2 Team:Zhengzhong Liu, Liping Tang", ["K2 Team", "Zhengzhong Liu", "Liping Tang"]),
        ("A. Doe (for the ATLAS Collaboration)", ["A. Doe", "ATLAS Collaboration"]),
        ("A. Doe on behalf of the CMS Collaboration", ["A. Doe", "CMS Collaboration"]),
        ("H1 Collaboration, V. Andreev (for the H1 Collaboration)", ["H1 Collaboration", "V. Andreev"]),
        ("A. Doe and the Muon g-2 Collaboration", ["A. Doe", "Muon g-2 Collaboration"]),
        ("O'Brien & Sons Collaboration, AT&T Labs", ["O'Brien & Sons Collaboration", "AT&T Labs"]),
    ],
)
def test_collaborations_are_authors(raw, expected):
    assert names(raw) == expected


def test_affiliations_with_commas_stay_whole():
    raw = (
        "Edited by Tessai Hayama (Nagaoka University of Technology, Japan), "
        r"Miguel \'Angel de la Cruz Jr. (Univ. of X (Campus Y), Spain), and Ludwig van der Berg III (Acme, Inc.)"
    )
    assert affiliations(raw) == {
        "Tessai Hayama": "Nagaoka University of Technology, Japan",
        "Miguel Ángel de la Cruz Jr.": "Univ. of X (Campus Y), Spain",
        "Ludwig van der Berg III": "Acme, Inc.",
    }


@pytest.mark.parametrize(
    "notes", ["((1) Inst. A, (2) Univ. B, C)", "((1) Inst. A (2) Univ. B, C)", ", (1) Inst. A, (2) Univ. B, C"]
)
def test_numbered_affiliations_are_resolved(notes):
    raw = f"A. Doe (1), B. Roe (1 and 2), C. Poe (2,3), D. Low {notes}"
    assert affiliations(raw) == {
        "A. Doe": "Inst. A",
        "B. Roe": "Inst. A; Univ. B, C",
        "C. Poe": "Univ. B, C",
        "D. Low": None,
    }


def test_three_thousand_authors_are_all_there():
    raw = "The X Collaboration: " + ", ".join(f"A. Author-{n:04}" for n in range(3000))
    listed = names(raw)
    assert len(listed) == 3001
    assert listed[0] == "X Collaboration"
    assert listed[-1] == "A. Author-2999"


def test_long_lists_are_shortened_for_display():
    listed = [f"A{n}" for n in range(2990)]
    assert shorten_authors(listed, 3) == "A0, A1, A2 and 2,987 more"
    assert shorten_authors(listed[:3], 3) == "A0, A1, A2"
    assert shorten_authors([], 3) == ""
    with pytest.raises(ValueError, match="at least one"):
        shorten_authors(listed, 0)
