"""Drives, where they were seen, and what is proved of them. The gate and the database's triggers read these tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.machines.machine import Machine


class Standing(StrEnum):
    """What is proved of a drive. There is no "probably"."""

    HOLDS_DATA = "holds_data"
    SANITISED = "sanitised"
    DESTROYED = "destroyed"


class Medium(StrEnum):
    """What the bytes lie on: it decides what a technique is worth."""

    HDD = "hdd"
    SSD = "ssd"
    NVME = "nvme"
    EMMC = "emmc"
    UNKNOWN = "unknown"


class Drive(Base):
    """A data-bearing part. A drive is born holding data; only a proof changes that."""

    __tablename__ = "drives"
    __table_args__ = (Index("ix_drives_identity", "serial", "wwn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(80))
    wwn: Mapped[str | None] = mapped_column(String(120))
    model: Mapped[str] = mapped_column(String(80), default="")
    firmware: Mapped[str] = mapped_column(String(24), default="")
    medium: Mapped[str] = mapped_column(String(8), default=Medium.UNKNOWN)
    transport: Mapped[str] = mapped_column(String(8), default="")
    bytes: Mapped[int] = mapped_column(BigInteger)
    whole_bytes: Mapped[int | None] = mapped_column(BigInteger)
    """Its size with all that it hides, once somebody agreed to have that shown: it may grow to it, and to nothing else."""
    standing: Mapped[str] = mapped_column(String(12), default=Standing.HOLDS_DATA)
    generation: Mapped[int] = mapped_column(default=1)
    """Grows each time somebody's data may be on it again: a proof holds for one generation."""
    demonstration: Mapped[bool] = mapped_column(default=False)


class Sighting(Base):
    """A bench inventory saw this drive in this machine. Never changed; a removal ends it."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("drive_id", "evidence_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    drive_id: Mapped[int] = mapped_column(ForeignKey("drives.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    at: Mapped[datetime]

    drive: Mapped[Drive] = relationship()
    machine: Mapped[Machine] = relationship()


KEPT_BY_DONOR = "donor_keeps"
"""The reason of a removal after which the drive is not ours to follow."""


class Removal(Base):
    """Two people saw the drive taken out; it is a loose drive from then on."""

    __tablename__ = "removals"
    __table_args__ = (CheckConstraint("by_id <> witness_id", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sighting_id: Mapped[int] = mapped_column(ForeignKey("sightings.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    witness_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class Destruction(Base):
    """Two people saw the drive destroyed."""

    __tablename__ = "destructions"
    __table_args__ = (CheckConstraint("by_id <> witness_id", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    drive_id: Mapped[int] = mapped_column(ForeignKey("drives.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    witness_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    method: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]


class DrivelessRecord(Base):
    """Two people saw that a machine holds no drive, during one stay at the bench."""

    __tablename__ = "driveless_records"
    __table_args__ = (
        CheckConstraint("by_id <> witness_id", name="two_people"),
        UniqueConstraint("machine_id", "stay"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    stay: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    witness_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class Sanitisation(Base):
    """The server's judgement of one wipe: never changed, never deleted. Only PASS lets a drive become sanitised."""

    __tablename__ = "sanitisations"
    __table_args__ = (Index("ix_sanitisations_drive", "drive_id", "generation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    job_uuid: Mapped[str | None] = mapped_column(String(36), unique=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    drive_id: Mapped[int] = mapped_column(ForeignKey("drives.id"))
    generation: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    reasons: Mapped[str] = mapped_column(String(400), default="")
    """Codes, separated by spaces."""
    technique: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(8))
    assurance: Mapped[str] = mapped_column(String(16))
    wiper_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    facts: Mapped[str]
    """Canonical JSON of what the bench reported and the challenge proved."""
    test: Mapped[bool] = mapped_column(default=False)
    offline: Mapped[bool] = mapped_column(default=False)
    """Wiped by a job carried on a stick: K was on it too."""
    demonstration: Mapped[bool] = mapped_column(default=False)
    judged_at: Mapped[datetime]

    drive: Mapped[Drive] = relationship()
    machine: Mapped[Machine] = relationship()


class CounterCheck(Base):
    """Another person, from another boot, read server-drawn sectors back. Never the wiper."""

    __tablename__ = "counter_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    job_uuid: Mapped[str] = mapped_column(String(36), unique=True)
    checker_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    sectors: Mapped[int]
    matched: Mapped[int]
    at: Mapped[datetime]


def seen_in(machine: Machine) -> ColumnElement[bool]:
    """The sightings of a machine, and of the records merged into it: what one owes, the other owes."""
    merged = select(Machine.id).where(Machine.merged_into_id == machine.id)
    return or_(Sighting.machine_id == machine.id, Sighting.machine_id.in_(merged))


def seen_now_in(record: type[Machine], machine: type[Machine]) -> ColumnElement[bool]:
    """Between two aliases: `record` is `machine`, or goes on under it. What was seen under the one counts for the other."""
    return machine.id == func.coalesce(record.merged_into_id, record.id)


def open_sightings(session: Session, machine: Machine) -> list[Sighting]:
    """The drives a machine is known to hold, oldest sighting first: those seen under a record merged into it too."""
    found: dict[int, Sighting] = {}
    for sighting in session.scalars(_open(), {"machine": machine.id}):
        if sighting.drive_id not in found or sighting.machine_id == machine.id:
            found[sighting.drive_id] = sighting
    return list(found.values())


@cache
def _open() -> Select[Sighting]:
    """Composed once: it is asked several times for each machine that goes."""
    merged = select(Machine.id).where(Machine.merged_into_id == bindparam("machine"))
    return (
        select(Sighting)
        .where(
            or_(Sighting.machine_id == bindparam("machine"), Sighting.machine_id.in_(merged)),
            Sighting.id.not_in(select(Removal.sighting_id)),
        )
        .options(joinedload(Sighting.drive))
        .order_by(Sighting.id)
    )


def seen_again(session: Session, machine: Machine, sighting: Sighting) -> list[Sighting]:
    """The other open sightings of one drive in a machine: under a record merged into it."""
    same = select(Sighting).where(seen_in(machine), Sighting.drive_id == sighting.drive_id, Sighting.id != sighting.id)
    return list(session.scalars(same.where(Sighting.id.not_in(select(Removal.sighting_id)))))


def fill(session: Session, machine: Machine) -> None:
    """Somebody's data may be on its drives from now on: every earlier proof of them lapses (hand-over)."""
    for sighting in open_sightings(session, machine):
        if sighting.drive.standing != Standing.DESTROYED:
            sighting.drive.standing = Standing.HOLDS_DATA
            sighting.drive.generation += 1
    session.flush()
