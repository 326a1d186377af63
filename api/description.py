"""The OpenAPI description, made to tell what this server does: errors are problem details, and a wrong value is a 400."""

from typing import Any

from fastapi import FastAPI

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "The error as problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Always `about:blank`: the status says what kind of problem it is."},
        "title": {"type": "string", "description": "The status in words.", "examples": ["Bad Request"]},
        "status": {"type": "integer", "description": "The HTTP status.", "examples": [400]},
        "detail": {
            "type": "string",
            "description": "The problem, and the allowed values.",
            "examples": ["unknown category cs.XX; did you mean cs.AI?"],
        },
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
        "hint": {"type": "string", "description": "A suggestion for a request that works."},
        "position": {"type": "integer", "description": "Where a filter can't be read, counted from 0."},
        "errors": {
            "type": "array",
            "description": "Each wrong parameter, where there may be several.",
            "items": {
                "type": "object",
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "request": {"type": "string", "description": "The id under which the log has an unforeseen error."},
    },
}
_BAD_REQUEST = {"description": "Unknown parameter or value; the answer names it and what is allowed."}
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class DescribedApp(FastAPI):
    """A FastAPI application whose description has its own form of errors."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; it is made once."""
        if not self.openapi_schema:
            document = super().openapi()
            for operations in document["paths"].values():
                for operation in operations.values():
                    _describe_errors(operation["responses"])
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = PROBLEM
            if root := self.state.backend.root():
                document["servers"] = [{"url": root}]
        return self.openapi_schema or {}


def _describe_errors(responses: dict[str, Any]) -> None:
    if responses.pop("422", None):
        responses.setdefault("400", dict(_BAD_REQUEST))
    for status, response in responses.items():
        if status >= "4":
            response["content"] = _CONTENT
