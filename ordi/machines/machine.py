"""The computer: what it is, where it is in its life, and whose it is for now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ordi.database import Base
from ordi.errors import NotFound
from ordi.machines.lots import Lot
from ordi.parties.access import ACCESS
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person, Role
from ordi.tags import read_tag


class Form(StrEnum):
    """What kind of computer it is."""

    LAPTOP = "laptop"
    DESKTOP = "desktop"
    ALL_IN_ONE = "all_in_one"
    UNKNOWN = "unknown"


class Grade(StrEnum):
    """Category after diagnosis: like-new is never said."""

    A = "A"
    B = "B"
    C = "C"


class Machine(Base):
    """One computer. `state`, `head_seq` and `head_hash` are written by `journal.record` alone."""

    __tablename__ = "machines"
    __table_args__ = (
        Index("ix_machines_workshop_state", "workshop_id", "state", "id"),
        Index("ix_machines_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(String(8), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    state_since: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    head_seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(String(64), default="")
    stay: Mapped[int] = mapped_column(default=1)
    """How many times it has been at the bench: what was proved during an earlier stay no longer counts."""

    form: Mapped[str] = mapped_column(String(16), default=Form.UNKNOWN)
    manufacturer: Mapped[str] = mapped_column(String(80), default="")
    model: Mapped[str] = mapped_column(String(80), default="")
    serial: Mapped[str | None] = mapped_column(String(80), index=True)
    system_uuid: Mapped[str | None] = mapped_column(String(36), index=True)
    processor: Mapped[str] = mapped_column(String(80), default="")
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    grade: Mapped[str | None] = mapped_column(String(1))
    found_by: Mapped[str] = mapped_column(String(400), default="", index=True)
    """Maker, model and serial, folded: what search looks into."""

    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The partner organisation it is promised to or out with."""
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True)
    shelf: Mapped[str] = mapped_column(String(24), default="")
    held_for: Mapped[str] = mapped_column(String(16), default="")
    """A mark beside the state: why it waits (hold, part), or nothing."""
    triage: Mapped[str] = mapped_column(String(12), default="")
    profile: Mapped[str] = mapped_column(String(40), default="")
    """The software profile installed last."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    """The record under which this same computer goes on: this one keeps its history and does nothing more."""
    demonstration: Mapped[bool] = mapped_column(default=False)

    workshop: Mapped[Organisation] = relationship(foreign_keys=[workshop_id])
    donor: Mapped[Organisation | None] = relationship(foreign_keys=[donor_id])
    partner: Mapped[Organisation | None] = relationship(foreign_keys=[partner_id])
    lot: Mapped[Lot | None] = relationship()
    merged_into: Mapped[Machine | None] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol

    @property
    def current(self) -> Machine:
        """The record under which this computer goes on: itself, unless it was merged."""
        return self.merged_into or self

    def describe(self, **known: str | int | None) -> None:
        """Note what is learnt of the hardware; empty values teach nothing."""
        for name, value in known.items():
            if value not in (None, ""):
                setattr(self, name, value)
        self.found_by = " ".join(filter(None, (self.manufacturer, self.model, self.serial))).casefold()[:400]


SEEN_THROUGH = {
    Role.DONOR_CONTACT: Machine.donor_id,
    Role.SOCIAL_WORKER: Machine.partner_id,
    Role.PARTNER_LEAD: Machine.partner_id,
    Role.ANIMATOR: Machine.partner_id,
    Role.MEDIATOR: Machine.partner_id,
    Role.LANDLORD_OFFICER: Machine.partner_id,
    Role.SCHOOL_OFFICER: Machine.partner_id,
    Role.SIGNATORY: Machine.partner_id,
}
"""Which tie binds a machine to a role's organisation; every other role sees through the workshop."""


def machines_seen_by(reader: Person, permission: str = "machines.see", *, at: datetime) -> Select[Machine]:
    """The machines `reader` may see under a permission: every query of the face starts here."""
    reach = []
    for held in reader.current(at):
        if held.role not in ACCESS[permission]:
            continue
        beneath = select(Organisation.id).where(Organisation.path.startswith(held.organisation.path, autoescape=True))
        if held.role == Role.DRIVER:
            reach.append(
                Machine.lot_id.in_(select(Lot.id).where(Lot.driver_id == reader.id, Lot.collected_at.is_(None)))
            )
        else:
            reach.append(SEEN_THROUGH.get(Role(held.role), Machine.workshop_id).in_(beneath))
    return select(Machine).where(Machine.merged_into_id.is_(None), or_(*reach) if reach else Machine.id.is_(None))


def seen(session: Session, reader: Person, tag: str, permission: str = "machines.see", *, at: datetime) -> Machine:
    """The machine under this tag, if this reader may see it. Raises `MistypedTag`, or `NotFound` alike for none and not yours.

    The tag of a record that was merged means the one it was merged into: its label is still on the case.
    """
    wanted = Machine.tag == read_tag(tag)
    machine = session.scalar(machines_seen_by(reader, permission, at=at).where(wanted))
    if machine is None:
        gone = aliased(Machine)
        into = select(gone.merged_into_id).where(gone.tag == read_tag(tag))
        machine = session.scalar(
            machines_seen_by(reader, permission, at=at).where(Machine.id == into.scalar_subquery())
        )
    if machine is None:
        raise NotFound(tag=read_tag(tag))
    return machine
