"""The outbox: a message is kept where it is decided, then sent by the worker, once, as far as anyone can know.

waiting → sending → sent; back to waiting (later each time) when the server took nothing; `failed` when it refused for good
or for too long; `perhaps_sent` when nobody can know: the line broke after the text was given, or the worker died meanwhile.
Those are never sent again by themselves: a person decides.

A message to an address holds its words. A message to a family holds a template and codes, never who it is for or what its
file says: `request_id` leads to the file, which is opened when the message leaves. So an erased family leaves nothing here.
A letter waits until somebody takes the pile to print (`piles`); what is to be said waits until somebody said it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, Select, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440, 1440))
"""Before each new try, about three days in all; then it has failed."""

ABANDONED = timedelta(minutes=15)
"""Longer than any sending: who claimed it is gone."""

KEPT = timedelta(days=30)
"""How long what has ended stays to be seen; then the address goes too."""


class Channel(StrEnum):
    """By what a message goes."""

    MAIL = "mail"
    TEXT = "text"
    LETTER = "letter"
    SPOKEN = "spoken"
    """Somebody says it: a call, or face to face."""


class Posting(StrEnum):
    """How a message stands."""

    WAITING = "waiting"
    PILED = "piled"
    """A letter in a pile that somebody prints."""
    SENDING = "sending"
    SENT = "sent"
    PERHAPS_SENT = "perhaps_sent"
    FAILED = "failed"
    DROPPED = "dropped"
    """Nothing to say any more."""


OPEN = (Posting.WAITING, Posting.PILED, Posting.SENDING)
STUCK = (Posting.FAILED, Posting.PERHAPS_SENT)
"""A person decides."""


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
    channel: Mapped[str] = mapped_column(String(8), default=Channel.MAIL)
    recipient: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(default="")
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    """Whose family it tells; then address and words are made when it leaves."""
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    """Whose result it tells: the office's address and the words are made when it leaves."""
    facts: Mapped[str] = mapped_column(default="")
    """Canonical JSON: days, hours, places. Nothing of the family's file."""
    about: Mapped[str] = mapped_column(String(40), default="", index=True)
    """`appointment:12`: what ends with it is not sent any more."""
    once: Mapped[str | None] = mapped_column(String(80), unique=True)
    """The same thing is never put twice under one of these."""
    pile: Mapped[str | None] = mapped_column(String(36), index=True)
    attachment_name: Mapped[str] = mapped_column(String(80), default="")
    attachment: Mapped[bytes] = mapped_column(default=b"")
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    unsure: Mapped[bool] = mapped_column(default=False)
    """An earlier try may have arrived: tried again only under its key, and never called failed."""
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
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


def put_once(
    session: Session,
    kind: str,
    channel: Channel,
    request_id: int | None,
    facts: dict[str, object],
    *,
    application_id: int | None = None,
    about: str,
    once: str,
    at: datetime,
) -> Message | None:
    """Keep a message to a family or to who applied to a call, unless the same was already put under `once`: two workers do not remind twice."""
    message = Message(
        uuid=str(uuid4()),
        kind=kind,
        channel=channel,
        request_id=request_id,
        application_id=application_id,
        facts=canonical(facts),
        about=about,
        once=once,
        state=Posting.WAITING,
        made_at=at,
        due_at=at,
    )
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:
        return None
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


def claim(session: Session, channel: Channel = Channel.MAIL, *, at: datetime) -> Message | None:
    """Take the message that has been due longest; nobody else takes it. Commit before sending."""
    query = (
        select(Message)
        .where(Message.state == Posting.WAITING, Message.channel == channel, Message.due_at <= at)
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = session.scalar(query)
    if message is not None:
        message.state, message.claimed_at, message.attempts = Posting.SENDING, at, message.attempts + 1
        session.flush()
    return message


def settle(
    session: Session, number: int, state: Posting, *, at: datetime, trouble: str = "", unsure: bool = False
) -> Message:
    """Write how a sending ended. `WAITING` means later, or failed when it was tried often enough.

    `unsure`: this try may have arrived, and the next goes under the same key. Then it never counts as failed.
    """
    message = session.get_one(Message, number, with_for_update=True)
    message.unsure = message.unsure or unsure
    if state is Posting.WAITING and message.attempts > len(PAUSES):
        state = Posting.FAILED
    if state is Posting.FAILED and message.unsure:
        state = Posting.PERHAPS_SENT
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
    if message.state not in STUCK:
        raise NotStuck(state=message.state)
    message.state, message.attempts, message.due_at, message.ended_at = Posting.WAITING, 0, at, None
    session.flush()
    return message


def reroute(session: Session, number: int, channel: Channel, *, at: datetime) -> None:
    """The file has nothing for this channel any more: it goes another way."""
    message = session.get_one(Message, number, with_for_update=True)
    message.channel, message.state, message.claimed_at, message.attempts = channel, Posting.WAITING, None, 0
    message.due_at, message.pile = at, None
    session.flush()


def decide(session: Session, message: Message, state: Posting, *, by_id: int, at: datetime) -> None:
    """A person says that it arrived, or was said (`SENT`), or that there is nothing to say any more (`DROPPED`).

    Raises `NotStuck` for what is on its way, or over.
    """
    session.refresh(message, with_for_update=True)
    said = message.channel == Channel.SPOKEN and message.state == Posting.WAITING
    if message.state not in STUCK and not said:
        raise NotStuck(state=message.state)
    message.state, message.settled_by_id, message.ended_at = state, by_id, at
    session.flush()


def drop_about(session: Session, about: str, *, at: datetime) -> None:
    """What is told of is over: its messages that have not left yet are not sent."""
    waiting = update(Message).where(Message.about == about, Message.state.in_((Posting.WAITING, Posting.PILED)))
    session.execute(waiting.values(state=Posting.DROPPED, ended_at=at, pile=None))


def drop_to(session: Session, requests: Select[int], kinds: Collection[str], *, at: datetime) -> None:
    """Messages of these kinds about these requests that have not left yet are not sent."""
    waiting = update(Message).where(Message.request_id.in_(requests), Message.kind.in_(kinds))
    waiting = waiting.where(Message.state.in_((Posting.WAITING, Posting.PILED)))
    session.execute(waiting.values(state=Posting.DROPPED, ended_at=at, pile=None))


def forget(session: Session, *, at: datetime) -> None:
    """Messages that ended long ago are removed, their addresses with them."""
    session.execute(delete(Message).where(Message.ended_at < at - KEPT))


def withdraw(session: Session, recipient: str) -> None:
    """Nothing more to this address, and nothing kept of what was sent there."""
    session.execute(delete(Message).where(Message.recipient == recipient, Message.state != Posting.SENDING))
