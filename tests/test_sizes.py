"""Classes do one thing: few of their methods and properties are for others, those that they inherit from each other included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST = 8
MOST_OF_A_STORE = 15
"""A store is values, counters, leases and its health behind one connection, and checks writes of values against leases in
one step. Cut by capability, six stores would be some twenty classes that share connections; callers name a capability."""
STORES = {
    "Store",
    "MemoryStore",
    "SqliteStore",
    "RedisDialect",
    "RedisStore",
    "UpstashStore",
    "NamespacedStore",
    "ResilientStore",
}


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for folder in ("digest", "api"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield f"{path.relative_to(ROOT)}:{node.name}", node


CLASSES = dict(_classes())
BY_NAME = {node.name: node for node in CLASSES.values()}


def public_of(node: ast.ClassDef) -> set[str]:
    """Return the names of a class's public methods and properties, those of the program's classes above it included."""
    own = {one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    above = (ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases)
    inherited = (public_of(BY_NAME[name]) for name in above if name in BY_NAME and name != node.name)
    return {name for name in own if not name.startswith("_")}.union(*inherited)


@pytest.mark.parametrize("name", CLASSES)
def test_few_methods_are_public(name: str) -> None:
    node = CLASSES[name]
    assert len(public_of(node)) <= (MOST_OF_A_STORE if node.name in STORES else MOST)


def test_only_stores_are_let_off() -> None:
    assert {name.partition(":")[0].rpartition("/")[0] for name, node in CLASSES.items() if node.name in STORES} == {
        "digest/store"
    }
    assert max(len(public_of(node)) for node in CLASSES.values() if node.name in STORES) == MOST_OF_A_STORE
