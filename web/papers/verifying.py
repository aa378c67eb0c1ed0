"""Checking a certificate without us: a JWS or a sealed PDF, offline, with pinned keys.

What comes back is only what was signed. Keys are those the verifier brought, never those of the file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ordi.signatures import SignatureRefused, named_key, verify
from web.papers.certificate_pdf import ATTACHED
from web.papers.lot_pdf import ATTACHED as LOT_ATTACHED

if TYPE_CHECKING:
    from web.papers.sealed import SealedPdf

TYP = "ordi-certificate/1"
LOT_TYP = "ordi-certificate/2"
_MOST_DRIVES = 64


@dataclass(frozen=True)
class Verification:
    """What a file proves: the signed payloads when it does, the code of the reason when it does not."""

    kind: Literal["pdf", "jws"]
    authentic: bool
    why: str | None = None
    certificates: tuple[dict[str, Any], ...] = ()
    keys: tuple[str, ...] = ()
    seal: str | None = None
    sealed_at: datetime | None = None
    tokens: tuple[str, ...] = field(default=(), compare=False)
    """The JWS of each certificate, as signed: what the public log names."""
    lot: dict[str, Any] | None = None
    """The signed summary of a lot, when the file is one."""


def verify_file(data: bytes, jwks: Mapping[str, Any], pdf_fingerprints: Collection[str]) -> Verification:
    """Check `data` against the keys of `jwks` and, for a PDF, the pinned certificates.

    `why` is the code of `SealRefused` or `SignatureRefused`, or: not-one-certificate (a sealed PDF without
    exactly one `certificate.jws`), not-a-certificate, several-computers.
    """
    if data.startswith(b"%PDF-"):
        return _verify_pdf(data, jwks, pdf_fingerprints)
    try:
        return _verify_tokens("jws", data, jwks)
    except SignatureRefused as refused:
        return Verification("jws", authentic=False, why=refused.why)


def _verify_pdf(data: bytes, jwks: Mapping[str, Any], pdf_fingerprints: Collection[str]) -> Verification:
    from web.papers.sealed import SealRefused, verify_pdf  # here, not above: see pdf.render

    try:
        sealed = verify_pdf(data, pdf_fingerprints)
        if [name for name, _ in sealed.attachments] == [LOT_ATTACHED]:
            return _verify_lot(sealed, jwks)
        if [name for name, _ in sealed.attachments] != [ATTACHED]:
            return Verification("pdf", authentic=False, why="not-one-certificate")
        found = _verify_tokens("pdf", sealed.attachments[0][1], jwks)
    except (SealRefused, SignatureRefused) as refused:
        return Verification("pdf", authentic=False, why=refused.why)
    return Verification(
        "pdf",
        found.authentic,
        found.why,
        found.certificates,
        found.keys,
        sealed.fingerprint,
        sealed.sealed_at,
        found.tokens,
    )


def _verify_lot(sealed: SealedPdf, jwks: Mapping[str, Any]) -> Verification:
    """A sealed summary of a lot: one token. Raise `SignatureRefused`."""
    token = sealed.attachments[0][1].decode("ascii", "replace").strip()
    lot = verify(token, jwks, LOT_TYP)
    keys = (str(named_key(token)),)
    return Verification("pdf", True, keys=keys, seal=sealed.fingerprint, sealed_at=sealed.sealed_at, lot=lot)


def _verify_tokens(kind: Literal["pdf", "jws"], data: bytes, jwks: Mapping[str, Any]) -> Verification:
    """A token a line, one line a drive, all of one computer."""
    try:
        tokens = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return Verification(kind, authentic=False, why="not-a-certificate")
    tokens = tokens[:-1] if tokens[-1] == "" else tokens
    if not 0 < len(tokens) <= _MOST_DRIVES or any(token.count(".") != 2 for token in tokens):
        return Verification(kind, authentic=False, why="not-a-certificate")
    payloads = tuple(verify(token, jwks, TYP) for token in tokens)
    if len({str(payload.get("machine")) for payload in payloads}) != 1:
        return Verification(kind, authentic=False, why="several-computers")
    keys = tuple(sorted({str(kid) for kid in map(named_key, tokens)}))
    return Verification(kind, authentic=True, certificates=payloads, keys=keys, tokens=tuple(tokens))
