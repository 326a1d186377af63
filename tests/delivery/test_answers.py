"""How answers are read: sent, refused, busy, or nobody knows."""

import json
from datetime import timedelta

import pytest

from digest.config.deliveries import DeliveryKind
from digest.delivery.answers import Answer, Outcome, read_answer, shown_error
from digest.delivery.kinds import KINDS
from tests.services import ENVIRON, SECRETS


def read(kind, status, body, *, pause=None, secrets=()):
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return read_answer(KINDS[DeliveryKind(kind)], status, data, pause=pause, secrets=secrets)


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome"),
    [
        ("slack", 200, "ok", Outcome.SENT),
        ("slack", 200, {"ok": True}, Outcome.SENT),
        ("slack", 200, {"ok": False, "error": "channel_is_archived"}, Outcome.REFUSED),
        ("slack", 200, {"ok": False, "error": "ratelimited"}, Outcome.BUSY),
        ("slack", 200, {"ok": 1}, Outcome.REFUSED),
        ("slack", 200, "<html>Sign in to the hotel's network</html>", Outcome.UNKNOWN),
        ("slack", 403, "invalid_token", Outcome.REFUSED),
        ("slack", 404, "no_service", Outcome.REFUSED),
        ("slack", 410, "channel_is_archived", Outcome.REFUSED),
        ("slack", 429, "rate_limited", Outcome.BUSY),
        ("slack", 302, "", Outcome.REFUSED),
        ("slack", 500, "rollup_error", Outcome.UNKNOWN),
        ("slack", 503, "", Outcome.UNKNOWN),
        ("slack", 408, "", Outcome.UNKNOWN),
        ("telegram", 200, {"ok": True, "result": {"message_id": 7}}, Outcome.SENT),
        ("telegram", 200, {"ok": False, "description": "no"}, Outcome.REFUSED),
        ("telegram", 200, "", Outcome.UNKNOWN),
        ("telegram", 200, ["ok"], Outcome.UNKNOWN),
        ("telegram", 401, {"ok": False, "description": "Unauthorized"}, Outcome.REFUSED),
        ("telegram", 429, {"ok": False, "parameters": {"retry_after": 31}}, Outcome.BUSY),
        ("telegram", 502, "<html>", Outcome.UNKNOWN),
        ("feishu", 200, {"code": 0, "msg": "success"}, Outcome.SENT),
        ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, Outcome.REFUSED),
        ("feishu", 200, {"code": 11232, "msg": "frequency limited"}, Outcome.BUSY),
        ("feishu", 200, {"code": False}, Outcome.REFUSED),
        ("wecom", 200, {"errcode": 0, "errmsg": "ok"}, Outcome.SENT),
        ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, Outcome.REFUSED),
        ("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, Outcome.BUSY),
        ("discord", 200, {"id": "123"}, Outcome.SENT),
        ("discord", 404, {"message": "Unknown Webhook", "code": 10015}, Outcome.REFUSED),
        ("discord", 429, {"retry_after": 0.5}, Outcome.BUSY),
        ("matrix", 200, {"event_id": "$x"}, Outcome.SENT),
        ("matrix", 401, {"errcode": "M_UNKNOWN_TOKEN"}, Outcome.REFUSED),
        ("matrix", 429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}, Outcome.BUSY),
        ("resend", 409, {"name": "invalid_idempotent_request"}, Outcome.SENT),
        ("resend", 422, {"name": "validation_error"}, Outcome.REFUSED),
        ("webhook", 204, "", Outcome.SENT),
        ("webhook", 409, "", Outcome.SENT),
        ("ntfy", 200, {"id": "x"}, Outcome.SENT),
        ("ntfy", 413, {"error": "too large"}, Outcome.REFUSED),
        ("mattermost", 200, "ok", Outcome.SENT),
        ("mattermost", 400, {"message": "Unable to parse"}, Outcome.REFUSED),
    ],
)
def test_answers(kind, status, body, outcome):
    assert read(kind, status, body).outcome is outcome


@pytest.mark.parametrize("kind", [kind.value for kind in DeliveryKind])
@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"[" * 100_000, b'{"ok": ' + b"9" * 5000 + b"}", b"null", b'"ok"', b"{}"]
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_no_answer_is_too_odd_to_be_read(kind, status, body):
    assert read(kind, status, body).outcome in Outcome


@pytest.mark.parametrize(
    ("kind", "body", "header", "expected"),
    [
        ("slack", "", timedelta(seconds=30), 30),
        ("telegram", {"parameters": {"retry_after": 31}}, None, 31),
        ("telegram", {"parameters": {"retry_after": 31}}, timedelta(seconds=40), 40),
        ("matrix", {"retry_after_ms": 2500}, None, 2.5),
        ("discord", {"retry_after": 0.65}, None, 0.65),
        ("telegram", {"parameters": {"retry_after": "soon"}}, None, 0),
        ("telegram", {"parameters": {"retry_after": -4}}, None, 0),
        ("telegram", {"parameters": {"retry_after": 1e300}}, None, 0),
        ("slack", "", timedelta(days=400), 6 * 3600),
    ],
)
def test_a_service_that_is_busy_says_for_how_long(kind, body, header, expected):
    assert read(kind, 429, body, pause=header).pause == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("telegram", {"ok": True, "result": {"message_id": 77}}, "77"),
        ("discord", {"id": "1234567890"}, "1234567890"),
        ("matrix", {"event_id": "$abc:example.org"}, "$abc:example.org"),
        ("discord", {"id": ["x"]}, ""),
        ("discord", {"id": "x?y=z"}, ""),
        ("slack", "ok", ""),
    ],
)
def test_a_message_s_id_is_kept_for_edits(kind, body, expected):
    assert read(kind, 200, body).message == expected


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        ("slack", 404, "no_service", "status 404: no_service"),
        ("slack", 500, "<html><body>Long page</body></html>", "status 500"),
        ("telegram", 401, {"description": "Unauthorized"}, "status 401: Unauthorized"),
        ("wecom", 200, {"errcode": 1, "errmsg": "bad\x1b[31m key"}, "status 200: bad[31m key"),
    ],
)
def test_errors_are_short_and_plain(kind, status, body, expected):
    assert read(kind, status, body).error == expected


def test_errors_repeat_no_secret_and_no_address():
    known = tuple(ENVIRON.values())
    parts = {part for one in known for part in one.replace(":", "/").replace("=", "/").replace("@", "/").split("/")}
    for secret in (*known, *(one for one in SECRETS if one in parts)):
        for text in (f"bad {secret}", f"at https://x.test/{secret}?a=b", secret * 3, f"user {secret}@mail.test"):
            assert secret not in shown_error(text, known), secret
    assert shown_error("see https://api.telegram.org/bot1:x/y", ()) == "see ***"
    assert len(shown_error("word " * 900, ())) <= 160


def test_an_answer_says_nothing_by_itself():
    assert Answer(Outcome.SENT).error == ""
