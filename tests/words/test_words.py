"""The tables of words: complete, alike in their values, and used."""

import re
from pathlib import Path
from string import Formatter

import pytest

from digest.words import ENGLISH_WORDS, LANGUAGES, TABLES, Words, words_in
from digest.words.english import ENGLISH

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[\"']([a-z_]+(?:\.[a-z0-9_]+)+)[\"']")


def values_in(text):
    patterns = [text] if isinstance(text, str) else text
    return {name for pattern in patterns for _, name, _, _ in Formatter().parse(pattern) if name}


def test_every_language_has_every_text():
    for language in LANGUAGES:
        missing = sorted(ENGLISH.keys() - TABLES[language].keys())
        assert not missing, f"{language} lacks {missing}"
        unknown = sorted(TABLES[language].keys() - ENGLISH.keys())
        assert not unknown, f"only {language} has {unknown}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_hold_the_same_values_in_every_language(language):
    for key, text in TABLES[language].items():
        assert values_in(text) == values_in(ENGLISH[key]), key


def test_every_text_is_used():
    sources = [
        path.read_text()
        for folder, pattern in (("digest", "*.py"), ("api", "*.py"), ("digest/templates", "*.j2"))
        for path in (ROOT / folder).rglob(pattern)
        if path.parent.name != "words"
    ]
    used = {key for source in sources for key in KEY.findall(source)}
    assert not sorted(ENGLISH.keys() - used)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("zh", "zh"), ("zh-CN", "zh"), ("ZH_hans", "zh"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_a_language_tag_finds_its_table(language, expected):
    assert words_in(language).language == expected


@pytest.mark.parametrize(("count", "expected"), [(1, "1 paper"), (0, "0 papers"), (1204, "1,204 papers")])
def test_a_number_chooses_its_form(count, expected):
    words = Words("xx", {"papers": ("{count:,} paper", "{count:,} papers")})
    assert words("papers", count=count) == expected


def test_a_text_that_a_language_lacks_is_said_in_english():
    assert Words("xx", {})("nav.feeds") == "Feeds"


def test_values_are_escaped_where_the_text_is_markup():
    assert "&lt;b&gt;" in ENGLISH_WORDS.html("page.served_by", version="<b>")


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        ENGLISH_WORDS("no.such_text")
