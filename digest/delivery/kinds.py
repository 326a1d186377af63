"""The table of services: what a request to each looks like, how much it takes, and how its answer is read. Pure.

A request is a template: texts that stand alone as `$name` are replaced; what `{"$all": …}` holds is made once for each
block of the message, `{"$below": …}` for each but the head. A service more is a row here, its needs in `digest.config.deliveries`, and a markup if none fits.

Sources, all read in November 2026:

* Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks;
  https://docs.slack.dev/reference/block-kit/blocks/section-block (3,000 characters a section, 50 blocks a message);
  https://docs.slack.dev/apis/web-api/rate-limits (one message a second, `Retry-After`).
* Discord: https://docs.discord.com/developers/resources/webhook#execute-webhook (content 2,000);
  https://docs.discord.com/developers/resources/message#embed-object-embed-limits (description 4,096, title 256, all 6,000).
* Telegram: https://core.telegram.org/bots/api#sendmessage (4,096 UTF-16 units after entities parsing);
  https://core.telegram.org/bots/api#responseparameters (`retry_after`); https://limits.tginfo.me/en (100 entities).
* Matrix: https://spec.matrix.org/latest/client-server-api/#size-limits (65,536 bytes an event);
  https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid.
* ntfy: https://docs.ntfy.sh/publish/#publish-as-json; https://docs.ntfy.sh/publish/#limitations (4,096 bytes).
* Webhook: https://www.standardwebhooks.com (`webhook-id`, `webhook-timestamp`, `webhook-signature`).
* Resend: https://resend.com/docs/api-reference/emails/send-email;
  https://resend.com/docs/dashboard/emails/idempotency-keys (256 characters, kept 24 hours).
* Mattermost: https://developers.mattermost.com/integrate/webhooks/incoming/ (16,383 characters a post).
* Feishu and Lark: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (20 kB, 100 a minute).
* WeCom: https://developer.work.weixin.qq.com/document/path/91770 (Markdown of 4,096 bytes, 20 a minute).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from digest.config.deliveries import DeliveryKind
from digest.delivery.markups import (
    DISCORD,
    HTML,
    MARKDOWN,
    PLAIN,
    SLACK,
    TELEGRAM,
    WECOM,
    Markup,
)

Json = Any
"""What JSON can hold; templates are made of it."""


def characters(text: str) -> int:
    """Count Unicode characters."""
    return len(text)


def utf16_units(text: str) -> int:
    """Count UTF-16 code units, of which an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def utf8_bytes(text: str) -> int:
    """Count bytes in UTF-8."""
    return len(text.encode())


@dataclass(frozen=True)
class Limits:
    """How much one message may hold; None: no limit.

    Attributes:
        count: How texts are measured.
        text: Of the whole text as sent.
        visible: Of the whole text as the reader sees it.
        block: Of one block as sent.
        blocks: How many.
        entities: Links and bold texts.
        body_bytes: Of the whole request.
    """

    count: Callable[[str], int] = characters
    text: int | None = None
    visible: int | None = None
    block: int | None = None
    blocks: int | None = None
    entities: int | None = None
    body_bytes: int | None = None


@dataclass(frozen=True)
class Template:
    """A request: `$name` in *address*, *path* and *headers* is replaced as in the body; a header without value goes.

    The address's own query stays behind *path*, and *query* is added to it.
    """

    body: Json
    address: str = "$url"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How the body of a successful answer is read.

    Attributes:
        accepted: The member that says whether it went well, and its values for that; None: the status says it all.
        error: The members that say why not, the first that is there.
        busy: Values of the first member that mean "too many, try later".
        pause: Path to seconds to wait.
        ident: Path to the message's id, for edits.
        text: The body of success, where it is no JSON.
    """

    accepted: tuple[str, tuple[Json, ...]] | None = None
    error: tuple[str, ...] = ()
    busy: tuple[Json, ...] = ()
    pause: tuple[str, ...] = ()
    pause_unit: timedelta = timedelta(seconds=1)
    ident: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True)
class Kind:
    """One service.

    Attributes:
        markup: How it writes text.
        limits: How much it takes.
        template: The request that sends.
        reading: How its answer is read.
        edit: The request that replaces a message sent before; None: it can't be edited.
        is_idempotent: Whether it recognises a request that it has taken before, so that one may be repeated.
        repeated: Statuses that say so.
        is_anywhere: Whether its address may name any host, which is then checked before it is connected to.
        is_mail: Whether it is spoken to in SMTP.
        signature: How a request is signed where a token is set, a name in `digest.delivery.signing`.
        silent: What `$silent` stands for: normally, and where nobody's phone is to ring.
    """

    markup: Markup
    limits: Limits
    template: Template
    reading: Reading = Reading()
    edit: Template | None = None
    is_idempotent: bool = False
    repeated: frozenset[int] = frozenset()
    is_anywhere: bool = False
    is_mail: bool = False
    signature: str = ""
    silent: tuple[Json, Json] = (False, True)


_BEARER = {"Authorization": "Bearer $token"}
_TELEGRAM_BODY = {
    "chat_id": "$chat",
    "text": "$text",
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
}
_TELEGRAM = "https://api.telegram.org"
_DISCORD_BODY = {
    "content": "$head",
    "embeds": [{"description": "$below"}],
    "allowed_mentions": {"parse": []},
}
_MATRIX_TEXT = {
    "msgtype": "$silent",
    "body": "$linked",
    "format": "org.matrix.custom.html",
    "formatted_body": "$html",
    "m.mentions": {},
}
_MATRIX_PATH = "/_matrix/client/v3/rooms/$room/send/m.room.message/$id"
_MAIL_BODY = {"from": "$sender", "to": "$recipients", "subject": "$subject", "text": "$plain", "html": "$html"}

KINDS: Mapping[DeliveryKind, Kind] = {
    DeliveryKind.SLACK: Kind(
        SLACK,
        Limits(block=3000, blocks=50),
        Template(
            {
                "text": "$head",
                "unfurl_links": False,
                "unfurl_media": False,
                "blocks": {"$all": {"type": "section", "text": {"type": "mrkdwn", "text": "$block", "verbatim": True}}},
            }
        ),
        Reading(accepted=("ok", (True,)), error=("error",), busy=("rate_limited", "ratelimited"), text="ok"),
    ),
    DeliveryKind.DISCORD: Kind(
        DISCORD,
        Limits(utf16_units, text=4096),
        Template(_DISCORD_BODY | {"flags": "$silent"}, query={"wait": "true"}),
        Reading(pause=("retry_after",), error=("message",), ident=("id",)),
        edit=Template(_DISCORD_BODY, path="/messages/$message", method="PATCH"),
        silent=(0, 4096),
    ),
    DeliveryKind.TELEGRAM: Kind(
        TELEGRAM,
        Limits(utf16_units, visible=4096, entities=100),
        Template(
            _TELEGRAM_BODY | {"disable_notification": "$silent"}, address=_TELEGRAM, path="/bot$token/sendMessage"
        ),
        Reading(
            accepted=("ok", (True,)),
            error=("description",),
            pause=("parameters", "retry_after"),
            ident=("result", "message_id"),
        ),
        edit=Template(_TELEGRAM_BODY | {"message_id": "$number"}, address=_TELEGRAM, path="/bot$token/editMessageText"),
    ),
    DeliveryKind.MATRIX: Kind(
        HTML,
        Limits(body_bytes=30_000),  # an edit holds the text twice
        Template(_MATRIX_TEXT, path=_MATRIX_PATH, method="PUT", headers=_BEARER),
        Reading(
            error=("errcode",), pause=("retry_after_ms",), pause_unit=timedelta(milliseconds=1), ident=("event_id",)
        ),
        edit=Template(
            _MATRIX_TEXT
            | {"m.new_content": _MATRIX_TEXT, "m.relates_to": {"rel_type": "m.replace", "event_id": "$message"}},
            path=_MATRIX_PATH,
            method="PUT",
            headers=_BEARER,
        ),
        is_idempotent=True,
        is_anywhere=True,
        silent=("m.text", "m.notice"),
    ),
    DeliveryKind.NTFY: Kind(
        PLAIN,
        Limits(utf8_bytes, text=4096),
        Template(
            {"topic": "$topic", "title": "$head", "message": "$said", "priority": "$silent", "click": "$link"},
            address="$server",
            headers=_BEARER,
        ),
        Reading(error=("error",)),
        is_anywhere=True,
        silent=(3, 2),
    ),
    DeliveryKind.WEBHOOK: Kind(
        PLAIN,
        Limits(),
        Template(
            {"id": "$id", "type": "$event", "target": "$target", "text": "$visible", "data": "$data"},
            headers={"Idempotency-Key": "$id", "webhook-id": "$id"},
        ),
        is_idempotent=True,
        repeated=frozenset({409}),
        is_anywhere=True,
        signature="standard",
    ),
    DeliveryKind.RESEND: Kind(
        HTML,
        Limits(),
        Template(_MAIL_BODY, address="https://api.resend.com/emails", headers=_BEARER | {"Idempotency-Key": "$id"}),
        Reading(error=("name", "message")),
        is_idempotent=True,
        repeated=frozenset({409}),
    ),
    DeliveryKind.SMTP: Kind(HTML, Limits(), Template(_MAIL_BODY), is_anywhere=True, is_mail=True),
    DeliveryKind.MATTERMOST: Kind(
        MARKDOWN,
        Limits(utf16_units, text=16_000),
        Template({"text": "$text"}),
        Reading(text="ok", error=("message",)),
        is_anywhere=True,
    ),
    DeliveryKind.FEISHU: Kind(
        PLAIN,
        Limits(body_bytes=19_000),
        Template(
            {
                "msg_type": "post",
                "content": {
                    "post": {
                        "en_us": {
                            "title": "$head",
                            "content": {
                                "$below": [
                                    {"tag": "a", "text": "$title", "href": "$href"},
                                    {"tag": "text", "text": "$rest"},
                                ]
                            },
                        }
                    }
                },
            }
        ),
        Reading(accepted=("code", (0,)), error=("msg",), busy=(9499, 11232)),
        signature="feishu",
    ),
    DeliveryKind.WECOM: Kind(
        WECOM,
        Limits(utf8_bytes, text=4096),
        Template({"msgtype": "markdown", "markdown": {"content": "$text"}}),
        Reading(accepted=("errcode", (0,)), error=("errmsg",), busy=(45009,)),
    ),
}
