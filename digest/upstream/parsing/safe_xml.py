"""XML from outside, read safely: whole or not at all, and nothing in it makes us work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import ParseError

if TYPE_CHECKING:
    from lxml import etree


_ATTRIBUTES_LIMIT = 50
_DEPTH_LIMIT = 20


class _PrologEnd(Exception):  # noqa: N818 (a signal, not an error)
    """Ends the look at the prolog: the first element was reached."""


def load_xml(payload: bytes, *, limit_bytes: int, limit_elements: int = 400_000) -> etree._Element:
    """Parse an XML document and return its root element.

    The XML declaration (or a byte order mark) sets the encoding. Comments and processing instructions are
    left out. Nothing is ever loaded from elsewhere.

    Raises:
        ParseError: The body is empty, larger than *limit_bytes*, an HTML page, not well-formed to its end
            (so: truncated), in another encoding than it says, or has a document type declaration, which is
            where entity bombs and external entities live and no upstream format needs one. Or its
            structure is none of arXiv's: more than *limit_elements*, too deep, too many attributes.
    """
    if not payload.strip():
        raise ParseError("expected an XML document, got an empty body")
    if len(payload) > limit_bytes:
        raise ParseError(f"expected at most {limit_bytes} bytes of XML, got {len(payload)}")
    _check_prolog(payload)
    root = _parse(payload)
    _check_structure(root, limit_elements)
    return root


def _check_structure(root: etree._Element, limit_elements: int) -> None:
    """Refuse what costs readers of the tree, feedparser first of all, more than its length lets expect."""
    from lxml import etree

    depth = elements = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            elements += 1  # a declaration costs about as much
        elif event == "end":
            depth -= 1
        else:
            depth += 1
            attributes = len(element.attrib)
            elements += 1 + attributes
            if attributes > _ATTRIBUTES_LIMIT:
                raise ParseError(f"expected arXiv's XML, got an element with {attributes} attributes")
        if depth > _DEPTH_LIMIT or elements > limit_elements:
            raise ParseError(
                f"expected arXiv's XML, got more than {limit_elements} elements and attributes, "
                f"or more than {_DEPTH_LIMIT} elements within each other"
            )


def _check_prolog(payload: bytes) -> None:
    """Refuse declarations before the parser proper could act on them; stop at the first element."""
    from xml.parsers import expat

    def refuse_doctype(name: str, _system: str | None, _public: str | None, _subset: bool) -> None:  # noqa: FBT001
        if name.casefold() == "html":
            raise ParseError("expected an XML document, got an HTML page")
        raise ParseError(f"a document type declaration ({name[:40]}) is not accepted")

    def stop_at_root(name: str, _attributes: dict[str, str]) -> None:
        if name.casefold().rpartition(":")[2] == "html":
            raise ParseError("expected an XML document, got an HTML page")
        raise _PrologEnd

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = stop_at_root
    try:
        parser.Parse(payload, True)
    except _PrologEnd:
        pass
    except expat.ExpatError as error:
        raise ParseError(f"expected an XML document: {error}") from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know, or one of several bytes
        raise ParseError(f"expected an XML document in a usual encoding: {error}") from error


def _parse(payload: bytes) -> etree._Element:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(payload, parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"expected well-formed XML: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise ParseError(f"expected an XML document in a usual encoding: {error}") from error
