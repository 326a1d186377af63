"""Many instances that behave as one: four servers on one Redis, cold feeds asked for all at once, two killed on the way.

    .venv/bin/python .ci/instances.py [--specs 40] [--requests 2000]     four servers, one Redis
    .venv/bin/python .ci/instances.py --workers 4                        one server of four processes, one SQLite file

The replica of arXiv refuses what the terms of use forbid. Every client does as readers do: after a 503 it comes back
when Retry-After says so; after a broken connection it asks another instance. Prints a table; ends with status 1 if
anything in it does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from processes import ROOT, SHARED, Scene, Server, free_port, scene, start

CATEGORIES = """cs.LG cs.CL cs.CV cs.AI stat.ML cs.RO cs.CR cs.SE cs.IR cs.HC cs.DC cs.NI cs.DS cs.IT cs.CY cs.SD cs.MA cs.DB
cs.NE cs.GR cs.LO cs.PL cs.AR cs.SI cs.GT eess.IV eess.SP eess.SY eess.AS math.OC math.NA math.ST math.PR math.CO
quant-ph hep-th astro-ph.CO gr-qc stat.ME physics.optics""".split()  # noqa: SIM905 - forty strings in a column read worse
PUBLIC_URL = "https://papers.example.org"
REPLICA_NOW = datetime(2026, 1, 29, 14, 30, tzinfo=UTC)
"""09:30 in New York on the replica's day."""
LEASE_S = 63
"""The longest of our leases: a request's time-out and arXiv's pause."""
LONGEST_WAIT_S = 900
HOT_S = 16
"""An instance gives an answer again for this long without looking at the store."""


@dataclass
class Outcome:
    """What the clients saw."""

    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    first_served_s: dict[str, float] = field(default_factory=dict)
    last_s: float = 0
    bodies: dict[str, set[str]] = field(default_factory=dict)
    """ETags seen of each path."""


@dataclass
class Upstream:
    """Every request that arXiv saw, gathered while it happens."""

    seen: dict[float, str] = field(default_factory=dict)

    def look(self, arxiv: Server) -> dict[str, Any]:
        stats = arxiv.json("/__stats")
        for one in stats["recent"]:
            self.seen[one["t"]] = one["url"]
        return stats

    def longest_pause_s(self) -> float:
        times = sorted(self.seen)
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


async def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: papers.example.org\r\nConnection: close\r\n\r\n".encode())
        received = await reader.read()
    finally:
        writer.close()
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        raise ConnectionResetError("no answer")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if len(body) != int(headers.get("content-length", len(body))):
        raise ConnectionResetError("half an answer")
    return int(first.split()[1]), headers, body


async def read(path: str, ports: list[int], outcome: Outcome, started: float) -> None:
    """Ask for *path* until it is served, of another instance whenever a connection breaks."""
    port = random.choice(ports)
    while time.monotonic() - started < LONGEST_WAIT_S:
        try:
            status, headers, _ = await get(port, path)
        except OSError:
            outcome.broken += 1
            port = random.choice([other for other in ports if other != port] or ports)
            await asyncio.sleep(0.5)
            continue
        outcome.answers[status] += 1
        if status == 200:
            now = time.monotonic() - started
            outcome.first_served_s.setdefault(path, now)
            outcome.last_s = max(outcome.last_s, now)
            outcome.bodies.setdefault(path, set()).add(headers["etag"])
            return
        if status != 503:
            raise SystemExit(f"{path}: status {status}")
        await asyncio.sleep(min(int(headers["retry-after"]), 30) * random.uniform(0.8, 1.2))
    raise SystemExit(f"{path} was not served within {LONGEST_WAIT_S} s")


async def storm(
    arxiv: Server, ours: list[Server], paths: list[str], args: argparse.Namespace
) -> tuple[Outcome, Upstream, float]:
    """Send all requests at once; kill two servers when a third of the feeds is out. Returns when the kill was, too."""
    outcome, upstream, killed_at = Outcome(), Upstream(), 0.0
    ports = [int(one.url.rpartition(":")[2]) for one in ours]
    started = time.monotonic()
    tasks = [asyncio.create_task(read(paths[n % len(paths)], ports, outcome, started)) for n in range(args.requests)]
    everyone = asyncio.gather(*tasks)
    while not everyone.done():
        stats = await asyncio.to_thread(upstream.look, arxiv)
        if args.kill and not killed_at and len(outcome.first_served_s) * 3 >= len(paths):
            for server in ours[:2]:
                server.stop(signal.SIGKILL)
            killed_at = time.monotonic() - started
            print(f"  {killed_at:5.0f} s: two instances killed", flush=True)
        left = sum(not task.done() for task in tasks)
        print(
            f"  {time.monotonic() - started:5.0f} s: {stats['total_requests']} requests to arXiv, {len(outcome.first_served_s)} feeds out, {left} readers waiting",
            flush=True,
        )
        await asyncio.wait([everyone], timeout=5)
    await everyone
    return outcome, upstream, killed_at


async def settle(arxiv: Server, upstream: Upstream, paths: list[str]) -> None:
    """Wait until every feed has been held against arXiv's totals, and no instance can remember what it was before."""
    wanted = {f"/list/{category_of(path)}/new" for path in paths}
    until = time.monotonic() + LONGEST_WAIT_S
    while not wanted <= set(upstream.seen.values()) and time.monotonic() < until:
        await asyncio.sleep(3)
        await asyncio.to_thread(upstream.look, arxiv)
    await asyncio.sleep(HOT_S)


def category_of(path: str) -> str:
    return path.removeprefix("/rss/").partition("?")[0]


async def compare(ours: list[Server], paths: list[str], rounds: int) -> int:
    """Return of how many paths every instance gives the same bytes, tag and date."""
    same = 0
    for path in paths:
        found = set()
        for server in ours * rounds:
            status, headers, body = await get(int(server.url.rpartition(":")[2]), path)
            found.add((status, headers["etag"], headers["last-modified"], body))
        same += len(found) == 1 and next(iter(found))[0] == 200
    return same


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server of our own that keeps nothing."""
    port = free_port()
    binary = shutil.which("redis-server")
    if not binary:
        raise SystemExit("redis-server is not installed")
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen(command)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=30)


def workers(stage: Scene, arxiv: Server, count: int) -> Server:
    port = free_port()
    cache = f"sqlite:///{stage.folder}/cache.sqlite3"
    environ = {"ARXIV_URL": arxiv.url, "CACHE_URL": cache, "PUBLIC_URL": PUBLIC_URL}
    command = [str(ROOT / ".venv/bin/python"), "-m", "digest", "serve", "--port", str(port), "--workers", str(count)]
    made = start(command, port, environ, "/healthz", stage.folder / "ours.log")
    stage.servers.append(made)
    return made


def report(rows: list[tuple[str, str, bool]]) -> None:
    width = max(len(what) for what, _, _ in rows)
    for what, value, holds in rows:
        print(f"{'ok' if holds else 'FAILED':6}  {what:{width}}  {value}", flush=True)
    if not all(holds for _, _, holds in rows):
        raise SystemExit(1)


def rows_of(
    arxiv: Server,
    outcome: Outcome,
    upstream: Upstream,
    paths: list[str],
    args: argparse.Namespace,
    same: int,
    kinds: str,
    killed_at: float,
) -> list[tuple[str, str, bool]]:
    stats = upstream.look(arxiv)
    urls = {f"/rss/{category_of(path)}" for path in paths}
    again = {url: times - 1 for url, times in stats["repeated_urls"].items()}
    feed_requests = stats["endpoints"]["rss"]["requests"]
    allowed = 2 if args.kill else 0
    """A request whose answer died with its instance has to be sent again."""
    statuses = Counter[str]()
    for endpoint in stats["endpoints"].values():
        statuses.update(endpoint["statuses"])
    gap = stats["intervals_s"]["min"]
    pause = upstream.longest_pause_s()
    served = outcome.answers[200]
    return [
        ("instances", kinds, True),
        ("readers at once, cold feeds", f"{args.requests:,} on {len(paths)}", True),
        (
            "readers served",
            f"{served:,} ({outcome.answers[503]:,} times 503 with Retry-After, {outcome.broken:,} broken connections)",
            served == args.requests,
        ),
        (
            "feeds out after",
            f"{min(outcome.first_served_s.values()):.1f} s the first, {max(outcome.first_served_s.values()):.0f} s the last; last reader {outcome.last_s:.0f} s",
            True,
        ),
        (
            "feed requests to arXiv",
            f"{feed_requests} for {len(urls)} categories",
            len(urls) <= feed_requests <= len(urls) + allowed,
        ),
        ("any address asked for again", str(again or "none"), sum(again.values()) <= allowed),
        ("all requests to arXiv", f"{stats['total_requests']}: {dict(statuses)}", set(statuses) <= {"200"}),
        ("at once", str(stats["max_concurrent"]), stats["max_concurrent"] == 1),
        ("smallest interval", f"{gap} s", gap >= 3),
        (
            "longest pause of asking",
            f"{pause:.1f} s" + (f" (killed at {killed_at:.0f} s)" if killed_at else ""),
            pause <= LEASE_S + 5,
        ),
        ("same bytes, ETag, Last-Modified", f"{same} of {len(paths)} feeds, of every instance", same == len(paths)),
    ]


async def run(stage: Scene, args: argparse.Namespace, cache: str) -> None:
    arxiv = stage.arxiv("--enforce-rate", "3", "--enforce-concurrency", "1")
    # The servers live in the replica's time: by today's clock, its newest announcement would be months late.
    clock = stage.folder / "clock"
    clock.write_text(str(int((REPLICA_NOW - datetime.now(UTC)).total_seconds())))
    if args.workers:
        ours = [workers(stage, arxiv, args.workers)]
        kinds, rounds = f"{args.workers} processes of one server, one SQLite file", 3 * args.workers
    else:
        ours = [stage.ours_with_clock(arxiv, clock, store=cache, PUBLIC_URL=PUBLIC_URL) for _ in range(4)]
        kinds, rounds = "4 on one Redis" + (", two of them killed with -9 and replaced" if args.kill else ""), 1
    paths = [f"/rss/{category}?days=1" for category in CATEGORIES[: args.specs]]
    outcome, upstream, killed_at = await storm(arxiv, ours, paths, args)
    if killed_at:
        ours[:2] = [stage.ours_with_clock(arxiv, clock, store=cache, PUBLIC_URL=PUBLIC_URL) for _ in range(2)]
    await settle(arxiv, upstream, paths)
    same = await compare(ours, paths, rounds)
    for server in ours:
        server.stop()
    report(rows_of(arxiv, outcome, upstream, paths, args, same, kinds, killed_at))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--specs", type=int, default=8, help="cold feeds, at most 40 (8); each costs arXiv some requests"
    )
    parser.add_argument("--requests", type=int, default=2000, help="readers at once (2000)")
    parser.add_argument("--workers", type=int, default=0, help="instead of four servers: one of so many processes")
    parser.add_argument("--keep", type=Path, help="folder for the logs, kept")
    args = parser.parse_args()
    args.kill = not args.workers
    if not (SHARED / "arxiv_replica").is_dir():
        print("run of many instances skipped: there is no replica of arXiv beside the project")
        return
    with contextlib.ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = stack.enter_context(scene(folder))
        cache = "" if args.workers else stack.enter_context(redis(folder))
        asyncio.run(run(stage, args, cache))


if __name__ == "__main__":
    main()
