"""A model's longer text as HTML: its structure stays, nothing in it is active."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config.views import MathMode
from digest.models import Entry, Summary
from digest.rendering.content import content_html
from digest.rendering.long_text import ELEMENTS, long_text_html
from tests.builders import make_paper


def test_headings_paragraphs_lists_and_emphasis_become_elements():
    text = "## Method\n\nWe *train* it.\n\n- one\n- **two**\n"
    assert long_text_html(text) == (
        "<h3>Method</h3>\n<p>We <em>train</em> it.</p>\n<ul>\n<li>one</li>\n<li><strong>two</strong></li>\n</ul>"
    )


def test_math_is_no_emphasis():
    assert "<em>" not in long_text_html("$a_1$ and $b_1$", MathMode.TEX)
    assert long_text_html("so $N^2$ steps") == "<p>so <em>N</em>² steps</p>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[click](javascript:alert(1))",
        "![x](https://evil.test/p.png)",
        "<https://evil.test>",
        "[a][b]\n\n[b]: https://evil.test",
        "```html\n<b onclick=x>\n```",
        "$\\href{javascript:alert(1)}{x}$",
        "\ue0000\ue001 <b>",
    ],
)
def test_nothing_is_active_or_leads_elsewhere(text):
    html = long_text_html(text)
    assert not re.search(r"<(?!/?(?:{}|sup|sub|math|m[a-z]+)\b)".format("|".join(ELEMENTS)), html)
    assert not re.search(r"<[^>]*(?:href|src|onerror|onclick)", html)


@given(st.text(max_size=120))
def test_any_text_becomes_clean_html(text):
    html = long_text_html(text)
    assert not re.search(r"<[a-z]+ (?!xmlns|display|[a-z]+=\"[a-z0-9. ]*\")", html)
    assert "<script" not in html.lower()


def test_stands_in_the_item_below_the_abstract():
    summary = Summary(engine="m", language="en", full="## Results\n\nIt works.")
    html = content_html(Entry(paper=make_paper(), summary=summary))
    assert html.index("<h3>Results</h3>") > html.index("We taste fruit")
