"""Stand-ins for the services that messages go to: each refuses what the real one would, and keeps what it took.

The limits here are written down a second time, from the services' own pages, so that a wrong number in the program's
table doesn't go unseen.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

SLACK_URL = "https://hooks.slack.com/services/T000/B000/slack-secret-value"
DISCORD_URL = "https://discord.com/api/webhooks/4711/discord-secret-value"
TELEGRAM_TOKEN = "123456:telegram-secret-value"
MATRIX_URL = "https://matrix.test"
MATRIX_TOKEN = "matrix-secret-value"
NTFY_URL = "https://ntfy.test/ntfy-secret-topic"
WEBHOOK_URL = "https://hook.test/in?key=webhook-secret-value"
WEBHOOK_TOKEN = "whsec_" + base64.b64encode(b"webhook-signing-secret").decode()
RESEND_TOKEN = "re_resend-secret-value"
MATTERMOST_URL = "https://chat.test/hooks/mattermost-secret-value"
FEISHU_URL = "https://open.feishu.cn/open-apis/bot/v2/hook/feishu-secret-value"
FEISHU_TOKEN = "feishu-signing-secret"
WECOM_URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=wecom-secret-value"
SMTP_URL = "smtp://user:smtp-secret-value@mail.test:587"

ENVIRON = {
    "DELIVER_SLACK_URL": SLACK_URL,
    "DELIVER_DISCORD_URL": DISCORD_URL,
    "DELIVER_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
    "DELIVER_MATRIX_URL": MATRIX_URL,
    "DELIVER_MATRIX_TOKEN": MATRIX_TOKEN,
    "DELIVER_NTFY_URL": NTFY_URL,
    "DELIVER_WEBHOOK_URL": WEBHOOK_URL,
    "DELIVER_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
    "DELIVER_RESEND_TOKEN": RESEND_TOKEN,
    "DELIVER_MATTERMOST_URL": MATTERMOST_URL,
    "DELIVER_FEISHU_URL": FEISHU_URL,
    "DELIVER_FEISHU_TOKEN": FEISHU_TOKEN,
    "DELIVER_WECOM_URL": WECOM_URL,
    "DELIVER_SMTP_URL": SMTP_URL,
}
"""The environment of a configuration whose targets are named after their kinds."""
TARGETS = {
    "slack": "kind: slack",
    "discord": "kind: discord",
    "telegram": "kind: telegram, chat: 12345",
    "matrix": 'kind: matrix, room: "!room:matrix.test"',
    "ntfy": "kind: ntfy",
    "webhook": "kind: webhook",
    "resend": "kind: resend, from: Digest <digest@example.org>, to: you@example.org",
    "mattermost": "kind: mattermost",
    "feishu": "kind: feishu",
    "wecom": "kind: wecom",
    "smtp": 'kind: smtp, from: Digest <digest@example.org>, to: "you@example.org, me@example.org"',
}
WEB_KINDS = tuple(kind for kind in TARGETS if kind != "smtp")
SECRETS = (
    "slack-secret-value",
    "discord-secret-value",
    "telegram-secret-value",
    "matrix-secret-value",
    "ntfy-secret-topic",
    "webhook-secret-value",
    WEBHOOK_TOKEN,
    "webhook-signing-secret",
    "resend-secret-value",
    "mattermost-secret-value",
    "feishu-secret-value",
    FEISHU_TOKEN,
    "wecom-secret-value",
    "smtp-secret-value",
)
"""What may stand in no text that anybody sees."""
HOSTS = {
    "hooks.slack.com": "slack",
    "discord.com": "discord",
    "api.telegram.org": "telegram",
    "matrix.test": "matrix",
    "ntfy.test": "ntfy",
    "hook.test": "webhook",
    "api.resend.com": "resend",
    "chat.test": "mattermost",
    "open.feishu.cn": "feishu",
    "qyapi.weixin.qq.com": "wecom",
}


class RuleError(Exception):
    """A request that the service would not take."""


def must(holds, what):
    if not holds:
        raise RuleError(what)


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


class _Html(HTMLParser):
    """Reads the few tags that chats know; counts what stands between them."""

    def __init__(self, allowed):
        super().__init__(convert_charrefs=True)
        self.text, self.entities, self.open, self.allowed = "", 0, [], allowed

    def handle_starttag(self, tag, attrs):
        must(tag in self.allowed, f"tag {tag}")
        if tag != "br":
            self.open.append(tag)
        self.entities += tag in {"a", "b"}
        must(all(name == "href" and value.startswith("https://") for name, value in attrs), "attributes")

    def handle_endtag(self, tag):
        must(self.open and self.open.pop() == tag, f"unbalanced {tag}")

    def handle_data(self, data):
        self.text += data


def read_html(text, allowed):
    reader = _Html(allowed)
    reader.feed(text)
    reader.close()
    must(not reader.open, "tags left open")
    return reader


@dataclass
class Taken:
    """One message as the service keeps it.

    Attributes:
        service: Which one.
        text: What a reader sees, more or less.
        body: The request.
        edits: Texts that replaced it.
    """

    service: str
    text: str
    body: dict[str, Any]
    request: httpx.Request
    edits: list[str] = field(default_factory=list)


Fault = Callable[[httpx.Request], Any]
"""Returns a response, an exception to raise, None, or a coroutine of one of them."""


class Services(httpx.AsyncBaseTransport):
    """All services behind one transport.

    Attributes:
        taken: Messages, in order.
        refused: Why requests were refused, in order.
        faults: By service, what happens instead; asked first. One that returns None lets the request through.
        after: The same, but the message has been taken by then.
        now: The clock, for signatures.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.taken: list[Taken] = []
        self.refused: list[str] = []
        self.requests: list[tuple[str, httpx.Request]] = []
        self.faults: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.now = now
        self._known: dict[Any, Any] = {}

    def of(self, service: str) -> list[Taken]:
        return [one for one in self.taken if one.service == service]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        reply = await self._reply(request)
        # A response may be sent once only.
        return httpx.Response(reply.status_code, headers=reply.headers, stream=reply.stream)

    async def _reply(self, request):
        host = request.headers["host"].partition(":")[0]
        service = HOSTS[request.extensions.get("sni_hostname", host)]
        self.requests.append((service, request))
        body = await request.aread()
        answer = await self._result(self.faults.get(service), request)
        if answer is not None:
            return answer
        try:
            answer = self._answer(service, request, body)
        except RuleError as error:
            self.refused.append(f"{service}: {error}")
            return httpx.Response(400, json={"error": str(error)})
        return await self._result(self.after.get(service), request) or answer

    async def _result(self, fault: Fault | None, request):
        found = fault(request) if fault else None
        if hasattr(found, "__await__"):
            found = await found
        if isinstance(found, Exception):
            raise found
        return found

    def _answer(self, service, request, body):
        must(request.headers["content-type"].startswith("application/json"), "content type")
        must("digest" in request.headers["user-agent"], "user agent")
        return getattr(self, f"_{service}")(request, json.loads(body), body)

    def _take(self, service, text, content, request):
        self.taken.append(Taken(service, text, content, request))
        return str(1000 + len(self.taken))

    def _slack(self, request, content, _):
        must(request.method == "POST" and str(request.url) == SLACK_URL, "address")
        must(content["unfurl_links"] is False and content["unfurl_media"] is False, "unfurling")
        must(1 <= len(content["blocks"]) <= 50, "blocks")
        texts = [content["text"]]
        for block in content["blocks"]:
            must(block["type"] == "section" and block["text"]["type"] == "mrkdwn", "block")
            must(block["text"]["verbatim"] is True, "names are looked for")
            must(1 <= len(block["text"]["text"]) <= 3000, "section of 1 to 3,000 characters")
            texts.append(block["text"]["text"])
        for text in texts:
            for found in re.findall(r"<([^>]*)>", text):
                must(re.fullmatch(r"https://[^|<>]+\|[^|<>]+", found), f"a mark that is no link: {found}")
            rest = re.sub(r"<[^>]*>", "", text)
            must(not re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest), "unescaped")
        seen = "\n\n".join(re.sub(r"<[^|>]*\|([^>]*)>", r"\1", text) for text in texts[1:])
        self._take("slack", seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), content, request)
        return httpx.Response(200, text="ok")

    def _discord(self, request, content, _):
        must(content["allowed_mentions"] == {"parse": []}, "mentions")
        embeds = content.get("embeds", [])
        must(content.get("content") or embeds, "empty message")
        must(utf16(content.get("content", "")) <= 2000, "content of 2,000 characters")
        must(len(embeds) <= 10, "10 embeds")
        must(all(1 <= utf16(one["description"]) <= 4096 for one in embeds), "description of 4,096 characters")
        must(sum(utf16(one["description"]) for one in embeds) <= 6000, "6,000 characters")
        text = "\n\n".join([content["content"], *(one["description"] for one in embeds)])
        text = re.sub(r"\\([^\w\s])", r"\1", text)
        if request.method == "PATCH":
            ident = request.url.path.rpartition("/")[2]
            must(ident in self._known, "unknown message")
            self._known[ident].edits.append(text)
            return httpx.Response(200, json={"id": ident})
        must(parse_qs(request.url.query.decode()).get("wait") == ["true"], "wait")
        must(content["flags"] in {0, 4096}, "flags")
        ident = self._take("discord", text, content, request)
        self._known[ident] = self.taken[-1]
        return httpx.Response(200, json={"id": ident})

    def _telegram(self, request, content, _):
        method = unquote(request.url.path).removeprefix(f"/bot{TELEGRAM_TOKEN}/")
        must(content["parse_mode"] == "HTML" and content["chat_id"] == "12345", "chat")
        must(content["link_preview_options"] == {"is_disabled": True}, "previews")
        found = read_html(content["text"], {"a", "b"})
        must(1 <= utf16(found.text) <= 4096, f"{utf16(found.text)} units")
        must(found.entities <= 100, "100 entities")
        must(not re.search(r"(?<!\w)@\w|(?<!\S)/\w", found.text), "a mention or a command")
        if method == "editMessageText":
            ident = str(content["message_id"])
            must(isinstance(content["message_id"], int) and ident in self._known, "unknown message")
            self._known[ident].edits.append(found.text)
            return httpx.Response(200, json={"ok": True, "result": {"message_id": int(ident)}})
        must(method == "sendMessage", "method")
        ident = self._take("telegram", found.text, content, request)
        self._known[ident] = self.taken[-1]
        return httpx.Response(200, json={"ok": True, "result": {"message_id": int(ident)}})

    def _matrix(self, request, content, body):
        begin = "/_matrix/client/v3/rooms/!room:matrix.test/send/m.room.message/"
        must(request.method == "PUT" and unquote(request.url.path).startswith(begin), "address")
        must(request.headers["authorization"] == f"Bearer {MATRIX_TOKEN}", "token")
        must(len(body) + 500 <= 65_536, "event of 65,536 bytes")
        must(content["m.mentions"] == {} and content["msgtype"] in {"m.text", "m.notice"}, "mentions")
        read_html(content["formatted_body"], {"a", "b", "p", "br"})
        key = ("matrix", request.url.path)
        if key not in self._known:
            if "m.relates_to" in content:
                ident = content["m.relates_to"]["event_id"]
                must(content["m.relates_to"]["rel_type"] == "m.replace" and ident in self._known, "unknown event")
                must(content["m.new_content"]["m.mentions"] == {}, "mentions")
                self._known[ident].edits.append(content["m.new_content"]["body"])
                self._known[key] = "$edit"
            else:
                self._known[key] = "$" + self._take("matrix", content["body"], content, request)
                self._known[self._known[key]] = self.taken[-1]
        return httpx.Response(200, json={"event_id": self._known[key]})

    def _ntfy(self, request, content, _):
        must(str(request.url).endswith("/") and request.url.path == "/", "JSON goes to the root")
        must(content["topic"] == "ntfy-secret-topic" and content["priority"] in {2, 3}, "topic")
        must(1 <= len(content["message"].encode()) <= 4096, "message of 4,096 bytes")
        must("authorization" not in request.headers, "no token")
        self._take("ntfy", f"{content['title']}\n\n{content['message']}", content, request)
        return httpx.Response(200, json={"id": "x"})

    def _webhook(self, request, content, body):
        must(
            str(request.url).replace(request.url.host, "hook.test").endswith("/in?key=webhook-secret-value"), "address"
        )
        stamp, ident = request.headers["webhook-timestamp"], request.headers["webhook-id"]
        signed = f"{ident}.{stamp}.".encode() + body
        mark = base64.b64encode(hmac.new(b"webhook-signing-secret", signed, hashlib.sha256).digest()).decode()
        must(request.headers["webhook-signature"] == f"v1,{mark}", "signature")
        must(abs(datetime.fromtimestamp(int(stamp), tz=self.now().tzinfo) - self.now()).total_seconds() <= 300, "time")
        must(request.headers["idempotency-key"] == ident == content["id"], "id")
        if ident not in self._known:
            self._known[ident] = self._take("webhook", content["text"], content, request)
        return httpx.Response(204)

    def _resend(self, request, content, body):
        must(str(request.url) == "https://api.resend.com/emails", "address")
        must(request.headers["authorization"] == f"Bearer {RESEND_TOKEN}", "token")
        must(1 <= len(request.headers["idempotency-key"]) <= 256, "key")
        must(1 <= len(content["to"]) <= 50 and content["html"] and content["text"], "mail")
        must(not re.search(r"[\r\n]", content["subject"] + content["from"] + "".join(content["to"])), "line breaks")
        read_html(content["html"], {"a", "b", "p", "br"})
        key = ("resend", request.headers["idempotency-key"])
        if key in self._known and self._known[key] != body:
            return httpx.Response(409, json={"name": "invalid_idempotent_request"})
        if key not in self._known:
            self._known[key] = body
            self._take("resend", content["text"], content, request)
        return httpx.Response(200, json={"id": "x"})

    def _mattermost(self, request, content, _):
        must(request.url.path == "/hooks/mattermost-secret-value", "address")
        must(1 <= utf16(content["text"]) <= 16_383, "16,383 characters")
        must(not re.search(r"@(?:all|channel|here|[a-z])", content["text"], re.IGNORECASE), "a mention")
        self._take("mattermost", re.sub(r"\\([^\w\s])", r"\1", content["text"]), content, request)
        return httpx.Response(200, text="ok")

    def _feishu(self, request, content, body):
        must(str(request.url) == FEISHU_URL and len(body) <= 20_000, "20 kB")
        key = f"{content['timestamp']}\n{FEISHU_TOKEN}".encode()
        mark = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        must(content["sign"] == mark, "signature")
        post = content["content"]["post"]["en_us"]
        must(content["msg_type"] == "post" and post["content"], "post")
        lines = [post["title"]]
        for line in post["content"]:
            must(line and all(part["tag"] in {"a", "text"} for part in line), "line")
            must(all(part["href"].startswith("https://") for part in line if part["tag"] == "a"), "link")
            lines.append("".join(part["text"] for part in line))
        self._take("feishu", "\n\n".join(lines), content, request)
        return httpx.Response(200, json={"code": 0, "msg": "success"})

    def _wecom(self, request, content, _):
        must(str(request.url) == WECOM_URL and content["msgtype"] == "markdown", "address")
        text = content["markdown"]["content"]
        must(1 <= len(text.encode()) <= 4096, "4,096 bytes")
        must("<" not in text, "a tag or a mention")
        self._take("wecom", text, content, request)
        return httpx.Response(200, json={"errcode": 0, "errmsg": "ok"})


def settings(*kinds, feed="", **more):
    """Return a configuration with a feed that goes to a target of each of *kinds*, named after it.

    Args:
        kinds: The targets.
        feed: More settings of the feed, a line each, indented by four.
        more: More settings of a target, by its name: `telegram="silent: true"`.
    """
    targets = [f"  {kind}: {{{TARGETS[kind]}{', ' + more[kind] if kind in more else ''}}}" for kind in kinds]
    names = ", ".join(kinds)
    return (
        "server: {public_url: 'https://papers.example.org'}\n"
        f"feeds:\n  machines:\n    title: Machines\n    categories: [cs.LG]\n    deliver: [{names}]\n{feed}"
        + "\n".join(["deliveries:", *targets])
        + "\n"
    )
