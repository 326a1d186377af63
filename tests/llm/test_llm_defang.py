"""Text that a model wrote holds nothing that could act."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.llm.defang import defang


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<script>alert(1)</script>Hi", "Hi"),
        ("<scr<b>ipt>alert(1)</scr</b>ipt> Hi", " Hi"),
        ("&lt;img src=x onerror=alert(1)&gt;Hi", "Hi"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Hi", "Hi"),
        ("Hi<img src=x onerror=alert(1)", "Hi"),
        ("Hi<svg/onload=alert(1)>", "Hi"),
        ("<x-y onclick=alert(1)>Hi", "Hi"),
        ("Hi<!-- <b> -->", "Hi"),
        ("![pixel](https://evil.example/p.png)", "pixel"),
        ("[Hi](javascript:alert(1))", "Hi"),
        ("[Hi][1]\n\n[1]: https://evil.example", "Hi\n"),
        ("Hi <https://evil.example>", "Hi "),
        ("See https://evil.example/a?b=c.", "See "),
    ],
)
def test_markup_images_and_links_go(text: str, left: str) -> None:
    assert defang(text, "") == left


@pytest.mark.parametrize(
    "text",
    ["$0<r<1$ and a > b", "as in [1] and [2, 3]", r"$\langle a, b \rangle$", "A & B", "f: X -> Y", "a <= b >= c"],
)
def test_text_that_only_looks_like_it_stays(text: str) -> None:
    assert defang(text, "") == text


def test_what_could_still_open_a_tag_is_set_apart() -> None:
    assert defang("if x<p then y", "") == "if x< p then y"


def test_addresses_of_the_paper_stay() -> None:
    assert defang("Code: https://example.org/code.", "at https://example.org/code") == "Code: https://example.org/code."


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "a", "svg", "b"} or any(name.startswith("on") for name, _ in attrs):
            self.acting.append(tag)


PIECES = [
    "<",
    ">",
    "/",
    "script",
    "img",
    " src=x",
    " onerror=a()",
    "&lt;",
    "&gt;",
    "&amp;",
    "lt;",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "a",
    " ",
    '"',
    "svg",
    "iframe",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_combination_makes_a_tag(text: str) -> None:
    parser = _Tags()
    parser.feed(defang(text, ""))
    parser.close()
    assert parser.acting == []
