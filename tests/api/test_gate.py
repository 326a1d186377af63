"""The gate by itself: who comes in, what is left of the key, and what its answers tell caches. Tables of small cases."""

import base64

import pytest

from api.access import CRON_PATH, Gate, has_key, with_security

TOKEN, SECRET = "t0ken & more", "cron-secret"
KEY = b"key=t0ken%20%26%20more"
CLOSED, OPEN = Gate(TOKEN, SECRET), Gate("")
COOKIE = (b"set-cookie", b"a=b")


def scope(path="/rss/cs.LG", query=b"", authorization=None):
    headers = [(b"accept", b"*/*")]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode("latin-1")))
    return {"type": "http", "path": path, "query_string": query, "headers": headers}


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (KEY, b""),
        (b"key=t0ken+%26+more", b""),
        (KEY + b"&limit=5", b"limit=5"),
        (b"limit=5&" + KEY, b"limit=5"),
        (b"a=1&" + KEY + b"&b=2", b"a=1&b=2"),
        (b"key=wrong&" + KEY, b""),
        (KEY + b"&key=wrong&types=new", b"types=new"),
        (b"monkey=1&" + KEY, b"monkey=1"),
    ],
)
def test_a_key_lets_in_and_is_taken_out_of_the_query(query, left):
    asked = scope(query=query)
    assert CLOSED.admitted(asked) == scope(query=left)
    assert asked["query_string"] == query, "the request itself stays as it came"


@pytest.mark.parametrize("query", [b"", b"key=", b"key=wrong", b"key=t0ken", b"KEY=t0ken%20%26%20more", b"monkey=t0ken%20%26%20more", b"limit=5"])  # fmt: skip
def test_without_the_token_nobody_comes_in(query):
    assert CLOSED.admitted(scope(query=query)) is None


@pytest.mark.parametrize(
    ("authorization", "comes_in"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer   {TOKEN} ", True),
        (basic(f"reader:{TOKEN}"), True),
        (basic(f":{TOKEN}"), True),
        (basic(f"reader:{TOKEN}").replace("Basic", "basic"), True),
        (basic(f"reader:{TOKEN}") + " ", True),
        (basic(f"reader:{TOKEN}:"), False),
        (basic(TOKEN), False),
        (basic(f"{TOKEN}:reader"), False),
        (basic(f"a:b:{TOKEN}"), False),
        (f"Basic {TOKEN}", False),
        (f"Digest {TOKEN}", False),
        (TOKEN, False),
        ("", False),
        ("Bearer", False),
        (f"Bearer {SECRET}", False),
        ("Basic /w==", False),
        ("Basic =", False),
        (basic(f"reader:{TOKEN}")[:-4] + "!" + basic(f"reader:{TOKEN}")[-4:], False),
    ],
)
def test_a_password_or_bearer_token_lets_in(authorization, comes_in):
    asked = scope(authorization=authorization)
    assert CLOSED.admitted(asked) == (asked if comes_in else None)


@pytest.mark.parametrize(
    ("path", "comes_in"),
    [
        ("/healthz", True),
        ("/static/style.css", True),
        ("/static", False),
        ("/staticx", False),
        ("/healthz/", False),
        ("/", False),
        (CRON_PATH, False),
    ],
)
def test_few_addresses_are_open_to_everybody(path, comes_in):
    assert bool(CLOSED.admitted(scope(path))) is comes_in


def test_an_open_server_lets_everybody_in_without_the_key():
    assert OPEN.admitted(scope()) == scope()
    assert OPEN.admitted(scope(query=b"key=old&limit=5")) == scope(query=b"limit=5")


def test_a_token_beyond_latin_letters_lets_in():
    gate = Gate("täglich")
    assert gate.admitted(scope(query=b"key=t%C3%A4glich")) == scope()
    assert gate.admitted(scope(authorization=basic("x:täglich")))


def test_a_token_that_is_no_text_closes_the_server():
    gate = Gate.of({"ACCESS_TOKEN": "a\udcff"})  # what Python makes of bytes in the environment that are not UTF-8
    assert gate.is_closed
    assert gate.admitted(scope(query=b"key=a%FF")) is None


class TestCron:
    @pytest.mark.parametrize(
        ("gate", "path", "authorization", "comes_in"),
        [
            (CLOSED, CRON_PATH, f"Bearer {SECRET}", True),
            (CLOSED, CRON_PATH, f"Bearer {SECRET}x", False),
            (CLOSED, CRON_PATH, "Bearer ", False),
            (CLOSED, CRON_PATH, "", False),
            (CLOSED, CRON_PATH, SECRET, False),
            (CLOSED, CRON_PATH + "/", f"Bearer {SECRET}", False),
            (CLOSED, "/rss/cs.LG", f"Bearer {SECRET}", False),
            (Gate(TOKEN), CRON_PATH, "", False),
            (Gate(TOKEN), CRON_PATH, "Bearer ", False),
            (Gate(TOKEN), CRON_PATH, f"Bearer {SECRET}", False),
        ],
    )
    def test_its_secret_opens_its_address_only(self, gate, path, authorization, comes_in):
        assert gate.is_cron(path, authorization) is comes_in
        assert (gate.admitted(scope(path, authorization=authorization)) is not None) is comes_in

    @pytest.mark.parametrize(("gate", "has_secret"), [(CLOSED, True), (Gate(TOKEN), False), (OPEN, False)])
    def test_a_gate_tells_whether_there_is_one(self, gate, has_secret):
        assert gate.has_cron_secret is has_secret


@pytest.mark.parametrize(
    ("environ", "is_closed", "has_secret"),
    [
        ({}, False, False),
        ({"ACCESS_TOKEN": "a"}, True, False),
        ({"ACCESS_TOKEN": "  ", "CRON_SECRET": " "}, False, False),
        ({"ACCESS_TOKEN": " a\n", "CRON_SECRET": " b\n"}, True, True),
        ({"CRON_SECRET": "b"}, False, True),
    ],
)
def test_a_gate_is_made_of_the_environment(environ, is_closed, has_secret):
    gate = Gate.of(environ)
    assert (gate.is_closed, gate.has_cron_secret) == (is_closed, has_secret)
    if is_closed:
        assert gate.admitted(scope(query=b"key=a"))
    if has_secret:
        assert gate.is_cron(CRON_PATH, "Bearer b")


@pytest.mark.parametrize(
    ("url", "with_key"),
    [
        ("/rss/cs.LG", "/rss/cs.LG?key=t0ken%20%26%20more"),
        ("/rss/cs.LG?limit=5", "/rss/cs.LG?limit=5&key=t0ken%20%26%20more"),
        ("/digest/x#cs.LG", "/digest/x?key=t0ken%20%26%20more#cs.LG"),
        ("/digest/x?a=1#b?c", "/digest/x?a=1&key=t0ken%20%26%20more#b?c"),
    ],
)
def test_a_link_holds_the_key_where_one_is_needed(url, with_key):
    assert CLOSED.link(url) == with_key
    assert OPEN.link(url) == url
    assert Gate("a/b").link("/x") == "/x?key=a%2Fb"


@pytest.mark.parametrize(
    ("query", "found"), [(b"key=a", True), (b"a=1&key=", True), (b"monkey=a", False), (b"", False), (b"a=key=", False)]
)
def test_a_key_in_the_address_is_seen(query, found):
    assert has_key(scope(query=query)) is found


class TestPrivate:
    @staticmethod
    async def sent(*headers, with_key=False):
        messages = []

        async def send(message):
            messages.append(message)

        private = CLOSED.private(send, with_key=with_key)
        start = {"type": "http.response.start", "status": 200, "headers": list(headers)}
        body = {"type": "http.response.body", "body": b"x"}
        await private(start)
        await private(body)
        assert messages[1] is body
        assert (messages[0]["type"], messages[0]["status"]) == ("http.response.start", 200)
        assert start["headers"] == list(headers), "what the application sent stays as it is"
        return messages[0]["headers"]

    @pytest.mark.anyio
    @pytest.mark.parametrize(
        ("control", "closed"),
        [
            (b"public, max-age=60, s-maxage=600", b"private, max-age=60"),
            (b"public", b"private, no-cache"),
            (b"public, immutable", b"private, no-cache"),
            (b"no-store", b"no-store"),
            (b"private, max-age=5", b"private, max-age=5"),
        ],
    )
    async def test_no_shared_cache_keeps_an_answer(self, control, closed):
        assert await self.sent((b"cache-control", control), COOKIE) == [(b"cache-control", closed), COOKIE]

    @pytest.mark.anyio
    async def test_an_answer_that_says_nothing_is_private(self):
        assert await self.sent(COOKIE) == [COOKIE, (b"cache-control", b"private, no-cache")]
        assert await self.sent() == [(b"cache-control", b"private, no-cache")]

    @pytest.mark.anyio
    async def test_an_answer_without_headers_is_private(self):
        messages = []

        async def send(message):
            messages.append(message)

        await CLOSED.private(send, with_key=False)({"type": "http.response.start", "status": 204})
        assert messages[0]["headers"] == [(b"cache-control", b"private, no-cache")]

    @pytest.mark.anyio
    @pytest.mark.parametrize(("with_key", "location"), [(True, b"/x?key=t0ken%20%26%20more"), (False, b"/x")])
    async def test_a_redirect_keeps_the_key_that_came_in_the_address(self, with_key, location):
        control = (b"cache-control", b"no-store")
        assert await self.sent(control, (b"location", b"/x"), with_key=with_key) == [control, (b"location", location)]

    @pytest.mark.anyio
    async def test_a_refusal_says_what_is_wanted(self):
        messages = []

        async def send(message):
            messages.append(message)

        asked = scope() | {"method": "GET", "scheme": "http", "server": ("papers.test", 80), "root_path": ""}
        await CLOSED.refuse(asked, send)
        headers = dict(messages[0]["headers"])
        assert messages[0]["status"] == 401
        assert headers[b"www-authenticate"] == b'Basic realm="arxiv-digest", charset="UTF-8"'
        assert headers[b"cache-control"] == b"no-store"
        assert b"This server is closed" in messages[1]["body"]


@pytest.mark.parametrize(
    ("given", "complete"),
    [
        ([], [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]),
        ([COOKIE, (b"referrer-policy", b"origin")], [COOKIE, (b"referrer-policy", b"origin"), (b"x-content-type-options", b"nosniff")]),
        ([(b"x-content-type-options", b"x"), (b"referrer-policy", b"y")], [(b"x-content-type-options", b"x"), (b"referrer-policy", b"y")]),
    ],
)  # fmt: skip
def test_headers_of_security_are_added_where_they_lack(given, complete):
    assert with_security(iter(given)) == complete
