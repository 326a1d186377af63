"""Imports point inward: what decides knows nothing of what acts, and starting up loads nothing that it doesn't need."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CORE = [
    "addresses",
    "bodies",
    "errors",
    "identifiers",
    "models",
    "taxonomy",
    "schedule",
    "text",
    "parsing",
    "merging",
    "selection",
    "summaries",
    "rendering",
    "bounded",
    "costs",
    "credentials",
    "digests",
    "daily",
    "documents",
    "feeds",
    "freshness",
    "hosting",
    "importing",
    "paging",
    "receipts",
    "reconciling",
    "refreshing",
    "status",
    "views",
    "windows",
]
"""Pure: no I/O, no clock, no environment. Packages stand for all that is in them."""
ADAPTERS = [
    "clock",
    "config",
    "config_file",
    "config_yaml",
    "exporting",
    "fetching",
    "store",
    "coalescing",
    "turns",
    "renderings",
    "log_lines",
]
"""One concern each, no rules."""
ACTING = ["shelf", "sources", "completion", "history", "listings", "searching", "examples", "llm"]
SERVICE = ["contents", "digest_service", "model_desk", "server_status", "service", "summary_runs", "web", "wiring"]
EDGE = [
    "commandline",
    "commands",
    "commands_digests",
    "commands_export",
    "commands_feeds",
    "commands_refresh",
    "__main__",
]
LAYERS = (CORE, ADAPTERS, ACTING, SERVICE, EDGE)

STANDARD_IO = {
    "os",
    "io",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "shutil",
    "sqlite3",
    "urllib.request",
    "http.client",
    "random",
    "secrets",
    "time",
}
MAY_READ_BYTES = {"digest.parsing.announcement_feed": {"io"}}
MAY_CONNECT = {"digest.fetching", "digest.wiring", "digest.llm.endpoint", "digest.store.upstash"}
CLOCK = "digest.clock"
PLAIN = {"digest.llm.plans", "digest.llm.schemas", "digest.llm.settings"}
"""Settings and names of a package that acts; the configuration is made of them."""
ASKS_ITSELF = "digest.commands_export"
"""Writes the application's own answers as files, without a network."""
NEEDS_API = {ASKS_ITSELF, "digest.commands_feeds"}
"""Commands that take what addresses take, read by the same code."""


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for folder in ("digest", "api") for path in (ROOT / folder).rglob("*.py")}


def imports_of(module):
    """Return what *module* imports, in functions too, but not what only the type checker sees."""
    found = set()

    def visit(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            if isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                full = [f"{child.module}.{alias.name}" for alias in child.names]
                found.update(name if name in MODULES else child.module for name in full)
            visit(child)

    visit(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    return found - {module}


def part_of(module):
    """Return the part of the program that a module belongs to: `selection` for `digest.selection.words`."""
    return module.split(".")[1] if "." in module else ""


def layer_of(part):
    return next((number for number, parts in enumerate(LAYERS) if part in parts), None)


def test_every_module_has_its_layer():
    parts = {part_of(module) for module in MODULES if module.startswith("digest.")}
    assert parts == {part for parts in LAYERS for part in parts}


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("digest.")])
def test_imports_point_inward(module):
    outward = {
        other
        for other in imports_of(module) & MODULES.keys() - PLAIN
        if (other.startswith("api") and module not in NEEDS_API)
        or (other.startswith("digest.") and layer_of(part_of(other)) > layer_of(part_of(module)))
    }
    assert not outward


@pytest.mark.parametrize(
    "module", [module for module in MODULES if part_of(module) in CORE and module.startswith("digest.")]
)
def test_the_core_reads_no_clock_no_environment_and_opens_nothing(module):
    assert not (imports_of(module) & STANDARD_IO) - MAY_READ_BYTES.get(module, set())
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "today", "utcnow", "environ", "getenv"}, f"line {node.lineno}"


def _reads_the_clock(node):
    """Whether a node looks like a reading of the system's time of day; `self.now()` is a clock that was handed over."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = ast.unparse(node.value).rpartition(".")[2]
    return (owner, node.attr) in {
        *((name, reading) for name in ("datetime", "date") for reading in ("now", "today", "utcnow")),
        *(("time", reading) for reading in ("time", "time_ns", "gmtime", "localtime")),
    }


@pytest.mark.parametrize("module", [module for module in MODULES if module != CLOCK])
def test_one_module_reads_the_system_s_clock(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert [
        f"line {node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.expr) and _reads_the_clock(node)
    ] == []


def test_tests_that_read_the_system_s_clock_say_so():
    """The stub of arXiv follows the real clock unless it is given a time: `make demo` is meant to show today."""
    found = set()
    for path in (ROOT / "tests").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                marked = any("real_time" in ast.unparse(one) for one in function.decorator_list)
                if not marked and any(map(_reads_the_clock, ast.walk(function))):
                    found.add(f"{path.relative_to(ROOT)}:{function.name}")
    assert found == {"tests/demo_arxiv/server.py:reply_to"}


def test_only_few_modules_open_connections():
    assert {module for module in MODULES if "httpx" in imports_of(module)} <= MAY_CONNECT | {ASKS_ITSELF}


def test_there_is_no_cycle():
    graph = {
        module: {other for other in imports_of(module) & MODULES.keys() if not module.startswith(f"{other}.")}
        for module in MODULES
    }
    while leaves := {module for module, others in graph.items() if not others}:
        graph = {module: others - leaves for module, others in graph.items() if module not in leaves}
    assert not graph


@pytest.mark.end_to_end
def test_starting_the_application_loads_nothing_heavy():
    heavy = "httpx feedparser feedgen lxml jinja2 yaml stamina typer rich mangum redis openai aiosqlite sqlite3 nh3 pylatexenc uvicorn"
    code = (
        f"import sys, json, api.index; print(json.dumps([name for name in {heavy.split()!r} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


@pytest.mark.end_to_end
def test_only_a_ranking_reads_the_word_vectors():
    code = """
from datetime import date
import api.index
from digest.models import Paper
from digest.selection import Example, Keyword, Scoring, Selection, select
from digest.selection.vectors import load_vectors
paper = Paper(id="2601.00001", title="A star", categories=["cs.LG"], primary_category="cs.LG", announce_type="new", announced=date(2026, 1, 29))
loads = []
for scoring in (Scoring(keywords=["star"]), Scoring(like=("2601.00002",))):
    select([paper], Selection(scoring=scoring), examples=(Example(id="2601.00002", title="Stars"),))
    loads.append(load_vectors.cache_info().currsize)
print(loads)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[0, 1]\n"


@pytest.mark.end_to_end
def test_starting_the_application_needs_no_environment_and_no_folder(tmp_path):
    code = "import api.index; print(api.index.app.title)"
    environ = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "arxiv-digest\n"
    assert list(tmp_path.iterdir()) == []
