"""The page that finds things: categories by code or name, a paper by its id, stored papers by words."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from digest.arxiv.identifiers import abs_url, parse_identifier
from digest.arxiv.taxonomy import Spec, find, name_of, named, parse_spec
from digest.errors import InputError
from digest.feeds.addresses import FeedAddress, paper_path, spec_address, with_query
from digest.feeds.papers import FeedContent
from digest.rendering.pages.templating import Site, render_template

PAPERS_SHOWN = 10
_MOST_NAMED = 12


@dataclass(frozen=True)
class Wanted:
    """What a text in the box can mean.

    Attributes:
        text: As given.
        spec: Categories, None where it names none by their codes.
        named: Codes of categories that have such a name.
        paper: An arXiv id, "" for none.
    """

    text: str
    spec: Spec | None = None
    named: tuple[str, ...] = ()
    paper: str = ""


def read_wanted(text: str) -> Wanted:
    """Return what *text* can mean: codes of categories, else an arXiv id, else words."""
    text = " ".join(text.split())
    ident = parse_identifier(text.rstrip("/").rpartition("arxiv.org/")[2].removeprefix("abs/").removeprefix("arXiv:"))
    try:
        return Wanted(text, spec=parse_spec(text))
    except InputError:  # it isn't made of codes
        return Wanted(text, named=named(text)[:_MOST_NAMED], paper=ident.id if ident else "")


def render_found(content: FeedContent, site: Site, address: FeedAddress) -> str:
    """Render the stored papers that were found; *address* has all of them."""
    return render_template(
        "found.html.j2",
        site,
        entries=content.entries[:PAPERS_SHOWN],
        total=len(content.entries),
        papers=content.receipt.papers,
        address=address,
        people=f"{site.root}/list/{content.request.spec}?author=",
    )


def render_search(site: Site, wanted: Wanted, found: str, problem: str) -> str:
    """Render the page.

    Args:
        site: Whose page it is.
        wanted: What was asked for.
        found: HTML of `render_found`, "" for none.
        problem: Why no papers were looked for.
    """
    from markupsafe import Markup

    codes = wanted.spec.contexts if wanted.spec else wanted.named
    specs = [wanted.spec] if wanted.spec and len(wanted.spec.contexts) > 1 else []
    rows = [(str(spec), spec.name, spec_address(spec)) for spec in specs]
    rows += [(code, name_of(code), spec_address(code)) for code in codes if find(code) == code]
    query = quote(wanted.text, safe="")
    return render_template(
        "search.html.j2",
        site,
        wanted=wanted,
        rows=rows,
        builders={str(code): with_query("/build", [("spec", str(code).replace("+", ","))]) for code, _, _ in rows},
        paper=(paper_path(wanted.paper), abs_url(wanted.paper)) if wanted.paper else None,
        found=Markup(found),  # noqa: S704 - rendered by a template
        problem=problem,
        arxiv_feed=with_query("/search/rss", [("query", wanted.text)]),
        arxiv_page=f"https://arxiv.org/search/?searchtype=all&query={query}",
    )
