"""`POST /build/wish`: an owner tries a wish on the newest day. The one request that spends, and so the one with rules of its own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from api import problems
from api.context import Service, environment_of, origin_of, page_site
from api.forms import fields_of, read_body
from api.owner import is_owner
from api.params import FeedParams, feed_request
from api.routes_pages import PAGE_HEADERS
from digest.errors import InputError
from digest.rendering.bodies import placed
from digest.rendering.pages.wishes import render_wish_trial
from digest.words import ENGLISH_WORDS

router = APIRouter(include_in_schema=False)

_NEVER = {"Cache-Control": "no-store"}


async def _fields(request: Request) -> dict[str, str]:
    return fields_of(await read_body(request))


@router.post("/build/wish")
async def try_wish(request: Request, service: Service, fields: Annotated[dict[str, str], Depends(_fields)]) -> Response:
    """Grade the most promising papers of the newest day for a wish, and show them with their quotes."""
    if not is_owner(request, fields, gate=request.app.state.gate, environ=environment_of(request)):
        return problems.problem(request, 403, ENGLISH_WORDS("wish.owners_only"), headers=_NEVER)
    spec, wants = fields.get("spec", ""), fields.get("wants", "")
    if not spec or not wants:
        raise InputError(ENGLISH_WORDS("wish.incomplete"), name="spec" if wants else "wants")
    wanted = feed_request("+".join(part.strip() for part in spec.replace("+", ",").split(",")), FeedParams())
    trial = await service.wish_trials.in_a_browser(wanted, wants)
    page = render_wish_trial(trial, page_site(request, service), spec=spec)
    return HTMLResponse(
        placed(page.encode(), origin_of(request)), headers={**PAGE_HEADERS, "cache-control": "no-store"}
    )
