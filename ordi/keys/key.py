"""One key: what it is for, since when, its secret, and how a new one is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ordi.errors import Refused
from ordi.signatures import SigningKey, b64url, from_b64url

SIGNING = ("job", "certificate", "journal", "log")
PURPOSES = (*SIGNING, "pdf", "sealing", "session", "ssh")
PDF_YEARS = 10
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


class KeysRefused(Refused):
    """The keys cannot be used as they stand; `why` is the precise code."""

    code = "keys-refused"

    def __init__(self, why: str, **facts: str | int | None) -> None:
        super().__init__(why=why, **facts)
        self.why = why


@dataclass(frozen=True)
class PdfKey:
    """A P-256 key and the self-signed X.509 certificate that PDF readers show."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal: what a verifier pins."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


@dataclass(frozen=True)
class Key:
    """A key file: what it is for, since when, and its secret."""

    purpose: str
    number: int
    since: datetime
    secret: bytes
    certificate: bytes | None = None

    @property
    def file_name(self) -> str:
        """Where it is kept in the directory."""
        return f"{self.purpose}-{self.number:03}.json"

    def to_record(self) -> dict[str, Any]:
        """What its file holds."""
        return {
            "purpose": self.purpose,
            "number": self.number,
            "since": in_seconds(self.since),
            "secret": b64url(self.secret),
            "certificate": None if self.certificate is None else b64url(self.certificate),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], name: str) -> Key:
        """The key a file of that `name` holds."""
        try:
            sealed = record["certificate"]
            key = cls(
                purpose=str(record["purpose"]),
                number=int(record["number"]),
                since=datetime.fromisoformat(record["since"]),
                secret=from_b64url(record["secret"]),
                certificate=None if sealed is None else from_b64url(sealed),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise KeysRefused("unreadable-key", file=name) from None
        if key.purpose not in PURPOSES or key.file_name != name or key.since.tzinfo is None:
            raise KeysRefused("unreadable-key", file=name)
        return key

    def identity(self) -> str:
        """What names this key in public: thumbprint, fingerprint, or a one-way mark of a secret."""
        if self.purpose in SIGNING:
            return self.signing().kid
        if self.purpose == "pdf":
            return self.pdf().fingerprint
        return HKDF(hashes.SHA256(), 8, None, b"ordi/keys/identity").derive(self.secret).hex()

    def signing(self) -> SigningKey:
        """As the Ed25519 key it is."""
        return SigningKey.of(self.purpose, Ed25519PrivateKey.from_private_bytes(self.secret))

    def pdf(self) -> PdfKey:
        """As the P-256 key and certificate it is."""
        private = serialization.load_der_private_key(self.secret, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or self.certificate is None:
            raise KeysRefused("unreadable-key", file=self.file_name)
        return PdfKey(private, x509.load_der_x509_certificate(self.certificate))


def new_key(purpose: str, number: int, at: datetime, organisation: str) -> Key:
    """A fresh key, in force from `at`."""
    since = floor(at)
    if purpose in SIGNING:
        return Key(purpose, number, since, Ed25519PrivateKey.generate().private_bytes_raw())
    if purpose != "pdf":
        return Key(purpose, number, since, os.urandom(32))
    private = ec.generate_private_key(ec.SECP256R1())
    secret = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = _self_signed(private, since, organisation)
    return Key(purpose, number, since, secret, certificate.public_bytes(serialization.Encoding.DER))


def _self_signed(private: ec.EllipticCurvePrivateKey, since: datetime, organisation: str) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation[:48]} - documents"),
        ]
    )
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * PDF_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )


def floor(at: datetime) -> datetime:
    """`at` in UTC without its fraction of a second: what is issued in that very second is covered."""
    if at.tzinfo is None:
        raise ValueError("an instant knows its time zone")
    return at.astimezone(UTC).replace(microsecond=0)


def in_seconds(at: datetime) -> str:
    """`at` as it is written in key files: UTC, whole seconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
