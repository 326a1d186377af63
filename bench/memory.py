"""Memory of a process that holds 30 categories × 7 days × 150 papers and has served each feed once."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from api.process import prepare_process
from bench.material import answer, app_over, categories, fill
from bench.processes import rss_mb, run_json
from bench.report import Figure, print_figures
from digest.store.factory import open_store

CATEGORIES = 30
PAPERS_A_DAY = 150
GOAL_MB = 170


async def child(url: str, *, filled: bool, served: bool) -> dict[str, float]:
    """Fill the store at *url*, or serve each feed of it once, or both; return memory on the way, in MB."""
    names = categories(CATEGORIES)
    store = open_store(url, {})
    found = {"start": rss_mb()}
    if filled:
        await fill(store, names, papers_a_day=PAPERS_A_DAY)
        found["filled"] = rss_mb()
    if served:
        prepare_process()
        app = app_over(store)
        size = 0
        for name in names:
            size += await answer(app, f"/rss/{name}")
        found |= {"served": rss_mb(), "bodies": size / 1e6}
        await app.state.backend.aclose()
    await store.close()
    return found


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/cache.sqlite3"
        run_json("bench.memory", "--store", url, "--fill")
        held = run_json("bench.memory", "--store", url, "--serve")
    note = f"{CATEGORIES} feeds, {held['bodies']:.0f} MB; {held['start']:.0f} MB before the first"
    yield Figure("SQLite", held["served"], "MB", GOAL_MB, note=note)
    held = run_json("bench.memory", "--store", "memory://", "--fill", "--serve")
    yield Figure("memory store", held["served"], "MB", GOAL_MB, note=f"{held['filled']:.0f} MB when filled")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", help="measure in this process over this store, and print JSON")
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    if options.store:
        print(json.dumps(asyncio.run(child(options.store, filled=options.fill, served=options.serve))))
    else:
        print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
