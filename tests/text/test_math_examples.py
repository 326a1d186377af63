"""docs/reference/math-examples.md shows what the program does; each of its examples is one test."""

import re
from pathlib import Path

import pytest

from digest.text import clean_title, parse_authors, to_html, to_plain

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "math-examples.md"
ESCAPES = {"\\u202e": "\u202e", "\\u202c": "\u202c", "\\u200b": "\u200b", "\\x1b": "\x1b"}


def _examples() -> list[list[tuple[str, str]]]:
    blocks = re.findall(r"```text\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [[(line[:7].strip(), line[7:]) for line in block.split("\n")] for block in blocks]


@pytest.mark.parametrize("example", _examples(), ids=lambda example: example[0][1][:40])
def test_the_page_of_examples_tells_the_truth(example):
    raw = example[0][1]
    for written, meant in ESCAPES.items():
        raw = raw.replace(written, meant)
    expected = example[1:]
    if expected[0][0] == "author":
        shown = [f"{a.name} [{a.affiliation}]" if a.affiliation else a.name for a in parse_authors(raw)]
        assert [("author", author) for author in shown] == expected
        return
    text = clean_title(raw)
    outputs = {"text": text, "plain": to_plain(text), "html": to_html(text)}
    assert {**dict.fromkeys(outputs, text), **dict(expected)} == outputs
