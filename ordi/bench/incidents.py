"""A machine lost or stolen is an incident with a file: what was in it, what is to be done and by when, and how it ended.

Whose data may be on it decides what is to be done. The hours to tell the authority are counted from when somebody became aware,
not from when it was written down (RGPD, art. 33), and their number is a dated, sourced row of `legal_rules`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.legal_rules import LegalRule, rule
from ordi.machines.drive import Drive, Standing, open_sightings
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

NOTIFY = "breach.notify"
"""The legal rule that says within how many hours the authority is told."""

EARLIEST = timedelta(days=30)
"""How long ago somebody may have become aware."""


class Step(StrEnum):
    """What is to be done after a loss."""

    SEARCH = "search"
    POLICE = "police"
    DONOR = "donor"
    CNIL = "cnil"


class Ending(StrEnum):
    """How an incident ended."""

    FOUND = "found"
    LOST = "lost"


class IncidentOver(Refused):
    """This incident is closed."""

    code = "incident-over"


class StepsLeft(Refused):
    """Something is still to be done before it is given up for lost."""

    code = "incident-steps-left"


class StepDone(Refused):
    """This was done before."""

    code = "incident-step-done"


class Incident(Base):
    """One loss of one machine."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"))
    how: Mapped[str] = mapped_column(String(16))
    exposed: Mapped[bool]
    """Somebody's data may be on it: a drive not proven clean, or nobody had looked inside."""
    unproven: Mapped[int]
    shelf: Mapped[str] = mapped_column(String(24), default="")
    """Where it stood."""
    seen_at: Mapped[datetime]
    """The last thing known of it before."""
    aware_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ending: Mapped[str] = mapped_column(String(8), default="")
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    machine: Mapped[Machine] = relationship()
    workshop: Mapped[Organisation] = relationship(foreign_keys=[workshop_id])
    donor: Mapped[Organisation | None] = relationship(foreign_keys=[donor_id])
    lot: Mapped[Lot | None] = relationship()


class IncidentDrive(Base):
    """A drive it held when it went missing, and whether it was proven clean then."""

    __tablename__ = "incident_drives"
    __table_args__ = (UniqueConstraint("incident_id", "drive_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    drive_id: Mapped[int] = mapped_column(ForeignKey("drives.id"))
    proven: Mapped[bool]

    drive: Mapped[Drive] = relationship()


class IncidentStep(Base):
    """One thing done: the number it was given, or why it was not needed."""

    __tablename__ = "incident_steps"
    __table_args__ = (UniqueConstraint("incident_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    step: Mapped[str] = mapped_column(String(12))
    needed: Mapped[bool]
    said: Mapped[str] = mapped_column(String(120), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def open_incident(
    session: Session,
    machine: Machine,
    how: str,
    *,
    exposed: bool,
    shelf: str,
    seen_at: datetime,
    aware_at: datetime,
    by: Person,
    at: datetime,
) -> Incident:
    """Open the file of a held machine that was just declared lost. Raises `Invalid` for an awareness in the future or too long ago."""
    if not at - EARLIEST <= aware_at <= at:
        raise Invalid(field="aware_at", why="out-of-range")
    inside = open_sightings(session, machine)
    clean = (Standing.SANITISED, Standing.DESTROYED)
    unproven = [one for one in inside if one.drive.standing not in clean]
    incident = Incident(
        machine=machine,
        workshop_id=machine.workshop_id,
        donor_id=machine.donor_id,
        lot_id=machine.lot_id,
        how=how,
        exposed=exposed,
        unproven=len(unproven),
        shelf=shelf,
        seen_at=seen_at,
        aware_at=aware_at,
        opened_at=at,
        opened_by_id=by.id,
        ending="",
        closed_at=None,
        closed_by_id=None,
    )
    session.add(incident)
    session.flush()
    session.add_all(
        IncidentDrive(incident_id=incident.id, drive_id=one.drive_id, proven=one.drive.standing in clean)
        for one in inside
    )
    session.flush()
    return incident


def asked_of(incident: Incident) -> tuple[Step, ...]:
    """What is to be done: the police where it was stolen, the donor and the authority where data may be on it."""
    stolen = (Step.POLICE,) if incident.how == "stolen" else ()
    exposed = (Step.DONOR, Step.CNIL) if incident.exposed else ()
    return (Step.SEARCH, *stolen, *exposed)


def steps_of(session: Session, incident: Incident) -> dict[Step, IncidentStep]:
    """What is done, by step."""
    query = select(IncidentStep).where(IncidentStep.incident_id == incident.id).order_by(IncidentStep.id)
    return {Step(one.step): one for one in session.scalars(query)}


def drives_of(session: Session, incident: Incident) -> list[IncidentDrive]:
    """The drives that were in it."""
    query = (
        select(IncidentDrive).where(IncidentDrive.incident_id == incident.id).options(joinedload(IncidentDrive.drive))
    )
    return list(session.scalars(query.order_by(IncidentDrive.id)))


def deadline_of(session: Session, incident: Incident) -> tuple[datetime, LegalRule]:
    """Until when the authority is told, and the rule that says so. Raises `NoLegalRule`."""
    within = rule(session, NOTIFY, incident.aware_at.date())
    return incident.aware_at + timedelta(hours=within.value), within


def do_step(
    session: Session, incident: Incident, step: Step, said: str, *, needed: bool = True, by: Person, at: datetime
) -> IncidentStep:
    """Write down what was done, with the number it was given, or why it is not needed: on the machine's history too.

    Raises `NotAllowed`, `IncidentOver`, `StepDone`, `Invalid` when there is nothing written.
    """
    _hold(session, incident, by, at)
    if step not in asked_of(incident):
        raise Invalid(field="step", why="unknown")
    if step in steps_of(session, incident):
        raise StepDone(tag=incident.machine.tag)
    told = " ".join(said.split())[:120]
    if not told and (step in (Step.POLICE, Step.CNIL) or not needed):
        raise Invalid(field="said", why="missing")
    done = IncidentStep(incident_id=incident.id, step=step, needed=needed, said=told, by_id=by.id, at=at)
    session.add(done)
    session.flush()
    record(session, incident.machine, Note.INCIDENT_STEP, by=by, at=at, step=step, needed=needed)
    return done


def give_up(session: Session, incident: Incident, *, by: Person, at: datetime) -> None:
    """Close it: lost for good. Raises `NotAllowed`, `IncidentOver`, `StepsLeft`."""
    _hold(session, incident, by, at)
    left = [step for step in asked_of(incident) if step not in steps_of(session, incident)]
    if left:
        raise StepsLeft(tag=incident.machine.tag, steps=[str(step) for step in left])
    _close(session, incident, Ending.LOST, by, at)


def found_again(session: Session, machine: Machine, *, by: Person, at: datetime) -> Incident | None:
    """The held machine is here again: its last file ends so, even one that was given up. None for a loss older than files."""
    query = select(Incident).where(Incident.machine_id == machine.id).order_by(Incident.id.desc()).limit(1)
    incident = session.scalar(query)
    if incident is not None and incident.ending != Ending.FOUND:
        _close(session, incident, Ending.FOUND, by, at)
        return incident
    return None


def incidents_seen_by(reader: Person, permission: str = "incidents.see", *, at: datetime) -> Select[Incident]:
    """The incidents a reader may see: every query of the pages starts here."""
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, permission, at)
    ]
    rooms = select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))
    return select(Incident).where(Incident.workshop_id.in_(rooms))


def incident_seen(
    session: Session, reader: Person, number: int, permission: str = "incidents.see", *, at: datetime
) -> Incident:
    """The incident of this number. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(incidents_seen_by(reader, permission, at=at).where(Incident.id == number))
    if found is None:
        raise NotFound(incident=number)
    return found


def _hold(session: Session, incident: Incident, by: Person, at: datetime) -> None:
    require(by, "incidents.follow", incident.workshop, at=at)
    lock(session, incident.machine)
    session.refresh(incident)
    if incident.closed_at is not None:
        raise IncidentOver(tag=incident.machine.tag)


def _close(session: Session, incident: Incident, ending: Ending, by: Person, at: datetime) -> None:
    incident.ending, incident.closed_at, incident.closed_by_id = ending, at, by.id
    session.flush()
    record(session, incident.machine, Note.INCIDENT_CLOSED, by=by, at=at, ending=ending, exposed=incident.exposed)
