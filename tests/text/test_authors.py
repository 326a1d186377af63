"""arXiv's author strings."""

import pytest

from digest.text import has_more_authors, is_collaboration, join_authors, parse_authors, shorten_authors


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
        ("St.John Smith, ATLAS v.2 Collaboration", ["St. John Smith", "ATLAS v.2 Collaboration"]),
        ("Smith, John; Doe, Jane", ["John Smith", "Jane Doe"]),
        ("A. Doe; B. Roe; C. Poe", ["A. Doe", "B. Roe", "C. Poe"]),
        ("A. Doe$^{1,2}$, B. Roe$^*$", ["A. Doe", "B. Roe"]),
        (r"Micha{\l} Ryga{\l}a and D\"orfler", ["Michał Rygała", "Dörfler"]),
        ("Edited by: A. Doe, B. Roe (Eds.)", ["A. Doe", "B. Roe"]),
        ("A. Doe, (MIT), B. Roe, (", ["A. Doe", "B. Roe"]),
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


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("MiniLumo: Ann Lee, Bo Kim", ["MiniLumo", "Ann Lee", "Bo Kim"]),
        ("MiniLumo,  :, Ann Lee", ["MiniLumo", "Ann Lee"]),
        ("Team Lumo: Ann Lee, Bo Kim", ["Team Lumo", "Ann Lee", "Bo Kim"]),
        ("ACME (Acme AI): Ann Lee, Bo Kim", ["ACME", "Ann Lee", "Bo Kim"]),
        (
            "ORBIT Collaboration, VELA Collaboration: Ann Lee, Bo Kim",
            ["ORBIT Collaboration", "VELA Collaboration", "Ann Lee", "Bo Kim"],
        ),
        (
            "The ORBIT Collaboration, the VELA Collaboration, LYRA Team: Ann Lee",
            ["ORBIT Collaboration", "VELA Collaboration", "LYRA Team", "Ann Lee"],
        ),
        ("Gemini Team, Roe Labs: A. Doe", ["Gemini Team", "Roe Labs", "A. Doe"]),
        ("中文团队：李雷、韩梅梅", ["中文团队", "李雷", "韩梅梅"]),
        ("Authors: Ann Lee, Bo Kim", ["Ann Lee", "Bo Kim"]),
        ("By Ann Lee", ["Ann Lee"]),
    ],
)
def test_a_colon_ends_a_name(raw, expected):
    assert names(raw) == expected


@pytest.mark.parametrize(
    "ending",
    [
        ", et al.",
        " et al.",
        ", et al",
        " et. al.",
        ", and others",
        " and 12 others",
        ", ...",
        ", 3 more authors not shown",
    ],
)
def test_et_al_is_no_author_and_is_remembered(ending):
    assert names(f"Ann Lee, Bo Kim{ending}") == ["Ann Lee", "Bo Kim"]
    assert has_more_authors(f"Ann Lee, Bo Kim{ending}")
    assert not has_more_authors("Ann Lee, Bo Al, Cy Etal")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ann Lee (1), Bo Kim (2), for the ORBIT Collaboration ((1) Uni A, (2) Uni B)", ["ORBIT Collaboration"]),
        ("Ann Lee (1), Bo Kim (2) on behalf of the ORBIT team ((1) Uni A, (2) Uni B)", ["ORBIT team"]),
        ("Ann Lee, Bo Kim (on behalf of the ORBIT,VELA Collaborations)", ["ORBIT Collaboration", "VELA Collaboration"]),
        ("Ann Lee, Bo Kim for the Fermi and Swift Collaborations", ["Fermi Collaboration", "Swift Collaboration"]),
        ("Ann Lee, Bo Kim, the ORBIT, VELA Collaborations", ["ORBIT Collaboration", "VELA Collaboration"]),
        ("Ann Lee, Bo Kim, on behalf of ORBIT", ["ORBIT"]),
        ("Ann Lee, Bo Kim with the LYRA Team", ["LYRA Team"]),
        ("Ann Lee, Bo Kim, with an appendix by Cy Poe", ["Cy Poe"]),
        ("Ann Lee, Bo Kim (with appendices by Cy Poe and Dee Moe)", ["Cy Poe", "Dee Moe"]),
        ("Ann Lee (for the H1 Collaboration), Bo Kim (for the H1 Collaboration)", ["H1 Collaboration"]),
        ("Ann Lee, Bo Kim (for the ORBIT Collaboration", ["ORBIT Collaboration"]),
    ],
)
def test_those_whom_authors_write_for_come_last(raw, expected):
    assert names(raw) == ["Ann Lee", "Bo Kim", *expected]


@pytest.mark.parametrize(
    "raw",
    [
        "A. Roe*, B. Doe†",
        "A. Roe*,1, B. Doe†",
        "A. Roe$^\\dagger$ and B. Doe^{1,2}",
        "A. Roe¹, B. Doe ²,³",
        "A. Roe\\inst{1}, B. Doe\\footnotemark[1]",
        "A. Roe (1) B. Doe (2)",
        "A. Roe\\textsuperscript{1,*}, B. Doe§ (Uni A)",
    ],
)
def test_marks_are_no_part_of_a_name(raw):
    assert names(raw) == ["A. Roe", "B. Doe"]


def test_degrees_and_orders_stay_with_the_name():
    raw = "Gus Roe, SJ, Ann Lee, Ph. D., C. Poe, M.D., The Anh Nguyen"
    assert names(raw) == ["Gus Roe SJ", "Ann Lee Ph.D.", "C. Poe M.D.", "The Anh Nguyen"]


@pytest.mark.parametrize(
    ("line", "feed", "api"),
    [
        ("A. Doe, Can (Sam) Chen, B. Roe", "A. Doe (Sam), Can (Sam), Chen, B. Roe",
         [("A. Doe", "Sam"), ("Can", "Sam"), ("Chen", None), ("B. Roe", None)]),
        ("A. Doe, Meng Yee (Michael) Chuah", "A. Doe (Michael), Meng Yee (Michael), Chuah",
         [("A. Doe", "Michael"), ("Meng Yee", "Michael"), ("Chuah", None)]),
        ("Chen (Cherise) Chen", "Chen (Cherise), Chen (Cherise)", [("Chen", "Cherise"), ("Chen", "Cherise")]),
        ("Ada Lovelace (London), Plato", "Ada Lovelace (London), Plato", [("Ada Lovelace", "London"), ("Plato", None)]),
        ("MiniLumo: Ann Lee", "MiniLumo,  :, Ann Lee", [("MiniLumo", None), (":", None), ("Ann Lee", None)]),
        ("the VELA team, J.-M Bruel", "the VELA team, J. -M Bruel", [("the VELA team", None), ("J. -M Bruel", None)]),
        ("Edited by Josep.Ll Roe", "Edited by Josep. Ll Roe", [("Edited by Josep. Ll Roe", None)]),
        ("Miles <m@example.org> Roe", "Miles <m@example. org> Roe", [("Miles <m@example. org> Roe", None)]),
    ],
)  # fmt: skip
def test_all_sources_name_the_same_authors(line, feed, api):
    """The line as typed, as arXiv's parser leaves it in feeds, and as the query API gives it."""
    typed = parse_authors(line)
    assert parse_authors(feed, cut=True) == typed
    assert join_authors(api) == typed


@pytest.mark.parametrize(
    "name",
    ["ORBIT Collaboration", "Team Lumo", "Roe Labs", "Acme AI", "Institute of Maps", "the Llama crew", "Acme, Inc.", "H1 group (DESY)",
     "The Llama Authors", "Consortium"],
)  # fmt: skip
def test_groups_are_told_from_people(name):
    assert is_collaboration(name)


@pytest.mark.parametrize(
    "name",
    [
        "Ann Lee",
        "The Anh Nguyen",
        "Plato",
        "WEI AI",
        "Bo van der Group Roe",
        "Can (Sam) Chen",
        "J. Roe Jr.",
        "",
        "Xiao Ai",
    ],
)
def test_people_are_no_groups(name):
    assert not is_collaboration(name)
