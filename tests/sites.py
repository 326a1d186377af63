"""A whole server over an invented arXiv, in this process: no network, and a clock that stands still."""

import asyncio
import copy
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from api.factory import create_app
from digest.arxiv.taxonomy import parse_spec
from digest.config.settings import Config
from digest.delivery.sending import Sender
from digest.feeds.papers import FeedRequest
from digest.selection import Selection
from digest.service.service import DigestService
from digest.service.wiring import create_service
from digest.store.lasting import LastingStore, Refusal
from digest.store.protocol import Store
from tests.builders import NOON, make_config
from tests.demo_arxiv.archive import Archive
from tests.demo_arxiv.site import respond
from tests.fakes import Clock, FakeArxiv, quick_store
from tests.zotero import FakeZotero

ARXIV_URL = "http://arxiv.test"
FEEDS = """
feeds:
  machines:
    title: Machines
    description: Machines that learn
    categories: [cs.LG, stat.ML]
  languages:
    categories: [cs.CL]
    types: [new]
    days: 3
    limit: 4
"""


def demo_replies(now: Callable[[], datetime]) -> Callable[[httpx.Request], httpx.Response]:
    """Answer as the invented arXiv does at the moment that *now* tells."""
    archive = Archive()

    def reply(request: httpx.Request) -> httpx.Response:
        answer = respond(archive, request.url.raw_path.decode(), now())
        headers = {"content-type": answer.content_type, **answer.headers}
        return httpx.Response(answer.status, content=answer.body, headers=headers)

    return reply


@dataclass
class Site:
    """A server, the arXiv behind it, and the time of both."""

    clock: Clock = field(default_factory=lambda: Clock(NOON))
    config: Config = field(default_factory=lambda: make_config(FEEDS, arxiv_url=ARXIV_URL))
    store: Store = field(default_factory=quick_store)
    environ: dict[str, str] = field(default_factory=dict)
    lasting: LastingStore | Refusal | None = None
    model: httpx.AsyncBaseTransport | None = None
    zotero: httpx.AsyncBaseTransport = field(default_factory=lambda: FakeZotero({}))
    sender: Sender | None = None
    arxiv: FakeArxiv = field(init=False)

    def __post_init__(self) -> None:
        self.arxiv = FakeArxiv(demo_replies(self.clock))

    def recover(self) -> None:
        """Let arXiv answer as it should."""
        self.arxiv.now_reply(demo_replies(self.clock))

    def service(self) -> DigestService:
        return create_service(
            self.config,
            self.environ,
            store=self.store,
            lasting=self.lasting,
            transport=self.arxiv,
            model_transport=self.model,
            library_transport=self.zotero,
            sender=self.sender,
            now=self.clock,
        )

    @asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """Start the application and give a client of it."""
        app = create_app(
            self.config, environ=self.environ, make=lambda _config, _environ: self.service(), now=self.clock
        )
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            plain = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
            async with httpx.AsyncClient(transport=transport, base_url="http://papers.test", headers=plain) as client:
                yield client

    def copy(self) -> "Site":
        """Another server that holds the same."""
        return Site(
            clock=Clock(self.clock.now), config=self.config, store=copy.deepcopy(self.store), environ=dict(self.environ)
        )


async def fill_site() -> Site:
    """A server that holds the week of cs.LG, stat.ML and cs.CL."""
    site = Site()
    service = site.service()
    contexts = ("cs.CL", "cs.LG", "stat.ML")
    await service.feeds.feed(FeedRequest(parse_spec("+".join(contexts)), Selection()), "json", self_url="", page_url="")
    await service.operations.keep_warm()
    await service.aclose()
    return site


async def ask_anew(client: httpx.AsyncClient, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Ask a client of `Site.client`; answers given lately, which are repeated for some seconds, are forgotten."""
    client._transport.app.state.hot._answers.clear()  # type: ignore[attr-defined]
    return await client.get(path, headers=dict(headers or {}))


async def ask_until_settled(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    """Ask without validators until no work is under way that may bring more."""
    for _ in range(500):
        answer = await ask_anew(client, path, headers)
        lasts = re.search(r"s-maxage=(\d+)", answer.headers.get("cache-control", ""))
        if answer.status_code == 200 and lasts and int(lasts[1]) > 60:
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} never settles: {answer.headers}")
