"""Words that our prose doesn't use, since they made readers read a sentence twice. `make check` runs proselint as well."""

import re
from pathlib import Path

import pytest

from digest.words.english import ENGLISH

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if not path.name.endswith(".zh.md")
)
OFFENCES = (
    (re.compile(r"\b(held(?!-| back)|told|tells|stands|stood)\b", re.IGNORECASE), "say stored, says, is, shows"),
    (re.compile(r"\b(is|are|was|were) to be\b", re.IGNORECASE), "say must, will or can"),
    (re.compile(r"\b(whoever|finds? no place|hangs on)\b", re.IGNORECASE), "name the person; doesn't fit; depends on"),
    (re.compile(r"(?:^|[.;:] |\*\*)(Who|who)\b(?![^.;]*\?)"), "give this who a noun: clients that, people who"),
)
CODE = re.compile(
    r"^ *```.*?^ *```|^(?: {4}|\t).*?$|`[^`]*`|<[^>]*>|\]\([^)]*\)|“[^”]*”|\"[^\"]*\"", re.MULTILINE | re.DOTALL
)


def offences_in(text: str) -> list[str]:
    """Return what a text says that it shouldn't, and what to say instead."""
    return [f'"{found[0]}": {instead}' for rule, instead in OFFENCES for found in rule.finditer(text)]


def prose_of(document: str) -> str:
    """Return paragraphs and table cells of a Markdown document as lines, without code, quotations, links' targets and headings."""
    plain = re.sub(r"^#.*$", "", CODE.sub("", document), flags=re.MULTILINE)
    joined = re.sub(r"(?<=[^\s|])\n[ ]*(?=[^\s|*#+\-\d])", " ", plain)
    return re.sub(r" *\| *|^ *(?:[-*]|\d+\.) +", "\n", joined, flags=re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_are_in_plain_words(document):
    found = [
        f"{offence} in: {line.strip()[:120]}"
        for line in prose_of((ROOT / document).read_text()).splitlines()
        for offence in offences_in(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_the_words_of_pages_are_plain(key):
    text = ENGLISH[key]
    forms = [text] if isinstance(text, str) else text
    assert not [offence for form in forms for offence in offences_in(re.sub(r"{[^}]*}", "", form))]


@pytest.mark.parametrize(
    "sentence",
    [
        "The day is not held.",
        "What finds no place is counted.",
        "It is told in the receipt.",
        "The receipt tells it.",
        "A paper stands under its category.",
        "Nothing is to be copied.",
        "Who can't wait gets a 503.",
        "It waits; who can't gets a 503.",
        "Whoever asks first decides.",
    ],
)
def test_sentences_that_read_like_a_translation_are_found(sentence):
    assert offences_in(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Who is it for?",
        "What now? Open the page.",
        "Readers who subscribe get it.",
        "It shows what arXiv announced.",
        "What you want",
        "Entries that don't fit are counted in the receipt.",
    ],
)
def test_plain_sentences_pass(sentence):
    assert not offences_in(sentence)


def test_prose_is_joined_across_lines_and_code_is_left_out():
    document = "# Who asks\n\nA day is\nnot held.\n\n- It `tells`.\n\n```\nwho knows\n```\n\n| a | Who comes |\n"
    assert [line for line in prose_of(document).splitlines() if offences_in(line)] == [
        "A day is not held.",
        "Who comes",
    ]
