"""`POST /mcp`: the tools over the Model Context Protocol; `api.mcp_protocol` has the protocol, `api.mcp_tools` the tools."""

import asyncio
import ipaddress
import logging
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from api import cors, problems
from api.access import Gate
from api.context import Service, admission, base_url
from api.mcp_protocol import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    LONGEST_BODY,
    MCP_PATH,
    METHOD_NOT_FOUND,
    Call,
    ProtocolError,
    check_headers,
    discovered,
    error_message,
    ident_of,
    initialized,
    messages_of,
    packed,
    read_body,
    read_call,
    result_message,
)
from api.mcp_tools import INSTRUCTIONS, TOOLS
from digest import __version__
from digest.costs import Admit
from digest.errors import DigestError, TooManyRequestsError, UnavailableError
from digest.rendering.for_programs import written
from digest.service.service import DigestService

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

_NO_STORE = {"Cache-Control": "no-store"}
_INFO = {"name": "arxiv-digest", "version": __version__}
_TTL_MS = 3_600_000
_BODY_S = 20.0
"""How long a client may take to send its body."""
_LONGEST_PROBLEM = 2_000

Json = dict[str, Any]


@router.post(MCP_PATH)
async def mcp(request: Request, service: Service) -> Response:
    """One message of a client, or a batch in the one revision that has them."""
    origin = request.headers.get("origin")
    if not _may_come_from(origin, base_url(request, service)):
        return _refusal(request)
    response = await _said(request, service)
    response.headers.update(cors.only(origin))
    return response


@router.options(MCP_PATH)
async def preflight(request: Request, service: Service) -> Response:
    """Tell a browser whether a page may call: one of the same machine's, or our own."""
    origin = request.headers.get("origin")
    if origin is None or not _may_come_from(origin, base_url(request, service)):
        return _refusal(request)
    return cors.permission_to_call(origin)


def _refusal(request: Request) -> Response:
    return problems.problem(request, 403, "This endpoint doesn't answer scripts of other sites.", headers=_NO_STORE)


async def _said(request: Request, service: DigestService) -> Response:
    """Return the answer to a body."""
    try:
        headers = check_headers(request.headers.items())
        document = read_body(await _body(request))
        messages, is_batch = messages_of(document, headers)
    except ProtocolError as error:
        return _json(error_message(None, error), error.status)
    answers = [await _answer(message, headers, request, service) for message in messages]
    said = [answer for answer, _ in answers if answer is not None]
    if not said:
        return Response(status_code=202, headers=_NO_STORE)
    return _json(said, 200) if is_batch else _json(said[0], answers[0][1])


async def _answer(
    message: Any, headers: dict[str, str], request: Request, service: DigestService
) -> tuple[Json | None, int]:
    """Return the answer to one message, None for one that wants none, and the status it has alone."""
    try:
        call = read_call(message, headers)
    except ProtocolError as error:
        return error_message(ident_of(message), error), error.status
    if call is None or call.ident is None:
        return None, 202
    try:
        return result_message(call, await _result(call, request, service)), 200
    except ProtocolError as error:
        # To clients of a revision with sessions, a status of 404 says that theirs is gone.
        return error_message(call.ident, error), error.status if call.is_stateless else 200


async def _result(call: Call, request: Request, service: DigestService) -> Json:
    gate: Gate = request.app.state.gate
    scope = "private" if gate.is_closed else "public"
    cached = {"ttlMs": _TTL_MS, "cacheScope": scope} if call.is_stateless else {}
    match call.method:
        case "tools/call":
            return await _tool_result(call, service, admission(request))
        case "tools/list":
            return {"tools": [tool.described() for tool in TOOLS.values()], **cached}
        case "server/discover" if call.is_stateless:
            return {**discovered(_INFO, INSTRUCTIONS), **cached}
        case "initialize" if not call.is_stateless:
            return initialized(call.params, _INFO, INSTRUCTIONS)
        case "ping" if not call.is_stateless:
            return {}
        case _:
            raise ProtocolError(METHOD_NOT_FOUND, f"no method {call.method[:100]!r} here", status=404)


async def _tool_result(call: Call, service: DigestService, admit: Admit) -> Json:
    """Return what a tool answers; what the caller can put right is told to it as the tool's own error."""
    name, arguments = call.params.get("name"), call.params.get("arguments") or {}
    tool = TOOLS.get(name) if isinstance(name, str) else None
    if tool is None:
        raise ProtocolError(INVALID_PARAMS, f"no such tool; there are {', '.join(TOOLS)}")
    if not isinstance(arguments, dict):
        raise ProtocolError(INVALID_PARAMS, "arguments is a JSON object")
    try:
        return _content(written(await tool.call(service, arguments, admit)))
    except ValidationError as error:
        return _content("; ".join(problems.describe(one)["detail"] for one in error.errors()), is_error=True)
    except (TooManyRequestsError, UnavailableError) as error:
        return _content(f"{error} Try again in {max(round(error.retry_after.total_seconds()), 1)} s.", is_error=True)
    except DigestError as error:
        hint = getattr(error, "hint", "")
        return _content(f"{error}{f' ({hint})' if hint else ''}", is_error=True)
    except Exception as error:
        log.exception("tool %s failed", name)
        raise ProtocolError(INTERNAL_ERROR, "something went wrong here; the log has it", status=500) from error


def _content(text: str, *, is_error: bool = False) -> Json:
    content = [{"type": "text", "text": text[:_LONGEST_PROBLEM] if is_error else text}]
    return {"content": content, "isError": is_error}


async def _body(request: Request) -> bytes:
    """Read the body as far as it may reach.

    Raises:
        ProtocolError: It is too long, or takes too long to come.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_BODY:
                    break
    except TimeoutError as error:
        raise ProtocolError(INVALID_REQUEST, "the body didn't come in time", status=408) from error
    return bytes(body)


def _may_come_from(origin: str | None, base: str) -> bool:
    """Tell whether a request may come from a page of *origin*: our own, or one of the same machine's.

    Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http, "Security
    Warning" (DNS rebinding).
    """
    if origin is None:
        return True
    try:
        parts, own = urlsplit(origin), urlsplit(base)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _json(answer: Json | list[Json], status: int) -> Response:
    return Response(packed(answer), status, _NO_STORE, "application/json")
