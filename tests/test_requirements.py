"""What is installed: pinned with everything it brings along, the same everywhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE)
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(text):
    return {(normal(name), version) for name, version in PIN.findall(text)}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-server.txt"])
def test_the_lock_agrees_with_what_is_asked_for(name):
    """After a change here, run `make lock`."""
    assert pins_of(read(name)) - pins_of(LOCK) == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-server.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line.partition("#")[0].strip() for line in read(name).splitlines()]
    assert [line for line in lines if line and not line.startswith("-r ") and not PIN.match(line)] == []


def test_everything_in_the_lock_has_its_hashes():
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.split("\n", 2)[2])
    assert len(entries) > 40
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_what_libraries_bring_along_is_in_the_lock():
    assert {"anyio", "h11", "certifi", "httpcore", "httptools"} <= {name for name, _ in pins_of(LOCK)}


def test_the_lock_names_no_place_to_load_from():
    assert "://" not in LOCK
    assert not re.search(r"^\s*--(?!hash=)", LOCK, re.MULTILINE)


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock", "Pipfile", "Pipfile.lock", "pylock.toml"])
def test_nothing_replaces_the_requirements_on_vercel(name):
    assert not (ROOT / name).exists()


def test_machines_install_the_lock():
    for name in ("Makefile", "Dockerfile", "docs/how-to/deploying.md"):
        assert "--require-hashes -r requirements.lock" in read(name), name
    assert "!requirements.lock" in read(".dockerignore")
