"""What routes need of the application: the service, made on first use, and public addresses."""

import asyncio
import ipaddress
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request
from starlette.types import Scope

from api.access import Gate
from api.canonical import ui_of
from api.foreign import without_foreign
from api.limiting import MissLimiter
from digest.clock import Clock, utc_now
from digest.config.reading import DEFAULT_PATH, load_config
from digest.config.settings import Config
from digest.costs import Admit
from digest.errors import ConfigError
from digest.feeds.addresses import with_query
from digest.rendering.bodies import ORIGIN
from digest.rendering.pages.templating import Site
from digest.service.pages import site_of
from digest.service.service import DigestService
from digest.service.wiring import create_service

ServiceMaker = Callable[[Config, Mapping[str, str]], DigestService]


class Backend:
    """The service of one application, made when it is first needed, so that importing the app does nothing.

    Args:
        environ: The environment.
        config: Settings, None to read them from the file and the environment.
        make: Makes the service.
        configure: Told the configuration once it is known.
        now: The clock of what the application itself counts.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        config: Config | None,
        make: ServiceMaker = create_service,
        configure: Callable[[Config], None] = lambda _: None,
        *,
        now: Clock = utc_now,
    ) -> None:
        self._environ = environ
        self._config = config
        self._make = make
        self._configure = configure
        self._now = now
        self._limiter: MissLimiter | None = None
        self._service: DigestService | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._file: Path | None = None
        self._changed_at: int | None = None

    def service(self) -> DigestService:
        """Return the service; one for each event loop (Lambda may start a new one).

        Raises:
            ConfigError: The configuration can't be used.
        """
        loop = asyncio.get_running_loop()
        if self._service is None or self._loop is not loop:
            config = self._settings()
            self._configure(config)
            self._limiter = self._limiter or MissLimiter(
                config.server.new_categories_per_hour, config.contexts, now=self._now
            )
            self._service = self._make(config, self._environ)
            self._loop = loop
        return self._service

    def root(self) -> str:
        """Return the path of the public address, "" for none, also where the settings can't be used: a route tells that."""
        try:
            return urlsplit(self._settings().server.public_url or "").path
        except ConfigError:
            return ""

    def _settings(self) -> Config:
        if self._config is None:
            path = self._environ.get("DIGEST_CONFIG")
            self._file = Path(path) if path else DEFAULT_PATH
            self._changed_at = _changed_at(self._file)
            self._config = load_config(Path(path) if path else None, self._environ)
        return self._config

    def is_config_newer(self) -> bool:
        """Tell whether the file of the settings was changed after it was read; False where none was read."""
        return self._file is not None and _changed_at(self._file) != self._changed_at

    def admission(self, scope: Scope) -> Admit:
        """Return what decides whether a request may make arXiv be asked for what nobody asked for before."""

        async def admit(contexts: Sequence[str]) -> None:
            if self._limiter:
                await self._limiter.admit(scope, contexts)

        return admit

    async def aclose(self) -> None:
        """Close the service if it was made."""
        if self._service is not None:
            await self._service.aclose()
            self._service = None


def _changed_at(file: Path) -> int | None:
    """Return when a file was changed, in nanoseconds; None where there is none."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None


def environment() -> Mapping[str, str]:
    """Return the process's environment."""
    return os.environ


def environment_of(request: Request) -> Mapping[str, str]:
    """Return the environment that the application was made with."""
    environ: Mapping[str, str] = request.app.state.environ
    return environ


async def _service(request: Request) -> DigestService:
    backend: Backend = request.app.state.backend
    return backend.service()


Service = Annotated[DigestService, Depends(_service)]


def admission(request: Request) -> Admit:
    """Return what decides whether this request may make arXiv be asked for what nobody asked for before."""
    backend: Backend = request.app.state.backend
    return backend.admission(request.scope)


def base_url(request: Request, service: DigestService) -> str:
    """Return the public address of this server, without a slash at the end."""
    return service.config.server.public_url or str(request.base_url).rstrip("/")


def late_base_url(request: Request, service: DigestService) -> str:
    """Return the public address of this server as documents hold it.

    Where `public_url` doesn't say it, `ORIGIN` stands for scheme and host until the answer is sent.
    """
    return service.config.server.public_url or ORIGIN + request.base_url.path.rstrip("/")


def origin_of(request: Request) -> str:
    """Return scheme and host as the client knows them; `ORIGIN` where `public_url` says what addresses begin with."""
    if request.app.state.backend.service().config.server.public_url:
        return ORIGIN
    return f"{request.base_url.scheme}://{request.base_url.netloc}"


def subscription(request: Request, url: str) -> str:
    """Return *url*, one of ours, as a feed reader needs it: with the key if the server is closed."""
    gate: Gate = request.app.state.gate
    return gate.link(url)


def page_site(request: Request, service: DigestService) -> Site:
    """Return what pages say about this server, with addresses as feed readers need them, see `late_base_url`."""
    config = service.config
    shown = [pair for pair in without_foreign(parse_qsl(request.url.query)) if pair[0] not in {"ui", "wait"}]
    return site_of(
        config,
        late_base_url(request, service),
        partial(subscription, request),
        ui=ui_of(request),
        is_local=is_local(urlsplit(config.server.public_url or str(request.base_url)).hostname or ""),
        here=with_query(quote(request.scope["path"], safe="/+,"), shown),
    )


_LOCAL_ENDINGS = (".local", ".localhost", ".lan", ".home", ".internal", ".home.arpa")


def is_local(host: str) -> bool:
    """Tell whether a host is known only on this machine or in its own network, so that nobody outside can ask it."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
