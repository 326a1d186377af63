"""The commands around digests: one day's document, and rendering one that was made elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from digest.cli.exporting import write_if_changed
from digest.cli.running import ConfigOption, run_service
from digest.errors import DigestError, InputError
from digest.feeds.daily import DigestScope, common_scope, feed_scope
from digest.feeds.periods import parse_period
from digest.rendering.day_documents import digest_markdown
from digest.rendering.markdown import DEFAULT_LAYOUT, check_layout, render_document
from digest.service.service import DigestService

LayoutOption = Annotated[str, typer.Option("--layout", "-l", help="analysis, toc, tagged or ranked.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(name="day")(digest)
    app.command(name="digest", hidden=True)(digest)  # its first name, which scripts know
    app.command()(render)


def digest(
    day: Annotated[
        str,
        typer.Argument(metavar="DATE", help="YYYY-MM-DD, a week like 2026-W05, two dates joined with .., or latest."),
    ] = "latest",
    *,
    config: ConfigOption = None,
    feed: Annotated[str | None, typer.Option(help="A configured feed; default: all of them.")] = None,
    layout: LayoutOption = DEFAULT_LAYOUT,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of printing.")] = None,
) -> None:
    """Print the digest of a day, a week or a range of dates as Markdown."""
    check_layout(layout)
    given = parse_period(day)

    async def work(service: DigestService) -> bytes:
        scope = _scope(service, feed)
        period = given or (await service.digests.newest(scope))[0]
        return digest_markdown((await service.digests.digest(scope, period)).content, layout)

    body = run_service(config, work, doing=f"reading the digest of {day}")
    if out is None:
        sys.stdout.buffer.write(body)
    else:
        _write(out, body)


def render(
    file: Annotated[Path | None, typer.Argument(help="A digest JSON document; default: standard input.")] = None,
    *,
    layout: LayoutOption = DEFAULT_LAYOUT,
) -> None:
    """Render a digest JSON document as Markdown. Needs no configuration and no network."""
    from digest.summaries import summarise

    try:
        data = file.read_bytes() if file else sys.stdin.buffer.read()
        text = render_document(data, layout, summarise=summarise)
    except OSError as error:
        _refuse(f"{file}: {error.strerror}")
    except InputError as error:
        _refuse(f"{error}; {error.hint}" if error.hint else str(error))
    sys.stdout.buffer.write(text.encode())


def _write(path: Path, body: bytes) -> None:
    try:
        write_if_changed(path, body)
    except OSError as error:
        raise DigestError(f"{path}: can't be written: {error.strerror}") from error


def _scope(service: DigestService, feed: str | None) -> DigestScope:
    if feed:
        return feed_scope(service.feeds.named(feed))
    return common_scope(tuple(map(service.feeds.named, service.config.feeds)), service.config.server.title)


def _refuse(message: str) -> NoReturn:
    """End with the problems, one a line, and nothing on standard output."""
    typer.echo(message, err=True)
    raise typer.Exit(2)
