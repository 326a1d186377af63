"""The Model Context Protocol: messages in, answers out."""

import base64
import json

import pytest

from api.mcp_protocol import (
    HANDSHAKE,
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    LONGEST_BODY,
    PARSE_ERROR,
    UNSUPPORTED_VERSION,
    ProtocolError,
    check_headers,
    error_message,
    ident_of,
    initialized,
    messages_of,
    packed,
    read_body,
    read_call,
)

NEWEST = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": NEWEST, "io.modelcontextprotocol/clientCapabilities": {}}


def stateless(method="tools/list", **params):
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": META, **params}}


def routing(method="tools/list", name=None, version=NEWEST):
    headers = {"mcp-protocol-version": version, "mcp-method": method}
    return headers if name is None else {**headers, "mcp-name": name}


def encoded(name):
    return f"=?base64?{base64.b64encode(name.encode()).decode()}?="


class TestBodies:
    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000])
    def test_what_is_no_json_is_refused(self, body):
        with pytest.raises(ProtocolError) as raised:
            read_body(body)
        assert (raised.value.code, raised.value.status) == (PARSE_ERROR, 400)

    def test_as_long_as_allowed_and_one_longer(self):
        assert read_body(json.dumps("x" * (LONGEST_BODY - 2)).encode())
        with pytest.raises(ProtocolError) as raised:
            read_body(json.dumps("x" * (LONGEST_BODY - 1)).encode())
        assert raised.value.status == 413

    @pytest.mark.parametrize("name", ["MCP-Protocol-Version", "Mcp-Method", "mcp-name"])
    def test_routing_headers_come_once(self, name):
        with pytest.raises(ProtocolError) as raised:
            check_headers([(name, "a"), (name.lower(), "a")])
        assert raised.value.code == HEADER_MISMATCH

    def test_other_headers_may_come_twice(self):
        assert check_headers([("Accept", "a"), ("accept", "b")]) == {"accept": "b"}

    @pytest.mark.parametrize(
        ("document", "headers", "count"),
        [
            ({"a": 1}, {}, 1),
            ([{}, {}], {}, 2),
            ([{}], {"mcp-protocol-version": "2025-03-26"}, 1),
            ([{}], {"mcp-protocol-version": "2025-06-18"}, None),
            ([{}], {"mcp-protocol-version": NEWEST}, None),
            ([], {}, None),
            ([{}] * 21, {}, None),
        ],
    )
    def test_only_the_first_revision_has_batches(self, document, headers, count):
        if count is None:
            with pytest.raises(ProtocolError):
                messages_of(document, headers)
        else:
            assert len(messages_of(document, headers)[0]) == count


class TestCalls:
    @pytest.mark.parametrize(
        "message",
        [
            None,
            7,
            "text",
            [],
            {},
            {"jsonrpc": "1.0", "id": 1, "method": "ping"},
            {"jsonrpc": "2.0", "id": None, "method": "ping"},
            {"jsonrpc": "2.0", "id": True, "method": "ping"},
            {"jsonrpc": "2.0", "id": 1.5, "method": "ping"},
            {"jsonrpc": "2.0", "id": "x" * 201, "method": "ping"},
            {"jsonrpc": "2.0", "id": 1, "method": 3},
            {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []},
        ],
    )
    def test_what_is_no_request_is_refused(self, message):
        with pytest.raises(ProtocolError) as raised:
            read_call(message, {})
        assert (raised.value.code, raised.value.status) == (INVALID_REQUEST, 400)

    @pytest.mark.parametrize("member", ["result", "error"])
    def test_answers_of_the_client_are_dropped(self, member):
        assert read_call({"jsonrpc": "2.0", "id": 1, member: {}}, {}) is None

    @pytest.mark.parametrize(
        ("headers", "version"),
        [({}, "2025-03-26"), *(({"mcp-protocol-version": known}, known) for known in HANDSHAKE)],
    )
    def test_the_header_names_the_revision(self, headers, version):
        call = read_call({"jsonrpc": "2.0", "id": "a", "method": "ping"}, headers)
        assert (call.version, call.is_stateless) == (version, False)

    @pytest.mark.parametrize("version", ["2024-11-05", "2099-01-01", "", "draft"])
    def test_an_unknown_revision_is_told_which_are_known(self, version):
        with pytest.raises(ProtocolError) as raised:
            read_call({"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"mcp-protocol-version": version})
        told = error_message(1, raised.value)["error"]
        assert (told["code"], raised.value.status) == (UNSUPPORTED_VERSION, 400)
        assert told["data"]["supported"][0] == NEWEST
        assert told["data"]["requested"] == version

    @pytest.mark.parametrize(
        ("message", "headers"),
        [
            (stateless(), routing()),
            (stateless("tools/call", name="papers"), routing("tools/call", "papers")),
            (stateless("tools/call", name="papers"), routing("tools/call", encoded("papers"))),
            (stateless("tools/call", name="è"), routing("tools/call", encoded("è"))),
            (stateless("tools/list", **{"": "x"}), routing()),
            ({"jsonrpc": "2.0", "method": "notifications/cancelled"}, routing("notifications/cancelled")),
        ],
    )
    def test_headers_that_agree_with_the_body(self, message, headers):
        assert read_call(message, headers).is_stateless

    @pytest.mark.parametrize(
        ("message", "headers", "code"),
        [
            (stateless(), {}, HEADER_MISMATCH),
            (stateless(), routing(version="2025-11-25"), HEADER_MISMATCH),
            (stateless(), routing("tools/call"), HEADER_MISMATCH),
            (stateless("tools/call", name="papers"), routing("tools/call"), HEADER_MISMATCH),
            (stateless("tools/call", name="papers"), routing("tools/call", "paper"), HEADER_MISMATCH),
            (stateless("tools/call", name="a"), routing("tools/call", "=?base64?YR==?="), HEADER_MISMATCH),
            (stateless("tools/call", name="a"), routing("tools/call", "=?base64?Y!?="), HEADER_MISMATCH),
            (stateless("resources/read", uri="a"), routing("resources/read", "b"), HEADER_MISMATCH),
            ({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, routing(), INVALID_PARAMS),
            ({"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"_meta": 1}}, routing("a"), INVALID_PARAMS),
        ],
    )
    def test_headers_that_disagree_with_the_body(self, message, headers, code):
        with pytest.raises(ProtocolError) as raised:
            read_call(message, headers)
        assert (raised.value.code, raised.value.status) == (code, 400)

    def test_a_revision_to_come_is_unknown(self):
        meta = {**META, "io.modelcontextprotocol/protocolVersion": "2027-01-01"}
        with pytest.raises(ProtocolError) as raised:
            read_call(stateless(_meta=meta), routing(version="2027-01-01"))
        assert raised.value.code == UNSUPPORTED_VERSION


@pytest.mark.parametrize(
    ("offered", "answered"), [*((one, one) for one in HANDSHAKE), ("2024-11-05", "2025-11-25"), (7, "2025-11-25")]
)
def test_the_handshake_settles_on_a_known_revision(offered, answered):
    assert initialized({"protocolVersion": offered}, {}, "")["protocolVersion"] == answered


@pytest.mark.parametrize("ident", [0, -1, "", "a", "\ud800"])
def test_ids_come_back_as_they_were(ident):
    assert json.loads(packed({"id": ident_of({"id": ident})})) == {"id": ident}
