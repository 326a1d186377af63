"""Signatures of requests, where a target has a token to sign with. Pure.

Sources: https://www.standardwebhooks.com ("Verifying webhook authenticity": `{id}.{timestamp}.{body}`, five minutes);
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (signature verification).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from digest.delivery.payloads import Payload

_PREFIX = "whsec_"


def _secret_bytes(key: str) -> bytes:
    """Return the bytes of a secret: base64 behind `whsec_`, as Standard Webhooks writes it, else the text itself."""
    if not key.startswith(_PREFIX):
        return key.encode()
    try:
        return base64.b64decode(key.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return key.encode()


def _standard(payload: Payload, key: str, now: datetime) -> Payload:
    """Sign id, time stamp and body, so that nobody can repeat or alter them."""
    stamp = str(int(now.timestamp()))
    signed = b".".join((payload.ident.encode(), stamp.encode(), payload.body))
    mark = base64.b64encode(hmac.digest(_secret_bytes(key), signed, hashlib.sha256)).decode()
    headers = {"webhook-timestamp": stamp, "webhook-signature": f"v1,{mark}"}
    return replace(payload, headers={**payload.headers, **headers})


def _feishu(payload: Payload, key: str, now: datetime) -> Payload:
    stamp = str(int(now.timestamp()))
    mark = base64.b64encode(hmac.digest(f"{stamp}\n{key}".encode(), b"", hashlib.sha256)).decode()
    body = {"timestamp": stamp, "sign": mark, **json.loads(payload.body)}
    return replace(payload, body=json.dumps(body, ensure_ascii=False).encode())


SIGNATURES: Mapping[str, Callable[[Payload, str, datetime], Payload]] = {"standard": _standard, "feishu": _feishu}
