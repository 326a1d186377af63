"""First answers of processes that start over a filled store, and a window of 30 days: processor time after the import."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.material import DAY, NOW, announcement_feed, answer, app_over
from bench.processes import run_json
from bench.report import Figure, print_figures
from digest.arxiv import schedule
from digest.listings.freshness import after_answer
from digest.listings.shelf import Shelf
from digest.listings.states import ContextState
from digest.models import AnnounceType, Counts, Listing, Source
from digest.store.factory import open_store
from digest.store.namespaced import NamespacedStore
from digest.store.protocol import Store
from digest.upstream.parsing.announcement_feed import parse_announcement_feed

LARGE, UNION, LONG = "cs.LG", "cs.AI+cs.CL+cs.LG", "cs.CV"
_PAPERS_A_DAY = {LARGE: 180, "cs.AI": 110, "cs.CL": 110, LONG: 190}
_WARM = (f"/rss/{LARGE}", f"/rss/{UNION}", f"/list/{LARGE}", f"/api/papers?page_size=25&spec={LARGE}")
_STORING = ("storing ", "summaries of ")
"""How the names of tasks begin that store renderings and summaries."""
STORED_MS, MADE_MS, PAGE_MS, LONG_MS = (60, 100), (400, 800), 300, 1_000


async def fill(store: Store) -> None:
    """Let *store* hold a week of large categories, and 30 days of one: no paper is like another."""
    shelf = Shelf(NamespacedStore(store, ""), keep=timedelta(days=100), now=lambda: NOW)
    for context, number in _PAPERS_A_DAY.items():
        state = ContextState(context=context)
        for day in schedule.previous_days(DAY, 30 if context == LONG else 7):
            papers = parse_announcement_feed(announcement_feed(context, number, day=day)).papers
            first = papers[0].model_copy(
                update={"announce_type": AnnounceType.CROSS}
            )  # days without are asked for again
            moved = (paper.model_copy(update={"announced": day}) for paper in (first, *papers[1:]))
            listing = Listing(
                context=context,
                day=day,
                papers=tuple(moved),
                source=Source.LISTING_PAGE,
                announced=Counts(new=number - 1, cross=1),
                asked=(context,),
                fetched_at=NOW,
            )
            state = await shelf.keep(state, listing)
        await shelf.save(after_answer(state, DAY, NOW))


async def first_answers(store: Store, paths: list[str]) -> list[float]:
    """Return the processor time of each answer in milliseconds, in one process; what goes on behind them isn't counted."""
    app = app_over(store)
    found = []
    for path in paths:
        start = time.process_time()
        await answer(app, path)
        found.append((time.process_time() - start) * 1000)
        await _all_is_stored()
    await app.state.backend.aclose()
    return found


async def _all_is_stored() -> None:
    """Wait until what was made is in the store."""
    while running := [task for task in asyncio.all_tasks() if task.get_name().startswith(_STORING)]:
        await asyncio.wait(running)


async def child(url: str, paths: list[str]) -> list[float]:
    logging.disable()
    store = open_store(url, {})
    try:
        if paths:
            return await first_answers(store, paths)
        await fill(store)
        return []
    finally:
        await store.close()


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/cache.sqlite3"
        run_json("bench.restart", url)
        before = {path: run_json("bench.restart", url, path)[0] for path in _WARM}  # stores what it makes
        for path, goal in zip(_WARM[:2], STORED_MS, strict=True):
            (ms,) = run_json("bench.restart", url, path)
            yield Figure(f"{path}, bytes in the store", ms, "ms", goal, note=f"{before[path]:,.0f} with listings only")
        for path, goal in zip(_WARM[:2], MADE_MS, strict=True):
            (ms,) = run_json("bench.restart", url, f"{path}?title=mine")
            yield Figure(f"{path}, summaries in the store", ms, "ms", goal)
        for path in _WARM[2:]:
            (ms,) = run_json("bench.restart", url, path)
            yield Figure(path.partition("?")[0], ms, "ms", PAGE_MS, note=f"{before[path]:,.0f} at first")
        first, again = run_json("bench.restart", url, f"/rss/{LONG}?days=30", f"/rss/{LONG}?days=30&title=again")
        yield Figure("30 days, rendered again", again, "ms", LONG_MS, note=f"{first:,.0f} at first")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    if options.url:
        print(json.dumps(asyncio.run(child(options.url, options.paths))))
    else:
        print_figures((__doc__ or "").partition("\n")[0], measure())
