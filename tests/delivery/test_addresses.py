"""Where names lead, and what may be connected to: looked up once, checked, and used as checked."""

import asyncio
import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
from pydantic import SecretStr

from digest.delivery.addresses import AddressError, checked_addresses, is_public
from digest.delivery.answers import Outcome
from digest.delivery.payloads import payload_of
from digest.delivery.sending import Sender
from tests.builders import NOON
from tests.delivery.kit import make_entry, make_message, target_of
from tests.fakes import Clock


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("198.18.0.1", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("no address", False),
        ("", False),
    ],
)
def test_addresses_of_the_public_internet(address, expected):
    assert is_public(address) is expected


@pytest.mark.parametrize(
    ("found", "allow_private", "refused"),
    [
        (["93.184.216.34"], False, False),
        (["93.184.216.34", "127.0.0.1"], False, True),
        (["127.0.0.1"], False, True),
        (["127.0.0.1"], True, False),
        ([], True, True),
        (OSError("no such host"), True, True),
        (UnicodeError("label too long"), False, True),
    ],
)
def test_one_bad_address_refuses_them_all(found, allow_private, refused):
    looked = []

    async def resolve(host, port):
        looked.append((host, port))
        if isinstance(found, Exception):
            raise found
        return found

    async def check():
        return await checked_addresses("secret-host.test", 443, allow_private=allow_private, resolve=resolve)

    if refused:
        with pytest.raises(AddressError) as error:
            asyncio.run(check())
        assert "secret-host" not in str(error.value)
    else:
        assert asyncio.run(check()) == tuple(found)
    assert looked == [("secret-host.test", 443)]


class Recorder(httpx.AsyncBaseTransport):
    def __init__(self, dead=()):
        self.requests = []
        self._dead = dead

    async def handle_async_request(self, request):
        self.requests.append(request)
        if request.url.host in self._dead:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, stream=httpx.ByteStream(b"ok"))


def send(kind, url, found, *, transport, more=""):
    looked = []

    async def resolve(host, port):
        looked.append((host, port))
        return found

    target = target_of(kind, more).model_copy(update={"url": SecretStr(url)})
    payload = payload_of(make_message(make_entry()), target, name=kind, ident="1")
    sender = Sender(user_agent="arxiv-digest/test", transport=transport, resolve=resolve, now=Clock(NOON))
    return asyncio.run(sender.send(payload, target, within=timedelta(seconds=3))), looked


def test_the_connection_goes_to_the_checked_address_under_the_name():
    transport = Recorder()
    answer, looked = send("mattermost", "https://chat.test/hooks/x", ["93.184.216.34"], transport=transport)
    assert answer.outcome is Outcome.SENT
    assert looked == [("chat.test", 443)]
    (request,) = transport.requests
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "chat.test"
    assert request.extensions["sni_hostname"] == "chat.test"


def test_the_next_address_is_tried_if_one_takes_no_connection():
    transport = Recorder(dead={"93.184.216.34"})
    found = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
    answer, looked = send("mattermost", "https://chat.test:8443/hooks/x", found, transport=transport)
    assert answer.outcome is Outcome.SENT
    assert looked == [("chat.test", 8443)]
    assert [request.url.host for request in transport.requests] == found
    assert transport.requests[-1].headers["host"] == "chat.test:8443"


@pytest.mark.parametrize("kind", ["matrix", "ntfy", "webhook", "mattermost"])
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "192.168.0.9"])
def test_nothing_is_sent_to_the_local_network_unless_permitted(kind, address):
    transport = Recorder()
    answer, _ = send(kind, "https://inside.test/x", [address], transport=transport)
    assert (answer.outcome, transport.requests) == (Outcome.UNREACHED, [])
    assert "allow_private" in answer.error
    answer, _ = send(kind, "https://inside.test/x", [address], transport=transport, more="allow_private: true")
    assert len(transport.requests) == 1


@pytest.mark.parametrize("kind", ["slack", "discord", "telegram", "resend", "feishu", "wecom"])
def test_hosts_that_a_kind_fixes_are_asked_as_they_are(kind):
    transport = Recorder()
    target = target_of(kind)
    payload = payload_of(make_message(make_entry()), target, name=kind, ident="1")

    async def resolve(_host, _port):
        raise AssertionError("not looked up here")

    sender = Sender(user_agent="arxiv-digest/test", transport=transport, resolve=resolve, now=Clock(NOON))
    asyncio.run(sender.send(payload, target))
    (request,) = transport.requests
    assert request.url.scheme == "https"
    assert request.url.host in {
        "hooks.slack.com", "discord.com", "api.telegram.org", "api.resend.com", "open.feishu.cn", "qyapi.weixin.qq.com"}  # fmt: skip


class Local(BaseHTTPRequestHandler):
    """Answers as it is told, and keeps what it was asked."""

    seen: list[str]
    answer: tuple[int, dict[str, str], bytes]

    def do_POST(self):
        type(self).seen.append(self.path)
        self.rfile.read(int(self.headers["content-length"]))
        status, headers, body = type(self).answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def local():
    handler = type("Handler", (Local,), {"seen": [], "answer": (200, {}, b"ok")})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"http://local.test:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {}, b"ok"), Outcome.SENT),
        ((302, {"Location": "/elsewhere"}, b""), Outcome.REFUSED),
        ((307, {"Location": "/elsewhere"}, b""), Outcome.REFUSED),
        ((308, {"Location": "http://127.0.0.1:1/"}, b""), Outcome.REFUSED),
        ((429, {"Retry-After": "7"}, b""), Outcome.BUSY),
        ((500, {}, b""), Outcome.UNKNOWN),
        ((200, {"Content-Encoding": "br"}, b"xx"), Outcome.SENT),
        ((200, {"Content-Length": "900"}, b"cut"), Outcome.UNKNOWN),
        ((200, {}, b"x" * 1_000_000), Outcome.SENT),
    ],
)
def test_over_real_sockets(local, answer, outcome):
    handler, url = local
    handler.answer = answer
    found, _ = send("mattermost", f"{url}/hooks/x", ["127.0.0.1"], transport=None, more="allow_private: true")
    assert found.outcome is outcome
    assert handler.seen == ["/hooks/x"]
    if outcome is Outcome.BUSY:
        assert found.pause == timedelta(seconds=7)


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://local.test:{port}/hooks/x"
    answer, _ = send("mattermost", url, ["127.0.0.1"], transport=None, more="allow_private: true")
    assert (answer.outcome, "local.test" in answer.error) == (Outcome.UNREACHED, False)


def test_a_server_that_says_nothing():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://local.test:{deaf.getsockname()[1]}/hooks/x"
        answer, _ = send("mattermost", url, ["127.0.0.1"], transport=None, more="allow_private: true")
    assert answer.outcome is Outcome.UNKNOWN


def test_a_server_without_tls_where_tls_is_asked_for(local):
    _, url = local
    secure = url.replace("http:", "https:")
    answer, _ = send("mattermost", f"{secure}/hooks/x", ["127.0.0.1"], transport=None, more="allow_private: true")
    assert answer.outcome is Outcome.UNREACHED
