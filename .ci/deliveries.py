"""Eight days of announcements delivered to every kind of target by two servers, one of which is killed now and then.

    .venv/bin/python .ci/deliveries.py [--quick]

arXiv's replica and both servers share a moved clock, the servers share a store, and stand-ins of all services refuse what
the real ones would. Each target must get each announcement day once, in order, with arXiv's own counts; what a killed server
left half-done may be missing where our status says so. On one day Slack is
busy and Telegram's answers are cut off; on another arXiv holds papers back until the day's message is out: where messages
can be edited, it is brought up to date. Prints a table; ends with status 1 if anything was lost, doubled or wrong.

The quick form, which `.ci/run` plays beside the tests, has the last four days.
"""

from __future__ import annotations

import argparse
import contextlib
import email
import email.policy
import json
import re
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import httpx
from processes import SHARED, Scene, Server, scene
from standins import StandIns, moved_clock, stand_ins

from tests.services import ENVIRON, TARGETS, WEB_KINDS

DAYS = tuple(date(2026, 1, day) for day in range(22, 30))
CONTEXTS = ("cs.CL", "math.IT")
EDITED = ("discord", "telegram", "matrix")
BUSY_DAY, KILL_DAY, LATE_DAY = date(2026, 1, 26), date(2026, 1, 27), date(2026, 1, 28)
QUIET_S = 4
HEAD = re.compile(
    r"Two fields, (?P<day>\w+ \d+ \w+): (?P<new>[\d,]+) new \+ (?P<cross>[\d,]+) cross-listed, (?P<how>[^;]+); "
)


@dataclass
class Play:
    """The servers and what they should have sent."""

    stage: Scene
    folder: Path
    arxiv: Server
    targets: StandIns
    servers: list[Server] = field(default_factory=list)
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    """New and cross-listed papers by day, as arXiv announced them."""
    unknown: set[tuple[str, str]] = field(default_factory=set)
    """Targets and days of which our status says that nobody knows whether they were delivered."""

    def start(self) -> Server:
        server = self.stage.ours_with_clock(
            self.arxiv,
            self.folder / "clock",
            store=f"{self.folder}/cache.sqlite3",
            services=self.targets.port,
            DIGEST_CONFIG=str(self.folder / "config.yaml"),
            DIGEST_CACHE_KEEP_WARM_S="2",
            ACCESS_TOKEN="owner",  # who may know more than names and times
            **ENVIRON | {"DELIVER_SMTP_URL": f"smtp://mail.test:{self.targets.mail_port}"},
        )
        self.servers.append(server)
        return server

    def set_time(self, moment: datetime) -> None:
        """Move both clocks to *moment*, US Eastern in winter, while nobody asks arXiv."""
        self.wait_for_quiet()
        self.arxiv.json("/__control", {"now": f"{moment:%Y-%m-%dT%H:%M}", "rss_limit": 2000})
        offset = moment.replace(tzinfo=UTC) + timedelta(hours=5) - datetime.now(UTC)
        clock = self.folder / "clock"
        clock.with_suffix(".new").write_text(str(int(offset.total_seconds())))
        clock.with_suffix(".new").replace(clock)

    def wait_for_quiet(self, limit_s: float = 60) -> None:
        end, seen, since = time.monotonic() + limit_s, -1, time.monotonic()
        while time.monotonic() < min(since + QUIET_S, end):
            asked = self.arxiv.json("/__stats")["total_requests"]
            if asked != seen:
                seen, since = asked, time.monotonic()
            time.sleep(0.2)

    def note_expected(self, day: date) -> bool:
        """Note what arXiv announced on *day*; tell whether it did."""
        counts = [0, 0]
        for context in CONTEXTS:
            kinds = [item["type"] for item in self.arxiv.json(f"/__expected/rss/{context}")["items"]]
            counts[0] += kinds.count("new")
            counts[1] += kinds.count("cross")
        if any(counts):
            self.expected[f"{day:%a} {day.day} {day:%b}"] = (counts[0], counts[1])
        return any(counts)

    def texts(self, kind: str) -> list[str]:
        """Return what a target has now, in order, edits applied."""
        if kind == "smtp":
            mails = [email.message_from_bytes(mail, policy=email.policy.default) for mail in self.targets.mails]
            return [str(mail.get_body(["plain"]).get_content()) for mail in mails]  # type: ignore[union-attr]
        return [(one.edits or [one.text])[-1] for one in self.targets.services.of(kind)]

    def heads(self, kind: str) -> list[re.Match[str] | None]:
        return [HEAD.search(" ".join(text.replace("*", "").split())) for text in self.texts(kind)]

    def has(self, kind: str, day: date, *, complete: bool = False) -> bool:
        name = f"{day:%a} {day.day} {day:%b}"
        found = [head for head in self.heads(kind) if head and head["day"] == name]
        return bool(found) and (not complete or found[0]["how"] == "complete")

    def wait(self, day: date, kinds: tuple[str, ...], *, complete: bool = False, limit_s: float = 90) -> None:
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            lacking = [kind for kind in kinds if not self.has(kind, day, complete=complete)]
            if not lacking or (not complete and self.are_unknown(lacking, day)):
                return
            time.sleep(0.3)

    def are_unknown(self, kinds: list[str], day: date) -> bool:
        """Tell whether our status says of all *kinds* that nobody knows; note those of which it does."""
        answer = self.servers[-1].get("/api/status", {"Authorization": "Bearer owner"})
        told = json.loads(answer.body)["deliveries"]["deliveries"] if answer.status == 200 else []
        found = {one["target"] for one in told if (one["period"], one["state"]) == (str(day), "unknown")}
        self.unknown |= {(kind, f"{day:%a} {day.day} {day:%b}") for kind in found}
        return set(kinds) <= found


def play(days: tuple[date, ...]) -> bool:
    with (
        tempfile.TemporaryDirectory() as folder,
        scene(Path(folder)) as stage,
        stand_ins(moved_clock(Path(folder) / "clock")) as targets,
    ):
        arxiv = stage.arxiv("--enforce-rate", "3", "--enforce-concurrency", "1", "--today", str(days[0]))
        one = Play(stage, Path(folder), arxiv, targets)
        (one.folder / "config.yaml").write_text(settings())
        for day in days:
            began = time.monotonic()
            play_day(one, day)
            print(f"{day:%a %d %b}: {time.monotonic() - began:.0f} s", flush=True)
        time.sleep(5)  # what would come twice comes now
        return report(one)


def settings() -> str:
    more = {"smtp": ", allow_private: true", "slack": ", top: 40", "ntfy": ", language: en"}
    targets = "".join(f"  {kind}: {{{what}{more.get(kind, '')}}}\n" for kind, what in TARGETS.items())
    return (
        "server: {public_url: 'https://papers.example.org'}\n"
        f"feeds:\n  two:\n    title: Two fields\n    categories: [{', '.join(CONTEXTS)}]\n    days: 2\n"
        f"    deliver: [{', '.join(TARGETS)}]\ndeliveries:\n{targets}"
    )


def play_day(one: Play, day: date) -> None:
    one.set_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=9, minutes=30))
    if not one.servers:
        one.start()
        one.start()
    if not one.note_expected(day):
        return
    services = one.targets.services
    if day == BUSY_DAY:
        replies = [httpx.Response(429, headers={"Retry-After": "3"}) for _ in range(2)]
        services.faults["slack"] = lambda _: replies.pop() if replies else None
        services.after["telegram"] = lambda _: httpx.ReadError("cut off")
        services.after["matrix"] = lambda _: httpx.ReadError("cut off")
    if day == LATE_DAY:
        one.arxiv.json("/__control", {"rss_limit": 40, "faults": ["/list:503", "/catchup:503"]})
    if day == KILL_DAY:
        kill_while_sending(one)
    if day == LATE_DAY:
        let_papers_come_late(one, day)
    one.wait(day, tuple(TARGETS), limit_s=90)
    services.after.clear()


def kill_while_sending(one: Play) -> None:
    """Kill one server as soon as the first message of the day is under way, and start another."""
    before, end = len(one.targets.services.requests), time.monotonic() + 60
    while len(one.targets.services.requests) == before and time.monotonic() < end:
        time.sleep(0.05)
    for server in one.servers[:2]:
        with contextlib.suppress(OSError):
            server.stop(signal.SIGKILL)
    one.servers.clear()
    time.sleep(1)
    one.start()
    one.start()


def let_papers_come_late(one: Play, day: date) -> None:
    """Hold papers back until nobody waits for them any more; then let them come."""
    time.sleep(12)
    assert not any(one.has(kind, day) for kind in TARGETS), "sent although papers are missing"
    moment = datetime.combine(day, datetime.min.time())
    one.wait_for_quiet()
    one.set_time(moment + timedelta(hours=16))
    one.wait(day, tuple(TARGETS))
    one.arxiv.json("/__control", {"rss_limit": 2000, "faults": []})
    one.set_time(moment + timedelta(hours=23))
    one.wait(day, EDITED, complete=True, limit_s=120)


def report(one: Play) -> bool:
    """Print what reached each target; tell whether it is what arXiv announced."""
    days = list(one.expected)
    print(f"{'target':12}{'days':>6}{'got':>6}{'doubled':>9}{'lost':>6}{'unknown':>9}{'in order':>10}{'counts':>8}")
    is_good = True
    for kind in TARGETS:
        heads = one.heads(kind)
        named = [head["day"] for head in heads if head]
        doubled = len(heads) - len(set(named))
        absent = set(days) - set(named)
        unknown = len({day for day in absent if (kind, day) in one.unknown})
        lost = len(absent) - unknown
        order = [day for day in days if day in named] == list(dict.fromkeys(named))
        right = sum(is_right(one, kind, head) for head in heads if head)
        wanted = len(days)
        is_good = is_good and not doubled and not lost and order and right == wanted - unknown
        print(
            f"{kind:12}{wanted:>6}{len(heads):>6}{doubled:>9}{lost:>6}{unknown:>9}{'yes' if order else 'NO':>10}{right:>8}"
        )
    for refusal in one.targets.services.refused:
        is_good = False
        print(f"refused: {refusal}")
    return is_good


def is_right(one: Play, kind: str, head: re.Match[str]) -> bool:
    """Tell whether a head has arXiv's counts; of the day with late papers, only where it can be edited."""
    late = f"{LATE_DAY:%a} {LATE_DAY.day} {LATE_DAY:%b}"
    if head["day"] == late and kind not in EDITED:
        return head["how"] != "complete"
    counts = (int(head["new"].replace(",", "")), int(head["cross"].replace(",", "")))
    return head["how"] == "complete" and counts == one.expected.get(head["day"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the last four days")
    arguments = parser.parse_args()
    if not (SHARED / "arxiv_replica").is_dir():
        print("deliveries not played: they need the replica of arXiv")
        return
    assert set(WEB_KINDS) | {"smtp"} == set(TARGETS)
    if not play(DAYS[4:] if arguments.quick else DAYS):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
