"""Texts made to be slow: every function that reads foreign text takes time in proportion to its length."""

import time
from contextlib import suppress

import pytest

from digest.errors import InputError
from digest.listings.searching import key_of, to_arxiv_query
from digest.selection import parse_query
from digest.summaries import summarise
from digest.text import clean_abstract, clean_comment, clean_title, parse_authors, to_html_paragraphs, to_plain

UNITS = ["a", " ", "\\", "{", "}", "{}", "$", "$a$", "$$", "\\(", "\\[", "\\frac", "\\frac{", "^", "_", "^_", "\\left(", "&", "&amp;", "<", "<b>", "]]>", "\\\\", "%", "~", "'", '"', "(", ")", "()", ",", ";", " and ", "et al. ", "A. ", "\\'", '\\"o', "http://", "doi:", "arXiv:2601.00001 ", "\u202e", "\u200b", "🧪", "é", "\ufffe", "0", "1.", "e.g. ", ". ", "? ", "-", "--", "\t", "\n", "a\n", "\\begin{a}", "\\end{a}", "\\text{", "\\mathbb", "\\sqrt[", "|", "||", "`", "``", "*", "**", "#", "[", "](", "!["]  # fmt: skip
READERS = {
    "clean_title": clean_title,
    "clean_abstract": clean_abstract,
    "clean_comment": clean_comment,
    "parse_authors": parse_authors,
    "to_plain": to_plain,
    "to_html_paragraphs": to_html_paragraphs,
    "summarise": lambda text: summarise("A title", text),
    "parse_query": lambda text: parse_query(text[:2_000], name="q"),
    "to_arxiv_query": lambda text: (to_arxiv_query(text[:1_000]), key_of(text[:1_000])),
}
LENGTHS = (5_000, 20_000)
SLOWEST_S = 6.0


@pytest.mark.parametrize("reader", READERS)
def test_no_text_is_slow(reader, scale):
    for unit in UNITS:
        for length in LENGTHS[: scale(1, 2)]:
            text = (unit * length)[:length]
            began = time.perf_counter()
            with suppress(InputError):
                READERS[reader](text)
            took = time.perf_counter() - began
            assert took < SLOWEST_S, f"{reader}: {unit!r} x {length}: {took:.1f} s"
