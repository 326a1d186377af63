import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.markdown_text import escape_tags, harmless, one_line


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a\nb", "a b"),
        ("a\r\nb", "a b"),
        ("a\n\n\nb", "a b"),
        ("a\u2028b\x0bc\x85d", "a b c d"),
        ("a  b\tc", "a  b\tc"),
        ("a \n b", "a   b"),
        ("", ""),
    ],
)
def test_line_breaks_are_folded_to_one_space(text, folded):
    assert one_line(text) == folded


@pytest.mark.parametrize(
    "text",
    [
        "$0<r<1$",
        "a<b and c>d, 5 < 6",
        "x <sub>i</sub> <b>bold</b> <br/> <a href='x' title=\"y > z\">link</a>",
        "<!-- a closed comment -->",
        "<!-->",
        "# A heading\n\ntext\n===",
        "<div>\nblock\n</div>",
        "&lt;/details&gt;",
        "<detailsx> <scripture> <title-page>",
        "```py\ncode\n```",
        "- item\n  ```\n  code\n  ```\n\ntext",
        "~~~~\n~~~\n~~~~~ ",
        "``` inline ``` code",
        "    ```\n    indented code",
        "```` ``` ````",
    ],
)
def test_text_that_does_no_harm_stays(text):
    assert harmless(text, starts_line=True) == text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("</details>", "&lt;/details>"),
        ("</DETAILS\n>", "&lt;/DETAILS\n>"),
        ("</summary>", "&lt;/summary>"),
        ("<script src=x>", "&lt;script src=x>"),
        ("<script", "&lt;script"),
        ("<!-- open", "&lt;!-- open"),
        ("<!-- shut --> <!-- open <!-- open", "<!-- shut --> &lt;!-- open &lt;!-- open"),
        ("<!DOCTYPE html> <?php <![CDATA[", "&lt;!DOCTYPE html> &lt;?php &lt;![CDATA["),
        ('<a href="x', '&lt;a href="x'),
        ('<p<b title="', '&lt;p&lt;b title="'),
        ("<div\nclass", "&lt;div\nclass"),
        ("<div\n\nclass>", "&lt;div\n\nclass>"),
        ("```\nopen", "\\```\nopen"),
        ("```\nshut\n```\n~~~\nopen\n```", "```\nshut\n```\n\\~~~\nopen\n\\```"),
        ("  ```\n  code\nnot indented\n  ```", "  \\```\n  code\nnot indented\n  \\```"),
        ("<div>\n```\n\n```", "<div>\n\\```\n\n\\```"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_text_that_would_break_the_document_is_made_harmless(text, made):
    assert harmless(text, starts_line=True) == made


def test_fence_counts_only_where_a_line_starts():
    assert harmless("```\ncode") == "```\ncode"
    assert harmless("x\n```\ncode") == "x\n\\```\ncode"
    assert harmless("x\n```\ncode\n```", in_html=True) == "x\n\\```\ncode\n\\```"
    assert harmless("x\n\n```\ncode\n```", in_html=True) == "x\n\n```\ncode\n```"


def test_name_in_a_tag_keeps_no_markup():
    assert escape_tags("m'</strong>") == "m&#39;&lt;/strong>"


@given(st.text(st.sampled_from("<>/!-'\"= \n`~abdetilscrp"), max_size=60))
def test_harmless_text_is_harmless_already(text):
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    "piece", ["<", "</", "<a ", "<!--", "<a<", '<a x="', "<a>", "```x\n", "```\n", "=' ", "<a =", "<p\n\n"]
)
def test_long_hostile_text_takes_no_long_time(piece):
    """Quadratic work on these lengths would take minutes."""
    harmless(piece * 50_000, starts_line=True)
