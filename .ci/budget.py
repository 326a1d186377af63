"""Four servers, one store, a budget of five calls to a model: what is spent when the store refuses or forgets.

    .venv/bin/python .ci/budget.py [--jobs N] [SCENARIO …]

The listing is fetched once, by a server without a model. Each scenario starts from a copy of that store with four new
servers and a model of its own, and polls them until no more calls come. Never more calls than the budget plus what was
in flight when the store failed; none at all where it refused from the beginning. The feed itself is served all the
time. Every wait has an end. Prints a table; ends with status 1 if a row does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).parent))
from processes import PYTHON, SHARED, Scene, Server, free_port, scene, start

BUDGET = 5
PROCESSES, CONCURRENCY = 4, 2
IN_FLIGHT = PROCESSES * CONCURRENCY
QUIET_S, LONGEST_S = 2.5, 15.0
"""A scenario is over when no call came for so long, or after so long."""
POLL_S = 20
"""The longest that a poll may take: a server whose store can't be opened asks arXiv again."""
DAY = "2026-01-29"
FULL_KB = 16
"""No file may grow beyond this where the disk counts as full; SQLite's log needs an index of 32 kB."""
CONFIG = f"""
model:
  daily: {{calls: {BUDGET}}}
  concurrency: {CONCURRENCY}
  attempts: 1
feeds:
  small: {{categories: [cs.CL], days: 1, limit: 40}}
"""


@dataclass
class Play:
    """One scenario as it runs."""

    stage: Scene
    folder: Path
    arxiv: Server
    model: Server
    stored: Path
    """Folder of the store after the first fetch: a dump of Redis, and a SQLite file."""
    answers: Counter[int] = field(default_factory=Counter)
    """Statuses of the polls; 0 where no answer came in time."""

    def calls(self) -> int:
        return int(self.model.json("/_/stats")["requests"])

    def server(self, store: str, *, with_model: bool = True, prefix: tuple[str, ...] = ()) -> Server:
        port = free_port()
        command = [*prefix, PYTHON, str(Path(__file__).with_name("clock_server.py"))]
        environ = {"ARXIV_URL": self.arxiv.url, "DIGEST_CONFIG": str(self.folder / "config.yaml")}
        environ |= {"DIGEST_CACHE_KEEP_WARM_S": "0", "DIGEST_LOG_LEVEL": "warning"}
        if with_model:
            environ |= {"LLM_BASE_URL": f"{self.model.url}/v1", "LLM_MODEL": "fault:slow:0.3"}
        log = self.folder / f"ours-{port}.log"
        made = start([*command, str(self.folder / "clock"), store, str(port)], port, environ, "/healthz", log)
        self.stage.servers.append(made)
        return made

    def four(self, store: str, *, prefix: tuple[str, ...] = ()) -> list[Server]:
        with ThreadPoolExecutor(PROCESSES) as pool:
            return list(pool.map(lambda _: self.server(store, prefix=prefix), range(PROCESSES)))

    def poll(self, servers: list[Server]) -> None:
        for server in servers:
            self.answers[poll(server)] += 1

    def poll_until_quiet(self, servers: list[Server]) -> int:
        """Poll all servers in turn until the model is asked no more; return how often it was asked."""
        end = time.monotonic() + LONGEST_S
        seen, since = -1, time.monotonic()
        while time.monotonic() < min(since + QUIET_S, end):
            self.poll(servers)
            if (asked := self.calls()) != seen:
                seen, since = asked, time.monotonic()
            time.sleep(0.3)
        return self.calls()

    def wait_for_first_call(self, servers: list[Server]) -> None:
        end = time.monotonic() + LONGEST_S
        while not self.calls() and time.monotonic() < end:
            self.poll(servers)


def poll(server: Server) -> int:
    """Ask for the feed; return the status, 0 where no answer came in time."""
    with contextlib.suppress(OSError):
        return server.get("/feeds/small.json", timeout=POLL_S).status
    return 0


def stop(servers: list[Server]) -> None:
    for server in servers:
        server.stop(signal.SIGKILL)


@contextlib.contextmanager
def redis_at(folder: Path, dump: Path | None = None) -> Iterator[tuple[str, redis.Redis]]:
    """A Redis of our own, filled from *dump*; its address, and a client that waits five seconds at most."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if dump:
        shutil.copy(dump, folder / "dump.rdb")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*command, "--loglevel", "warning"], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port, socket_timeout=5)
    try:
        wait_for(client)
        yield f"redis://127.0.0.1:{port}/0", client
    finally:
        client.close()
        process.kill()
        process.wait(timeout=10)


def wait_for(client: redis.Redis) -> None:
    for _ in range(100):
        with contextlib.suppress(redis.RedisError):
            if client.ping():
                return
        time.sleep(0.1)
    raise SystemExit("Redis did not answer within 10 s")


def on_redis(
    before: Callable[[redis.Redis], object] | None = None, after: Callable[[redis.Redis], object] | None = None
) -> Callable[[Play], int]:
    """Return a scenario: *before* happens to Redis before the servers start, *after* once the first call is out."""

    def run(play: Play) -> int:
        with redis_at(play.folder / "redis", play.stored / "dump.rdb") as (url, client):
            if before:
                before(client)
            servers = play.four(url)
            if after:
                play.wait_for_first_call(servers)
                after(client)
            asked = play.poll_until_quiet(servers)
            stop(servers)
            return asked

    return run


def spent_then_flushed(play: Play) -> int:
    """The whole budget is spent, then Redis forgets everything; the servers live on."""
    with redis_at(play.folder / "redis", play.stored / "dump.rdb") as (url, client):
        servers = play.four(url)
        play.poll_until_quiet(servers)
        client.flushall()
        asked = play.poll_until_quiet(servers)
        stop(servers)
        return asked


def on_sqlite(play: Play, *, prefix: tuple[str, ...] = ()) -> int:
    copy = play.folder / "cache"
    shutil.copytree(play.stored, copy)
    servers = play.four(str(copy / "cache.sqlite3"), prefix=prefix)
    asked = play.poll_until_quiet(servers)
    stop(servers)
    return asked


def limited_files(play: Play) -> int:
    """No file may grow: what a full disk does to SQLite, where nothing can be mounted."""
    return on_sqlite(play, prefix=("bash", "-c", f'ulimit -f {FULL_KB}; exec "$@"', "bash"))


def full_disk(play: Play) -> int | None:
    """A file system of memory that is full; None where this user may not mount one."""
    disk = play.folder / "disk"
    disk.mkdir()
    size_kb = sum(path.stat().st_size for path in play.stored.glob("cache.sqlite3*")) // 1024 + 256
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return None
    try:
        for path in play.stored.glob("cache.sqlite3*"):
            shutil.copy(path, disk)
        servers = play.four(str(disk / "cache.sqlite3"))
        fill(disk / "filler")
        asked = play.poll_until_quiet(servers)
        stop(servers)
        return asked
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def full(client: redis.Redis) -> None:
    client.config_set("maxmemory", 1)


def replica(client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", free_port())


def flush(client: redis.Redis) -> None:
    client.flushall()


SCENARIOS: dict[str, tuple[Callable[[Play], int | None], int, int]] = {
    "normal": (on_redis(), BUDGET, BUDGET),
    "maxmemory 1 from the beginning": (on_redis(full), 0, 0),
    "maxmemory 1 after the first call": (on_redis(after=full), 1, BUDGET + IN_FLIGHT),
    "read-only replica from the beginning": (on_redis(replica), 0, 0),
    "read-only replica after the first call": (on_redis(after=replica), 1, BUDGET + IN_FLIGHT),
    "flushed after the first call": (on_redis(after=flush), 1, BUDGET + IN_FLIGHT),
    "flushed when all is spent": (spent_then_flushed, BUDGET, BUDGET + IN_FLIGHT),
    "SQLite": (on_sqlite, BUDGET, BUDGET),
    "SQLite, files that can't grow": (limited_files, 0, 0),
    "SQLite, full disk": (full_disk, 0, 0),
}
"""Each with the fewest and the most calls that are right."""


def prepare(folder: Path, stage: Scene, arxiv: Server, model: Server) -> None:
    """Fetch the listing into a Redis and a SQLite file, both kept in the folder `stored`."""
    play = Play(stage, folder, arxiv, model, folder / "stored")
    play.stored.mkdir()
    offset = datetime.fromisoformat(f"{DAY}T14:30:00+00:00") - datetime.now(UTC)
    (folder / "clock").write_text(str(int(offset.total_seconds())))
    with redis_at(play.stored) as (url, client):
        for store in (url, str(play.stored / "cache.sqlite3")):
            server = play.server(store, with_model=False)
            end = time.monotonic() + 30
            while (status := poll(server)) != 200:
                if time.monotonic() > end:
                    raise SystemExit(f"no feed within 30 s: {status}")
                time.sleep(0.5)
            time.sleep(5)  # the listing page, which confirms the day, comes behind the answer
            server.stop(signal.SIGINT)
        client.save()


def start_model(stage: Scene, folder: Path) -> Server:
    port = free_port()
    command = [sys.executable, str(SHARED / "llm" / "fake_openai.py"), "--port", str(port)]
    made = start(command, port, {}, "/v1/models", folder / "model.log")
    stage.servers.append(made)
    return made


def run(name: str, stage: Scene, arxiv: Server, stored: Path) -> bool:
    """Play a scenario in a folder of its own and print its row; return whether it holds."""
    scenario, fewest, most = SCENARIOS[name]
    folder = stage.folder / f"scenario-{list(SCENARIOS).index(name)}"
    folder.mkdir()
    shutil.copy(stored.parent / "clock", folder)
    (folder / "config.yaml").write_text(CONFIG)
    play = Play(stage, folder, arxiv, start_model(stage, folder), stored)
    began = time.monotonic()
    asked = scenario(play)
    if asked is None:
        print(f"skipped  {name}: nothing may be mounted here", flush=True)
        return True
    holds = fewest <= asked <= most and play.answers[200] > 0
    allowed = f"{fewest} to {most}" if fewest < most else str(most)
    print(
        f"{'ok' if holds else 'FAILED':8} {name:40}{asked:>3} calls, {allowed} allowed; "
        f"polls by status {dict(play.answers)}; {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return holds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios at a time")
    arguments = parser.parse_args()
    if not (SHARED / "arxiv_replica").is_dir():
        print("budgets not tried: they need the replica of arXiv and the stub of a model")
        return
    with tempfile.TemporaryDirectory() as name, scene(Path(name)) as stage:
        (stage.folder / "config.yaml").write_text(CONFIG)
        arxiv = stage.arxiv("--today", DAY)
        prepare(stage.folder, stage, arxiv, start_model(stage, stage.folder))
        with ThreadPoolExecutor(arguments.jobs) as pool:
            chosen = arguments.scenarios or list(SCENARIOS)
            held = list(pool.map(lambda one: run(one, stage, arxiv, stage.folder / "stored"), chosen))
    if not all(held):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
