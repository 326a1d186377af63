"""Many readers of many feeds on one worker: 200 addresses, most asked for rarely, nearly all asking "anything new?"."""

from __future__ import annotations

import asyncio
import os
import random
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.bare import BODY_VARIABLE
from bench.material import categories, fill
from bench.processes import server
from bench.report import Figure, print_figures
from bench.serving import NOWHERE, TAG, Client, get, receive
from digest.clock import utc_now
from digest.store.factory import open_store

FEEDS = 200
CATEGORIES = 36
PAPERS_A_DAY = 47
"""With seven days, about as many appearances as arXiv's larger categories had in a week of January 2026."""
_VARIANTS = ("/rss/{}", "/atom/{}", "/json/{}", "/rss/{}?days=3", "/rss/{}?types=new", "/rss/{}?limit=50")
_CONDITIONAL = 0.9
_CONNECTIONS = 8
_SECONDS = 10.0
_GZIP = "Accept-Encoding: gzip"

Ask = Callable[[random.Random], bytes]


def addresses() -> list[str]:
    """Return the feeds' paths, the most popular first."""
    made = [variant.format(name) for name in categories(CATEGORIES) for variant in _VARIANTS]
    return random.Random(7).sample(made, FEEDS)


def load(port: int, ask: Ask, seconds: float = _SECONDS) -> tuple[float, float, float]:
    """Keep one request in flight on each of eight connections; return requests a second, and p50 and p99 in ms."""
    rng = random.Random(11)
    times: list[float] = []
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        sent: dict[socket.socket, float] = {}
        for _ in range(_CONNECTIONS):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            selector.register(one, selectors.EVENT_READ)
        began = time.perf_counter()
        for one in [key.fileobj for key in selector.get_map().values() if isinstance(key.fileobj, socket.socket)]:
            sent[one] = time.perf_counter()
            one.sendall(ask(rng))
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                one = key.fileobj
                head, _body = receive(one)
                now = time.perf_counter()
                assert head[9:12] in {b"200", b"304"}, head
                times.append(now - sent[one])
                sent[one] = now
                one.sendall(ask(rng))
        took = time.perf_counter() - began
    percentiles = statistics.quantiles(times, n=100)
    return len(times) / took, percentiles[49] * 1000, percentiles[98] * 1000


def zipf_mix(tags: dict[str, str]) -> Ask:
    """Return what makes a reader's next request: Zipf over the feeds, nine in ten with the tag that the feed has."""
    paths = list(tags)
    cumulative: list[float] = []
    for rank in range(1, len(paths) + 1):
        cumulative.append((cumulative[-1] if cumulative else 0.0) + 1 / rank)
    full = {path: get(path, _GZIP) for path in paths}
    known = {path: get(path, _GZIP, f"If-None-Match: {tag}") for path, tag in tags.items()}

    def ask(rng: random.Random) -> bytes:
        path = rng.choices(paths, cum_weights=cumulative)[0]
        return (known if rng.random() < _CONDITIONAL else full)[path]

    return ask


def bare_mix(rng: random.Random) -> bytes:
    return get("/unchanged" if rng.random() < _CONDITIONAL else "/feed")


async def fill_store(url: str) -> None:
    store = open_store(url, {})
    await fill(store, categories(CATEGORIES), papers_a_day=PAPERS_A_DAY, now=utc_now(), arxiv=NOWHERE)
    await store.close()


def warm(port: int) -> tuple[dict[str, str], bytes]:
    """Ask for each feed once; return its tag, and a packed body of middling size."""
    client, tags, bodies = Client(port), {}, []
    for path in addresses():
        head, body = client.get(get(path, _GZIP))
        tag = TAG.search(head)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert tag, head
        tags[path] = tag[1].decode()
        bodies.append(body)
    client.close()
    return tags, sorted(bodies, key=len)[len(bodies) // 2]


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store_url = f"sqlite:///{folder}/cache.sqlite3"
        asyncio.run(fill_store(store_url))
        environ = {"CACHE_URL": store_url, "ARXIV_URL": NOWHERE, "DIGEST_CONFIG": os.devnull, "LOG_LEVEL": "WARNING"}
        ours = stack.enter_context(server("digest", "serve", "--host", "127.0.0.1", "--port", "0", environ=environ))
        tags, body = warm(ours)
        (folder / "body").write_bytes(body)
        bare = stack.enter_context(
            server(
                *("uvicorn", "bench.bare:app", "--host", "127.0.0.1", "--port", "0", "--no-access-log"),
                environ={BODY_VARIABLE: str(folder / "body")},
            )
        )
        rate, p50, p99 = load(ours, zipf_mix(tags))
        bare_rate, bare_p50, bare_p99 = load(bare, bare_mix)
        note = f"p50 {p50:.1f} ms; bare FastAPI {bare_rate:,.0f}, p50 {bare_p50:.1f}, p99 {bare_p99:.1f} ms"
        yield Figure(f"{FEEDS} feeds, requests a second", rate, "/s", goal=1_500, at_least=True, note=note)
        yield Figure("of what a bare FastAPI route gives", rate / bare_rate, goal=0.2, at_least=True)
        yield Figure("p99", p99, "ms", goal=30)


def main() -> None:
    print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
