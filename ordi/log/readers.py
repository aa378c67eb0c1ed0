"""Who is given heads: auditors, donors who asked. An address and a name to know it by; nothing else is kept of them.

An address is written to once, with a code; nothing more leaves for it before somebody who read that message gave the code back.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, NotFound
from ordi.log.heads import LogHead
from ordi.messages import outbox
from ordi.parties.people import Person

PARIS = ZoneInfo("Europe/Paris")
"""A day is a day on its readers' calendar."""

KIND, CONFIRMING = "log_head", "log_head_code"
MOST = 200
CONFIRMED_WITHIN = timedelta(days=14)


class HeadReader(Base):
    """Somebody outside who keeps heads."""

    __tablename__ = "head_readers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(254), unique=True)
    since: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the code that was sent to it: 128 random bits."""
    confirmed_at: Mapped[datetime | None]
    last_size: Mapped[int] = mapped_column(default=0)
    last_on: Mapped[date | None]
    """The last day a head was put in the outbox for them."""


def add_reader(session: Session, name: str, address: str, *, by: Person, at: datetime) -> tuple[HeadReader, str]:
    """List somebody, and the code to send them: heads follow once it came back. Raises `Invalid`: name, address, too many."""
    name, address = " ".join(name.split()), outbox.address(address).casefold()
    if not 0 < len(name) <= 80:
        raise Invalid(field="name", why="length")
    known = list(session.scalars(select(HeadReader.address)))
    if address in known or len(known) >= MOST:
        raise Invalid(field="address", why="already-there" if address in known else "too-many")
    code = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    reader = HeadReader(name=name, address=address, since=at, added_by_id=by.id, code_sha256=_hash(code))
    session.add(reader)
    session.flush()
    return reader, code


def confirm(session: Session, code: str, *, at: datetime) -> HeadReader:
    """Somebody read what was sent to this address. Twice is once. Raises `NotFound`: no such code, or it came too late."""
    reader = session.scalar(select(HeadReader).where(HeadReader.code_sha256 == _hash(code)).with_for_update())
    if reader is None or (reader.confirmed_at is None and at > reader.since + CONFIRMED_WITHIN):
        raise NotFound()
    reader.confirmed_at = reader.confirmed_at or at
    session.flush()
    return reader


def _hash(code: str) -> str:
    return hashlib.sha256("".join(code.split()).upper().encode()).hexdigest()


def remove_reader(session: Session, number: int) -> None:
    """Give them no more; their address is erased, here and in the outbox. Raises `NotFound`."""
    reader = session.get(HeadReader, number)
    if reader is None:
        raise NotFound()
    outbox.withdraw(session, reader.address)
    session.delete(reader)
    session.flush()


def readers(session: Session) -> list[HeadReader]:
    """Everyone who is given heads, by name."""
    return list(session.scalars(select(HeadReader).order_by(HeadReader.name, HeadReader.id)))


def due(session: Session, head: LogHead, *, at: datetime) -> list[HeadReader]:
    """Who should be given this head today: the log has grown since theirs, and today they were given none."""
    today = at.astimezone(PARIS).date()
    query = select(HeadReader).where(
        HeadReader.confirmed_at.is_not(None),
        HeadReader.last_size < head.size,
        or_(HeadReader.last_on.is_(None), HeadReader.last_on < today),
    )
    return list(session.scalars(query.order_by(HeadReader.id).with_for_update(skip_locked=True)))


def given(reader: HeadReader, head: LogHead, *, at: datetime) -> None:
    """Note that this head was put in the outbox for them."""
    reader.last_size, reader.last_on = head.size, at.astimezone(PARIS).date()
