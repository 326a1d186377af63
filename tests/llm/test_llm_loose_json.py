"""JSON as models write it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.llm.loose_json import find_objects, mend_backslashes

WHOLE = {"tldr": 'Say "hi", then [go].', "method": "a: b, c"}


def members(text: str) -> list[dict[str, object]]:
    return [found.members for found in find_objects(text)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WHOLE),
        "\ufeff" + json.dumps(WHOLE),
        f"```json\n{json.dumps(WHOLE)}\n```",
        f"```json\n{json.dumps(WHOLE)}",
        f"For {{a, b}} and f{{x}} it is: {json.dumps(WHOLE)} Ask for more {{detail}}.",
        f"[{json.dumps(WHOLE)}]",
        json.dumps(json.dumps(WHOLE)),
        repr(WHOLE),
        "{ // note\n" + json.dumps(WHOLE)[1:-1] + ", /* end */ }",
        '{tldr: "Say \\"hi\\", then [go].", method: "a: b, c",}',
        '{“tldr”: "Say "hi", then [go].", “method”: "a: b, c"}',
        '{"tldr": "Say \\"hi\\", then [go]." "method": "a: b, c"}',
    ],
)
def test_broken_ways_of_writing_it_are_read(text: str) -> None:
    assert members(text) == [WHOLE]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': ['x', {'b': 'y',}, 3, null,],}", ["x", {"b": "y"}, 3, None]),
        ("{'a': 'it\\'s so'}", "it's so"),
        ('"not JSON {"a": "x"}', "x"),
        ('{"a": “typeset”}', "typeset"),
        ("{'a': [1, 'cut", [1, "cut"]),
        ("{'a': 'cut in an escape \\u00", "cut in an escape \\u00"),
        ("{'a':", None),
    ],
)
def test_odd_values_are_read(text: str, value: object) -> None:
    assert members(text) == [{"a": value}]


def test_latex_commands_are_not_taken_for_control_characters() -> None:
    text = r'{"a": "\frac12 \theta \nabla f, \nu, \rho, \beta, \not\in, \times, \underline{x}, \mathcal{N}"}'
    assert members(text) == [
        {"a": r"\frac12 \theta \nabla f, \nu, \rho, \beta, \not\in, \times, \underline{x}, \mathcal{N}"}
    ]


def test_real_escapes_stay() -> None:
    assert members(r'{"a": "one\nTwo \"q\" \u00e9 \\alpha \/"}') == [{"a": 'one\nTwo "q" é \\alpha /'}]


def test_text_that_stops_is_told_and_keeps_what_came_before() -> None:
    (found,) = find_objects('{"tldr": "All of it.", "method": "Only ha')
    assert not found.complete
    assert found.members == {"tldr": "All of it.", "method": "Only ha"}


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "{x}", "[]", '"text"', "{" * 5000, "}{", "null", '{"a"', "{:}"])
def test_what_holds_no_object_gives_none(text: str) -> None:
    assert [found for found in members(text) if any(found.values())] == []


@pytest.mark.parametrize(
    "text", ['{"a":' * 60_000, "{'a':\"" * 30_000, '{"a":"' + "\\" * 150_000, "[" * 100_000 + "{" * 100_000]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    find_objects(text)
    assert time.perf_counter() - began < 3


values = st.recursive(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\"), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=5), values, min_size=1, max_size=4))
def test_valid_json_comes_out_as_it_is(value: dict[str, object]) -> None:
    (found,) = find_objects(json.dumps(value, ensure_ascii=False))
    assert found.members == value
    assert found.complete


@given(st.text(max_size=80))
def test_anything_is_survived(text: str) -> None:
    find_objects(text)
    find_objects('{"a": "' + text)


@given(st.text(max_size=40))
def test_mending_twice_is_mending_once(text: str) -> None:
    once = mend_backslashes(json.dumps(text))
    assert mend_backslashes(once) == once
