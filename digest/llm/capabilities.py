"""What an endpoint takes, learnt from its refusals, and the request that results. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from digest.llm.prompts import Prompt
from digest.models import Frozen

_TEMPERATURE = 0.2
_TOO_LONG = (
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context window",
    "context length",
    "context size",
    "prompt is too long",
    "too many tokens",
    "string_above_max_length",
)
_FILTERED = ("content_filter", "content management policy", "content policy", "data_inspection_failed", "safety")
_FORMAT = ("response_format", "json_schema", "json_object", "json mode", "structured output", "grammar", "guided")
_SYSTEM = ("system role", "system message", "system prompt", "role 'system'", 'role "system"', "developer instruction")


class AnswerFormat(StrEnum):
    """Ways to ask for JSON, best first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PLAIN = "plain"


class Capabilities(Frozen):
    """What is sent to one endpoint for one model; the defaults are what OpenAI's own documentation names."""

    format: AnswerFormat = AnswerFormat.JSON_SCHEMA
    tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True
    system: bool = True

    def request(self, prompt: Prompt, *, model: str, max_tokens: int) -> dict[str, Any]:
        """Return the body of a chat completion."""
        body: dict[str, Any] = {
            "model": model,
            "messages": prompt.messages(with_system=self.system),
            self.tokens_name: max_tokens,
        }
        if self.temperature:
            body["temperature"] = _TEMPERATURE
        if self.format is AnswerFormat.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        elif self.format is AnswerFormat.JSON_SCHEMA:
            schema = {"name": prompt.name, "strict": True, "schema": prompt.json_schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def after_refusal(self, complaint: str) -> Capabilities | None:
        """Return what to try after a 400 with *complaint*, None if nothing is left.

        A complaint that names nothing we send is taken for one about the format: that is what most
        servers lack, and say least clearly.
        """
        said = complaint.lower()
        if "max_completion_tokens" in said and self.tokens_name == "max_tokens":
            return self.model_copy(update={"tokens_name": "max_completion_tokens"})
        if "temperature" in said and self.temperature:
            return self.model_copy(update={"temperature": False})
        if self.system and not _names(said, _FORMAT) and _names(said, _SYSTEM):
            return self.model_copy(update={"system": False})
        if self.format is AnswerFormat.JSON_SCHEMA:
            # Who has no response_format at all says so in the next refusal; who says it now saves it.
            unknown = "unknown parameter" in said or "unrecognized" in said or "extra" in said
            lower = AnswerFormat.PLAIN if unknown and "json_schema" not in said else AnswerFormat.JSON_OBJECT
            return self.model_copy(update={"format": lower})
        if self.format is AnswerFormat.JSON_OBJECT:
            return self.model_copy(update={"format": AnswerFormat.PLAIN})
        return None


def is_too_long(complaint: str) -> bool:
    """Whether an endpoint says that the request exceeds the model's context."""
    return _names(complaint.lower(), _TOO_LONG)


def is_filtered(complaint: str) -> bool:
    """Whether an endpoint says that its filter refused the text."""
    return _names(complaint.lower(), _FILTERED)


def _names(said: str, words: tuple[str, ...]) -> bool:
    return any(word in said for word in words)
