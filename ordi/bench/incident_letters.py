"""Who was told of an incident by letter: the donor, the workshop, the pole. What was written is in the outbox, for as long as that keeps it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.bench.incidents import Incident
from ordi.database import Base
from ordi.messages import outbox
from ordi.parties.access import require
from ordi.parties.organisations import Organisation, pole_of
from ordi.parties.people import Person

KIND = "incident"
"""What the outbox calls these messages."""


class Reader(StrEnum):
    """Who is told."""

    DONOR = "donor"
    WORKSHOP = "workshop"
    POLE = "pole"


class IncidentLetter(Base):
    """One letter about one incident. The address is the outbox's, and goes with it."""

    __tablename__ = "incident_letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    reader: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def readers_of(incident: Incident) -> dict[Reader, Organisation]:
    """Who is to be told: the workshop and its pole; the donor where its data may be on it."""
    told = {Reader.WORKSHOP: incident.workshop, Reader.POLE: pole_of(incident.workshop)}
    if incident.exposed and incident.donor is not None:
        return {Reader.DONOR: incident.donor, **told}
    return told


def tell(
    session: Session,
    incident: Incident,
    reader: Reader,
    address: str,
    subject: str,
    body: str,
    *,
    by: Person,
    at: datetime,
) -> IncidentLetter:
    """Put a letter into the outbox. Raises `NotAllowed`, `Invalid` for what is no address."""
    require(by, "incidents.follow", incident.workshop, at=at)
    outbox.put(session, KIND, address, subject, body, at=at)
    letter = IncidentLetter(incident_id=incident.id, reader=reader, by_id=by.id, at=at)
    session.add(letter)
    session.flush()
    return letter


def letters_of(session: Session, incident: Incident) -> list[IncidentLetter]:
    """The letters of an incident, oldest first."""
    query = select(IncidentLetter).where(IncidentLetter.incident_id == incident.id)
    return list(session.scalars(query.order_by(IncidentLetter.id)))
