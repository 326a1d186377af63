"""Digests: a day, a week or a range of dates as a page, as Markdown and as JSON, and all days or weeks as a feed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from api import cors
from api.canonical import NotCanonicalError, check_canonical, later_path, with_ui, with_wait
from api.context import Service, admission, late_base_url, page_site, subscription
from api.params import PageNumber, Ui, Wait
from api.responses import DocumentResponse, cache_control
from api.routes_feeds import ANSWERS
from api.routes_pages import PAGE_HEADERS
from api.scopes import DigestFeedParams, DigestParams, scope_of
from digest.costs import Admit
from digest.errors import UnavailableError
from digest.feeds.addresses import days_address, with_page, with_query
from digest.feeds.daily import DigestScope
from digest.feeds.digests import Digest
from digest.feeds.periods import Period, parse_period
from digest.rendering.day_documents import DigestReport, digest_json, digest_markdown, digest_report
from digest.rendering.documents import JSON, MARKDOWN
from digest.rendering.formats import FORMATS
from digest.rendering.markdown import DEFAULT_LAYOUT, Layout
from digest.service.digests import PlacedDigest
from digest.service.service import DigestService

router = APIRouter(tags=["digests"])

DayPath = Annotated[
    str,
    Path(
        description=(
            "arXiv's date of the announcement, `YYYY-MM-DD`; an ISO week of them, `YYYY-Www`; two dates joined with `..`, "
            "31 days at most; or `latest` or `today`, which lead to the newest."
        ),
        examples=["2026-01-29", "2026-W05", "2026-01-22..2026-01-29", "latest"],
    ),
]


class MarkdownParams(DigestParams):
    """What selects one day's digest as Markdown."""

    layout: Annotated[Layout | None, Field(description="The shape of the document; without it `toc`.")] = None

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form."""
        own = [("layout", self.layout)] if self.layout and self.layout != DEFAULT_LAYOUT else []
        return sorted([*super().canonical(), *own])


class DigestPageParams(DigestParams):
    """What selects one day's digest, and which page of its papers."""

    page: PageNumber = 1
    wait: Wait = False
    ui: Ui = None

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form, with the page."""
        return with_ui(with_wait(with_page(super().canonical(), self.page), wait=self.wait), self.ui)


class DigestIndexParams(DigestParams):
    """Whose digests are listed, in which language."""

    ui: Ui = None

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form."""
        return with_ui(super().canonical(), self.ui)


_ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the tag or date that was sent."},
    301: {"description": "The same digest under its canonical address."},
    302: {"description": "`latest` and `today` lead to the newest day."},
    400: {
        "description": "Unknown parameter or value, no date, or a range that is too long or ends before it begins; the answer names it and what is allowed."
    },
    404: {"description": "It lies in the future or before arXiv began, or no feed of that name is configured."},
    429: ANSWERS[429],
    503: {"description": "None of its days is stored and arXiv gives none now; Retry-After says when to come back."},
}


def _digest_feed(format_name: str) -> Callable[..., Awaitable[Response]]:
    async def digest_feed(request: Request, service: Service, params: Annotated[DigestFeedParams, Query()]) -> Response:
        """One item for each announcement day, or with `group=week` for each week that is over: sections, papers, TL;DRs, links.

        An item keeps its identity while summaries arrive that a model wrote.
        """
        check_canonical(request, params.canonical())
        base = late_base_url(request, service)
        self_url = subscription(request, base + days_address(params.canonical()).feed(format_name))
        scope = scope_of(service, params)
        document = await service.digests.feed(
            scope,
            format_name,
            self_url=self_url,
            base_url=base,
            weekly=params.is_weekly,
            admit=admission(request),
        )
        return DocumentResponse(document)

    return digest_feed


for _name, _format in FORMATS.items():
    router.add_api_route(
        f"/digest/feed.{_name}",
        _digest_feed(_name),
        responses={200: {"description": "The feed.", "content": {_format.media_type: {}}}, **_ANSWERS},
        response_class=Response,
        summary=f"{_format.title} feed of daily digests",
        operation_id=f"digest_feed_{_name}",
    )


@router.get(
    "/digest/{day}.md",
    summary="A digest as Markdown",
    responses={200: {"description": "The document.", "content": {"text/markdown": {}}}, **_ANSWERS},
    response_class=Response,
)
async def markdown(
    request: Request, service: Service, day: DayPath, params: Annotated[MarkdownParams, Query()]
) -> Response:
    """The papers of a day, a week or a range in one of four layouts; one without announcement says why."""
    layout = params.layout or DEFAULT_LAYOUT
    return await _answer(
        request,
        service,
        day,
        params,
        media_type=MARKDOWN,
        work=lambda found: digest_markdown(found.content, layout),
        ending=".md",
    )


@router.get("/digest/{day}.json", response_model=Digest, summary="A digest as JSON", responses=_ANSWERS)
async def document(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestParams, Query()]
) -> Response:
    """The digest document that `python -m digest render` takes."""
    return await _answer(
        request, service, day, params, media_type=JSON, work=lambda found: digest_json(found.content), ending=".json"
    )


@router.get("/digest/{day}", include_in_schema=False)
async def page(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestPageParams, Query()]
) -> Response:
    """A digest as a page to read: contents, papers by section, the days or weeks around it."""
    canonical = params.canonical()
    check_canonical(request, canonical)
    scope, site, later = scope_of(service, params), page_site(request, service), later_path(request)
    admit = admission(request)
    period = _period(day, "/digest/", canonical)
    if period is None:
        try:
            return await _to_newest(service, scope, "/digest/", canonical, wait=not later, admit=admit)
        except UnavailableError as error:
            if not later:
                raise
            return DocumentResponse(service.pages.cold_digest(scope, site, error, later), PAGE_HEADERS)
    document = await service.pages.digest(scope, period, site, params.page, later=later, admit=admit)
    return DocumentResponse(document, PAGE_HEADERS)


@router.get("/digest", include_in_schema=False)
async def index(request: Request, service: Service, params: Annotated[DigestIndexParams, Query()]) -> Response:
    """The days and weeks that are stored, by month."""
    check_canonical(request, params.canonical())
    site = page_site(request, service)
    return DocumentResponse(await service.digests.index(scope_of(service, params), site), PAGE_HEADERS)


@router.get("/api/digests/{day}", response_model=DigestReport, summary="A digest with receipts", responses=_ANSWERS)
async def report(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestParams, Query()]
) -> Response:
    """All that is known of its announcements: papers by section, why each matched, what arXiv announced, what is stored."""

    def work(found: PlacedDigest) -> bytes:
        return digest_report(found.content, found.previous, found.next).model_dump_json().encode()

    return await _answer(request, service, day, params, media_type=JSON, work=work, prefix="/api/digests/")


async def _answer(
    request: Request,
    service: DigestService,
    day: str,
    params: DigestParams,
    *,
    media_type: str,
    work: Callable[[PlacedDigest], bytes],
    prefix: str = "/digest/",
    ending: str = "",
) -> Response:
    """Return what *work* makes of a digest, or the way to the one address that it has."""
    canonical = params.canonical()
    check_canonical(request, canonical)
    scope = scope_of(service, params)
    period = _period(day, prefix, canonical, ending)
    if period is None:
        return await _to_newest(service, scope, prefix, canonical, ending=ending, admit=admission(request))
    found = await service.digests.digest(scope, period, admit=admission(request))
    return DocumentResponse(await service.digests.render(found, media_type, lambda: work(found)))


def _period(day: str, prefix: str, canonical: list[tuple[str, str]], ending: str = "") -> Period | None:
    """Return the period that a path names; None for the newest day.

    Raises:
        InputError: It names none.
        NotCanonicalError: The period has another name: `2026-W5` is 2026-W05.
    """
    period = parse_period(day)
    if period is not None and period.name != day:
        raise NotCanonicalError(with_query(f"{prefix}{period.name}{ending}", canonical))
    return period


async def _to_newest(
    service: DigestService,
    scope: DigestScope,
    prefix: str,
    canonical: list[tuple[str, str]],
    *,
    admit: Admit,
    ending: str = "",
    wait: bool = True,
) -> Response:
    """Return the way to the newest day, true for as long as it is the newest."""
    period, lasting = await service.digests.newest(scope, wait=wait, admit=admit)
    headers = {"Cache-Control": cache_control(lasting), **cors.OPEN}
    return RedirectResponse(with_query(f"{prefix}{period.name}{ending}", canonical), 302, headers)
