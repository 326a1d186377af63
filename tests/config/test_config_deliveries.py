"""Settings of deliveries: what belongs to which kind, and that no secret is in a file or in a message."""

import json

import pytest

from digest.config.deliveries import DeliveryKind, variable_of
from digest.config.reading import parse_config
from digest.errors import ConfigError
from tests.services import ENVIRON, SECRETS, TARGETS, settings


@pytest.mark.parametrize("kind", DeliveryKind)
def test_every_kind_can_be_configured(kind):
    target = parse_config(settings(kind.value), ENVIRON).deliveries[kind.value]
    assert target.kind is kind
    assert target.missing(kind.value) == ()
    assert parse_config(settings(kind.value), {}).deliveries[kind.value].missing(kind.value)


def test_the_stand_ins_have_every_kind():
    assert set(TARGETS) == {kind.value for kind in DeliveryKind}


@pytest.mark.parametrize(
    ("name", "secret", "expected"),
    [("team", "url", "DELIVER_TEAM_URL"), ("my-own", "token", "DELIVER_MY_OWN_TOKEN")],
)
def test_variables(name, secret, expected):
    assert variable_of(name, secret) == expected


@pytest.mark.parametrize(
    ("target", "environ", "expected"),
    [
        ("{kind: slack, url: 'https://hooks.slack.com/services/secret'}", {}, "config.yaml:7: deliveries.team.url: it does not belong in a file; set the environment variable DELIVER_TEAM_URL"),
        ("{kind: telegram, chat: 1, token: secret}", {}, "set the environment variable DELIVER_TEAM_TOKEN"),
        ("{kind: slacks}", {}, "deliveries.team.kind: input should be 'slack', 'discord'"),
        ("{kind: telegram}", {}, "deliveries.team: chat is missing; a target of kind telegram needs it"),
        ("{kind: smtp, to: you@example.org}", {}, "deliveries.team: from is missing"),
        ("{kind: slack, chat: 1}", {}, "deliveries.team: chat has no meaning for a target of kind slack"),
        ("{kind: slack, tops: 3}", {}, "deliveries.team.tops: no such setting; did you mean top?"),
        ("{kind: slack, top: 41}", {}, "deliveries.team.top"),
        ("{kind: slack, hours: 25}", {}, "deliveries.team.hours"),
        ("{kind: slack, not_before: 7:30}", {}, "put it in quotes"),
        ('{kind: slack, not_before: "24:30 Europe/Berlin"}', {}, "24:30 is no time of day"),
        ('{kind: slack, not_before: "07:30 Mars/Olympus"}', {}, "'Mars/Olympus' is no time zone"),
        ('{kind: slack, not_before: "07:30 ../../etc/passwd"}', {}, "is no time zone"),
        ('{kind: slack, not_before: "07:30"}', {}, 'expected a time and a zone like "07:30 Europe/Berlin"'),
        ("{kind: smtp, from: a@b.org, to: 'a@b.org, nobody'}", {}, "expected a mail address"),
        ('{kind: smtp, to: a@b.org, from: "x\\nBcc: <c@d.org>"}', {}, "expected a mail address"),
        ("{kind: slack}", {"DELIVER_TEAM_URL": "https://evil.test/secret"}, "expected the host hooks.slack-gov.com or hooks.slack.com"),
        ("{kind: slack}", {"DELIVER_TEAM_URL": "http://hooks.slack.com/secret"}, "is none that begins with https://"),
        ("{kind: slack}", {"DELIVER_TEAM_URL": "https://hooks.slack.com:8443/secret"}, "expected the host"),
        ("{kind: slack}", {"DELIVER_TEAM_URL": "https://hooks.slack.com@evil.test/secret"}, "expected the host"),
        ("{kind: slack}", {"DELIVER_TEAM_URL": "https://hooks.slack.com:secret/"}, "deliveries.team"),
        ("{kind: smtp, from: a@b.org, to: a@b.org}", {"DELIVER_TEAM_URL": "https://mail.test/secret"}, "begins with smtp:// or smtps://"),
        ("{kind: webhook}", {"DELIVER_TEAM_URL": "file:///etc/secret"}, "begins with http:// or https://"),
        ("{kind: telegram, chat: 1}", {"DELIVER_TEAM_URL": "https://api.telegram.org/secret"}, "has no address of its own"),
    ],
)  # fmt: skip
def test_what_is_refused_and_how(target, environ, expected):
    text = f"feeds:\n  one:\n    categories: [cs.LG]\n    deliver: team\n\ndeliveries:\n  team: {target}\n"
    with pytest.raises(ConfigError) as error:
        parse_config(text, environ)
    assert expected in str(error.value)
    assert "secret" not in str(error.value)


def test_a_feed_names_deliveries_that_there_are():
    with pytest.raises(ConfigError, match=r"feeds\.one\.deliver: no delivery is named 'tema'; configured are: team"):
        parse_config("feeds: {one: {categories: [cs.LG], deliver: [tema]}}\ndeliveries: {team: {kind: slack}}", ENVIRON)


def test_settings_can_come_from_the_environment():
    environ = ENVIRON | {"DIGEST_DELIVERIES_TELEGRAM_CHAT": "@channel", "DIGEST_DELIVERIES_TELEGRAM_TOP": "3"}
    target = parse_config(settings("telegram"), environ).deliveries["telegram"]
    assert (target.chat, target.top) == ("@channel", 3)


def test_what_is_shown_holds_no_secret():
    config = parse_config(settings(*TARGETS), ENVIRON)
    for shown in (repr(config), json.dumps(config.model_dump(mode="json", by_alias=True)), str(config)):
        assert not [secret for secret in SECRETS if secret in shown]
