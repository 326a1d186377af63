"""Requests for feeds and digests, and their contents; pure."""
