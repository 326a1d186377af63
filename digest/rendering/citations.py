"""What reference managers look for in a page: COinS on cards, `citation_*` tags in the head. Pure.

Sources: COinS (a span of class Z3988 whose title is a context object by NISO Z39.88-2004, with its matrix `dc`),
https://en.wikipedia.org/wiki/COinS; Google Scholar, "Inclusion Guidelines for Webmasters" (`citation_*`),
https://scholar.google.com/intl/en/scholar/inclusion.html.
"""

from __future__ import annotations

from urllib.parse import urlencode

from digest.models import Paper
from digest.rendering.names import name_parts, named_authors
from digest.text import to_plain


def context_object(paper: Paper) -> str:
    """Return the title of a COinS span: a preprint, its authors as `Family, Given`; not yet escaped for HTML."""
    names, _ = named_authors(paper)
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rfr_id", "info:sid/arxiv-digest"),
        ("rft.type", "preprint"),
        ("rft.title", _title(paper)),
        *(("rft.creator", name_parts(name).inverted()) for name in names),
        ("rft.date", f"{paper.published or paper.announced:%Y-%m-%d}"),
        ("rft.publisher", "arXiv"),
        ("rft.identifier", paper.links.abs),
        *(("rft_id", f"info:doi/{doi}") for doi in (paper.doi or "").split()[:1]),
    ]
    return urlencode(pairs)


def citation_tags(paper: Paper) -> list[tuple[str, str]]:
    """Return names and contents of the `meta` elements that describe a paper."""
    names, _ = named_authors(paper)
    day = paper.published or paper.announced
    return [
        ("citation_title", _title(paper)),
        *(("citation_author", name_parts(name).inverted()) for name in names),
        ("citation_date", f"{day:%Y/%m/%d}"),
        ("citation_online_date", f"{paper.updated or day:%Y/%m/%d}"),
        ("citation_publisher", "arXiv"),
        ("citation_arxiv_id", paper.id),
        ("citation_abstract_html_url", paper.links.abs),
        ("citation_pdf_url", paper.links.pdf),
        *(("citation_doi", doi) for doi in (paper.doi or "").split()[:1]),
    ]


def _title(paper: Paper) -> str:
    return to_plain(paper.title) or f"arXiv:{paper.id}"
