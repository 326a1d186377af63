"""`python -m digest refresh`: what the cron does, with progress."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from digest.config import load_config
from digest.log_lines import configure_logging
from digest.refreshing import RefreshOutcome
from digest.service import DigestService
from digest.wiring import create_service

_LOOK_EVERY = timedelta(seconds=1)


def refresh(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", envvar="DIGEST_CONFIG", help="Configuration file.", show_default="config.yaml"),
    ] = None,
    *,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    within: Annotated[float, typer.Option(min=1, help="Longest time to take, seconds.")] = 600,
) -> None:
    """Fetch what is due of the configured feeds into the cache, and complete their days."""
    settings = load_config(config, os.environ)
    configure_logging("warning")

    async def run() -> RefreshOutcome:
        service = create_service(settings, os.environ)
        try:
            return await _refresh(service, timedelta(seconds=within))
        finally:
            await service.aclose()

    outcome = asyncio.run(run())
    if json_output:
        typer.echo(outcome.model_dump_json(indent=2))
    else:
        for context, one in outcome.contexts.items():
            left = f", {one.is_due + one.days_left} requests left" if one.is_due or one.days_left else ""
            held = f"holds {one.newest_day}" if one.newest_day else "holds nothing"
            typer.echo(f"{context}: {held}{left}" + (f"; {one.error}" if one.error else ""))
    if outcome.left or any(one.newest_day is None for one in outcome.contexts.values()):
        raise typer.Exit(1)


async def _refresh(service: DigestService, within: timedelta) -> RefreshOutcome:
    """Refresh, and show each second how far it is: a bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    loop = asyncio.get_running_loop()
    until = loop.time() + within.total_seconds()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task, said, total = bar.add_task("asking arXiv", total=None), -1, 0
        while True:
            outcome = await service.refresh_within(_LOOK_EVERY)
            total = max(total, outcome.left)
            bar.update(task, total=total, completed=total - outcome.left)
            if not sys.stderr.isatty() and outcome.left not in {said, 0}:
                said = outcome.left
                typer.echo(f"asking arXiv: {said} requests left, about", err=True)
            if not outcome.left or loop.time() >= until:
                return outcome
