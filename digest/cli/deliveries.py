"""`python -m digest deliver`: send what is due, show what would be sent, try a target."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.running import ConfigOption, JsonOption, run_service
from digest.delivery.answers import Answer, Outcome
from digest.errors import InputError
from digest.reports.delivering import DeliveriesOutcome, DeliveriesStatus
from digest.service.delivery_trials import Preview
from digest.service.service import DigestService
from digest.text import terminal_safe

if TYPE_CHECKING:
    from rich.console import Console

_REFRESHED_WITHIN = timedelta(seconds=60)
_SENT_WITHIN = timedelta(minutes=2)
_RULE = "-" * 72


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(deliver)


def deliver(
    feed: Annotated[str | None, typer.Argument(help="A configured feed; default: all that have deliveries.")] = None,
    target: Annotated[str | None, typer.Argument(help="One of `deliveries`; default: all of the feed's.")] = None,
    *,
    config: ConfigOption = None,
    json_output: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the messages; send nothing.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Send FEED's newest message to TARGET, marked as a test.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Send FEED's newest message to TARGET once more.")] = False,
) -> None:
    """Fetch new listings and send each feed's day to its targets: once, when it is complete.

    The exit status is 1 if something could not be sent.
    """
    if dry_run + test + again > 1:
        raise InputError("--dry-run, --test and --again exclude each other", name="deliver")
    if test or again:
        if not (feed and target):
            raise InputError("name one feed and one target", name="deliver", hint="deliver FEED TARGET --test")
        _tell_answer(run_service(config, lambda one: _send_one(one, feed, target, again=again), doing="sending"))
    elif dry_run:
        previews = run_service(config, lambda service: _preview(service, feed, target), doing="composing")
        _show(previews, json_output=json_output)
    else:
        if feed or target:
            raise InputError("a feed or target is named only with --dry-run, --test or --again", name="deliver")
        outcome = run_service(config, _send_due, doing="delivering")
        typer.echo(outcome.model_dump_json(indent=2)) if json_output else tell_deliveries(outcome)
        if outcome.problem or any(one.state in {"retrying", "unknown", "failed"} for one in outcome.deliveries):
            raise typer.Exit(1)


def tell_deliveries(outcome: DeliveriesOutcome) -> None:
    """Print what a run of deliveries did, one line a feed and target."""
    if outcome.problem:
        typer.echo(terminal_safe(f"nothing is delivered: {outcome.problem}"), err=True)
    for one in outcome.deliveries:
        told = f"{one.period} {one.state}" if one.period else ""
        words = ": ".join(part for part in (told, one.reason) if part) or "nothing yet"
        typer.echo(terminal_safe(f"{one.feed} to {one.target}: {words}"))
    if outcome.deliveries:
        typer.echo(f"messages sent now: {outcome.sent}")


def show_deliveries(console: Console, found: DeliveriesStatus) -> None:
    """Print the last delivery of each feed and target."""
    from rich.table import Table

    if found.problem:
        console.print(terminal_safe(f"nothing is delivered: {found.problem}"), markup=False)
    table = Table("feed", "target", "last sent UTC", "day or week", "state", "error")
    for one in found.deliveries:
        sent = f"{one.sent_at:%m-%d %H:%M}" if one.sent_at else "never"
        row = (one.feed, one.target, sent, one.period or "", one.state or "", one.error or "")
        table.add_row(*(terminal_safe(cell) for cell in row))
    console.print(table)


async def _send_due(service: DigestService) -> DeliveriesOutcome:
    await service.delivery_trials.prepare(_REFRESHED_WITHIN)
    return await service.deliveries.run(within=_SENT_WITHIN)


async def _preview(service: DigestService, feed: str | None, target: str | None) -> tuple[Preview, ...]:
    await service.delivery_trials.prepare(_REFRESHED_WITHIN)
    return await service.delivery_trials.preview(feed, target)


async def _send_one(service: DigestService, feed: str, target: str, *, again: bool) -> Answer:
    trials = service.delivery_trials
    await trials.prepare(_REFRESHED_WITHIN)
    return await (trials.again if again else trials.test)(feed, target)


def _show(previews: tuple[Preview, ...], *, json_output: bool) -> None:
    if json_output:
        rows = [
            {
                "feed": one.feed,
                "target": one.target,
                "kind": one.kind,
                "period": one.period,
                "status": one.status,
                "papers": one.payload.named,
                "body": one.payload.content,
            }
            for one in previews
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in previews:
        typer.echo(_RULE)
        typer.echo(terminal_safe(f"{one.feed} to {one.target} ({one.kind}), {one.period}: {one.status}"))
        typer.echo(_RULE)
        typer.echo(terminal_safe(one.payload.text) + "\n")


def _tell_answer(answer: Answer) -> None:
    if answer.outcome is Outcome.SENT:
        typer.echo("sent")
        return
    words = {
        Outcome.UNKNOWN: "it may have been sent",
        Outcome.REFUSED: "refused",
        Outcome.BUSY: "not now",
        Outcome.UNREACHED: "not sent",
    }
    pause = f"; again in {round(answer.pause.total_seconds())} s" if answer.pause else ""
    typer.echo(terminal_safe(f"{words[answer.outcome]}: {answer.error}{pause}"), err=True)
    raise typer.Exit(1)
