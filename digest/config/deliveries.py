"""Where a feed's day is delivered: what the file says of a target, and what only the environment may say.

Addresses and tokens come from `DELIVER_NAME_URL` and `DELIVER_NAME_TOKEN`. A target whose variables aren't set is valid:
nothing is sent to it, and `missing` says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from digest.config.credentials import split_address
from digest.config.summary_plans import LanguageTag
from digest.models import Frozen

MOST_PAPERS = 40
"""Papers of one message at most: a Slack message has 50 blocks, and mail that nobody reads is no digest."""

_NOT_BEFORE = re.compile(r"(\d{1,2}):(\d{2}) +(\S+)", re.ASCII)
_MAIL = re.compile(r"[^\s@<>,;:\"()\\]+@[^\s@<>,;:\"()\\]+")


class DeliveryKind(StrEnum):
    """The services that a target can be of."""

    SLACK = "slack"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    MATRIX = "matrix"
    NTFY = "ntfy"
    WEBHOOK = "webhook"
    RESEND = "resend"
    SMTP = "smtp"
    MATTERMOST = "mattermost"
    FEISHU = "feishu"
    WECOM = "wecom"


class Needs(NamedTuple):
    """What a target of one kind needs, and may have, beside what all have.

    Attributes:
        secrets: Endings of the environment variables that must be set.
        more_secrets: Endings of those that may be.
        settings: Keys of the file that must be there; other kinds may not have them.
        hosts: Hosts that its address may name; empty: any, or there is no address.
        schemes: What its address may begin with.
    """

    secrets: tuple[str, ...] = ("url",)
    more_secrets: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset({"https"})


_ANY_WEB = frozenset({"https", "http"})
NEEDS: Mapping[DeliveryKind, Needs] = {
    DeliveryKind.SLACK: Needs(hosts=frozenset({"hooks.slack.com", "hooks.slack-gov.com"})),
    DeliveryKind.DISCORD: Needs(
        hosts=frozenset({"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"})
    ),
    DeliveryKind.TELEGRAM: Needs(secrets=("token",), settings=("chat",)),
    DeliveryKind.MATRIX: Needs(secrets=("url", "token"), settings=("room",), schemes=_ANY_WEB),
    DeliveryKind.NTFY: Needs(more_secrets=("token",), schemes=_ANY_WEB),
    DeliveryKind.WEBHOOK: Needs(more_secrets=("token",), schemes=_ANY_WEB),
    DeliveryKind.RESEND: Needs(secrets=("token",), settings=("sender", "to")),
    DeliveryKind.SMTP: Needs(settings=("sender", "to"), schemes=frozenset({"smtp", "smtps"})),
    DeliveryKind.MATTERMOST: Needs(schemes=_ANY_WEB),
    DeliveryKind.FEISHU: Needs(more_secrets=("token",), hosts=frozenset({"open.feishu.cn", "open.larksuite.com"})),
    DeliveryKind.WECOM: Needs(hosts=frozenset({"qyapi.weixin.qq.com"})),
}
_SPELLED = {"sender": "from"}
_OWN_SETTINGS = ("chat", "room", "sender", "to")


class NotBefore(NamedTuple):
    """The time of day before which nothing is sent, and where that is."""

    clock: time
    zone: ZoneInfo


def parse_not_before(text: str) -> NotBefore:
    """Read `07:30 Europe/Berlin`.

    Raises:
        ValueError: It is none.
    """
    found = _NOT_BEFORE.fullmatch(text.strip())
    if not found:
        raise ValueError('expected a time and a zone like "07:30 Europe/Berlin"')
    try:
        clock = time(int(found[1]), int(found[2]))
    except ValueError:
        raise ValueError(f"{found[1]}:{found[2]} is no time of day") from None
    try:
        return NotBefore(clock, ZoneInfo(found[3]))
    except (ValueError, OSError, KeyError):  # a name that is a folder, or leads out of the database, is an OSError
        raise ValueError(f"{found[3]!r} is no time zone; expected a name like Europe/Berlin or Asia/Shanghai") from None


def _not_before(text: str) -> str:
    parse_not_before(text)
    return text.strip()


def _as_text(value: Any) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value.strip() if isinstance(value, str) else value


def _mail_address(text: str) -> str:
    name, bracket, rest = text.rpartition("<")
    address = rest.removesuffix(">") if bracket else text
    if not _MAIL.fullmatch(address.strip()) or re.search(r"[\r\n<>]", name):
        raise ValueError("expected a mail address like you@example.org, or Name <you@example.org>")
    return text


def _mail_addresses(text: str) -> str:
    for one in text.split(","):
        _mail_address(one.strip())
    return text


_Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=300)]


class DeliveryConfig(Frozen):
    """One target."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)

    kind: DeliveryKind
    chat: _Text | None = None
    """Telegram's number of a chat, or `@channel`."""
    room: _Text | None = None
    """Matrix's id of a room: `!opaque:example.org`."""
    sender: Annotated[_Text, AfterValidator(_mail_address)] | None = Field(None, alias="from")
    to: Annotated[_Text, AfterValidator(_mail_addresses)] | None = None
    """Mail addresses, separated by commas."""
    top: int = Field(10, ge=1, le=MOST_PAPERS)
    """Papers that a message names at most, the best ones."""
    at_least: int = Field(1, ge=1, le=1000)
    """Papers that a day must have for its message to be worth sending."""
    language: LanguageTag | None = None
    """Of the message's own words; None: the feed's."""
    hours: float = Field(6.0, ge=0, le=24)
    """Longest time to wait for a day to be complete."""
    not_before: Annotated[str, AfterValidator(_not_before)] | None = None
    silent: bool = False
    weekly: bool = False
    empty: bool = False
    """Whether a day without papers is told in one line."""
    allow_private: bool = False
    """Whether the address may be of this machine or the local network."""
    url: SecretStr | None = None
    token: SecretStr | None = None

    @property
    def quiet_until(self) -> NotBefore | None:
        """`not_before`, read."""
        return parse_not_before(self.not_before) if self.not_before else None

    @property
    def address(self) -> str:
        """The address from the environment, "" for none. Secret."""
        return self.url.get_secret_value() if self.url else ""

    @property
    def key(self) -> str:
        """The token from the environment, "" for none. Secret."""
        return self.token.get_secret_value() if self.token else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no text may hold."""
        return tuple(filter(None, (self.address, self.key)))

    def missing(self, name: str) -> tuple[str, ...]:
        """Return the environment variables that must be set before anything is sent to the target *name*."""
        return tuple(variable_of(name, one) for one in NEEDS[self.kind].secrets if getattr(self, one) is None)

    @model_validator(mode="after")
    def _check_settings(self) -> Self:
        needed = NEEDS[self.kind].settings
        for name in _OWN_SETTINGS:
            spelled, given = _SPELLED.get(name, name), getattr(self, name) is not None
            if given and name not in needed:
                raise ValueError(f"{spelled} has no meaning for a target of kind {self.kind}")
            if not given and name in needed:
                raise ValueError(f"{spelled} is missing; a target of kind {self.kind} needs it")
        return self

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        """Refuse an address that is none of the service; no message repeats any of it."""
        needs = NEEDS[self.kind]
        if self.url is None:
            return self
        if "url" not in needs.secrets:
            raise ValueError(f"a target of kind {self.kind} has no address of its own, only a token")
        parts = split_address(self.address)
        if parts.scheme not in needs.schemes or not parts.hostname or re.search(r"\s", self.address):
            begins = " or ".join(f"{scheme}://" for scheme in sorted(needs.schemes))
            raise ValueError(f"its address, from the environment, is none that begins with {begins}")
        if needs.hosts and (parts.hostname not in needs.hosts or parts.port not in {None, 443}):
            hosts = " or ".join(sorted(needs.hosts))
            raise ValueError(f"its address, from the environment, is not one of {self.kind}: expected the host {hosts}")
        return self


def variable_of(name: str, secret: str) -> str:
    """Return the environment variable of a target: `DELIVER_TEAM_URL` for `team` and `url`."""
    return f"DELIVER_{name.replace('-', '_').upper()}_{secret.upper()}"
