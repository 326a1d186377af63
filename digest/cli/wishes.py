"""`python -m digest wish`: a wish tried over past days, before it is switched on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.running import ConfigOption, JsonOption, run_service
from digest.errors import InputError
from digest.reports.filling import Forecast
from digest.reports.wish_trials import FIRST, WishTrial
from digest.service.service import DigestService
from digest.text import terminal_safe, to_plain

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(wish)


def wish(
    feed: Annotated[str, typer.Argument(help="A configured feed.")],
    *,
    config: ConfigOption = None,
    json_output: JsonOption = False,
    wants: Annotated[str, typer.Option(help="A wish to try instead of the feed's own.")] = "",
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="Papers that you know and want: a .bib or .ris file beside the configuration, an id, zotero:…"
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="Announcements, counted back from the newest.")] = 5,
    within: Annotated[float, typer.Option(min=1, help="Maximum time for grading, in seconds.")] = 1800,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only estimate the cost of grading.")] = False,
    first_stage: Annotated[bool, typer.Option("--first-stage", help="Ask no model.")] = False,
) -> None:
    """Try the wishes of FEED over past days: grades with their quotes, precision against papers that you know, cost.

    Grades are kept, so that the feed pays for none of them again.
    """

    async def work(service: DigestService) -> WishTrial | Forecast | None:
        if feed not in service.config.feeds:
            raise InputError(
                f"no feed is named {feed!r}", name="feed", hint=f"configured are: {', '.join(service.config.feeds)}"
            )
        request = service.feeds.named(feed)
        if dry_run:
            return await service.wish_trials.forecast(request, days=days, wants=wants)
        return await service.wish_trials.over_days(
            request,
            days=days,
            wants=wants,
            against=against or (),
            graded=not first_stage,
            within=timedelta(seconds=within),
        )

    found = run_service(config, work, doing=f"trying the wishes of {feed}")
    if not isinstance(found, WishTrial):
        _tell_cost(found)
    elif json_output:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _show(found)


def _tell_cost(found: Forecast | None) -> None:
    if found is None:
        typer.echo("no model is configured: the first stage costs nothing")
        return
    usage = found.usage
    typer.echo(
        f"{found.papers} papers lack grades: about {found.calls} calls, {usage.input_tokens:,} + {usage.output_tokens:,} tokens, "
        f"{found.money:.4f}" + (f"; none now: {terminal_safe(found.problem)}" if found.problem else "")
    )


def _show(found: WishTrial) -> None:
    from rich.console import Console

    console = Console(markup=False, highlight=False, soft_wrap=True)
    for text in found.wishes:
        console.print(terminal_safe(f"wish: {text}"))
    for paper in found.papers[:_SHOWN]:
        grade = "-" if paper.grade is None else str(paper.grade)
        known = " (known)" if paper.known else ""
        console.print(terminal_safe(f"{grade}  {paper.id}  {to_plain(paper.title)}{known}"))
        console.print(
            terminal_safe(
                f"   {paper.day}, number {paper.place} of its day by likeness"
                + (f": “{to_plain(paper.quote)}”" if paper.quote else "")
            )
        )
    if len(found.papers) > _SHOWN:
        console.print(f"… and {len(found.papers) - _SHOWN} more; --json prints all")
    _tell_figures(found, console)


def _tell_figures(found: WishTrial, console: Console) -> None:
    graded = sum(paper.grade is not None for paper in found.papers)
    console.print(
        f"{len(found.papers)} papers considered, {graded} graded, {len(found.good)} of them 3 or more, {found.refused} refused"
    )
    if found.known:
        console.print(
            f"of {found.known} papers that you know {found.found} have a grade of 3 or more; {found.near} are among the first {FIRST} of their day by likeness"
        )
    if found.precision is not None and found.known:
        console.print(f"precision: {found.precision:.0%} of the papers with 3 or more are among those that you know")
    console.print(f"{found.calls} calls, {found.input_tokens:,} + {found.output_tokens:,} tokens, {found.money:.4f}")
    if found.problem:
        console.print(terminal_safe(found.problem))
