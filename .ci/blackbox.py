"""The main job, seen from outside: a replica of arXiv, our server as a user starts it, and real readers.

    .venv/bin/python .ci/blackbox.py

Prints one line a check; ends with status 1 at the first that fails.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import feedparser

sys.path.insert(0, str(Path(__file__).parent))
from processes import SHARED, Scene, Server, free_port, scene, start

SPECS = ("cs.LG", "cs.CL+stat.ML", "hep-th")
FORMATS = ("rss", "atom", "json")


def main() -> None:
    if not (SHARED / "arxiv_replica").is_dir():
        print("black-box run skipped: there is no replica of arXiv beside the project")
        return
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as stage:
        subscribes(stage)
        survives_arxiv_down(stage)
        says_when_it_has_nothing(stage)
    print("black-box run: all checks passed")


def check(what: str, *, holds: bool, detail: object = "") -> None:
    print(f"{'ok' if holds else 'FAILED'}  {what}{f'  ({detail})' if detail else ''}", flush=True)
    if not holds:
        raise SystemExit(1)


def subscribes(stage: Scene) -> None:
    arxiv = stage.arxiv("--enforce-rate", "3", "--enforce-concurrency", "1")
    ours = make_serve(stage, arxiv)
    for spec in SPECS:
        feeds_agree(ours, spec)
    named = ours.get("/feeds/machine-learning.rss")
    check(
        "the named feed is served",
        holds=named.status == 200 and not feedparser.parse(named.body).bozo,
        detail=named.status,
    )
    polls_conditionally(ours)
    newsboat_sees_no_duplicates(stage, ours)
    is_polite(arxiv)
    check(
        "ctrl-C is clean",
        holds=ours.stop(signal.SIGINT) in {0, 2, 130, -signal.SIGINT},
        detail=f"status {ours.process.returncode}",
    )


def make_serve(stage: Scene, arxiv: Server) -> Server:
    port = free_port()
    environ = {"ARXIV_URL": arxiv.url, "CACHE_URL": f"sqlite:///{stage.folder}/first.sqlite3"}
    command = ["make", "serve", f"PORT={port}"]
    started = time.monotonic()
    ours = start(command, port, environ, "/healthz", stage.folder / "make.log")
    stage.servers.append(ours)
    check("make serve serves", holds=True, detail=f"after {time.monotonic() - started:.1f} s")
    return ours


def feeds_agree(ours: Server, spec: str) -> None:
    """Three formats of one spec hold the same items under the same ids."""
    items = {}
    for name in FORMATS:
        answer = ours.get(f"/{name}/{spec}")
        check(f"/{name}/{spec} is served", holds=answer.status == 200, detail=answer.headers.get("content-type"))
        parsed = feedparser.parse(answer.body)
        if name != "json":
            check(f"/{name}/{spec} parses", holds=not parsed.bozo, detail=f"{len(parsed.entries)} items")
            items[name] = [(entry.id, entry.title) for entry in parsed.entries]
        else:
            import json

            items[name] = [(item["id"], item["title"]) for item in json.loads(answer.body)["items"]]
    ids = {name: [ident for ident, _ in found] for name, found in items.items()}
    check(
        f"{spec}: same ids, same order in all formats",
        holds=ids["rss"] == ids["atom"] == ids["json"] and bool(ids["rss"]),
    )
    check(f"{spec}: nothing comes twice", holds=len(set(ids["rss"])) == len(ids["rss"]), detail=len(ids["rss"]))


def polls_conditionally(ours: Server) -> None:
    first = ours.get("/rss/cs.LG")
    by_tag = ours.get("/rss/cs.LG", {"If-None-Match": first.headers["etag"]})
    by_date = ours.get("/rss/cs.LG", {"If-Modified-Since": first.headers["last-modified"]})
    check("a poll with the tag is a 304", holds=by_tag.status == 304 and not by_tag.body)
    check("a poll with the date is a 304", holds=by_date.status == 304)
    check("the bytes are stable", holds=ours.get("/rss/cs.LG").body == first.body)


def newsboat_sees_no_duplicates(stage: Scene, ours: Server) -> None:
    newsboat = shutil.which("newsboat")
    check("newsboat is installed", holds=newsboat is not None)
    home = stage.folder / "newsboat"
    home.mkdir()
    (home / "urls").write_text(f"{ours.url}/rss/cs.LG\n{ours.url}/atom/cs.LG\n")
    arguments = [str(newsboat), "-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", "/dev/null"]
    counts = []
    for _ in range(2):
        subprocess.run([*arguments, "-x", "reload"], check=True, capture_output=True, timeout=120)
        printed = subprocess.run(
            [*arguments, "-x", "print-unread"], check=True, capture_output=True, text=True, timeout=60
        )
        counts.append(int(printed.stdout.split()[0]))
    items = len(feedparser.parse(ours.get("/rss/cs.LG").body).entries)
    # newsboat tells items apart by their id alone: both formats of a feed must bring the same ones.
    check(
        "newsboat subscribes to two formats, twice, and sees no duplicate",
        holds=counts == [items, items],
        detail=counts,
    )


def is_polite(arxiv: Server) -> None:
    stats = arxiv.json("/__stats")
    legacy = stats["legacy_api"]
    repeated = [url for url in stats["repeated_urls"] if url.startswith("/rss")]
    check(
        "one request per announcement",
        holds=not repeated,
        detail=f"{legacy['requests']} requests, repeated: {repeated}",
    )
    check("one connection at a time", holds=stats["max_concurrent"] == 1)
    gap = stats["intervals_s"]["min"] if stats["intervals_s"] else None
    check("requests at least 3 s apart", holds=gap is None or gap >= 3, detail=gap)
    check("arXiv refused nothing", holds=all(set(e["statuses"]) <= {"200"} for e in stats["endpoints"].values()))
    check(
        "every request names us and sends Accept",
        holds=stats["without_accept_header"] == 0,
        detail=list(stats["user_agents"]),
    )


def survives_arxiv_down(stage: Scene) -> None:
    arxiv = stage.arxiv()
    cache = f"sqlite:///{stage.folder}/down.sqlite3"
    ours = stage.ours(arxiv, cache=cache)
    before = ours.get("/rss/cs.LG")
    arxiv.stop(signal.SIGKILL)
    ours.stop(signal.SIGKILL)
    again = stage.ours(arxiv, cache=cache)
    after = again.get("/rss/cs.LG")
    same = feedparser.parse(after.body).entries == feedparser.parse(before.body).entries
    check("with arXiv down and after a kill -9 the feed still serves", holds=after.status == 200 and same)
    again.stop()


def says_when_it_has_nothing(stage: Scene) -> None:
    ours = stage.ours(f"http://127.0.0.1:{free_port()}", cache="memory://")
    answer = ours.get("/rss/cs.LG")
    check(
        "with arXiv down from the start it is a 503 with Retry-After",
        holds=answer.status == 503 and "retry-after" in answer.headers,
        detail=answer.body.decode()[:200],
    )
    ours.stop()


if __name__ == "__main__":
    main()
