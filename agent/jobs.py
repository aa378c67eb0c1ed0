"""A job: what the server asks of one drive, signed with its job key (docs/protocol.md, "Jobs")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent.encoding import from_b64url, from_instant
from agent.parsers.reading import Unreadable, at, json_object, text, whole

TECHNIQUE = "overwrite-aes256ctr"
"""The keystream over the whole drive, read back: every other technique ends with it too."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

MOST_OFFSETS = 65536
LARGEST_CHALLENGE = 4 * 1024 * 1024
"""Bytes of one challenged chunk: four times the protocol's chunk."""


class BadJob(ValueError):
    """A job that is not the server's, or not for this session, or not understood. It is not done."""


@dataclass(frozen=True)
class Challenge:
    """Chunks of a drive to prove knowledge of: HMAC under `nonce` of `length` bytes at each offset."""

    nonce: bytes
    length: int
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """One verified job. `size` is in bytes; `key` is for a wipe, `challenge` for a check.

    `prepare`: what a person agreed to first; `whole`: the bytes the drive shows once nothing of it hides.
    """

    job: str
    kind: Literal["wipe", "check"]
    session: str
    tag: str | None
    serial: str
    wwn: str | None
    size: int
    nonce: str
    seq: int
    technique: str
    test: bool
    issued: datetime
    expires: datetime
    key: bytes | None = field(default=None, repr=False)
    challenge: Challenge | None = None
    prepare: frozenset[str] = frozenset()
    whole: int | None = None

    def expired(self, server_clock: datetime | None) -> bool:
        """Whether it is too late, by the server's clock; this machine's own may be dead and decides nothing."""
        return server_clock is not None and server_clock > self.expires


def public_keys(jwks: object) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 keys of a JWKS by `kid`; other kinds and revoked ones are left out. Raise BadJob when it is no JWKS."""
    listed = at(jwks, "keys")
    if not isinstance(listed, list):
        raise BadJob("server_keys")
    keys = {}
    for key in listed:
        if at(key, "revoked") is not None:
            continue
        kid, x = at(key, "kid"), at(key, "x")
        if at(key, "kty") == "OKP" and at(key, "crv") == "Ed25519" and isinstance(kid, str) and isinstance(x, str):
            try:
                keys[kid] = Ed25519PublicKey.from_public_bytes(from_b64url(x))
            except ValueError as bad:
                raise BadJob("server_keys") from bad
    return keys


def verified(token: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """The payload of a compact JWS signed EdDSA by one of `keys`. A key in the header is never looked at.

    Raise BadJob.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise BadJob("not a JWS")
    try:
        header, payload, signature = (from_b64url(part) for part in parts)
        head = json_object(header)
        kid = head.get("kid")
        if head.get("alg") != "EdDSA" or "crit" in head or not isinstance(kid, str) or kid not in keys:
            raise BadJob("not signed by a known key")
        keys[kid].verify(signature, f"{parts[0]}.{parts[1]}".encode("ascii"))
        return json_object(payload)
    except InvalidSignature as forged:
        raise BadJob("signature") from forged
    except (Unreadable, UnicodeError) as unreadable:
        raise BadJob(str(unreadable)) from unreadable
    except ValueError as bad:
        raise bad if isinstance(bad, BadJob) else BadJob("not a JWS") from bad


def read_job(token: str, keys: Mapping[str, Ed25519PublicKey], *, session: str, test: bool) -> Job:
    """Verify and understand one job of `session`. Raise BadJob."""
    told = verified(token, keys)
    kind, serial, size, seq = told.get("kind"), told.get("serial"), whole(told.get("bytes")), whole(told.get("seq"))
    if told.get("typ") != "ordi-job/1" or kind not in ("wipe", "check"):
        raise BadJob("typ")
    if told.get("session") != session:
        raise BadJob("session")
    if told.get("test", False) is not test:
        raise BadJob("test")
    job, nonce = told.get("job"), told.get("nonce")
    if not isinstance(job, str) or not UUID.fullmatch(job) or not isinstance(nonce, str) or not nonce:
        raise BadJob("job")
    if not isinstance(serial, str) or not serial.strip() or not size or seq is None:
        raise BadJob("drive")
    try:
        issued, expires = from_instant(str(told.get("issued"))), from_instant(str(told.get("expires")))
        key = from_b64url(str(told.get("key"))) if kind == "wipe" else None
    except ValueError as bad:
        raise BadJob("instants or key") from bad
    if key is not None and len(key) != 32:
        raise BadJob("key")
    return Job(
        job=job,
        kind="wipe" if kind == "wipe" else "check",
        session=session,
        tag=text(told.get("tag")),
        serial=serial.strip(),
        wwn=text(told.get("wwn")),
        size=size,
        nonce=nonce,
        seq=seq,
        technique=str(told.get("technique")),
        test=test,
        issued=issued,
        expires=expires,
        key=key,
        challenge=read_challenge(told.get("challenge")) if kind == "check" else None,
        prepare=frozenset(word for word in listed(told.get("prepare")) if isinstance(word, str)),
        whole=whole(told.get("whole_bytes")),
    )


def listed(told: object) -> list[object]:
    """A list, or nothing."""
    return told if isinstance(told, list) else []


def read_challenge(told: object) -> Challenge:
    """The challenge of a check or of the answer to a commit. Raise BadJob."""
    nonce, offsets, size = at(told, "nonce"), at(told, "offsets"), whole(at(told, "bytes"))
    if not isinstance(nonce, str) or not isinstance(offsets, list) or len(offsets) > MOST_OFFSETS:
        raise BadJob("challenge")
    places = tuple(place for place in map(whole, offsets) if place is not None)
    if not size or size > LARGEST_CHALLENGE or len(places) != len(offsets):
        raise BadJob("challenge")
    try:
        return Challenge(from_b64url(nonce), size, places)
    except ValueError as bad:
        raise BadJob("challenge") from bad
