"""The command line: the same calls as the routes. Exit status 0, 1 (failed), 2 (usage or configuration).

Results go to standard output, everything else (progress, log lines, errors) to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from digest import __version__, commands_digests, commands_export
from digest.clock import Clock, utc_now
from digest.commandline import CLOCK, ConfigOption, JsonOption, load_settings, run_service
from digest.commands_refresh import refresh, show_summaries
from digest.credentials import without_credentials
from digest.errors import ConfigError, DigestError, InputError
from digest.feeds import DEFAULT_DAYS, FeedRequest
from digest.log_lines import configure_logging
from digest.rendering.formats import FORMATS
from digest.selection import Selection
from digest.service import DigestService
from digest.store import open_store
from digest.taxonomy import parse_spec
from digest.text import terminal_safe

app = typer.Typer(
    help="arXiv's listings, filtered, ranked and summarised, as feeds.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

commands_digests.register(app)
commands_export.register(app)


def main(*, now: Clock = utc_now) -> None:
    """Run the command line; errors of this program end it with one message, not with a traceback."""
    CLOCK.set(now)
    try:
        app()
    except (ConfigError, InputError) as error:
        _fail(error, 2)
    except DigestError as error:
        _fail(error, 1)
    except OSError as error:  # standard output can't be written: the disk is full
        _fail(DigestError(error.strerror or str(error)), 1)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        sys.exit(130)


@app.command()
def serve(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; they share the cache.")] = 1,
) -> None:
    """Serve feeds, pages and the JSON API."""
    import uvicorn

    settings = load_settings(config)
    if config:
        os.environ["DIGEST_CONFIG"] = str(config.resolve())  # read again by the application, in each worker
    configure_logging(settings.log_level)
    address, number = host or settings.server.host, settings.server.port if port is None else port
    if number:
        typer.echo(f"arxiv-digest {__version__} serves on http://{address}:{number}", err=True)
    uvicorn.run(
        "api.index:app",
        host=address,
        port=number,
        workers=workers,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        timeout_graceful_shutdown=10,
    )


@app.command()
def check(config: ConfigOption = None, *, json_output: JsonOption = False) -> None:
    """Validate the configuration; print what is in effect and the feeds that result."""
    settings = load_settings(config)
    open_store(settings.cache.url, os.environ)  # refuses an address that is none; nothing is opened before it is used
    shown = settings.model_dump(mode="json", by_alias=True)
    if shown["cache"]["url"]:
        shown["cache"]["url"] = without_credentials(shown["cache"]["url"])
    if json_output:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    import yaml

    typer.echo(yaml.safe_dump(shown, allow_unicode=True, sort_keys=False).rstrip())
    typer.echo(f"\nThe configuration is valid. Feeds ({len(settings.feeds)}), topics ({len(settings.topics)}):")
    counts = run_service(config, lambda service: service.held_counts(), doing="counting what is held")
    for name, feed in settings.feeds.items():
        typer.echo(f"  /feeds/{name}.rss  {feed.spec}, the last {feed.days} announcements: {_counted(counts[name])}")
    for name, topic in settings.topics.items():
        typer.echo(f"  /feeds/{name}.rss  topic {terminal_safe(topic.label)}: {_counted(counts[name])}")


@app.command()
def fetch(
    spec: Annotated[list[str], typer.Argument(help="Categories or archives, e.g. cs.LG or cs.LG+stat.ML.")],
    config: ConfigOption = None,
    *,
    json_output: JsonOption = False,
) -> None:
    """Fetch the listings of SPEC from arXiv, where they are due, into the cache."""
    contexts = tuple(dict.fromkeys(context for text in spec for context in parse_spec(text).contexts))
    result = run_service(
        config, lambda service: service.refresh(contexts), doing=f"asking arXiv for {'+'.join(contexts)}"
    )
    if json_output:
        typer.echo(json.dumps(result, default=str, indent=2))
    else:
        for context, state in result.items():
            said = f"holds {state['newest_day']}" if state["newest_day"] else "holds nothing"
            typer.echo(f"{context}: {said}" + (f"; {state['error']}" if state["error"] else ""))
    if any(not state["newest_day"] for state in result.values()):
        raise typer.Exit(1)


@app.command()
def feed(
    spec: Annotated[str, typer.Argument(help="Categories (cs.LG+stat.ML), or the name of a configured feed.")],
    *,
    config: ConfigOption = None,
    format_: Annotated[str, typer.Option("--format", "-f", help="rss, atom or json.")] = "rss",
    days: Annotated[int | None, typer.Option(min=1, max=60, help="Announcements to keep.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most papers.")] = None,
    types: Annotated[str | None, typer.Option(help="Announce types, separated by commas.")] = None,
    include: Annotated[str | None, typer.Option(help="Words or phrases, separated by commas; one must occur.")] = None,
    exclude: Annotated[str | None, typer.Option(help="Words or phrases, separated by commas; none may occur.")] = None,
    q: Annotated[str | None, typer.Option("--q", help="Filter in arXiv's query syntax.")] = None,
    author: Annotated[str | None, typer.Option(help="Authors, separated by semicolons.")] = None,
) -> None:
    """Print a feed."""
    if format_ not in FORMATS:
        raise InputError(f"no format {format_!r}; there are {', '.join(FORMATS)}", name="--format")
    given = {"limit": limit, "types": types, "include": include, "exclude": exclude, "q": q, "author": author}
    try:
        selection = Selection.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{first['loc'][0]}: {message}", name=str(first["loc"][0])) from error

    async def render(service: DigestService) -> bytes:
        base = service.config.server.public_url or "http://localhost"
        asked = _request(service, spec, days)
        wanted = asked.narrowed(selection, days, asked.view) if asked.name else replace(asked, selection=selection)
        path = f"/feeds/{spec}.{format_}" if asked.name else f"/{format_}/{asked.spec}"
        document = await service.feed(wanted, format_, self_url=base + path, page_url=f"{base}/")
        return document.body

    sys.stdout.buffer.write(run_service(config, render, doing=f"reading {spec}"))


@app.command()
def explain(
    feed: Annotated[str, typer.Argument(help="A configured feed, or categories.")],
    paper: Annotated[str, typer.Argument(help="arXiv id.", metavar="ID")],
    *,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Tell rule by rule why a paper is in a feed or not."""
    steps = run_service(
        config, lambda service: service.explain(_request(service, feed), paper), doing=f"reading {feed}"
    )
    if json_output:
        typer.echo(json.dumps([step.model_dump() for step in steps], ensure_ascii=False, indent=2))
        return
    for step in steps:
        typer.echo(terminal_safe(f"{'yes' if step.passed else 'NO '}  {step.rule}: {step.detail}"))
    is_in = all(step.passed for step in steps)
    typer.echo(f"{paper} is {'in' if is_in else 'not in'} {feed}")


@app.command("import-config")
def import_settings(
    file: Annotated[Path, typer.Argument(help="config.json of arxiv_rss_bot.")],
) -> None:
    """Print the settings of arxiv_rss_bot as a config.yaml; what can't be carried over is told on standard error."""
    from digest.importing import import_config

    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read: {error}", name=str(file)) from error
    imported = import_config(text)
    typer.echo(imported.yaml, nl=False)
    for remark in imported.remarks:
        typer.echo(f"note: {remark}", err=True)


@app.command()
def status(config: ConfigOption = None, *, json_output: JsonOption = False) -> None:
    """Show what is held, how old it is, and how arXiv answers."""
    found = run_service(config, lambda service: service.status(), doing="looking")
    if json_output:
        typer.echo(found.model_dump_json(indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    timetable = found.schedule
    console.print(f"store: {found.store.place}" + (" (degraded)" if found.store.degraded else ""))
    console.print(f"latest announcement expected: {timetable.latest_announcement_expected}; today: {timetable.today}")
    console.print(f"next expected change: {timetable.next_expected_change:%Y-%m-%d %H:%M} UTC")
    table = Table("context", "newest day", "days held", "checked (UTC)", "failures", "last error")
    for one in found.contexts:
        checked = f"{one.checked_at:%Y-%m-%d %H:%M}" if one.checked_at else "never"
        row = (one.context, one.newest_day or "nothing", one.days_held, checked, one.failures, one.last_error or "")
        table.add_row(*(terminal_safe(str(cell)) for cell in row))
    console.print(table)
    if found.summaries:
        show_summaries(console, found.summaries)


app.command()(refresh)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _counted(count: tuple[int, int] | None) -> str:
    return f"{count[0]} papers of the newest day, {count[1]} in all" if count else "nothing is held yet"


def _request(service: DigestService, text: str, days: int | None = None) -> FeedRequest:
    """Return the request of a configured feed or topic, or of categories."""
    if text in service.config.feed_names:
        return service.named_feed(text)
    return FeedRequest(parse_spec(text), Selection(), days or DEFAULT_DAYS)


def _fail(error: DigestError, status: int) -> NoReturn:
    hint = getattr(error, "hint", "")
    typer.echo(f"error: {error}" + (f" ({hint})" if hint else ""), err=True)
    sys.exit(status)
