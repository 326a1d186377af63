"""For those who run the server and the machines that watch it: probes, refreshing, metrics."""

from datetime import timedelta
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api import cors, problems
from api.access import CRON_PATH, Gate
from api.context import Service, base_url, subscription
from api.observing import Observer
from api.prefix import ROOT
from api.responses import unless_known
from digest.feeds.addresses import named_address
from digest.rendering.documents import etag_for
from digest.rendering.llms_text import llms_text
from digest.rendering.opensearch import OPENSEARCH_PATH, OPENSEARCH_TYPE, render_opensearch

router = APIRouter(include_in_schema=False)

_NO_STORE = {"Cache-Control": "no-store"}
_BUDGET = timedelta(seconds=40)
"""Vercel ends the function after 60 s (vercel.json)."""
_OLD = timedelta(minutes=10)
_CRAWLERS = (
    ("Allow", "/search/"),
    *(("Disallow", path) for path in ("/search?", "/api/", "/stats/", "/papers/")),
)
"""What crawlers may and may not read. Some readers of feeds obey these rules, too, and some programs that read them drop
the question mark: so the feeds of searches are allowed by name, before."""


@router.get("/healthz")
async def healthz() -> Response:
    """Alive: the process answers."""
    return JSONResponse({"status": "alive"}, headers=_NO_STORE)


@router.get("/readyz")
async def readyz(service: Service) -> Response:
    """Able to serve feeds."""
    is_ready, reason = await service.operations.ready()
    return JSONResponse({"ready": is_ready, "reason": reason}, 200 if is_ready else 503, _NO_STORE)


@router.get("/robots.txt")
async def robots(request: Request) -> Response:
    """What crawlers may read: feeds and pages, none of what asks arXiv or repeats it; nothing on a closed server."""
    gate: Gate = request.app.state.gate
    root = request.scope.get(ROOT, "")
    rules = ["Disallow: /"] if gate.is_closed else [f"{verb}: {root}{path}" for verb, path in _CRAWLERS]
    body = "\n".join(["User-agent: *", *rules, ""])
    return Response(body, media_type="text/plain", headers={"Cache-Control": "public, max-age=86400"})


@router.get(OPENSEARCH_PATH)
async def opensearch(request: Request, service: Service) -> Response:
    """How browsers search this server from their own search field."""
    base = base_url(request, service)
    body = render_opensearch(service.config.server.title, base, partial(subscription, request))
    headers = {"ETag": etag_for(body), "Cache-Control": "public, max-age=86400"}
    return unless_known(request, Response(body, media_type=OPENSEARCH_TYPE, headers=headers))


@router.get("/llms.txt")
async def llms(request: Request, service: Service) -> Response:
    """What there is for programs that read on somebody's behalf."""
    named = [service.feeds.named(name) for name in service.config.feed_names]
    listed = [(feed.shown_title, named_address(feed.name or "").text("md"), feed.shown_description) for feed in named]
    body = llms_text(service.config.server.title, base_url(request, service), listed)
    headers = {"ETag": etag_for(body), "Cache-Control": "public, max-age=3600", **cors.OPEN}
    return unless_known(request, Response(body, media_type="text/plain", headers=headers))


@router.get(CRON_PATH)
async def refresh(request: Request, service: Service) -> Response:
    """Fetch what is due of the configured feeds, as far as the time reaches; the answer tells what is left.

    With `CRON_SECRET` only for who knows it; without, only if the data are older than some minutes.
    """
    gate: Gate = request.app.state.gate
    if gate.has_cron_secret:
        if not gate.is_cron(CRON_PATH, request.headers.get("authorization", "")):
            headers = {**_NO_STORE, "WWW-Authenticate": 'Bearer realm="cron"'}
            return problems.problem(request, 401, "CRON_SECRET is needed, as a bearer token.", headers=headers)
    elif (age := await service.operations.age()) is not None and age < _OLD:
        minutes = round(age.total_seconds() / 60)
        detail = (
            f"The data were looked at {minutes} min ago; without CRON_SECRET this runs when they are older than 10."
        )
        return JSONResponse({"ran": False, "detail": detail}, headers=_NO_STORE)
    outcome = await service.operations.refresh_and_summarise(_BUDGET)
    if not gate.has_cron_secret:  # then anybody may be asking
        outcome = outcome.model_copy(update={"delivered": outcome.delivered.for_strangers()})
    return JSONResponse({"ran": True, **outcome.model_dump(mode="json")}, headers=_NO_STORE)


@router.get("/metrics")
async def metrics(request: Request, service: Service) -> Response:
    """Numbers for Prometheus, where `server.metrics` is on."""
    observer: Observer = request.app.state.observer
    if observer.metrics is None:
        return problems.problem(request, 404, "Metrics are off; server.metrics turns them on.", headers=_NO_STORE)
    body, media_type = observer.metrics.text(await service.operations.status())
    return Response(body, media_type=media_type, headers=_NO_STORE)
