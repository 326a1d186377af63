"""`python -m digest refresh`: what the cron does, with progress."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from digest.cli.deliveries import tell_deliveries
from digest.cli.running import ConfigOption, JsonOption, load_settings, with_service
from digest.config.settings import Config
from digest.reports.refreshing import RefreshOutcome, SummariesForecast, SummariesOutcome
from digest.reports.status import ModelStatus, SummariesStatus
from digest.service.log_lines import configure_logging
from digest.service.service import DigestService
from digest.text import terminal_safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_LOOK_EVERY = timedelta(seconds=1)
_REASONS_SHOWN = 5
_DELIVERED_WITHIN = timedelta(minutes=2)


class _Forecasts(NamedTuple):
    """What is missing would cost, by feed."""

    grades: dict[str, SummariesForecast]
    summaries: dict[str, SummariesForecast]


def refresh(
    config: ConfigOption = None,
    *,
    json_output: JsonOption = False,
    within: Annotated[float, typer.Option(min=1, help="Maximum time to take, in seconds.")] = 600,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only estimate the cost of missing grades and model summaries."),
    ] = False,
) -> None:
    """Update the configured feeds: fetch new and missing days, grade, deliver, write missing summaries.

    If it is interrupted or runs out of time, the next run resumes there: nothing is paid for twice. The exit status
    is 1 if requests to arXiv, grades or model summaries are left (out of time, a spent budget, a pause), or if a
    category has no stored papers.
    """
    settings = load_settings(config)
    configure_logging("warning")

    async def work(service: DigestService) -> RefreshOutcome | _Forecasts:
        if dry_run:
            return _Forecasts(await service.summaries.forecast_grades(), await service.summaries.forecast())
        return await _refresh(service, timedelta(seconds=within))

    outcome = asyncio.run(with_service(settings, config, work))
    if isinstance(outcome, _Forecasts):
        _tell_forecast(outcome, settings, json_output=json_output)
        return
    if json_output:
        typer.echo(outcome.model_dump_json(indent=2))
    else:
        _tell(outcome, settings)
    runs = (*outcome.grades.values(), *outcome.summaries.values())
    is_whole = not outcome.left and not any(run.left for run in runs)
    if not is_whole or any(one.newest_day is None for one in outcome.contexts.values()):
        raise typer.Exit(1)


def show_summaries(console: Console, summaries: SummariesStatus) -> None:
    """Print budgets and the ledger."""
    from rich.table import Table

    if isinstance(summaries, ModelStatus):
        console.print(f"model: {summaries.model}")
        for spent in (summaries.today, summaries.month):
            console.print(
                f"spent in {spent.period}: {spent.calls:,} calls, {spent.tokens:,} tokens, "
                f"{spent.money:.4f} {summaries.currency}"
            )
        if summaries.waiting:
            console.print(f"waiting for a model summary: {summaries.waiting} papers")
    if summaries.problem:
        console.print(terminal_safe(f"model summaries: {summaries.problem}"), markup=False)
    if summaries.ledger:
        table = Table("day", "feed", "model", "summaries", "calls", "input tokens", "output tokens", "money")
        for row in summaries.ledger:
            counts = (row.summaries, row.calls, row.input_tokens, row.output_tokens)
            table.add_row(str(row.day), row.feed, row.model, *(str(count) for count in counts), f"{row.money:.4f}")
        console.print(table)


def _tell(outcome: RefreshOutcome, settings: Config) -> None:
    for context, one in outcome.contexts.items():
        left = f", {one.is_due + one.days_left} requests left" if one.is_due or one.days_left else ""
        held = f"stored up to {one.newest_day}" if one.newest_day else "no papers stored"
        typer.echo(f"{context}: {held}{left}" + (f"; {one.error}" if one.error else ""))
    tell_deliveries(outcome.delivered)
    for name, run in outcome.grades.items():
        _tell_run(name, run, settings, has=f"of {run.wanted} grades for wishes are there")
    for name, run in outcome.summaries.items():
        _tell_run(name, run, settings, has=f"of {run.wanted} papers have model summaries")
    if settings.model.missing:
        typer.echo(f"model summaries: {settings.model.missing}", err=True)


def _tell_run(name: str, run: SummariesOutcome, settings: Config, *, has: str) -> None:
    more = {
        "refused": run.refused,
        "waiting for a retry": run.backing_off,
        "busy elsewhere": run.busy,
        "left": run.left,
    }
    told = "".join(f", {number} {words}" for words, number in more.items() if number)
    typer.echo(
        f"{name}: {run.present + run.written} {has}, {run.written} of them new{told}; "
        f"{run.calls} calls, {run.input_tokens:,} + {run.output_tokens:,} tokens{_money(run.money, settings)}"
        + (f"; stopped: {run.stopped}" if run.stopped else "")
    )
    for ident, reason in list(run.reasons.items())[:_REASONS_SHOWN]:
        typer.echo(terminal_safe(f"  {ident} refused: {reason}"))


def _tell_forecast(found: _Forecasts, settings: Config, *, json_output: bool) -> None:
    if json_output:
        dumped = {name: one.model_dump() for name, one in found.summaries.items()}
        grades = {name: one.model_dump() for name, one in found.grades.items()}
        typer.echo(json.dumps({"grades": grades, **dumped} if grades else dumped, indent=2))
        return
    for lacks, forecasts in (("grades for wishes", found.grades), ("a model summary", found.summaries)):
        for name, one in forecasts.items():
            typer.echo(
                f"{name}: {one.papers} papers lack {lacks}: about {one.calls} calls, "
                f"{one.input_tokens:,} + {one.output_tokens:,} tokens{_money(one.money, settings)}"
                + (f"; none now: {terminal_safe(one.problem)}" if one.problem else "")
            )
    if not any(found):
        typer.echo(settings.model.missing or "no model is configured, or no feed shows its summaries")


def _money(amount: float, settings: Config) -> str:
    prices = settings.model.prices
    return f", {amount:.4f} {prices.currency}" if prices.input or prices.output else ""


async def _refresh(service: DigestService, within: timedelta) -> RefreshOutcome:
    """Refresh, and show how far it is: a bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    loop = asyncio.get_running_loop()
    until = loop.time() + within.total_seconds()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        outcome = await _refresh_listings(service, bar, until)
        progress = _SummaryProgress(bar)
        grading = _SummaryProgress(bar, doing="grading")
        grades = await service.summaries.grade(timedelta(seconds=until - loop.time()), grading.show)
        outcome = outcome.model_copy(update={"delivered": await service.deliveries.run(within=_DELIVERED_WITHIN)})
        left = timedelta(seconds=until - loop.time())
        summaries = await service.summaries.fill(left, progress.show)
        return outcome.model_copy(update={"grades": grades, "summaries": summaries})


async def _refresh_listings(service: DigestService, bar: Progress, until: float) -> RefreshOutcome:
    loop = asyncio.get_running_loop()
    task, said, total = bar.add_task("asking arXiv", total=None), -1, 0
    while True:
        outcome = await service.operations.refresh(_LOOK_EVERY)
        total = max(total, outcome.left)
        bar.update(task, total=total, completed=total - outcome.left)
        if not sys.stderr.isatty() and outcome.left not in {said, 0}:
            said = outcome.left
            typer.echo(f"asking arXiv: {said} requests left, about", err=True)
        if not outcome.left or loop.time() >= until:
            return outcome


class _SummaryProgress:
    """Show how far the model summaries are, or the grades."""

    def __init__(self, bar: Progress, *, doing: str = "summarising") -> None:
        self._bar = bar
        self._doing = doing
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, int] = {}

    def show(self, feed: str, outcome: SummariesOutcome) -> None:
        """Move the feed's bar; without a terminal, write a line after each tenth of its papers."""
        done = outcome.present + outcome.written + outcome.refused + outcome.backing_off + outcome.busy
        if feed not in self._tasks:
            self._tasks[feed] = self._bar.add_task(f"{self._doing} {feed}", total=outcome.wanted)
        self._bar.update(self._tasks[feed], completed=done)
        step = done * 10 // max(outcome.wanted, 1)
        if not sys.stderr.isatty() and outcome.written and self._said.get(feed) != step:
            self._said[feed] = step
            typer.echo(f"{self._doing} {feed}: {done} of {outcome.wanted} papers", err=True)
