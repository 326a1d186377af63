"""The full text of a paper: arXiv's HTML, else the PDF, cut to the sections that a summary needs.

arXiv makes HTML of most new papers, sometimes hours late, with LaTeXML: sections are elements, and each
formula carries its TeX. PDFs are read with pypdf and their sections found by numbered headings.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from digest.config.summary_plans import version_mark
from digest.errors import FetchError, ParseError
from digest.models import Frozen, Paper
from digest.store.codec import pack, unpack
from digest.store.protocol import Values
from digest.text.characters import visible

if TYPE_CHECKING:
    from lxml.html import HtmlElement

log = logging.getLogger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns the body of a path on arXiv's main host, paced; raises `FetchError`."""

_KEPT = timedelta(hours=6)
_SCHEMA = 1
_PAGES_LIMIT = 60
_TEXT_LIMIT = 600_000
_CUT = " […]"

_DROPPED = re.compile(
    r"references?|bibliography|literature|acknowledge?ments?|funding|author contributions?|competing interests?|conflicts? of interest|"
    r"data availability|code availability|ethics statement|supplementary.*",
    re.IGNORECASE,
)
# What a summary needs, most needed first; the numbers are shares of the room.
_WANTED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"\b(?:conclu|limitation|discussion|summary|outlook|broader impact)", re.IGNORECASE), 3),
    (
        re.compile(
            r"\b(?:result|experiment|evaluation|finding|performance|ablation|analysis|main theorem)", re.IGNORECASE
        ),
        5,
    ),
    (re.compile(r"\b(?:introduction|overview)", re.IGNORECASE), 4),
    (
        re.compile(
            r"\b(?:method|approach|model|algorithm|set-?up|data|material|proof|theory|observation|design)",
            re.IGNORECASE,
        ),
        4,
    ),
)
_NUMBER = re.compile(
    r"^\s*(?:(?:section|appendix)\s+)?(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}|[A-H])[.:)]?\s+(?=\S)", re.IGNORECASE
)
_PDF_HEADING = re.compile(
    r"^[ \t]*(?:(?:\d{1,2}|[IVX]{1,5})\.?[ \t]+[A-Z][A-Za-z][^\n.!?,;]{1,60}|Abstract|References|Bibliography|REFERENCES|"
    r"Acknowledge?ments?|Introduction|Conclusions?|Discussion|Appendix[^\n]{0,40})[ \t]*$",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)")


class Section(Frozen):
    """One section of a paper; `text` has one paragraph a line."""

    title: str
    text: str


class FullText(Frozen):
    """A paper's sections in order, without abstract, references and the like."""

    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class FullTexts:
    """Full texts from the store, else from arXiv."""

    store: Values
    fetch: Fetch

    async def load(self, paper: Paper) -> FullText:
        """Return the full text of *paper*, and keep it for the other plans that may want it soon.

        Raises:
            FetchError: arXiv gave neither HTML nor PDF; `RateLimitedError` if it refused.
            ParseError: What it gave holds no text.
        """
        version = version_mark(paper)
        name = paper.id + (version if version.startswith("v") else "")
        key = f"llm:text:{paper.id}{version}"
        stored = unpack(FullText, await self.store.get(key), _SCHEMA)
        if stored:
            return stored
        found = await self._load_html(name) or await self._load_pdf(name)
        await self.store.set(key, pack(found, _SCHEMA), ttl=_KEPT)
        return found

    async def _load_html(self, name: str) -> FullText | None:
        try:
            body = await self.fetch(f"/html/{name}")
            return await asyncio.to_thread(read_html, body)
        except FetchError as error:
            if error.status != 404:
                raise
        except ParseError as error:
            log.info("HTML of %s is not used: %s", name, error)
        return None

    async def _load_pdf(self, name: str) -> FullText:
        body = await self.fetch(f"/pdf/{name}")
        return await asyncio.to_thread(read_pdf, body)


def read_html(body: bytes) -> FullText:
    """Read arXiv's HTML of a paper.

    Raises:
        ParseError: It has no sections with text.
    """
    from lxml import etree, html

    try:
        root = html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("no HTML") from error
    main = next(iter(_find(root, "//article")), root)
    for formula in _find(main, ".//math[@alttext]"):
        formula.text, formula[:] = f"${formula.get('alttext')}$", []
    for unwanted in _find(
        main,
        ".//script|.//style|.//nav|.//footer|.//svg|.//*[contains(@class,'ltx_bibliography') or contains(@class,'ltx_note')"
        " or contains(@class,'ltx_authors') or contains(@class,'ltx_abstract') or contains(@class,'ltx_ERROR')]",
    ):
        unwanted.drop_tree()
    return _checked(_html_section(element) for element in _find(main, ".//section[not(ancestor::section)]"))


def _find(element: HtmlElement, path: str) -> list[HtmlElement]:
    return cast("list[HtmlElement]", element.xpath(path))


def _html_section(element: HtmlElement) -> Section:
    heading = next(
        iter(_find(element, "./*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")), None
    )
    title = "" if heading is None else _line(heading.text_content())
    if heading is not None:
        heading.drop_tree()
    blocks = _find(
        element,
        ".//*[self::p or self::figcaption or self::tr or self::h3 or self::h4 or self::h5 or self::li[not(.//p)]]"
        "[not(ancestor::p or ancestor::tr or ancestor::figcaption)]",
    )
    lines = (
        " | ".join(_line(cell.text_content()) for cell in block) if block.tag == "tr" else _line(block.text_content())
        for block in blocks
    )
    return Section(title=title, text="\n".join(filter(None, lines)))


def read_pdf(body: bytes) -> FullText:
    """Read the text of a PDF.

    Raises:
        ParseError: It is no PDF, or one without text.
    """
    import pypdf

    # It tells of every oddity of a file.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        pages: list[str] = []
        for page in reader.pages[:_PAGES_LIMIT]:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > _TEXT_LIMIT:
                break
    except Exception as error:  # a foreign file can make it fail in any way
        raise ParseError(f"the PDF can't be read: {type(error).__name__}") from error
    text = visible("\n".join(pages))
    starts = [*_PDF_HEADING.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)][: len(starts)]
    sections = [
        Section(title=_line(found[0]), text=_unwrapped(text[found.end() : end]))
        for found, end in zip(starts, ends, strict=True)
    ]
    return _checked(sections or [Section(title="", text=_unwrapped(text))])


def _unwrapped(text: str) -> str:
    """Join the lines of a page: words divided at their ends, then sentences."""
    return _line(re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text))


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _checked(sections: Iterable[Section]) -> FullText:
    kept = tuple(
        section
        for section in sections
        if section.text and not _DROPPED.fullmatch(plain := _plain_title(section.title)) and plain.lower() != "abstract"
    )
    if sum(len(section.text) for section in kept) < 200:
        raise ParseError("it contains no text")
    return FullText(sections=kept)


def _plain_title(title: str) -> str:
    return _NUMBER.sub("", title).strip(" .:")


def select_text(full_text: FullText, abstract: str, *, limit: int) -> str:
    """Return abstract and sections in their order, in at most about *limit* characters.

    If not all fits, each section gets room by what a summary needs from it (results most, then
    introduction and method, then conclusion and limits; the rest and appendices least), and what a short one leaves
    goes to the others. A section is cut at the end of a sentence, which is marked.
    """
    sections = full_text.sections
    titles = [f"\n\n{section.title}\n" for section in sections]
    room = max(0, limit - len(abstract) - sum(map(len, titles)))
    shares = _shares([len(section.text) for section in sections], [_weight(section) for section in sections], room)
    picked = [
        title + text
        for title, section, share in zip(titles, sections, shares, strict=True)
        if (text := _head(section.text, share))
    ]
    return (abstract + "".join(picked))[: limit + 200]


def _weight(section: Section) -> int:
    if section.title.lower().startswith("appendix"):
        return 0
    title = _plain_title(section.title)
    return next((weight for pattern, weight in _WANTED if pattern.search(title)), 1)


def _shares(sizes: Sequence[int], weights: Sequence[int], room: int) -> list[int]:
    """Divide *room* by weight; nobody gets more than their size, what is left goes round again."""
    shares = [0] * len(sizes)
    for chosen in (
        [i for i, weight in enumerate(weights) if weight],
        [i for i, weight in enumerate(weights) if not weight],
    ):
        open_ = set(chosen)
        while open_ and room > 0:
            total = sum(max(weights[i], 1) for i in open_)
            offers = {i: room * max(weights[i], 1) // total for i in open_}
            full = {i for i in open_ if sizes[i] <= shares[i] + offers[i]}
            for i in full or open_:
                more = sizes[i] - shares[i] if i in full else offers[i]
                shares[i] += more
                room -= more
            if not full:
                break
            open_ -= full
    return shares


def _head(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    if limit < 80:
        return ""
    head = text[:limit]
    ends = [found.end() for found in _SENTENCE_END.finditer(head)]
    return (head[: ends[-1]] if ends else head.rsplit(" ", 1)[0]) + _CUT
