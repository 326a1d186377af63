"""How many readers a deployment carries: a week of their polls, by our headers, a CDN's rules and arXiv's clock.

    python -m bench capacity [--seed 7]

A poll goes from the reader to the CDN's copy, from there to a function or process, to the store, and to arXiv. Polls
are followed one by one from arXiv's opening until each reader has seen the new day; all later polls of the day find
what the CDN or the process keeps, and are only counted. Costs of a request come from the other benchmarks, of one
machine; `COSTS` holds them in one place. docs/background/capacity.md explains the results.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from digest.arxiv import schedule

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WEEK = tuple(date(2026, 10, 5) + timedelta(days=number) for number in range(5))
"""Announcement days of a week without holiday."""
OPENING_HOUR = 4
"""Of the feeds in that week, UTC."""
DAYS_A_MONTH = 30.4
CHECK_AGAIN_S = 15 * MINUTE
"""After "nothing new" arXiv is asked again so much later."""
SPREAD_S = 10 * MINUTE
"""Categories fall due one after the other within this time of arXiv's opening."""
PENDING_S = 60.0
"""Expiry of an answer that something newer may replace any minute."""
WAIT_S = 8.0
"""The longest that a reader's poll waits for arXiv."""
PACE_S = 3.0
"""Between two requests to arXiv."""
ON_THE_HOUR, HERD_S = 0.2, 10.0
"""The share of readers that poll by the clock, and within how many seconds of the full hour they do."""


@dataclass(frozen=True)
class Habit:
    """How often a reader polls, and the share of readers that do so."""

    every_s: float
    share: float


HABITS = (
    Habit(15 * MINUTE, 0.05),
    Habit(30 * MINUTE, 0.15),
    Habit(HOUR, 0.40),
    Habit(4 * HOUR, 0.20),
    Habit(DAY, 0.20),
)


@dataclass(frozen=True)
class Costs:
    """What one step costs; processor time in seconds, sizes in bytes of gzip.

    Attributes:
        answer_s: An answer that is ready, or a 304.
        start_s: A process from nothing to its first answer, without the feed itself.
        render_s: A feed made new, for each paper in it.
        parse_s: Parsing, summarising and storing a day, for each paper.
        paper_bytes: A paper in a feed; `unchanged_bytes`: a 304 or the head of an answer.
        warm_commands: Of the store for a call of a process that knows its feed; `cold_commands` of one that doesn't.
        refresh_commands: Of the store for a category's new day.
        look_commands: Of the store each time a process looks by itself for what is due.
        day_requests: To arXiv for a category's new day: the feed, and the pages that confirm and complete it.
        window_requests: To arXiv for the days before, where nothing is stored.
    """

    answer_s: float = 0.0007
    start_s: float = 0.39
    render_s: float = 0.00013
    parse_s: float = 0.0017
    paper_bytes: float = 640
    unchanged_bytes: float = 400
    stored_paper_bytes: float = 830
    warm_commands: float = 1
    cold_commands: float = 3
    refresh_commands: float = 65
    look_commands: float = 2
    day_requests: float = 3
    window_requests: float = 10


COSTS = Costs()
PAPERS_A_DAY, WINDOW_DAYS = 60, 7
"""Of a category, taken over the larger half of arXiv's categories."""


@dataclass(frozen=True)
class Deployment:
    """Where the server runs, and for whom.

    Attributes:
        regions: Places of the CDN, each with copies of its own; 0: no CDN.
        shared_store: Whether what one process fetched outlives it.
        idle_s: A process without a call for so long is gone; infinite where it lives.
        keep_warm_s: How often a living process looks for feeds that are due; 0: never.
        awake: The hours of the day, UTC, in which machine and readers are on.
    """

    name: str
    readers: int
    addresses: int
    categories: int
    regions: int = 0
    shared_store: bool = True
    idle_s: float = math.inf
    keep_warm_s: float = 60.0
    processes: int = 1
    awake: tuple[float, float] = (0, 24)


@dataclass(frozen=True)
class Reader:
    """One subscription: its address and category, the CDN's region before it, and when it polls."""

    address: int
    region: int
    every_s: float
    phase_s: float

    def first_poll(self, after_s: float) -> float:
        return self.phase_s + math.ceil((after_s - self.phase_s) / self.every_s) * self.every_s

    def polls(self, begin_s: float, end_s: float) -> int:
        """Count the polls from *begin_s* up to, not including, *end_s*."""
        first = self.first_poll(begin_s)
        return max(0, math.ceil((end_s - first) / self.every_s))


@dataclass
class Load:
    """What a week came to. Counters are sums; `ages_s` are the ages of the new day when a reader first saw it."""

    deployment: Deployment
    polls: int = 0
    calls: int = 0
    starts: int = 0
    renders: int = 0
    refreshes: int = 0
    commands: float = 0
    requests: float = 0
    processor_s: float = 0
    bytes_out: float = 0
    bytes_out_whole: float = 0
    store_bytes: float = 0
    peak_polls: float = 0
    ages_s: list[float] = field(default_factory=list)
    delays_s: list[float] = field(default_factory=list)
    """Of each reader and day, from its first poll after the opening to the answer that showed the day."""

    @property
    def from_cdn(self) -> float:
        return 1 - self.calls / self.polls


@dataclass
class Copy:
    """The CDN's copy of one address in one region: when it came, until when it holds, and whether it has the new day."""

    since_s: float
    until_s: float
    is_new: bool


@dataclass
class Category:
    """What the server knows of a category's new day."""

    due_s: float
    held_s: float = math.inf
    next_check_s: float = 0.0
    was_asked: bool = False


def make_readers(deployment: Deployment, seed: int) -> list[Reader]:
    """Return readers whose addresses are popular by Zipf's law, each with a habit; the same for the same *seed*."""
    rng = random.Random(seed)
    weights = list(accumulate(1 / rank for rank in range(1, deployment.addresses + 1)))
    addresses = rng.choices(range(deployment.addresses), cum_weights=weights, k=deployment.readers)
    habits = rng.choices(HABITS, [habit.share for habit in HABITS], k=deployment.readers)
    regions = max(deployment.regions, 1)
    return [
        Reader(address, rng.randrange(regions), habit.every_s, _phase(habit, rng))
        for address, habit in zip(addresses, habits, strict=True)
    ]


def _phase(habit: Habit, rng: random.Random) -> float:
    phase = rng.uniform(0, habit.every_s)
    if rng.random() >= ON_THE_HOUR:
        return phase
    return phase // HOUR * HOUR + rng.uniform(0, HERD_S)


class Announcement:
    """One announcement: from arXiv's opening (second 0) until the next one.

    A poll meets the CDN's copy; where that has run out, a call. The first check of a category waits for arXiv and
    shows what it brought; later ones run behind the answer. Readers leave when they have seen the new day, at the latest
    with their first poll after the end.
    """

    def __init__(self, load: Load, readers: list[Reader], *, late_s: float, length_s: float, warm: bool) -> None:
        self._load = load
        self._plan = load.deployment
        self._readers = readers
        self._late_s = late_s
        self._length_s = length_s
        self._turn_s = 0.0
        self._last_call_s = -math.inf if not warm else 0.0
        count = self._plan.categories
        self._categories = [Category(SPREAD_S * number / count) for number in range(count)]
        self._copies: dict[tuple[int, int], Copy] = {}
        self._rendered: set[tuple[int, int]] = set()
        self._generation = 0

    def play(self) -> None:
        queue = [(self._awake(reader, 0.0), number) for number, reader in enumerate(self._readers)]
        queue += self._looks()
        heapq.heapify(queue)
        while queue and queue[0][0] < self._length_s:
            now, number = heapq.heappop(queue)
            if number < 0:
                if not self._look(self._categories[number], now):
                    heapq.heappush(queue, (now + CHECK_AGAIN_S, number))
                continue
            reader = self._readers[number]
            seen_s = self._poll(reader, now)
            if seen_s is None:
                heapq.heappush(queue, (self._awake(reader, now + 0.001), number))
            else:
                self._note_seen(reader, seen_s)
                self._count_rest(reader, now)
        for next_poll_s, number in queue:  # feeds keep the days before: these readers see it then
            if number >= 0:
                self._note_seen(self._readers[number], next_poll_s)

    def _note_seen(self, reader: Reader, seen_s: float) -> None:
        self._load.ages_s.append(seen_s)
        self._load.delays_s.append(seen_s - self._awake(reader, 0.0))

    def _awake(self, reader: Reader, after_s: float) -> float:
        """Return the reader's first poll after *after_s* while its machine is on."""
        begin, end = self._plan.awake
        poll = reader.first_poll(after_s)
        if end - begin >= 24:
            return poll
        hour = (poll / HOUR + OPENING_HOUR) % 24
        if begin <= hour < end:
            return poll
        return poll + ((begin - hour) % 24) * HOUR + reader.phase_s % min(reader.every_s, MINUTE)

    def _count_rest(self, reader: Reader, now: float) -> None:
        """Count the polls after the one that showed the new day: copies of the CDN, or ready answers of a process."""
        begin, end = self._plan.awake
        rest = reader.polls(now + 0.001, self._length_s) * (end - begin) / 24
        self._load.polls += round(rest)
        if not self._plan.regions:
            self._load.calls += round(rest)
            self._load.processor_s += rest * COSTS.answer_s
            self._load.commands += rest * COSTS.warm_commands if self._plan.processes > 1 else 0

    def _looks(self) -> list[tuple[float, int]]:
        """Return when a living process looks for each category by itself: the instant and the category, from the end."""
        if not self._plan.keep_warm_s:
            return []
        begin, end = self._plan.awake
        self._load.commands += COSTS.look_commands * self._length_s / self._plan.keep_warm_s * (end - begin) / 24
        start_s = (begin - OPENING_HOUR) % 24 * HOUR if end - begin < 24 else 0.0
        due = enumerate(self._categories)
        return [
            (max(one.due_s, start_s) + self._plan.keep_warm_s / 2, number - len(self._categories))
            for number, one in due
        ]

    def _look(self, category: Category, now: float) -> bool:
        """Ask arXiv if nobody did; return whether the new day is there, or on its way."""
        return math.isfinite(category.held_s) or (now >= category.next_check_s and self._ask(category, now))

    def _ask(self, category: Category, now: float) -> bool:
        """Ask arXiv for *category* in its turn; return whether it had the new day."""
        self._turn_s = max(self._turn_s + PACE_S, now)
        category.was_asked = True
        self._load.requests += 1
        if now < self._late_s:
            category.next_check_s = now + CHECK_AGAIN_S
            return False
        category.held_s = self._turn_s + 1
        self._load.refreshes += 1
        self._load.requests += COSTS.day_requests - 1
        self._load.commands += COSTS.refresh_commands
        self._load.processor_s += COSTS.parse_s * PAPERS_A_DAY
        return True

    def _poll(self, reader: Reader, now: float) -> float | None:
        """Answer one poll; return when the reader saw the new day, None if it didn't."""
        self._load.polls += 1
        category = self._categories[reader.address % self._plan.categories]
        copy = self._copies.get((reader.address, reader.region)) or Copy(-math.inf, category.due_s, False)
        if self._plan.regions and copy.since_s <= now < copy.until_s:
            return now if copy.is_new else None
        answered_s, is_new = self._call(reader.address, category, now)
        if not copy.since_s > now:  # else a copy is on its way; copies aren't waited for
            until = self._length_s if is_new else max(category.due_s, answered_s + PENDING_S)
            self._copies[reader.address, reader.region] = Copy(answered_s, until, is_new)
        return answered_s if is_new else None

    def _call(self, address: int, category: Category, now: float) -> tuple[float, bool]:
        """Run one function call; return when it answered, and whether with the new day."""
        self._load.calls += 1
        self._load.processor_s += COSTS.answer_s
        self._start_if_gone(now)
        if now >= category.due_s and category.held_s == math.inf:
            first = not category.was_asked
            if now >= category.next_check_s:
                self._ask(category, now)
            if not first and now < category.held_s:
                return now, False
        answered_s = max(now, category.held_s)
        if answered_s - now > WAIT_S:
            return now + (WAIT_S if math.isfinite(category.held_s) else 1.0), False
        self._render(address)
        return answered_s, True

    def _start_if_gone(self, now: float) -> None:
        is_gone = now - self._last_call_s > self._plan.idle_s
        self._last_call_s = now
        self._load.commands += COSTS.cold_commands if is_gone else COSTS.warm_commands
        if not is_gone:
            return
        self._load.starts += 1
        self._load.processor_s += COSTS.start_s
        self._generation += 1
        if not self._plan.shared_store:
            for category in self._categories:
                category.held_s, category.was_asked, category.next_check_s = math.inf, False, 0.0

    def _render(self, address: int) -> None:
        """Make the feed, once for each process; without a store the days before come from arXiv, too."""
        key = (address, self._generation)
        if key in self._rendered:
            return
        self._rendered.add(key)
        papers = PAPERS_A_DAY * WINDOW_DAYS
        self._load.renders += self._plan.processes
        self._load.processor_s += COSTS.render_s * papers * self._plan.processes
        if self._plan.shared_store:
            self._load.store_bytes += COSTS.stored_paper_bytes * papers * self._plan.processes
        category = (address % self._plan.categories, -self._generation - 1)
        if not self._plan.shared_store and self._generation and category not in self._rendered:
            self._rendered.add(category)
            self._load.requests += COSTS.window_requests
            self._load.processor_s += COSTS.parse_s * PAPERS_A_DAY * COSTS.window_requests


def simulate(deployment: Deployment, *, seed: int = 7, late_s: float = 0.0) -> Load:
    """Play a week; the feeds of arXiv are out *late_s* after its clock says so."""
    load = Load(deployment)
    readers = make_readers(deployment, seed)
    for day in WEEK:
        opening = schedule.feed_instant(day)
        length_s = (schedule.next_feed_change(opening) - opening).total_seconds()
        is_living = math.isinf(deployment.idle_s)
        Announcement(load, readers, late_s=late_s, length_s=length_s, warm=is_living).play()
    _count_bytes(load)
    load.peak_polls = peak_polls(readers)
    return load


def _count_bytes(load: Load) -> None:
    """Count what goes to readers: one whole feed for each new day they saw, a 304 for nine of ten other polls.

    `bytes_out_whole` is the same with a CDN that sends its copy whole whatever a reader has.
    """
    feed = COSTS.paper_bytes * PAPERS_A_DAY * WINDOW_DAYS
    fresh = len(load.ages_s)
    repeated = load.polls - fresh
    load.bytes_out = fresh * feed + repeated * (0.9 * COSTS.unchanged_bytes + 0.1 * feed)
    load.bytes_out_whole = load.polls * feed


def peak_polls(readers: list[Reader]) -> float:
    """Return polls a second in the first seconds of the worst full hour."""
    by_the_clock = [reader for reader in readers if reader.phase_s % HOUR < HERD_S]
    hours = (number * HOUR for number in range(24))
    herd = max(sum(reader.polls(hour, hour + HERD_S) for reader in by_the_clock) for hour in hours)
    return sum(1 / reader.every_s for reader in readers) + herd / HERD_S


def quantile(values: list[float], share: float) -> float:
    """Return the value that *share* of *values* don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def a_month(value: float) -> float:
    """Return a week's sum as a month's."""
    return value / 7 * DAYS_A_MONTH


@dataclass(frozen=True)
class Limit:
    """A limit of a plan, a month; `used` is the share of it that a load takes."""

    name: str
    used: float


def limits(load: Load) -> list[Limit]:
    """Return what may break, the nearest first."""
    plan, found = load.deployment, []
    if plan.idle_s < math.inf:
        found += [
            Limit("function calls", a_month(load.calls) / 1e6),
            Limit("processor hours", a_month(load.processor_s) / (4 * HOUR)),
            Limit("transfer", a_month(load.bytes_out) / 100e9),
        ]
        if plan.shared_store:
            found += [
                Limit("store commands", a_month(load.commands) / 500e3),
                Limit("store transfer", a_month(load.store_bytes) * 4 / 3 / 10e9),
            ]
    else:
        share = 1.0 if not plan.regions else max(load.calls / load.polls, 0.01)
        found.append(Limit("answers a second", load.peak_polls * share * COSTS.answer_s / min(plan.processes, 2)))
    found.append(Limit("arXiv's pace", load.requests / len(WEEK) * PACE_S / DAY))
    return sorted(found, key=lambda limit: -limit.used)


def _vercel(readers: int, addresses: int, categories: int, *, redis: bool) -> Deployment:
    name = f"Vercel, {'Redis' if redis else 'no store'}"
    return Deployment(name, readers, addresses, categories, 6, redis, 5 * MINUTE, 0)


SIZES = ((20, 5, 5), (1_000, 100, 40), (10_000, 500, 100), (100_000, 2_000, 150))
DEPLOYMENTS = (
    Deployment("laptop, 07–22 UTC", 5, 5, 5, awake=(7, 22)),
    *(_vercel(*size, redis=False) for size in SIZES),
    *(_vercel(*size, redis=True) for size in SIZES),
    *(Deployment("container, 2 workers", *size, processes=2) for size in SIZES),
    *(Deployment("4 processes, Redis, CDN", *size, regions=20, processes=4) for size in SIZES),
)
HEADING = (
    f"{'deployment':26}{'readers':>8}{'polls/d':>10}{'calls/d':>10}{'CDN':>7}{'starts/d':>9}{'cpu s/d':>9}{'store/d':>10}"
    f"{'arXiv/d':>8}{'GB/d':>7}{'whole':>7}{'peak/s':>7}{'age 50':>8}{'age 99':>8}{'delay 99':>10}  nearest limit"
)


def row(load: Load) -> str:
    """Return one line of the table; values a day are means over the week's seven days."""
    nearest = limits(load)[0]
    return (
        f"{load.deployment.name:26}{load.deployment.readers:>8,}{load.polls / 7:>10,.0f}{load.calls / 7:>10,.0f}"
        f"{load.from_cdn:>7.1%}{load.starts / 7:>9,.0f}{load.processor_s / 7:>9,.0f}{load.commands / 7:>10,.0f}"
        f"{load.requests / 7:>8,.0f}{load.bytes_out / 7e9:>7,.2f}{load.bytes_out_whole / 7e9:>7,.1f}"
        f"{load.peak_polls:>7,.0f}{_span(quantile(load.ages_s, 0.5)):>8}{_span(quantile(load.ages_s, 0.99)):>8}{_span(quantile(load.delays_s, 0.99)):>10}  {nearest.name} {nearest.used:.1%}"
    )


def _span(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def rows(seed: int) -> Iterator[str]:
    for deployment in DEPLOYMENTS:
        yield row(simulate(deployment, seed=seed))
    late = simulate(_vercel(*SIZES[2], redis=True), seed=seed, late_s=2 * HOUR)
    yield f"arXiv two hours late: {late.calls / 7:,.0f} calls and {late.requests / 7:,.0f} requests a day"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    print(HEADING)
    for line in rows(arguments.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
