"""The offline root: one Ed25519 key, kept on another computer, that says which keys of a server are ours.

It signs one thing only, a key set (`ordi-keyset/1`): the network's name, every public key with its dates, the
fingerprints of the PDF certificates, from when and until when it speaks. Whoever knows the root's fingerprint
believes the keys in it and no others. The root's public half travels beside the signature and counts for nothing
unless it has that very fingerprint; a token's own header carries no key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ordi.canonical import canonical
from ordi.keys.files import read_private, write_private
from ordi.keys.key import SIGNING, KeysRefused, floor, in_seconds
from ordi.keys.revoked import is_told
from ordi.signatures import ALGORITHM, SigningKey, b64url, from_b64url, public_bytes, sign, thumbprint, verify

TYP = "ordi-keyset/1"
REQUEST_TYP = "ordi-keyset-request/1"
PURPOSE = "keyset"
LARGEST = 1 << 20
"""Bytes of a request or of a signed set."""
_ROOT_TYP = "ordi-root/1"
_REQUEST = {"typ", "network", "keys", "pdf"}
_KEY = {"kty", "crv", "x", "kid", "alg", "use", "purpose", "nbf"}
_HEX = set("0123456789abcdef")


def fingerprint_of(text: str) -> str:
    """A root's fingerprint as one types it: 64 hexadecimal characters, in groups or not. Raise `KeysRefused`."""
    bare = "".join(text.split()).replace(":", "").casefold()
    if not _is_hash(bare):
        raise KeysRefused("not-a-fingerprint")
    return bare


def grouped(fingerprint: str) -> str:
    """As a person compares it: sixteen groups of four."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


@dataclass(frozen=True)
class Root:
    """The private half. It is on no server."""

    key: SigningKey

    @classmethod
    def new(cls, path: Path, at: datetime) -> Self:
        """Make a root and write it, for its owner alone; what is there already is never replaced."""
        root = cls(SigningKey.of(PURPOSE, Ed25519PrivateKey.generate()))
        secret = b64url(root.key.private.private_bytes_raw())
        if not write_private(path, canonical({"typ": _ROOT_TYP, "made": in_seconds(at), "secret": secret}).encode()):
            raise KeysRefused("already-there", file=path.name)
        return root

    @classmethod
    def read(cls, path: Path) -> Self:
        """The root that `new` wrote. Raise `KeysRefused`: exposed, not-a-root."""
        try:
            told = json.loads(read_private(path))
            if told["typ"] != _ROOT_TYP:
                raise KeysRefused("not-a-root")
            private = Ed25519PrivateKey.from_private_bytes(from_b64url(told["secret"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise KeysRefused("not-a-root") from None
        return cls(SigningKey.of(PURPOSE, private))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key as a JWK (RFC 7638), lower-case hexadecimal: what a verifier pins."""
        return from_b64url(self.key.kid).hex()

    def sign(self, request: Mapping[str, Any], *, at: datetime, days: int) -> dict[str, Any]:
        """The signed set that a server publishes: `{root, signed}`, in force from `at` for so many days."""
        issued = floor(at)
        told = {
            "typ": TYP,
            "issued": in_seconds(issued),
            "expires": in_seconds(issued + timedelta(days=days)),
            "network": request["network"],
            "keys": request["keys"],
            "pdf": request["pdf"],
        }
        KeySet.of(told)
        public = {"kty": "OKP", "crv": "Ed25519", "x": b64url(public_bytes(self.key.private))}
        return {"root": public, "signed": sign(told, self.key, TYP)}


@dataclass(frozen=True)
class KeySet:
    """What a root vouches for: the keys of one network, for a time."""

    network: str
    issued: datetime
    expires: datetime
    jwks: Mapping[str, Any]
    pdf: tuple[str, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """What a payload says. Raise `KeysRefused` (odd-set) when it is not exactly a key set."""
        match told:
            case {
                "typ": "ordi-keyset/1",
                "issued": str(issued),
                "expires": str(expires),
                "network": str(network),
                "keys": list(keys),
                "pdf": list(pdf),
                **rest,
            } if not rest and all(map(_is_key, keys)) and all(map(_is_hash, pdf)) and _is_name(network):
                first, last = _instant(issued), _instant(expires)
                if first < last and keys and len({key["kid"] for key in keys}) == len(keys):
                    return cls(network, first, last, {"keys": keys}, tuple(pdf))
        raise KeysRefused("odd-set")

    def check(self, at: datetime, network: str | None = None) -> None:
        """Raise `KeysRefused`: another-network, not-yet (issued after `at`), expired."""
        if network is not None and network != self.network:
            raise KeysRefused("another-network", network=self.network)
        if at < self.issued:
            raise KeysRefused("not-yet", issued=in_seconds(self.issued))
        if at >= self.expires:
            raise KeysRefused("expired", expires=in_seconds(self.expires))

    def without(self, jwks: Mapping[str, Any], pdf: list[str]) -> list[str]:
        """Those keys that it does not vouch for: `purpose identity`."""
        known = {(key["kid"], key["purpose"], key["nbf"]) for key in self.jwks["keys"]}
        lacking = [key for key in jwks["keys"] if (key["kid"], key["purpose"], key["nbf"]) not in known]
        return [f"{key['purpose']} {key['kid']}" for key in lacking] + [
            f"pdf {one}" for one in pdf if one not in self.pdf
        ]


def request_for(network: str, jwks: Mapping[str, Any], pdf: list[str]) -> dict[str, Any]:
    """What a server asks the root to sign."""
    return {"typ": REQUEST_TYP, "network": network, "keys": jwks["keys"], "pdf": pdf}


def read_request(data: bytes) -> dict[str, Any]:
    """A request out of its file. Raise `KeysRefused` (not-a-request)."""
    told = _object(data)
    if told.get("typ") != REQUEST_TYP or told.keys() != _REQUEST:
        raise KeysRefused("not-a-request")
    return told


def read_set(data: bytes) -> dict[str, Any]:
    """A signed set, alone or as `/api/v1/keys` answers it. Raise `KeysRefused` (no-root: nothing in it is signed)."""
    told = _object(data)
    held = told.get("vouched", told)
    if not isinstance(held, dict) or "signed" not in held:
        raise KeysRefused("no-root")
    return held


def named_root(held: Mapping[str, Any]) -> str:
    """The fingerprint of the root that came along, which proves nothing until it is compared."""
    try:
        return from_b64url(thumbprint(from_b64url(held["root"]["x"]))).hex()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise KeysRefused("odd-set") from None


def opened(held: Mapping[str, Any], root: str) -> KeySet:
    """The set in `held` when the root of that fingerprint signed it, whatever the day: `check` is still to be asked.

    Raise `KeysRefused`: foreign-root, odd-set. Raise `SignatureRefused` as `verify` does.
    """
    if named_root(held) != root:
        raise KeysRefused("foreign-root", root=named_root(held))
    if held.keys() != {"root", "signed"} or not isinstance(held["signed"], str):
        raise KeysRefused("odd-set")
    kid = b64url(bytes.fromhex(root))
    pinned = dict(held["root"]) | {"kid": kid, "alg": ALGORITHM, "purpose": PURPOSE, "nbf": 0}
    return KeySet.of(verify(held["signed"], {"keys": [pinned]}, TYP))


def _object(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise KeysRefused("unreadable-file")
    return told


def _is_key(key: object) -> bool:
    """A public key that signs one of our purposes, never another root."""
    if not isinstance(key, dict) or key.keys() - {"exp", "revoked"} != _KEY or key["purpose"] not in SIGNING:
        return False
    if (key["kty"], key["crv"], key["alg"], key["use"]) != ("OKP", "Ed25519", ALGORITHM, "sig"):
        return False
    if "revoked" in key and not is_told(key["revoked"]):
        return False
    first, end = key["nbf"], key.get("exp", None)
    dated = type(first) is int and ("exp" not in key or (type(end) is int and end > first))
    try:
        return dated and thumbprint(from_b64url(key["x"])) == key["kid"]
    except (ValueError, TypeError, AttributeError):
        return False


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= _HEX


def _is_name(text: str) -> bool:
    """One line that a terminal can show."""
    return 0 < len(text) <= 200 and text.isprintable()


def _instant(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text.removesuffix("Z") + "+00:00").astimezone(UTC)
    except ValueError:
        raise KeysRefused("odd-set") from None
    if in_seconds(when) != text:
        raise KeysRefused("odd-set")
    return when
