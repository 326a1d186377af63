"""Keys: made from one root, apart from each other, renewed alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.profiles.keys import Kind, ident_of, make_key, opens, parse_key

ROOT, OTHER = bytes(range(32)), bytes(range(1, 33))
EDITIONS = {Kind.OWNER: "", Kind.READ: "", Kind.VOTE: ""}
PAPER = "2601.05174"


def is_opened(text, root=ROOT, editions=EDITIONS, paper=""):
    key = parse_key(text)
    return key is not None and opens(key, root, editions, paper)


def test_keys_stay_what_they_are():
    """Addresses that readers subscribed to must open the same profile in every later version."""
    assert ident_of(ROOT) == "weyebpmvbvuvhb6b"
    assert [make_key(ROOT, kind, "", PAPER if kind is Kind.VOTE else "") for kind in Kind] == [
        "oweyebpmvbvuvhb6b4tmxg3up5iqg3sxwb72sa2g5",
        "rweyebpmvbvuvhb6bpbr3td3v5ngqcjvnpjeyhal5",
        "vweyebpmvbvuvhb6baupa3t7ruodnh5cmhx64lomj",
    ]


@pytest.mark.parametrize("kind", Kind)
def test_a_key_opens_its_own_profile_alone(kind):
    key = make_key(ROOT, kind, "")
    assert is_opened(key)
    assert not is_opened(key, root=OTHER)


def test_each_kind_has_a_key_of_its_own():
    codes = {make_key(ROOT, kind, "", paper)[1:] for kind in Kind for paper in ("", PAPER)}
    assert len(codes) == 2 * len(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_key_of_one_kind_opens_no_other(kind):
    text = make_key(ROOT, kind, "")
    for other in set(Kind) - {kind}:
        assert not is_opened(f"{other}{text[1:]}")


@pytest.mark.parametrize("paper", ["2601.05175", "", "2601.0517", "hep-th/9901001"])
def test_a_vote_key_is_for_one_paper(paper):
    key = make_key(ROOT, Kind.VOTE, "", PAPER)
    assert is_opened(key, paper=PAPER)
    assert not is_opened(key, paper=paper)


@pytest.mark.parametrize("renewed", Kind)
def test_renewing_one_kind_ends_its_keys_alone(renewed):
    keys = {kind: make_key(ROOT, kind, "") for kind in Kind}
    editions = {**EDITIONS, renewed: "1f"}
    assert {kind for kind in Kind if is_opened(keys[kind], editions=editions)} == set(Kind) - {renewed}
    assert is_opened(make_key(ROOT, renewed, "1f"), editions=editions)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o",
        "x" * 41,
        "o" + "a" * 39,
        "o" + "a" * 41,
        "O" + "a" * 40,
        "o" + "a" * 39 + "1",
        "o" + "a" * 40 + "\n",
        "é" * 41,
    ],
)
def test_what_looks_like_no_key_is_none(text):
    assert parse_key(text) is None


@given(st.binary(min_size=32, max_size=32), st.sampled_from(Kind), st.text("0123456789abcdef", max_size=16))
def test_what_is_made_can_be_read_and_opens(root, kind, edition):
    text = make_key(root, kind, edition, PAPER)
    assert parse_key(text).kind is kind
    assert is_opened(text, root=root, editions={**EDITIONS, kind: edition}, paper=PAPER)


@given(st.integers(17, 40), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_letter_opens_nothing(place, letter):
    text = make_key(ROOT, Kind.READ, "")
    wrong = text[:place] + letter + text[place + 1 :]
    assert is_opened(wrong) is (wrong == text)
