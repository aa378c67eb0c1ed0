"""The post: one message to one SMTP server, and what that server made of it.

`smtp://user:password@host:587` encrypts with STARTTLS wherever the server offers it, and gives a password to nobody
without; `smtps://host:465` encrypts from the first byte. The server's certificate is checked against the system's.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from ordi.messages import bounds
from ordi.messages.written import NotSent, PerhapsSent, Written

TIMEOUT_S = 20
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""Whatever a server understands."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Post:
    """An SMTP server, and who writes."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: bool = False

    @classmethod
    def at(cls, url: str, sender: str) -> Post:
        """The server of an `ORDI_MAIL_URL`. Raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("a mail server is smtp://host:587 or smtps://host:465")
        tls = parts.scheme == "smtps"
        port = parts.port or (465 if tls else 587)
        return cls(parts.hostname, port, sender, unquote(parts.username or ""), unquote(parts.password or ""), tls)

    keyed = False
    """A mail server may write the same Message-ID twice."""

    def deliver(self, message: Written, *, at: datetime) -> None:
        """Give a message to the server. Raises `NotSent`, `PerhapsSent`."""
        written = self.written(message, at=at)
        with self._line() as line:
            self._address(line, message.recipient)
            _give(line, written)

    def written(self, message: Written, *, at: datetime) -> bytes:
        """The message as it travels."""
        mail = EmailMessage(_SEVEN_BITS)
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.recipient, message.subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{message.uuid}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        if message.attachment_name:
            mail.add_attachment(
                message.attachment, maintype="application", subtype="octet-stream", filename=message.attachment_name
            )
        return mail.as_bytes()

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A line to the server, encrypted and signed in as far as that is due."""
        trusted = ssl.create_default_context()
        try:
            if self.tls:
                line: smtplib.SMTP = _TimedTLS(self.host, self.port, timeout=TIMEOUT_S, context=trusted)
            else:
                line = _Timed(self.host, self.port, timeout=TIMEOUT_S)
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(error) from error
        try:
            self._introduce(line, trusted)
            yield line
        finally:
            with suppress(OSError, smtplib.SMTPException):
                line.quit()
            line.close()

    def _introduce(self, line: smtplib.SMTP, trusted: ssl.SSLContext) -> None:
        try:
            line.ehlo_or_helo_if_needed()
            if not self.tls and line.has_extn("starttls"):
                line.starttls(context=trusted)
                line.ehlo()
            elif not self.tls and self.user and self.host not in _LOOPBACK:
                raise NotSent("no-encryption", unreachable=True)
            if self.user:
                line.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(f"sign-in-{error.smtp_code}", unreachable=True) from None
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(error) from error

    def _address(self, line: smtplib.SMTP, recipient: str) -> None:
        try:
            for code, _words in (line.mail(self.sender), line.rcpt(recipient)):
                if code not in (250, 251):
                    raise NotSent(f"smtp-{code}", for_good=500 <= code < 600)
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(error) from error


class _Timed(smtplib.SMTP):
    """A line whose whole exchange is bounded, from the server's greeting on."""

    _clock: threading.Timer | None = None

    def getreply(self) -> tuple[int, bytes]:
        """The server's answer; the first one starts the clock."""
        if self._clock is None:
            self._clock = bounds.hang_up_after(bounds.EXCHANGE_S, self)
        return super().getreply()

    def close(self) -> None:
        """Nothing more is said."""
        if self._clock is not None:
            self._clock.cancel()
        super().close()


class _TimedTLS(_Timed, smtplib.SMTP_SSL):
    """The same, encrypted from the first word."""


def _give(line: smtplib.SMTP, written: bytes) -> None:
    """The text itself. Until the server asks for it nothing was sent; once it has it, its silence says nothing."""
    try:
        code, _words = line.docmd("data")
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(error) from error
    if code != 354:
        raise NotSent(f"smtp-{code}", for_good=500 <= code < 600)
    try:
        line.send(re.sub(rb"(?m)^\.", b"..", written) + b".\r\n")
        code, _words = line.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise PerhapsSent(type(error).__name__) from error
    if code != 250:
        raise NotSent(f"smtp-{code}", for_good=500 <= code < 600)


def _unreachable(error: Exception) -> NotSent:
    return NotSent(type(error).__name__, unreachable=True)
