"""What a model is asked for: four schemas, each a table of fields from which all else follows.

A field's `key` is what is in the model's JSON; its `part` is the member of `Summary` it fills.
The fields of `full` are the sections of one Markdown text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model


class SummarySchema(StrEnum):
    """The kinds of model summaries."""

    TLDR = "tldr"
    ANALYSIS = "analysis"
    TRANSLATE = "translate"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One field of an answer."""

    key: str
    about: str
    """What belongs here, as told to the model."""
    limit: int
    """Longest text kept, in characters."""
    lead: bool = False
    """Without it there is no summary; the others may be empty where the paper doesn't tell."""


_SENTENCE = 600
_SECTION = 6000

FIELDS: dict[SummarySchema, tuple[AnswerField, ...]] = {
    SummarySchema.TLDR: (
        AnswerField("tldr", "what the paper does and finds, in one or two plain sentences", _SENTENCE, lead=True),
        AnswerField("motivation", "the problem or gap that made the work necessary, in one sentence", _SENTENCE),
        AnswerField("method", "how it was done, in one or two sentences", _SENTENCE),
        AnswerField("result", "what was found, with the numbers the text gives, in one or two sentences", _SENTENCE),
        AnswerField("conclusion", "what follows from it, in one sentence", _SENTENCE),
    ),
    SummarySchema.ANALYSIS: (
        AnswerField("title", "the title, translated; technical names stay", 300, lead=True),
        AnswerField("background", "the field and the open problem, in two or three sentences", 1200),
        AnswerField("innovation", "what is new here and how it works, in two to four sentences", 1200, lead=True),
        AnswerField("conclusion", "what was found and what follows, in two or three sentences", 1200),
    ),
    SummarySchema.TRANSLATE: (
        AnswerField("title", "the title, translated; technical names stay", 300, lead=True),
        AnswerField(
            "abstract", "the whole abstract, translated sentence by sentence, nothing left out", 8000, lead=True
        ),
    ),
    SummarySchema.FULL: (
        AnswerField("contribution", "the problem and what the paper contributes, in a paragraph", _SECTION, lead=True),
        AnswerField(
            "method", "method and set-up: data, models, experiments or proofs, in one or two paragraphs", _SECTION
        ),
        AnswerField("results", "the results with their numbers, in one or two paragraphs", _SECTION, lead=True),
        AnswerField("limits", "conclusions and limits, in a paragraph", _SECTION),
    ),
}
"""The fields of each schema in the order of the answer."""

ROOM_BYTES = {schema: sum(field.limit for field in fields) // 2 for schema, fields in FIELDS.items()}
"""About what a summary takes in the store, compressed, if it is a long one."""

OUTPUT_TOKENS = {
    SummarySchema.TLDR: 1000,
    SummarySchema.ANALYSIS: 1500,
    SummarySchema.TRANSLATE: 2500,
    SummarySchema.FULL: 4000,
}
"""Most tokens that an answer may have at first; doubled when one is cut off."""


@cache
def answer_model(schema: SummarySchema) -> type[BaseModel]:
    """Return the pydantic model of an answer: every key a text, in order, no other keys."""
    members: dict[str, Any] = {field.key: (str, Field(description=field.about)) for field in FIELDS[schema]}
    return create_model(f"{schema.title()}Answer", __config__=ConfigDict(frozen=True, extra="forbid"), **members)


@cache
def json_schema(schema: SummarySchema) -> dict[str, Any]:
    """Return the answer's JSON schema in the subset that strict endpoints take: all required, nothing else.

    Lengths are left out: several endpoints refuse them.
    """
    made = answer_model(schema).model_json_schema()
    properties = {
        key: {"type": "string", "description": member["description"]} for key, member in made["properties"].items()
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
