"""Real bodies of arXiv's services, damaged at random: each is read, or refused as what it is, and quickly."""

import os
import random
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from digest.errors import UpstreamError
from digest.upstream.parsing.announcement_feed import parse_announcement_feed
from digest.upstream.parsing.listing_page import parse_listing_page
from digest.upstream.parsing.query_api import parse_query_result
from tests.builders import NOON

REPLICA = Path(__file__).resolve().parents[3] / "shared" / "arxiv_replica" / "serve.py"
SLOWEST_S = 4
QUICK, LONG = 40, 1_000


def read_page(body: bytes) -> object:
    return parse_listing_page(body, context="gr-qc", fetched_at=NOON)


SOURCES = {
    "announcement feed": ("/rss/hep-th+gr-qc", parse_announcement_feed),
    "listing page": ("/list/gr-qc/new", read_page),
    "catch-up page": ("/catchup/gr-qc/2026-01-28?abs=True", read_page),
    "query API": ("/api/query?search_query=cat:gr-qc&max_results=40", parse_query_result),
}
JUNK = (b"\x00", b"\xff\xfe", b"]]>", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"&#x110000;", b"<", b">", b'"', b"\xe2\x80\xae", b"\\" * 300, b"{" * 300, b"$" * 99, b"9" * 5_000, b"<dl>" * 200, b"\xc3")  # fmt: skip


@pytest.fixture(scope="module")
def replica():
    if not REPLICA.exists():
        pytest.skip("there is no replica of arXiv beside the project")
    command = [sys.executable, "-u", str(REPLICA), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        line = process.stdout.readline().decode()
        yield re.search(r"http://[\d.:]+", line)[0]
        process.terminate()


def damaged(body, rng):
    """Return *body* with up to four things done to it."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(max(len(body), 1))
        end = min(start + rng.choice((1, 5, 60, 2_000)), len(body))
        elsewhere = rng.randrange(max(len(body), 1))
        body = rng.choice((
            body[:start] + body[end:],
            body[:start] + rng.randbytes(3) + body[start + 3 :],
            body[:start] + rng.choice(JUNK) + body[start:],
            body[:elsewhere] + body[start:end] + body[elsewhere:],
            body[:start] + body[start:end] * 40 + body[end:],
            body[:start],
            body.replace(rng.choice((b"<item>", b"</dd>", b"<entry>", b"<title>", b"utf-8", b"UTF-8")), rng.choice((b"", b"<a>", b"utf-16")), 3),
        ))  # fmt: skip
    return body


@pytest.mark.parametrize("source", SOURCES)
def test_damaged_bodies_are_read_or_refused(replica, source):
    path, parse = SOURCES[source]
    with urllib.request.urlopen(replica + path) as answer:
        body = answer.read()
    parse(body)
    rng = random.Random(source)
    for number in range(LONG if os.environ.get("ATTACK") == "long" else QUICK):
        bad, began = damaged(body, rng), time.perf_counter()
        try:
            parse(bad)
        except UpstreamError:
            pass
        except Exception as error:
            raise AssertionError(f"{source}, case {number}: {error!r}") from error
        assert time.perf_counter() - began < SLOWEST_S, f"{source}, case {number}"
