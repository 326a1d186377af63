"""Imports point inward: what decides knows nothing of what acts, and starting up loads nothing that it doesn't need."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ORDER = (
    "errors",
    "clock",
    "costs",
    "concurrency",
    "words",
    "arxiv",
    "models",
    "selection",
    "summaries",
    "config",
    "text",
    "store",
    "upstream",
    "listings",
    "reports",
    "feeds",
    "profiles",
    "llm",
    "rendering",
    "delivery",
    "service",
    "api",
    "cli",
    "__main__",
)
"""The rooms of the house; each may use those before it. docs/background/architecture.md says what is in each."""
LOOSE = {"clock", "errors", "costs", "models", "__main__"}
"""Modules that need no package: what everybody names."""

PURE_PACKAGES = {
    "errors",
    "costs",
    "words",
    "arxiv",
    "models",
    "selection",
    "summaries",
    "text",
    "reports",
    "feeds",
    "profiles",
    "rendering",
}
PURE_MODULES = {
    "config.deliveries",
    "config.hosting",
    "config.importing",
    "config.model",
    "config.settings",
    "config.summary_plans",
    "config.summary_schemas",
    "config.views",
    "delivery.answers",
    "delivery.kinds",
    "delivery.markups",
    "delivery.messages",
    "delivery.payloads",
    "delivery.planning",
    "delivery.records",
    "delivery.signing",
    "listings.bare",
    "listings.empty_days",
    "listings.expiry",
    "listings.freshness",
    "listings.merging",
    "listings.parsed",
    "listings.reconciling",
    "listings.states",
    "listings.stored",
    "listings.tallies",
    "listings.windows",
    "upstream.bounded",
    "upstream.parsing",
}
"""What decides, in packages that also act: no I/O, no clock, no environment, no tasks in values."""

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
MAY_READ_BYTES = {"digest.upstream.parsing.announcement_feed": {"io"}}
CLOCK = "digest.clock"
MAY_CONNECT = {
    "digest.upstream.fetching",
    "digest.upstream.zotero",
    "digest.service.wiring",
    "digest.delivery.checked_transport",
    "digest.delivery.sending",
    "digest.llm.endpoint",
    "digest.store.upstash",
    "digest.cli.export",
}
"""Modules that name the HTTP client; the export asks the application in its own process."""


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for folder in ("digest", "api") for path in (ROOT / folder).rglob("*.py")}


def imports_of(module, *, types=False):
    """Return what *module* imports, in functions too; what only the type checker sees, with *types*."""
    found = set()

    def visit(node):
        for child in ast.iter_child_nodes(node):
            if not types and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
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


def room_of(module):
    """Return the room of a module: `api` for all of `api`, the package below `digest` for the others."""
    return "api" if module.split(".")[0] == "api" else part_of(module)


def is_pure(module):
    """Tell whether a module belongs to the core, by its package or by its own name."""
    own = module.removeprefix("digest.")
    return part_of(module) in PURE_PACKAGES or any(own == name or own.startswith(f"{name}.") for name in PURE_MODULES)


def test_every_module_has_its_room():
    assert {room_of(module) for module in MODULES} - {""} == set(ORDER)
    assert {path.stem for path in (ROOT / "digest").glob("*.py")} == LOOSE | {"__init__"}


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module)])
def test_imports_point_inward(module):
    own = ORDER.index(room_of(module))
    used = {
        other: ORDER.index(room_of(other))
        for other in imports_of(module, types=True) & MODULES.keys()
        if room_of(other)
    }
    assert not [other for other, place in used.items() if place > own]


ALSO_FEATURES = {"statistics", "profile"}
"""Modules of the standard library that nothing here uses, and words that readers see for features of the program."""


def test_no_module_has_the_name_of_a_library():
    required = [(ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-server.txt")]
    lines = "\n".join(required).splitlines()
    packages = {line.partition("==")[0].lower().replace("-", "_") for line in lines if "==" in line}
    own = {name.rpartition(".")[2] for name in MODULES}
    assert own & (packages | set(sys.stdlib_module_names) | {"yaml"}) <= ALSO_FEATURES
    assert not ALSO_FEATURES & set().union(*map(imports_of, MODULES))


def test_every_pure_name_names_a_module():
    known = {module.removeprefix("digest.") for module in MODULES}
    assert known >= PURE_MODULES
    assert set(ORDER) >= PURE_PACKAGES


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("digest.") and is_pure(module)])
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
    assert {module for module in MODULES if "httpx" in imports_of(module)} <= MAY_CONNECT


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
