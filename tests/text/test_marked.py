"""Marks in HTML: around words, never through markup, and never forged by a text."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text import math_spans, to_html, to_html_paragraphs, to_marked_html, to_marked_paragraphs


def place_of(text, word):
    start = text.index(word)
    return [(start, start + len(word))]


@pytest.mark.parametrize(
    ("text", "word", "html"),
    [
        ("Nets & graphs", "graphs", "Nets &amp; <mark>graphs</mark>"),
        ("<b>nets</b>", "nets", "&lt;b&gt;<mark>nets</mark>&lt;/b&gt;"),
        ("a $x<y$ net", "net", "a <em>x</em> &lt; <em>y</em> <mark>net</mark>"),
        ("x^{net} net", "net", None),
        ("forged \ue000mark\ue001 net", "net", "forged mark <mark>net</mark>"),
    ],
)
def test_words_are_marked(text, word, html):
    marked = to_marked_html(text, place_of(text, word))
    assert marked == html if html else "<mark>" not in marked


def test_paragraphs_stay_paragraphs():
    text = "One net.\n\nTwo nets."
    assert to_marked_paragraphs(text, place_of(text, "nets")) == "<p>One net.</p><p>Two <mark>nets</mark>.</p>"
    assert to_marked_paragraphs(text, []) == to_html_paragraphs(text)


@given(st.text(alphabet="ab <&$^{}_\\é", max_size=30), st.integers(0, 29), st.integers(1, 5))
def test_marks_change_nothing_else_and_stay_well_formed(text, start, length):
    spans = math_spans(text)
    end = min(start + length, len(text))
    if start >= end or not text[start:end].isalpha() or any(s.start < end and start < s.end for s in spans):
        return
    marked = to_marked_html(text, [(start, end)])
    ET.fromstring(f"<p>{marked}</p>")
    assert re.sub("</?mark>", "", marked) == to_html(text)
