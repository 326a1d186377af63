"""From 1 to 10 to 100 feeds: time of a warm request, and memory."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Iterator

from fastapi import FastAPI

from bench.material import answer, app_over, categories, fill
from bench.processes import rss_mb, run_json
from bench.report import Figure, print_figures
from digest.store.factory import open_store

FEEDS = (1, 10, 100)
PAPERS_A_DAY = 20
GOAL = 3
_REQUESTS = 100
_SLOW_REQUESTS = 20


async def child(feeds: int) -> dict[str, float]:
    """Serve so many feeds from a store in memory, in turn."""
    store = open_store("memory://", {})
    names = categories(feeds)
    await fill(store, names, papers_a_day=PAPERS_A_DAY)
    app = app_over(store)
    for name in names:
        await answer(app, f"/rss/{name}")
    hot = [await time_of(app, names[n % feeds], "bench") for n in range(_REQUESTS)]
    # Under another host name the answer isn't hot, but its bytes are the same: what a poll costs that comes later.
    known = [await time_of(app, names[n % feeds], f"bench-{n}") for n in range(_SLOW_REQUESTS)]
    return {
        "hot_us": statistics.median(hot) * 1000,
        "known_ms": statistics.median(known),
        "rss_mb": rss_mb(),
    }


async def time_of(app: FastAPI, name: str, host: str) -> float:
    start = time.perf_counter()
    await answer(app, f"/rss/{name}", host=host)
    return (time.perf_counter() - start) * 1000


def measure() -> Iterator[Figure]:
    found = {feeds: run_json("bench.growth", "--feeds", str(feeds)) for feeds in FEEDS}
    for what, key, unit in (
        ("poll of an answer given lately", "hot_us", "µs"),
        ("poll later, nothing new", "known_ms", "ms"),
        ("memory", "rss_mb", "MB"),
    ):
        values = [found[feeds][key] for feeds in FEEDS]
        shown = " → ".join(f"{value:,.0f}" for value in values)
        yield Figure(f"{what}, {FEEDS[-1]} feeds to 1", values[-1] / values[0], goal=GOAL, note=f"{shown} {unit}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, help="measure so many in this process, and print JSON")
    options = parser.parse_args()
    if options.feeds:
        print(json.dumps(asyncio.run(child(options.feeds))))
    else:
        print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
