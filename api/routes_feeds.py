"""Feeds: arXiv's own paths (`/rss/{spec}`, …) and the named ones."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.canonical import check_canonical
from api.context import Service, admission, late_base_url, page_site, subscription
from api.params import FeedParams, FeedQuery, OpmlParams, SearchParams, feed_request, narrowed
from api.responses import DocumentResponse, known_to
from api.scopes import narrowed_scope
from digest.arxiv.taxonomy import parse_spec
from digest.config.views import View
from digest.feeds.addresses import (
    FeedAddress,
    named_address,
    rest_page,
    search_address,
    spec_address,
)
from digest.feeds.daily import DigestScope
from digest.feeds.papers import FeedRequest
from digest.rendering.formats import FORMATS
from digest.rendering.opml import OPML_TYPE

router = APIRouter(tags=["feeds"])

_ENDINGS = (".xml", *(f".{name}" for name in FORMATS))

SpecPath = Annotated[
    str,
    Path(
        description="A category (`cs.LG`), an archive (`cs`), or several joined with `+` (commas and spaces work, too); aliases and any case work.",
        examples=["cs.LG", "cs.LG+stat.ML", "hep-th"],
    ),
]
NamePath = Annotated[str, Path(description="The name in `config.yaml`.", examples=["machine-learning"])]

ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the tag or date that was sent."},
    301: {"description": "The same under its canonical address."},
    400: {"description": "Unknown category, parameter or value; the answer names it and what is allowed."},
    429: {"description": "This client asked for too many categories that nobody asked for before; see Retry-After."},
    503: {
        "description": "Nothing is stored yet and arXiv isn't serving it right now; Retry-After says when to try again."
    },
}

Route = Callable[..., Awaitable[Response]]


async def _answer(
    request: Request,
    service: Service,
    wanted: FeedRequest,
    format_name: str,
    address: FeedAddress,
    *,
    cursor: str | None,
) -> Response:
    base = late_base_url(request, service)

    def url_of(part: FeedAddress) -> str:
        return subscription(request, base + part.feed(format_name))

    document = await service.feeds.feed(
        wanted,
        format_name,
        self_url=url_of(address.behind(cursor) if cursor else address),
        page_url=base + address.page(),
        base_url=base,
        rest_url=base + rest_page(address, wanted.spec),
        whole_url=url_of(address.with_days(wanted.days)),
        older=lambda place: url_of(address.behind(place)),
        cursor=cursor or "",
        current_url=url_of(address) if cursor else "",
        known=known_to(request),
        admit=admission(request),
    )
    return DocumentResponse(document)


async def _days_answer(
    request: Request, service: Service, scope: DigestScope, format_name: str, address: FeedAddress, *, weekly: bool
) -> Response:
    """Answer with one item a day or a week; its links lead to the digests of those."""
    base = late_base_url(request, service)
    self_url = subscription(request, base + address.feed(format_name))
    document = await service.digests.feed(
        scope, format_name, self_url=self_url, base_url=base, weekly=weekly, admit=admission(request)
    )
    return DocumentResponse(document)


def _spec_feed(format_name: str) -> Route:
    async def spec_feed(request: Request, service: Service, spec: SpecPath, params: FeedQuery) -> Response:
        """Everything that arXiv announced in the categories, the last announcements together, newest first.

        The paths are those of arXiv's own feed host: a subscriber changes only the host name.
        """
        check_canonical(request, params.canonical())
        for ending in _ENDINGS:
            spec = spec.removesuffix(ending)
        wanted = feed_request(spec, params)
        address = spec_address(wanted.spec, FeedParams.canonical(params))
        if params.group:
            scope = narrowed_scope(wanted, params)
            return await _days_answer(request, service, scope, format_name, address, weekly=params.is_weekly)
        return await _answer(request, service, wanted, format_name, address, cursor=params.cursor)

    return spec_feed


def _named_feed(format_name: str) -> Route:
    async def named_feed(request: Request, service: Service, name: NamePath, params: FeedQuery) -> Response:
        """A feed with the filters of the configuration; parameters narrow it further."""
        check_canonical(request, params.canonical())
        wanted = narrowed(service.feeds.named(name), params)
        address = named_address(name, FeedParams.canonical(params))
        if params.group:
            scope = narrowed_scope(wanted, params)
            return await _days_answer(request, service, scope, format_name, address, weekly=params.is_weekly)
        return await _answer(request, service, wanted, format_name, address, cursor=params.cursor)

    return named_feed


def _search_feed(format_name: str) -> Route:
    async def search_feed(request: Request, service: Service, params: Annotated[SearchParams, Query()]) -> Response:
        """The newest papers that arXiv's query API finds, asked for at most once an announcement."""
        check_canonical(request, params.canonical())
        base = late_base_url(request, service)
        address = search_address(params.canonical())
        document = await service.feeds.search(
            params.query,
            params.view(View()),
            format_name,
            title=params.title,
            self_url=subscription(request, base + address.feed(format_name)),
            page_url=base + address.page_path,
            admit=admission(request),
            base_url=base,
        )
        return DocumentResponse(document)

    return search_feed


@router.get(
    "/opml.xml",
    response_class=Response,
    responses={200: {"description": "OPML 2.0.", "content": {OPML_TYPE: {}}}, 301: ANSWERS[301], 400: ANSWERS[400]},
    summary="Subscriptions for import",
    operation_id="opml",
)
async def opml(request: Request, service: Service, params: Annotated[OpmlParams, Query()]) -> Response:
    """All configured feeds, topics and digests as a subscription list, a folder each; or feeds of the categories in `spec`."""
    check_canonical(request, params.canonical())
    site = page_site(request, service)
    specs = tuple(dict.fromkeys(map(parse_spec, params.specs)))
    lists = service.subscriptions
    return DocumentResponse(lists.of_specs(specs, site) if specs else lists.configured(site))


for _name, _format in FORMATS.items():
    _responses = {200: {"description": "The feed.", "content": {_format.media_type: {}}}, **ANSWERS}
    router.add_api_route(
        f"/{_name}/{{spec}}",
        _spec_feed(_name),
        responses=_responses,
        response_class=Response,
        summary=f"{_format.title} feed of categories",
        operation_id=f"spec_feed_{_name}",
    )
    router.add_api_route(
        f"/feeds/{{name}}.{_name}",
        _named_feed(_name),
        responses={**_responses, 404: {"description": "No feed of that name is configured."}},
        response_class=Response,
        summary=f"{_format.title} feed named in the configuration",
        operation_id=f"named_feed_{_name}",
    )
    router.add_api_route(
        f"/search/{_name}",
        _search_feed(_name),
        responses={
            **_responses,
            429: {"description": "This client asked for too many new searches or categories; see Retry-After."},
        },
        response_class=Response,
        summary=f"{_format.title} feed of a search",
        operation_id=f"search_feed_{_name}",
    )
