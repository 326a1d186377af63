"""How each service writes a link and bold text, and what a paper's text must not be able to do there. Pure.

Titles, names and summaries come from strangers. Nothing in them may ping anybody, open a link of its own, or end the
markup around it: each service's special characters are escaped or replaced, and `@` never begins a word.

Sources: https://docs.slack.dev/messaging/formatting-message-text (`&`, `<`, `>`; `<!channel>`),
https://docs.discord.com/developers/reference#message-formatting, https://core.telegram.org/bots/api#html-style,
https://docs.mattermost.com/collaborate/format-messages.html, https://developer.work.weixin.qq.com/document/path/91770.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape as html_escape
from urllib.parse import quote

from digest.text.characters import visible

_AT = re.compile(r"[@\uff20](?=\S)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>:&])")
_DISCORD = re.compile(r"([\\`*_\[\]()#\-|~<>:])")
_COMMAND = re.compile(r"(?<!\S)/(?=\w)")
_WIDE = str.maketrans({"<": "\uff1c", ">": "\uff1e", "[": "\uff3b", "]": "\uff3d", "*": "\uff0a", "`": "'"})
_NOT_IN_LINKS = re.compile(r"[()<>\[\]\"'\s]")
_ZERO_WIDTH = "\u200b"


def plain(text: str) -> str:
    """Return *text* on one line, without what nobody can see."""
    return " ".join(visible(text).split())


def unpinged(text: str) -> str:
    """Return *text* as `plain` does, with nothing in it that a chat takes for a name or a group: `@all` is no mention."""
    return _AT.sub(lambda found: f"{found[0]}{_ZERO_WIDTH}", plain(text))


@dataclass(frozen=True)
class Markup:
    """One service's way to write text.

    Attributes:
        escape: Plain text to text that means nothing but itself.
        link: A link from an escaped label and an address.
        strong: Bold, from escaped text.
        visible: Plain text as the reader will see it, for limits that count that.
        entities: What a link or bold text counts as, where such are limited.
    """

    escape: Callable[[str], str]
    link: Callable[[str, str], str]
    strong: Callable[[str], str] = lambda text: text
    visible: Callable[[str], str] = unpinged
    entities: int = 0


def _slack_text(text: str) -> str:
    return html_escape(unpinged(text), quote=False)


def _slack_link(label: str, address: str) -> str:
    # A bar would end the address, and its label is shown as it is.
    shown = label.replace("|", "\u2223")
    return f"<{html_escape(address, quote=False).replace('|', '%7C')}|{shown}>"


def _slack_strong(text: str) -> str:
    shown = text.replace("*", "\u2217")
    return f"*{shown}*"


def _html(text: str) -> str:
    return html_escape(unpinged(text), quote=True)


def _html_link(label: str, address: str) -> str:
    return f'<a href="{html_escape(address, quote=True)}">{label}</a>'


def _telegram_visible(text: str) -> str:
    return _COMMAND.sub(f"/{_ZERO_WIDTH}", unpinged(text))


def _markdown_link(label: str, address: str) -> str:
    return f"[{label}]({_NOT_IN_LINKS.sub(lambda found: quote(found[0]), address)})"


def _plain_link(label: str, address: str) -> str:
    return f"{label}\n{address}"


SLACK = Markup(_slack_text, _slack_link, _slack_strong)
HTML = Markup(_html, _html_link, lambda text: f"<b>{text}</b>")
TELEGRAM = Markup(
    lambda text: html_escape(_telegram_visible(text), quote=True),
    _html_link,
    lambda text: f"<b>{text}</b>",
    visible=_telegram_visible,
    entities=1,
)
DISCORD = Markup(lambda text: _DISCORD.sub(r"\\\1", unpinged(text)), _markdown_link, lambda text: f"**{text}**")
MARKDOWN = Markup(lambda text: _MARKDOWN.sub(r"\\\1", unpinged(text)), _markdown_link, lambda text: f"**{text}**")
WECOM = Markup(lambda text: unpinged(text).translate(_WIDE), _markdown_link, lambda text: f"**{text}**")
PLAIN = Markup(unpinged, _plain_link)
MAIL_TEXT = Markup(plain, _plain_link, visible=plain)
