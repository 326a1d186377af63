"""Errors as problem details, or as a small page where the client asks for one. One handler a family.

Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457.
"""

import logging
import re
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api import cors
from api.canonical import NotCanonicalError
from api.mcp_protocol import MCP_PATH
from api.params import ENCODED_TWICE, UNKNOWN_PARAMETER
from api.prefix import ROOT
from api.private_paths import is_private
from digest.errors import (
    ConfigError,
    GoneError,
    InputError,
    NotFoundError,
    QuerySyntaxError,
    TooManyRequestsError,
    UnavailableError,
    UnknownFeedError,
)
from digest.selection.selection import QUERY_SYNTAX

log = logging.getLogger(__name__)

_SETTING = re.compile(r"[\w.-]{1,100}")

PROBLEM_TYPE = "application/problem+json"
_FOR_A_WHILE = {"Cache-Control": "public, max-age=60"}
_NEVER = {"Cache-Control": "no-store"}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def problem(
    request: Request, status: int, detail: str, *, headers: Mapping[str, str], members: Mapping[str, Any] | None = None
) -> Response:
    """Return an error answer.

    Args:
        request: Decides between JSON and a page.
        status: HTTP status; its standard phrase is the title.
        detail: What is wrong and what to do, for people.
        headers: Cache-Control at least.
        members: More facts for programs.
    """
    title = HTTPStatus(status).phrase
    all_headers = {**headers, "Vary": "Accept", **cors.OPEN}
    if _wants_page(request):
        hint = (members or {}).get("hint", "")
        page = _error_page(request, status=status, title=title, detail=detail, hint=hint)
        return HTMLResponse(page, status, {**all_headers, "Content-Security-Policy": _PAGE_POLICY})
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(members or {})}
    return JSONResponse(body, status, all_headers, PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    for family, handler in _HANDLERS.items():
        app.add_exception_handler(family, handler)


def _input_error(request: Request, error: InputError) -> Response:
    members: dict[str, str | int] = {"parameter": error.name}
    if error.hint:
        members["hint"] = error.hint
    if isinstance(error, QuerySyntaxError):
        members["position"] = error.position
    return problem(request, 400, str(error), headers=_FOR_A_WHILE, members=members)


def _validation_error(request: Request, error: RequestValidationError | ValidationError) -> Response:
    found = error.errors()
    details = [describe(one) for one in found]
    members: dict[str, Any] = {"errors": details}
    for one in found:
        if one["type"] == QUERY_SYNTAX:
            members |= {name: one["ctx"][name] for name in ("position", "hint") if one["ctx"][name] != ""}
    said = "; ".join(one["detail"] for one in details)
    return problem(request, 400, said, headers=_FOR_A_WHILE, members=members)


def describe(one: Mapping[str, Any]) -> dict[str, str]:
    """Return one of pydantic's errors in our words: the parameter, and what is wrong with it."""
    place = one["loc"]
    if len(place) > 1 and place[0] in {"query", "path"}:  # FastAPI's word for where it was given
        place = place[1:]
    name = str(place[0]) if place else "request"
    if one["type"] in {UNKNOWN_PARAMETER, ENCODED_TWICE}:
        return {"parameter": one["ctx"]["name"], "detail": one["msg"]}
    message = one["msg"].removeprefix("Value error, ")
    if one["type"] == QUERY_SYNTAX:
        return {"parameter": name, "detail": f"{name}: {message}"[:400]}  # it has the place; the query would be longer
    given = one.get("input")
    shown = f", not {given!r}" if isinstance(given, str | int | float) else ""
    return {"parameter": name, "detail": f"{name}: {message[:1].lower()}{message[1:]}{shown}"[:400]}


def _not_found(request: Request, error: NotFoundError) -> Response:
    return problem(request, 404, str(error), headers=_FOR_A_WHILE)


def _unknown_feed(request: Request, error: UnknownFeedError) -> Response:
    if not request.app.state.backend.is_config_newer():
        return _not_found(request, error)
    hint = (
        "config.yaml was changed after this server had read it: restart the server to apply that (serverless: redeploy)"
    )
    return problem(request, 404, f"{error}; {hint}", headers=_NEVER, members={"hint": hint})


def _gone(request: Request, error: GoneError) -> Response:
    return problem(request, 410, str(error), headers=_FOR_A_WHILE)


def _later(request: Request, error: TooManyRequestsError | UnavailableError) -> Response:
    status = 429 if isinstance(error, TooManyRequestsError) else 503
    seconds = max(round(error.retry_after.total_seconds()), 1)
    return problem(request, status, str(error), headers={**_NEVER, "Retry-After": str(seconds)})


def _config_error(request: Request, error: ConfigError) -> Response:
    log.error("the configuration can't be used: %s", error)
    # Everybody can read this: what was found may hold a password, and is nobody else's business anyway.
    named = ", ".join(name for name in error.settings if _SETTING.fullmatch(name))
    detail = f"This server's configuration can't be used{f' ({named})' if named else ''}; see the log."
    return problem(request, 500, detail, headers=_NEVER)


def _http_error(request: Request, error: HTTPException) -> Response:
    # HEAD is answered before the routes.
    path = request.scope["path"]
    allowed = ["POST"] if path == MCP_PATH else ["GET", "HEAD"]
    allowed = ["GET", "HEAD", "POST"] if is_private(path) else allowed
    detail = {
        404: "There is nothing at this address; / lists what there is.",
        405: f"Only {' and '.join(allowed)} {'is' if len(allowed) == 1 else 'are'} allowed here.",
    }
    headers = {**_FOR_A_WHILE, **(error.headers or {})}
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed)
    return problem(request, error.status_code, detail.get(error.status_code, error.detail), headers=headers)


def _not_canonical(_: Request, error: NotCanonicalError) -> Response:
    headers = {"Cache-Control": "public, max-age=3600, s-maxage=86400", **cors.OPEN}
    # 301, not 308: only GET and HEAD come here, and some readers follow nothing newer.
    # RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-15.4.2
    return RedirectResponse(error.location, 301, headers)


def unexpected(request: Request, request_id: str) -> Response:
    """Return the answer for an error that nobody foresaw."""
    detail = "Something went wrong here; the log has it under this request's id."
    return problem(request, 500, detail, headers=_NEVER, members={"request": request_id})


def stopping(request: Request) -> Response:
    """Return the answer for requests that a stopping server can't wait for."""
    return problem(request, 503, "This server is being restarted.", headers={**_NEVER, "Retry-After": "5"})


def ambiguous(request: Request) -> Response:
    """Return the answer for a request whose end isn't clear; the connection ends with it."""
    detail = "A request has either Content-Length or Transfer-Encoding, not both."
    return problem(request, 400, detail, headers={**_NEVER, "Connection": "close"})


_HANDLERS: dict[type[Exception], Any] = {
    InputError: _input_error,
    RequestValidationError: _validation_error,
    ValidationError: _validation_error,
    NotFoundError: _not_found,
    UnknownFeedError: _unknown_feed,
    GoneError: _gone,
    TooManyRequestsError: _later,
    UnavailableError: _later,
    ConfigError: _config_error,
    HTTPException: _http_error,
    NotCanonicalError: _not_canonical,
}


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "text/html" in accept and "json" not in accept.split("text/html")[0]


def _error_page(request: Request, *, status: int, title: str, detail: str, hint: str) -> str:
    try:
        from digest.rendering.pages.api_page import render_error
        from digest.rendering.pages.templating import Site

        root = _root(request)
        path = root + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        path = "" if is_private(request.url.path) else path  # which is the page itself, without saying so
        site = Site("arXiv digest", base_url=root)
        return render_error(site, status=status, title=title, detail=detail, hint=hint, path=path)
    except Exception:  # whatever is broken, the first error must still be told
        log.exception("the error page can't be rendered")
        return _bare_page(status, title, detail, hint, _root(request))


def _root(request: Request) -> str:
    return str(request.scope.get(ROOT, ""))


def _bare_page(status: int, title: str, detail: str, hint: str, root: str) -> str:
    more = f"<p>{escape(hint)}</p>" if hint else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{status} {escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<h1>{escape(title)}</h1><p>{escape(detail)}</p>{more}<p><a href="{escape(root)}/">What this server offers</a></p></html>'
    )
