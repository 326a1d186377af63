import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import digest.summaries.weights as module
from digest.arxiv.identifiers import parse_identifier
from digest.summaries.weights import (
    FIELD_BITS,
    format_feature,
    load_weights,
    pack,
    parse_feature,
    parse_weights,
    unpack,
)

SHIPPED = Path(module.__file__).with_name("weights.json")
BY_HAND = Path(__file__).resolve().parents[2] / "tools" / "roles_by_hand.json"


def test_shipped_weights_parse_and_are_small() -> None:
    weights = load_weights()
    assert len(weights.roles) == 8
    assert len(weights.moves) == 6
    assert len(weights.role_rows) > 500
    assert weights.words
    assert weights.ranks
    assert SHIPPED.stat().st_size <= 60_000


def test_a_row_of_the_wrong_width_is_refused() -> None:
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    data["roles"]["table"][0] = "name\tPPPPPPPPP"
    with pytest.raises(ValueError, match="'name' has 9 weights for 8 roles"):
        parse_weights(json.dumps(data))


@given(st.lists(st.lists(st.integers(-46, 46), min_size=8, max_size=8), min_size=1, max_size=50))
def test_sums_of_packed_rows_hold_the_sums_of_their_fields(rows: list[list[int]]) -> None:
    assert unpack(sum(map(pack, rows)), 8) == [sum(column) for column in zip(*rows, strict=True)]


def test_fields_are_wide_enough_for_long_sentences() -> None:
    assert 1 << (FIELD_BITS - 1) > 46 * 10_000


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=" \t"), min_size=1), min_size=1, max_size=4))
def test_features_come_back_from_their_names(parts: list[str]) -> None:
    feature = parts[0] if len(parts) == 1 else tuple(parts)
    assert parse_feature(format_feature(feature)) == feature


def test_pairs_with_a_gap_come_back_from_their_names() -> None:
    assert parse_feature(format_feature(("a", "", "c"))) == ("a", "", "c")


def test_labels_by_hand_are_of_arxiv_papers_and_name_roles() -> None:
    labels = json.loads(BY_HAND.read_text(encoding="utf-8"))
    assert len(labels) > 100
    for paper_id, letters in labels.items():
        assert parse_identifier(paper_id) == (paper_id, None)
        assert letters
        assert set(letters) <= set("bgomrc")
