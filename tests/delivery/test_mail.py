"""Mail over a real SMTP server: taken, refused, lost on the way, and never forged."""

import asyncio
import email
import socket
import ssl
from datetime import timedelta
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr

from digest.delivery.answers import Outcome
from digest.delivery.claims import identity
from digest.delivery.payloads import payload_of
from digest.delivery.sending import Sender
from digest.feeds.periods import one_day
from tests.builders import NOON
from tests.delivery.kit import THURSDAY, make_entry, make_message, target_of
from tests.fakes import Clock
from tests.services import SECRETS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiosmtpd, about asyncio


class Mailbox:
    """Keeps mails; answers to a command what it is told."""

    def __init__(self, **answers):
        self.mails = []
        self.envelopes = []
        self.answers = answers

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answers.get("DATA") == "cut":
            self.mails.append(email.message_from_bytes(envelope.content, policy=default))
            server.transport.abort()
            await asyncio.sleep(5)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        return "250 OK"


def serve(mailbox, **options):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="mail.test", **options)


def send(
    mailbox, message=None, *, url="smtp://mail.test:{port}", more="allow_private: true", found=("127.0.0.1",), **options
):
    controller = serve(mailbox, **options)
    controller.start()
    try:
        port = controller.port
        target = target_of("smtp", more).model_copy(update={"url": SecretStr(url.format(port=port))})
        ident = identity(("machines", "smtp"), one_day(THURSDAY))
        payload = payload_of(message or make_message(make_entry(points=2)), target, name="smtp", ident=ident)

        async def resolve(_host, _port):
            return list(found)

        sender = Sender(user_agent="arxiv-digest/test", resolve=resolve, now=Clock(NOON))
        return asyncio.run(sender.send(payload, target, within=timedelta(seconds=6)))
    finally:
        controller.stop()


def test_a_mail_arrives_as_text_and_html():
    mailbox = Mailbox()
    assert send(mailbox).outcome is Outcome.SENT
    (mail,) = mailbox.mails
    assert mail["Subject"] == "cs.LG, Thu 29 Jan: 131 new, complete; 1 for you"
    assert mail["From"] == "Digest <digest@example.org>"
    assert mail["To"] == "you@example.org, me@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mailbox.envelopes == [("digest@example.org", ["you@example.org", "me@example.org"])]
    text, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    for part in ("Paper 1", "https://arxiv.org/abs/2601.00001", "Ada Quill and one more", "It is sweet.", "Why: fruit in title +2"):  # fmt: skip
        assert part in text
        assert part in html
    assert '<a href="https://arxiv.org/abs/2601.00001">Paper 1</a>' in html


def test_the_message_id_is_that_of_feed_day_and_target():
    first, second = Mailbox(), Mailbox()
    send(first)
    send(second)
    ident = identity(("machines", "smtp"), one_day(THURSDAY))
    assert first.mails[0]["Message-ID"] == second.mails[0]["Message-ID"] == f"<{ident}.digest@example.org>"


def test_hostile_text_forges_no_header_and_no_second_mail():
    mailbox = Mailbox()
    text = "x\r\nBcc: victim@example.org\r\n.\r\nMAIL FROM:<a@b>\r\n\x00\x1b[31m <script>alert(1)</script> \u202e"
    message = make_message(make_entry(title=text, tldr=text, authors=(text,)))
    message = type(message)(**{**message.__dict__, "head": text})
    assert send(mailbox, message).outcome is Outcome.SENT
    (mail,) = mailbox.mails
    assert "Bcc" not in mail
    assert mail["Subject"].strip().startswith("x Bcc: victim@example.org")
    assert "<script>" not in mail.get_body(["html"]).get_content()
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"RCPT": "550 no such user"}, Outcome.REFUSED),
        ({"RCPT": "451 greylisted, come again"}, Outcome.BUSY),
        ({"DATA": "554 looks like spam"}, Outcome.REFUSED),
        ({"DATA": "452 disk full"}, Outcome.BUSY),
        ({"DATA": "cut"}, Outcome.UNKNOWN),
    ],
)
def test_what_a_refusal_means(answers, outcome):
    mailbox = Mailbox(**answers)
    answer = send(mailbox)
    assert answer.outcome is outcome, answer
    assert answer.error
    assert len(mailbox.mails) == (answers.get("DATA") == "cut")


def authenticator(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"user", b"p@ss/word"), handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize(
    ("password", "outcome"), [("p%40ss%2Fword", Outcome.SENT), ("smtp-secret-value", Outcome.REFUSED)]
)
def test_user_and_password(password, outcome):
    mailbox = Mailbox()
    answer = send(
        mailbox,
        url=f"smtp://user:{password}@mail.test:{{port}}",
        authenticator=authenticator,
        auth_required=True,
        auth_require_tls=False,
    )
    assert answer.outcome is outcome, answer
    assert not [secret for secret in SECRETS if secret in answer.error]


def test_a_password_is_sent_over_tls_only():
    """A public server without TLS gets no password."""
    mailbox = Mailbox()
    logins = []

    def watch(_server, _session, _envelope, _mechanism, data):
        logins.append(data)
        return AuthResult(success=True)

    from digest.delivery import addresses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "is_public", lambda _address: True)
        answer = send(mailbox, url="smtp://user:pw@mail.test:{port}", more="top: 3", authenticator=watch, auth_require_tls=False)  # fmt: skip
    assert (answer.outcome, logins, mailbox.mails) == (Outcome.REFUSED, [], [])
    assert "TLS" in answer.error


def test_a_server_whose_name_tls_can_t_prove_gets_nothing(tmp_path):
    mailbox = Mailbox()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    answer = send(mailbox, url="smtps://mail.test:{port}", ssl_context=context)
    assert (answer.outcome, mailbox.mails) == (Outcome.UNREACHED, [])
    answer = send(mailbox, tls_context=context, require_starttls=True)
    assert (answer.outcome, mailbox.mails) == (Outcome.UNREACHED, [])


def self_signed(folder):
    import subprocess

    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=mail.test", "-addext", "subjectAltName=DNS:mail.test"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.mark.parametrize("url", ["smtps://mail.test:{port}", "smtp://mail.test:{port}"])
def test_tls_under_the_server_s_name_to_the_checked_address(tmp_path, monkeypatch, url):
    mailbox = Mailbox()
    files = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    options = (
        {"ssl_context": context} if url.startswith("smtps") else {"tls_context": context, "require_starttls": True}
    )
    assert send(mailbox, url=url, **options).outcome is Outcome.SENT
    assert len(mailbox.mails) == 1


def test_the_local_network_is_refused_unless_permitted():
    mailbox = Mailbox()
    answer = send(mailbox, more="top: 3")
    assert (answer.outcome, mailbox.mails) == (Outcome.UNREACHED, [])
    assert "allow_private" in answer.error


def test_nobody_listens():
    answer = send(Mailbox(), url="smtp://mail.test:1")
    assert answer.outcome is Outcome.UNREACHED


def test_the_server_of_these_tests_is_a_real_one():
    assert issubclass(SMTP, asyncio.StreamReaderProtocol)
