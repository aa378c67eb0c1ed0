"""Requests signed by a machine: the one RFC 9421 profile of docs/protocol.md, verified by hand.

`parse` reads what was signed and checks the body against its digest; it proves nothing yet. Find the key
that `keyid` names, then `verify` with it. Nothing outside the covered components counts, so the edge
refuses a query string and passes its own configured authority, never the Host of the request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ordi.errors import Refused
from ordi.signatures import SignatureRefused, b64url


class CounterReplayed(Refused):
    """A counter that does not grow: this request was made before, or an older one comes late. It is not taken again."""

    code = "counter-replayed"


_COVERED = '"@method" "@authority" "@path" "content-digest" "content-type" "ordi-counter"'
_INPUT = re.compile(r"ordi=(\(([^()]*)\)((?:;[a-z]+=[^;]*)+))", re.ASCII)
_PARAMETERS = re.compile(
    r';created=(-?\d{1,15});nonce="([A-Za-z0-9_-]{22,128})";keyid="([A-Za-z0-9_-]{43})"'
    r';alg="ed25519";tag="ordi"',
    re.ASCII,
)
_SIGNATURE = re.compile(r"ordi=:([A-Za-z0-9+/]{86}==):", re.ASCII)
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
_COUNTER = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
_SEEN = ("signature-input", "signature", "content-digest", "content-type", "ordi-counter")


class Headers(Protocol):
    """The headers of a request: a dict, or Werkzeug's."""

    def items(self) -> Iterable[tuple[str, str]]: ...


@dataclass(frozen=True)
class SignedRequest:
    """What a request claims, and over what its signature must hold."""

    keyid: str
    counter: int
    nonce: str
    created: int
    base: bytes
    signature: bytes

    def verify(self, public_key: bytes) -> None:
        """Raise `SignatureRefused` (wrong-key, bad-signature) unless this raw public key signed it all."""
        if len(public_key) != 32 or not hmac.compare_digest(keyid_of(public_key), self.keyid):
            raise SignatureRefused("wrong-key")
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.base)
        except InvalidSignature:
            raise SignatureRefused("bad-signature") from None


def keyid_of(raw_public_key: bytes) -> str:
    """The `keyid` of a raw 32-byte Ed25519 public key."""
    return b64url(hashlib.sha256(raw_public_key).digest())


def parse(headers: Headers, method: str, authority: str, path: str, body: bytes) -> SignedRequest:
    """Read a signed request. Raise `SignatureRefused` with why: missing, duplicate-header, malformed,
    wrong-components, wrong-parameters, malformed-signature, malformed-digest, wrong-digest,
    wrong-content-type, malformed-counter, query-not-signed.
    """
    seen = _the_headers(headers)
    if "?" in path:
        raise SignatureRefused("query-not-signed")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise SignatureRefused("malformed")
    if "signature" not in seen or "signature-input" not in seen:
        raise SignatureRefused("missing")
    given = _INPUT.fullmatch(seen["signature-input"])
    if given is None:
        raise SignatureRefused("malformed")
    if given[2] != _COVERED:
        raise SignatureRefused("wrong-components")
    parameters = _PARAMETERS.fullmatch(given[3])
    if parameters is None:
        raise SignatureRefused("wrong-parameters")
    counter = seen.get("ordi-counter", "")
    if not _COUNTER.fullmatch(counter):
        raise SignatureRefused("malformed-counter")
    if seen.get("content-type") != "application/json":
        raise SignatureRefused("wrong-content-type")
    _check_digest(seen.get("content-digest", ""), body)
    base = (
        f'"@method": {method}\n"@authority": {authority}\n"@path": {path or "/"}\n'
        f'"content-digest": {seen["content-digest"]}\n"content-type": application/json\n'
        f'"ordi-counter": {counter}\n"@signature-params": {given[1]}'
    )
    signature = _SIGNATURE.fullmatch(seen["signature"])
    if signature is None:
        raise SignatureRefused("malformed-signature")
    return SignedRequest(
        keyid=parameters[3],
        counter=int(counter),
        nonce=parameters[2],
        created=int(parameters[1]),
        base=base.encode(),
        signature=_strict_b64(signature[1], "malformed-signature"),
    )


def _the_headers(headers: Headers) -> dict[str, str]:
    """The headers that matter, by lower-case name; one sent twice is refused, not chosen from."""
    seen: dict[str, str] = {}
    for name, value in headers.items():
        name = name.lower()
        if name in _SEEN:
            if name in seen:
                raise SignatureRefused("duplicate-header")
            seen[name] = value.strip(" \t")
    return seen


def _check_digest(header: str, body: bytes) -> None:
    given = _DIGEST.fullmatch(header)
    if given is None:
        raise SignatureRefused("malformed-digest")
    if not hmac.compare_digest(_strict_b64(given[1], "malformed-digest"), hashlib.sha256(body).digest()):
        raise SignatureRefused("wrong-digest")


def _strict_b64(text: str, why: str) -> bytes:
    """The bytes of `text`, refused when other bits could spell the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise SignatureRefused(why) from None
    if base64.b64encode(data).decode() != text:
        raise SignatureRefused(why)
    return data
