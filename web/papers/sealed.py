"""The seal on a PDF: one signature over every byte, by a key the verifier already knows.

`sign_pdf` certifies the document (no later change is allowed) with ECDSA P-256, which the usual readers
understand; being self-signed, they say "issuer unknown": integrity is theirs to check, identity is pinned here.

`verify_pdf` is stricter than the readers. After something was *appended* to a signed file some still call it
valid; here the signature must cover the entire file, and no byte is free: the signature container is rebuilt
from its signed parts and compared. That is done on the raw bytes, so that a stranger's file reaches the PDF
parser only once it is known to be ours; the parser's own verdict is then asked as well.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ordi.errors import Refused
from ordi.keys import PdfKey
from web.papers.der import FIRST, INTEGER, NULL, OCTETS, OID, SEQUENCE, SET, Element, each, encode, first, inside

FIELD = "Sceau"
_LARGEST = 16 << 20
_RESERVED = 8192
_SIGNED_DATA = encode(OID, bytes.fromhex("2a864886f70d010702"))
_DATA = encode(OID, bytes.fromhex("2a864886f70d010701"))
_CONTENT_TYPE = encode(OID, bytes.fromhex("2a864886f70d010903"))
_MESSAGE_DIGEST = encode(OID, bytes.fromhex("2a864886f70d010904"))
_SHA256 = encode(SEQUENCE, encode(OID, bytes.fromhex("608648016503040201")), encode(NULL))
_ECDSA_SHA256 = encode(SEQUENCE, encode(OID, bytes.fromhex("2a8648ce3d040302")))
_VERSION_1 = encode(INTEGER, b"\x01")
_no_other_certificates: Callable[[], Any] = SimpleCertificateStore  # the library leaves it untyped
_BYTE_RANGE = re.compile(rb"/ByteRange ?\[0 (\d{1,9}) (\d{1,9}) (\d{1,9})\]")


class SealRefused(Refused):
    """A PDF proves nothing; `why` is the precise code."""

    code = "pdf-seal-refused"

    def __init__(self, why: str) -> None:
        super().__init__(why=why)
        self.why = why


@dataclass(frozen=True)
class SealedPdf:
    """What the seal of a PDF proves: who sealed it, when they say they did, and what is attached."""

    fingerprint: str
    sealed_at: datetime | None
    attachments: list[tuple[str, bytes]]


class _Writer(IncrementalPdfFileWriter):
    """Adds the seal and nothing else: title, dates and conformance stay as they were rendered."""

    def _update_meta(self) -> None: ...


class _SignerAt(signers.PdfSigner):
    """Signs at an instant that comes in, like everything else."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


def _apart(act: Callable[[], Any]) -> Any:
    """Do `act` in a thread of its own: pyHanko runs an event loop, and the caller's thread may be in one already."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(act).result()


def sign_pdf(pdf: bytes, pdf_key: PdfKey, reason: str, at: datetime) -> bytes:
    """`pdf` sealed by `pdf_key`: certified, every byte covered, no change allowed afterwards."""
    certificate = Certificate.load(pdf_key.certificate.public_bytes(serialization.Encoding.DER))
    private = pdf_key.private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=certificate,
        signing_key=PrivateKeyInfo.load(private),
        cert_registry=_no_other_certificates(),
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
    )
    signing = _SignerAt(meta, signer)
    signing.at = at
    sealed: io.BytesIO = _apart(lambda: signing.sign_pdf(_Writer(io.BytesIO(pdf)), bytes_reserved=_RESERVED))
    return sealed.getvalue()


def verify_pdf(pdf: bytes, trusted_cert_fingerprints: Collection[str]) -> SealedPdf:
    """What the seal of `pdf` proves, if one of the pinned certificates made it over every byte.

    Raise `SealRefused`: not-a-pdf, not-sealed, not-wholly-covered, malformed-seal, unknown-signer,
    changed, bad-signature, not-intact.
    """
    if not pdf.startswith(b"%PDF-") or len(pdf) > _LARGEST:
        raise SealRefused("not-a-pdf")
    covered, container = _split(pdf)
    fingerprint = _check_container(container, covered, trusted_cert_fingerprints)
    return _read(pdf, fingerprint)


def _split(pdf: bytes) -> tuple[bytes, bytes]:
    """All the bytes but the signature, and the signature, as the one /ByteRange divides them."""
    ranges = _BYTE_RANGE.findall(pdf)
    if not ranges:
        raise SealRefused("not-sealed")
    first, second, length = (int(number) for number in ranges[-1])
    if len(ranges) > 1 or second + length != len(pdf) or first >= second:
        raise SealRefused("not-wholly-covered")
    gap = pdf[first:second]
    digits = gap[1:-1]
    if gap[:1] != b"<" or gap[-1:] != b">" or not re.fullmatch(rb"(?:[0-9A-F]{2})+", digits):
        raise SealRefused("malformed-seal")
    return pdf[:first] + pdf[second:], bytes.fromhex(digits.decode())


def _check_container(container: bytes, covered: bytes, trusted: Collection[str]) -> str:
    """The fingerprint of the pinned certificate whose key signed `covered` in `container`."""
    try:
        certificate, attributes, signature = _taken_apart(container)
        said = {attribute.whole for attribute in each(attributes.content, SEQUENCE)}
    except ValueError:
        raise SealRefused("malformed-seal") from None
    fingerprint = hashlib.sha256(certificate).hexdigest()
    if fingerprint not in trusted:
        raise SealRefused("unknown-signer")
    known = load_der_x509_certificate(certificate)
    if container != _put_together(known, attributes.content, signature).ljust(len(container), b"\0"):
        raise SealRefused("malformed-seal")
    if not {_attribute(_CONTENT_TYPE, _DATA), _attribute(_MESSAGE_DIGEST, _digest(covered))} <= said:
        raise SealRefused("changed")
    key = known.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(signature, encode(SET, attributes.content), ec.ECDSA(hashes.SHA256()))  # RFC 5652, 5.4
    except InvalidSignature:
        raise SealRefused("bad-signature") from None
    return fingerprint


def _taken_apart(container: bytes) -> tuple[bytes, Element, bytes]:
    """The certificate, the signed attributes and the signature of a CMS container (RFC 5652)."""
    _, explicit = inside(first(container, SEQUENCE).content, OID, FIRST)
    (signed,) = inside(explicit.content, SEQUENCE)
    _, _, _, certificates, signers = inside(signed.content, INTEGER, SET, SEQUENCE, FIRST, SET)
    (certificate,) = inside(certificates.content, SEQUENCE)
    (signer,) = inside(signers.content, SEQUENCE)
    parts = inside(signer.content, INTEGER, SEQUENCE, SEQUENCE, FIRST, SEQUENCE, OCTETS)
    return certificate.whole, parts[3], parts[5].content


def _put_together(certificate: x509.Certificate, attributes: bytes, signature: bytes) -> bytes:
    """The only container these parts may come in: one signer, one certificate, nothing unsigned beside."""
    serial = certificate.serial_number
    signer = encode(
        SEQUENCE,
        _VERSION_1,
        encode(
            SEQUENCE,
            certificate.issuer.public_bytes(),
            encode(INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        ),
        _SHA256,
        encode(FIRST, attributes),
        _ECDSA_SHA256,
        encode(OCTETS, signature),
    )
    signed = encode(
        SEQUENCE,
        _VERSION_1,
        encode(SET, _SHA256),
        encode(SEQUENCE, _DATA),
        encode(FIRST, certificate.public_bytes(serialization.Encoding.DER)),
        encode(SET, signer),
    )
    return encode(SEQUENCE, _SIGNED_DATA, encode(FIRST, signed))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return encode(SEQUENCE, kind, encode(SET, value))


def _digest(covered: bytes) -> bytes:
    return encode(OCTETS, hashlib.sha256(covered).digest())


def _read(pdf: bytes, fingerprint: str) -> SealedPdf:
    """The parser's own verdict, and the attached files, of bytes already known to be ours."""
    reader = PdfFileReader(io.BytesIO(pdf))
    (embedded,) = reader.embedded_signatures
    context = ValidationContext(trust_roots=[embedded.signer_cert])
    status = _apart(lambda: validate_pdf_signature(embedded, context))
    if not (status.intact and status.valid and status.coverage == SignatureCoverageLevel.ENTIRE_FILE):
        raise SealRefused("not-intact")
    return SealedPdf(fingerprint, embedded.self_reported_timestamp, _attachments(reader))


def _attachments(reader: PdfFileReader) -> list[tuple[str, bytes]]:
    try:
        tree = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return []
    pairs = [(tree[place], tree[place + 1]) for place in range(0, len(tree), 2)]
    return [(str(name), file["/EF"]["/F"].data) for name, file in pairs]
