"""A small key-value store with leases: memory, SQLite, Redis, Upstash."""
