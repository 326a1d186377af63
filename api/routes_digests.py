"""Digests: one announcement day as a page, as Markdown and as JSON, and all of them as a feed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.context import Service, admission, late_base_url, page_site, subscription
from api.params import PageNumber, Wait, check_canonical, later_path, with_wait
from api.responses import DocumentResponse
from api.routes_feeds import ANSWERS
from api.routes_pages import PAGE_HEADERS
from api.scopes import DigestFeedParams, DigestParams, scope_of
from digest.feeds.addresses import days_address, with_page
from digest.feeds.daily import DayContent, parse_day
from digest.feeds.digests import Digest
from digest.rendering.day_documents import DayReport, day_json, day_markdown, day_report
from digest.rendering.documents import JSON, MARKDOWN
from digest.rendering.formats import FORMATS
from digest.rendering.markdown import DEFAULT_LAYOUT, Layout
from digest.service.digests import Day
from digest.service.service import DigestService

router = APIRouter(tags=["digests"])

DayPath = Annotated[
    str,
    Path(description="arXiv's date of the announcement, `YYYY-MM-DD`, or `latest`.", examples=["2026-01-29", "latest"]),
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

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form, with the page."""
        return with_wait(with_page(super().canonical(), self.page), wait=self.wait)


_ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the tag or date that was sent."},
    301: {"description": "The same digest under its canonical address."},
    400: {"description": "Unknown parameter or value, or no date; the answer names it and what is allowed."},
    404: {"description": "The day lies in the future or before arXiv began, or no feed of that name is configured."},
    429: ANSWERS[429],
    503: {"description": "The day is not held and arXiv gives it not now; Retry-After says when to come back."},
}


def _digest_feed(format_name: str) -> Callable[..., Awaitable[Response]]:
    async def digest_feed(request: Request, service: Service, params: Annotated[DigestFeedParams, Query()]) -> Response:
        """One item for each announcement day: sections, papers, TL;DRs, links.

        An item keeps its identity while summaries arrive that a model wrote.
        """
        check_canonical(request, params.canonical())
        base = late_base_url(request, service)
        self_url = subscription(request, base + days_address(params.canonical()).feed(format_name))
        scope = scope_of(service, params)
        document = await service.digests.feed(
            scope, format_name, self_url=self_url, base_url=base, admit=admission(request)
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
    summary="A day's digest as Markdown",
    responses={200: {"description": "The document.", "content": {"text/markdown": {}}}, **_ANSWERS},
    response_class=Response,
)
async def markdown(
    request: Request, service: Service, day: DayPath, params: Annotated[MarkdownParams, Query()]
) -> Response:
    """The papers of one announcement in one of four layouts; a day without announcement says why."""
    found = await _day(request, service, day, params)
    layout = params.layout or DEFAULT_LAYOUT
    return DocumentResponse(
        await service.digests.render(found, MARKDOWN, lambda content: day_markdown(content, layout))
    )


@router.get("/digest/{day}.json", response_model=Digest, summary="A day's digest as JSON", responses=_ANSWERS)
async def document(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestParams, Query()]
) -> Response:
    """The digest document that `python -m digest render` takes."""
    found = await _day(request, service, day, params)
    return DocumentResponse(await service.digests.render(found, JSON, day_json))


@router.get("/digest/{day}", include_in_schema=False)
async def page(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestPageParams, Query()]
) -> Response:
    """One announcement as a page to read: contents, papers by section, the days around it."""
    check_canonical(request, params.canonical())
    document = await service.pages.digest(
        scope_of(service, params),
        parse_day(day),
        page_site(request, service),
        params.page,
        later=later_path(request),
        admit=admission(request),
    )
    return DocumentResponse(document, PAGE_HEADERS)


@router.get("/digest", include_in_schema=False)
async def index(request: Request, service: Service, params: Annotated[DigestParams, Query()]) -> Response:
    """The days that are held, by month."""
    check_canonical(request, params.canonical())
    site = page_site(request, service)
    return DocumentResponse(await service.digests.index(scope_of(service, params), site), PAGE_HEADERS)


@router.get("/api/digests/{day}", response_model=DayReport, summary="A day's digest with receipts", responses=_ANSWERS)
async def report(
    request: Request, service: Service, day: DayPath, params: Annotated[DigestParams, Query()]
) -> Response:
    """All that is known of one announcement: papers by section, why each matched, what arXiv announced, what is held."""
    found = await _day(request, service, day, params)

    def work(content: DayContent) -> bytes:
        return day_report(content, found.previous, found.next).model_dump_json().encode()

    return DocumentResponse(await service.digests.render(found, JSON, work))


async def _day(request: Request, service: DigestService, text: str, params: DigestParams) -> Day:
    check_canonical(request, params.canonical())
    day = parse_day(text)
    return await service.digests.day(scope_of(service, params), day, admit=admission(request))
