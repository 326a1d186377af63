"""Profiles of texts: what the shipped vectors bring together, and what is stored of them."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.selection.indexing import Text
from digest.selection.vectors import (
    TERM_STEPS,
    TERMS,
    UNIT,
    Fit,
    WordVectors,
    count_words,
    format_fit,
    load_vectors,
    pack_profiles,
    parse_fit,
    term_number,
    text_key,
    unpack_profiles,
)
from digest.selection.words import Vocabulary

WORDS = load_vectors()
# Three words in two dimensions; the file has the first dimension of all words first.
SMALL = Fit("", ("cell", "galaxy", "star"), (2.0, 1.0, 1.0), (0.0, 0.0), bytes([228, 128, 128, 128, 228, 228]))


def profile(title, abstract="", words=WORDS):
    vocabulary = Vocabulary()
    return words.profile(count_words(Text(title, vocabulary).singular, Text(abstract, vocabulary).singular))


def cosine(one, other, words=WORDS):
    pairs = zip(words.vector_of(one), words.vector_of(other), strict=True)
    return sum(a * b for a, b in pairs) / UNIT**2


def test_directions_in_which_papers_differ_most_count_less_in_examples():
    words = WordVectors(SMALL._replace(spread=(0.9, 0.1)))
    made = profile("", "cell galaxy", words)
    right, up = words.vector_of(made)
    weighed = words.example_vector(made)
    assert weighed[0] / weighed[1] == pytest.approx(right / up * (0.1 + 1.5) / (0.9 + 1.5), rel=0.05)
    assert math.hypot(*weighed) == pytest.approx(UNIT, abs=1)


def test_without_a_spread_examples_are_compared_as_they_are():
    words = WordVectors(SMALL)
    made = profile("cell", "galaxy", words)
    assert words.example_vector(made) == list(words.vector_of(made))


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("Dwarf galaxies", "Stellar populations of spirals", "Stochastic gradient descent"),
        ("Protein folding", "Gene expression in cells", "Dark energy survey"),
        ("Speech recognition", "Audio and speaker models", "Superconducting qubits"),
        ("Quantum error correction", "Entanglement of qubits", "Patient records in hospitals"),
    ],
)
def test_words_of_one_field_are_near_without_a_word_in_common(text, near, far):
    assert cosine(profile(text), profile(near)) > cosine(profile(text), profile(far)) + 0.2


def test_rows_add_up_by_count_and_less_the_mean():
    words = WordVectors(SMALL)
    assert list(words.vector_of(profile("", "cell", words))) == [127, 0]
    # The title counts twice: 1 + ln 2 to the right, 1 upwards.
    right, up = words.vector_of(profile("cell", "galaxy", words))
    assert right / up == pytest.approx(1 + math.log(2), rel=0.02)
    # Of tf-idf length 2 the mean takes away 2 times 50 downwards.
    words = WordVectors(SMALL._replace(mean=(0.0, -50.0)))
    assert list(words.vector_of(profile("", "cell", words))) == [90, 90]


def test_vectors_have_one_length_and_texts_without_known_words_none():
    found = WORDS.vector_of(profile("Dwarf galaxies", "We measure spectra of dwarf galaxies near the Milky Way."))
    assert math.hypot(*found) == pytest.approx(UNIT, rel=0.03)
    assert set(WORDS.vector_of(profile("Qwertzuiop", "xyzzyplugh"))) == {0}
    assert profile("", "") == bytes(WORDS.profile_bytes)


def test_terms_are_the_heaviest_words_with_their_weights():
    terms = WORDS.terms_of(profile("Zyzzyva", "the zyzzyva of galaxies"))
    weights = {term >> 8: term & 255 for term in terms if term}
    assert list(weights)[:2] == [term_number("zyzzyva"), term_number("galaxy")]
    assert math.hypot(*weights.values()) == pytest.approx(TERM_STEPS, rel=0.02)
    assert len(terms) == TERMS
    long = WORDS.terms_of(profile("", " ".join(f"word{n}" for n in range(200))))
    assert all(long)


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_has_a_profile_and_always_the_same(title, abstract):
    found = profile(title, abstract)
    assert len(found) == WORDS.profile_bytes
    assert profile(title, abstract) == found
    assert cosine(found, found) <= 1.06


@given(st.dictionaries(st.binary(min_size=8, max_size=8), st.integers(0, 255), max_size=5))
def test_profiles_come_back_from_the_store(values):
    profiles = {key: bytes([value]) * WORDS.profile_bytes for key, value in values.items()}
    assert unpack_profiles(pack_profiles(profiles, WORDS.version), WORDS) == profiles


def test_profiles_of_another_fit_are_not_mixed_in():
    packed = pack_profiles({text_key("a", "b"): bytes(WORDS.profile_bytes)}, "1-another")
    assert unpack_profiles(packed, WORDS) == {}


def test_profiles_that_were_cut_off_are_an_error():
    packed = pack_profiles({text_key("a", "b"): bytes(WORDS.profile_bytes)}, WORDS.version)
    with pytest.raises(ValueError, match="not a multiple"):
        unpack_profiles(packed[:-1], WORDS)


def test_another_text_has_another_key():
    keys = {text_key(title, abstract) for title, abstract in [("a", "b"), ("ab", ""), ("", "ab"), ("a", "B")]}
    assert len(keys) == 4


def test_the_file_says_what_it_was_made_of():
    read = parse_fit(format_fit(SMALL))
    assert read._replace(version="") == SMALL
    other = parse_fit(format_fit(SMALL._replace(columns=SMALL.columns[::-1])))
    assert read.version != other.version


@pytest.mark.parametrize(
    "fit",
    [SMALL._replace(columns=SMALL.columns[:-1]), SMALL._replace(mean=(0.0,)), SMALL._replace(idf=(1.0,))],
    ids=["table", "dimensions", "idf"],
)
def test_a_file_whose_parts_don_t_fit_is_refused(fit):
    with pytest.raises(ValueError, match="rows of"):
        parse_fit(format_fit(fit))


def test_the_shipped_file_is_small():
    from pathlib import Path

    import digest.selection.vectors as module

    assert Path(module.__file__).with_name("vectors.bin").stat().st_size <= 1_000_000
    assert array("b", WORDS.vector_of(profile("galaxy"))).itemsize == 1
