"""Our server with a clock that is moved from outside: `clock_server.py CLOCK_FILE STORE PORT [SERVICES]`.

CLOCK_FILE holds the seconds to add to the system's time; it is read whenever the time is asked for. Waiting and
intervals stay real. STORE is the path of a SQLite file, or the address of a store as in `CACHE_URL`. SERVICES is the port
of stand-ins that messages go to.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from api.factory import create_app
from digest.clock import Clock
from digest.config.settings import Config
from digest.service.log_lines import configure_logging
from digest.service.service import DigestService
from digest.service.wiring import create_service
from digest.store.factory import open_store
from digest.store.memory import MemoryStore
from digest.store.protocol import Store
from digest.store.resilient import ResilientStore
from digest.store.sqlite import SqliteStore


def store_at(where: str, now: Clock) -> Store:
    """Return the store at the address *where*; a SQLite file gets more time than usual on a busy machine."""
    if "://" in where:
        return open_store(where, {}, now=now)
    return ResilientStore(SqliteStore(Path(where), now=now), MemoryStore(now=now), timeout=timedelta(seconds=20))


def main() -> None:
    clock, where, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    services = int(sys.argv[4]) if len(sys.argv) > 4 else None

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=int(clock.read_text()))

    def make(config: Config, environ: Mapping[str, str]) -> DigestService:
        sender = None
        if services is not None:
            from standins import sender_to

            sender = sender_to(services, now)
        return create_service(config, environ, store=store_at(where, now), sender=sender, now=now)

    configure_logging("info")
    uvicorn.run(create_app(make=make, now=now), host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
