"""A small honest stand-in for Zotero's Web API: libraries, collections, versions, keys, paging, pauses.

It refuses what the real one refuses (a wrong API version, more than 100 items a page) so that a client
that is wrong about the protocol fails here.

Source: Zotero Web API v3, https://www.zotero.org/support/dev/web_api/v3/basics.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx


def make_item(number: int, **data: Any) -> dict[str, Any]:
    """Return one item as the API gives it; *data* replaces fields."""
    key = f"K{number:07d}"
    fields = {
        "key": key,
        "version": number,
        "itemType": "preprint",
        "title": f"Work {number}",
        "abstractNote": f"About thing {number}.",
        "dateAdded": f"2026-01-{1 + number % 28:02d}T10:00:00Z",
        "collections": [],
    }
    return {"key": key, "version": number, "data": fields | data}


@dataclass
class FakeZotero(httpx.AsyncBaseTransport):
    """Carries requests to libraries kept here.

    Attributes:
        libraries: Items by path (`users/1`), those added last first.
        private: The key that opens each private library.
        version: Of all libraries.
        before: Called with each request before it is answered; an answer that it gives is sent instead.
        headers: Sent with every answer.
    """

    libraries: dict[str, list[dict[str, Any]]]
    private: dict[str, str] = field(default_factory=dict)
    version: int = 7
    before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.before(request) or self._answer(request)
        headers = [*answer.headers.raw, *httpx.Headers(self.headers).raw]
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(answer.content))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Zotero-API-Version") != "3":
            return httpx.Response(400, text="which version?")
        kind, number, *rest = request.url.path.strip("/").split("/")
        path = f"{kind}/{number}"
        items = self.libraries.get(path)
        if items is None:
            return httpx.Response(404, text="Not found")
        if path in self.private and request.headers.get("Zotero-API-Key") != self.private[path]:
            return httpx.Response(403, text="Forbidden")
        if rest[:1] == ["collections"]:
            items = [item for item in items if rest[1] in item["data"]["collections"]]
            rest = rest[2:]
        if rest != ["items", "top"]:
            return httpx.Response(404, text="Not found")
        if request.headers.get("If-Modified-Since-Version") == str(self.version):
            return httpx.Response(304)
        params = request.url.params
        start, limit = int(params.get("start", 0)), int(params.get("limit", 25))
        if limit > 100:
            return httpx.Response(400, text="limit is at most 100")
        return httpx.Response(
            200,
            json=items[start : start + limit],
            headers={"Total-Results": str(len(items)), "Last-Modified-Version": str(self.version)},
        )
