"""Processor time of a cold miss with a 300-paper listing, and where it goes (no network in it)."""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI

from api.factory import create_app
from api.responses import Servable
from bench.material import DAY, NOW, announcement_feed, answer
from bench.report import Figure, print_figures
from digest.config.settings import Config
from digest.config.views import SummaryMode
from digest.feeds import papers as feeds
from digest.feeds.document import FeedDocument
from digest.listings.expiry import UNDECIDED
from digest.listings.merging import merge_listings
from digest.listings.shelf import SCHEMA, fingerprint
from digest.models import AnnounceType, Listing
from digest.rendering.documents import Document, etag_for
from digest.rendering.formats import FORMATS
from digest.selection import Selection, select
from digest.service.kept_bodies import KeptBodies
from digest.service.rendering_threads import RenderingThreads
from digest.service.wiring import create_service
from digest.store.codec import pack
from digest.store.memory import MemoryStore
from digest.summaries.kept import KEPT
from digest.upstream.fetching import ArxivClient, FetchLimits, Service
from digest.upstream.parsing.announcement_feed import parse_announcement_feed, split_by_context

PAPERS = 300
ROUNDS = 3
GOAL_MS = 480
_PATH = "/rss/cs.LG"


def forget_summaries() -> None:
    """Empty the memory of built-in summaries, so that each round makes its own."""
    KEPT.clear()


class Stopwatch:
    """Processor time of the whole process by stage, one list of milliseconds each."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}

    def __call__(self, stage: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        self.ms.setdefault(stage, []).append((time.process_time() - start) * 1000)
        return result


def canned(body: bytes) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(body)))


def empty_app(body: bytes) -> FastAPI:
    """Return an application with nothing in store, to which arXiv answers *body*."""
    make = partial(create_service, store=MemoryStore(), transport=canned(body), now=lambda: NOW)
    return create_app(Config(), environ={}, make=make)


def fetch(body: bytes) -> bytes:
    client = ArxivClient(
        MemoryStore(),
        base_url="http://bench",
        user_agent="bench",
        limits=FetchLimits(interval=timedelta(0)),
        transport=canned(body),
    )
    return asyncio.run(client.fetch(Service.FEEDS, _PATH))


def store(listing: Listing) -> None:
    fingerprint(listing)
    pack(listing, SCHEMA)


def stages(body: bytes, stopwatch: Stopwatch) -> None:
    """Take the steps of a cold miss one by one."""
    forget_summaries()
    received = stopwatch("fetch", lambda: fetch(body))
    (listing,) = stopwatch("parse", lambda: split_by_context(parse_announcement_feed(received), ("cs.LG",), NOW))
    assert listing.day == DAY
    stopwatch("store", lambda: store(listing))
    papers = stopwatch("merge", lambda: merge_listings([listing]))
    selected = stopwatch("select", lambda: select(papers, Selection(types=(AnnounceType.NEW,))))
    assert len(selected.entries) == PAPERS
    entries = stopwatch("summarise", lambda: feeds.with_builtin(selected.entries, SummaryMode.BUILTIN))
    document = FeedDocument(
        title="bench",
        description="bench",
        self_url="http://bench/rss/cs.LG",
        page_url="http://bench/",
        updated=NOW,
        entries=entries,
    )
    rendered = stopwatch("render", lambda: FORMATS["rss"].papers()(document))
    made = Document(rendered, FORMATS["rss"].media_type, etag_for(rendered), NOW, UNDECIDED)
    stopwatch("answer", lambda: Servable(made, KeptBodies(RenderingThreads()), compress=True))


_NOTES = {
    "fetch": "httpx, without sockets",
    "parse": "check of the XML, feedparser, TeX to text, models",
    "store": "fingerprint, JSON, zlib",
    "summarise": "built-in summaries",
    "render": "feedgen, TeX to HTML",
    "answer": "headers; compressed when it is sent",
}


def measure() -> Iterator[Figure]:
    logging.disable()  # older days are asked for behind the answer, and this arXiv has none
    body = announcement_feed("cs.LG", PAPERS)
    stopwatch = Stopwatch()
    for stage in ("first", *["whole"] * ROUNDS):
        app = empty_app(body)
        forget_summaries()
        stopwatch(stage, partial(asyncio.run, answer(app, _PATH)))
    for _ in range(ROUNDS):
        stages(body, stopwatch)
    for stage, times in stopwatch.ms.items():
        if stage not in {"first", "whole"}:
            yield Figure(f"  {stage}", statistics.median(times), "ms", note=_NOTES.get(stage, ""))
    note = f"{PAPERS} papers, {len(body) / 1e6:.1f} MB from arXiv"
    yield Figure("a cold miss, all together", statistics.median(stopwatch.ms["whole"]), "ms", GOAL_MS, note=note)
    yield Figure(
        "the first in a process", stopwatch.ms["first"][0], "ms", note="imports httpx, feedparser, feedgen too"
    )


def main() -> None:
    print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
