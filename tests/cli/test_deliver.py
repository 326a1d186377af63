"""`python -m digest deliver`: what is shown, what is refused, and with which exit status."""

import json

import pytest
from typer.testing import CliRunner

from digest.cli import commands
from digest.cli.deliveries import tell_deliveries
from digest.delivery.answers import Answer, Outcome
from digest.delivery.payloads import payload_of
from digest.errors import InputError
from digest.reports.delivering import DeliveriesOutcome, DeliveryOutcome
from digest.service.delivery_trials import Preview
from tests.delivery.kit import make_entry, make_message, target_of
from tests.services import ENVIRON, SECRETS, TARGETS, settings


@pytest.fixture
def run(monkeypatch):
    """Run the command with an answer in place of a service."""

    def call(*arguments, answer=None):
        monkeypatch.setattr("digest.cli.deliveries.run_service", lambda _config, _work, *, doing: answer)
        return CliRunner().invoke(commands.app, ["deliver", *arguments])

    return call


def preview(kind="telegram"):
    message = make_message(make_entry(title="A \x1b[31mred title"))
    return Preview(
        "machines", kind, kind, "2026-01-29", payload_of(message, target_of(kind), name=kind, ident="1"), "due"
    )


def outcome(state, *, reason="", problem=""):
    told = DeliveryOutcome(feed="machines", target="team", period="2026-01-29", state=state, reason=reason)
    return DeliveriesOutcome(deliveries=(told,), sent=int(state == "sent"), problem=problem)


def test_a_dry_run_shows_the_message(run):
    shown = run("--dry-run", answer=(preview(),))
    assert shown.exit_code == 0
    assert "machines to telegram (telegram), 2026-01-29: due" in shown.stdout
    assert "cs.LG, Thu 29 Jan: 131 new, complete; 1 for you" in shown.stdout
    assert "\x1b" not in shown.stdout


@pytest.mark.parametrize("kind", TARGETS)
def test_a_dry_run_shows_no_secret(run, kind):
    for arguments in (("--dry-run",), ("--dry-run", "--json")):
        shown = run(*arguments, answer=(preview(kind),)).stdout
        hidden = [secret for secret in SECRETS if secret in shown]
        assert hidden == (["ntfy-secret-topic"] if kind == "ntfy" and "--json" in arguments else [])


def test_a_dry_run_for_programs_shows_the_request(run):
    (row,) = json.loads(run("--dry-run", "--json", answer=(preview(),)).stdout)
    assert row["body"]["chat_id"] == "12345"
    assert row["papers"] == 1


@pytest.mark.parametrize(
    ("found", "status", "expected"),
    [
        (outcome("sent"), 0, "machines to team: 2026-01-29 sent\nmessages sent now: 1"),
        (outcome("waiting", reason="waiting for the rest of it"), 0, "2026-01-29 waiting: waiting for the rest of it"),
        (outcome("retrying", reason="status 403"), 1, "2026-01-29 retrying: status 403"),
        (outcome("unknown"), 1, "2026-01-29 unknown"),
        (outcome("failed"), 1, "2026-01-29 failed"),
        (DeliveriesOutcome(problem="the store doesn't answer"), 1, "nothing is delivered: the store doesn't answer"),
        (DeliveriesOutcome(), 0, ""),
    ],
)
def test_sending_tells_what_became_of_it(run, found, status, expected):
    shown = run(answer=found)
    assert shown.exit_code == status
    assert expected in shown.output


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        (Answer(Outcome.SENT), 0, "sent"),
        (Answer(Outcome.REFUSED, "status 404: no_service"), 1, "refused: status 404: no_service"),
        (Answer(Outcome.UNKNOWN, "no answer in time"), 1, "it may have been sent: no answer in time"),
        (Answer(Outcome.UNREACHED, "no connection"), 1, "not sent: no connection"),
    ],
)
@pytest.mark.parametrize("option", ["--test", "--again"])
def test_one_message(run, option, answer, status, expected):
    shown = run("machines", "team", option, answer=answer)
    assert shown.exit_code == status
    assert expected in shown.output


@pytest.mark.parametrize(
    "arguments",
    [("--test",), ("machines", "--again"), ("machines", "team"), ("machines", "team", "--test", "--dry-run")],
)
def test_what_does_not_go_together(run, arguments):
    assert isinstance(run(*arguments).exception, InputError)


def test_what_a_service_says_moves_no_cursor(capsys):
    tell_deliveries(outcome("retrying", reason="\x1b[2Jgone"))
    assert "\x1b" not in capsys.readouterr().out


def test_check_names_the_variables_that_are_missing(tmp_path, monkeypatch):
    file = tmp_path / "config.yaml"
    file.write_text(settings("slack", "telegram"))
    monkeypatch.setattr("digest.cli.commands.run_service", lambda *_args, **_more: {"machines": None})
    for name in ENVIRON:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DELIVER_TELEGRAM_TOKEN", ENVIRON["DELIVER_TELEGRAM_TOKEN"])
    shown = CliRunner().invoke(commands.app, ["check", "--config", str(file)]).stdout
    assert "delivery slack (slack) of machines: DELIVER_SLACK_URL is not set" in shown
    assert "delivery telegram (telegram) of machines: ready" in shown
    assert "telegram-secret-value" not in shown
