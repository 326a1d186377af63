"""What happens around every request: hot answers, HEAD, request ids, one log line."""

import json
import logging
import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.responses import HotAnswers, hot_key

log = logging.getLogger("api.requests")

_READS = frozenset({"GET", "HEAD"})


class Frontdoor:
    """Answer from the hot answers where possible; let everything else through, HEAD as GET without a body.

    Writes one line a request: id, method, path (no query: it may hold a key), status, milliseconds, and whether the
    answer was hot.
    """

    def __init__(self, app: ASGIApp, *, hot: HotAnswers) -> None:
        self._app = app
        self._hot = hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        hot = self._hot.get(hot_key(scope)) if scope["method"] in _READS else None
        if hot is not None:
            status = await hot.send(scope, send)
            _note(scope, status, started, request_id="", cache="hot")
            return
        request_id = secrets.token_hex(6)
        status_box = [0]
        observed = _observed(scope, send, request_id, status_box)
        try:
            await self._app({**scope, "method": "GET"} if scope["method"] == "HEAD" else scope, receive, observed)
        except Exception:
            log.exception("request %s failed", request_id)
            if status_box[0]:
                raise  # too late for another answer
            await problems.unexpected(Request(scope), request_id)(scope, receive, observed)
        finally:
            _note(scope, status_box[0], started, request_id=request_id, cache="miss")


def _observed(scope: Scope, send: Send, request_id: str, status_box: list[int]) -> Send:
    """Wrap *send*: note the status, add the request id, drop the body of answers to HEAD."""
    is_head = scope["method"] == "HEAD"

    async def observed(message: Message) -> None:
        if message["type"] == "http.response.start":
            status_box[0] = message["status"]
            headers = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            message = {**message, "headers": headers}
        elif is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return observed


def _note(scope: Scope, status: int, started: float, *, request_id: str, cache: str) -> None:
    if not log.isEnabledFor(logging.INFO):
        return
    facts: dict[str, Any] = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "cache": cache,
    }
    if request_id:
        facts["request"] = request_id
    log.info("%s", json.dumps(facts, ensure_ascii=True))
