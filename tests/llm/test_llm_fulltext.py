"""Full texts: sections of HTML and PDF, and the choice among them."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FetchError, ParseError
from digest.llm.fulltext import FullText, FullTexts, Section, read_html, read_pdf, select_text
from tests.fakes import quick_store
from tests.llm.llm_kit import ABSTRACT, make_paper

pytestmark = pytest.mark.anyio
SENTENCE = "The brush moves over the paper and leaves a stroke. "


def make_html(sections: str) -> bytes:
    return (
        '<html><nav><a href="#S1">1 Introduction</a></nav><article class="ltx_document"><h1>Title</h1>'
        f'<div class="ltx_abstract"><p>{ABSTRACT}</p></div>{sections}</article><footer>foot</footer></html>'
    ).encode()


def test_html_gives_sections_with_tex_tables_and_subsections() -> None:
    made = read_html(
        make_html(
            '<section><h2><span>1 </span>Introduction</h2><p>We bend <math alttext="x^{2}"><mi>x</mi></math> rods.'
            f'<span class="ltx_note">footnote</span></p><p>{SENTENCE * 6}</p></section>'
            "<section><h2>2 Results</h2><section><h3>2.1 Speed</h3><p>Fast.</p><table><tr><td>ours</td><td>9.5</td></tr></table>"
            "<figure><figcaption>Table 1: <span>Speed</span></figcaption></figure><ul><li>one</li></ul></section></section>"
            "<section><h2>Acknowledgments</h2><p>Thanks.</p></section>"
            '<section class="ltx_bibliography"><h2>References</h2><ul><li>[1] Someone</li></ul></section>'
        )
    )
    assert [section.title for section in made.sections] == ["1 Introduction", "2 Results"]
    assert made.sections[0].text == f"We bend $x^{{2}}$ rods.\n{SENTENCE * 6}".strip()
    assert made.sections[1].text.split("\n") == ["2.1 Speed", "Fast.", "ours | 9.5", "Table 1: Speed", "one"]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"\x00\xff", make_html(""), make_html("<section><h2>References</h2><p>x</p></section>")],
)
def test_html_without_text_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_html(body)


@given(
    st.lists(
        st.sampled_from(
            [
                "<section>",
                "</section>",
                "<p>",
                "</p>",
                "<math alttext='",
                "'>",
                "<h2>",
                "text " * 60,
                "<table><tr>",
                "&#0;",
                "\x00",
            ]
        ),
        max_size=20,
    )
)
def test_any_html_is_read_or_refused(pieces: list[str]) -> None:
    try:
        read_html("".join(pieces).encode())
    except ParseError:
        return


def make_pdf(lines: list[str]) -> bytes:
    """A PDF of one page with one font."""
    shown = " ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in lines)
    stream = zlib.compress(f"BT /F1 10 Tf 12 TL 50 740 Td {shown} ET".encode("cp1252"))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


PDF = make_pdf(
    [
        "A title",
        "Abstract",
        ABSTRACT,
        "1 Introduction",
        "Soft bodies are wonder-",
        "ful to draw with.",
        "3 Results",
        *[SENTENCE] * 6,
        "References",
        "[1] Someone",
    ]
)


def test_a_pdf_gives_sections_by_their_headings() -> None:
    made = read_pdf(PDF)
    assert [section.title for section in made.sections] == ["1 Introduction", "3 Results"]
    assert made.sections[0].text == "Soft bodies are wonderful to draw with."


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", PDF[:200], make_pdf(["short"])])
def test_other_files_are_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_pdf(body)


@pytest.mark.parametrize("page", [None, b"<html>not made yet</html>"])
async def test_the_pdf_stands_in_where_there_is_no_html(page: bytes | None) -> None:
    async def fetch(path: str) -> bytes:
        if path.startswith("/pdf"):
            return PDF
        if page is None:
            raise FetchError("none", status=404)
        return page

    texts = FullTexts(quick_store(), fetch)
    assert len((await texts.load(make_paper())).sections) == 2


async def test_other_failures_are_not_taken_for_a_missing_page() -> None:
    async def fetch(_: str) -> bytes:
        raise FetchError("down", status=500)

    with pytest.raises(FetchError):
        await FullTexts(quick_store(), fetch).load(make_paper())


NAMES = ("1 Introduction", "2 Related Work", "3 Method", "4 Results", "5 Conclusion", "Appendix A Proofs")


def make_text(size: int) -> FullText:
    return FullText(sections=tuple(Section(title=name, text=SENTENCE * (size // len(SENTENCE))) for name in NAMES))


def test_all_is_sent_if_it_fits() -> None:
    text = select_text(make_text(1000), ABSTRACT, limit=10_000)
    assert all(name in text for name in NAMES)
    assert "[…]" not in text


def test_results_get_most_and_appendices_nothing_where_room_is_short() -> None:
    text = select_text(make_text(20_000), ABSTRACT, limit=9000)
    parts = dict(zip(NAMES, [part.partition("\n")[2] for part in text.split("\n\n")[1:]], strict=False))
    assert len(parts["4 Results"]) > len(parts["3 Method"]) > len(parts["2 Related Work"])
    assert "Appendix" not in text
    assert all(part.endswith("stroke. […]") for part in parts.values())


@given(st.lists(st.integers(0, 5000), max_size=8), st.integers(0, 9000))
def test_the_limit_holds(sizes: list[int], limit: int) -> None:
    made = FullText(
        sections=tuple(
            Section(title=f"{NAMES[place % 6]}", text="word " * (size // 5)) for place, size in enumerate(sizes)
        )
    )
    assert len(select_text(made, "short", limit=limit)) <= limit + 200
