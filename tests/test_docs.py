"""The documentation names everything that there is, and nothing that there isn't."""

import ast
import re
from pathlib import Path

import pytest
import typer

from api.factory import create_app
from api.params import FeedParams
from api.routes_tried import TRIED
from digest.cli.commands import app as commands
from digest.config.reading import parse_config, scalar_paths
from digest.config.settings import Config, FeedConfig
from tests.following import yaml_blocks
from tests.test_imports import ORDER

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]

WITHOUT_WORDS = {
    "/static/{name}": "part of the pages",
    "/robots.txt": "for crawlers, which look for it by themselves",
    "/favicon.ico": "for readers and browsers, which look for it by themselves",
    "/apple-touch-icon.png": "likewise",
    "/apple-touch-icon-precomposed.png": "likewise",
    **dict.fromkeys(TRIED, "leads elsewhere"),
}
"""Routes that the reference need not name, and why."""


def routes_of(router):
    for route in router.routes:
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        if hasattr(inner, "routes"):
            yield from routes_of(inner)
        elif getattr(route, "include_in_schema", None) is not None:
            yield route.path


ROUTES = sorted(set(routes_of(create_app(Config(), environ={}))))


def shape(path):
    """Return a path as a pattern that its examples fit: `/rss/{spec}` fits `/rss/cs.LG`."""
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile(r"[^\s`|?]+".join(map(re.escape, parts)) + r"(?![\w/])")


def test_there_are_routes_to_look_for():
    assert {"/rss/{spec}", "/api/status", "/healthz", "/"} <= set(ROUTES)


@pytest.mark.parametrize("path", [path for path in ROUTES if path not in WITHOUT_WORDS])
def test_the_reference_names_every_route(path):
    text = REFERENCE
    # `/feeds/NAME.rss` `.atom` `.json`: the endings stand beside the first one.
    named = shape(path).search(text) or shape(re.sub(r"\.(atom|json|md)$", ".rss", path)).search(text)
    assert named, f"no {path} in docs/reference.md"


@pytest.mark.parametrize("name", FeedParams.model_fields)
def test_the_reference_names_every_parameter(name):
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("path", [".".join(path) for path in scalar_paths([])])
def test_the_reference_names_every_setting(path):
    assert f"`{path}`" in REFERENCE


@pytest.mark.parametrize("name", [field.alias or name for name, field in FeedConfig.model_fields.items()])
def test_the_reference_names_every_setting_of_a_feed(name):
    assert f"`{name}`" in REFERENCE or f"`feeds.NAME.{name}" in REFERENCE


@pytest.mark.parametrize("name", sorted(typer.main.get_group(commands).commands))
def test_the_reference_names_every_command(name):
    assert re.search(rf"`(?:python -m digest )?{re.escape(name)}\b", REFERENCE), f"no {name} in docs/reference.md"


def test_the_description_of_the_code_names_modules_that_there_are():
    text = (ROOT / "docs" / "background" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"^ +([\w*/]+(?:\.py|/))", text, re.MULTILINE) + re.findall(r", ([\w*]+\.py)", text)
    assert len(named) > 30
    assert [name for name in named if not [*ROOT.glob(f"digest/{name}"), *ROOT.glob(f"api/{name}")]] == []


def test_the_description_of_the_code_points_only_at_files():
    text = (ROOT / "docs" / "background" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/.]+(?:\.py|/))`", text))
    places = (ROOT, ROOT / "digest")
    assert len(named) > 20
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_the_description_of_the_code_has_every_package_in_its_order():
    text = (ROOT / "docs" / "background" / "architecture.md").read_text(encoding="utf-8")
    order = re.search(r"in this order:\n\n(.*?)\n\n", text, re.DOTALL)[1]
    assert re.findall(r"\w+", order) == [name for name in ORDER if name != "__main__"]


def test_a_request_is_followed_through_ten_files_at_most():
    text = (ROOT / "docs" / "background" / "architecture.md").read_text(encoding="utf-8")
    way = re.findall(r"^ +\d+  ([\w/]+\.py)", text, re.MULTILINE)
    assert 5 < len(way) <= 10
    assert all((ROOT / "digest" / name).exists() or (ROOT / "api" / name).exists() for name in way)


def sources_in(code):
    """Yield what docstrings and comments name as their source, each up to the end of its paragraph."""
    strings = [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "Source: " in node.value
    ]
    comments = re.findall(r"#[^\n]*Source: [^\n]*(?:\n\s*#[^\n]*)*", code)
    for text in (*strings, *comments):
        yield from re.findall(r"Source: .*?(?=\n\s*\n|\Z)", text, re.DOTALL)


@pytest.mark.parametrize("folder", ["digest", "api"])
def test_a_source_has_an_address(folder):
    said = [(path, one) for path in (ROOT / folder).rglob("*.py") for one in sources_in(path.read_text("utf-8"))]
    assert len(said) > 5
    assert [(path.name, one) for path, one in said if "https://" not in one and "http://" not in one] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('"""A.\n\nSource: arXiv help,\nhttps://a.b.\n\nMore."""', ["Source: arXiv help,\nhttps://a.b."]),
        ("x = 1  # Source: RFC 1\n# https://a.b", ["Source: RFC 1\n# https://a.b"]),
        ("Source = 1", []),
    ],
)
def test_sources_are_found(code, found):
    assert list(sources_in(code)) == found


def settings_in(document):
    for block in yaml_blocks(document.read_text(encoding="utf-8")):
        if re.match(rf"(?:#.*\n)*(?:{'|'.join(Config.model_fields)}):", block):
            yield pytest.param(block, id=document.name)


@pytest.mark.parametrize("text", [block for document in DOCUMENTS for block in settings_in(document)])
def test_settings_that_are_shown_are_valid(text):
    parse_config(text, {})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith(("#", "mailto:", "/")):
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_the_index_links_every_page():
    index = ROOT / "docs" / "index.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in re.findall(r"\]\(([^)\s]+)\)", index.read_text(encoding="utf-8"))
    }
    assert set((ROOT / "docs").rglob("*.md")) - linked == {index}


def slug(heading):
    """Return the name under which GitHub's pages link a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_lead_to_one(document):
    for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, name = target.partition("#")
        page = document.parent / path if path else document
        if "://" not in target and page.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert name in map(slug, headings), target


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").rglob("*.png")), ids=lambda path: path.name)
def test_pictures_are_shown_and_light(picture):
    assert picture.stat().st_size <= 150_000
    assert any(f"{picture.name})" in document.read_text(encoding="utf-8") for document in DOCUMENTS)


_STANDARD = re.compile(r"\bRFC \d{3,4}\b")
_TOLD = {"api/description.py", "api/factory.py"}
"""Name a standard in texts for readers of the API's description, not in a comment."""


def test_a_comment_that_names_a_standard_links_it():
    bare = []
    for folder in ("digest", "api"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            bare += [
                f"{path.relative_to(ROOT)}:{number + 1}"
                for number, line in enumerate(lines)
                if _STANDARD.search(line) and "https://" not in " ".join(lines[number : number + 3])
            ]
    assert {place for place in bare if place.partition(":")[0] not in _TOLD} == set()
