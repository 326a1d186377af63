"""A digest as one Markdown document, in the shapes of four systems that people come from.

One way through: the layout's template in `digest/templates/digest/` runs over the digest; its filters say what happens to
each field (folded to one line, made harmless), and `part` says what replaces a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from digest.arxiv.identifiers import abs_url, pdf_url
from digest.errors import InputError
from digest.feeds.digests import Digest, DigestEntry, DigestPaper, DigestSummary, load_digest
from digest.models import Summary
from digest.rendering.content import BUILTIN
from digest.rendering.markdown_text import escape_tags, harmless, one_line
from digest.selection.order import best_first

if TYPE_CHECKING:
    from jinja2 import Environment

Layout = Literal["analysis", "toc", "tagged", "ranked"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
"""Names of the layouts; each is a template."""
DEFAULT_LAYOUT: Layout = "toc"
"""That of a document that asks for none."""

Summarise = Callable[[str, str], Summary]
"""Makes the built-in summary of a title and an abstract."""

_TEMPLATES = Path(__file__).parents[1] / "templates" / "digest"
_EXCERPT_LENGTH = 300


def render_document(data: bytes, layout: str, *, summarise: Summarise) -> str:
    """Read a digest JSON document and render it.

    Raises:
        InputError: No such layout, or the document doesn't fit (see `load_digest`).
    """
    check_layout(layout)
    return render_markdown(load_digest(data), layout, summarise=summarise)


def render_markdown(digest: Digest, layout: str, *, summarise: Summarise) -> str:
    r"""Render one digest in one of `LAYOUTS`, with `\n` line ends.

    Args:
        digest: What to show; its order is kept, but for `ranked`.
        layout: A name of `LAYOUTS`.
        summarise: Called at most once a paper, and only where the digest's own summary lacks what the layout shows and
            isn't the built-in one itself.

    Raises:
        InputError: No such layout.
    """
    check_layout(layout)
    template = _environment().get_template(f"{layout}.md.j2")
    return template.render(
        digest=digest,
        sections=_sections(digest) if layout == "toc" else (),
        ranking=sorted(digest.entries, key=best_first) if layout == "ranked" else (),
        part=_Parts(summarise),
    )


def check_layout(layout: str) -> None:
    """Refuse a layout that there isn't.

    Raises:
        InputError: There is none of that name.
    """
    if layout not in LAYOUTS:
        raise InputError(f"unknown layout {layout!r}", name="layout", hint=f"one of {', '.join(LAYOUTS)}")


class _Parts:
    """Finds the text for a part of an entry's summary; never empty unless the abstract is."""

    def __init__(self, summarise: Summarise) -> None:
        self._summarise = summarise
        self._builtin: dict[tuple[str, str], Summary] = {}

    def __call__(self, entry: DigestEntry, *names: str) -> str:
        """Return the first of the parts *names* that the entry's summary has, else the built-in one's, else its TL;DR."""
        return own_part(entry, *names) or _first(self._builtin_summary(entry), (*names, "tldr")) or entry.paper.abstract

    def _builtin_summary(self, entry: DigestEntry) -> Summary | DigestSummary:
        if entry.summary and entry.summary.engine == BUILTIN and own_part(entry, "tldr"):
            return entry.summary
        key = (entry.paper.title, entry.paper.abstract)
        if key not in self._builtin:
            self._builtin[key] = self._summarise(*key)
        return self._builtin[key]


def own_part(entry: DigestEntry, *names: str) -> str:
    """Return the first of the parts *names* that the entry's own summary has, else ""."""
    return _first(entry.summary, names)


def _first(summary: object, names: Sequence[str]) -> str:
    texts = (getattr(summary, name, None) or "" for name in names)
    return next((text for text in texts if text.strip()), "")


class _Section(NamedTuple):
    """One section of a table of contents, with the numbers of its entries in the document."""

    name: str
    entries: tuple[tuple[int, DigestEntry], ...]


def _sections(digest: Digest) -> list[_Section]:
    """Group entries by section: those of `categories` first, in that order, then by first appearance; none empty."""
    groups: dict[str, list[DigestEntry]] = {name: [] for name in digest.categories}
    for entry in digest.entries:
        groups.setdefault(entry.section, []).append(entry)
    sections = []
    start = 1
    for name, entries in groups.items():
        if entries:
            sections.append(_Section(name, tuple(enumerate(entries, start))))
            start += len(entries)
    return sections


def _excerpt(text: str) -> str:
    """Return a text of at most 300 characters whole, else its first 300 and three dots."""
    return text if len(text) <= _EXCERPT_LENGTH else f"{text[:_EXCERPT_LENGTH]}..."


def _versioned(paper: DigestPaper) -> str:
    return paper.id if paper.version is None else f"{paper.id}v{paper.version}"


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def _line(text: str) -> str:
    return harmless(one_line(text))


def _block(text: str) -> str:
    return harmless(text, starts_line=True)


def _raw(text: str) -> str:
    return harmless(text, in_html=True)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # noqa: S701 - Markdown, not HTML: each field names the filter that makes it safe
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "one_line": one_line,  # analysis, tagged
        "line": _line,  # toc, ranked: on one line, harmless
        "inline": harmless,  # … after other text on its line; line breaks stay
        "block": _block,  # … from the start of a line
        "raw": _raw,  # … in an HTML block
        "attribute": escape_tags,  # … inside a tag, or as the whole content of one
        "excerpt": _excerpt,
        "utc": _utc,
        "versioned": _versioned,
    }
    environment.globals |= {"abs_url": abs_url, "pdf_url": pdf_url, "own_part": own_part, "line_break": "  "}
    return environment
