"""Each service takes what it is sent, however hostile or long the papers are; stand-ins know the services' rules."""

import asyncio
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.answers import Outcome
from digest.delivery.kinds import KINDS
from digest.delivery.payloads import payload_of
from digest.delivery.sending import Sender
from tests.builders import NOON, texts
from tests.delivery.kit import make_entry, make_message, target_of
from tests.fakes import Clock
from tests.services import SECRETS, WEB_KINDS, Services

LONG = "A long sentence that says what the paper says, more or less, once more. " * 20
HOSTILE = (
    "<!channel> <@U123> <!here|x> <https://evil.example|arXiv>",
    "@everyone @here @all @channel @room ＠all",
    "</a><b>bold</b> <a href='https://evil.example'>x</a> &amp; &#60;",
    "](https://evil.example) [x](https://evil.example) ![i](https://evil.example)",
    "*bold* _it_ ~s~ `code` ```block``` ||spoiler|| > quote # head - list",
    "<@123456789012345678> <@&1> <#2> <:emoji:3> <t:1> :smile:",
    "/start /setdescription @botname tg://user?id=1",
    "line\r\nBcc: victim@example.org\r\n\r\nbody\x00\x1b[31m",
    "\u202eright to left\u202c \u2066isolated\u2069 zero\u200bwidth",
    "🧪" * 200,
    "&" * 3000,
    "$x<y$ | pipes | and \\backslashes\\ {braces}",
    '<at user_id="all">Everyone</at> <at id=all></at>',
    '<font color="warning">x</font> <@all> <@WuYanZu>',
)


async def deliver(kind, message, *, more=""):
    services, target = Services(Clock()), target_of(kind, more)
    payload = payload_of(message, target, name=kind, ident="0123abc")

    async def resolve(_host, _port):
        return ["93.184.216.34"]

    sender = Sender(user_agent="arxiv-digest/test", transport=services, resolve=resolve, now=Clock(NOON))
    answer = await sender.send(payload, target)
    assert services.refused == []
    assert answer.outcome is Outcome.SENT, answer
    return services.taken[0], payload


def send(kind, message, **more):
    return asyncio.run(deliver(kind, message, **more))


@pytest.mark.parametrize("kind", WEB_KINDS)
def test_an_ordinary_day_is_taken(kind):
    message = make_message(*[make_entry(number, points=9 - number) for number in range(1, 5)])
    taken, payload = send(kind, message)
    assert payload.named == 4
    for text in ("cs.LG", "Thu 29 Jan", "131 new, complete; 4 for you", "Paper 1", "Ada Quill and one more", "It is sweet."):  # fmt: skip
        assert text in taken.text, text
    assert taken.text.index("Paper 1") < taken.text.index("Paper 4")
    raw = json.dumps(taken.body, ensure_ascii=False)
    assert "https://arxiv.org/abs/2601.00001" in raw
    assert "https://papers.example.org/digest/2026-01-29?feed=machines" in raw


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", WEB_KINDS)
def test_hostile_text_is_taken_and_means_nothing(kind, text):
    entry = make_entry(1, title=text, tldr=text, authors=(text, "B"), points=1)
    entry = entry.model_copy(update={"matches": tuple(m.model_copy(update={"term": text}) for m in entry.matches)})
    taken, _ = send(kind, make_message(entry))
    said = json.dumps(taken.body, ensure_ascii=False)
    assert "\\u001b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("kind", WEB_KINDS)
def test_forty_long_papers_are_cut_between_papers(kind):
    entries = [make_entry(number, title=f"Paper number {number}. " + LONG, tldr=LONG, points=90 - number) for number in range(1, 51)]  # fmt: skip
    taken, payload = send(kind, make_message(*entries, top=40), more="top: 40")
    whole = re.findall(r"Paper number (\d+)", payload.text)
    assert [int(one) for one in whole] == list(range(1, payload.named + 1))
    assert 1 <= payload.named <= 40
    assert f"and {50 - payload.named} more" in taken.text
    for number in range(1, payload.named + 1):
        assert f"2601.{number:05}" in json.dumps(taken.body)
    assert f"2601.{payload.named + 1:05}" not in json.dumps(taken.body)


@pytest.mark.parametrize(
    ("kind", "fewest", "most"),
    [("slack", 40, 40), ("telegram", 3, 5), ("discord", 2, 4), ("ntfy", 2, 4), ("wecom", 2, 4), ("feishu", 13, 20), ("mattermost", 11, 20)],
)  # fmt: skip
def test_as_many_papers_as_fit(kind, fewest, most):
    entries = [make_entry(number, title=f"Paper {number}. " + LONG, tldr=LONG) for number in range(1, 51)]
    _, payload = send(kind, make_message(*entries, top=40), more="top: 40")
    assert fewest <= payload.named <= most


@given(kind=st.sampled_from(WEB_KINDS), data=st.data())
def test_any_text_is_taken(kind, data):
    count = data.draw(st.integers(0, 4))
    entries = [
        make_entry(
            number,
            title=data.draw(texts()),
            tldr=data.draw(texts() | st.none()),
            authors=tuple(data.draw(st.lists(texts(8).filter(bool), max_size=3))),
        )
        for number in range(count)
    ]
    send(kind, make_message(*entries))


@pytest.mark.parametrize("kind", WEB_KINDS)
@pytest.mark.parametrize("link", [None, "https://papers.example.org/digest/2026-01-29?feed=a&b=(c)|<d>\"'"])
def test_a_message_without_papers_or_with_an_odd_link_is_taken(kind, link):
    send(kind, make_message(link=link))
    send(kind, make_message(make_entry(), make_entry(2), top=1, link=link).with_note("message.early"))


@pytest.mark.parametrize(("kind", "member", "loud", "silent"), [
    ("telegram", "disable_notification", False, True),
    ("discord", "flags", 0, 4096),
    ("matrix", "msgtype", "m.text", "m.notice"),
    ("ntfy", "priority", 3, 2),
])  # fmt: skip
def test_silent_messages_ring_no_phone(kind, member, loud, silent):
    message = make_message(make_entry())
    assert send(kind, message)[0].body[member] == loud
    assert send(kind, message, more="silent: true")[0].body[member] == silent


@pytest.mark.parametrize("kind", [kind for kind, known in KINDS.items() if known.edit])
def test_an_edit_replaces_the_message(kind):
    async def run():
        services, target = Services(Clock()), target_of(kind)

        async def resolve(_host, _port):
            return ["93.184.216.34"]

        sender = Sender(user_agent="arxiv-digest/test", transport=services, resolve=resolve, now=Clock(NOON))
        first = await sender.send(payload_of(make_message(), target, name=kind, ident="1"), target)
        assert first.message
        message = make_message(make_entry())
        edit = payload_of(message, target, name=kind, ident="1-1", replaces=first.message)
        assert (await sender.send(edit, target)).outcome is Outcome.SENT
        assert services.refused == []
        return services.taken

    (taken,) = asyncio.run(run())
    (edited,) = taken.edits
    assert "Paper 1" in edited


def test_kinds_that_can_edit():
    assert {kind.value for kind, known in KINDS.items() if known.edit} == {"discord", "telegram", "matrix"}
    assert {kind.value for kind, known in KINDS.items() if known.is_idempotent} == {"matrix", "webhook", "resend"}


@pytest.mark.parametrize("kind", WEB_KINDS)
def test_a_payload_shows_no_secret(kind):
    payload = payload_of(make_message(make_entry()), target_of(kind), name=kind, ident="1")
    shown = f"{payload!r} {payload.text}"
    assert not [secret for secret in SECRETS if secret in shown and not (kind == "ntfy" and secret in payload.body.decode())]  # fmt: skip
    assert not [secret for secret in SECRETS if secret in payload.text]


def test_the_query_of_a_webhook_s_address_stays():
    from pydantic import SecretStr

    target = target_of("discord").model_copy(
        update={"url": SecretStr("https://discord.com/api/webhooks/1/x?thread_id=9")}
    )
    message = make_message(make_entry())
    assert payload_of(message, target, name="d", ident="1").url.endswith("/1/x?thread_id=9&wait=true")
    edit = payload_of(message, target, name="d", ident="1", replaces="77")
    assert edit.url.endswith("/1/x/messages/77?thread_id=9")


@pytest.mark.parametrize("length", [5, 20, 30, 40, 50, 60, 75])
@pytest.mark.parametrize("kind", ["telegram", "discord", "wecom", "ntfy", "mattermost"])
def test_limits_count_what_the_service_counts(kind, length):
    """Forty titles of emoji, which are one character, two UTF-16 units and four bytes: some don't fit, never too many."""
    entries = [make_entry(number, title="🧪" * length, tldr=None, authors=()) for number in range(1, 41)]
    send(kind, make_message(*entries, top=40), more="top: 40")
