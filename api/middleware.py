"""What happens around every request: access, hot answers, HEAD, request ids, one log line."""

import asyncio
import logging

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import cors, problems
from api.access import Gate, has_key, with_security
from api.context import Backend
from api.hanging_up import HangUp
from api.hosts import has_good_host
from api.limiting import client_of
from api.mcp_protocol import MCP_PATH
from api.observing import Exchange, Observer
from api.opened import shown_in_browser
from api.private_paths import is_private
from api.responses import HotAnswers, hot_key
from digest.costs import account

log = logging.getLogger(__name__)

_READS = frozenset({"GET", "HEAD"})
_BAD_HOST = "The Host header is not the name of a host, with or without a port."
_HUNG_UP = 499
"""In logs, as nginx has it: the client didn't wait for its answer."""


class Frontdoor:
    """Let in who may; answer from the hot answers where possible; let everything else through, HEAD as GET without a body."""

    def __init__(self, app: ASGIApp, *, gate: Gate, hot: HotAnswers, observer: Observer, backend: Backend) -> None:
        self._app = app
        self._gate = gate
        self._hot = hot
        self._observer = observer
        self._backend = backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope)
        if _is_ambiguous(scope):
            await problems.ambiguous(Request(scope))(scope, receive, _observed(scope, send, exchange))
            self._observer.note(scope, exchange)
            return
        try:
            await self._answer(scope, receive, shown_in_browser(scope, send), exchange)
        finally:
            self._observer.note(scope, exchange)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        if not has_good_host(scope):
            refusal = problems.problem(Request(_without_host(scope)), 400, _BAD_HOST, headers={})
            await refusal(scope, receive, _observed(scope, send, exchange))
            return
        if cors.is_preflight(scope) and scope["path"] == MCP_PATH:  # who may call it is up to its route
            await self._ask_routes(scope, receive, _observed(scope, send, exchange), exchange)
            return
        if cors.is_preflight(scope) and not is_private(scope["path"]):
            await cors.permission()(scope, receive, _observed(scope, send, exchange))
            return
        admitted = self._gate.admitted(scope)
        if admitted is None:
            await self._gate.refuse(scope, _observed(scope, send, exchange))
            return
        if self._gate.is_closed:
            send = self._gate.private(send, with_key=has_key(scope) and not is_private(scope["path"]))
        scope = admitted
        hot = self._hot.get(hot_key(scope)) if scope["method"] in _READS else None
        if hot is not None and hot.is_ready(scope):
            exchange.is_hot = True
            exchange.status = await hot.send(scope, send, exchange.headers())
            return
        await self._ask_routes(scope, receive, _observed(scope, send, exchange), exchange)

    async def _ask_routes(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        exchange.costs.client = client_of(scope)
        hang_up = HangUp()
        has_body = scope["method"] == "POST"
        watched = hang_up.watched(receive, lambda: bool(exchange.status), has_body=has_body)
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            with account(exchange.costs), watched:
                await self._app(inner, hang_up.reading(receive) if has_body else receive, send)
        except asyncio.CancelledError:
            if hang_up.happened:
                exchange.status = _HUNG_UP
                return
            if exchange.status:
                raise
            # The server stops and waits no longer: who asked comes back to the next one.
            await problems.stopping(Request(scope))(scope, receive, send)
        except Exception:
            log.exception("request %s failed", exchange.request_id)
            if exchange.status:
                raise  # too late for another answer
            await problems.unexpected(Request(scope), exchange.request_id)(scope, receive, send)


def _without_host(scope: Scope) -> Scope:
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"host"]}


def _is_ambiguous(scope: Scope) -> bool:
    """Tell whether a request has both a length and chunks: a proxy in front may take its end for another request.

    httptools refuses such a request by itself, h11 takes the chunks.

    Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3.
    """
    names = {name for name, _ in scope["headers"]}
    return b"content-length" in names and b"transfer-encoding" in names


def _observed(scope: Scope, send: Send, exchange: Exchange) -> Send:
    """Wrap *send*: note the status, add the headers that every answer has, drop the body of answers to HEAD."""
    is_head = scope["method"] == "HEAD"

    async def observed(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            message = {**message, "headers": with_security([*message.get("headers", []), *exchange.headers()])}
        elif is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return observed
