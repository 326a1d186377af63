"""Pages for people and probes for machines."""

from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.context import Service, base_url
from digest.rendering.pages import render_api_page, render_home

router = APIRouter(include_in_schema=False)

PAGE_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NO_STORE = {"Cache-Control": "no-store"}


@router.get("/")
async def home(request: Request, service: Service) -> Response:
    """What this server offers and how to subscribe."""
    return HTMLResponse(render_home(service.config, base_url(request, service)), headers=PAGE_HEADERS)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The JSON API for people, made from the OpenAPI description."""
    return HTMLResponse(render_api_page(request.app.openapi()), headers=PAGE_HEADERS)


@router.get("/static/style.css")
async def style() -> Response:
    """The pages' style sheet."""
    body = files("digest").joinpath("static", "style.css").read_bytes()
    return Response(body, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/healthz")
async def healthz() -> Response:
    """Alive: the process answers."""
    return JSONResponse({"status": "alive"}, headers=_NO_STORE)


@router.get("/readyz")
async def readyz(service: Service) -> Response:
    """Able to serve feeds."""
    is_ready, reason = await service.ready()
    return JSONResponse({"ready": is_ready, "reason": reason}, 200 if is_ready else 503, _NO_STORE)


@router.get("/robots.txt")
async def robots() -> Response:
    """Nothing here is for crawlers: arXiv has the originals."""
    return Response(
        "User-agent: *\nDisallow: /\n", media_type="text/plain", headers={"Cache-Control": "public, max-age=86400"}
    )
