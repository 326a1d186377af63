"""`make deploy-button` writes buttons that lead to the fork that it was given."""

import re
import runpy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[1] / "tools" / "deploy_button.py"))
README, buttons, with_buttons = TOOL["README"], TOOL["buttons"], TOOL["with_buttons"]

EMPTY = "Before\n<!-- deploy-button -->\n<!-- /deploy-button -->\nAfter\n"


def addresses(text):
    return [parse_qs(urlsplit(found).query) for found in re.findall(r"\]\((https://vercel\.com/new/[^)]+)\)", text)]


def test_both_buttons_name_the_fork_and_one_adds_a_redis():
    plain, redis = addresses(buttons("ada/papers"))
    assert plain["repository-url"] == redis["repository-url"] == ["https://github.com/ada/papers"]
    assert "stores" not in plain
    assert "upstash" in redis["stores"][0]


def test_the_rest_of_the_readme_stays():
    written = with_buttons(EMPTY, "ada/papers")
    assert written.startswith("Before\n<!-- deploy-button -->\n[![Deploy")
    assert written.endswith("\n<!-- /deploy-button -->\nAfter\n")


def test_another_fork_takes_the_place_of_the_first():
    again = with_buttons(with_buttons(EMPTY, "ada/papers"), "bob/feeds")
    assert again == with_buttons(EMPTY, "bob/feeds")


@pytest.mark.parametrize(
    "name", ["", "papers", "ada/", "ada/papers/x", "https://github.com/ada/papers", "a b/c", "a/b)"]
)
def test_what_is_no_fork_is_refused(name):
    with pytest.raises(ValueError, match="you/arxiv-digest"):
        buttons(name)


def test_a_readme_without_the_marks_is_refused():
    with pytest.raises(ValueError, match="deploy-button"):
        with_buttons("Before", "ada/papers")


def test_the_readme_has_the_marks_and_no_button_that_leads_nowhere():
    text = README.read_text(encoding="utf-8")
    assert with_buttons(text, "ada/papers") != text
    assert not [address for address in addresses(text) if "OWNER" in address["repository-url"][0]]
