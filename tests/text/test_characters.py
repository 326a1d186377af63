"""Invisible and dangerous characters."""

import pytest

from digest.text import clean_title, terminal_safe, xml_safe


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🔬 and 🏳\ufe0f\u200d🌈 and 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "می\u200cخواهم",
        "क्\u200dष",
        "שלום\u200e (x)",
        "العربية، עברית",
        "葛\U000e0100",
        "❤\ufe0f",
        "中文 / 日本語 / 한국어",
    ],
)
def test_writing_that_needs_its_joiners_keeps_them(text):
    assert clean_title(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\u202etxt\u202c", "atxt"),
        ("\u2066x\u2069", "x"),
        ("latin\u200fonly", "latinonly"),
        ("zero\u200bwidth\ufeff \u00adsoft", "zerowidth soft"),
        ("a\u200db\u200cc", "abc"),
        ("\ufe0fx\ufe0f\ufe0f", "x\ufe0f"),
        ("hidden\U000e0068\U000e0069", "hidden"),
        ("a\x00\x1b[31m\x7f\x9bb", "a[31mb"),
        ("a\u2028b\u2029c\u00a0d\u3000e\x85f", "a b c d e f"),
        ("\ud800x\uffff", "x"),
        ("cafe\u0301", "café"),
        ("\U000f0000private", "private"),
    ],
)
def test_hidden_characters_go(raw, clean):
    assert clean_title(raw) == clean


def test_xml_gets_only_what_it_can_hold():
    assert xml_safe("a\x00\x0b\t\n\ud800\ufffe\u202eé") == "a\t\n\u202eé"


def test_terminals_get_nothing_to_obey():
    assert terminal_safe("a\x1b]0;x\x07\r\n\tb\u202e\x9b1mé👩\u200d🔬") == "a]0;x\n\tb1mé👩\u200d🔬"
