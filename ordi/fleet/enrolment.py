"""How a machine in use is known: a one-time token put in it at the bench, burned for the public key it makes itself.

An enrolment is never revoked by a return: it holds for the stay at the bench it was prepared in, so the take-back that
begins another stay ends it by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused
from ordi.http_signatures import keyid_of
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.signatures import b64url

TOKEN_LASTS = timedelta(days=180)
"""A machine may stand on a shelf for months before its first start."""

PREPARED_IN = (State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED, State.HANDED_OVER)
"""Where a machine can be given a token: its drives are proven, or it is already out."""

IN_USE = (State.REINSTALLED, State.READY, State.ALLOCATED, State.HANDED_OVER)
"""Where a machine runs what we installed."""


class NotReinstalled(Refused):
    """There is no system of ours on it yet, or no longer."""

    code = "not-reinstalled"


class TokenUnknown(Refused):
    """No machine was prepared with this token, or it was prepared again since."""

    code = "token-unknown"


class TokenExpired(Refused):
    """The token is too old: the bench prepares the machine again."""

    code = "token-expired"


class Cloned(Refused):
    """Something that only one machine can know came twice. The edge rolls back, then keeps it with `remember_clone`."""

    code = "cloned"

    def __init__(self, enrolment_id: int, tag: str) -> None:
        super().__init__(tag=tag)
        self.enrolment_id = enrolment_id


class TokenUsed(Cloned):
    """The token was burned by another key: a copied disk, or a copied token."""

    code = "token-used"


class Enrolment(Base):
    """One preparation of one machine, and the key it enrolled with. The token is known by its hash only."""

    __tablename__ = "enrolments"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    stay: Mapped[int]
    """The stay at the bench it belongs to."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    prepared_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    """Prepared again since."""

    uuid: Mapped[str | None] = mapped_column(String(36), unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    keyid: Mapped[str | None] = mapped_column(String(43), unique=True)
    enrolled_at: Mapped[datetime | None]
    counter: Mapped[int] = mapped_column(BigInteger, default=-1)
    """The greatest counter it signed with."""
    cloned_at: Mapped[datetime | None]
    """When a second machine seemed to speak with its voice."""
    stopped_at: Mapped[datetime | None]
    """When the beneficiary stopped its check-ins."""
    last_seen_at: Mapped[datetime | None]
    health: Mapped[str] = mapped_column(String(8), default="unknown")
    """The last verdict that said something."""

    machine: Mapped[Machine] = relationship()

    @property
    def current(self) -> bool:
        """Whether it still speaks for the machine: not prepared again, and not back at the bench since."""
        return self.revoked_at is None and self.machine.stay == self.stay and self.machine.state in IN_USE


def prepare(session: Session, machine: Machine, *, by: Person, at: datetime) -> str:
    """A new one-time token for a machine, shown once; earlier tokens and keys of it are revoked.

    What the family stopped stays stopped. Raises `NotAllowed`, `NotReinstalled`.
    """
    require(by, "fleet.enrol", machine.workshop, at=at)
    lock(session, machine)  # the machine first, then its enrolment: everywhere in this room
    if machine.state not in PREPARED_IN:
        raise NotReinstalled(tag=machine.tag, state=machine.state)
    stopped_at = None
    unrevoked = select(Enrolment).where(Enrolment.machine_id == machine.id, Enrolment.revoked_at.is_(None))
    for one in session.scalars(unrevoked.with_for_update().execution_options(populate_existing=True)):
        stopped_at = one.stopped_at if one.stay == machine.stay else stopped_at
        one.revoked_at = at
    token = b64url(secrets.token_bytes(32))
    prepared = Enrolment(
        machine=machine,
        stay=machine.stay,
        token_hash=hashed(token),
        prepared_by_id=by.id,
        prepared_at=at,
        expires_at=at + TOKEN_LASTS,
        stopped_at=stopped_at,
    )
    session.add(prepared)
    session.flush()
    record(session, machine, Note.ENROLMENT_PREPARED, by=by, at=at, enrolment=prepared.id)
    return token


def enrol(session: Session, *, token: str, public_key: bytes, uuid: str, at: datetime) -> Enrolment:
    """Burn a token for the public key a machine made at its first start; the same request again answers alike.

    Raises `TokenUnknown`, `TokenExpired`, `TokenUsed`.
    """
    found = session.scalar(select(Enrolment).where(Enrolment.token_hash == hashed(token)))
    if found is None:
        raise TokenUnknown
    hold(session, found)
    if found.public_key is not None:
        if (found.uuid, found.public_key) != (uuid, public_key):
            raise TokenUsed(found.id, found.machine.tag)
        return found
    if not found.current:
        raise TokenUnknown(tag=found.machine.tag)
    if at >= found.expires_at:
        raise TokenExpired(tag=found.machine.tag)
    if enrolment_of(session, keyid_of(public_key)) is not None:
        raise TokenUnknown(tag=found.machine.tag)  # a key is made fresh on the machine, never brought along
    found.uuid, found.public_key, found.keyid, found.enrolled_at = uuid, public_key, keyid_of(public_key), at
    session.flush()
    record(session, found.machine, Note.ENROLLED, by=None, at=at, enrolment=found.id, keyid=found.keyid)
    return found


def hold(session: Session, enrolment: Enrolment) -> None:
    """Hold an enrolment and its machine until this transaction ends, and read both as they are now."""
    lock(session, enrolment.machine)
    session.refresh(enrolment, with_for_update=True)


def enrolment_of(session: Session, keyid: str) -> Enrolment | None:
    """The enrolment a key belongs to, whether it still holds or not: ask `current`."""
    return session.scalar(select(Enrolment).where(Enrolment.keyid == keyid))


def current_enrolment(session: Session, machine: Machine) -> Enrolment | None:
    """The enrolment that speaks for a machine now, enrolled or still waiting for its first start."""
    latest = session.scalar(
        select(Enrolment).where(Enrolment.machine_id == machine.id).order_by(Enrolment.id.desc()).limit(1)
    )
    return latest if latest is not None and latest.current else None


def remember_clone(session: Session, refusal: Cloned, *, at: datetime) -> None:
    """Keep the mark of a copy, after the refusal was rolled back: a person looks at it."""
    enrolment = session.get_one(Enrolment, refusal.enrolment_id)
    if enrolment.cloned_at is None:
        enrolment.cloned_at = at
    session.flush()


def hashed(secret: str) -> str:
    """What is kept of a secret that is random enough to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
