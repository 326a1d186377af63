"""The guides for those who come from another system, followed: settings, addresses and commands."""

import asyncio
import json
import logging
import os
import re
import shlex
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from digest.cli.commands import main
from digest.config.reading import parse_config
from digest.store.namespaced import NamespacedStore
from digest.store.sqlite import SqliteStore
from tests.builders import make_config
from tests.fakes import Clock, flying_clock
from tests.sites import Site

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: the commands have what the store holds."""
GUIDES = sorted((Path(__file__).resolve().parents[1] / "docs" / "how-to" / "moving-over").glob("*.md"))
TODAY = {
    "2026-01-22..2026-01-29": "2026-11-17..2026-11-18",
    "2026-01-29": "2026-11-18",
    "2026-W05": "2026-W47",
    "/feeds/imported": "/feeds/systems",
    "personal memory": "model",
}
"""What the guides say, as of the day, the feed and the papers of these tests."""

BOT = {
    "categories": ["cs.CL", "cs.LG"],
    "keywords": ["LLM", "Sparse"],
    "max_papers": 30,
    "days_back": 7,
    "min_score": 2.5,
    "enable_deduplication": True,
    "ai_summary": {"enabled": True, "api_key_env": "DASHSCOPE_API_KEY", "model": "qwen-long", "max_workers": 3},
}
"""Settings in the form of arxiv_rss_bot's `config.json`."""


def as_of_today(text):
    for said, meant in TODAY.items():
        text = text.replace(said, meant)
    return text


def settings_of(guide):
    return re.search(r"^```yaml\n(.*?)^```", as_of_today(guide.read_text("utf-8")), re.MULTILINE | re.DOTALL)[1]


def addresses_in(text):
    """Return the addresses of ours: on lines of their own, and in the last column of tables; not those of others."""
    found = re.findall(r"^ {4}(/\S+)$", text, re.MULTILINE)
    for line in text.splitlines():
        ours = line.split(" | ")[-1] if line.startswith("|") else line if not line.startswith("    ") else ""
        found += re.findall(r"`(/(?!/)[^`]+)`", ours)
    return sorted(set(found))


def commands_in(text):
    """Return the commands on lines of their own, each as a list of words."""
    return [shlex.split(line)[3:] for line in re.findall(r"^ {4,}(python -m digest .+)$", text, re.MULTILINE)]


def site_of(guide, store):
    config = make_config(settings_of(guide), arxiv_url=NOWHERE)
    return Site(config=config, store=SqliteStore(store, now=flying_clock()))


@pytest.fixture(scope="module", params=GUIDES, ids=lambda path: path.stem)
def guide(request):
    return request.param


@pytest.fixture(scope="module")
def filled(guide, tmp_path_factory):
    """A store that a server with the guide's settings has filled."""
    path = tmp_path_factory.mktemp(guide.stem) / "cache.sqlite3"

    async def fill():
        site = site_of(guide, path)
        service = site.service()
        await service.operations.refresh(timedelta(minutes=10))
        shared = NamespacedStore(site.store, NOWHERE)
        until = (site.clock.now + timedelta(hours=1)).isoformat().encode()
        for name in ("FEEDS", "PAGES", "API"):  # as if arXiv had refused just now, so that no command asks it
            await shared.set(f"arxiv:cooldown:{name}", until)
        await service.aclose()

    asyncio.run(fill())
    return path


async def test_every_address_answers(guide, filled, tmp_path):
    store = tmp_path / "cache.sqlite3"
    store.write_bytes(filled.read_bytes())
    site = site_of(guide, store)
    addresses = addresses_in(as_of_today(guide.read_text("utf-8")))
    assert len(addresses) > 8
    answers = {}
    async with site.client() as client:
        for address in addresses:
            answers[address] = (await client.get(address, follow_redirects=True)).status_code
    assert {address: status for address, status in answers.items() if status != 200} == {}


@pytest.fixture
def run(guide, filled, tmp_path, monkeypatch, capsys):
    store = tmp_path / "cache.sqlite3"
    store.write_bytes(filled.read_bytes())
    for name in [name for name in os.environ if name.startswith(("DIGEST_", "CACHE_", "ARXIV_", "VERCEL", "LLM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGEST_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("CACHE_URL", f"sqlite://{store}")
    monkeypatch.setenv("ARXIV_URL", NOWHERE)
    (tmp_path / "config.yaml").write_text(settings_of(guide), "utf-8")
    (tmp_path / "config.json").write_text(json.dumps(BOT), "utf-8")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)

    def command(words):
        words, _, out = " ".join(words).partition(" > ")
        monkeypatch.setattr(sys, "argv", ["digest", *words.split()])
        status: int | str = 0
        try:
            main(now=Clock(step=timedelta(milliseconds=1)))
        except SystemExit as ended:
            status = ended.code or 0
        said = capsys.readouterr()
        if out:
            (tmp_path / out).write_text(said.out, "utf-8")
        return status, said.err

    yield command
    root.handlers[:] = handlers


def test_every_command_does_its_work(guide, run, tmp_path):
    commands = commands_in(as_of_today(guide.read_text("utf-8")))
    assert commands
    for words in commands:
        status, err = run(words)
        assert status == 0, (words, err)
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).stat().st_size > 300


def test_the_settings_are_those_that_the_guide_goes_on_with(guide):
    text = guide.read_text("utf-8")
    names = set(re.findall(r"feeds?[=/]([a-z]+)\b", text)) - {"imported"}
    assert names == set(parse_config(settings_of(guide), {}).feeds)
