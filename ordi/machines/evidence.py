"""What machines told us, kept as it came: immutable, compressed, hashed, stored once however often it is sent."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from ordi.database import Base
from ordi.machines.machine import Machine


class Evidence(Base):
    """One report: the bytes after the format's allow-list, and the hash of what was sent."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_workshop_machine", "workshop_id", "machine_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    format: Mapped[str] = mapped_column(String(24))
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    stay: Mapped[int] = mapped_column(default=0)
    bench: Mapped[bool] = mapped_column(default=False)
    """Taken by a bench session or token: only such a one says which drives are inside."""
    recognised: Mapped[str] = mapped_column(String(12), default="")
    parsed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(64))
    """Who sent it: `session:<uuid>`, `token:<id>`, `person:<id>`."""
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    tag: Mapped[str] = mapped_column(String(16), default="")
    """The label that the sender said it speaks of, as said."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    """When a person said which machine it is, or put it aside."""
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str] = mapped_column(String(64))
    test: Mapped[bool] = mapped_column(default=False)
    collected_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


def known(session: Session, uuid: str) -> Evidence | None:
    """The report already stored under this uuid."""
    return session.scalar(select(Evidence).where(Evidence.uuid == uuid))


_OF_CONTENT = UUID("8c1f2a50-5a0e-4f57-9d0b-0d2f6f7a1c11")


def uuid_of(body: bytes, *said: str) -> str:
    """The uuid of a report that brings none, or one that another report bears already: the same bytes, the same uuid."""
    return str(uuid5(_OF_CONTENT, "\n".join((*said, sha256_of(body)))))


def sha256_of(sent: bytes) -> str:
    """The hash that is kept of what was sent."""
    return hashlib.sha256(sent).hexdigest()


def keep(
    session: Session,
    uuid: str,
    format: str,
    body: bytes,
    *,
    source: str,
    at: datetime,
    sent: bytes | None = None,
    test: bool = False,
) -> Evidence:
    """Store a report before it is understood; the same uuid again returns what is stored.

    `body` is what the format's allow-list left of `sent`, whose hash is kept.
    """
    stored = known(session, uuid)
    if stored:
        return stored
    evidence = made(uuid, format, body, source=source, at=at, sent=sent, test=test)
    session.add(evidence)
    session.flush()
    return evidence


def made(
    uuid: str, format: str, body: bytes, *, source: str, at: datetime, sent: bytes | None = None, test: bool = False
) -> Evidence:
    """A report to be stored, for whoever knows that its uuid is free."""
    return Evidence(
        uuid=uuid,
        format=format,
        source=source,
        content=_compressed(format, body),
        sha256=sha256_of(body if sent is None else sent),
        received_at=at,
        test=test,
        recognised="",
        parsed=False,
        reason="",
        tag="",
        bench=False,
        stay=0,
    )


def _compressed(format: str, body: bytes) -> bytes:
    """Our agent's parts are compressed already: what is left to gain is their base64, a fifth of the time of a search."""
    if not format.startswith("ordi-"):
        return zlib.compress(body, 6)
    packing = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
    return packing.compress(body) + packing.flush()


def content_of(evidence: Evidence) -> bytes:
    """The report's bytes."""
    return zlib.decompress(evidence.content)


def latest_of(session: Session, machine: Machine) -> Evidence | None:
    """The last report understood for this machine."""
    return session.scalar(
        select(Evidence).where(Evidence.machine_id == machine.id, Evidence.parsed).order_by(Evidence.id.desc()).limit(1)
    )
