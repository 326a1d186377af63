"""A week of announcements played against our server, and what reached a reader: nothing may be lost or doubled.

    .venv/bin/python .ci/week.py [--all] [--jobs N] [SCENARIO …]

arXiv's replica has its own clock; ours is moved along (`clock_server.py`). Each scenario has its own replica, server
and cache. A reader subscribes to two feeds (a union of categories that share many cross-lists, and an
alias) and collects what it is shown. Prints a table; ends with status 1 if anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from processes import SHARED, Scene, Server, scene

DAYS = tuple(f"2026-01-{day}" for day in range(22, 30))
FEEDS = ("cs.AI+cs.CL", "math.IT")
QUIET_S = 4
"""Nothing is asked of arXiv for so long before the clock jumps: a jump must not shorten the pause between requests."""


@dataclass
class Reader:
    """What one reader was shown: guid to paper id, by feed."""

    shown: dict[str, dict[str, str]] = field(default_factory=lambda: {feed: {} for feed in FEEDS})
    doubled: int = 0
    failed_polls: int = 0

    def poll(self, ours: Server) -> None:
        for feed in FEEDS:
            answer = ours.get(f"/json/{feed}")
            if answer.status != 200:
                self.failed_polls += 1
                continue
            items = [(item["id"], item["_arxiv"]["id"]) for item in json.loads(answer.body)["items"]]
            guids = [guid for guid, _ in items]
            self.doubled += len(guids) - len(set(guids))
            known = {paper: guid for guid, paper in self.shown[feed].items()}
            self.doubled += sum(known.get(paper, guid) != guid for guid, paper in items)
            self.shown[feed] |= dict(items)


@dataclass
class Week:
    """One scenario as it runs."""

    stage: Scene
    folder: Path
    arxiv: Server
    ours: Server | None = None
    reader: Reader = field(default_factory=Reader)
    announced: dict[str, set[str]] = field(default_factory=lambda: {feed: set() for feed in FEEDS})

    def set_day(self, day: str) -> None:
        self.wait_for_quiet()
        self.arxiv.json("/__control", {"now": f"{day}T09:30", "rss_limit": 2000})
        offset = datetime.fromisoformat(f"{day}T14:30:00+00:00") - datetime.now(UTC)
        clock = self.folder / "clock"
        clock.with_suffix(".new").write_text(str(int(offset.total_seconds())))
        clock.with_suffix(".new").replace(clock)
        for feed in FEEDS:
            self.announced[feed] |= announced_ids(self.arxiv, feed)

    def set_clock(self, moment: str, *, hours: float) -> None:
        """Move both clocks to *hours* after *moment*, US Eastern in winter; `set_day` notes what is announced."""
        later = datetime.fromisoformat(moment) + timedelta(hours=hours)
        self.arxiv.json("/__control", {"now": f"{later:%Y-%m-%dT%H:%M}"})
        offset = later.replace(tzinfo=UTC) + timedelta(hours=5) - datetime.now(UTC)
        clock = self.folder / "clock"
        clock.with_suffix(".new").write_text(str(int(offset.total_seconds())))
        clock.with_suffix(".new").replace(clock)

    def start(self) -> None:
        self.ours = self.stage.ours_with_clock(self.arxiv, self.folder / "clock", DIGEST_CACHE_KEEP_WARM_S="3")

    def wait_for_quiet(self, limit_s: float = 120) -> None:
        """Wait until arXiv was asked nothing for a while: no older day is being filled in."""
        end = time.monotonic() + limit_s
        seen, since = -1, time.monotonic()
        while time.monotonic() < min(since + QUIET_S, end):
            asked = self.arxiv.json("/__stats")["total_requests"]
            if asked != seen:
                seen, since = asked, time.monotonic()
            time.sleep(0.2)

    def kill(self) -> None:
        if self.ours:
            self.ours.stop(signal.SIGKILL)

    def poll(self) -> None:
        assert self.ours
        self.reader.poll(self.ours)

    def settle(self, day: str | None = None, limit_s: float = 60) -> None:
        """Wait until the server holds *day* (if there was one), has nothing of it left to complete, and asks for no other."""
        assert self.ours
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            contexts = self.ours.json("/api/status")["contexts"]
            days = [one for context in contexts for one in context["days"]]
            current = not day or all(context["newest_day"] == day for context in contexts)
            if contexts and current and all(one["status"] in {"complete", "quiet"} for one in days):
                self.wait_for_quiet(end - time.monotonic())
                return
            time.sleep(0.5)

    def fault(self, *rules: str, **control: object) -> None:
        self.arxiv.json("/__control", {"faults": list(rules), **control})


def announced_ids(arxiv: Server, feed: str) -> set[str]:
    """What the replica's own data say was announced as new or cross on its present day."""
    found = arxiv.json(f"/__expected/rss/{feed}")
    return {item["id"] for item in found["items"] if item["type"] in {"new", "cross"}}


def is_announcement_day(day: str) -> bool:
    return datetime.fromisoformat(day).weekday() < 5


def daily(week: Week, *, before: Callable[[Week, str], None] = lambda _week, _day: None) -> None:
    """The reader polls once a day."""
    for day in DAYS:
        week.set_day(day)
        before(week, day)
        if week.ours is None:
            week.start()
        week.poll()
        week.settle(day if is_announcement_day(day) else None, limit_s=45)
    week.fault()
    week.settle(DAYS[-1])
    week.poll()


def weekly(week: Week) -> None:
    """The reader subscribes on the first day and comes back on the last; the server runs all the time."""
    week.set_day(DAYS[0])
    week.start()
    week.poll()
    week.settle(DAYS[0])
    for day in DAYS[1:]:
        week.set_day(day)
        week.settle(day if is_announcement_day(day) else None)
    week.poll()


def slept(week: Week) -> None:
    """The server is off from the first evening to the last day; the reader polls twice on its return."""
    week.set_day(DAYS[0])
    week.start()
    week.poll()
    week.settle(DAYS[0])
    week.kill()
    for day in DAYS[1:]:
        week.set_day(day)
    week.start()
    week.poll()
    week.settle(DAYS[-1], limit_s=120)
    week.poll()


def always(rule: str) -> Callable[[Week], None]:
    return lambda week: daily(week, before=lambda one, day: one.fault(rule) if day == DAYS[0] else None)


def on(day: str, *rules: str, **control: object) -> Callable[[Week], None]:
    def before(week: Week, today: str) -> None:
        if today == day:
            week.fault(*rules, **control)
        elif today > day:
            week.fault()

    return lambda week: daily(week, before=before)


def killed(week: Week) -> None:
    """kill -9 and restart at random points of each day, the first time while the first answer is made."""
    chance = random.Random(7)
    for day in DAYS:
        week.set_day(day)
        for _ in range(2):
            week.kill()
            week.start()
            with ThreadPoolExecutor(1) as pool:
                polling = pool.submit(quiet_poll, week)
                time.sleep(chance.uniform(0.1, 6))
                week.kill()
                polling.result()
        week.start()
        week.poll()
        week.settle(day if is_announcement_day(day) else None)
    week.poll()


def quiet_poll(week: Week) -> None:
    """Poll a server that may be killed meanwhile: a broken answer shows the reader nothing."""
    with contextlib.suppress(OSError, ValueError):
        week.poll()


SCENARIOS: dict[str, Callable[[Week], None]] = {
    "polled once a day": daily,
    "polled once a week": weekly,
    "server off for a week": slept,
    "killed and restarted": killed,
    "feeds down": always("/rss:503"),
    "listing pages down": always("/list:503"),
    "catch-up pages down": always("/catchup:503"),
    "query API down": always("/api:503"),
    "stale feed on the 28th": on("2026-01-28", "/rss:stale"),
    "feed dated a day back": on("2026-01-28", "/rss:lag"),
    "feed cut to 40 items": on("2026-01-27", rss_limit=40),
    "truncated feed": on("2026-01-27", "/rss:truncate"),
    "feed empty on a weekday": on("2026-01-27", "/rss:empty"),
    "arXiv down for a day": on("2026-01-27", "/:503"),
}

EMPTY_SOURCES: dict[str, tuple[str, ...]] = {
    "feed": ("/rss:empty",),
    "listing pages": ("/list:empty",),
    "catch-up pages": ("/catchup:empty",),
    "all pages": ("/list:empty", "/catchup:empty"),
    "query API": ("/api:empty",),
    "one page": ("/catchup/cs.CL:empty",),
    "everything": ("/:empty",),
}
EMPTY_FOR_HOURS = {"30 s": 0.0, "an hour": 1.0, "a day": 23.9}


def emptied(rules: tuple[str, ...], hours: float, *, cold: bool) -> Callable[[Week], None]:
    """arXiv's cache serves valid pages without papers; nothing may be lost a day after that is over.

    The server is new then (*cold*), or comes back after two days on which it was off.
    """

    def play_it(week: Week) -> None:
        for day in DAYS[:-1]:
            week.set_day(day)
            if day == DAYS[0] and not cold:
                week.start()
                week.poll()
                week.settle(day)
                week.kill()
        week.fault(*rules)
        week.start()
        week.poll()
        if hours:
            week.wait_for_quiet(60)
            week.set_clock(f"{DAYS[-2]}T09:30", hours=hours)
        else:
            time.sleep(30)
        week.poll()
        week.fault()
        week.set_day(DAYS[-1])
        week.poll()
        week.settle(DAYS[-1], limit_s=60)
        week.set_clock(f"{DAYS[-1]}T09:30", hours=8)  # the checks of a day later are due now
        week.settle(DAYS[-1], limit_s=240)
        week.poll()

    return play_it


SCENARIOS |= {
    f"{name} empty for {span}, {'new server' if cold else 'back after days'}": emptied(rules, hours, cold=cold)
    for name, rules in EMPTY_SOURCES.items()
    for span, hours in EMPTY_FOR_HOURS.items()
    for cold in (True, False)
}
QUICK = ("polled once a day", "stale feed on the 28th", "killed and restarted")


def play(name: str) -> tuple[str, int, int, int, int, int]:
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as stage:
        arxiv = stage.arxiv("--enforce-rate", "3", "--enforce-concurrency", "1", "--today", DAYS[0])
        week = Week(stage, Path(folder), arxiv)
        SCENARIOS[name](week)
        announced = sum(len(ids) for ids in week.announced.values())
        shown = {feed: set(week.reader.shown[feed].values()) for feed in FEEDS}
        reached = sum(len(week.announced[feed] & shown[feed]) for feed in FEEDS)
        requests = arxiv.json("/__stats")["total_requests"]
        return name, announced, reached, announced - reached, week.reader.doubled, requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    parser.add_argument("--all", action="store_true", help="every scenario, not only the quick ones")
    parser.add_argument("--jobs", type=int, default=3, help="scenarios at a time")
    arguments = parser.parse_args()
    if not (SHARED / "arxiv_replica").is_dir():
        print("week not played: it needs the replica of arXiv")
        return
    chosen = arguments.scenarios or (list(SCENARIOS) if arguments.all else QUICK)
    print(f"{'scenario':52}{'announced':>10}{'reached':>9}{'lost':>6}{'doubled':>9}{'requests':>10}")
    is_clean = True
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for name, announced, reached, lost, doubled, requests in pool.map(play, chosen):
            print(f"{name:52}{announced:>10}{reached:>9}{lost:>6}{doubled:>9}{requests:>10}", flush=True)
            is_clean &= not lost and not doubled and announced > 0
    if not is_clean:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
