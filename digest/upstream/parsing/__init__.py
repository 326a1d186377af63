"""Bytes in, listings out: one module an upstream format. No parser touches the network or the clock."""
