"""The command line as a user meets it: what it prints where, and its exit status."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
import typer
import yaml

from api.params import FeedParams
from digest import __version__
from digest.arxiv.taxonomy import parse_spec
from digest.cli.commands import app, main
from digest.feeds.papers import FeedRequest
from digest.selection import Selection
from digest.store.namespaced import NamespacedStore
from digest.store.sqlite import SqliteStore
from tests.builders import make_config
from tests.fakes import Clock, flying_clock
from tests.sites import FEEDS, Site

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there, and nobody asks: what is held is fresh, and what isn't may not be asked for now."""


async def _fill(path):
    """Hold this week of cs.LG, and let arXiv have refused just now."""
    store = SqliteStore(path, now=flying_clock())
    site = Site(config=make_config(FEEDS, arxiv_url=NOWHERE), store=store)
    service = site.service()
    links = {"self_url": "http://localhost/rss/cs.LG", "page_url": "http://localhost/"}
    await service.feeds.feed(FeedRequest(parse_spec("cs.LG"), Selection()), "rss", **links)
    await service.operations.keep_warm()
    shared = NamespacedStore(site.store, NOWHERE)
    until = (site.clock.now + timedelta(hours=1)).isoformat().encode()
    for name in ("FEEDS", "PAGES", "API"):
        await shared.set(f"arxiv:cooldown:{name}", until)
    await service.aclose()


@pytest.fixture(scope="session")
def filled_cache(tmp_path_factory):
    path = tmp_path_factory.mktemp("commands") / "cache.sqlite3"
    asyncio.run(_fill(path))
    return path


@pytest.fixture
def cache(filled_cache, tmp_path):
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(filled_cache.read_bytes())
    return path


@pytest.fixture
def run(cache, tmp_path, monkeypatch, capsysbinary):
    """Run a command in this process and return its exit status, output and errors."""
    (tmp_path / "config.yaml").write_text(FEEDS, encoding="utf-8")
    for name in [name for name in os.environ if name.startswith(("DIGEST_", "CACHE_", "ARXIV_", "VERCEL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIGEST_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("CACHE_URL", f"sqlite://{cache}")
    monkeypatch.setenv("ARXIV_URL", NOWHERE)
    monkeypatch.setenv("COLUMNS", "200")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    levels = {name: logging.getLogger(name).level for name in ("", "api", "digest", "httpx", "stamina")}

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["digest", *arguments])
        status: int | str = 0
        try:
            main(now=Clock(step=timedelta(milliseconds=1)))
        except SystemExit as ended:
            status = ended.code or 0
        out, err = capsysbinary.readouterr()
        return status, out.decode(), err.decode()

    yield command
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class TestCheck:
    def test_prints_what_is_in_effect_and_the_feeds(self, run):
        status, out, err = run("check")
        assert (status, err) == (0, "")
        shown, _, feeds = out.partition("\nThe configuration is valid. ")
        assert yaml.safe_load(shown)["server"]["port"] == 8000
        assert feeds.startswith(
            "Feeds (2), topics (0):\n  /feeds/machines.rss  cs.LG+stat.ML, the last 7 announcements: "
        )

    def test_prints_json_for_programs(self, run):
        status, out, _ = run("check", "--json")
        assert status == 0
        assert json.loads(out)["feeds"]["machines"]["categories"] == ["cs.LG", "stat.ML"]

    @pytest.mark.parametrize("json_output", [[], ["--json"]])
    @pytest.mark.parametrize(
        "url",
        [
            "redis://:hunter2@example.org:6379/0",
            "https://hunter2@x.upstash.io",
            "redis://example.org/0?password=hunter2",
        ],
    )
    def test_shows_no_password(self, run, monkeypatch, url, json_output):
        monkeypatch.setenv("CACHE_URL", url)
        status, out, err = run("check", *json_output)
        assert status == 0
        assert "hunter2" not in out + err

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("feeds:\n  a:\n    categories: [cs.XX]\n", "config.yaml:3: feeds.a.categories: unknown category cs.XX"),
            ("servr:\n  port: 1\n", "config.yaml:1: servr: no such setting; did you mean server?"),
        ],
    )
    def test_a_mistake_is_one_message_and_status_2(self, run, tmp_path, text, said):
        (tmp_path / "other.yaml").write_text(text.replace("config", "other"), encoding="utf-8")
        status, out, err = run("check", "--config", str(tmp_path / "other.yaml"))
        assert (status, out) == (2, "")
        assert err.startswith("error: " + said.replace("config.yaml", "other.yaml"))
        assert "Traceback" not in err

    def test_an_address_of_a_store_that_is_none_is_a_mistake(self, run, monkeypatch):
        monkeypatch.setenv("CACHE_URL", "redsi://:hunter2@example.org")
        status, out, err = run("check")
        assert (status, out) == (2, "")
        assert "CACHE_URL: unknown scheme" in err
        assert "hunter2" not in err

    def test_a_file_that_is_absent_is_named(self, run):
        status, _, err = run("check", "-c", "nowhere.yaml")
        assert status == 2
        assert "nowhere.yaml: no such file" in err


class TestFeed:
    @pytest.mark.parametrize("name", ["rss", "atom"])
    def test_prints_a_feed_and_nothing_else(self, run, name):
        status, out, err = run("feed", "cs.LG", "--format", name)
        assert (status, err) == (0, "")
        parsed = feedparser.parse(out.encode())
        assert not parsed.bozo
        assert len(parsed.entries) > 5

    def test_prints_a_configured_feed_by_name(self, run):
        status, out, _ = run("feed", "machines", "-f", "json", "--limit", "2")
        assert status == 0
        feed = json.loads(out)
        assert feed["title"] == "Machines"
        assert len(feed["items"]) == 2

    @pytest.mark.parametrize(
        ("arguments", "shown"),
        [
            ((), 3),
            (("--types", "new,cross"), 3),
            (("--types", "cross"), 0),
            (("--limit", "50"), 3),
            (("--limit", "2"), 2),
            (("--days", "9", "--types", "new,cross,replace"), 3),
            (("--exclude", "nothing says this"), 3),
        ],
    )
    def test_options_narrow_a_configured_feed_and_never_widen_it(self, run, tmp_path, arguments, shown):
        settings = "feeds: {firsts: {categories: [cs.LG], types: [new], days: 2, limit: 3}}"
        (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
        status, out, _ = run("feed", "firsts", "-f", "json", *arguments)
        items = json.loads(out)["items"]
        assert (status, len(items)) == (0, shown)
        assert {item["_arxiv"]["announce_type"] for item in items} <= {"new"}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["cs.XX"], "error: unknown category cs.XX"),
            (["cs.LG", "--format", "pdf"], "error: no format 'pdf'; there are rss, atom, json, text"),
            (["cs.LG", "--types", "nwe"], "error: types: Input should be 'new', 'cross'"),
            (["cs.LG", "--include", "*"], 'error: include: "*" has nothing to look for'),
            (["cs.LG", "--q", "ti:("], "error: q: a condition is missing here"),
            (["cs.LG", "--days", "0"], "error: days: Input should be greater than or equal to 1"),
            (["cs.LG", "--limit", "5001"], "error: limit: Input should be less than or equal to 5000"),
            (["cs.LG", "--days", "x"], "Invalid value for '--days'"),
            (
                ["cs.LG", "--min-score", "3"],
                "error: nothing gives points in this feed, so min_score would leave no paper",
            ),
            (["cs.LG", "--lang", "no language"], "error: lang: "),
            ([], "Missing argument"),
        ],
    )
    def test_wrong_usage_is_status_2_with_the_reason_on_standard_error(self, run, arguments, said):
        status, out, err = run("feed", *arguments)
        assert (status, out) == (2, "")
        assert said in err
        assert "Traceback" not in err

    def test_that_cannot_be_had_is_status_1(self, run):
        status, out, err = run("feed", "math.AG")
        assert (status, out) == (1, "")
        assert (
            "error: Nothing is stored of math.AG yet, and arXiv gave no listing: not asked: arXiv refused lately" in err
        )

    def test_types_narrow_a_configured_feed_and_widen_nothing(self, run, tmp_path):
        text = "feeds: {machines: {categories: [cs.LG], types: [new], exclude: [zebra]}}"
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        for types, expected in (("cross", set()), ("new,cross,replace", {"new"})):
            found = json.loads(run("feed", "machines", "-f", "json", "--types", types)[1])["items"]
            assert {item["_arxiv"]["announce_type"] for item in found} == expected
        assert {
            item["_arxiv"]["announce_type"] for item in json.loads(run("feed", "cs.LG", "-f", "json")[1])["items"]
        } > {"new"}

    def test_takes_every_parameter_of_addresses(self):
        options = {option.name for option in typer.main.get_group(app).commands["feed"].params}
        assert set(FeedParams.model_fields) - options == set()

    @pytest.mark.parametrize(
        ("arguments", "own", "page"),
        [
            (["cs.LG", "-f", "atom"], "/atom/cs.LG", "/list/cs.LG"),
            (
                ["stat.ML+cs.LG", "-f", "atom", "--sort", "date", "--limit", "3", "--days", "2", "--q", "ti:a OR abs:the"],
                "/atom/cs.LG+stat.ML?days=2&limit=3&q=ti:a+OR+abs:the&sort=date",
                "/list/cs.LG+stat.ML?days=2&limit=3&q=ti:a+OR+abs:the&sort=date",
            ),
            (["machines", "-f", "atom", "--summary", "none"], "/feeds/machines.atom?summary=none", "/feeds/machines?summary=none"),
        ],
    )  # fmt: skip
    def test_links_are_those_that_a_server_here_has(self, run, arguments, own, page):
        status, out, _ = run("feed", *arguments)
        assert status == 0
        feed = feedparser.parse(out.encode()).feed
        links = {link["rel"]: link["href"] for link in feed.links}
        assert links["self"] == f"http://localhost:8000{own}"
        assert links["alternate"] == f"http://localhost:8000{page}"

    def test_links_follow_the_public_address(self, run, monkeypatch):
        monkeypatch.setenv("PUBLIC_URL", "https://home.example.org/papers")
        assert (
            json.loads(run("feed", "cs.LG", "-f", "json")[1])["feed_url"]
            == "https://home.example.org/papers/json/cs.LG"
        )

    def test_one_item_a_day_as_in_an_address(self, run):
        items = json.loads(run("feed", "cs.LG", "-f", "json", "--group", "day")[1])["items"]
        assert 1 <= len(items) <= 7
        assert all("/digest/" in item["url"] for item in items)

    def test_math_and_summaries_are_shown_as_asked_for(self, run):
        with_summaries = run("feed", "cs.LG", "-f", "json")[1]
        assert run("feed", "cs.LG", "-f", "json", "--summary", "none")[1] != with_summaries
        assert run("feed", "cs.LG", "-f", "json", "--has", "code", "--math", "tex")[0] == 0

    def test_is_text_for_people(self, run):
        status, out, err = run("feed", "cs.LG", "--format", "text", "--limit", "3")
        assert (status, err) == (0, "")
        assert out.startswith("arXiv cs.LG: 3 papers\n")
        assert re.findall(r"^(\d)\. ", out, re.MULTILINE) == ["1", "2", "3"]
        assert len(re.findall(r"^    https://arxiv\.org/abs/\S+$", out, re.MULTILINE)) == 3
        assert max(map(len, out.splitlines())) <= 80


class TestFetch:
    def test_tells_what_is_held(self, run):
        status, out, _ = run("fetch", "cs.LG")
        assert status == 0
        assert out.startswith("cs.LG: stored up to 2026-11-18")

    def test_is_status_1_where_nothing_is(self, run):
        status, out, err = run("fetch", "cs.LG+math.AG", "cs.LG", "--json")
        assert status == 1
        result = json.loads(out)
        assert list(result) == ["cs.LG", "math.AG"]
        assert result["math.AG"]["newest_day"] is None
        assert "refused" in result["math.AG"]["error"]
        assert "Traceback" not in err

    def test_an_unknown_category_is_status_2(self, run):
        status, out, err = run("fetch", "cs.LX")
        assert (status, out) == (2, "")
        assert "did you mean cs.CL?" in err


class TestStatus:
    def test_is_a_table_for_people(self, run):
        status, out, _ = run("status")
        assert status == 0
        assert "cs.LG" in out
        assert "next expected change" in out

    def test_is_json_for_programs(self, run, cache):
        status, out, _ = run("status", "--json")
        found = json.loads(out)
        assert status == 0
        assert found["store"]["place"].endswith(f"{cache})")
        assert [one["context"] for one in found["contexts"]] == ["cs.LG"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", found["now"])

    def test_shows_what_went_wrong_as_it_was_said(self, run):
        run("fetch", "math.AG")
        _, out, _ = run("status")
        assert "notasked:arXivrefusedlately" in "".join(out.split())

    def test_a_category_that_is_behind_is_told_and_is_status_1(self, run):
        assert re.search(r"^ *cs\.LG +20[\d-]{8} +no ", run("status")[1], re.MULTILINE)
        run("fetch", "math.AG")
        status, out, _ = run("status")
        assert status == 1
        assert re.search(r"^ *math\.AG +nothing +yes ", out, re.MULTILINE)
        assert run("status", "--json")[0] == 1

    def test_fits_a_terminal_of_80_columns(self, run, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        run("fetch", "math.AG")
        lines = run("status")[1].splitlines()
        heads = next(line for line in lines if "category" in line)
        assert heads.split() == [
            "category",
            "newest",
            "behind",
            "days",
            "missing",
            "checked",
            "UTC",
            "fails",
            "last",
            "error",
        ]
        assert max(map(len, lines[lines.index(heads) :])) <= 80


class TestExport:
    def test_a_target_that_cannot_be_written_is_told_before_any_work(self, run, tmp_path):
        (tmp_path / "site").write_text("a file")
        status, out, err = run("export", str(tmp_path / "site"))
        assert (status, out, err) == (1, "", f"error: {tmp_path / 'site'}: can't be written: File exists\n")


class TestRefresh:
    def test_is_over_at_once_where_all_is_held(self, run, tmp_path):
        (tmp_path / "config.yaml").write_text("feeds: {machines: {categories: [cs.LG]}}", encoding="utf-8")
        status, out, _ = run("refresh")
        assert status == 0
        assert out == "cs.LG: stored up to 2026-11-18\n"
        told = json.loads(run("refresh", "--json")[1])
        assert (list(told["contexts"]), told["left"], told["summaries"]) == (["cs.LG"], 0, {})

    def test_is_status_1_where_a_category_can_t_be_had(self, run):
        status, out, _ = run("refresh", "--within", "5")
        assert status == 1
        assert "cs.CL: no papers stored" in out
        assert "not asked: arXiv refused lately" in out

    def test_a_dry_run_asks_nobody_and_tells_that_there_is_no_model(self, run):
        assert run("refresh", "--dry-run") == (0, "no model is configured, or no feed shows its summaries\n", "")


class TestImport:
    def test_prints_the_configuration_and_tells_what_was_lost(self, run, tmp_path):
        file = tmp_path / "config.json"
        file.write_text('{"categories": ["cs.LG"], "port": 80}', encoding="utf-8")
        status, out, err = run("import-config", str(file))
        assert status == 0
        assert yaml.safe_load(out)["feeds"]["imported"]["categories"] == ["cs.LG"]
        assert err.splitlines() == [
            "note: port: has no counterpart and was left out",
            "note: save this as config.yaml; `check --config config.yaml` then shows what it does",
        ]

    def test_a_file_that_is_not_there_is_status_2(self, run, tmp_path):
        status, out, err = run("import-config", str(tmp_path / "none.json"))
        assert (status, out) == (2, "")
        assert "can't be read" in err


class TestOthers:
    @pytest.mark.parametrize("asked", ["version", "--version"])
    def test_version(self, run, asked):
        assert run(asked) == (0, f"{__version__}\n", "")

    @pytest.mark.parametrize("arguments", [["-h"], ["feed", "-h"], ["render", "-h"], ["day", "--help"]])
    def test_help_has_a_short_name(self, run, arguments):
        status, out, _ = run(*arguments)
        assert status == 0
        assert "Usage:" in out

    def test_the_digest_of_a_day_is_the_newest_without_a_date_and_keeps_its_first_name(self, run, tmp_path):
        (tmp_path / "config.yaml").write_text("feeds: {machines: {categories: [cs.LG]}}", encoding="utf-8")
        assert run("day") == run("digest", "latest")
        assert run("day")[0] == 0

    def test_rendering_needs_no_layout(self, run, tmp_path):
        file = ROOT / "tests" / "data" / "digests" / "plain.json"
        assert run("render", str(file)) == run("render", str(file), "--layout", "toc")

    def test_explain_takes_filters(self, run):
        ident = json.loads(run("feed", "cs.LG", "-f", "json", "--limit", "1")[1])["items"][0]["_arxiv"]["id"]
        assert run("explain", "cs.LG", ident, "--exclude", "zebra")[1].endswith(f"{ident} is in cs.LG\n")
        status, out, _ = run("explain", "cs.LG", ident, "--q", "ti:zebra")
        assert status == 0
        assert out.endswith(f"{ident} is not in cs.LG\n")

    def test_import_config_reads_a_file_that_begins_with_a_mark(self, run, tmp_path):
        (tmp_path / "config.json").write_text('{"categories": ["cs.AI"]}', encoding="utf-8-sig")
        status, out, err = run("import-config", str(tmp_path / "config.json"))
        assert status == 0
        assert err.startswith("note: save this")
        assert yaml.safe_load(out)["feeds"]["imported"]["categories"] == ["cs.AI"]

    @pytest.mark.end_to_end
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
    def test_a_full_disk_is_told_in_one_line(self):
        command = [sys.executable, "-m", "digest", "version"]
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (1, "error: No space left on device\n")

    def test_no_command_and_an_unknown_one_are_wrong_usage(self, run):
        assert run()[0] == 2
        status, _, err = run("serv")
        assert status == 2
        assert "serve" in err

    def test_explain_tells_rule_by_rule(self, run):
        _, out, _ = run("feed", "cs.LG", "-f", "json", "--limit", "1")
        ident = json.loads(out)["items"][0]["_arxiv"]["id"]
        status, out, _ = run("explain", "cs.LG", ident)
        assert status == 0
        assert out.endswith(f"{ident} is in cs.LG\n")
        assert run("explain", "cs.LG", "2501.00001")[0] == 1
        assert run("explain", "cs.LG", "quantum")[0] == 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.end_to_end
def test_serve_says_where_and_ends_cleanly_on_ctrl_c(tmp_path):
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "VERCEL"))}
    environ |= {"ARXIV_URL": NOWHERE, "CACHE_URL": f"sqlite://{tmp_path}/cache.sqlite3", "PORT": str(port)}
    command = [sys.executable, "-W", "ignore", "-m", "digest", "serve"]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
                    assert json.load(answer) == {"status": "alive"}
                break
            except OSError:
                assert server.poll() is None
                time.sleep(0.05)
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    finally:
        server.kill()
    assert out == ""
    assert f"serves on http://127.0.0.1:{port}" in err
    assert "Traceback" not in err
    assert server.returncode in {0, 130, -signal.SIGINT}
