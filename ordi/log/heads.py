"""Signed heads: how long the log was at an instant, and the root over all of it. They leave the server.

A head says `{typ, log, size, root, issued}` and nothing of anybody: it may be given to anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.machines.journal import instant
from ordi.signatures import SignatureRefused, SigningKey, sign, verify

TYP = "ordi-log/1"
PURPOSE = "log"
_FIELDS = {"typ", "log", "size", "root", "issued"}


class LogHead(Base):
    """A head that was signed. The database refuses to change or remove any."""

    __tablename__ = "log_heads"

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(index=True)
    root: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    jws: Mapped[str]


@dataclass(frozen=True)
class Head:
    """What a signed head says."""

    log: str
    size: int
    root: bytes
    issued: str
    jws: str


def sign_head(session: Session, log: str, size: int, root: bytes, key: SigningKey, *, at: datetime) -> LogHead:
    """Sign and keep a head."""
    told = {"typ": TYP, "log": log, "size": size, "root": root.hex(), "issued": instant(at)}
    head = LogHead(size=size, root=root.hex(), issued_at=at, jws=sign(told, key, TYP))
    session.add(head)
    session.flush()
    return head


def read_head(jws: str, jwks: Mapping[str, Any]) -> Head:
    """What a head says, if one of our keys for logs signed it. Raise `SignatureRefused`, also `malformed`."""
    told = verify(jws.strip(), jwks, TYP)
    if told.keys() != _FIELDS:
        raise SignatureRefused("malformed")
    match told:
        case {"log": str(log), "size": int(size), "root": str(root), "issued": str(issued)} if (
            size is not True and size > 0
        ):
            return Head(log, size, root_bytes(root), issued, jws.strip())
    raise SignatureRefused("malformed")


def root_bytes(text: str) -> bytes:
    """The 32 bytes of a hash in lower-case hexadecimal. Raise `SignatureRefused` (malformed)."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise SignatureRefused("malformed")
    return bytes.fromhex(text)


def newest(session: Session) -> LogHead | None:
    """The last head signed."""
    return session.scalar(select(LogHead).order_by(LogHead.id.desc()).limit(1))
