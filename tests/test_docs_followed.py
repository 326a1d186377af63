"""The README and the pages for beginners, followed: their addresses and commands do what they say."""

import asyncio
import re
import shlex
import textwrap
from pathlib import Path

import feedparser
import pytest
import yaml

from api.params import FeedParams
from tests.following import close_arxiv, command_line, fill, site_of, yaml_blocks
from tests.sites import fill_site

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[1]
RECIPES = (
    "follow-an-author",
    "papers-with-code",
    "deliveries",
    "deploying",
    "operations",
    "post-to-slack",
    "translate-to-chinese",
    "troubleshooting",
)
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh.md",
    ROOT / "docs" / "reference.md",
    ROOT / "docs" / "reference" / "digests.md",
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
    *(ROOT / "docs" / "how-to" / f"{name}.md" for name in RECIPES),
]
INVENTED = {
    "2026-01-22..2026-01-29": "2026-11-17..2026-11-18",
    "2026-01-29": "2026-11-18",
    "2026-W05": "2026-W47",
    "{day}": "2026-11-18",
    "{spec}": "cs.LG",
    "{id}": "2611.91601",
    "{paper_id}": "2611.91601",
    "feeds/{name}": "feeds/machine-learning",
    "1706.03762,2005.14165": "2611.91601,2611.91707",
    "2601.19936": "2611.91601",
    "Yejin Choi": "Zhou Hanqing",
    "Yejin%20Choi": "Zhou%20Hanqing",
    "Y. Bengio": "B. Sandgrube",
    "Y.%20Bengio": "B.%20Sandgrube",
    "Bengio": "Sandgrube",
}
"""What the pages say, as of the papers of these tests."""
ELSEWHERE = {
    "make serve": "serves until it is stopped",
    "make demo": "serves until it is stopped",
    "docker ": "needs Docker",
    "git pull": "changes the clone",
    "make deploy-button": "changes the README; tests/test_deploy_button.py runs its tool",
    "export ": "sets a variable of the shell",
    "curl http://127.0.0.1:8000": "an address, which is followed as one",
    "--test": "sends a message to a service",
}
"""Commands that these tests don't run, and why."""
NOT_ASKED = {
    "/abs/": "leads to arXiv",
    "/build/wish": "takes a form",
    "/digest/today": "an address that people try, refused with a hint",
    "/me/": "is a key",
    "/metrics": "is off by default",
    "/newbot": "is said to Telegram's bot",
    "/rss/hep-th": "has no papers in the invented arXiv",
    "/search/json": "the page names it beside an address with its query",
    "/search/atom": "likewise",
    '/search/rss?query=au:"del': "has a space; tests/api/test_pages.py asks for such queries",
}
"""Addresses that these tests don't ask for, and why."""


def in_the_invented_arxiv(text):
    for said, meant in INVENTED.items():
        text = text.replace(said, meant)
    return text


def settings_in(text):
    """Return the settings that a page adds, over those that the program comes with."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    for block in yaml_blocks(text):
        for name, value in yaml.safe_load(block).items():
            settings[name] = {**settings.get(name, {}), **value}
    settings.get("server", {}).pop("public_url", None)
    return yaml.safe_dump(settings, allow_unicode=True)


def addresses_in(text):
    """Return the paths of our addresses: those of the local server, and those that stand alone in backticks."""
    whole = re.findall(r"http://127\.0\.0\.1:8000(/[^\s`<>)]*)", text)
    alone = re.findall(r"`(/(?!etc/|app/|var/)[a-z][^`\s]*)`", text)
    return sorted(set(whole + alone))


def command_lines_in(text):
    """Return what a reader types: lines of shell blocks, and indented lines that begin with a program."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    lines = [line for _, block in blocks for line in textwrap.dedent(block).splitlines()]
    lines += re.findall(r"^ {4,}((?:(?:\.venv/bin/)?python|docker|git|make|curl) .+)$", text, re.MULTILINE)
    return [line.partition(" #")[0].strip() for line in lines if line.strip()]


def shown_in(text):
    """Return pairs of a command and the output that the page shows for it."""
    found = re.findall(r"^ {4}\.venv/bin/(python -m digest .+)\n\n```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [(shlex.split(line)[3:], output) for line, output in found]


@pytest.fixture(scope="module", params=PAGES, ids=lambda path: path.stem)
def page(request):
    return in_the_invented_arxiv(request.param.read_text("utf-8"))


@pytest.fixture(scope="module")
def stores():
    """Stores by the settings of the servers that filled them: pages that set nothing share one."""
    return {}


@pytest.fixture(scope="module")
def filled(page, stores, tmp_path_factory):
    """A store that a server with the page's settings has filled."""
    settings = settings_in(page)
    if settings not in stores:
        path = tmp_path_factory.mktemp("page") / "cache.sqlite3"
        asyncio.run(fill(settings, path))
        stores[settings] = path
    return stores[settings]


async def test_every_address_answers_and_every_feed_has_papers(page, filled, tmp_path):
    store = tmp_path / "cache.sqlite3"
    store.write_bytes(filled.read_bytes())
    failed = {}
    async with site_of(settings_in(page), store).client() as client:
        for address in addresses_in(page):
            if address.startswith(tuple(NOT_ASKED)):
                continue
            answer = await client.get(address, follow_redirects=True)
            is_feed = "/rss/" in address or "/atom/" in address or address.endswith(".rss")
            if answer.status_code != 200 or (is_feed and not feedparser.parse(answer.content).entries):
                failed[address] = answer.status_code
    assert failed == {}


@pytest.fixture
def run(page, filled, tmp_path, monkeypatch, capsys):
    store = tmp_path / "cache.sqlite3"
    store.write_bytes(filled.read_bytes())
    asyncio.run(close_arxiv(settings_in(page), store))
    with command_line(settings_in(page), store, tmp_path, monkeypatch, capsys) as command:
        yield command


def test_every_command_works(page, run):
    for line in command_lines_in(page):
        words = line.removeprefix(".venv/bin/")
        if not words.startswith("python -m digest"):
            assert any(name in line for name in ELSEWHERE), f"nobody runs {line}"
        elif "--test" not in words:
            status, _, err = run(shlex.split(words)[3:])
            assert status == 0, (line, err)


def test_output_is_what_the_command_gave(page, run):
    """A line of three dots stands for any lines, and three dots in a line for any text."""
    for words, shown in shown_in(page):
        _, printed, _ = run(words)
        pattern = re.escape(shown).replace("…\\\n", "(?:.*\n)*").replace("…", ".*")
        assert re.fullmatch(pattern, printed), printed


EXAMPLES = re.findall(
    r"^\| `[a-z_`, ]+` \|.*\| `(\w+=[^`]+)` \|$", (ROOT / "docs" / "reference.md").read_text("utf-8"), re.MULTILINE
)


@pytest.fixture(scope="module")
def site():
    return asyncio.run(fill_site())


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_parameters_example_gives_a_feed(example, site):
    known = example.replace("2501.01234,hep-th/9901001", "2611.91601,2611.91707")
    async with site.client() as client:
        answer = await client.get(f"/rss/cs.LG?{known}", follow_redirects=True)
    assert answer.status_code == 200
    assert not feedparser.parse(answer.content).bozo


def test_every_parameter_has_an_example():
    assert {example.partition("=")[0] for example in EXAMPLES} | {"dislike", "exclude", "min_score"} >= set(
        FeedParams.model_fields
    )


def test_make_targets_exist():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    pages = [ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        name
        for path in pages
        for name in re.findall(r"(?:`|^ *(?:\w+=\w+ )?)make ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(named) > 3
    assert named - set(targets) == set()


@pytest.mark.parametrize(
    ("text", "addresses", "commands"),
    [
        ("see <http://127.0.0.1:8000/build> or `/status`", ["/build", "/status"], []),
        ("put it into `/etc/x.env`", [], []),
        ("```sh\nmake serve   # says where\n```", [], ["make serve"]),
        (
            "1. x\n\n   ```sh\n   export A=b\n   ```\n\n       .venv/bin/python -m digest check",
            [],
            ["export A=b", ".venv/bin/python -m digest check"],
        ),
    ],
)
def test_addresses_and_commands_are_found(text, addresses, commands):
    assert addresses_in(text) == addresses
    assert command_lines_in(text) == commands
