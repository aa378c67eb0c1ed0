"""The organisation's keys: one file each, in a directory only its owner can enter.

| Purpose | Key | What it does |
|---|---|---|
| job, certificate, journal, log | Ed25519 | signs the JWS of that purpose (`ordi-job/1`, …), no other |
| pdf | P-256, self-signed X.509 | signs PDFs |
| sealing | 32 random bytes | seals personal data (ordi/sealing.py) |
| session | 32 random bytes | signs the cookies of the web face |
| ssh | 32 random bytes | each workshop's own Ed25519 key towards its bench hosts is drawn from them |

A key file is written once and never again: a key is in force from its own `since` until the `since` of the
next key of its purpose, so a rotation is one more file. Old keys stay, to verify and to open. A compromised
machine gives up these files: `revoke` says from then on that a key is believed no more. Keep them out of the database, and out of its backups except as an encrypted
`export`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ordi.canonical import canonical
from ordi.keys import revoked
from ordi.keys.export import decrypted, encrypted
from ordi.keys.files import read_keys, replace_private, write_key, write_private
from ordi.keys.key import PURPOSES, SIGNING, Key, KeysRefused, PdfKey, floor, in_seconds, new_key
from ordi.keys.root import KeySet, named_root, opened
from ordi.sealing import Sealer
from ordi.signatures import ALGORITHM, SigningKey, b64url, public_bytes

PUBLISHED = "published.keyset"
"""Beside the keys, and no secret: the key set that the offline root signed (ordi/keys/root.py)."""

__all__ = ["PURPOSES", "SIGNING", "KeyRing", "KeysRefused", "PdfKey"]


def beside(directory: Path) -> dict[str, str]:
    """The files beside the keys that are no secret, by name: the published set, and what was revoked."""
    there = (directory / name for name in (PUBLISHED, revoked.FILE))
    return {path.name: path.read_text() for path in there if path.is_file()}


def put_beside(directory: Path, files: Mapping[str, str]) -> None:
    """Put such files back. The published set that is there stays; of what was revoked nothing is ever forgotten."""
    if PUBLISHED in files and not (directory / PUBLISHED).exists():
        replace_private(directory / PUBLISHED, files[PUBLISHED].encode())
    if revoked.FILE in files:
        both = {**json.loads(files[revoked.FILE]), **revoked.read(directory)}
        replace_private(directory / revoked.FILE, canonical(both).encode())


class KeyRing:
    """All the keys of a directory, by purpose, oldest first."""

    def __init__(self, directory: Path, keys: list[Key]) -> None:
        self._directory = directory
        self._keys = {
            purpose: sorted((k for k in keys if k.purpose == purpose), key=lambda k: k.number) for purpose in PURPOSES
        }

    @classmethod
    def open(cls, directory: Path, *, at: datetime, create: bool = True, organisation: str = "Ordi") -> KeyRing:
        """The ring kept in `directory`; with `create`, what is missing is made, in force from `at`.

        Raise `KeysRefused`: no-directory, exposed (others may read the keys), unreadable-key, no-key.
        """
        if create:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = cls(directory, read_keys(directory))
        missing = [purpose for purpose in PURPOSES if not ring._keys[purpose]]
        if missing and not create:
            raise KeysRefused("no-key", purpose=missing[0])
        for purpose in missing:
            write_key(directory, new_key(purpose, 1, at, organisation))
        return cls(directory, read_keys(directory)) if missing else ring

    def signing(self, purpose: str, at: datetime) -> SigningKey:
        """The Ed25519 key in force for `purpose` at `at`."""
        if purpose not in SIGNING:
            raise KeysRefused("not-a-signing-purpose", purpose=purpose)
        return self._in_force(purpose, at).signing()

    def pdf_key(self, at: datetime) -> PdfKey:
        """The key in force for PDFs at `at`."""
        return self._in_force("pdf", at).pdf()

    def pdf_fingerprints(self) -> list[str]:
        """The fingerprint of every PDF certificate that was not revoked, oldest first: what a verifier may trust."""
        gone = revoked.read(self._directory)
        return [key.identity() for key in self._keys["pdf"] if key.identity() not in gone]

    def sealer(self) -> Sealer:
        """Seals with the newest sealing key, opens with all."""
        return Sealer({key.number: key.secret for key in self._keys["sealing"]})

    def session_secrets(self) -> list[bytes]:
        """Cookie secrets, newest first: the first signs, the others still read."""
        return [key.secret for key in reversed(self._keys["session"])]

    def ssh_key(self, workshop: int, at: datetime) -> Ed25519PrivateKey:
        """The key a workshop opens its bench hosts with: no workshop's opens another's. A rotation changes them all."""
        drawn = HKDF(hashes.SHA256(), 32, None, f"ordi/ssh/{workshop}".encode())
        return Ed25519PrivateKey.from_private_bytes(drawn.derive(self._in_force("ssh", at).secret))

    def rotate(self, purpose: str, at: datetime, organisation: str = "Ordi") -> None:
        """Make a new key for `purpose`, in force from `at`; the one before ends there and is kept."""
        last = self._keys[purpose][-1]
        if floor(at) <= last.since:
            raise KeysRefused("not-after-last-key", purpose=purpose, since=in_seconds(last.since))
        key = new_key(purpose, last.number + 1, at, organisation)
        if not write_key(self._directory, key):
            raise KeysRefused("someone-just-rotated", purpose=purpose)
        self._keys[purpose].append(key)

    def revoke(self, identity: str, reason: str, at: datetime) -> None:
        """Say that a key which signed for us is believed no more, for good: its kid, or its PDF certificate's fingerprint.

        Raise `KeysRefused`: no-such-key, still-in-force (rotate first), already-revoked, no-reason.
        """
        for purpose in (*SIGNING, "pdf"):
            for key in self._keys[purpose]:
                if key.identity() == identity:
                    if key == self._in_force(purpose, at):
                        raise KeysRefused("still-in-force", purpose=purpose)
                    revoked.add(self._directory, identity, reason, at=at)
                    return
        raise KeysRefused("no-such-key", identity=identity)

    def revocations(self) -> revoked.Revocations:
        """Every key that is believed no more, with when and why."""
        return revoked.read(self._directory)

    def jwks(self, at: datetime) -> dict[str, Any]:
        """The public Ed25519 keys in force at `at` or before, with `nbf` and, once ended, `exp`; `revoked`, when and why, if so.

        Each says the one `purpose` it may sign for. Old keys stay listed: old certificates need them.
        """
        shown, gone = [], revoked.read(self._directory)
        for purpose in SIGNING:
            keys = [key for key in self._keys[purpose] if key.since <= at]
            for key, end in zip(keys, [k.since for k in keys[1:]] + [None], strict=True):
                signing = key.signing()
                jwk: dict[str, Any] = {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": b64url(public_bytes(signing.private)),
                    "kid": signing.kid,
                    "alg": ALGORITHM,
                    "use": "sig",
                    "purpose": purpose,
                    "nbf": int(key.since.timestamp()),
                }
                ended = {} if end is None else {"exp": int(end.timestamp())}
                shown.append(jwk | ended | ({"revoked": gone[signing.kid]} if signing.kid in gone else {}))
        return {"keys": shown}

    def published(self) -> dict[str, Any] | None:
        """The signed set that was published here last: `{root, signed}`. None when no root ever vouched."""
        try:
            held: dict[str, Any] = json.loads((self._directory / PUBLISHED).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            raise KeysRefused("unreadable-key", file=PUBLISHED) from None
        return held

    def publish(self, held: Mapping[str, Any], root: str, *, network: str, at: datetime) -> KeySet:
        """Publish a set that the root of that fingerprint signed for our network, of our own keys.

        Raise `KeysRefused`: as `opened` and `KeySet.check`, and foreign-keys (a key that is none of ours), older
        (than what the same root signed and is published). Raise `SignatureRefused`.
        """
        told = opened(held, root)
        told.check(at, network)
        ours = {key["kid"]: key for key in self.jwks(at)["keys"]}
        # a key may have ended since it was signed; nothing else differs from ours
        if any(ours.get(key["kid"], {}) | key != ours.get(key["kid"]) for key in told.jwks["keys"]):
            raise KeysRefused("foreign-keys")
        if set(told.pdf) - set(self.pdf_fingerprints()):
            raise KeysRefused("foreign-keys")
        before = self.published()
        if before is not None and named_root(before) == root and opened(before, root).issued > told.issued:
            raise KeysRefused("older")
        replace_private(self._directory / PUBLISHED, canonical(dict(held)).encode())
        return told

    def listing(self) -> list[dict[str, str | int | None]]:
        """Every key without its secret: purpose, number, identity, since, until (none: still in force), revoked (the day)."""
        gone = revoked.read(self._directory)
        return [
            {
                "purpose": key.purpose,
                "number": key.number,
                "identity": key.identity(),
                "since": in_seconds(key.since),
                "until": None if until is None else in_seconds(until),
                "revoked": revoked.day(gone[key.identity()]) if key.identity() in gone else None,
            }
            for keys in self._keys.values()
            for key, until in zip(keys, [k.since for k in keys[1:]] + [None], strict=True)
        ]

    def export(self, path: Path, passphrase: str) -> None:
        """Write every key to a new file at `path`, encrypted (scrypt, AES-256-GCM), with the published set and what was revoked."""
        keys = [key for keys in self._keys.values() for key in keys]
        if not write_private(path, encrypted(keys, passphrase, beside(self._directory))):
            raise KeysRefused("already-there", file=path.name)

    @classmethod
    def restore(cls, directory: Path, export: Path, passphrase: str) -> KeyRing:
        """Write the keys of an `export` into `directory`; a different key already there is never replaced."""
        keys, lay_beside = decrypted(export.read_bytes(), passphrase)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = {key.file_name: key for key in read_keys(directory)}
        for key in keys:
            if key.file_name in there and there[key.file_name] != key:
                raise KeysRefused("already-there", file=key.file_name)
        for key in keys:
            write_key(directory, key)
        put_beside(directory, lay_beside)
        return cls(directory, read_keys(directory))

    def _in_force(self, purpose: str, at: datetime) -> Key:
        begun = [key for key in self._keys[purpose] if key.since <= at]
        if not begun:
            raise KeysRefused("no-key-in-force", purpose=purpose)
        return begun[-1]
