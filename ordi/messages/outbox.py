"""The outbox: a message is kept where it is decided, then sent by the worker, once, as far as anyone can know.

waiting → sending → sent; back to waiting (later each time) when the server took nothing; `failed` when it refused for good
or for too long; `perhaps_sent` when nobody can know: the line broke after the text was given, or the worker died meanwhile.
Those are never sent again by themselves: a person decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440, 1440))
"""Before each new try, about three days in all; then it has failed."""

ABANDONED = timedelta(minutes=15)
"""Longer than any sending: who claimed it is gone."""

KEPT = timedelta(days=30)
"""How long what has ended stays to be seen; then the address goes too."""


class Posting(StrEnum):
    """How a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PERHAPS_SENT = "perhaps_sent"
    FAILED = "failed"


class NotStuck(Refused):
    """Only what failed, or was perhaps sent, is sent again by hand."""

    code = "message-not-stuck"


class Message(Base):
    """One message to one address."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    """Its Message-ID: sent twice, it can be known as one."""
    kind: Mapped[str] = mapped_column(String(24))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str]
    attachment_name: Mapped[str] = mapped_column(String(80), default="")
    attachment: Mapped[bytes] = mapped_column(default=b"")
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(60), default="")
    """What the server last answered, as a code: never its words, which may repeat ours."""


def put(
    session: Session,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    *,
    at: datetime,
    attachment: tuple[str, bytes] = ("", b""),
) -> Message:
    """Keep a message to be sent. Raises `Invalid` for what is no address."""
    message = Message(
        uuid=str(uuid4()),
        kind=kind,
        recipient=address(recipient),
        subject=subject,
        body=body,
        attachment_name=attachment[0],
        attachment=attachment[1],
        state=Posting.WAITING,
        made_at=at,
        due_at=at,
    )
    session.add(message)
    session.flush()
    return message


def address(text: str) -> str:
    """A plain e-mail address, as it will be written to. Raises `Invalid`."""
    text = text.strip()
    try:
        read = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        raise Invalid(field="address", why="address") from None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= 254
    if not plain or not read.username or "." not in read.domain:
        raise Invalid(field="address", why="address")
    return text


def claim(session: Session, *, at: datetime) -> Message | None:
    """Take the message that has been due longest; nobody else takes it. Commit before sending."""
    query = (
        select(Message)
        .where(Message.state == Posting.WAITING, Message.due_at <= at)
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = session.scalar(query)
    if message is not None:
        message.state, message.claimed_at, message.attempts = Posting.SENDING, at, message.attempts + 1
        session.flush()
    return message


def settle(session: Session, number: int, state: Posting, *, at: datetime, trouble: str = "") -> Message:
    """Write how a sending ended. `WAITING` means not taken: later, or failed when it was tried often enough."""
    message = session.get_one(Message, number, with_for_update=True)
    if state is Posting.WAITING and message.attempts > len(PAUSES):
        state = Posting.FAILED
    message.state, message.trouble, message.claimed_at = state, trouble[:60], None
    if state is Posting.WAITING:
        message.due_at = at + PAUSES[message.attempts - 1]
    else:
        message.ended_at = at
    session.flush()
    return message


def abandon(session: Session, *, at: datetime) -> int:
    """What somebody claimed and never settled was perhaps sent. How many."""
    lost = update(Message).where(Message.state == Posting.SENDING, Message.claimed_at < at - ABANDONED)
    done = session.execute(
        lost.values(state=Posting.PERHAPS_SENT, ended_at=at, claimed_at=None, trouble="worker-gone").returning(
            Message.id
        )
    )
    return len(done.all())


def send_again(session: Session, number: int, *, at: datetime) -> Message:
    """A person has it sent again. Raises `NotFound`, `NotStuck`."""
    message = session.get(Message, number, with_for_update=True)
    if message is None:
        raise NotFound()
    if message.state not in (Posting.FAILED, Posting.PERHAPS_SENT):
        raise NotStuck(state=message.state)
    message.state, message.attempts, message.due_at, message.ended_at = Posting.WAITING, 0, at, None
    session.flush()
    return message


def forget(session: Session, *, at: datetime) -> None:
    """Messages that ended long ago are removed, their addresses with them."""
    session.execute(delete(Message).where(Message.ended_at < at - KEPT))


def withdraw(session: Session, recipient: str) -> None:
    """Nothing more to this address, and nothing kept of what was sent there."""
    session.execute(delete(Message).where(Message.recipient == recipient, Message.state != Posting.SENDING))
