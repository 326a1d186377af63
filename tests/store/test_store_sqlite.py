"""One file, several processes, any of which may be killed at any moment."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import StoreError, StoreFullError
from digest.store.memory import MemoryStore
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore

MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.anyio

HEAD = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from digest.errors import StoreFullError
from digest.store.sqlite import SqliteStore
print("started", flush=True)
store = SqliteStore(Path(sys.argv[1]), now=lambda: datetime(2026, 1, 12, 1, tzinfo=UTC))
"""

INCREMENT = """
async def main():
    for _ in range(300):
        await store.increment("n")
asyncio.run(main())
"""

COUNT_UNDER_LOCK = """
async def main():
    done = 0
    while done < 40:
        lease = await store.acquire("lock", ttl=timedelta(minutes=1))
        if lease:
            value = int(await store.get("value") or b"0")
            await asyncio.sleep(0)
            assert await store.set("value", str(value + 1).encode(), lease=lease)
            assert await store.release(lease)
            done += 1
        await asyncio.sleep(0.002)
asyncio.run(main())
"""

FILL_AND_DIE = """
async def main():
    await store.set("key", b"old")
    await store.set("gone", b"x", ttl=timedelta(milliseconds=1))
    if "close" in sys.argv:
        await store.close()
    else:
        os._exit(9)
asyncio.run(main())
"""

USE_WITHOUT_RIGHTS = """
import json
from digest.store.resilient import ResilientStore
if os.getuid() == 0:
    os.setuid(65534)  # root may write everywhere

async def main():
    used = ResilientStore(store)
    told = [(await used.get("key") or b"").decode(), used.degraded, used.describe().endswith("read-only)")]
    lease = await used.acquire("lock", ttl=timedelta(minutes=1))
    told += [bool(lease), await used.set("key", b"new", lease=lease), (await used.get("key")).decode()]
    told += [await used.set("more", b"1"), (await used.get("more")).decode(), used.degraded]
    try:
        await store.set("key", b"newer")
    except StoreFullError:
        told.append("refused")
    print(json.dumps(told))
    await used.close()
asyncio.run(main())
"""

USE_ON_A_FULL_DISK = """
import resource
from digest.store.resilient import ResilientStore
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))

async def main():
    used = ResilientStore(store)
    assert await used.get("key") == b"old" and not used.degraded
    assert await used.set("more", b"1") and await used.get("more") == b"1"  # in memory
    try:
        await store.increment("n")
    except StoreFullError:
        print("refused", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store._file._writable_again_at = 0.0
    print(await store.increment("n"), flush=True)
asyncio.run(main())
"""

WRITE_FOREVER = """
async def main():
    number = 0
    while True:
        number += 1
        await store.acquire("held by the dead", ttl=timedelta(minutes=1))
        await store.set(f"k{number % 50}", b"%08d" % number * 500)
        await store.increment("n")
        print(number, flush=True)
asyncio.run(main())
"""


def start(code, path):
    return subprocess.Popen([sys.executable, "-c", HEAD + code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache.sqlite3"


@pytest.fixture
async def store(path, clock):
    opened = SqliteStore(path, now=clock)
    yield opened
    await opened.close()


def damage_page_of(path, key):
    """Overwrite the pages that hold the value of *key*, after its log was written back."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    place = data.index(key.encode())
    start_of_page = place - place % 4096
    data[start_of_page : start_of_page + 4096] = b"\xff" * 4096
    with path.open("r+b") as file:  # the same file, as a failing disk would
        file.write(data)


@pytest.mark.end_to_end
class TestSeveralProcesses:
    async def test_no_increment_is_lost(self, path, clock):
        """They also create the file at the same moment."""
        processes = [start(INCREMENT, path) for _ in range(2)]
        for process in processes:
            process.communicate(timeout=20)
        assert [process.returncode for process in processes] == [0, 0]
        assert await SqliteStore(path, now=clock).increment("n", 0) == 600

    async def test_only_the_holder_of_a_lock_is_at_work(self, path, clock):
        processes = [start(COUNT_UNDER_LOCK, path) for _ in range(2)]
        for process in processes:
            process.communicate(timeout=20)
        assert [process.returncode for process in processes] == [0, 0]
        assert await SqliteStore(path, now=clock).get("value") == b"80"

    @pytest.mark.parametrize("seed", range(4))
    async def test_kill_9_loses_nothing_that_was_acknowledged(self, path, seed, clock):
        process = start(WRITE_FOREVER, path)
        acknowledged = random.Random(seed).randrange(0, 120)
        for _ in range(acknowledged + 1):  # one line at start, one each round
            line = process.stdout.readline()
        process.kill()
        process.communicate()

        after = SqliteStore(path, now=clock)
        assert await after.increment("n", 0) >= acknowledged
        if acknowledged:
            number = int(line)
            assert int((await after.get(f"k{number % 50}"))[:8]) >= number
        for key in await after.keys("k"):
            value = await after.get(key)
            assert value
            assert value == value[:8] * 500
        assert await after.set("new", b"1")
        assert not list(path.parent.glob("*.corrupt"))
        await after.close()

    async def test_a_killed_holder_blocks_only_for_its_time(self, path, clock):
        process = start(WRITE_FOREVER, path)
        process.stdout.readline()
        process.stdout.readline()
        process.kill()
        process.communicate()
        now = SqliteStore(path, now=clock)
        assert await now.acquire("held by the dead", ttl=MINUTE) is None
        await now.close()


class TestDamage:
    @pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
    async def test_a_foreign_file_is_moved_aside_with_one_line(self, path, store, content, caplog):
        path.write_bytes(content)
        assert await store.get("key") is None
        assert await store.set("key", b"1")
        assert await store.get("key") == b"1"
        assert len(caplog.messages) == 1
        assert path.with_name("cache.sqlite3.corrupt").read_bytes() == content

    async def test_an_empty_file_is_a_fresh_one(self, path, store, caplog):
        path.touch()
        assert await store.set("key", b"1")
        assert not caplog.messages

    async def test_a_truncated_file_is_moved_aside(self, path, store):
        for number in range(50):
            await store.set(f"k{number}", bytes(4000))
        await store.close()
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2 + 100])
        for number in range(50):
            await store.set(f"k{number}", b"new")
        assert await store.get_many(["k0", "k49"]) == [b"new", b"new"]
        assert path.with_name("cache.sqlite3.corrupt").exists()

    async def test_damage_under_open_connections_is_survived_by_both(self, path, store, clock):
        other = SqliteStore(path, now=clock)
        await store.set("unique-key", b"1")
        assert await other.get("unique-key") == b"1"
        await store.close()
        await other.close()
        await other.keys("")
        damage_page_of(path, "unique-key")
        for opened in (store, other):
            await opened.get("unique-key")
            await opened.set("key", b"1")
        await store.set("key", b"2")
        assert await other.get("key") == b"2"
        assert path.with_name("cache.sqlite3.corrupt").exists()
        await other.close()

    async def test_a_file_deleted_under_us_is_begun_anew(self, path, store):
        await store.set("key", b"1")
        for file in path.parent.iterdir():
            file.unlink()
        assert await store.get("key") is None
        assert await store.set("key", b"2")
        assert path.exists()

    async def test_tokens_go_on_growing_in_a_fresh_file(self, path, store, clock):
        before = await store.acquire("lock", ttl=MINUTE)
        path.unlink()
        clock.advance(MINUTE)
        assert (await store.acquire("lock", ttl=MINUTE)).token > before.token


class TestOtherVersions:
    async def test_an_older_layout_is_emptied(self, path, store):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript("CREATE TABLE entries (k, v); INSERT INTO entries VALUES ('key', 'old')")
        assert await store.get("key") is None
        assert await store.set("key", b"1")

    async def test_a_newer_layout_is_left_alone(self, path, store):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript("CREATE TABLE better (k, v); PRAGMA user_version = 99")
        with pytest.raises(StoreError, match="newer version"):
            await store.get("key")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM better").fetchone() == (0,)


class TestNoRoom:
    async def test_full_means_no_writes_but_reads(self, path, clock):
        store = SqliteStore(path, limit_bytes=200_000, now=clock)
        await store.set("first", b"1", ttl=2 * MINUTE)
        await store.set("k", bytes(150_000), ttl=MINUTE)
        with pytest.raises(StoreFullError):
            await store.set("too much", bytes(100_000), ttl=MINUTE)
        assert await store.get("first") == b"1"
        assert await store.keys("") == ["first", "k"]
        await store.close()

    async def test_expired_values_make_room(self, path, clock):
        store = SqliteStore(path, limit_bytes=200_000, now=clock)
        for number in range(200):
            await store.set(f"k{number}", bytes(10_000), ttl=MINUTE)
            clock.advance(timedelta(seconds=5))
        assert path.stat().st_size <= 200_000
        await store.close()

    async def test_a_place_that_can_not_be_written_is_an_error(self, tmp_path, clock):
        (tmp_path / "file").touch()
        for path in (tmp_path, tmp_path / "file" / "cache.sqlite3", Path("/proc/cache.sqlite3")):
            store = SqliteStore(path, now=clock)
            for call in (store.get("key"), store.set("key", b"1"), store.acquire("lock", ttl=MINUTE)):
                with pytest.raises(StoreError):
                    await call
            await store.close()

    async def test_behind_a_resilient_store_it_is_no_error(self, tmp_path, clock):
        store = ResilientStore(SqliteStore(tmp_path, now=clock), MemoryStore(now=clock))
        assert await store.set("key", b"1")
        assert await store.get("key") == b"1"
        assert store.degraded
        await store.close()


async def test_a_writer_that_does_not_finish_is_waited_for_a_while_and_reads_go_on(path, clock):
    store = SqliteStore(path, busy_timeout=timedelta(milliseconds=30), now=clock)
    await store.set("key", b"1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert await store.get("key") == b"1"
        with pytest.raises(StoreError, match="locked"):
            await store.set("key", b"2")
        other.execute("ROLLBACK")
    assert await store.set("key", b"2")
    await store.close()


async def test_expired_rows_are_removed_now_and_then(path, store, clock):
    await store.set("key", b"1", ttl=MINUTE)
    await store.acquire("lock", ttl=MINUTE)
    clock.advance(timedelta(days=8))
    await store.set("other", b"1")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT key FROM entries").fetchall() == [("other",)]
        assert connection.execute("SELECT count(*) FROM locks").fetchone() == (0,)


@pytest.fixture
def public_folder():
    """A folder that every user of this machine can come to, and can be kept from writing to."""
    folder = Path(tempfile.mkdtemp(prefix="digest-store-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


class TestReadOnly:
    @pytest.mark.parametrize("ending", ["close", "die"])
    def test_a_file_that_can_only_be_read_is_served_and_memory_keeps_what_is_new(self, public_folder, ending):
        def run(code):
            command = [sys.executable, "-W", "ignore", "-c", HEAD + code, str(public_folder / "cache.sqlite3"), ending]
            return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        assert run(FILL_AND_DIE).returncode == (0 if ending == "close" else 9)
        for file in public_folder.iterdir():
            file.chmod(0o444)
        public_folder.chmod(0o555)
        before = {file.name: file.read_bytes() for file in public_folder.iterdir()}
        used = run(USE_WITHOUT_RIGHTS)
        assert used.stdout.splitlines()[1:] == [
            json.dumps(["old", False, True, True, True, "new", True, "1", False, "refused"])
        ], used.stderr
        assert {file.name: file.read_bytes() for file in public_folder.iterdir()} == before

    async def test_writing_is_tried_again_after_a_while(self, path, store, monkeypatch):
        await store.set("key", b"1")
        monkeypatch.setattr(store._file, "_writable_again_at", time.monotonic() + 60)
        with pytest.raises(StoreFullError, match="can only be read"):
            await store.set("key", b"2")
        monkeypatch.setattr(store._file, "_writable_again_at", time.monotonic() - 1)
        assert await store.set("key", b"3")
        assert await store.get("key") == b"3"
        assert store.describe() == f"sqlite ({path})"


@pytest.mark.parametrize("limit_bytes", [0, 4096, 16384])
def test_a_file_on_a_full_disk_is_served_and_nothing_is_counted(path, limit_bytes):
    """The write-ahead log can't be opened there: its index needs 32 kB."""

    def run(code, argument):
        command = [sys.executable, "-c", HEAD + code, str(path), argument]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    run(FILL_AND_DIE, "close")
    found = run(USE_ON_A_FULL_DISK, str(limit_bytes))

    assert found.stdout.split() == ["started", "refused", "1"], found.stderr


async def test_a_file_of_before_terms_gets_their_column(path, store):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE entries (key TEXT PRIMARY KEY NOT NULL, value NOT NULL, expires INTEGER);"
            "CREATE TABLE locks (name TEXT PRIMARY KEY NOT NULL, token INTEGER NOT NULL, owner TEXT NOT NULL,"
            " expires INTEGER NOT NULL);"
            "INSERT INTO entries VALUES ('key', x'31', NULL);"
            "INSERT INTO locks VALUES ('held', 7, 'x', 9999999999999); PRAGMA user_version = 1"
        )
    assert await store.get("key") == b"1"
    assert await store.acquire("held", ttl=MINUTE) is None
    assert await store.acquire("lock", ttl=MINUTE)
