"""What a document says, followed: its settings, the addresses and the commands that it names."""

import logging
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from digest.cli.commands import main
from digest.store.namespaced import NamespacedStore
from digest.store.sqlite import SqliteStore
from tests.builders import make_config
from tests.fakes import Clock, flying_clock
from tests.sites import Site

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: the commands have what the store holds."""
_OURS = ("DIGEST_", "CACHE_", "ARXIV_", "VERCEL", "LLM_", "DELIVER_")


def yaml_blocks(text: str) -> list[str]:
    """Return the blocks of YAML in a document, those in lists, too."""
    found = re.finditer(r"^( *)```yaml\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block[2]) for block in found]


def site_of(settings: str, store: Path) -> Site:
    """A server with these settings over a store in a file."""
    return Site(config=make_config(settings, arxiv_url=NOWHERE), store=SqliteStore(store, now=flying_clock()))


async def fill(settings: str, store: Path) -> None:
    """Let a server with these settings fetch its feeds."""
    service = site_of(settings, store).service()
    await service.operations.refresh(timedelta(minutes=10))
    await service.aclose()


async def close_arxiv(settings: str, store: Path) -> None:
    """Let no command ask arXiv, as if it had refused just now."""
    site = site_of(settings, store)
    shared = NamespacedStore(site.store, NOWHERE)
    until = (site.clock.now + timedelta(hours=1)).isoformat().encode()
    for name in ("FEEDS", "PAGES", "API"):
        await shared.set(f"arxiv:cooldown:{name}", until)
    await site.store.close()


@contextmanager
def command_line(
    settings: str, store: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[list[str]], tuple[int | str, str, str]]]:
    """Give a function that runs one command of ours and returns its exit status and what it printed."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DIGEST_CONFIG", str(folder / "config.yaml"))
    monkeypatch.setenv("CACHE_URL", f"sqlite://{store}")
    monkeypatch.setenv("ARXIV_URL", NOWHERE)
    (folder / "config.yaml").write_text(settings, "utf-8")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)

    def command(words: list[str]) -> tuple[int | str, str, str]:
        line, _, out = " ".join(words).partition(" > ")
        monkeypatch.setattr(sys, "argv", ["digest", *line.split()])
        status: int | str = 0
        try:
            main(now=Clock(step=timedelta(milliseconds=1)))
        except SystemExit as ended:
            status = ended.code or 0
        said = capsys.readouterr()
        if out:
            (folder / out).write_text(said.out, "utf-8")
        return status, said.out, said.err

    yield command
    root.handlers[:] = handlers
