"""Answers to parts: what is trusted, what is dropped, what is asked for again."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config.summary_schemas import FIELDS, SummarySchema, answer_model, json_schema
from digest.llm.answers import Reading, read_answer, to_summary
from tests.llm.llm_kit import ABSTRACT, GOOD

TITLE = "Control of soft robots"
SOURCE = f"{TITLE}\n{ABSTRACT}"


def read(
    answer: Any,
    *,
    schema: SummarySchema = SummarySchema.TLDR,
    language: str = "en",
    source: str = SOURCE,
    cut: bool = False,
) -> Reading:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return read_answer(text, schema, language=language, source=source, cut=cut)


def test_a_good_answer_is_taken_as_it_is() -> None:
    assert read(GOOD) == Reading(GOOD, (), usable=True)


@pytest.mark.parametrize(
    "around",
    [
        '<think>\nMaybe {{"tldr": "a draft of something"}}?\n</think>\n\n{}',
        'Maybe {{"tldr": "a draft of something"}}?</think>{}',
        "<think>I answer {}",
        "Sure!\n```json\n{}\n```\nAnything else?",
        '{{"draft": true}}\n{}',
        '{{"summary": {}}}',
        '{{"answer": {{"data": [{}]}}}}',
    ],
)
def test_the_answer_is_found_wherever_it_stands(around: str) -> None:
    assert read(around.format(json.dumps(GOOD))).parts == GOOD


@pytest.mark.parametrize(
    "names",
    [
        {"tldr": "TL;DR", "method": "METHOD", "result": "Results"},
        {"tldr": "tltr", "motivation": "Motivations", "conclusion": "conclusoin"},
        {"tldr": "一句话总结", "motivation": "动机", "method": "方法", "result": "结果", "conclusion": "结论"},
    ],
)
def test_keys_are_known_by_alias_case_and_likeness(names: dict[str, str]) -> None:
    assert read({names.get(key, key): value for key, value in GOOD.items()}).parts == GOOD


def test_one_object_a_field_is_put_together() -> None:
    assert read("\n".join(json.dumps({key: value}) for key, value in GOOD.items())).parts == GOOD


def test_of_two_whole_answers_the_last_counts() -> None:
    draft = {key: f"Draft: {value}" for key, value in GOOD.items()}
    assert read(f"{json.dumps(draft)}\nBetter:\n{json.dumps(GOOD)}").parts == GOOD


def test_what_was_being_written_when_it_stopped_is_dropped() -> None:
    reading = read(json.dumps(GOOD)[:150], cut=True)
    assert reading.usable
    assert reading.parts == {"tldr": GOOD["tldr"]}
    assert "cut off" in reading.problems[0]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "...",
        "N/A",
        "None",
        "string",
        "<tldr>",
        "-",
        "TODO",
        "null",
        None,
        42,
        True,
        [],
        {},
        "Not specified.",
        "暂无",
    ],
)
def test_placeholders_and_other_types_are_no_text(value: Any) -> None:
    assert "method" not in read(GOOD | {"method": value}).parts
    assert not read(GOOD | {"tldr": value}).usable


def test_a_field_left_empty_on_purpose_is_not_asked_for_again() -> None:
    reading = read(GOOD | {"conclusion": ""})
    assert reading.usable
    assert reading.problems == ()


def test_an_absent_field_is() -> None:
    reading = read({key: value for key, value in GOOD.items() if key != "result"})
    assert reading.usable
    assert reading.problems == ("these keys were absent: result",)


def test_lists_and_objects_of_text_are_joined() -> None:
    reading = read(GOOD | {"method": ["Few strokes.", "Then transfer."], "result": {"text": "It works well."}})
    assert (reading.parts["method"], reading.parts["result"]) == ("Few strokes. Then transfer.", "It works well.")


def test_equal_fields_count_once_and_all_equal_for_nothing() -> None:
    assert "motivation" not in read(GOOD | {"motivation": GOOD["tldr"].upper()}).parts
    assert not read(dict.fromkeys(GOOD, "The paper studies soft robots in detail.")).usable


def test_a_sentence_that_an_earlier_field_had_is_dropped() -> None:
    reading = read(GOOD | {"result": f"{GOOD['method']} It reaches 92.4 % success."})
    assert reading.parts["result"] == "It reaches 92.4 % success."
    assert reading.problems == ()


@pytest.mark.parametrize("text", ["I'm sorry, but I can't help with that.", "As an AI model I have no view on it."])
def test_apologies_are_no_summary(text: str) -> None:
    assert not read(text).usable
    assert not read(GOOD | {"tldr": text}).usable


def test_numbers_that_the_source_does_not_have_cost_the_field() -> None:
    reading = read(GOOD | {"result": "It reaches 97.8 % success."})
    assert "result" not in reading.parts
    assert "97.8" in reading.problems[0]
    assert not read(GOOD | {"tldr": "A controller learns from 120 strokes."}).usable


def test_the_wrong_language_is_noticed() -> None:
    spanish = {key: f"Este es el texto de la {key} que no está en el idioma." for key in GOOD}
    reading = read(spanish)
    assert not reading.usable
    assert "it was in the wrong language" in reading.problems
    assert read(spanish, language="es").usable


def test_repetition_and_length_are_bounded() -> None:
    assert not read(GOOD | {"tldr": "The model is good. " * 400}).usable
    long = (
        ABSTRACT.replace("robots", "machines")
        + " Which is why it matters to people who build them from rubber, silk or wood." * 6
    )
    assert len(read(GOOD | {"method": long}).parts["method"]) <= 600


def test_dense_scripts_have_half_the_room() -> None:
    sentence = "本文提出一种控制软体机器人的方法，{}并在多个基准上验证了其有效性。"
    text = "".join(sentence.format(chr(0x4E00 + 7 * place)) for place in range(12))
    made = read(GOOD | {"tldr": text}, language="zh-CN").parts
    assert 150 < len(made["tldr"]) <= 300
    assert made["tldr"].endswith("。")


def test_a_text_without_sentences_is_cut_after_a_word_and_asked_for_again_if_far_too_long() -> None:
    words = " ".join(
        f"{first}{second}{third}" for first in "bcdfghjklmnpq" for second in "aeiou" for third in "lmnprstvwz"
    )
    reading = read(GOOD | {"method": words})
    assert reading.parts["method"].endswith("…")
    assert len(reading.parts["method"]) <= 600
    assert reading.problems == ("method was far too long",)


def test_hidden_characters_and_lone_surrogates_go() -> None:
    text = '{"tldr": "A controller\\u0000 for \\ud83d soft\\u202e robots\\u200b that learns."}'
    assert read(text).parts["tldr"] == "A controller for soft robots that learns."


def test_labels_and_emphasis_go() -> None:
    assert (
        read(GOOD | {"tldr": "**TL;DR:** A controller for **soft** robots."}).parts["tldr"]
        == "A controller for soft robots."
    )


def test_a_title_with_a_colon_is_no_label() -> None:
    made = read(
        {
            "title": "Alpha: ein Verfahren für die Steuerung",
            "abstract": "Wir zeigen, dass es für weiche Roboter auf den Daten geht. " * 2,
        },
        schema=SummarySchema.TRANSLATE,
        language="de",
    )
    assert made.parts["title"] == "Alpha: ein Verfahren für die Steuerung"


def test_a_translated_abstract_is_not_a_sentence_of_it() -> None:
    reading = read(
        {"title": "Steuerung", "abstract": "Es geht um Roboter."},
        schema=SummarySchema.TRANSLATE,
        language="de",
        source=SOURCE * 3,
    )
    assert not reading.usable


def test_sections_of_a_full_summary_become_markdown_under_our_headings() -> None:
    parts = {
        "contribution": "# Intro\nA *controller* for soft robots.",
        "method": "- few strokes\n- transfer",
        "results": "```\nIt reaches 92.4 % success.\n```",
        "limits": "",
    }
    reading = read(parts, schema=SummarySchema.FULL)
    summary = to_summary(
        reading.parts, SummarySchema.FULL, engine="m", language="en", created=datetime(2026, 1, 29, tzinfo=UTC)
    )
    assert summary.full == (
        "## Problem and contribution\n\n**Intro**\nA *controller* for soft robots.\n\n"
        "## Method and set-up\n\n- few strokes\n- transfer\n\n## Results\n\nIt reaches 92.4 % success."
    )


@pytest.mark.parametrize("schema", SummarySchema)
def test_schemas_are_strict_and_name_every_field(schema: SummarySchema) -> None:
    made = json_schema(schema)
    assert list(made["properties"]) == made["required"] == [item.key for item in FIELDS[schema]]
    assert made["additionalProperties"] is False
    assert set(answer_model(schema).model_fields) == set(made["required"])


@given(st.text(max_size=120) | st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=60)).map(json.dumps))
def test_no_answer_breaks_it_and_what_comes_out_can_be_stored(text: str) -> None:
    reading = read(text)
    to_summary(
        reading.parts, SummarySchema.TLDR, engine="m", language="en", created=datetime(2026, 1, 29, tzinfo=UTC)
    ).model_dump_json().encode()
    assert reading.usable is ("tldr" in reading.parts)
