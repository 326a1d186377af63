"""The pages of arxiv.org: listings, catch-up, abstract, full text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import groupby
from urllib.parse import quote_plus

from tests.demo_arxiv.archive import Announced, Version
from tests.demo_arxiv.taxonomy import NAMES
from tests.demo_arxiv.text import to_unicode

MAX_AUTHORS = 100
_PAGE = """<!DOCTYPE html>
<html lang="en">

<head>  <title>{title}</title>
{head}</head>

<body ><div class="flex-wrap-footer"><main><div id="content">
{body}</div></main></div></body>

</html>
"""
_SECTIONS = {"new": "New submissions", "cross": "Cross submissions", "replace": "Replacement submissions"}
_URL = re.compile(r"(https?://[^\s<>]*[^\s<>.,;:)])")


def render_page(title: str, body: str, head: str = "") -> bytes:
    """Put *body* into the frame that all pages share."""
    return _PAGE.format(title=escape(title), body=body, head=head).encode()


def render_listing(context: str, day: date, rows: Sequence[Announced]) -> bytes:
    """Write `/list/{context}/new`."""
    name = NAMES.get(context, context)
    total = f"      <div class='paging'>Total of {len(rows)} entries \n    </div>\n"
    body = (
        f"<div id='content-inner'>\n<div id='dlpage'>\n  <h1>{escape(name)}</h1>\n\n"
        f'<p>See <a id="recent-{context}" href="/list/{context}/recent">recent</a> articles</p>\n'
        f"<h3>Showing new listings for {day:%A}, {day.day} {day:%B %Y}</h3>\n\n"
    )
    body += f"{total}\n{_sections(rows)}{total}" if rows else "    <p>No updates today.</p>\n"
    return render_page(f"{name}  ", body + "</div>\n</div>\n")


def render_catch_up(context: str, day: date, rows: Sequence[Announced], *, abstracts: bool) -> bytes:
    """Write `/catchup/{context}/{day}`, with or without abstracts."""
    shown = f"{day:%a, %d %b %Y}"
    body = (
        f"<div id='content-inner'>\n<div id='dlpage'>\n"
        f"  <h1>Catchup results for {escape(NAMES.get(context, context))} on {shown}</h1>\n"
        f"    <div>\n      Total of {len(rows)} entries for {shown}\n    </div>\n\n"
    )
    body += _sections(rows, abstracts=abstracts) or (
        f"        <div>\n          <p>No updates for {shown}. There was either no announcement for this day, "
        "or no updates within the requested subject.</p>\n        </div>\n"
    )
    return render_page("arXiv catchup", body + "</div>\n</div>\n")


def _sections(rows: Sequence[Announced], *, abstracts: bool = True) -> str:
    parts = []
    for section, group in groupby(enumerate(rows, 1), key=lambda pair: pair[1].kind.removesuffix("-cross")):
        entries = list(group)
        counts = f"(showing {len(entries)} of {len(entries)} entries)"
        parts.append(f"      <dl id='articles'>\n    <h3>{_SECTIONS[section]} {counts}</h3>\n")
        parts.extend(_entry(number, row, abstracts=abstracts) for number, row in entries)
        parts.append("</dl>\n")
    return "".join(parts)


def _entry(number: int, row: Announced, *, abstracts: bool) -> str:
    version = row.version
    ident, primary = version.id, version.categories[0]
    note = {"new": "", "cross": f"          (cross-list from {primary})\n"}.get(row.kind, "          (replaced)\n")
    html = f', <a href="https://arxiv.org/html/{ident}v{version.number}" title="View HTML" id="html-{ident}">html</a>'
    fields = {
        "title": linked(version.title),
        "authors": author_links(version),
        "comments": linked(version.comment),
        "journal-ref": linked(version.paper.journal_ref),
        "subjects": subjects(version),
    }
    meta = "".join(_field(name, text) for name, text in fields.items() if text)
    abstract = f"        <p class='mathjax'>\n          {linked(version.abstract)}\n        </p>\n"
    return (
        f"    <dt>\n      <a name='item{number}'>[{number}]</a>\n"
        f'      <a href ="/abs/{ident}" title="Abstract" id="{ident}">\n        arXiv:{ident}\n      </a>\n{note}'
        f'        [<a href="/pdf/{ident}" title="Download PDF" id="pdf-{ident}">pdf</a>'
        f"{html if version.paper.html else ''}]\n    </dt>\n"
        f"    <dd>\n      <div class='meta'>\n{meta}{abstract if abstracts else ''}      </div>\n    </dd>\n"
    )


def _field(name: str, text: str) -> str:
    if name == "authors":
        return f"        <div class='list-authors'>{text}</div>\n"
    style = "" if name == "subjects" else " mathjax"
    label = name.capitalize()
    return (
        f"        <div class='list-{name}{style}'><span class='descriptor'>{label}:</span>\n          {text}\n"
        "        </div>\n"
    )


def linked(text: str | None) -> str:
    """Escape text for a page: addresses show as "this https URL", paragraphs are kept apart."""
    parts = [escape(part) for part in _URL.split(to_unicode(text or ""))]
    for place in range(1, len(parts), 2):
        scheme = parts[place].partition(":")[0]
        style = f'rel="external noopener nofollow" class="link-external link-{scheme}"'
        parts[place] = f'<a href="{parts[place]}" {style}>this {scheme} URL</a>'
    return "".join(parts).replace("\n  ", "\n<br>")


def names_of(version: Version) -> list[tuple[str, str | None]]:
    """Return the authors as (name, affiliation or None), in Unicode."""
    pairs = [author.partition(" (") for author in map(to_unicode, version.authors)]
    return [(name.strip(), affiliation.removesuffix(")") or None) for name, _, affiliation in pairs]


def author_links(version: Version) -> str:
    archive = version.categories[0].partition(".")[0]
    names = [name for name, _ in names_of(version)]
    links = []
    for name in names[:MAX_AUTHORS]:
        first, _, last = name.rpartition(" ")
        query = quote_plus(f"{last}, {first[:1]}", safe=",")
        address = f"https://arxiv.org/search/{archive}?searchtype=author&amp;query={query}"
        links.append(f'<a href="{address}">{escape(name)}</a>')
    more = len(names) - MAX_AUTHORS
    return ", ".join(links) + (f", et al. ({more} additional authors not shown)" if more > 0 else "")


def subjects(version: Version) -> str:
    shown = [f"{escape(NAMES.get(category, category))} ({category})" for category in version.categories]
    return "; ".join([f'<span class="primary-subject">{shown[0]}</span>', *shown[1:]])


def render_abstract_page(version: Version) -> bytes:
    """Write `/abs/{id}`."""
    paper = version.paper
    fields = [("title", to_unicode(version.title))]
    for name, _ in names_of(version):
        first, _, last = name.rpartition(" ")
        fields.append(("author", f"{last}, {first}" if first else last))
    fields += [("doi", paper.doi)] if paper.doi else []
    fields += [
        ("date", f"{version.published:%Y/%m/%d}"),
        ("online_date", f"{version.updated:%Y/%m/%d}"),
        ("pdf_url", f"https://arxiv.org/pdf/{version.id}"),
        ("arxiv_id", version.id),
        ("abstract", version.abstract),
    ]
    head = "".join(f'<meta name="citation_{name}" content="{escape(value)}" />\n' for name, value in fields)
    comment = f'<td class="tablecell comments mathjax">{linked(version.comment)}</td>\n' if version.comment else ""
    body = (
        f'<div id="abs">\n<h1 class="title mathjax"><span class="descriptor">Title:</span>{linked(version.title)}</h1>\n'
        f'<div class="authors"><span class="descriptor">Authors:</span>{author_links(version)}</div>\n'
        f'<blockquote class="abstract mathjax">\n<span class="descriptor">Abstract:</span>{linked(version.abstract)}\n'
        f'</blockquote>\n<table summary="Additional metadata"><tr>\n{comment}'
        f'<td class="tablecell subjects">{subjects(version)}</td>\n</tr></table>\n</div>\n'
    )
    return render_page(f"[{version.id}] {to_unicode(version.title)}", body, head)


def render_full_text(version: Version) -> bytes:
    """Write `/html/{id}`: LaTeXML's classes around the abstract, told three times as papers do."""
    sentences = re.split(r"(?<=[.!?])\s+", to_unicode(version.abstract))
    third = max(1, len(sentences) // 3)
    parts = sentences[:third], sentences[third:-third], sentences[-third:]
    sections = "".join(
        f'<section class="ltx_section" id="S{number}">\n<h2 class="ltx_title ltx_title_section">'
        f'<span class="ltx_tag ltx_tag_section">{number} </span>{heading}</h2>\n'
        f'<div class="ltx_para"><p class="ltx_p">{escape(" ".join(part))}</p></div>\n</section>\n'
        for number, (heading, part) in enumerate(zip(("Introduction", "Method", "Results"), parts, strict=True), 1)
    )
    names = "\n".join(f'<span class="ltx_personname">{escape(name)}</span>' for name, _ in names_of(version))
    body = (
        f'<article class="ltx_document">\n<h1 class="ltx_title ltx_title_document">{escape(to_unicode(version.title))}'
        f'</h1>\n<div class="ltx_authors">\n{names}\n</div>\n<div class="ltx_abstract">\n'
        f'<h6 class="ltx_title ltx_title_abstract">Abstract</h6>\n<p class="ltx_p">{escape(to_unicode(version.abstract))}'
        f"</p>\n</div>\n{sections}</article>\n"
    )
    return render_page(to_unicode(version.title), body)


def render_pdf(version: Version) -> bytes:
    """Write `/pdf/{id}`: one page with id and title."""
    shown = f"arXiv:{version.id}v{version.number}  {version.title}".encode("ascii", "replace")
    shown = re.sub(rb"([\\()])", rb"\\\1", shown)
    drawing = b"BT /F1 9 Tf 40 780 Td (%s) Tj ET" % shown
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
    ]
    pdf, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, start = len(objects) + 1, len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return pdf + b"startxref\n%d\n%%%%EOF\n" % start
