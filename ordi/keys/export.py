"""All keys in one file, encrypted under a passphrase: for the safe, not for the backup's disk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ordi.canonical import canonical
from ordi.keys.key import Key, KeysRefused
from ordi.signatures import b64url, from_b64url

SHORTEST_PASSPHRASE = 12
_EXPORT, _EARLIER = "ordi-keys/2", "ordi-keys/1"
"""The first held the keys alone."""
_SCRYPT = {"n": 1 << 16, "r": 8, "p": 1}


def encrypted(keys: Sequence[Key], passphrase: str, beside: Mapping[str, str]) -> bytes:
    """`keys`, and the files that lie `beside` them, under `passphrase` (scrypt, AES-256-GCM)."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeysRefused("passphrase-too-short", least=SHORTEST_PASSPHRASE)
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {"typ": _EXPORT, "scrypt": _SCRYPT, "salt": b64url(salt), "nonce": b64url(nonce)}
    cipher = AESGCM(_stretched(passphrase, salt, _SCRYPT))
    records = canonical({"keys": [key.to_record() for key in keys], "beside": dict(beside)})
    sealed = cipher.encrypt(nonce, records.encode(), canonical(head).encode())
    return canonical(head | {"sealed": b64url(sealed)}).encode()


def decrypted(data: bytes, passphrase: str) -> tuple[list[Key], dict[str, str]]:
    """The keys of an `encrypted` export, and the files beside them."""
    try:
        whole = json.loads(data)
        sealed = from_b64url(whole.pop("sealed"))
        salt, nonce, cost = from_b64url(whole["salt"]), from_b64url(whole["nonce"]), whole["scrypt"]
        if whole["typ"] not in (_EXPORT, _EARLIER) or cost != _SCRYPT:
            raise KeysRefused("not-an-export")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysRefused("not-an-export") from None
    try:
        clear = AESGCM(_stretched(passphrase, salt, cost)).decrypt(nonce, sealed, canonical(whole).encode())
    except (InvalidTag, ValueError):
        raise KeysRefused("wrong-passphrase") from None
    held = json.loads(clear)
    records, beside = (held, {}) if whole["typ"] == _EARLIER else (held["keys"], held["beside"])
    return [Key.from_record(one, f"{one['purpose']}-{one['number']:03}.json") for one in records], beside


def _stretched(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    kdf = Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"])
    return kdf.derive(passphrase.encode())
