"""Compact JWS, one algorithm: Ed25519 (`EdDSA`) over canonical JSON.

A token says which key signed it by `kid`, and nothing more: a key carried or pointed to by the header
(`jwk`, `jku`, `x5c`, …) is refused, as is any header we do not write ourselves. The key is looked up in a
JWKS the verifier already trusts, must be meant for that kind of token (`ordi-certificate/1` is signed by a
key of purpose `certificate`), and must have been in force at the payload's `issued`.

That date is the signer's claim: a stolen retired key can still backdate. The published log of heads, not
this file, is what shows that.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ordi.canonical import canonical, digest
from ordi.errors import Refused

ALGORITHM = "EdDSA"
_LONGEST = 1 << 20
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_TYP = re.compile(r"ordi-([a-z]+)/[1-9]\d*", re.ASCII)


class SignatureRefused(Refused):
    """A signature proves nothing; `why` is the precise code."""

    code = "signature-refused"

    def __init__(self, why: str) -> None:
        super().__init__(why=why)
        self.why = why


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key that signs one purpose during one span of time."""

    purpose: str
    kid: str
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, purpose: str, private: Ed25519PrivateKey) -> SigningKey:
        """The key with its RFC 7638 thumbprint as `kid`."""
        return cls(purpose, thumbprint(public_bytes(private)), private)


def sign(payload: Mapping[str, Any], key: SigningKey, typ: str) -> str:
    """A compact JWS of `payload` by `key`. The payload carries `typ`, and `issued` as an instant in UTC."""
    if payload.get("typ") != typ or _purpose(typ) != key.purpose:
        raise ValueError(f"a key of purpose {key.purpose} does not sign {typ} for {payload.get('typ')}")
    if _instant(payload.get("issued")) is None:
        raise ValueError("what is signed says when: `issued`, in UTC, ending in Z")
    header = canonical({"alg": ALGORITHM, "kid": key.kid, "typ": typ})
    signed = f"{b64url(header.encode())}.{b64url(canonical(dict(payload)).encode())}"
    return f"{signed}.{b64url(key.private.sign(signed.encode()))}"


def verify(token: str, jwks: Mapping[str, Any], typ: str) -> dict[str, Any]:
    """The payload of `token`, if a key of `jwks` meant for `typ` and in force at `issued` signed it.

    Raise `SignatureRefused`: malformed, wrong-algorithm, key-in-header, wrong-type, unknown-key, wrong-key,
    revoked-key, bad-signature, not-canonical, undated, key-not-in-force.
    """
    parts = token.split(".") if len(token) <= _LONGEST else []
    if len(parts) != 3:
        raise SignatureRefused("malformed")
    header_bytes, payload_bytes, signature = (_strict_b64url(part) for part in parts)
    header = _object(header_bytes)
    _check_header(header, typ)
    key = _key_named(header["kid"], jwks)
    if key.get("purpose") != _purpose(typ):
        raise SignatureRefused("wrong-key")
    if "revoked" in key:
        raise SignatureRefused("revoked-key")
    try:
        _public_key(key).verify(signature, f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature:
        raise SignatureRefused("bad-signature") from None
    payload = _object(payload_bytes)
    if not (_is_canonical(header, header_bytes) and _is_canonical(payload, payload_bytes)):
        raise SignatureRefused("not-canonical")
    if payload.get("typ") != typ:
        raise SignatureRefused("wrong-type")
    _check_in_force(key, payload.get("issued"))
    return payload


def named_key(token: str) -> str | None:
    """The `kid` that `token` claims, unverified: only to choose which keys to look for."""
    try:
        kid = _object(_strict_b64url(token.split(".")[0])).get("kid")
    except SignatureRefused:
        return None
    return kid if isinstance(kid, str) else None


def thumbprint(public: bytes) -> str:
    """The RFC 7638 thumbprint of a raw Ed25519 public key."""
    text = canonical({"crv": "Ed25519", "kty": "OKP", "x": b64url(public)})
    return b64url(bytes.fromhex(digest(text)))


def public_bytes(private: Ed25519PrivateKey) -> bytes:
    """The 32 raw bytes of its public half."""
    return private.public_key().public_bytes_raw()


def b64url(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes:
    """The bytes of `text`; `ValueError` unless it is exactly what `b64url` writes."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as broken:
        raise ValueError("not base64url") from broken
    if b64url(data) != text:
        raise ValueError("not base64url")
    return data


def _strict_b64url(text: str) -> bytes:
    try:
        return from_b64url(text)
    except ValueError:
        raise SignatureRefused("malformed") from None


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise SignatureRefused("malformed") from None
    if not isinstance(value, dict):
        raise SignatureRefused("malformed")
    return value


def _is_canonical(value: dict[str, Any], data: bytes) -> bool:
    """Whether `data` is the canonical text of `value`: no second name, no float, no other spelling."""
    try:
        return canonical(value).encode() == data
    except (TypeError, ValueError, RecursionError):
        return False


def _check_header(header: dict[str, Any], typ: str) -> None:
    if header.keys() & {"jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256"}:
        raise SignatureRefused("key-in-header")
    if header.get("alg") != ALGORITHM:
        raise SignatureRefused("wrong-algorithm")
    if header.get("typ") != typ:
        raise SignatureRefused("wrong-type")
    if header.keys() != {"alg", "kid", "typ"} or not isinstance(header["kid"], str):
        raise SignatureRefused("malformed")


def _key_named(kid: str, jwks: Mapping[str, Any]) -> Mapping[str, Any]:
    named = [key for key in jwks.get("keys", []) if isinstance(key, dict) and key.get("kid") == kid]
    if len(named) != 1:
        raise SignatureRefused("unknown-key")
    key: Mapping[str, Any] = named[0]
    return key


def _public_key(key: Mapping[str, Any]) -> Ed25519PublicKey:
    if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
        raise SignatureRefused("wrong-key")
    try:
        public = from_b64url(str(key.get("x")))
        readable = Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise SignatureRefused("wrong-key") from None
    if thumbprint(public) != key.get("kid"):
        raise SignatureRefused("wrong-key")
    return readable


def _check_in_force(key: Mapping[str, Any], issued: object) -> None:
    """`nbf` ≤ issued < `exp`, in seconds since 1970; a key without `exp` is still in force."""
    when = _instant(issued)
    if when is None:
        raise SignatureRefused("undated")
    first, end = key.get("nbf"), key.get("exp")
    if not isinstance(first, int) or not (end is None or isinstance(end, int)):
        raise SignatureRefused("wrong-key")
    if when.timestamp() < first or (end is not None and when.timestamp() >= end):
        raise SignatureRefused("key-not-in-force")


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix("Z") + "+00:00").astimezone(UTC)
    except ValueError:
        return None


def _purpose(typ: str) -> str | None:
    named = _TYP.fullmatch(typ)
    return named[1] if named else None
