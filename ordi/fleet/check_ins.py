"""News from a machine in use: stored once, in order, then understood. No address of the sender is kept.

What decides the order is a counter the machine signs, never its clock: old batteries forget the date.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.canonical import canonical
from ordi.database import Base
from ordi.fleet.alerts import AlertKind, drop_alert, raise_alert
from ordi.fleet.enrolment import Cloned, Enrolment, current_enrolment, hold
from ordi.fleet.payload import allowed
from ordi.fleet.swaps import note_drives
from ordi.http_signatures import CounterReplayed
from ordi.machines.health import Assessment, Health, assess
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine

EVERY = timedelta(days=1)
"""How often a machine is asked for news."""

LATE_AFTER = timedelta(days=8)
"""A week off is a holiday, not a fault."""

OUT_OF_CONTACT_AFTER = timedelta(days=30)


class SecondVoice(CounterReplayed, Cloned):
    """An older request again, or a second machine with the same key."""


class Contact(StrEnum):
    """Whether a machine gives news: derived when read, never stored."""

    NEVER = "never"
    ON_TIME = "on_time"
    LATE = "late"
    OUT_OF_CONTACT = "out_of_contact"
    STOPPED = "stopped"


class CheckIn(Base):
    """One report of a machine in use: the allowed fields of what it sent, and what was understood."""

    __tablename__ = "check_ins"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "uuid"),
        Index("ix_check_ins_machine_recorded", "machine_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    counter: Mapped[int] = mapped_column(BigInteger)
    happened_at: Mapped[datetime | None]
    """Claimed by the machine's clock; may be years away."""
    recorded_at: Mapped[datetime]
    payload: Mapped[str]
    """Canonical JSON of the fields that are kept (payload.py)."""
    health: Mapped[str] = mapped_column(String(8), default=Health.UNKNOWN)
    reasons: Mapped[str] = mapped_column(default="[]")
    """Canonical JSON of the reasons for the verdict."""

    stop = False
    """Whether the machine must stop: true only of an answer that was not kept."""

    @property
    def readings(self) -> dict[str, Any]:
        """What it told."""
        told: dict[str, Any] = json.loads(self.payload)
        return told


def take_check_in(
    session: Session, enrolment: Enrolment, *, uuid: str, counter: int, payload: dict[str, Any], at: datetime
) -> CheckIn:
    """Store a check-in and understand it; the same uuid again gives the first answer.

    After a stop, or once the machine is back, nothing is kept: the answer's `stop` tells the machine. Raises
    `SecondVoice`: the edge rolls back and keeps the mark with `remember_clone`.
    """
    hold(session, enrolment)
    if enrolment.stopped_at is not None or not enrolment.current:
        return _unkept(enrolment, uuid, counter, at)
    known = session.scalar(select(CheckIn).where(CheckIn.enrolment_id == enrolment.id, CheckIn.uuid == uuid))
    if known is not None:
        return known
    if counter <= enrolment.counter:
        raise SecondVoice(enrolment.id, enrolment.machine.tag)
    kept = allowed(payload)
    check_in = CheckIn(
        enrolment_id=enrolment.id,
        machine_id=enrolment.machine_id,
        uuid=uuid,
        counter=counter,
        happened_at=_claimed(kept.get("at")),
        recorded_at=at,
        payload=canonical(kept),
    )
    session.add(check_in)
    enrolment.counter, enrolment.last_seen_at = counter, at
    session.flush()
    _understand(session, enrolment, check_in, kept, at)
    return check_in


def last_check_in(session: Session, machine: Machine) -> CheckIn | None:
    """The latest news of a machine since it last left the bench."""
    return session.scalar(_of_this_stay(machine).order_by(CheckIn.id.desc()).limit(1))


def news_since(session: Session, machine: Machine, since: datetime) -> list[CheckIn]:
    """The check-ins of a machine from an instant on, oldest first; none from before it was last at the bench."""
    return list(
        session.scalars(_of_this_stay(machine).where(CheckIn.recorded_at >= since).order_by(CheckIn.recorded_at))
    )


def _of_this_stay(machine: Machine) -> Select[CheckIn]:
    """What the household before lived with is not told to the one that has it now, nor to its service."""
    told_by = Enrolment.id == CheckIn.enrolment_id
    return (
        select(CheckIn).join(Enrolment, told_by).where(CheckIn.machine_id == machine.id, Enrolment.stay == machine.stay)
    )


def contact(enrolment: Enrolment, at: datetime) -> Contact:
    """Whether news come as they should."""
    return contact_since(enrolment.stopped_at, enrolment.last_seen_at, at)


def contact_since(stopped_at: datetime | None, last_seen_at: datetime | None, at: datetime) -> Contact:
    """The same, from what a list read of an enrolment."""
    if stopped_at is not None:
        return Contact.STOPPED
    if last_seen_at is None:
        return Contact.NEVER
    silence = at - last_seen_at
    if silence >= OUT_OF_CONTACT_AFTER:
        return Contact.OUT_OF_CONTACT
    return Contact.LATE if silence >= LATE_AFTER else Contact.ON_TIME


def stop(session: Session, machine: Machine, *, at: datetime) -> None:
    """The beneficiary stops the check-ins. Stopping twice is stopping; a machine that never enrolled will not begin."""
    lock(session, machine)
    enrolment = current_enrolment(session, machine)
    if enrolment is None:
        return
    hold(session, enrolment)
    if enrolment.stopped_at is not None:
        return
    enrolment.stopped_at = at
    session.flush()
    record(session, machine, Note.CHECK_INS_STOPPED, by=None, at=at)


def resume(session: Session, machine: Machine, *, at: datetime) -> None:
    """The beneficiary wants the check-ins again."""
    lock(session, machine)
    enrolment = current_enrolment(session, machine)
    if enrolment is None:
        return
    hold(session, enrolment)
    if enrolment.stopped_at is not None:
        enrolment.stopped_at = None
        session.flush()
        record(session, machine, Note.CHECK_INS_STOPPED, by=None, at=at, resumed=True)


def _understand(session: Session, enrolment: Enrolment, check_in: CheckIn, kept: dict[str, Any], at: datetime) -> None:
    found = assess(kept)
    check_in.health = found.verdict
    check_in.reasons = canonical([reason.told() for reason in found.reasons])
    session.flush()
    note_drives(session, enrolment.machine, kept, at=at)
    if found.verdict not in (Health.UNKNOWN, enrolment.health):
        _change(session, enrolment, found, at)


def _change(session: Session, enrolment: Enrolment, found: Assessment, at: datetime) -> None:
    """A verdict that says something, and something else than the last: only the change is written."""
    machine, before = enrolment.machine, enrolment.health
    enrolment.health = found.verdict
    reasons = [reason.told() for reason in found.reasons]
    record(session, machine, Note.HEALTH_CHANGED, by=None, at=at, before=before, health=found.verdict, reasons=reasons)
    if found.verdict == Health.GOOD:
        drop_alert(session, machine, AlertKind.HEALTH, at=at)
    else:
        raise_alert(session, machine, AlertKind.HEALTH, found.verdict, {"reasons": reasons}, at=at)


def _unkept(enrolment: Enrolment, uuid: str, counter: int, at: datetime) -> CheckIn:
    """An answer that is not stored."""
    answer = CheckIn(
        enrolment_id=enrolment.id,
        machine_id=enrolment.machine_id,
        uuid=uuid,
        counter=counter,
        recorded_at=at,
        payload="{}",
        health=Health.UNKNOWN,
        reasons="[]",
    )
    answer.stop = True
    return answer


def _claimed(said: object) -> datetime | None:
    """What the machine's clock says; nothing when it says nothing readable."""
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
