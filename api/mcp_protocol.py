"""The Model Context Protocol over HTTP, without a session: one POST, one JSON answer. Pure: messages in, answers out.

Revision 2026-07-28 needs no handshake; each request names its revision in `_meta` and repeats what
routes it in headers. The revisions 2025-03-26 to 2025-11-25 begin with `initialize`, which is answered
without remembering anything, so that any instance can answer what follows.

Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http and
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports; JSON-RPC 2.0, https://www.jsonrpc.org/specification.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MCP_PATH = "/mcp"
STATELESS = ("2026-07-28",)
HANDSHAKE = ("2025-03-26", "2025-06-18", "2025-11-25")
WITH_BATCHES = "2025-03-26"
"""The one revision with JSON-RPC batches, and the one that a request without a header speaks."""
LONGEST_BODY = 65_536

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_VERSION_HEADER = "mcp-protocol-version"
_METHOD_HEADER = "mcp-method"
_NAME_HEADER = "mcp-name"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""The parameter that `Mcp-Name` repeats, by method."""
_ENCODED = re.compile(r"=\?base64\?(?P<payload>.*)\?=")
_LONGEST_IDENT = 200
"""Every answer repeats the id."""
_MOST_MESSAGES = 20

Json = dict[str, Any]


class ProtocolError(Exception):
    """A message that can't be answered with a result.

    Attributes:
        code: Of JSON-RPC or of the protocol.
        status: Of HTTP, where the message came alone.
        data: What the protocol wants to be said with it.
    """

    def __init__(self, code: int, message: str, *, status: int = 400, data: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.data = data


@dataclass(frozen=True)
class Call:
    """One request, or a notification where `ident` is None.

    Attributes:
        ident: What the answer repeats.
        version: The protocol's revision.
    """

    ident: str | int | None
    method: str
    params: Json
    version: str

    @property
    def is_stateless(self) -> bool:
        """Tell whether the revision is one without a handshake."""
        return self.version in STATELESS


def read_body(body: bytes) -> Any:
    """Return the JSON of a request's body.

    Raises:
        ProtocolError: It is none, or too long.
    """
    if len(body) > LONGEST_BODY:
        raise ProtocolError(INVALID_REQUEST, f"the body is longer than {LONGEST_BODY:,} bytes", status=413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(PARSE_ERROR, "the body is no JSON") from error


def check_headers(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name in small letters.

    Raises:
        ProtocolError: One that routes the request is given twice, so that two readers could see two requests.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key in found and key in {_VERSION_HEADER, _METHOD_HEADER, _NAME_HEADER}:
            raise ProtocolError(HEADER_MISMATCH, f"the header {key} is given twice")
        found[key] = value
    return found


def messages_of(document: Any, headers: Mapping[str, str]) -> tuple[list[Any], bool]:
    """Return the messages of a body, and whether they came as a batch.

    Raises:
        ProtocolError: A batch in a revision that has none, an empty one, or one that is too large.
    """
    if not isinstance(document, list):
        return [document], False
    if headers.get(_VERSION_HEADER, WITH_BATCHES) != WITH_BATCHES:
        raise ProtocolError(INVALID_REQUEST, f"only revision {WITH_BATCHES} has batches; send one message a request")
    if not 0 < len(document) <= _MOST_MESSAGES:
        raise ProtocolError(INVALID_REQUEST, f"a batch has 1 to {_MOST_MESSAGES} messages, not {len(document)}")
    return document, True


def read_call(message: Any, headers: Mapping[str, str]) -> Call | None:
    """Read one message; None for an answer of the client, which nothing here asked for.

    Raises:
        ProtocolError: It is no message of this protocol, its headers say something else, or its revision is unknown.
    """
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'a message is a JSON object with "jsonrpc": "2.0"')
    if "method" not in message and ("result" in message or "error" in message):
        return None
    method, params, ident = message.get("method"), message.get("params", {}), message.get("id")
    if not isinstance(method, str) or not isinstance(params, dict) or not _is_ident(message):
        raise ProtocolError(
            INVALID_REQUEST, "a request has a method, an id that is a short text or a whole number, and params"
        )
    meta = params.get("_meta")
    stateless = headers.get(_VERSION_HEADER) in STATELESS or (isinstance(meta, dict) and _VERSION_KEY in meta)
    version = _stateless_version(method, params, headers, ident) if stateless else _handshake_version(headers)
    return Call(ident, method, params, version)


def initialized(params: Json, info: Json, instructions: str) -> Json:
    """Return the answer to `initialize`: the revision that was offered if it is known, else the newest with a handshake."""
    offered = params.get("protocolVersion")
    return {
        "protocolVersion": offered if offered in HANDSHAKE else HANDSHAKE[-1],
        "capabilities": {"tools": {}},
        "serverInfo": info,
        "instructions": instructions,
    }


def discovered(info: Json, instructions: str) -> Json:
    """Return the answer to `server/discover`."""
    return {
        "supportedVersions": [*STATELESS, *reversed(HANDSHAKE)],
        "capabilities": {"tools": {}},
        "serverInfo": info,
        "instructions": instructions,
    }


def result_message(call: Call, result: Json) -> Json:
    """Return the answer to a request."""
    kind = {"resultType": "complete"} if call.is_stateless else {}
    return {"jsonrpc": "2.0", "id": call.ident, "result": {**kind, **result}}


def error_message(ident: str | int | None, error: ProtocolError) -> Json:
    """Return the answer to a message that can't be answered with a result."""
    members: Json = {"code": error.code, "message": str(error)}
    if error.data is not None:
        members["data"] = error.data
    return {"jsonrpc": "2.0", "id": ident, "error": members}


def packed(answer: Json | list[Json]) -> bytes:
    """Return an answer as UTF-8; half characters, which a client may send in an id, stay escaped."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def ident_of(message: Any) -> str | int | None:
    """Return the id of a message that may be anything, so that an error can name it."""
    ident = message.get("id") if isinstance(message, dict) else None
    is_one = isinstance(ident, str | int) and not isinstance(ident, bool) and len(str(ident)) <= _LONGEST_IDENT
    return ident if is_one else None


def _is_ident(message: Json) -> bool:
    """Tell whether a message's id is one, or absent, as in notifications."""
    return "id" not in message or ident_of(message) is not None


def _handshake_version(headers: Mapping[str, str]) -> str:
    version = headers.get(_VERSION_HEADER, WITH_BATCHES)
    if version not in HANDSHAKE:
        raise _unsupported(version)
    return version


def _stateless_version(method: str, params: Json, headers: Mapping[str, str], ident: str | int | None) -> str:
    """Return the revision of a request that needs no handshake, once its headers agree with its body."""
    given = headers.get(_VERSION_HEADER)
    if ident is None:  # a notification has no envelope of its own
        if given not in STATELESS:
            raise _unsupported(str(given))
        return str(given)
    meta = params.get("_meta")
    lacking = [key for key in (_VERSION_KEY, _CAPABILITIES_KEY) if not isinstance(meta, dict) or key not in meta]
    if lacking or not isinstance(meta, dict):
        raise ProtocolError(INVALID_PARAMS, f"params._meta lacks {' and '.join(lacking)}")
    version = meta[_VERSION_KEY]
    if given is None or given != version:
        raise ProtocolError(HEADER_MISMATCH, f"the header {_VERSION_HEADER} and params._meta name different revisions")
    if headers.get(_METHOD_HEADER) != method:
        raise ProtocolError(HEADER_MISMATCH, f"the header {_METHOD_HEADER} and the body name different methods")
    name = params.get(_NAMED[method]) if method in _NAMED else None
    if name is not None and _decoded(headers.get(_NAME_HEADER)) != name:
        raise ProtocolError(HEADER_MISMATCH, f"the header {_NAME_HEADER} and the body name different things")
    if version not in STATELESS:
        raise _unsupported(version)
    return str(version)


def _unsupported(version: str) -> ProtocolError:
    known = [*STATELESS, *reversed(HANDSHAKE)]
    data = {"supported": known, "requested": version}
    return ProtocolError(UNSUPPORTED_VERSION, f"unsupported protocol version; known are {', '.join(known)}", data=data)


def _decoded(value: str | None) -> str | None:
    """Undo the base64 that clients wrap around what a header can't hold; None where it isn't sound."""
    found = _ENCODED.fullmatch(value) if value is not None else None
    if found is None:
        return value
    try:
        decoded = base64.b64decode(found["payload"], validate=True)
        # Only the canonical form: two readers must not see two names.
        return decoded.decode() if base64.b64encode(decoded).decode() == found["payload"] else None
    except (binascii.Error, ValueError):
        return None
