"""People who sign in, and the roles they hold in organisations, between two dates."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused
from ordi.parties.organisations import Kind, Organisation


class Role(StrEnum):
    """What a person does in an organisation."""

    TECHNICIAN = "technician"
    LEAD = "lead"
    DRIVER = "driver"
    COORDINATOR = "coordinator"
    SOCIAL_WORKER = "social_worker"
    PARTNER_LEAD = "partner_lead"
    ANIMATOR = "animator"
    MEDIATOR = "mediator"
    LANDLORD_OFFICER = "landlord_officer"
    SCHOOL_OFFICER = "school_officer"
    SIGNATORY = "signatory"
    VOLUNTEER = "volunteer"
    FUNDER = "funder"
    DONOR_CONTACT = "donor_contact"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


HELD_IN: dict[Role, frozenset[Kind]] = {
    Role.TECHNICIAN: frozenset({Kind.WORKSHOP}),
    Role.LEAD: frozenset({Kind.WORKSHOP}),
    Role.DRIVER: frozenset({Kind.WORKSHOP, Kind.POLE}),
    Role.COORDINATOR: frozenset({Kind.POLE}),
    Role.SOCIAL_WORKER: frozenset({Kind.PARTNER}),
    Role.PARTNER_LEAD: frozenset({Kind.PARTNER}),
    Role.ANIMATOR: frozenset({Kind.PARTNER}),
    Role.MEDIATOR: frozenset({Kind.PARTNER}),
    Role.LANDLORD_OFFICER: frozenset({Kind.PARTNER}),
    Role.SCHOOL_OFFICER: frozenset({Kind.PARTNER}),
    Role.SIGNATORY: frozenset({Kind.PARTNER}),
    Role.VOLUNTEER: frozenset({Kind.WORKSHOP, Kind.PARTNER}),
    Role.FUNDER: frozenset({Kind.FUNDER}),
    Role.DONOR_CONTACT: frozenset({Kind.DONOR}),
    Role.AUDITOR: frozenset({Kind.NETWORK, Kind.POLE}),
    Role.ADMINISTRATOR: frozenset({Kind.NETWORK}),
}
"""In which kinds of organisation a role can be held: its reach is that organisation and what stands beneath."""


_ASIDE = "_ordi_roles_laid_down"


class RoleDoesNotFit(Refused):
    """This role is not held in this kind of organisation."""

    code = "role-does-not-fit"


class Person(Base):
    """Someone who signs in. Appears on certificates as `OP-…` only."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    op_code: Mapped[str] = mapped_column(String(12), unique=True, default="")
    language: Mapped[str] = mapped_column(String(2), default="fr")
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship(back_populates="person", lazy="selectin")

    def current(self, at: datetime) -> Iterator[Membership]:
        """The memberships in force at an instant, without the roles that were laid down."""
        aside: Collection[str] = self.__dict__.get(_ASIDE, ())
        if self.left_at is None or at < self.left_at:
            yield from (held for held in self.memberships if held.in_force(at) and held.role not in aside)

    def lay_down(self, roles: Collection[str]) -> None:
        """Act without these roles, as long as this object lives: whoever came in with less proof does less."""
        self.__dict__[_ASIDE] = frozenset(roles)


class Membership(Base):
    """A role held in an organisation, from one instant until another (an auditor's mandate ends)."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id", "role", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    def in_force(self, at: datetime) -> bool:
        """Whether the role is held at this instant."""
        return self.since <= at and (self.until is None or at < self.until)


def welcome(session: Session, name: str, *, at: datetime, language: str = "fr") -> Person:
    """A new person, without any role yet."""
    person = Person(name=name, language=language, created_at=at, memberships=[])
    session.add(person)
    session.flush()
    person.op_code = f"OP-{person.id:04d}"
    session.flush()
    return person


def appoint(
    session: Session,
    person: Person,
    role: Role,
    organisation: Organisation,
    *,
    at: datetime,
    until: datetime | None = None,
) -> Membership:
    """Give `person` a role in `organisation` from now on. Raises `RoleDoesNotFit`."""
    if organisation.kind not in HELD_IN[role]:
        raise RoleDoesNotFit(role=role, kind=organisation.kind)
    membership = Membership(role=role, organisation=organisation, since=at, until=until)
    person.memberships.append(membership)
    session.flush()
    return membership


def dismiss(session: Session, membership: Membership, *, at: datetime) -> None:
    """End a role; what the person did stays theirs."""
    membership.until = at
    session.flush()
