"""What benchmarks work on: arXiv's feeds of invented papers of realistic size, and an application that holds such papers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from fastapi import FastAPI

from api.factory import create_app
from digest import schedule
from digest.config import Config, ServerConfig
from digest.fetching import ArxivClient, FetchLimits
from digest.listings import Listings
from digest.models import Listing, Source
from digest.service import DigestService
from digest.store import Store
from digest.taxonomy import groups

DAY = date(2026, 1, 30)
NOW = datetime.combine(DAY, time(15), UTC)
"""A Friday, ten in the morning at arXiv: everything of the week is out, nothing new is due."""
DAYS = 7
_ABSTRACT_CHARACTERS = 1_300
_AUTHORS = 5
_TOKEN = re.compile(r"\$[^$]+\$\S*|\S+")


def announcement_feed(context: str, number: int, *, day: date = DAY) -> bytes:
    """Return arXiv's feed of *context* with so many new papers: words, math and names of the demo's, shuffled."""
    from tests.demo_arxiv.archive import Announced, Version
    from tests.demo_arxiv.feeds import render_feed
    from tests.demo_arxiv.model import Paper

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
        rows.append(
            Announced("new", Numbered(Paper(title, authors, f"{context} math.HO", abstract.strip()), n, day, day))
        )
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


class _InventedSources:
    """Stands in for `ArxivSources`: each context has the same new papers every day, under ids of their own."""

    def __init__(self, papers_a_day: int) -> None:
        from digest.parsing.announcement_feed import parse_announcement_feed

        self._papers = parse_announcement_feed(announcement_feed("cs.LG", papers_a_day)).papers
        self._given = 0

    async def announcement_feed(self, contexts: Sequence[str], now: datetime) -> tuple[Listing, ...]:
        return tuple(self._listing(context, schedule.latest_feed_day(now), now) for context in contexts)

    def _listing(self, context: str, day: date, now: datetime) -> Listing:
        papers = []
        for paper in self._papers:
            self._given += 1
            own = {"id": f"{day:%y%m}.{self._given:05}", "announced": day}
            papers.append(paper.model_copy(update={**own, "categories": (context,), "primary_category": context}))
        return Listing(
            context=context,
            day=day,
            papers=tuple(papers),
            source=Source.ANNOUNCEMENT_FEED,
            asked=(context,),
            fetched_at=now,
        )


async def fill(store: Store, contexts: Iterable[str], *, papers_a_day: int) -> None:
    """Let *store* hold a window of each of *contexts*."""
    sources = _InventedSources(papers_a_day)
    for day in schedule.previous_days(DAY, DAYS):
        now = NOW - (DAY - day)
        listings = Listings(store, sources, keep=timedelta(days=100), now=lambda now=now: now)  # type: ignore[arg-type, misc]
        for context in contexts:
            await listings.refresh([context])


def app_over(store: Store) -> FastAPI:
    """Return the application over *store*, in which time stands still at `NOW`. It asks arXiv nothing."""

    def make(config: Config, _: object) -> DigestService:
        client = ArxivClient(store, base_url="http://127.0.0.1:9", user_agent="bench", limits=FetchLimits())
        listings = Listings(store, _Silent(), keep=timedelta(days=100), now=lambda: NOW)  # type: ignore[arg-type]
        return DigestService(config, store=store, client=client, listings=listings, now=lambda: NOW)

    return create_app(Config(server=ServerConfig(public_url="http://bench")), environ={}, make=make)


class _Silent:
    """Stands in for `ArxivSources` where it must not be asked."""

    async def announcement_feed(self, contexts: Sequence[str], now: datetime) -> tuple[Listing, ...]:
        raise AssertionError(f"{contexts} asked for at {now}: not in the store")


async def answer(app: FastAPI, path: str, *, host: str = "bench") -> int:
    """Send one GET through *app* without a server, and return the number of bytes of the body.

    Raises:
        AssertionError: The answer is not 200.
    """
    size = status = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal size, status
        status = status or message["status"]
        size += len(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", host.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    assert status == 200, f"{path}: status {status}"
    return size
