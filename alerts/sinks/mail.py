"""Warnings by e-mail over SMTP: one message in Chinese and English with the CAP message attached.

What a server answers decides as RFC 5321 says: 4xx is the moment and is tried again, 5xx is for good. A log-in that is
refused speaks of our settings and not of the message, so it is tried again until they are right. Where only some
recipients are taken, those are not written to again by this process; the delivery stands as failed, with the names of
those who have not got it, until all have it or a person has looked at it. A repeat bears the same ``Message-ID``.
"""

import asyncio
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from urllib.parse import urlsplit

from alerts.sinks.addresses import address_book, addresses_of
from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_address, require_fit
from alerts.warnings.cap import to_cap
from alerts.warnings.mail_text import mail_text, subject
from alerts.warnings.statement import Statement
from topics.errors import ConfigurationError, DeliveryError

#: Default ports by the scheme of ``smtp_url``.
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

#: How many warnings' partly served recipients are remembered.
REMEMBERED = 10_000

_BREAK = re.compile(r"[\x00-\x1f\x7f]+")


class EmailSink(Sink):
    """Sends from ``sender`` through ``url`` to the addresses of each authority: those that ``mail_of`` knows, else
    those in ``to`` (an address book).
    """

    def __init__(
        self,
        url: str,
        sender: str,
        to: str,
        *,
        username: str = "",
        password: str = "",
        timeout_s: float = TIMEOUT_S,
        mail_of: Callable[[str], tuple[str, ...]] | None = None,
    ) -> None:
        self._server = smtp_server(url) if url else None
        self._sender = sender
        self._to = address_book(to, "CITYBRAIN_EMAIL_TO")
        self._login = (username, password) if username else None
        self._timeout_s = timeout_s
        self._mail_of = mail_of or (lambda authority: ())
        self._served: dict[str, set[str]] = {}

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        to = self._mail_of(said.authority) or addresses_of(self._to, said.authority)
        require_address(" ".join(to), "email", said.authority, "CITYBRAIN_EMAIL_TO")
        require_address(self._sender, "email", "the sender", "CITYBRAIN_EMAIL_FROM")
        if self._server is None:
            raise DeliveryError("email: expected a server in CITYBRAIN_SMTP_URL, got none", retriable=False)
        try:
            message = to_mail(said, self._sender, to)
        except ValueError as error:
            raise DeliveryError(f"email: {error}", retriable=False) from error
        served = self._served.get(said.identifier, set())
        left = [each for each in to if each not in served]
        refused = await asyncio.to_thread(self._send, message, left)
        served |= {each for each in left if each not in refused}
        if refused:
            while len(self._served) >= REMEMBERED:
                del self._served[next(iter(self._served))]
            self._served[said.identifier] = served
            raise _partly(served, refused)
        self._served.pop(said.identifier, None)
        return Receipt(250, reference=str(message["Message-ID"]))

    def _send(self, message: EmailMessage, to: list[str]) -> Mapping[str, tuple[int, bytes]]:
        """Those who were refused, with the server's answers. Raises ``DeliveryError`` where nobody was served."""
        assert self._server is not None
        scheme, host, port = self._server
        where = f"{host}:{port}"
        try:
            with _connected(scheme, host, port, self._timeout_s) as smtp:
                if self._login is not None:
                    smtp.login(*self._login)
                refused: Mapping[str, tuple[int, bytes]] = smtp.send_message(message, self._sender, to)
                return refused
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(
                f"{where}: log-in refused ({error.smtp_code})", retriable=True, status=error.smtp_code
            ) from None
        except smtplib.SMTPResponseException as error:
            text = _plain(error.smtp_error)
            final = 500 <= error.smtp_code < 600
            raise DeliveryError(
                f"{where}: {error.smtp_code} {text}", retriable=not final, status=error.smtp_code
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{where}: {error}", retriable=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{where}: {type(error).__name__} {error}", retriable=True) from error


def smtp_server(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises ``ConfigurationError`` for a URL that names no SMTP server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigurationError(
            f"smtp_url: expected {', '.join(f'{each}://host:port' for each in PORTS)}, got {url!r}"
        )
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]


def to_mail(said: Statement, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """The message; equal statements give equal text and ``Message-ID``. Raises ``ValueError`` as ``to_cap``."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _BREAK.sub(" ", subject(said))
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = formatdate(said.sent / 1000)
    domain = sender.rpartition("@")[2].rstrip(">") or "citybrain.invalid"
    message["Message-ID"] = f"<{said.identifier}@{domain}>"
    if said.references:
        message["References"] = " ".join(f"<{each.identifier}@{domain}>" for each in said.references)
    message["X-CityBrain-Identifier"] = said.identifier
    message.set_content(mail_text(said))
    message.add_attachment(
        to_cap(said), maintype="application", subtype="cap+xml", filename=f"{said.identifier}.cap.xml"
    )
    return message


def _connected(scheme: str, host: str, port: int, timeout_s: float) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=ssl.create_default_context())
    smtp = smtplib.SMTP(host, port, timeout=timeout_s)
    if scheme == "smtp+starttls":
        smtp.starttls(context=ssl.create_default_context())
    return smtp


def _partly(served: set[str], refused: Mapping[str, tuple[int, bytes]]) -> DeliveryError:
    """Tried again while any of the refusals may pass; dead once all are for good."""
    passing = [code for code, _ in refused.values() if not 500 <= code < 600]
    status = passing[0] if passing else next(iter(refused.values()))[0]
    reasons = "; ".join(f"{each}: {code} {_plain(text)}" for each, (code, text) in sorted(refused.items()))
    has = f"; {', '.join(sorted(served))} got it" if served else ""
    return DeliveryError(f"refused by {reasons}{has}", retriable=bool(passing), status=status)


def _plain(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:200]
