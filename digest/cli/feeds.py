"""The commands around one feed: printing it, and telling why a paper is in it or not.

Both take the parameters that addresses take, read by the same code.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from digest.cli.running import ConfigOption, JsonOption, run_service
from digest.config.settings import Config
from digest.errors import InputError
from digest.feeds.addresses import named_address, rest_page, spec_address
from digest.feeds.papers import FeedRequest
from digest.rendering.formats import FORMATS
from digest.service.service import DigestService
from digest.text import terminal_safe

if TYPE_CHECKING:
    from api.params import FeedParams

TEXT = "text"
"""The format for people, beside those for readers."""

_FORMATS_TOLD = f"{', '.join(FORMATS)}, or text to read here."
Text = str | None
FILTERS: dict[str, Any] = {
    "days": Annotated[int | None, typer.Option(help="Number of announcement days to include, back from the newest.")],
    "like": Annotated[Text, typer.Option(help="arXiv ids of papers that you like, separated by commas.")],
    "dislike": Annotated[Text, typer.Option(help="arXiv ids of papers that you want fewer of, separated by commas.")],
    "keywords": Annotated[Text, typer.Option(help="Words with points, separated by commas: diffusion:3,survey:-1.")],
    "top": Annotated[
        int | None, typer.Option(help="Maximum number of papers from each announcement day; the best ones stay.")
    ],
    "limit": Annotated[int | None, typer.Option(help="Maximum number of papers.")],
    "types": Annotated[Text, typer.Option(help="Announce types, separated by commas.")],
    "include": Annotated[Text, typer.Option(help="Words or phrases, separated by commas; at least one must appear.")],
    "exclude": Annotated[Text, typer.Option(help="Words or phrases, separated by commas; none may appear.")],
    "q": Annotated[Text, typer.Option("--q", help="Filter in arXiv's query syntax.")],
    "author": Annotated[Text, typer.Option(help="Authors, separated by semicolons.")],
    "has": Annotated[Text, typer.Option(help="code: only papers that link a repository or project page.")],
    "min_score": Annotated[float | None, typer.Option(help="Minimum score, in feeds with scores.")],
    "sort": Annotated[Text, typer.Option(help="score (best first within a day) or date.")],
}
"""Options that say which papers, as addresses have them."""
LOOKS: dict[str, Any] = {
    "summary": Annotated[Text, typer.Option(help="auto, builtin, model or none.")],
    "lang": Annotated[Text, typer.Option(help="Language of model summaries, a BCP 47 tag.")],
    "title_form": Annotated[Text, typer.Option(help="original, translated or both.")],
    "math": Annotated[Text, typer.Option(help="auto, unicode, mathml or tex.")],
    "compat": Annotated[Text, typer.Option(help="arxiv: items in the form of arXiv's own feed.")],
    "group": Annotated[Text, typer.Option(help="day or week: one item for each, its digest.")],
    "title": Annotated[Text, typer.Option(help="The feed's title; default: the filter in words.")],
}
"""Options that say how they are shown."""

Command = Callable[..., None]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(feed)
    app.command()(explain)


def _with_options(options: Mapping[str, Any]) -> Callable[[Command], Command]:
    """Let a command take *options*, each None unless it is given, as its last arguments by name."""

    def declared(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in options.items()
        ]
        vars(command)["__signature__"] = signature.replace(parameters=[*own, *more])
        return command

    return declared


@_with_options(FILTERS | LOOKS)
def feed(
    spec: Annotated[str, typer.Argument(help="Categories (cs.LG+stat.ML), or the name of a configured feed.")],
    *,
    config: ConfigOption = None,
    format_: Annotated[str, typer.Option("--format", "-f", help=_FORMATS_TOLD)] = "rss",
    **given: str | float | None,
) -> None:
    """Print a feed. Every parameter works as in a URL."""
    if format_ not in {*FORMATS, TEXT}:
        raise InputError(f"no format {format_!r}; there are {', '.join([*FORMATS, TEXT])}", name="--format")
    params = _params(given)

    async def render(service: DigestService) -> bytes:
        wanted = _request(service, spec, params)
        if format_ == TEXT:
            return (await service.feeds.printed(wanted)).body
        return await _document(service, wanted, params, format_)

    sys.stdout.buffer.write(run_service(config, render, doing=f"reading {spec}"))


@_with_options(FILTERS)
def explain(
    feed: Annotated[str, typer.Argument(help="A configured feed, or categories.")],
    paper: Annotated[str, typer.Argument(help="arXiv id.", metavar="ID")],
    *,
    config: ConfigOption = None,
    json_output: JsonOption = False,
    **given: str | float | None,
) -> None:
    """Explain rule by rule why a paper is in a feed or not. Filters narrow the feed, as in a URL."""
    params = _params(given)
    steps = run_service(
        config, lambda service: service.feeds.explain(_request(service, feed, params), paper), doing=f"reading {feed}"
    )
    if json_output:
        typer.echo(json.dumps([step.model_dump() for step in steps], ensure_ascii=False, indent=2))
        return
    for step in steps:
        typer.echo(terminal_safe(f"{'yes' if step.passed else 'NO '}  {step.rule}: {step.detail}"))
    is_in = all(step.passed for step in steps)
    typer.echo(f"{paper} is {'in' if is_in else 'not in'} {feed}")


def _params(given: Mapping[str, str | float | None]) -> FeedParams:
    """Return the options as parameters of an address.

    Raises:
        InputError: A value is not acceptable.
    """
    from api.params import FeedParams

    try:
        params = FeedParams.model_validate({name: value for name, value in given.items() if value is not None})
        params.selection()
    except ValidationError as error:
        first = error.errors()[0]
        name, message = str(first["loc"][0]), first["msg"].removeprefix("Value error, ")
        raise InputError(f"{name}: {message}", name=name) from error
    return params


def _request(service: DigestService, text: str, params: FeedParams) -> FeedRequest:
    """Return the request of a configured feed or topic, which parameters only narrow, or of categories."""
    from api.params import feed_request, narrowed

    if text in service.config.feed_names:
        return narrowed(service.feeds.named(text), params)
    return feed_request(text, params)


async def _document(service: DigestService, wanted: FeedRequest, params: FeedParams, format_name: str) -> bytes:
    """Return the bytes that a server with the same settings gives at the address of this feed."""
    from api.scopes import narrowed_scope

    base = _base_url(service.config)
    query = params.canonical()
    address = named_address(wanted.name, query) if wanted.name else spec_address(wanted.spec, query)
    self_url, page_url = base + address.feed(format_name), base + address.page()
    if params.group:
        scope = narrowed_scope(wanted, params)
        return (
            await service.digests.feed(scope, format_name, self_url=self_url, base_url=base, weekly=params.is_weekly)
        ).body
    return (
        await service.feeds.feed(
            wanted,
            format_name,
            self_url=self_url,
            page_url=page_url,
            base_url=base,
            rest_url=base + rest_page(address, wanted.spec),
        )
    ).body


def _base_url(config: Config) -> str:
    """Return the address of a server with these settings on this machine, if no public one is set."""
    server = config.server
    host = "localhost" if server.host in {"0.0.0.0", "::", "127.0.0.1", "::1"} else server.host  # noqa: S104 - compared
    return server.public_url or f"http://{host}:{server.port}"
