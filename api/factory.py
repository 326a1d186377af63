"""`create_app`: middleware, routes, error handlers, and the service behind them."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from api import (
    problems,
    routes_api,
    routes_digests,
    routes_feeds,
    routes_mcp,
    routes_me,
    routes_operations,
    routes_pages,
    routes_tried,
    routes_wishes,
)
from api.access import Gate
from api.context import Backend, ServiceMaker, environment
from api.description import DescribedApp
from api.middleware import Frontdoor
from api.observing import Observer
from api.prefix import UnderPath
from api.private_paths import Veil
from api.process import prepare_process
from api.responses import HotAnswers
from digest import __version__
from digest.clock import Clock, utc_now
from digest.config.hosting import is_serverless
from digest.config.settings import Config
from digest.errors import DigestError
from digest.service.service import DigestService
from digest.service.wiring import create_service

log = logging.getLogger(__name__)

_LINGER_S = 45.0
"""How long a request may stay open after its answer, for work behind it, where idle processes are frozen."""

_DESCRIPTION = """\
arXiv's listings, filtered and summarised, as feeds and JSON.

Every feed, list and papers address takes the same parameters; an unknown one is refused with a
message that says what is allowed. Errors are problem details (RFC 9457).

Thank you to arXiv for use of its open access interoperability. This server is not affiliated with arXiv.
"""


async def _keep_warm(service: DigestService, every_s: float) -> None:
    """Refresh what readers asked for lately, for as long as the server runs: who polls once a week misses nothing."""
    while True:
        await asyncio.sleep(random.uniform(0.8, 1.2) * every_s)  # noqa: S311 - jitter, nothing secret
        try:
            await service.operations.keep_warm()
        except DigestError as error:
            log.warning("keeping listings warm: %s", error)
        except Exception:  # this must go on for as long as the server runs
            log.exception("keeping listings warm failed")


def create_app(
    config: Config | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    make: ServiceMaker = create_service,
    now: Clock = utc_now,
) -> FastAPI:
    """Return the ASGI application. Nothing is read or opened before the first request (or the lifespan's start).

    Args:
        config: Settings; None: from `config.yaml` and the environment.
        environ: The environment; None: the process's.
        make: Makes the service of a configuration; tests give their own adapters here.
        now: The clock of what the application itself counts.
    """
    env = environment() if environ is None else environ
    observer, gate, hot = Observer(), Gate.of(env), HotAnswers()
    backend = Backend(env, config, make, observer.configure, now=now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        prepare_process()
        service = backend.service()
        every_s = 0.0 if is_serverless(env) else service.config.cache.keep_warm_s
        keeper = asyncio.create_task(_keep_warm(service, every_s)) if every_s else None
        yield
        if keeper:
            keeper.cancel()
        await backend.aclose()

    app = DescribedApp(
        title="arxiv-digest",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[
            Middleware(Veil, root=backend.root),
            Middleware(UnderPath, root=backend.root),
            Middleware(Frontdoor, gate=gate, hot=hot, observer=observer, backend=backend),
        ],
        redirect_slashes=False,
    )
    app.state.backend = backend
    app.state.gate = gate
    app.state.environ = env
    app.state.hot = hot
    app.state.observer = observer
    # Vercel's CDN compresses by itself; everywhere else we do.
    app.state.compress = not env.get("VERCEL")
    app.state.linger_s = _LINGER_S if env.get("VERCEL") else 0.0
    problems.install(app)
    app.add_exception_handler(routes_me.CrossSiteError, routes_me.refuse_other_sites)  # type: ignore[arg-type]  # theirs is for any
    routers = (
        routes_feeds.router,
        routes_tried.router,
        routes_digests.router,
        routes_api.router,
        routes_mcp.router,
        routes_operations.router,
        routes_pages.router,
        routes_wishes.router,
        routes_me.router,
    )
    for router in routers:
        app.include_router(router)
    return app
