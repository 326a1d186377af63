"""Four processes that change one profile in one store lose nothing: on Redis, and on a SQLite file."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from digest.profiles.keys import Kind
from digest.service.profiles import Profiles
from digest.store.factory import lasting_beside, open_store
from tests.fakes import Clock
from tests.store import redis_server

pytestmark = pytest.mark.end_to_end
ROOT = Path(__file__).resolve().parents[2]
PROCESSES, VOTES = 4, 30
_VOTER = """
import asyncio, sys
from digest.profiles.addresses import Deed
from digest.profiles.keys import Kind
from digest.service.profiles import Profiles
from digest.clock import utc_now
from digest.store.factory import lasting_beside, open_store

async def vote(url, key, number, votes):
    store = open_store(url, {})
    profiles = Profiles(lasting_beside(store, is_serverless=False), counts=store.sure, per_day=9, now=utc_now)
    opened = await profiles.open(key, Kind.OWNER)
    for count in range(votes):
        deed = Deed.MORE if count % 2 else Deed.LESS
        await profiles.mark(opened.profile, deed, [f"26{number:02}.{count:05}"])
        if count % 10 == 0:
            await profiles.mark(opened.profile, Deed.SAVE, [f"26{number:02}.{count:05}"])
    await store.close()

asyncio.run(vote(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


@pytest.fixture(params=["sqlite", "redis"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/cache.sqlite3"
        return
    if redis_server.BINARY is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = redis_server.RedisServer(tmp_path)
    server.start()
    yield server.url
    server.kill()


def profiles_at(url):
    store = open_store(url, {}, now=Clock())
    return Profiles(lasting_beside(store, is_serverless=False), counts=store.sure, per_day=9, now=Clock()), store


def test_no_vote_is_lost(url):
    async def make():
        profiles, store = profiles_at(url)
        profile = await profiles.create("cs.LG", (), client="here")
        await store.close()
        return profile.key(Kind.OWNER)

    async def look(key):
        profiles, store = profiles_at(url)
        opened = await profiles.open(key, Kind.OWNER)
        await store.close()
        return opened.profile

    key = asyncio.run(make())
    command = [sys.executable, "-W", "ignore", "-c", _VOTER, url, key]
    running = [subprocess.Popen([*command, str(number), str(VOTES)], cwd=ROOT) for number in range(1, PROCESSES + 1)]
    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    profile = asyncio.run(look(key))
    papers = {f"26{number:02}.{count:05}" for number in range(1, PROCESSES + 1) for count in range(VOTES)}
    assert {*profile.liked(), *profile.disliked()} == papers
    assert len(profile.liked()) == len(profile.disliked()) == PROCESSES * VOTES / 2
    assert len(profile.saved) == PROCESSES * VOTES / 10
