"""XML from outside: whole, harmless, or refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.upstream.parsing.safe_xml import load_xml

LIMIT = 100_000
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<rss><title>&c;</title></rss>"""
EXTERNAL = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'


def test_a_document_is_read_in_the_encoding_it_declares():
    document = "<?xml version='1.0' encoding='ISO-8859-1'?><r>Stühmer</r>".encode("latin-1")
    assert load_xml(document, limit_bytes=LIMIT).text == "Stühmer"
    assert load_xml("\ufeff<r>é</r>".encode(), limit_bytes=LIMIT).text == "é"
    assert load_xml("<r>é</r>".encode("utf-16"), limit_bytes=LIMIT).text == "é"


def test_comments_and_instructions_are_left_out():
    root = load_xml(b"<?x y?><r><!-- a --><?p q?><s>1</s></r>", limit_bytes=LIMIT)
    assert [child.tag for child in root] == ["s"]


def test_declarations_as_text_are_text():
    root = load_xml(b"<r><![CDATA[<!DOCTYPE html>]]> &lt;!DOCTYPE x&gt;</r>", limit_bytes=LIMIT)
    assert root.text == "<!DOCTYPE html> <!DOCTYPE x>"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Rate exceeded.", "expected an XML document"),
        (b"<!DOCTYPE html><html><body>503</body></html>", "HTML page"),
        (b"<html><body><p>Oops</p></body></html>", "HTML page"),
        (b"<HTML><br></HTML>", "HTML page"),
        (BOMB, "document type declaration"),
        (BOMB.decode().replace('<?xml version="1.0"?>', "").encode("utf-16"), "document type declaration"),
        (EXTERNAL, "document type declaration"),
        (b"<r><s>one</s><s>tw", "well-formed"),
        (b"<r><s>one</s>", "well-formed"),
        (b"<?xml version='1.0'?>", "expected an XML document"),
        (b"<r>a & b</r>", "well-formed"),
        (b"<r>&nbsp;</r>", "well-formed"),
        (b"<r>\x0b</r>", "well-formed"),
        ("<r>é</r>".encode("latin-1"), "well-formed"),
        (b"<?xml version='1.0' encoding='no-such'?><r/>", "encoding"),
        (b"<r/>trailing", "well-formed"),
        (b"<a>" * 3000 + b"</a>" * 3000, "well-formed"),
    ],
)
def test_anything_else_is_refused_whole_and_says_why(payload, reason):
    with pytest.raises(ParseError, match=reason):
        load_xml(payload, limit_bytes=LIMIT)


def test_the_size_limit_is_exact():
    assert load_xml(b"<r/>", limit_bytes=4).tag == "r"
    with pytest.raises(ParseError, match="at most 3 bytes"):
        load_xml(b"<r/>", limit_bytes=3)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(payload):
    with contextlib.suppress(ParseError):
        load_xml(payload, limit_bytes=LIMIT)


@given(st.integers(min_value=0, max_value=60))
def test_no_part_of_a_document_passes_for_the_whole(length):
    document = b"<?xml version='1.0' encoding='UTF-8'?><rss><item>a</item></rss>"
    assert len(document) > length
    with pytest.raises(ParseError):
        load_xml(document[:length], limit_bytes=LIMIT)


@pytest.mark.parametrize(
    "payload",
    [
        b"<r " + b" ".join(b'a%d="x"' % n for n in range(51)) + b"/>",
        b"<r><s><t " + b" ".join(b'a%d="x"' % n for n in range(20_000)) + b"/></s></r>",
        b"<r " + b" ".join(b'xmlns:a%d="x"' % n for n in range(1_001)) + b"/>",
        b"<r>" + b"<s/>" * 1_000 + b"</r>",
        b"<r>" + b'<s a="1" b="2" c="3"/>' * 300 + b"</r>",
        b"<r>" * 21 + b"</r>" * 21,
        b"<r>" + (b"<s>" * 20 + b"</s>" * 20) + b"</r>",
    ],
)  # fmt: skip
def test_a_structure_that_is_none_of_arxivs_is_refused(payload):
    with pytest.raises(ParseError, match="expected arXiv's XML"):
        load_xml(payload, limit_bytes=1_000_000, limit_elements=1_000)


def test_one_below_the_bounds_is_read():
    attributes = b" ".join(b'a%d="x"' % n for n in range(50))
    document = b"<r " + attributes + b">" + b"<s/>" * 900 + b"<s>" * 19 + b"</s>" * 19 + b"</r>"
    assert len(load_xml(document, limit_bytes=1_000_000, limit_elements=1_000)) == 901
