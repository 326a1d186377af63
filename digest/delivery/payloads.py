"""A message as one request to its target: marked up, cut between papers to what the service takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from digest.config.deliveries import DeliveryConfig
from digest.delivery.kinds import KINDS, Json, Kind, Limits, Template
from digest.delivery.markups import HTML, MAIL_TEXT, PLAIN, Markup, plain
from digest.delivery.messages import Message, PaperLines, one_line

_COMPACT_TITLE = 100
"""Characters of a title whose block would be too long for its service."""
_SUBJECT_LENGTH = 200
_PLACE = re.compile(r"\$(\w+)")
_SEPARATOR = "\n\n"


@dataclass(frozen=True)
class Payload:
    """One request, ready to send but for a signature with the time in it.

    Attributes:
        ident: The delivery's id, the same for each attempt.
        method: Of HTTP.
        url: Where to; may hold a token.
        headers: May hold a token.
        body: JSON in UTF-8.
        text: The message as people will read it, for terminals and logs of tests.
        named: Papers that are in it.
    """

    ident: str
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    text: str
    named: int

    @property
    def content(self) -> Json:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class _Block:
    """One part of a message: head, a paper, or the closing links.

    Attributes:
        lines: Marked up, the link first.
        seen: The same as the reader sees them.
        title: What the link says, escaped; None without one.
        href: Where it leads.
        entities: Links and bold texts.
    """

    lines: tuple[str, ...]
    seen: tuple[str, ...]
    title: str | None = None
    href: str | None = None
    entities: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def rest(self) -> str:
        """The lines without the link."""
        lines = self.lines[1:] if self.title else self.lines
        return "".join(f"\n{line}" for line in lines) if self.title else "\n".join(lines)


def payload_of(message: Message, target: DeliveryConfig, *, name: str, ident: str, replaces: str = "") -> Payload:
    """Return the request that sends *message*, with as many of its papers as fit.

    Args:
        message: What to say.
        target: Whom to.
        name: The target's name in the configuration.
        ident: The delivery's id.
        replaces: The service's id of a message that this one replaces; "" for a new one.
    """
    kind = KINDS[target.kind]
    template = kind.edit if replaces and kind.edit else kind.template
    for count in range(len(message.papers), -1, -1):
        made = _payload(message, target, template, count, name=name, ident=ident, replaces=replaces)
        if made is not None:
            return made
    raise AssertionError(f"a message without papers is too long for {target.kind}")


def _payload(
    message: Message, target: DeliveryConfig, template: Template, count: int, *, name: str, ident: str, replaces: str
) -> Payload | None:
    """Return the request with the first *count* papers; None if that is too much."""
    kind = KINDS[target.kind]
    blocks = _blocks(message, count, kind.markup, kind.limits)
    if not _fits(blocks, kind.limits):
        return None
    values = _values(message, target, blocks, count, kind)
    number = int(replaces) if replaces.isdecimal() else None
    values |= {"target": name, "id": ident, "message": replaces or None, "number": number}
    body = json.dumps(_filled(template.body, values, blocks), ensure_ascii=False).encode()
    if kind.limits.body_bytes is not None and len(body) > kind.limits.body_bytes:
        return None
    headers = {key: _text(text, values) for key, text in template.headers.items()}
    return Payload(
        ident=ident,
        method=template.method,
        url=_address(template, values),
        headers={"Content-Type": "application/json", **{key: text for key, text in headers.items() if text}},
        body=body,
        text=_SEPARATOR.join("\n".join(block.seen) for block in _blocks(message, count, MAIL_TEXT, Limits())),
        named=count,
    )


def _blocks(message: Message, count: int, markup: Markup, limits: Limits) -> tuple[_Block, ...]:
    head = _Block(
        (markup.strong(markup.escape(message.head)), *map(markup.escape, message.notes)),
        (markup.visible(message.head), *map(markup.visible, message.notes)),
        entities=markup.entities,
    )
    papers = [_paper(paper, markup, limits) for paper in message.papers[:count]]
    return (head, *papers, *_closing(message, count, markup))


def _paper(paper: PaperLines, markup: Markup, limits: Limits) -> _Block:
    """Return a paper's block; where that is too long for the service, its title alone."""
    whole = _linked(paper.title, paper.link, paper.details, markup)
    if limits.block is None or limits.count(whole.text) <= limits.block:
        return whole
    return _linked(one_line(paper.title, _COMPACT_TITLE), paper.link, (), markup)


def _linked(title: str, href: str, details: Sequence[str], markup: Markup) -> _Block:
    label = markup.escape(title)
    lines = tuple(map(markup.escape, details))
    seen = markup.link(markup.visible(title), href) if markup.link is MAIL_TEXT.link else markup.visible(title)
    return _Block(
        (markup.link(label, href), *lines),
        (seen, *map(markup.visible, details)),
        title=label,
        href=href,
        entities=markup.entities,
    )


def _closing(message: Message, count: int, markup: Markup) -> list[_Block]:
    more = message.more_words(count)
    if message.link:
        return [_linked(message.link_words, message.link, (more,) if more else (), markup)]
    return [_Block((markup.escape(more),), (markup.visible(more),))] if more else []


def _below(blocks: Sequence[_Block]) -> list[_Block]:
    """Return what is below the head's first line."""
    notes = blocks[0].lines[1:]
    return [*([_Block(notes, blocks[0].seen[1:])] if notes else []), *blocks[1:]]


def _fits(blocks: Sequence[_Block], limits: Limits) -> bool:
    text = _SEPARATOR.join(block.text for block in blocks)
    seen = _SEPARATOR.join("\n".join(block.seen) for block in blocks)
    measured = (
        (limits.text, limits.count(text)),
        (limits.visible, limits.count(seen)),
        (limits.block, max(limits.count(block.text) for block in blocks)),
        (limits.blocks, len(blocks)),
        (limits.entities, sum(block.entities for block in blocks)),
    )
    return all(most is None or found <= most for most, found in measured)


def _values(
    message: Message, target: DeliveryConfig, blocks: Sequence[_Block], count: int, kind: Kind
) -> dict[str, Json]:
    """Return what a template may name; None for what isn't there."""
    below = _SEPARATOR.join(block.text for block in _below(blocks))
    parts = urlsplit(target.address)
    mail = _blocks(message, count, MAIL_TEXT, Limits())
    return {
        "url": target.address.rstrip("/") or None,
        "server": urlunsplit((parts.scheme, parts.netloc, "/", "", "")) if target.address else None,
        "topic": parts.path.strip("/").rpartition("/")[2] or None,
        "token": target.key or None,
        "chat": target.chat,
        "room": target.room,
        "sender": target.sender,
        "recipients": [one.strip() for one in (target.to or "").split(",") if one.strip()],
        "silent": kind.silent[target.silent],
        "event": "week" if message.period.is_week else "day",
        "data": message.as_json(count),
        "head": kind.markup.escape(message.head),
        "subject": one_line(plain(message.head), _SUBJECT_LENGTH),
        "below": below or None,
        "said": below or kind.markup.escape(message.head),
        "text": _SEPARATOR.join(block.text for block in blocks),
        "visible": _SEPARATOR.join("\n".join(block.seen) for block in blocks),
        "linked": _SEPARATOR.join(block.text for block in _blocks(message, count, PLAIN, Limits())),
        "plain": _SEPARATOR.join(block.text for block in mail),
        "html": "".join(f"<p>{'<br>'.join(block.lines)}</p>" for block in _blocks(message, count, HTML, Limits())),
        "link": message.link,
    }


def _address(template: Template, values: Mapping[str, Json]) -> str:
    """Return where the request goes: *path* is before the query that the configured address has."""
    parts = urlsplit(_text(template.address, values) or "")
    path = _PLACE.sub(lambda found: quote(str(values[found[1]]), safe=":"), template.path)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *template.query.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path + path, query, ""))


def _text(pattern: str, values: Mapping[str, Json]) -> str | None:
    """Return a text with its places filled; None if one of them has nothing."""
    if any(values[name] is None for name in _PLACE.findall(pattern)):
        return None
    return _PLACE.sub(lambda found: str(values[found[1]]), pattern)


def _filled(template: Json, values: Mapping[str, Json], blocks: Sequence[_Block]) -> Json:
    """Return a template with its places filled. What has nothing goes, and of a list the object that it is in."""
    if isinstance(template, str):
        return values[template[1:]] if template.startswith("$") else template
    if isinstance(template, list):
        return [_filled(one, values, blocks) for one in template if _is_whole(one, values)]
    if not isinstance(template, dict):
        return template
    if "$all" in template:
        return [_filled(template["$all"], _block_values(values, block), ()) for block in blocks]
    if "$below" in template:
        shown = _below(blocks) or blocks[:1]
        return [_filled(template["$below"], _block_values(values, block), ()) for block in shown]
    made = {key: _filled(one, values, blocks) for key, one in template.items()}
    return {key: one for key, one in made.items() if one is not None}


def _is_whole(template: Json, values: Mapping[str, Json]) -> bool:
    places = template.values() if isinstance(template, dict) else ()
    return not any(isinstance(one, str) and one.startswith("$") and values[one[1:]] is None for one in places)


def _block_values(values: Mapping[str, Json], block: _Block) -> dict[str, Any]:
    return {
        **values,
        "block": block.text,
        "title": block.title,
        "href": block.href,
        "rest": block.rest or None,
    }
