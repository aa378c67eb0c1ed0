"""A real SMTP server on the loopback that keeps what it is given, and can be told to behave badly."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """What was given to it, and how it answers. `answers` replaces what it says to a word (`RCPT`: `550 no`)."""

    port: int = 0
    given: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hangs_up_at: str = ""
    """At this word, or after the text (`.`), the line is cut without an answer."""
    encryption: ssl.SSLContext | None = None
    asks_password: bool = False

    @property
    def mails(self) -> list[EmailMessage]:
        """What was given, read."""
        return [message_from_bytes(one, policy=policy.default) for one in self.given]  # type: ignore[misc]

    @property
    def url(self) -> str:
        """As `ORDI_MAIL_URL` names it."""
        return f"smtp://127.0.0.1:{self.port}"


class _Line(socketserver.StreamRequestHandler):
    timeout = 20
    house: MailServer

    def handle(self) -> None:
        """One caller."""
        self._say("220 here")
        while word := self.rfile.readline().decode("ascii", "replace").strip():
            name = word.split()[0].upper()
            self.house.words.append(word if name != "AUTH" else "AUTH")
            if name == self.house.hangs_up_at:
                return
            if name in self.house.answers:
                self._say(self.house.answers[name])
            elif name == "EHLO":
                offers = (
                    ["STARTTLS"] if self.house.encryption and not isinstance(self.connection, ssl.SSLSocket) else []
                )
                offers += ["AUTH PLAIN"] if self.house.asks_password else []
                self._say("\r\n".join(f"250-{one}" for one in ("here", *offers)) + "\r\n250 SIZE 10000000")
            elif name == "STARTTLS":
                self._encrypt()
            elif name == "RCPT":
                self.house.recipients.append(word.partition("<")[2].rstrip(">"))
                self._say("250 yes")
            elif name == "DATA":
                if not self._text():
                    return
            elif name == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("235 come in" if name == "AUTH" else "250 yes")

    def _text(self) -> bool:
        self._say("354 go on")
        held = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            held += line.removeprefix(b".") if line.startswith(b"..") else line
        self.house.given.append(held)
        if self.house.hangs_up_at == ".":
            return False
        self._say(self.house.answers.get(".", "250 taken"))
        return True

    def _encrypt(self) -> None:
        assert self.house.encryption
        self._say("220 go on")
        self.connection = self.house.encryption.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up, or does not trust our certificate, is no trouble of ours."""


@contextmanager
def mail_server(*, encryption: ssl.SSLContext | None = None, asks_password: bool = False) -> Iterator[MailServer]:
    """An SMTP server on a free port, until the end of the block."""
    house = MailServer(encryption=encryption, asks_password=asks_password)
    with _Listener(("127.0.0.1", 0), type("Line", (_Line,), {"house": house})) as listener:
        house.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield house
        finally:
            listener.shutdown()
            thread.join(5)


def own_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that is its own authority: the server's side, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context, certificate
