import pytest

from digest.selection.authors import has_author, may_have_author, name_text, parse_name, parse_pattern


def is_author(name, asked, *, prefix=False):
    pattern = parse_pattern(asked, prefix=prefix)
    assert pattern is not None
    found = has_author([parse_name(name)], pattern)
    assert may_have_author(name_text([name]), pattern) or not found
    return found


@pytest.mark.parametrize(
    "asked",
    [
        "Yoshua Bengio",
        "Y. Bengio",
        "Bengio, Yoshua",
        "Bengio, Y.",
        "bengio_y",
        "Bengio Y",
        "Bengio Yoshua",
        "bengio",
        "BENGIO",
    ],
)
def test_one_person_in_many_spellings(asked):
    assert is_author("Yoshua Bengio", asked)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Y. Bengio", "Yoshua Bengio"),
        ("Donald E. Knuth", "Donald Knuth"),
        ("Donald Knuth", "Donald E. Knuth"),
        ("D. E. Knuth", "Knuth, Donald"),
        ("Jean-Luc Mallet", "J.-L. Mallet"),
        ("Bernhard Schölkopf", "Scholkopf"),
        ("Bernhard Schölkopf", "B. Schoelkopf"),
        ("Paul Erdős", "erdos_p"),
        ("Liam O'Brien", "L. O’Brien"),
        ("Lucas van der Berg", "L. van der Berg"),
        ("Adriano del Maestro", "del_maestro"),
        ("Martin Luther King Jr.", "M. L. King"),
        ("The ATLAS Collaboration", "ATLAS Collaboration"),
        ("Wei Wang", "Wang Wei"),
        ("Di Wang", "Di Wang"),
        ("D. Wang", "Di Wang"),
        ("Yo-Sub Han", "Yosub Han"),
        ("Yosub Han", "Yo-Sub Han"),
        ("Yo-Sub K. Han", "Yosub Han"),
        ("Y.-S. Han", "Yosub Han"),
        ("Xiaomin Roe", "Xiao-Min Roe"),
        ("Xiao Min Roe", "Xiaomin Roe"),
        ("Xiao Min Roe", "Roe, Xiaomin"),
        ("Maria Garcia-Lopez", "M. Garcia Lopez"),
        ("Maria Garcialopez", "Garcia-Lopez"),
        ("Lucas van den Berg", "L. Vandenberg"),
        ("Jose De la Cruz", "Delacruz"),
        ("Sam Mc Carthy", "S. McCarthy"),
        ("Omar AlSayed", "Omar Al-Sayed"),
        ("Omar Al Sayed", "Alsayed"),
        ("Yuri Ben Roe", "Y. Roe"),
        ("K. Mueller", "Müller"),
        ("K. Müller", "Mueller"),
        ("Karl Müller", "Mueller, K."),
        ("A. Soerensen", "Sørensen"),
        ("Søren Ågård", "S. Aagaard"),
        ("Soeren Aagaard", "Søren Ågård"),
        ("Øyvind Roe", "Oeyvind Roe"),
        ("Karl Roe SJ", "K. Roe"),
        ("Karl Roe, S.J.", "Karl Roe"),
        ("Karl Roe PhD", "K. Roe"),
        ("Karl Roe, Ph.D.", "Roe, Karl"),
        ("Karl Roe MD", "K. Roe"),
        ("Karl Roe MD, PhD", "K. Roe"),
        ("Karl Roe M.D.", "roe_k"),
        ("Dr. Karl Roe", "K. Roe"),
        ("Prof. Dr. Karl Roe", "Karl Roe"),
        ("Karl Roe", "Dr. Karl Roe"),
        ("Karl Roe", "K. Roe PhD"),
        ("Alex Jordan Roe", "AJ Roe"),
        ("AJ Roe", "Alex Jordan Roe"),
        ("AJ Roe", "A. J. Roe"),
        ("A. J. Roe", "Roe AJ"),
        ("Alex Jordan Roe", "Roe, AJ"),
        ("Md Rahman", "M. Rahman"),
        ("Mohammed D. Rahman", "Rahman MD"),
        ("Gabriel José García Márquez", "García Márquez, Gabriel José"),
        ("Yoshua Bengio", "Yoshua Bengio, Geoffrey Hinton"),
        ("Geoffrey Hinton", "Yoshua Bengio, Geoffrey Hinton"),
    ],
)
def test_initials_accents_and_particles(name, asked):
    assert is_author(name, asked)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Samy Bengio", "Y. Bengio"),
        ("Samy Bengio", "Yoshua Bengio"),
        ("Yoshua Bengiolini", "bengio"),
        ("Samy Y. Bengio", "Yoshua Bengio"),
        ("Yoshua B. Smith", "bengio_y"),
        ("Wang Li Na", "Li Wang"),
        ("Bengio", "Y. Bengio"),
        ("Lucas Berg", "L. van der Berg"),
        ("Xiaomin Roe", "Min Roe"),
        ("Yosub Han", "Sub Han"),
        ("K. Muller", "Mueller"),
        ("Alex Jordan Roe", "JA Roe"),
        ("Wei Lina", "Li Na"),
        ("Yi Han Yu", "Hanyu"),
        ("Yi Han Yu", "Y. Hanyu"),
        ("Sam Jay", "K. Roe SJ"),
        ("Hinton Wang", "Wang Bengio, Hinton Roe"),
    ],
)
def test_other_people_are_not_meant(name, asked):
    assert not is_author(name, asked)


def test_a_prefix_begins_any_part_of_a_name():
    assert is_author("Yoshua Bengio", "beng", prefix=True)
    assert not is_author("Yoshua Bengio", "engio", prefix=True)


def test_words_of_different_authors_make_no_name():
    pattern = parse_pattern("Yoshua Hinton")
    assert pattern is not None
    assert not has_author(map(parse_name, ("Yoshua Bengio", "Geoffrey Hinton")), pattern)


def test_what_holds_no_letter_is_no_name():
    assert parse_pattern("., -") is None
