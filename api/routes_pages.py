"""Pages for people."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from api.access import ICON_PATHS
from api.builder import read_form
from api.canonical import NotCanonicalError, check_canonical, later_path, ui_of, with_ui, with_wait
from api.context import Service, admission, origin_of, page_site
from api.params import FeedParams, PageNumber, Params, Ui, Wait, feed_request, narrowed
from api.responses import DocumentResponse, known_to, unless_known
from api.routes_feeds import NamePath, SpecPath
from digest.arxiv.identifiers import parse_identifier
from digest.errors import NotFoundError
from digest.feeds.addresses import named_address, paper_path, rest_page, spec_address, with_page, with_query
from digest.feeds.papers import FeedRequest
from digest.rendering.bodies import placed
from digest.rendering.documents import HTML, Document
from digest.rendering.pages.api_page import render_api_page
from digest.rendering.pages.assets import load_asset
from digest.rendering.pages.paper import PAPER_TEXTS, render_paper, render_paper_text
from digest.rendering.pages.reading import TEXT_TYPES, Place
from digest.service.publishing import published
from digest.service.service import DigestService

router = APIRouter(include_in_schema=False)

PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
}


class PageParams(FeedParams):
    """What a reading page takes: a feed's parameters, and which page of several; its texts are whole without one."""

    page: PageNumber | None = None
    wait: Wait = False
    ui: Ui = None

    @property
    def number(self) -> int:
        """The page that is asked for, from 1."""
        return self.page or 1

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form, those of the feed and the page."""
        return with_ui(with_wait(with_page(super().canonical(), self.number), wait=self.wait), self.ui)

    def canonical_of_text(self) -> list[tuple[str, str]]:
        """Return the parameters of a text in canonical form: the first page is less than all."""
        return sorted([*super().canonical(), *([("page", str(self.page))] if self.page else [])])


PageQuery = Annotated[PageParams, Query()]


class StatisticsParams(Params):
    """How far back statistics go."""

    years: Annotated[int, Field(ge=1, le=3, description="Years, counted back from now.")] = 1
    ui: Ui = None

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form; one year goes without saying."""
        return with_ui([("years", str(self.years))] if self.years > 1 else [], self.ui)


StatisticsQuery = Annotated[StatisticsParams, Query()]


@router.get("/")
async def home(request: Request, service: Service) -> Response:
    """What this server offers and how to subscribe."""
    return _page(await service.pages.home(page_site(request, service), later=later_path(request)))


@router.get("/build")
async def build(request: Request, service: Service) -> Response:
    """The feed builder: a form whose address holds everything."""
    form, wanted, address = read_form(request)
    document = await service.pages.builder(
        page_site(request, service), form, wanted, address, later=later_path(request), admit=admission(request)
    )
    if form.problems:
        return HTMLResponse(
            placed(document.body, origin_of(request)), 400, {**PAGE_HEADERS, "cache-control": "no-store"}
        )
    return _page(document)


@router.get("/list/{spec}")
async def spec_page(request: Request, service: Service, spec: SpecPath, params: PageQuery) -> Response:
    """The papers of a feed as a page to read; ending in `.bib`, `.ris` or `.md`, as text to copy."""
    stem, ending = _split(spec)
    _check_address(request, params, ending)
    wanted = feed_request(stem, params)
    return await _reading(request, service, wanted, _spec_place(wanted, params), ending=ending, page=params.page)


@router.get("/feeds/{name}")
async def named_page(request: Request, service: Service, name: NamePath, params: PageQuery) -> Response:
    """The papers of a configured feed as a page to read; ending in `.bib`, `.ris` or `.md`, as text to copy."""
    stem, ending = _split(name)
    _check_address(request, params, ending)
    wanted = narrowed(service.feeds.named(stem), params)
    return await _reading(request, service, wanted, _named_place(stem, wanted, params), ending=ending, page=params.page)


@router.get("/papers/{paper_id:path}")
async def paper_page(request: Request, service: Service, paper_id: str) -> Response:
    """One stored paper as a page; ending in `.md`, `.bib`, `.ris` or `.json`, as text. Others are arXiv's to serve."""
    stem, _, ending = paper_id.rpartition(".")
    text, ending = (stem, ending) if ending in PAPER_TEXTS else (paper_id, "")
    check_canonical(request, [] if ending else with_ui([], ui_of(request)))
    ident = parse_identifier(text)
    if ident and text != ident.id:
        raise NotCanonicalError(paper_path(ident.id, ending))
    found = await service.papers.stored(text)
    lasting, modified = service.papers.expiry(), found.updated
    if ending:
        body = render_paper_text(found, ending).encode()
        return DocumentResponse(published(body, PAPER_TEXTS[ending], modified, lasting))
    page = render_paper(found, page_site(request, service)).encode()
    return _page(published(page, HTML, modified, lasting))


@router.get("/stats/feeds/{name}")
async def feed_statistics(request: Request, service: Service, name: NamePath, params: StatisticsQuery) -> Response:
    """How many papers a feed shows, and the statistics of its categories."""
    check_canonical(request, params.canonical())
    wanted, site = service.feeds.named(name), page_site(request, service)
    return _page(await service.statistics.page(wanted, site, years=params.years))


@router.get("/stats/{spec}")
async def spec_statistics(request: Request, service: Service, spec: SpecPath, params: StatisticsQuery) -> Response:
    """Papers a day, the share with code and new words in titles, from what was counted; nothing is fetched."""
    check_canonical(request, params.canonical())
    wanted, site = feed_request(spec, FeedParams()), page_site(request, service)
    return _page(await service.statistics.page(wanted, site, years=params.years))


class SearchPageParams(Params):
    """What the page that finds things takes."""

    q: Annotated[str | None, Field(max_length=500)] = None
    ui: Ui = None


@router.get("/search")
async def search(request: Request, service: Service, params: Annotated[SearchPageParams, Query()]) -> Response:
    """Categories, papers and ids that a text can mean; a form leaves a blank `q` behind, which is as good as none."""
    return _page(await service.finding.search(page_site(request, service), params.q or ""))


@router.get("/help")
async def help_page(request: Request, service: Service) -> Response:
    """Filters, ranking, the words used here, keys."""
    return _page(service.finding.help(page_site(request, service)))


@router.get("/saved")
async def saved(request: Request, service: Service) -> Response:
    """The papers that a reader saved in the browser."""
    return _page(service.finding.saved(page_site(request, service)))


@router.get("/status")
async def status(request: Request, service: Service) -> Response:
    """What is stored of what arXiv announced, how the sources answer, what comes next."""
    return _page(await service.pages.status(page_site(request, service)))


@router.get("/docs")
async def docs(request: Request, service: Service) -> Response:
    """The JSON API for people, made from the OpenAPI description."""
    page = render_api_page(page_site(request, service), request.app.openapi())
    body = placed(page.encode(), origin_of(request))
    return HTMLResponse(body, headers={**PAGE_HEADERS, "Cache-Control": "public, max-age=300"})


async def _icon(request: Request) -> Response:
    """An icon where readers and browsers look for it by themselves."""
    return await static(request, request.url.path.rpartition("/")[2].replace("-precomposed", ""))


for _path in ICON_PATHS:
    router.add_api_route(_path, _icon)


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """The pages' style sheet, scripts and icon; for a year where the address holds the mark of the content."""
    asset = load_asset(name)
    if asset is None:
        raise NotFoundError(f"there is no file {name}")
    is_marked = request.query_params.get("v") == asset.mark
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if is_marked else "public, max-age=300",
        "ETag": f'"{asset.mark}"',
    }
    return unless_known(request, Response(asset.body, media_type=asset.media_type, headers=headers))


def _page(document: Document) -> Response:
    return DocumentResponse(document, PAGE_HEADERS)


def _check_address(request: Request, params: PageParams, ending: str) -> None:
    check_canonical(request, params.canonical_of_text() if ending else params.canonical())


async def _reading(
    request: Request, service: DigestService, wanted: FeedRequest, place: Place, *, ending: str, page: int | None
) -> Response:
    """Answer with a page to read, or where the address has an *ending* with the papers of *page*, or all, as text."""
    if ending:
        return DocumentResponse(await service.pages.text(wanted, ending, page, admit=admission(request)))
    site = page_site(request, service)
    document = await service.pages.reading(
        wanted, site, place, known=known_to(request), later=later_path(request), admit=admission(request)
    )
    return _page(document)


def _split(name: str) -> tuple[str, str]:
    """Divide the end of a path into the name and the ending of a text, "" for the page itself."""
    stem, _, ending = name.rpartition(".")
    return (stem, ending) if stem and ending in TEXT_TYPES else (name, "")


def _spec_place(wanted: FeedRequest, params: PageParams) -> Place:
    query = FeedParams.canonical(params)
    builder = with_query("/build", sorted([("spec", ",".join(wanted.spec.contexts)), *query]))
    address = spec_address(wanted.spec, query)
    return Place(address, params.number, builder, rest_page(address, wanted.spec))


def _named_place(name: str, wanted: FeedRequest, params: PageParams) -> Place:
    address = named_address(name, FeedParams.canonical(params))
    return Place(address, params.number, rest=rest_page(address, wanted.spec))
