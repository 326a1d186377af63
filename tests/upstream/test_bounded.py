"""Bodies unpacked within a bound."""

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.upstream.bounded import BodyError, BodyTooLargeError, BoundedBody


def read(pieces, encoding="", limit_bytes=1000):
    body = BoundedBody(encoding, limit_bytes=limit_bytes)
    for piece in pieces:
        body.feed(piece)
    return body.whole()


def cut(data, at):
    return [data[: at % (len(data) + 1)], data[at % (len(data) + 1) :]]


@given(st.binary(max_size=1000), st.integers(0, 2000), st.sampled_from(["", "identity", "gzip", "GZIP", "x-gzip"]))
def test_comes_back_as_it_was_however_it_is_cut(data, at, encoding):
    sent = gzip.compress(data) if "gzip" in encoding.lower() else data
    assert read(cut(sent, at), encoding) == data


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_holds_the_limit_and_not_a_byte_more(encoding, size, fits):
    sent = gzip.compress(bytes(size)) if encoding else bytes(size)
    if fits:
        assert read([sent], encoding) == bytes(size)
    else:
        with pytest.raises(BodyTooLargeError, match=r"answer larger than 1,000 bytes"):
            read([sent], encoding)


def test_a_bomb_takes_no_more_memory_than_the_limit():
    bomb = gzip.compress(bytes(20_000_000))
    tracemalloc.start()
    with pytest.raises(BodyTooLargeError):
        read([bomb], "gzip", limit_bytes=100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding):
    with pytest.raises(BodyError, match="which was not asked for"):
        read([b"x"], encoding)


@pytest.mark.parametrize("sent", [b"plain text", gzip.compress(b"body" * 100, mtime=0)[:-9]])
def test_what_is_not_compressed_as_it_says_is_refused(sent):
    with pytest.raises(BodyError, match="not compressed as it says"):
        read([sent], "gzip")
