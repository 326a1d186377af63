"""The guides for those who come from another system, followed: settings, addresses and commands."""

import asyncio
import json
import re
import shlex
from pathlib import Path

import pytest

from digest.config.reading import parse_config
from tests.following import close_arxiv, command_line, fill, site_of

pytestmark = pytest.mark.anyio

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


@pytest.fixture(scope="module", params=GUIDES, ids=lambda path: path.stem)
def guide(request):
    return request.param


@pytest.fixture(scope="module")
def filled(guide, tmp_path_factory):
    """A store that a server with the guide's settings has filled."""
    path = tmp_path_factory.mktemp(guide.stem) / "cache.sqlite3"
    asyncio.run(fill(settings_of(guide), path))
    asyncio.run(close_arxiv(settings_of(guide), path))
    return path


async def test_every_address_answers(guide, filled, tmp_path):
    store = tmp_path / "cache.sqlite3"
    store.write_bytes(filled.read_bytes())
    site = site_of(settings_of(guide), store)
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
    (tmp_path / "config.json").write_text(json.dumps(BOT), "utf-8")
    with command_line(settings_of(guide), store, tmp_path, monkeypatch, capsys) as command:
        yield command


def test_every_command_does_its_work(guide, run, tmp_path):
    commands = commands_in(as_of_today(guide.read_text("utf-8")))
    assert commands
    for words in commands:
        status, _, err = run(words)
        assert status == 0, (words, err)
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).stat().st_size > 300


def test_the_settings_are_those_that_the_guide_goes_on_with(guide):
    text = guide.read_text("utf-8")
    names = set(re.findall(r"feeds?[=/]([a-z]+)\b", text)) - {"imported"}
    assert names == set(parse_config(settings_of(guide), {}).feeds)
