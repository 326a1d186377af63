"""The `Store` protocol and its backends: memory, SQLite, Redis, Upstash."""

from digest.store.codec import pack, unpack
from digest.store.factory import open_store
from digest.store.memory import MemoryStore
from digest.store.protocol import KEYS_LIMIT, Lease, Store
from digest.store.resilient import ResilientStore

__all__ = ["KEYS_LIMIT", "Lease", "MemoryStore", "ResilientStore", "Store", "open_store", "pack", "unpack"]
