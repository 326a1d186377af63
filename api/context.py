"""What routes need of the application: the service, made on first use, and public addresses."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from digest.config import Config, load_config
from digest.service import DigestService
from digest.wiring import create_service

ServiceMaker = Callable[[Config, Mapping[str, str]], DigestService]


class Backend:
    """The service of one application, made when it is first needed, so that importing the app does nothing.

    Args:
        environ: The environment.
        config: Settings, None to read them from the file and the environment.
        make: Makes the service.
    """

    def __init__(self, environ: Mapping[str, str], config: Config | None, make: ServiceMaker = create_service) -> None:
        self._environ = environ
        self._config = config
        self._make = make
        self._service: DigestService | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def service(self) -> DigestService:
        """Return the service; one for each event loop (Lambda may start a new one).

        Raises:
            ConfigError: The configuration can't be used.
        """
        loop = asyncio.get_running_loop()
        if self._service is None or self._loop is not loop:
            path = self._environ.get("DIGEST_CONFIG")
            self._config = self._config or load_config(Path(path) if path else None, self._environ)
            self._service = self._make(self._config, self._environ)
            self._loop = loop
        return self._service

    async def aclose(self) -> None:
        """Close the service if it was made."""
        if self._service is not None:
            await self._service.aclose()
            self._service = None


def environment() -> Mapping[str, str]:
    """Return the process's environment."""
    return os.environ


async def _service(request: Request) -> DigestService:
    backend: Backend = request.app.state.backend
    return backend.service()


Service = Annotated[DigestService, Depends(_service)]


def base_url(request: Request, service: DigestService) -> str:
    """Return the public address of this server, without a slash at the end."""
    return service.config.server.public_url or str(request.base_url).rstrip("/")
