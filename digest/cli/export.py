"""The command that writes a whole server as files, for hosts that serve nothing but files."""

from __future__ import annotations

import logging
import tempfile
from collections import deque
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl, urldefrag, urlsplit

import typer

from digest.cli.exporting import file_of, links_of, with_exported_addresses, with_relative_links, write_if_changed
from digest.cli.running import ConfigOption, run_service
from digest.errors import DigestError
from digest.feeds.addresses import days_address, named_address, with_query
from digest.feeds.daily import common_scope
from digest.rendering.feed_heads import FAVICON, ICON
from digest.rendering.formats import FORMATS
from digest.rendering.markdown import DEFAULT_LAYOUT, LAYOUTS
from digest.rendering.pages.reading import TEXT_TYPES
from digest.service.service import DigestService

if TYPE_CHECKING:
    import httpx

_PLAIN = {"accept-encoding": "identity"}
_FEED_ENDINGS = (".xml", *(f".{name}" for name in FORMATS))
_NO_ADDRESS = "http://localhost:8000"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; created if it doesn't exist.")],
    *,
    config: ConfigOption = None,
    url: Annotated[
        str | None, typer.Option(help="Address under which readers will reach the files.", show_default="public_url")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Number of announcement days to write digests for.")] = 7,
) -> None:
    """Write feeds, digests, pages, OPML and JSON as files and list the changed ones. Nothing is ever removed."""
    _check_writable(folder)

    async def work(service: DigestService) -> Export:
        base = (url or service.config.server.public_url or "").rstrip("/")
        if not base:
            typer.echo(f"no public address is set, so feeds name {_NO_ADDRESS} as theirs; give --url", err=True)
        logging.getLogger("api.requests").setLevel(logging.WARNING)  # nobody sent these requests
        exporting = Export(service, folder, base or _NO_ADDRESS)
        await exporting.run(days)
        return exporting

    done = run_service(config, work, doing=f"writing to {folder}")
    for name in done.written:
        typer.echo(name)
    typer.echo(f"{len(done.written)} of {len(done.files)} files written", err=True)
    for problem in done.problems:
        typer.echo(f"error: {problem}", err=True)
    if done.problems:
        raise typer.Exit(1)


class Export:
    """Ask the server in this process for everything it has and write the answers.

    Attributes:
        files: What the folder holds of it now, relative to it.
        written: Those that changed.
        problems: What could not be had, and why.

    Args:
        service: What answers.
        folder: Where files go.
        base_url: Their public address, without a slash at the end.
    """

    def __init__(self, service: DigestService, folder: Path, base_url: str) -> None:
        self._service = service
        self._folder = folder
        self._base_url = base_url
        self._root = urlsplit(base_url).path
        self.files: list[str] = []
        self.written: list[str] = []
        self.problems: list[str] = []

    async def run(self, days: int) -> None:
        """Fetch what is due, then write everything, the newest *days* digests of each feed among it."""
        import httpx

        from api.factory import create_app

        config = self._service.config
        if config.feeds:
            scope = common_scope(tuple(map(self._service.feeds.named, config.feeds)), config.server.title)
            await self._service.digests.prepare(scope)
        public = config.model_copy(update={"server": config.server.model_copy(update={"public_url": self._base_url})})
        served = replace(self._service, config=public)
        app = create_app(public, environ={}, make=lambda _config, _environ: served)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://export", headers=_PLAIN) as client:
            answers = await self._collect(client, await self._wanted(days))
        for file, (kind, body) in answers.items():
            self._write(file, self._exported(file, kind, body, answers.keys()))

    async def _wanted(self, days: int) -> list[str]:
        """Return the addresses to begin with."""
        config = self._service.config
        wanted = [
            "/",
            "/help",
            "/saved",
            "/opml.xml",
            "/api/feeds",
            "/api/categories",
            FAVICON,
            ICON,
            "/static/feed.css",
        ]
        for address in map(named_address, config.feed_names):
            wanted += [*map(address.feed, FORMATS), *map(address.text, TEXT_TYPES), address.page()]
        for feed in (*([None] if config.feeds else []), *config.feed_names):
            requests = tuple(map(self._service.feeds.named, [feed] if feed else config.feeds))
            query = f"?feed={feed}" if feed else ""
            index = days_address([("feed", feed)] if feed else [])
            wanted += [index.page(), *map(index.feed, FORMATS)]
            held = await self._service.digests.held(common_scope(requests, config.server.title))
            for one in held[:days]:
                wanted += [f"/digest/{one.day}{ending}{query}" for ending in ("", ".json", ".md")]
                more = f"{query}&" if query else "?"
                wanted += [
                    f"/digest/{one.day}.md{more}layout={layout}" for layout in LAYOUTS if layout != DEFAULT_LAYOUT
                ]
        return wanted

    async def _collect(self, client: httpx.AsyncClient, wanted: list[str]) -> dict[str, tuple[str, bytes]]:
        """Return media type and body of every file: of what is wanted, and what belongs to a page (further pages, texts, style)."""
        answers: dict[str, tuple[str, bytes]] = {}
        seen: set[str] = set()
        queue = deque(wanted)
        while queue:
            address = queue.popleft()
            file = file_of(address)
            if file is None or file in seen:
                continue
            seen.add(file)
            answer = await client.get(_waiting(address, file))
            if answer.status_code != 200:
                self.problems.append(f"{address}: {_reason(answer)}")
                continue
            kind = answer.headers["content-type"].partition(";")[0]
            answers[file] = kind, answer.content
            if kind == "text/html":
                queue += [link for link in links_of(answer.text, self._root) if not _is_another_day(link)]
        return answers

    def _exported(self, file: str, kind: str, body: bytes, made: Container[str]) -> bytes:
        def is_there(name: str) -> bool:
            return name in made or (self._folder / name).is_file()

        if kind == "text/html":
            return with_relative_links(body.decode(), file, self._root, is_there).encode()
        if file.endswith(_FEED_ENDINGS):
            return with_exported_addresses(body.decode(), self._base_url).encode()
        return body

    def _write(self, file: str, body: bytes) -> None:
        try:
            is_new = write_if_changed(self._folder / file, body)
        except OSError as error:
            raise DigestError(f"{self._folder / file}: can't be written: {error.strerror}") from error
        self.files.append(file)
        if is_new:
            self.written.append(file)


def _check_writable(folder: Path) -> None:
    """Make *folder*, and see whether files can be made there: before arXiv is asked for minutes.

    Raises:
        DigestError: They can't.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DigestError(f"{folder}: can't be written: {error.strerror}") from error


def _waiting(address: str, file: str) -> str:
    """Return the address that waits for arXiv, if *file* is that of a page."""
    path, _, query = urldefrag(address).url.partition("?")
    if not file.endswith(".html") or path in {days_address().page_path, "/help", "/saved"}:  # these ask arXiv nothing
        return address
    return with_query(path, sorted([*parse_qsl(query), ("wait", "1")]))


def _is_another_day(link: str) -> bool:
    """Whether a link leads to a digest that wasn't asked for: not to a further page of the one that has it."""
    return link.startswith("/digest") and "page=" not in link


def _reason(answer: httpx.Response) -> str:
    """Return why an answer has no document."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
