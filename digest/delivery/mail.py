"""One mail over SMTP, in a thread, and how that ended.

`smtps://` is TLS from the start, `smtp://` is STARTTLS wherever the server offers it. A password goes over TLS only,
but to this machine or the local network, if that is permitted. The name is looked up once, and the connection goes to a
checked address; TLS checks the name.

Sources: RFC 5321, https://www.rfc-editor.org/rfc/rfc5321; RFC 5322, https://www.rfc-editor.org/rfc/rfc5322 (Message-ID);
RFC 3834, https://www.rfc-editor.org/rfc/rfc3834 (Auto-Submitted); RFC 8314, https://www.rfc-editor.org/rfc/rfc8314 (TLS).
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from digest.config.deliveries import DeliveryConfig
from digest.delivery.addresses import AddressError, Resolve, checked_addresses
from digest.delivery.answers import Answer, Outcome, shown_error
from digest.delivery.payloads import Payload

_PORTS = {"smtp": 587, "smtps": 465}


class _RefusedError(Exception):
    """The server took nothing; `answer` says whether to try again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.error)
        self.answer = answer


@dataclass(frozen=True)
class _Server:
    host: str
    port: int
    addresses: tuple[str, ...]
    is_tls: bool
    user: str
    password: str
    may_be_plain: bool


class _Smtp(smtplib.SMTP):
    """Connects to a checked address, under the server's name."""

    def __init__(self, server: _Server, timeout: float) -> None:
        self._server = server
        super().__init__(timeout=timeout)
        self._host = server.host  # what STARTTLS asks for and checks

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del host
        connected = _connected(self._server.addresses, port, timeout)
        return _wrapped(connected, self._server.host) if self._server.is_tls else connected


def _connected(addresses: Sequence[str], port: int, timeout: float) -> socket.socket:
    problem: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            problem = error
    assert problem is not None, "there is an address"
    raise problem


def _wrapped(connected: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    except BaseException:
        connected.close()
        raise


async def send_mail(payload: Payload, target: DeliveryConfig, *, resolve: Resolve, within: timedelta) -> Answer:
    """Make one attempt. Raises nothing but cancellation."""
    parts = urlsplit(target.address)
    port = parts.port or _PORTS[parts.scheme]
    host = parts.hostname or ""
    try:
        addresses = await checked_addresses(host, port, allow_private=target.allow_private, resolve=resolve)
    except AddressError as error:
        return Answer(Outcome.UNREACHED, str(error))
    server = _Server(
        host=host,
        port=port,
        addresses=addresses,
        is_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or target.key,
        may_be_plain=target.allow_private,
    )
    secrets = (*target.secrets, server.user, server.password)
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await asyncio.to_thread(_deliver, server, mail_of(payload), within.total_seconds() / 2, secrets)
    except TimeoutError:  # the thread goes on, and may yet come to its end
        return Answer(Outcome.UNKNOWN, "no answer in time")


def mail_of(payload: Payload) -> EmailMessage:
    """Return the mail: plain text and HTML, with a Message-ID made from the delivery's id."""
    content = payload.content
    mail = EmailMessage()
    mail["Subject"] = content["subject"]
    mail["From"] = _address(content["from"])
    mail["To"] = [_address(one) for one in content["to"]]
    domain = parseaddr(content["from"])[1].rpartition("@")[2]
    mail["Message-ID"] = f"<{payload.ident}.digest@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content["text"])
    mail.add_alternative(content["html"], subtype="html")
    return mail


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    user, _, domain = address.rpartition("@")
    return Address(" ".join(name.split()), user, domain)


def _deliver(server: _Server, mail: EmailMessage, timeout: float, secrets: Sequence[str]) -> Answer:
    try:
        smtp = _Smtp(server, timeout)
    except OSError as error:
        return Answer(Outcome.UNREACHED, shown_error(f"no connection ({type(error).__name__})", secrets))
    try:
        return _speak(smtp, server, mail, secrets)
    finally:
        smtp.close()


def _speak(smtp: _Smtp, server: _Server, mail: EmailMessage, secrets: Sequence[str]) -> Answer:
    """Say everything up to the text itself; until its last dot, nothing has been sent."""
    try:
        _expect(smtp.connect(server.host, server.port), secrets)
        smtp.ehlo_or_helo_if_needed()
        if not server.is_tls and smtp.has_extn("starttls"):
            _expect(smtp.starttls(context=ssl.create_default_context()), secrets)
            smtp.ehlo_or_helo_if_needed()
        _log_in(smtp, server, secrets)
        _expect(smtp.mail(parse_sender(mail)), secrets)
        for recipient in mail["To"].addresses:
            _expect(smtp.rcpt(recipient.addr_spec), secrets)
    except _RefusedError as refused:
        return refused.answer
    except smtplib.SMTPAuthenticationError as error:
        return _refusal(error.smtp_code, error.smtp_error, secrets).answer
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Outcome.UNREACHED, shown_error(f"no connection ({type(error).__name__})", secrets))
    return _send_text(smtp, mail, secrets)


def _log_in(smtp: _Smtp, server: _Server, secrets: Sequence[str]) -> None:
    if not server.user:
        return
    if not isinstance(smtp.sock, ssl.SSLSocket) and not server.may_be_plain:
        raise _RefusedError(
            Answer(Outcome.REFUSED, "the server offers no TLS, and a password is never sent without it")
        )
    _expect(smtp.login(server.user, server.password), secrets)


def parse_sender(mail: EmailMessage) -> str:
    """Return the bare address that a mail is from."""
    return str(mail["From"].addresses[0].addr_spec)


def _send_text(smtp: _Smtp, mail: EmailMessage, secrets: Sequence[str]) -> Answer:
    try:
        code, said = smtp.data(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code, error.smtp_error, secrets).answer
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Outcome.UNKNOWN, shown_error(f"no answer ({type(error).__name__})", secrets))
    if code != 250:
        return _refusal(code, said, secrets).answer
    with suppress(OSError, smtplib.SMTPException):  # it has the mail; how it says goodbye is its own affair
        smtp.quit()
    return Answer(Outcome.SENT)


def _expect(reply: tuple[int, bytes], secrets: Sequence[str]) -> None:
    code, said = reply
    if not 200 <= code < 300:
        raise _refusal(code, said, secrets)


def _refusal(code: int, said: bytes | str, secrets: Sequence[str]) -> _RefusedError:
    """Return what a refusing reply means: 4xx asks to come again, 5xx doesn't."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    outcome = Outcome.BUSY if 400 <= code < 500 else Outcome.REFUSED
    return _RefusedError(Answer(outcome, shown_error(f"status {code}: {text}", secrets)))
