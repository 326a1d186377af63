"""Repositories and project pages."""

import pytest

from digest.text import find_code_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Code: https://github.com/a/b.", "https://github.com/a/b"),
        ("(see http://www.github.com/a/b.git)", "https://github.com/a/b"),
        ("at https://github.com/a/b/tree/main.", "https://github.com/a/b"),
        ("at https://github.com/a/b/tree/main/sub?tab=x#y", "https://github.com/a/b/tree/main/sub"),
        ("at github.com/a/b_c, thanks", "https://github.com/a/b_c"),
        (r"raw https://github.com/a/b\_c}.", "https://github.com/a/b_c"),
        ("code `https://github.com/a/b.git'.", "https://github.com/a/b"),
        ("https://gitlab.com/g/sub/p/-/tree/main", "https://gitlab.com/g/sub/p"),
        ("https://huggingface.co/datasets/x/y and https://github.com/a/b", "https://github.com/a/b"),
        ("https://huggingface.co/datasets/x/y", "https://huggingface.co/datasets/x/y"),
        ("https://anonymous.4open.science/r/X-1/.", "https://anonymous.4open.science/r/X-1"),
        ("https://zenodo.org/records/1", "https://zenodo.org/records/1"),
        ("page https://X.github.io/Proj/ , accepted", "https://x.github.io/Proj"),
        ("https://x.github.io and https://github.com/a/b", "https://github.com/a/b"),
        ("Our code is available at https://lab.example.org/tool?id=1", "https://lab.example.org/tool?id=1"),
        ("https://example.org/a_(b) is our project page", None),
        ("project page: https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("https://github.com/onlyuser", None),
        ("published at https://doi.org/10.1/x, code at https://arxiv.org/abs/1", None),
        ("see https://example.org for more", None),
        ("code: https://user:pw@github.com/a/b", None),
        ("code: https://[bad", None),
        ("https://github.com/a/bhttps://github.com/a/b", "https://github.com/a/b"),
        ("https://gitlab.com/-/x", None),
        ("代码见 https://github.com/abc/def。", "https://github.com/abc/def"),
        ("（https://github.com/abc/def）", "https://github.com/abc/def"),
        ("コード：https://github.com/abc/def、データ", "https://github.com/abc/def"),
        ("《https://github.com/abc/def》，可用", "https://github.com/abc/def"),
        ("见github.com/abc/def", None),
        ("代码（github.com/abc/def）可用", "https://github.com/abc/def"),
        ("代码https://github.com/abc/def可用", "https://github.com/abc/def"),
        ("الكود https://github.com/abc/def، هنا", "https://github.com/abc/def"),
        ("no link", None),
        ("", None),
    ],
)
def test_code_links(text, url):
    assert find_code_url(text) == url


def test_all_texts_are_looked_at_and_the_best_wins():
    assert find_code_url("https://x.github.io", "Code: https://github.com/a/b") == "https://github.com/a/b"
    assert find_code_url("nothing", "", "https://x.github.io") == "https://x.github.io"
