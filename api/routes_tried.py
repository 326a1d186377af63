"""Addresses that people try, because arXiv or another tool has them: one table, each leading to what was meant."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, HTTPException, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from api.canonical import NotCanonicalError
from api.foreign import without_foreign
from digest.arxiv.identifiers import parse_identifier
from digest.arxiv.taxonomy import find
from digest.errors import NotFoundError
from digest.feeds.addresses import paper_path, with_query

router = APIRouter(include_in_schema=False)


class _CategoryConvertor(Convertor[str]):
    """A part of a path that has the form of a category or archive: `cs.LG`, `hep-th`, `math`."""

    regex = (
        r"(?i:(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math|math-ph|nlin|nucl-(?:ex|th)|physics"
        r"|q-bio|q-fin|quant-ph|stat)(?:\.[a-z-]+)?)"
    )

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("category", _CategoryConvertor())


def _paper(given: str) -> str:
    ident = parse_identifier(given.removesuffix(".pdf"))
    if ident is None:
        raise NotFoundError(f"{given[:60]!r} is no arXiv id; one looks like 2601.05174 or hep-th/9901001")
    return paper_path(ident.id)


def _category(given: str) -> str:
    code = find(given)
    if code is None:
        raise HTTPException(404)
    return f"/list/{code}"


TRIED: dict[str, str | Callable[[str], str]] = {
    "/feeds": "/",
    "/home": "/",
    "/index.html": "/",
    "/rss": "/build",
    "/atom": "/build",
    "/json": "/build",
    "/feed": "/build",
    "/list": "/search",
    "/categories": "/search",
    "/opml": "/opml.xml",
    "/api": "/docs",
    "/about": "/help",
    "/list/{given}/new": lambda given: f"/list/{given}",
    "/list/{given}/recent": lambda given: f"/list/{given}",
    "/list/{given}/pastweek": lambda given: f"/list/{given}",
    "/list/{given}/current": lambda given: f"/list/{given}",
    "/archive/{given}": _category,
    "/abs/{given:path}": _paper,
    "/pdf/{given:path}": _paper,
    "/html/{given:path}": _paper,
    "/{given:category}": _category,
}
"""Paths, and where each leads: a path, or what makes one of the part in braces."""


def _leading_to(target: str | Callable[[str], str]) -> Callable[[Request], Awaitable[Response]]:
    async def lead(request: Request) -> Response:
        """Lead to what was meant, with the parameters that came along."""
        path = target if isinstance(target, str) else target(request.path_params["given"])
        raise NotCanonicalError(with_query(path, without_foreign(request.query_params.multi_items())))

    return lead


for _path, _target in TRIED.items():
    router.add_api_route(_path, _leading_to(_target))
