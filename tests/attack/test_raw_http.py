"""Requests that no client sends: odd hosts, paths, methods, headers, sizes. None is answered with a 500, none slowly."""

import re
import socket
import time

import pytest

SLOWEST_S = 5
PATHS = [
    *("/", "//", "///", "//evil.example", "/\\evil.example", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/."),
    *("/static/../api/index.py", "/static/%2e%2e%2fconfig.yaml", "/static/..\\..\\x", "/static/%00", "/static/a%00.css"),
    *("/rss/", "/rss//", "/rss/%00", "/rss/%0d%0aX-A:%20b", "/rss/cs.LG%2Fx", "/rss/cs.LG/", "/rss/cs.LG;x", "/rss/+", "/rss/" + "cs.LG+" * 500),
    *("/rss/%ff%fe", "/rss/%", "/rss/%zz", "/rss/é", "/rss/cs.LG?", "/rss/cs.LG?q", "/rss/cs.LG?=", "/rss/cs.LG?&&&", "/rss/cs.LG?q=%00"),
    *("/rss/cs.LG?q=%ff", "/rss/cs.LG?days=1e9", "/rss/cs.LG?days=" + "9" * 5_000, "/rss/cs.LG?limit=-0", "/rss/cs.LG?q=" + "(" * 5_000),
    *("/rss/cs.LG?" + "&".join(f"a{n}=1" for n in range(3_000)), "/rss/cs.LG?q=" + "a" * 30_000, "/" + "a" * 30_000, "/" + "/" * 10_000),
    *("/list/cs.LG?page=0", "/list/cs.LG?page=99999999999999999999", "/list/cs.LG.bib?page=7", "/feeds/..", "/feeds/%2e%2e", "/feeds/machines.xyz"),
    *("/digest/0000-00-00", "/digest/9999-12-31", "/digest/2026-02-30", "/digest/1991-08-14?spec=hep-th", "/digest/-1", "/digest/latest.exe"),
    *("/api/papers/", "/api/papers/x", "/api/papers/2601.00001v0", "/api/papers/hep-th%2F9901001", "/api/papers/" + "9" * 5_000),
    *("/api/papers?spec=cs.LG&cursor=%F0%9F%A7%AA", "/api/papers?spec=cs.LG&cursor=" + "A" * 490, "/build?" + "spec=cs.LG&" * 300),
    *("/search/rss?query=%10", "/search/rss?query=all:%22%10%22", "/search/rss?query=" + "%28" * 900, "/opml.xml?spec=" + "," * 480),
    *("/openapi.json", "/docs", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt", "*", "http://evil.example/", "/?key=x&key=y"),
]  # fmt: skip
METHODS = [
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "HEAD",
    "TRACE",
    "PROPFIND",
    "get",
    "G\x00T",
    "A" * 300,
    "CONNECT",
    "PRI",
    "",
]
HEADERS = [
    *("If-None-Match: *", "If-None-Match: " + '"a",' * 5_000, 'If-None-Match: W/"', "If-None-Match: \xff", "If-Modified-Since: never"),
    *("If-Modified-Since: Thu, 01 Jan 0001 00:00:00 GMT", "If-Modified-Since: " + "9" * 3_000, "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 -2400"),
    *("Accept-Encoding: gzip;q=0", "Accept-Encoding: " + "gzip," * 3_000, "Accept-Encoding: \xff", "Accept-Encoding: br, zstd", "Accept: text/html"),
    *("Range: bytes=0-0", "Range: bytes=" + "0-0," * 1_000, "Authorization: Basic !!!", "Authorization: Bearer \xff", "Authorization: " + "A" * 9_000),
    *("Cookie: " + "a=b;" * 3_000, "X-Forwarded-For: " + "1.2.3.4, " * 900, "X-Forwarded-For: \x00", "X-Forwarded-Proto: javascript", "X-Forwarded-Host: evil"),
    *("X-Request-ID: a\tb", "X-Request-ID: " + "a" * 999, "Origin: null", "Origin: https://evil.example", "Content-Length: 5", "Content-Length: -1"),
    *("Transfer-Encoding: chunked", "Expect: 100-continue", "Upgrade: websocket", "Connection: close, keep-alive", 'Forwarded: for="[', "a:b", ": x", "x"),
]  # fmt: skip
HOSTS = [
    "",
    " ",
    "evil.example",
    "a" * 256,
    "a" * 20_000,
    "a b",
    "a/b",
    "<script>",
    "[::1]",
    "[::1",
    "a:99999",
    "é",
    "a\x00b",
    "a,b",
    "a\tb",
    "@",
    "a@b",
]


def ask(port, method, path, headers=()):
    """Send one request, byte by byte as told; return status, headers and body of what came back, 0 if nothing did."""
    lines = [f"{method} {path} HTTP/1.1", *headers, "Connection: close", "", ""]
    began, received = time.monotonic(), bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=SLOWEST_S) as opened:
        try:
            opened.sendall("\r\n".join(lines).encode("utf-8" if "é" in path else "latin-1"))
            opened.shutdown(socket.SHUT_WR) if headers and "Content-Length: 5" in headers else None
            while chunk := opened.recv(1 << 16):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server may close on nonsense
        except TimeoutError:
            assert "chunked" in str(headers) or method == "CONNECT" or "100-continue" in str(headers), lines
    assert time.monotonic() - began < SLOWEST_S + 1
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    return int(status[1]) if status else 0, head.decode("latin-1").lower(), body


def check(status, head, body):
    assert status < 500 or status == 503, (head, body[:300])
    assert "traceback" not in body[:5_000].decode("utf-8", "replace").lower()
    assert "\r\nx-a:" not in head
    assert "\nlocation: //" not in head
    assert "\nlocation: http" not in head or "location: http://papers.test" in head
    assert b"root:" not in body[:1_000]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_paths(attacked, path):
    for method in ("GET", "HEAD"):
        check(*ask(attacked, method, path, ["Host: papers.test"]))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: repr(method[:20]))
def test_methods(attacked, method):
    for path in ("/rss/cs.LG", "/", "/api/cron/refresh", "/none"):
        check(*ask(attacked, method, path, ["Host: papers.test"]))


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header[:40]))
def test_headers(attacked, header):
    for path in ("/rss/cs.LG", "/list/cs.LG"):
        check(*ask(attacked, "GET", path, ["Host: papers.test", header]))


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: repr(host[:20]))
def test_hosts(attacked, host):
    status, head, body = ask(attacked, "GET", "/rss/cs.LG", [f"Host: {host}"])
    check(status, head, body)
    assert status in ({200} if host in {"evil.example", "[::1]"} else {0, 400})


def test_several_hosts(attacked):
    assert ask(attacked, "GET", "/healthz", ["Host: a", "Host: b"])[0] in {0, 400}


def test_the_server_lives_on(attacked):
    assert ask(attacked, "GET", "/rss/cs.LG", ["Host: papers.test"])[0] == 200
