"""What must hold for any text: stable cleaning, well-formed output, nothing hidden, nothing slow."""

import time

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.config.views import MathMode
from digest.text import (
    clean_abstract,
    clean_comment,
    clean_name,
    clean_title,
    find_code_url,
    parse_authors,
    terminal_safe,
    to_html,
    to_html_paragraphs,
    to_markdown,
    to_plain,
    xml_safe,
)

FRAGMENTS = [
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "{", "}", "\\{", "\\}", "\\$", "\\%", "\\\\", "\\ ", "~", "--", "---", "``", "''",
    "`", "'", '"', "^", "_", "^{2}", "_{ij}", "\\emph{", "\\textbf{x}", "\\href{u}{t}", "\\'", "\\'e", '\\"{o}', "\\c c", "\\o ",
    "\\AA", "{\\L}", "\\alpha", "\\frac", "\\frac{a}{b}", "\\sqrt", "\\left(", "\\right)", "\\begin{equation}", "\\end{equation}",
    "\\begin{pmatrix}a&b\\\\c", "\\end{pmatrix}", "\\mathbb{R}", "\\mathrm{km}", "\\text{if $x$}", "\\unknown", "\\footnote{", "\\cite{k}",
    "\\item ", "\\par ", "&", "&lt;", "&amp;", "&amp;lt;", "&#x0;", "<", ">", "<script>", "]]>", "\n", "\n  ", "\n\n", "\t", " ",
    "a", "word", "and", "Jr.", ",", ";", "(", ")", "((1)", "5", "10", "5 million", "https://a.org/x", "github.com/a/b", "é", "α", "中文",
    "\u202e", "\u200b", "\u200d", "\ufe0f", "\u200f", "א", "ب", "👩", "\x00", "\x1b[31m", "\ud800", "\u2028", "e\u0301", "\U000f0001",
    "\\ding{182}", "\\SI{5}{\\km}", "\\textsuperscript{th}", "\\ensuremath{x}", "\\romannumeral2", "\\~{}", "\\textbackslash ",
]  # fmt: skip
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=24).map("".join)
modes = st.sampled_from(MathMode)


@pytest.mark.parametrize("clean", [clean_title, clean_abstract, clean_comment, clean_name])
@given(raw=hostile)
def test_cleaning_twice_changes_nothing(clean, raw):
    once = clean(raw)
    assert clean(once) == once


@given(raw=hostile, mode=modes)
def test_html_is_well_formed_for_both_parsers(raw, mode):
    text = clean_abstract(raw)
    for html in (f"<div>{to_html(text, mode)}</div>", f"<div>{to_html_paragraphs(text, mode)}</div>"):
        tree = etree.fromstring(html.encode())
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"))
        fragment = parser.parseFragment(html)[0]
        assert not parser.errors
        assert [etree.QName(element).localname for element in fragment.iter()] == [e.tag for e in tree.iter()]
        assert "".join(map(str, fragment.itertext())) == "".join(map(str, tree.itertext()))
        assert {element.tag for element in tree.iter() if element.attrib} <= {
            "math", "mi", "mo", "mspace", "mfrac", "mover", "munder", "mtable",
        }  # fmt: skip


@given(raw=hostile, mode=modes)
def test_html_of_uncleaned_text_is_well_formed_too(raw, mode):
    etree.fromstring(f"<div>{to_html(raw, mode)}</div>".encode())


@given(raw=hostile)
def test_math_mode_tex_shows_the_text_as_it_is(raw):
    text = clean_title(raw)
    shown = etree.fromstring(f"<p>{to_html(text, MathMode.TEX)}</p>".encode()).text or ""
    bare = [one.replace("\\textbackslash", "").replace("\\", "") for one in (shown, text)]
    assert bare[0] == bare[1]


@given(raw=hostile)
def test_nothing_hidden_is_left(raw):
    for text in (clean_abstract(raw), to_plain(clean_title(raw)), terminal_safe(raw), xml_safe(raw)):
        assert "\x00" not in text
        assert "\ud800" not in text
        text.encode()
    assert not set("\u202e\u200b\x1b") & set(clean_abstract(raw) + terminal_safe(raw))


@given(raw=hostile)
def test_authors_are_named_and_clean(raw):
    for author in parse_authors(raw):
        assert author.name.strip() == author.name != ""
        assert "\n" not in author.name
        assert author.affiliation is None or author.affiliation.strip()


@given(raw=hostile)
def test_links_are_addresses(raw):
    url = find_code_url(clean_abstract(raw), raw)
    assert url is None or (url.startswith("https://") and not set(url) & set(' <>"\n'))


@given(raw=hostile)
def test_markdown_holds_no_bare_tag(raw):
    marked = to_markdown(clean_abstract(raw))
    assert all(marked[index - 1] == "\\" for index, sign in enumerate(marked) if sign in "<>")


@pytest.mark.parametrize(
    "unit",
    ["a", "{", "}", "$", "$x ", "\\", "\\begin{equation}", "\\emph{", "`", "~", "-", "\\'", "\n  ", "(", "((1) ", ", ", " and ",
     "for the ", "https://", "github.com/", "^", "a^{", "\\href{a}{", "{\\bf ", "\\c ", "\u0301", "\u200d", "&#"],
)  # fmt: skip
def test_time_grows_with_the_length_only(unit):
    texts = [unit * (length // len(unit)) for length in (12_500, 50_000)]
    small, large = (
        min(_processor_time(text) for _ in range(2)) for text in texts
    )  # on a busy machine one run may be slow
    assert large < 8 * small + 0.2  # four times the text; quadratic growth would be sixteen times the time


def _processor_time(text):
    started = time.process_time()
    clean = clean_abstract(text)
    to_html_paragraphs(clean)
    to_plain(clean)
    to_markdown(clean)
    parse_authors(text[: len(text) * 2 // 5])
    find_code_url(clean)
    return time.process_time() - started


def test_a_megabyte_of_one_word_survives():
    word = "a" * 1_000_000
    assert to_html(clean_title(word)) == word
