"""What all commands have in common: options, and running work on a service."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from digest.clock import Clock, utc_now
from digest.config.reading import DEFAULT_PATH, load_config
from digest.config.settings import Config
from digest.service.log_lines import quieten_libraries
from digest.service.service import DigestService
from digest.service.wiring import create_service

T = TypeVar("T")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="DIGEST_CONFIG", help="Configuration file.", show_default="config.yaml"),
]
CLOCK: ContextVar[Clock] = ContextVar("CLOCK", default=utc_now)
"""What every command takes for now; `commands.main` sets it."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]  # a flag


def load_settings(path: Path | None) -> Config:
    """Read the configuration from *path*, or the shipped one, and the environment.

    Raises:
        ConfigError: It can't be used.
    """
    return load_config(path, os.environ)


def run_service(config: Path | None, work: Callable[[DigestService], Awaitable[T]], *, doing: str) -> T:
    """Run *work* on a service and close it; shows that something is going on if that is a terminal."""
    settings = load_settings(config)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    quieten_libraries()

    if not sys.stderr.isatty():
        return asyncio.run(with_service(settings, config, work))
    from rich.console import Console

    with Console(stderr=True).status(doing):
        return asyncio.run(with_service(settings, config, work))


async def with_service(settings: Config, path: Path | None, work: Callable[[DigestService], Awaitable[T]]) -> T:
    """Run *work* on a service of *settings*, which are those of the file at *path*, and close it."""
    service = create_service(settings, os.environ, folder=(path or DEFAULT_PATH).parent, now=CLOCK.get())
    try:
        return await work(service)
    finally:
        await service.aclose()
