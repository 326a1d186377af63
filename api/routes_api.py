"""The JSON API: papers, feeds, categories, status."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from api import cors
from api.canonical import check_canonical
from api.context import Service, admission, base_url, subscription
from api.params import FeedParams, SpecText, feed_request, narrowed
from api.responses import DocumentResponse
from api.routes_feeds import ANSWERS
from digest.arxiv.taxonomy import groups
from digest.errors import InputError
from digest.feeds.addresses import named_address
from digest.feeds.document import updated_at
from digest.feeds.papers import FeedRequest
from digest.listings.expiry import Expiry
from digest.models import Entry, Paper
from digest.rendering.documents import JSON
from digest.reports.status import Status
from digest.selection import Condition
from digest.service.publishing import published

router = APIRouter(prefix="/api", tags=["api"])

_NO_STORE = {"Cache-Control": "no-store", **cors.OPEN}
_PAGE_SIZE = 100


class PapersParams(FeedParams):
    """Parameters of `/api/papers`."""

    spec: Annotated[
        SpecText | None,
        Field(description="Categories or archives joined with `+`, commas or spaces.", examples=["cs.LG"]),
    ] = None
    feed: Annotated[
        str | None, Field(description="A feed named in the configuration.", examples=["machine-learning"])
    ] = None
    cursor: Annotated[str | None, Field(max_length=500, description="`cursor` of the page before.")] = None
    page_size: Annotated[int, Field(ge=1, le=500, description="Papers on a page.")] = _PAGE_SIZE

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form."""
        own = {
            "spec": self.spec or "",
            "feed": self.feed or "",
            "cursor": self.cursor or "",
            "page_size": "" if self.page_size == _PAGE_SIZE else str(self.page_size),
        }
        return sorted([*super().canonical(), *((name, value) for name, value in own.items() if value)])


class PapersPage(BaseModel):
    """One page of papers."""

    total: int = Field(description="Papers in all pages together.")
    cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")
    entries: tuple[Entry, ...]
    conditions: tuple[Condition, ...] = Field(
        (), description="Where no paper passes: how each condition was read and how many papers it leaves; else empty."
    )


class FeedInfo(BaseModel):
    """A configured feed or topic and its addresses."""

    name: str
    title: str
    description: str | None
    categories: tuple[str, ...]
    days: int
    rss: str
    atom: str
    json_feed: str


_ADDRESS_FIELDS = {"rss": "rss", "atom": "atom", "json_feed": "json"}
"""The formats that this answer has always named, by field; other formats are found on the pages."""


@router.get(
    "/papers",
    response_model=PapersPage,
    summary="Papers, page by page",
    responses={**ANSWERS, 404: {"description": "No feed of that name is configured."}},
)
async def papers(request: Request, service: Service, params: Annotated[PapersParams, Query()]) -> Response:
    """The papers of `spec` or of a named `feed`, in the feed's order, each with its score and why it matched."""
    check_canonical(request, params.canonical())
    page = await service.feeds.papers(
        _wanted(service, params), cursor=params.cursor, limit=params.page_size, admit=admission(request)
    )
    answer = PapersPage(total=page.total, cursor=page.cursor, entries=page.entries, conditions=page.conditions)
    return _document(answer, page.expiry, modified=page.last_modified)


@router.get(
    "/papers/{paper_id:path}",
    response_model=Paper,
    summary="One paper",
    responses={
        304: ANSWERS[304],
        400: {"description": "That is no arXiv id."},
        404: {"description": "The paper is not stored on this server."},
    },
)
async def paper(
    service: Service,
    paper_id: Annotated[
        str, Path(description="arXiv id, old or new style.", examples=["2601.05174", "hep-th/9901001"])
    ],
) -> Response:
    """A paper from any listing that this server holds."""
    found = await service.papers.find(paper_id)
    return _document(found, service.papers.expiry(), modified=updated_at(Entry(paper=found)))


@router.get("/feeds", response_model=list[FeedInfo], summary="Configured feeds")
async def feeds(request: Request, service: Service) -> Response:
    """The feeds and topics of the configuration and where to subscribe."""
    base = base_url(request, service)
    named = [(name, service.feeds.named(name)) for name in (*service.config.feeds, *service.config.topics)]
    infos = [
        FeedInfo(
            name=name,
            title=feed.shown_title,
            description=feed.description,
            categories=feed.spec.contexts,
            days=feed.days,
            **{
                field: subscription(request, base + named_address(name).feed(format_name))
                for field, format_name in _ADDRESS_FIELDS.items()
            },
        )
        for name, feed in named
    ]
    return JSONResponse([info.model_dump(mode="json") for info in infos], headers=_NO_STORE)


@router.get("/categories", summary="Groups, archives and categories")
async def categories() -> Response:
    """All of arXiv's taxonomy: what a feed can be asked for, with names and aliases."""
    listed = [
        {
            "id": group.code,
            "name": group.name,
            "archives": [
                {
                    "id": archive.code,
                    "name": archive.name,
                    "active": archive.active,
                    "categories": [
                        {"id": one.code, "name": one.name, "active": one.active, "alias_of": one.alias_of}
                        for one in archive.categories
                    ],
                }
                for archive in group.archives
            ],
        }
        for group in groups()
    ]
    headers = {"Cache-Control": "public, max-age=3600, s-maxage=86400", **cors.OPEN}
    return JSONResponse({"groups": listed}, headers=headers)


@router.get("/status", response_model=Status, summary="State of the server")
async def status(service: Service) -> Response:
    """What is stored and how old it is, how arXiv answers, when the next announcement is expected. Asks arXiv nothing."""
    found = await service.operations.status()
    return JSONResponse(found.model_dump(mode="json"), headers=_NO_STORE)


def _wanted(service: Service, params: PapersParams) -> FeedRequest:
    if bool(params.spec) == bool(params.feed):
        hint = "for example /api/papers?spec=cs.LG, or ?feed= with a name from /api/feeds"
        raise InputError("give either spec or feed", name="spec", hint=hint)
    return (
        narrowed(service.feeds.named(params.feed), params) if params.feed else feed_request(params.spec or "", params)
    )


def _document(model: BaseModel, lasting: Expiry, *, modified: datetime) -> Response:
    body = model.model_dump_json().encode()
    return DocumentResponse(published(body, JSON, modified, lasting))
