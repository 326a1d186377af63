"""Feeds: arXiv's own paths (`/rss/{spec}`, …) and the named ones."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.context import Service, base_url
from api.params import FeedQuery, check_canonical, feed_request, narrowed
from api.responses import DocumentResponse
from digest.errors import NotFoundError
from digest.rendering.formats import FORMATS
from digest.service import FeedRequest

router = APIRouter(tags=["feeds"])

READ = ["GET", "HEAD"]
_ENDINGS = (".xml", ".rss", ".atom", ".json")

SpecPath = Annotated[
    str,
    Path(
        description="A category (`cs.LG`), an archive (`cs`), or several joined with `+`; aliases (`math.IT`) and any case work.",
        examples=["cs.LG", "cs.LG+stat.ML", "hep-th"],
    ),
]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The feed.", "content": {format_.media_type: {} for format_ in FORMATS.values()}},
    304: {"description": "Nothing changed since the tag or date that was sent."},
    308: {"description": "The same feed under its canonical address."},
    400: {"description": "Unknown category, parameter or value; the answer names it and what is allowed."},
    503: {"description": "Nothing is held yet and arXiv gives nothing now; Retry-After says when to come back."},
}


class FeedFormat(StrEnum):
    """The formats by their names in paths."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


async def _answer(request: Request, service: Service, wanted: FeedRequest, format_: FeedFormat, path: str) -> Response:
    base = base_url(request, service)
    document = await service.feed(wanted, format_.value, self_url=base + path, page_url=f"{base}/")
    return DocumentResponse(document)


@router.api_route(
    "/{format_}/{spec}",
    methods=["GET"],
    responses=_ANSWERS,
    response_class=Response,
    summary="Feed of categories",
    operation_id="spec_feed",
)
async def spec_feed(
    request: Request, service: Service, format_: FeedFormat, spec: SpecPath, params: FeedQuery
) -> Response:
    """Everything that arXiv announced in the categories, the last announcements together, newest first.

    The paths are those of arXiv's own feed host: a subscriber changes only the host name.
    """
    query = check_canonical(request, params.canonical())
    for ending in _ENDINGS:
        spec = spec.removesuffix(ending)
    wanted = feed_request(spec, params)
    return await _answer(request, service, wanted, format_, f"/{format_}/{wanted.spec}{query}")


@router.api_route(
    "/feeds/{name}.{format_}",
    methods=["GET"],
    responses={**_ANSWERS, 404: {"description": "No feed of that name is configured."}},
    response_class=Response,
    summary="Feed named in the configuration",
    operation_id="named_feed",
)
async def named_feed(
    request: Request,
    service: Service,
    name: Annotated[str, Path(description="The name in `config.yaml`.", examples=["machine-learning"])],
    format_: str,
    params: FeedQuery,
) -> Response:
    """A feed with the filters of the configuration; parameters narrow it further."""
    if format_ not in FORMATS:
        raise NotFoundError(f"a feed has no format {format_!r}; there are {', '.join(FORMATS)}")
    query = check_canonical(request, params.canonical())
    wanted = narrowed(service.named_feed(name), params)
    return await _answer(request, service, wanted, FeedFormat(format_), f"/feeds/{name}.{format_}{query}")
