"""A bench session: the boot key, telling the server about it, and the keys the server's jobs must be signed with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agent import __version__
from agent.config import Config
from agent.encoding import b64url, canonical, from_b64url, new_uuid, read_name
from agent.files import write_durably
from agent.jobs import UUID, BadJob, public_keys
from agent.parsers.reading import at
from agent.server import Answer, Refused, Server, Unreachable
from agent.signing import DurableCounter, Signer, keyid_of, raw_private, raw_public

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
HOST_UUID = Path("/sys/class/dmi/id/product_uuid")
SSH_HOST_KEY = Path("/etc/ssh/ssh_host_ed25519_key.pub")
"""Made anew at each boot of the live system: the server then knows which key answers there, and takes no other."""

WAITING, ADOPTED, ENDED = "waiting", "adopted", "ended"

POLL_S = 5
FASTEST_POLL_S, SLOWEST_POLL_S = 0.05, 60.0
"""Bounds on the server's `poll_after_s`: neither a busy loop nor a forgotten machine."""


@dataclass
class Session:
    """One session with the server: who we are to it, and what it said."""

    uuid: str
    server: Server
    pictograms: tuple[str, ...]
    adopt_url: str
    keys: Mapping[str, Ed25519PublicKey]
    state: str = WAITING
    tag: str | None = None
    poll_after_s: float = field(default=POLL_S)

    def refresh(self) -> None:
        """Ask how the session stands. Raise Refused or Unreachable."""
        said = self.server.get(f"/sessions/{self.uuid}").body
        self.understand(said, "state")

    def jobs(self) -> tuple[list[str], Answer]:
        """The open jobs, still to be verified, and the answer they came in. Raise Refused or Unreachable."""
        answer = self.server.get("/jobs")
        self.understand(answer.body, "session_state")
        listed = answer.body.get("jobs")
        return [token for token in listed if isinstance(token, str)] if isinstance(listed, list) else [], answer

    def understand(self, said: dict[str, Any], state: str) -> None:
        """Take over what an answer says of the session."""
        if said.get(state) in (WAITING, ADOPTED, ENDED):
            self.state = said[state]
        if isinstance(said.get("tag"), str):
            self.tag = said["tag"]
        wait = said.get("poll_after_s")
        if isinstance(wait, int | float) and not isinstance(wait, bool):
            self.poll_after_s = min(max(float(wait), FASTEST_POLL_S), SLOWEST_POLL_S)


def open_session(config: Config) -> Session:
    """The session of this boot: the one an earlier run of the agent opened, or a new one.

    The boot key lives in the bench directory, which the live system keeps in memory, so that an agent killed and
    started again still speaks for the wipes it was doing. A directory left by another boot is not believed.
    Raise Refused or Unreachable.
    """
    kept = Kept(config.bench_directory / "session.json")
    base = config.base_url()
    boot = f"{read_name(BOOT_ID)} {base} {config.test}"
    found = kept.read(boot)
    if found is None:
        found = new_uuid(), Ed25519PrivateKey.generate()
        kept.write(boot, *found)
    uuid, key = found
    counter = DurableCounter(config.bench_directory / f"counter-{keyid_of(raw_public(key))[:16]}")
    server = Server(base, signer=Signer(key, counter))
    try:
        return introduce(config, uuid, key, server)
    except Refused:
        kept.forget()
        raise


def introduce(config: Config, uuid: str, key: Ed25519PrivateKey, server: Server) -> Session:
    """Tell the server about the session; telling it twice is telling it once. Raise Refused or Unreachable."""
    hello = introduction(config, uuid, key, host_uuid())
    ssh = read_name(SSH_HOST_KEY)
    said = server.post("/sessions", canonical(hello | ({"host_key": ssh} if ssh else {}))).body
    pictograms, adopt_url = said.get("pictograms"), said.get("adopt_url")
    if not isinstance(pictograms, list) or not isinstance(adopt_url, str):
        raise Unreachable("not a session")
    try:
        keys = public_keys(config.server_keys if config.server_keys is not None else said.get("server_keys"))
    except BadJob as bad:
        raise Unreachable("not a session") from bad
    session = Session(uuid, server, tuple(str(name) for name in pictograms), adopt_url, keys)
    session.refresh()
    return session


def introduction(config: Config, uuid: str, key: Ed25519PrivateKey, host: str | None) -> dict[str, object]:
    """The body of `POST /sessions`."""
    return {
        "session": uuid,
        "boot_pub": b64url(raw_public(key)),
        "image_sha256": config.image_sha256,
        "agent": __version__,
        "host_uuid": host,
        "test": config.test,
    }


def host_uuid() -> str | None:
    """The machine's SMBIOS uuid, lower case; None where there is none or it is not ours to read."""
    found = (read_name(HOST_UUID) or "").lower()
    return found if UUID.fullmatch(found) else None


@dataclass(frozen=True)
class Kept:
    """The session of this boot in a file of mode 0600."""

    file: Path

    def read(self, boot: str) -> tuple[str, Ed25519PrivateKey] | None:
        """The session and boot key kept for `boot`; None when there is none, or of another boot or server."""
        try:
            kept = json.loads(self.file.read_bytes())
            uuid, seed = at(kept, "session"), at(kept, "seed")
            if at(kept, "boot") != boot or not isinstance(uuid, str) or not isinstance(seed, str):
                return None
            return uuid, Ed25519PrivateKey.from_private_bytes(from_b64url(seed))
        except (OSError, ValueError):
            return None

    def write(self, boot: str, uuid: str, key: Ed25519PrivateKey) -> None:
        """Keep a session before the server hears of it. Raise OSError."""
        seed = b64url(raw_private(key))
        write_durably(self.file, canonical({"boot": boot, "session": uuid, "seed": seed}), mode=0o600)

    def forget(self) -> None:
        """The server does not want this session: the next start makes another."""
        self.file.unlink(missing_ok=True)
