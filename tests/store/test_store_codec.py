"""Stored bytes are read back or count as absent: nothing else ever happens."""

import logging
import struct
import zlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import AnnounceType, Author, Listing, Paper, Source
from digest.store.codec import JSON_LIMIT_BYTES, pack, unpack

LISTING = Listing(
    context="cs.LG",
    day=date(2026, 1, 12),
    papers=(
        Paper(
            id="2601.05174",
            title="On $O(N^2)$ Attention",
            authors=(Author(name="Ada Stühmer", affiliation="École"),),
            abstract="One.\n\nTwo.",
            categories=("cs.LG", "stat.ML"),
            primary_category="cs.LG",
            announce_type=AnnounceType.NEW,
            announced=date(2026, 1, 12),
            published=datetime(2026, 1, 9, 18, tzinfo=UTC),
        ),
    ),
    source=Source.ANNOUNCEMENT_FEED,
    asked=("cs.LG",),
    fetched_at=datetime(2026, 1, 12, 1, 0, 5, tzinfo=UTC),
)
PACKED = pack(LISTING, 3)


def test_what_was_packed_comes_back_equal():
    assert unpack(Listing, PACKED, 3) == LISTING


def test_computed_fields_are_not_stored():
    assert b"https://arxiv.org" not in zlib.decompress(PACKED[8:])


@pytest.mark.parametrize("schema", [0, 2, 4, 2**32 - 1])
def test_older_and_newer_schemas_are_absent(schema):
    assert unpack(Listing, pack(LISTING, schema), 3) is None


def test_absent_stays_absent():
    assert unpack(Listing, None, 3) is None


def test_truncated_at_any_place_is_absent():
    assert {unpack(Listing, PACKED[:length], 3) for length in range(len(PACKED))} == {None}


def test_bytes_after_the_end_are_absent():
    assert unpack(Listing, PACKED + b"x", 3) is None


@given(place=st.integers(0, len(PACKED) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_absent_or_harmless(place, bit):
    damaged = bytearray(PACKED)
    damaged[place] ^= 1 << bit
    assert unpack(Listing, bytes(damaged), 3) in {None, LISTING}


@given(st.binary(max_size=200))
def test_foreign_bytes_are_absent(data):
    assert unpack(Listing, data, 3) is None


def test_a_member_that_this_version_does_not_know_is_absent():
    """A newer program that forgot to raise its schema must not break an older one."""
    text = LISTING.model_dump_json(exclude_computed_fields=True).replace('"context"', '"flavour":1,"context"')
    assert unpack(Listing, PACKED[:8] + zlib.compress(text.encode()), 3) is None


def test_another_model_is_absent():
    assert unpack(Paper, PACKED, 3) is None


def test_a_decompression_bomb_is_absent_and_not_inflated():
    bomb = struct.pack(">4sI", b"AXD1", 3) + zlib.compress(b" " * (JSON_LIMIT_BYTES + 1), 9)
    assert len(bomb) < 100_000
    assert unpack(Listing, bomb, 3) is None


def test_too_large_to_be_read_back_is_refused():
    with pytest.raises(ValueError, match="too large"):
        pack(Author(name="x" * JSON_LIMIT_BYTES), 3)


def test_the_reason_is_in_the_debug_log(caplog):
    with caplog.at_level(logging.DEBUG, "digest.store.codec"):
        unpack(Listing, pack(LISTING, 2), 3)
    assert "Listing" in caplog.text
    assert "schema 2, expected 3" in caplog.text
