"""What benchmarks work on: arXiv's feeds of invented papers of realistic size, and an application that holds such papers."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, MutableMapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Any

import httpx
from fastapi import FastAPI

from api.factory import create_app
from digest.arxiv import schedule
from digest.arxiv.taxonomy import groups
from digest.config.settings import Config, ServerConfig
from digest.listings.freshness import after_answer
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState
from digest.models import Counts, Listing, Paper, Source
from digest.service.wiring import create_service
from digest.store.namespaced import NamespacedStore
from digest.store.protocol import Store

DAY = date(2026, 1, 30)
NOW = datetime.combine(DAY, time(15), UTC)
"""A Friday, ten in the morning at arXiv: everything of the week is out, nothing new is due."""
DAYS = 7
_ABSTRACT_CHARACTERS = 1_300
_AUTHORS = 5
_TOKEN = re.compile(r"\$[^$]+\$\S*|\S+")


def announcement_feed(context: str, number: int, *, day: date = DAY) -> bytes:
    """Return arXiv's feed of *context* with so many new papers: words, math and names of the demo's, shuffled."""
    from tests.demo_arxiv import model
    from tests.demo_arxiv.archive import Announced, Version
    from tests.demo_arxiv.feeds import render_feed

    class Numbered(Version):
        @property
        def id(self) -> str:
            return f"{self.day:%y%m}.{self.number_of_day:05}"

    tokens, names = _vocabulary()
    rng = random.Random(f"{context} {day}")
    rows = []
    for n in range(1, number + 1):
        abstract = ""
        while len(abstract) < _ABSTRACT_CHARACTERS:
            abstract += " ".join(rng.choices(tokens, k=rng.randint(12, 25))).capitalize().rstrip(".,") + ". "
        title = " ".join(rng.choices(tokens, k=10))
        authors = "; ".join(rng.choices(names, k=_AUTHORS))
        paper = model.Paper(title, authors, f"{context} math.HO", abstract.strip())
        rows.append(Announced("new", Numbered(paper, n, day, day)))
    return render_feed("rss", [context], rows, day)


@cache
def _vocabulary() -> tuple[list[str], list[str]]:
    from tests.demo_arxiv.papers import WEEK
    from tests.demo_arxiv.text import unfold

    demo = [paper for papers in WEEK for paper in papers]
    tokens = [token for paper in demo for token in _TOKEN.findall(unfold(paper.abstract))]
    # The demo shows off its math; of real abstracts most have none, so keep one formula in seven.
    formulas = [token for token in tokens if "$" in token or "\\" in token]
    tokens = [token for token in tokens if token not in formulas] + formulas[::7]
    # One paper has 130 authors, who would otherwise be most of the names.
    names = [name for paper in demo for name in paper.authors.split("; ")[:10]]
    return tokens, names


def categories(number: int) -> list[str]:
    """Return so many categories, aliases left out."""
    listed = [one for group in groups() for archive in group.archives for one in archive.categories]
    return [one.code for one in listed if one.active and not one.alias_of][:number]


async def fill(
    store: Store, contexts: Iterable[str], *, papers_a_day: int, now: datetime = NOW, arxiv: str = ""
) -> None:
    """Let *store* hold a complete window of each of *contexts*: each day the same papers under ids of their own.

    Args:
        store: Where to put them.
        contexts: Categories.
        papers_a_day: In each of them.
        now: The newest day is that of the feed at this moment.
        arxiv: `ARXIV_URL` of the process that will read the store.
    """
    from digest.upstream.parsing.announcement_feed import parse_announcement_feed

    shelf = Shelf(NamespacedStore(store, arxiv), keep=timedelta(days=100), now=lambda: now)
    newest = schedule.latest_feed_day(now)
    papers = parse_announcement_feed(announcement_feed("cs.LG", papers_a_day)).papers
    given = itertools.count(1)
    for context in contexts:
        state = ContextState(context=context)
        for day in schedule.previous_days(newest, DAYS):
            listing = Listing(
                context=context,
                day=day,
                papers=tuple(_moved(paper, f"{day:%y%m}.{next(given):05}", context, day) for paper in papers),
                source=Source.LISTING_PAGE,
                announced=Counts(new=len(papers)),
                asked=(context,),
                fetched_at=now,
            )
            state = await shelf.keep(state, listing)
        await shelf.save(after_answer(state, newest, now))


def _moved(paper: Paper, ident: str, context: str, day: date) -> Paper:
    where = {"categories": (context,), "primary_category": context, "announced": day}
    return paper.model_copy(update={"id": ident, **where})


def app_over(store: Store) -> FastAPI:
    """Return the application over *store*, in which time stands still at `NOW`. It has no network."""
    config = Config(server=ServerConfig(public_url="http://bench"))
    return create_app(
        config, environ={}, make=partial(create_service, store=store, transport=_Silent(), now=lambda: NOW)
    )


class _Silent(httpx.AsyncBaseTransport):
    """Where everything is held, arXiv has nothing to say."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request.url} asked for: not in the store")


async def answer(app: FastAPI, path: str, *, host: str = "bench") -> int:
    """Send one GET through *app* without a server, and return the number of bytes of the body.

    Raises:
        AssertionError: The answer is not 200.
    """
    size = status = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal size, status
        status = status or message["status"]
        size += len(message.get("body", b""))

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", host.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    assert status == 200, f"{path}: status {status}"
    return size
