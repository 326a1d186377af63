"""`create_app`: middleware, routes, error handlers, and the service behind them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from api import problems, routes_api, routes_feeds, routes_pages
from api.context import Backend, ServiceMaker, environment
from api.middleware import Frontdoor
from api.responses import HotAnswers
from digest import __version__
from digest.config import Config
from digest.wiring import create_service

_DESCRIPTION = """\
arXiv's listings, filtered and summarised, as feeds and JSON.

Every feed, list and papers address takes the same parameters; an unknown one is refused with a
message that says what is allowed. Errors are problem details (RFC 9457).

Thank you to arXiv for use of its open access interoperability. This server is not affiliated with arXiv.
"""


def create_app(
    config: Config | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    make: ServiceMaker = create_service,
) -> FastAPI:
    """Return the ASGI application. Nothing is read or opened before the first request (or the lifespan's start).

    Args:
        config: Settings; None: from `config.yaml` and the environment.
        environ: The environment; None: the process's.
        make: Makes the service of a configuration; tests give their own adapters here.
    """
    env = environment() if environ is None else environ
    backend = Backend(env, config, make)
    hot = HotAnswers()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        backend.service()
        yield
        await backend.aclose()

    app = FastAPI(
        title="arxiv-digest",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[Middleware(Frontdoor, hot=hot)],
        redirect_slashes=False,
    )
    app.state.backend = backend
    app.state.hot = hot
    # Vercel's CDN compresses by itself; everywhere else we do.
    app.state.compress = not env.get("VERCEL")
    problems.install(app)
    for router in (routes_feeds.router, routes_api.router, routes_pages.router):
        app.include_router(router)
    return app
