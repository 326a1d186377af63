"""What is known of the platform from its environment."""

from __future__ import annotations

from collections.abc import Mapping


def is_serverless(environ: Mapping[str, str]) -> bool:
    """Tell whether this is Vercel or AWS Lambda: idle processes are frozen, nothing on disk lasts, answers are bounded."""
    return bool(environ.get("VERCEL") or environ.get("AWS_LAMBDA_FUNCTION_NAME"))
