"""The leaflet in the bag: a secret link to the family's own page, good for one stay away from the bench.

Whoever holds the leaflet can ask for help, stop the check-ins and read the verdict: nothing about the family is there to
be read. A new leaflet ends the one before; a take-back ends them all.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import NotAllowed, NotFound
from ordi.fleet.enrolment import IN_USE, NotReinstalled, hashed
from ordi.machines.journal import lock
from ordi.machines.machine import Machine
from ordi.parties.access import may
from ordi.parties.people import Person

SECRET_BYTES = 16
"""Written in base 32: 26 capitals and digits that make a small symbol and can be typed."""


class Leaflet(Base):
    """One printed leaflet, known by the hash of its secret."""

    __tablename__ = "leaflets"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    stay: Mapped[int]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    printed_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    machine: Mapped[Machine] = relationship()

    @property
    def current(self) -> bool:
        """Whether its link still opens."""
        return self.replaced_at is None and self.machine.stay == self.stay and self.machine.state in IN_USE


def print_leaflet(session: Session, machine: Machine, *, by: Person, at: datetime) -> str:
    """The secret of a new leaflet, shown once: on the paper. The bench prints it, or who hands the machine over.

    Raises `NotAllowed`, `NotReinstalled`.
    """
    bench = may(by, "fleet.enrol", machine.workshop, at=at)
    giver = machine.partner is not None and may(by, "sharing.hand-over", machine.partner, at=at)
    if not (bench or giver):
        raise NotAllowed(permission="sharing.hand-over")
    lock(session, machine)
    if machine.state not in IN_USE:
        raise NotReinstalled(tag=machine.tag, state=machine.state)
    for earlier in session.scalars(
        select(Leaflet).where(Leaflet.machine_id == machine.id, Leaflet.replaced_at.is_(None))
    ):
        earlier.replaced_at = at
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().rstrip("=")
    session.add(
        Leaflet(machine=machine, stay=machine.stay, secret_hash=hashed(secret), printed_by_id=by.id, printed_at=at)
    )
    session.flush()
    return secret


def machine_of(session: Session, secret: str) -> Machine:
    """The machine whose leaflet carries this secret. Raises `NotFound` alike for a wrong and an ended one."""
    leaflet = session.scalar(select(Leaflet).where(Leaflet.secret_hash == hashed(secret.upper())))
    if leaflet is None or not leaflet.current:
        raise NotFound(leaflet="unknown")
    return leaflet.machine
