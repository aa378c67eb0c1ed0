"""Bench hosts: the only places Ordi ever opens an SSH line to. A lead or the administration writes each down, with its host key.

Nothing typed at the moment of a start chooses where a line goes (TRUST.md, "The web"): an address comes from this list, and the
key that must answer there too.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from itertools import pairwise

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

KEY_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
FOLDER = "/run/ordi-ssh"
"""In memory on every current Linux: the boot key never reaches a disk."""

_ADDRESS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?", re.ASCII)
_LOGIN = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_FOLDER = re.compile(r"(/[A-Za-z0-9_][A-Za-z0-9._-]*){2,6}", re.ASCII)
_LONGEST_KEY = 1200


class BenchHost(Base):
    """A machine, or a place at the bench, that answers to SSH."""

    __tablename__ = "bench_hosts"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(default=22)
    login: Mapped[str] = mapped_column(String(32), default="root")
    host_key: Mapped[str] = mapped_column(String(_LONGEST_KEY), default="")
    """`kind base64`, as ssh writes it. Empty: only the key that the machine's live image posted under its boot key counts."""
    folder: Mapped[str] = mapped_column(String(120), default=FOLDER)
    """Where the agent is put there."""
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    workshop: Mapped[Organisation] = relationship()

    @property
    def fingerprint(self) -> str:
        """Its key as `ssh-keygen -l` shows it; empty without a key."""
        return fingerprint(self.host_key) if self.host_key else ""


def add_host(
    session: Session,
    workshop: Organisation,
    *,
    name: str,
    address: str,
    port: int = 22,
    login: str = "root",
    host_key: str = "",
    folder: str = FOLDER,
    by: Person,
    at: datetime,
) -> BenchHost:
    """Write a host down. Raises `NotAllowed`, `Invalid` (name, address, port, login, host_key, folder)."""
    require(by, "network.hosts", workshop, at=at)
    given = {"name": name.strip(), "address": address.strip(), "login": login.strip(), "folder": folder.strip()}
    for field, pattern in (("address", _ADDRESS), ("login", _LOGIN), ("folder", _FOLDER)):
        if not pattern.fullmatch(given[field]):
            raise Invalid(field=field, why="shape")
    if not given["name"] or len(given["name"]) > 60:
        raise Invalid(field="name", why="missing")
    if not 0 < port < 65536:
        raise Invalid(field="port", why="range")
    key = read_host_key(host_key) if host_key.strip() else ""
    host = BenchHost(workshop=workshop, port=port, host_key=key, added_by_id=by.id, added_at=at, **given)
    session.add(host)
    session.flush()
    return host


def retire_host(session: Session, host: BenchHost, *, by: Person, at: datetime) -> None:
    """No line is opened there any more. Raises `NotAllowed`."""
    require(by, "network.hosts", host.workshop, at=at)
    host.retired_at = host.retired_at or at
    session.flush()


def hosts_seen_by(session: Session, person: Person, permission: str, *, at: datetime) -> list[BenchHost]:
    """The hosts in use within a person's reach, by workshop and name."""
    within = [
        Organisation.path.startswith(one.organisation.path, autoescape=True) for one in grounds(person, permission, at)
    ]
    query = (
        select(BenchHost)
        .join(BenchHost.workshop)
        .where(BenchHost.retired_at.is_(None), or_(False, *within))
        .options(joinedload(BenchHost.workshop))
        .order_by(Organisation.name, BenchHost.name, BenchHost.id)
    )
    return list(session.scalars(query))


def read_host_key(line: str) -> str:
    """`kind base64` out of a line of a host's `.pub` file, or of `ssh-keyscan`. Raises `Invalid`."""
    words = line.split()
    for kind, data in pairwise(words):
        if kind in KEY_KINDS:
            told = f"{kind} {data}"
            try:
                load_ssh_public_key(told.encode())
            except (ValueError, UnsupportedAlgorithm):
                break
            if len(told) <= _LONGEST_KEY:
                return told
    raise Invalid(field="host_key", why="shape")


def fingerprint(host_key: str) -> str:
    """A key as `ssh-keygen -l` shows it: SHA256 and base64 without padding."""
    raw = base64.b64decode(host_key.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
