"""What machines told us, kept as it came: immutable, compressed, hashed, stored once however often it is sent."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.machines.machine import Machine


class Evidence(Base):
    """One report: the bytes after the format's allow-list, and the hash of what was sent."""

    __tablename__ = "evidence"

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
    """Who sent it: `session:<uuid>`, `token:<id>`."""
    workshop_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    test: Mapped[bool] = mapped_column(default=False)
    collected_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


def known(session: Session, uuid: str) -> Evidence | None:
    """The report already stored under this uuid."""
    return session.scalar(select(Evidence).where(Evidence.uuid == uuid))


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
    evidence = Evidence(
        uuid=uuid,
        format=format,
        source=source,
        content=zlib.compress(body, 6),
        sha256=hashlib.sha256(body if sent is None else sent).hexdigest(),
        received_at=at,
        test=test,
    )
    session.add(evidence)
    session.flush()
    return evidence


def content_of(evidence: Evidence) -> bytes:
    """The report's bytes."""
    return zlib.decompress(evidence.content)


def latest_of(session: Session, machine: Machine) -> Evidence | None:
    """The last report understood for this machine."""
    return session.scalar(
        select(Evidence).where(Evidence.machine_id == machine.id, Evidence.parsed).order_by(Evidence.id.desc()).limit(1)
    )
