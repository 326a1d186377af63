"""The command line: the same calls as the routes. Exit status 0, 1 (failed), 2 (usage or configuration).

Results go to standard output, everything else (progress, log lines, errors) to standard error.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from digest import __version__
from digest.arxiv.taxonomy import parse_spec
from digest.cli import deliveries as commands_deliveries
from digest.cli import digests as commands_digests
from digest.cli import export as commands_export
from digest.cli import feeds as commands_feeds
from digest.cli import wishes as commands_wishes
from digest.cli.deliveries import show_deliveries
from digest.cli.refresh import refresh, show_summaries
from digest.cli.running import CLOCK, ConfigOption, JsonOption, load_settings, run_service
from digest.clock import Clock, utc_now
from digest.config.credentials import without_credentials
from digest.config.settings import Config
from digest.errors import ConfigError, DigestError, InputError
from digest.reports.status import ContextDay, ContextStatus, Status
from digest.service.log_lines import configure_logging
from digest.store.factory import open_store
from digest.text import terminal_safe

if TYPE_CHECKING:
    from rich.table import Table

_BACKLOG = 2048
"""Connections that may wait to be accepted, as in uvicorn."""

app = typer.Typer(
    help="arXiv's listings, filtered, ranked and summarised, as feeds.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
)

commands_feeds.register(app)
commands_wishes.register(app)
commands_digests.register(app)
commands_export.register(app)
commands_deliveries.register(app)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def before_any_command(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Feeds of arXiv's listings, filtered, ranked and summarised."""


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
    """Serve feeds, pages and the JSON API. Exit status 1: the port can't be used."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    settings = load_settings(config)
    if config:
        os.environ["DIGEST_CONFIG"] = str(config.resolve())  # read again by the application, in each worker
    configure_logging(settings.log_level)
    address, number = host or settings.server.host, settings.server.port if port is None else port
    os.environ["ARXIV_DIGEST_BOUND"] = address  # what a request can't tell: loopback is a matter of where it listens
    listening = bound_socket(address, number)
    typer.echo(f"arxiv-digest {__version__} serves on {_address_of(listening, address)}", err=True)
    server = uvicorn.Server(
        uvicorn.Config(
            "api.index:app",
            host=address,
            port=number,
            workers=workers,
            log_config=None,
            access_log=False,
            proxy_headers=True,
            timeout_graceful_shutdown=10,
        )
    )
    if workers > 1:
        Multiprocess(server.config, sockets=[listening]).run()
        return
    server.run(sockets=[listening])
    if not server.started:
        raise typer.Exit(1)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens at *host* and *port*; port 0 takes a free one.

    Raises:
        DigestError: Somebody else has the port, or the address isn't this machine's.
    """
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise DigestError(f"Port {port} is in use. Try: make serve PORT={port % 65535 + 1}") from error
        raise DigestError(f"can't listen on {host}, port {port}: {error.strerror}") from error
    made.set_inheritable(True)
    return made


def _address_of(listening: socket.socket, host: str) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@app.command()
def check(config: ConfigOption = None, *, json_output: JsonOption = False) -> None:
    """Validate the configuration and print the settings in effect, with the resulting feeds."""
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
    counts = run_service(config, lambda service: service.operations.held_counts(), doing="counting stored papers")
    for name, feed in settings.feeds.items():
        typer.echo(f"  /feeds/{name}.rss  {feed.spec}, the last {feed.days} announcements: {_counted(counts[name])}")
    for name, topic in settings.topics.items():
        typer.echo(f"  /feeds/{name}.rss  topic {terminal_safe(topic.label)}: {_counted(counts[name])}")
    _tell_targets(settings)
    typer.echo(
        "A server that is running reads the file when it starts: restart it to apply changes (serverless: redeploy)."
    )


@app.command()
def fetch(
    spec: Annotated[list[str], typer.Argument(help="Categories or archives, e.g. cs.LG or cs.LG+stat.ML.")],
    config: ConfigOption = None,
    *,
    json_output: JsonOption = False,
) -> None:
    """Fetch the listings of SPEC from arXiv into the cache if they are due."""
    contexts = tuple(dict.fromkeys(context for text in spec for context in parse_spec(text).contexts))
    result = run_service(
        config, lambda service: service.operations.fetch(contexts), doing=f"asking arXiv for {'+'.join(contexts)}"
    )
    if json_output:
        typer.echo(json.dumps({context: one.model_dump(mode="json") for context, one in result.items()}, indent=2))
    else:
        for context, one in result.items():
            said = f"stored up to {one.newest_day}" if one.newest_day else "no papers stored"
            typer.echo(f"{context}: {said}" + (f"; {one.error}" if one.error else ""))
    if any(one.newest_day is None for one in result.values()):
        raise typer.Exit(1)


@app.command("import-config")
def import_settings(
    file: Annotated[Path, typer.Argument(help="config.json of arxiv_rss_bot.")],
) -> None:
    """Print the settings of arxiv_rss_bot as a config.yaml; notes on standard error say what can't be carried over.

    Save it: digest import-config config.json > config.yaml, then: digest check -c config.yaml
    """
    from digest.config.importing import import_config

    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read: {error}", name=str(file)) from error
    imported = import_config(text)
    typer.echo(imported.yaml, nl=False)
    for remark in imported.remarks:
        typer.echo(terminal_safe(f"note: {remark}"), err=True)
    typer.echo("note: save this as config.yaml; `check --config config.yaml` then shows what it does", err=True)


@app.command()
def status(config: ConfigOption = None, *, json_output: JsonOption = False) -> None:
    """Show what is stored, how old it is, and how arXiv answers. Exit status 1: a category is behind arXiv's calendar."""
    found = run_service(config, lambda service: service.operations.status(for_owner=True), doing="looking")
    if json_output:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _show_status(found)
    if any(one.behind_calendar for one in found.contexts):
        raise typer.Exit(1)


def _show_status(found: Status) -> None:
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    timetable = found.schedule
    console.print(f"store: {found.store.place}" + (" (degraded)" if found.store.degraded else ""))
    if found.store.refusal:
        console.print(terminal_safe(f"the store refuses writes: {found.store.refusal}"))
    console.print(f"latest announcement expected: {timetable.latest_announcement_expected}; today: {timetable.today}")
    console.print(f"next expected change: {timetable.next_expected_change:%Y-%m-%d %H:%M} UTC")
    console.print(_contexts_table(found.contexts))
    if found.summaries:
        show_summaries(console, found.summaries)
    if found.deliveries:
        show_deliveries(console, found.deliveries)


def _contexts_table(contexts: Sequence[ContextStatus]) -> Table:
    """Return one line a category; narrow enough for 80 columns, whatever arXiv's last error says."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("category", "newest", "behind", "days", "missing", "checked UTC", "fails"):
        table.add_column(name, no_wrap=True)
    table.add_column("last error", overflow="fold")
    for one in contexts:
        checked = f"{one.checked_at:%m-%d %H:%M}" if one.checked_at else "never"
        row = (
            one.context,
            one.newest_day or "nothing",
            "yes" if one.behind_calendar else "no",
            one.days_held,
            sum(map(_missing, one.days)),
            checked,
            one.failures,
            one.last_error or "",
        )
        table.add_row(*(terminal_safe(str(cell)) for cell in row))
    return table


def _missing(day: ContextDay) -> int:
    """Return how many papers arXiv announced that aren't stored, as far as it said."""
    return max(day.announced.total - day.held.total, 0) if day.announced else 0


app.command()(refresh)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _tell_targets(settings: Config) -> None:
    """Print where feeds are delivered, and what is still missing for that."""
    for name, target in settings.deliveries.items():
        lacking = target.missing(name)
        feeds = ", ".join(feed for feed, known in settings.feeds.items() if name in known.deliver) or "no feed"
        ready = f"{', '.join(lacking)} is not set" if lacking else "ready"
        typer.echo(f"  delivery {name} ({target.kind}) of {feeds}: {ready}")


def _counted(count: tuple[int, int] | None) -> str:
    return f"{count[0]} papers of the newest day, {count[1]} in all" if count else "nothing is stored yet"


def _fail(error: DigestError, status: int) -> NoReturn:
    hint = getattr(error, "hint", "")
    typer.echo(f"error: {error}" + (f" ({hint})" if hint else ""), err=True)
    sys.exit(status)
