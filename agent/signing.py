"""Signing requests: RFC 9421 in the protocol's one fixed profile, by hand (docs/protocol.md, "Signatures")."""

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from agent.encoding import b64url, sha256
from agent.files import write_durably

DEFAULT_PORTS = {"http": 80, "https": 443}


def raw_public(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half of `key`."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def raw_private(key: Ed25519PrivateKey) -> bytes:
    """The 32-byte seed of `key`, to keep in a file of mode 0600."""
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def keyid_of(public: bytes) -> str:
    """The name of a key: base64url of the SHA-256 of its 32 public bytes."""
    return b64url(sha256(public))


def authority_of(url: str) -> str:
    """Host of `url` in lower case, with its port unless it is the scheme's own (RFC 9421, 2.2.3)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


@dataclass
class DurableCounter:
    """A counter in a file, on the disk before it is used: no number is ever sent twice for a key."""

    path: Path

    def next(self) -> int:
        """The next number. Raise OSError when it cannot be made durable, ValueError when the file is damaged."""
        last = int(self.path.read_text("ascii")) if self.path.exists() else 0
        write_durably(self.path, f"{last + 1}\n".encode("ascii"), mode=0o600)
        return last + 1


@dataclass
class Signer:
    """A key and the counter of what it has signed. Use from one thread at a time."""

    key: Ed25519PrivateKey
    counter: DurableCounter
    clock: Callable[[], float] = time.time
    nonce: Callable[[], str] = field(default=lambda: secrets.token_urlsafe(18))

    @property
    def keyid(self) -> str:
        """The name the server knows this key by."""
        return keyid_of(raw_public(self.key))

    def headers(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers that make `method url body` a signed request. Takes the next counter."""
        digest = "sha-256=:" + base64.b64encode(sha256(body)).decode("ascii") + ":"
        counter = str(self.counter.next())
        covered = (
            ("@method", method),
            ("@authority", authority_of(url)),
            ("@path", urlsplit(url).path or "/"),
            ("content-digest", digest),
            ("content-type", "application/json"),
            ("ordi-counter", counter),
        )
        names = " ".join(f'"{name}"' for name, _ in covered)
        params = (
            f"({names});created={max(0, int(self.clock()))};"
            f'nonce="{self.nonce()}";keyid="{self.keyid}";alg="ed25519";tag="ordi"'
        )
        base = "".join(f'"{name}": {value}\n' for name, value in covered) + f'"@signature-params": {params}'
        signature = base64.b64encode(self.key.sign(base.encode("ascii"))).decode("ascii")
        return {
            "Content-Digest": digest,
            "Content-Type": "application/json",
            "Ordi-Counter": counter,
            "Signature-Input": f"ordi={params}",
            "Signature": f"ordi=:{signature}:",
        }
