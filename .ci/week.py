"""A week of announcements played against our server, and what reached a reader: nothing may be lost or doubled.

    .venv/bin/python .ci/week.py [--quick | --all] [--jobs N] [SCENARIO …]

arXiv's replica has its own clock; ours is moved along (`clock_server.py`). Each scenario has its own replica, server
and cache. A reader subscribes to two feeds (a union of categories that share many cross-lists, and an
alias) and collects what it is shown. Prints a table; ends with status 1 if anything was lost or doubled.

The quick form, which `.ci/run` plays beside the tests, has one feed of two categories (one of them an alias) over
three announcements, and waits less long for what doesn't come.
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
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))
from processes import SHARED, Answer, Scene, Server, scene

DAYS = tuple(f"2026-01-{day}" for day in range(22, 30))
QUIET_S = 4
"""Nothing is asked of arXiv for so long before the clock jumps: a jump must not shorten the pause between requests."""


FRESH_ON_THE_FIRST_POLL = frozenset(
    {"restarted for each poll", "restarted, stale from day two", "restarted, down from day two"}
)
"""Scenarios in which the first poll of each day must show all that was announced on it, and no poll may take longer
than `SLOWEST_S`."""
SLOWEST_S = 12.0
LEFT_BEHIND_S = 80.0
"""A killed server leaves its right to ask arXiv behind; another may ask when that ran out, after a minute."""


@dataclass(frozen=True)
class Form:
    """How long a play of the week is.

    Attributes:
        feeds: What the reader subscribes to.
        query: Follows the address of each feed.
        keep_warm_s: How often the server looks for feeds that are due; 0 leaves that to the polls.
        patience_s: How long to wait for a day to be complete that may never be.
        kills: How often a day the server is killed, where it is, and on which days.
        scenarios: Those that are played if none is named.
    """

    feeds: tuple[str, ...]
    query: str
    keep_warm_s: int
    patience_s: float
    kills: int
    kill_days: tuple[str, ...]
    scenarios: tuple[str, ...]


@dataclass
class Reader:
    """What one reader was shown: guid to paper id, by feed."""

    form: Form
    shown: dict[str, dict[str, str]] = field(init=False)
    doubled: int = 0
    failed_polls: int = 0
    slowest_s: float = 0.0

    def __post_init__(self) -> None:
        self.shown = {feed: {} for feed in self.form.feeds}

    def poll(self, ours: Server) -> None:
        """Read each feed once, and what found no room in it at the address that its receipt names."""
        for feed in self.form.feeds:
            began = time.monotonic()
            rest = self._read(feed, ours.get(f"/json/{feed}{self.form.query}"))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if rest:
                parts = urlsplit(rest)
                self._read(feed, ours.get(f"{parts.path}?{parts.query}"))

    def _read(self, feed: str, answer: Answer) -> str:
        """Note what *answer* shows of *feed*; return the address of the rest, "" if that is all."""
        if answer.status != 200:
            self.failed_polls += 1
            return ""
        document = json.loads(answer.body)
        items = [(item["id"], item["_arxiv"]["id"]) for item in document["items"]]
        guids = [guid for guid, _ in items]
        self.doubled += len(guids) - len(set(guids))
        known = {paper: guid for guid, paper in self.shown[feed].items()}
        self.doubled += sum(known.get(paper, guid) != guid for guid, paper in items)
        self.shown[feed] |= dict(items)
        return str(document["_arxiv"]["receipt"].get("rest") or "")


@dataclass
class Week:
    """One scenario as it runs."""

    form: Form
    stage: Scene
    folder: Path
    arxiv: Server
    ours: Server | None = None
    reader: Reader = field(init=False)
    announced: dict[str, set[str]] = field(init=False)
    fresh: dict[str, bool] = field(default_factory=dict)
    """Whether the first poll of a day showed all that was announced on it; days without announcement are left out."""

    def __post_init__(self) -> None:
        self.reader = Reader(self.form)
        self.announced = {feed: set() for feed in self.form.feeds}

    def set_day(self, day: str) -> None:
        self.wait_for_quiet()
        self.arxiv.json("/__control", {"now": f"{day}T09:30", "rss_limit": 2000})
        offset = datetime.fromisoformat(f"{day}T14:30:00+00:00") - datetime.now(UTC)
        clock = self.folder / "clock"
        clock.with_suffix(".new").write_text(str(int(offset.total_seconds())))
        clock.with_suffix(".new").replace(clock)
        for feed in self.form.feeds:
            self.announced[feed] |= announced_ids(self.arxiv, feed)

    def set_clock(self, moment: str, *, hours: float) -> None:
        """Move both clocks to *hours* after *moment*, US Eastern in winter; `set_day` notes what is announced."""
        later = datetime.fromisoformat(moment) + timedelta(hours=hours)
        self.arxiv.json("/__control", {"now": f"{later:%Y-%m-%dT%H:%M}"})
        offset = later.replace(tzinfo=UTC) + timedelta(hours=5) - datetime.now(UTC)
        clock = self.folder / "clock"
        clock.with_suffix(".new").write_text(str(int(offset.total_seconds())))
        clock.with_suffix(".new").replace(clock)

    def start(self) -> Server:
        keep_warm = str(self.form.keep_warm_s)
        self.ours = self.stage.ours_with_clock(self.arxiv, self.folder / "clock", DIGEST_CACHE_KEEP_WARM_S=keep_warm)
        return self.ours

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
            self.ours = None

    def poll(self) -> None:
        assert self.ours
        self.reader.poll(self.ours)

    def first_poll(self, day: str) -> None:
        """Poll, and note whether that showed all that was announced on *day*."""
        self.poll()
        wanted = {feed: announced_ids(self.arxiv, feed) for feed in self.form.feeds}
        if any(wanted.values()):
            self.fresh[day] = all(wanted[feed] <= set(self.reader.shown[feed].values()) for feed in wanted)

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
        week.first_poll(day)
        week.settle(day if is_announcement_day(day) else None, limit_s=week.form.patience_s)
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


def restarted(*rules: str) -> Callable[[Week], None]:
    """The reader polls once a day a process that was started for it; faults begin on the second day."""

    def before(week: Week, today: str) -> None:
        week.kill()
        if rules and today > DAYS[0]:
            week.fault(*rules)

    return lambda week: daily(week, before=before)


def killed(week: Week) -> None:
    """kill -9 and restart at random points of a day, the first time while the first answer is made."""
    chance = random.Random(7)
    for day in DAYS:
        week.set_day(day)
        for _ in range(week.form.kills if day in week.form.kill_days else 0):
            week.kill()
            ours = week.start()
            with ThreadPoolExecutor(1) as pool:
                polling = pool.submit(quiet_poll, week, ours)
                time.sleep(chance.uniform(0.1, 6))
                week.kill()
                polling.result()
        if week.ours is None:
            week.start()
        week.poll()
        limit_s = LEFT_BEHIND_S if day in week.form.kill_days else week.form.patience_s
        week.settle(day if is_announcement_day(day) else None, limit_s=limit_s)
    week.poll()


def quiet_poll(week: Week, ours: Server) -> None:
    """Poll a server that may be killed meanwhile: a broken answer shows the reader nothing."""
    with contextlib.suppress(OSError, HTTPException, ValueError):
        week.reader.poll(ours)


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
    "restarted for each poll": restarted(),
    "restarted, stale from day two": restarted("/rss:stale"),
    "restarted, down from day two": restarted("/rss:503"),
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
        week.set_clock(f"{DAYS[-1]}T09:30", hours=max(8, hours + 1))  # the checks of a day later are due now
        week.settle(DAYS[-1], limit_s=240)
        week.poll()

    return play_it


SCENARIOS |= {
    f"{name} empty for {span}, {'new server' if cold else 'back after days'}": emptied(rules, hours, cold=cold)
    for name, rules in EMPTY_SOURCES.items()
    for span, hours in EMPTY_FOR_HOURS.items()
    for cold in (True, False)
}
COMMON = ("polled once a day", "stale feed on the 28th", "killed and restarted")
RESTARTED = tuple(sorted(FRESH_ON_THE_FIRST_POLL))
SHORT = Form(
    ("cs.CL+math.IT",), "?days=3", 0, 15, 1, (DAYS[5],), (*COMMON, "feeds down", "listing pages down", *RESTARTED)
)
LONG = Form(("cs.AI+cs.CL", "math.IT"), "", 3, 45, 2, DAYS, COMMON)


@dataclass(frozen=True)
class Outcome:
    """One scenario's row of the table."""

    name: str
    announced: int
    reached: int
    doubled: int
    requests: int
    fresh: int
    days: int
    slowest_s: float
    took_s: float

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing twice; and at once, where that is asked for."""
        whole = self.announced > 0 and self.reached == self.announced and not self.doubled
        at_once = self.fresh == self.days > 0 and self.slowest_s <= SLOWEST_S
        return whole and (at_once or self.name not in FRESH_ON_THE_FIRST_POLL)

    def __str__(self) -> str:
        fresh = f"{self.fresh}/{self.days}" if self.days else "-"
        return (
            f"{self.name:52}{self.announced:>10}{self.reached:>9}{self.announced - self.reached:>6}{self.doubled:>9}"
            f"{self.requests:>10}{fresh:>7}{self.slowest_s:>9.1f}{self.took_s:>9.0f}"
        )


HEADING = (
    f"{'scenario':52}{'announced':>10}{'reached':>9}{'lost':>6}{'doubled':>9}"
    f"{'requests':>10}{'fresh':>7}{'slowest':>9}{'seconds':>9}"
)


def play(name: str, form: Form) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as stage:
        arxiv = stage.arxiv("--enforce-rate", "3", "--enforce-concurrency", "1", "--today", DAYS[0])
        week = Week(form, stage, Path(folder), arxiv)
        SCENARIOS[name](week)
        shown = {feed: set(week.reader.shown[feed].values()) for feed in form.feeds}
        return Outcome(
            name,
            announced=sum(len(ids) for ids in week.announced.values()),
            reached=sum(len(week.announced[feed] & shown[feed]) for feed in form.feeds),
            doubled=week.reader.doubled,
            requests=arxiv.json("/__stats")["total_requests"],
            fresh=sum(week.fresh.values()),
            days=len(week.fresh),
            slowest_s=week.reader.slowest_s,
            took_s=time.monotonic() - began,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="fewer categories and days, shorter waits")
    length.add_argument("--all", action="store_true", help="every scenario")
    parser.add_argument("--jobs", type=int, default=3, help="scenarios at a time")
    arguments = parser.parse_args()
    if not (SHARED / "arxiv_replica").is_dir():
        print("week not played: it needs the replica of arXiv")
        return
    form = SHORT if arguments.quick else LONG
    chosen = arguments.scenarios or (list(SCENARIOS) if arguments.all else form.scenarios)
    print(HEADING, flush=True)
    outcomes = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for outcome in pool.map(lambda name: play(name, form), chosen):
            print(outcome, flush=True)
            outcomes.append(outcome)
    if not all(outcome.is_good for outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
