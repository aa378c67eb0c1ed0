"""What somebody should look at: a health verdict that changed, a drive that is not the one we put in, a copied key.

One alert of a kind is open at a time for a machine; it closes when a person settles it, or when the cause is gone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.journal import lock
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person


class AlertKind(StrEnum):
    """What kind of thing happened."""

    HEALTH = "health"
    SWAP = "swap"
    CLONE = "clone"
    COUNTERS = "counters"
    """A drive tells less of its own life than at its wipe: the wipe was not of this drive, or was not."""


class AlreadySettled(Refused):
    """Somebody settled this alert, or its cause is gone."""

    code = "already-settled"


class Alert(Base):
    """Something to look at, about one machine. Late and out of contact are derived, never stored here."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_open",
            "machine_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    kind: Mapped[str] = mapped_column(String(8))
    level: Mapped[str] = mapped_column(String(8))
    """watch or repair."""
    facts: Mapped[str]
    """Canonical JSON: reasons as codes and values, never a serial number."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Nobody: the cause went away."""

    machine: Mapped[Machine] = relationship()


def raise_alert(
    session: Session, machine: Machine, kind: AlertKind, level: str, facts: dict[str, Any], *, at: datetime
) -> Alert:
    """Open an alert; an open one of the same kind gives way to it when it says something else."""
    told = canonical(facts)
    earlier = open_alert(session, machine, kind)
    if earlier is not None:
        if (earlier.level, earlier.facts) == (level, told):
            return earlier
        earlier.closed_at = at
        session.flush()
    alert = Alert(machine=machine, kind=kind, level=level, facts=told, opened_at=at)
    session.add(alert)
    session.flush()
    return alert


def drop_alert(session: Session, machine: Machine, kind: AlertKind, *, at: datetime) -> None:
    """Close the open alert of a kind, if there is one: its cause is gone."""
    if (alert := open_alert(session, machine, kind)) is not None:
        alert.closed_at = at
        session.flush()


def drop_all(session: Session, machine: Machine, *, at: datetime) -> int:
    """Close every alert about a machine that is back where it is looked at from scratch; how many."""
    lock(session, machine)
    alerts = open_alerts(session, machine)
    for alert in alerts:
        alert.closed_at = at
    session.flush()
    return len(alerts)


def settle(session: Session, alert: Alert, *, by: Person, at: datetime) -> None:
    """A person looked at it and dealt with it. Raises `NotAllowed`, `AlreadySettled`."""
    require(by, "fleet.help", alert.machine.workshop, at=at)
    session.refresh(alert, with_for_update=True)
    if alert.closed_at is not None:
        raise AlreadySettled(tag=alert.machine.tag)
    alert.closed_at, alert.closed_by_id = at, by.id
    session.flush()


def open_alert(session: Session, machine: Machine, kind: AlertKind) -> Alert | None:
    """The open alert of a kind about a machine."""
    return session.scalar(
        select(Alert).where(Alert.machine_id == machine.id, Alert.kind == kind, Alert.closed_at.is_(None))
    )


def open_alerts(session: Session, machine: Machine) -> list[Alert]:
    """Every open alert about a machine, oldest first."""
    return list(
        session.scalars(
            select(Alert).where(Alert.machine_id == machine.id, Alert.closed_at.is_(None)).order_by(Alert.id)
        )
    )
