"""Households: the only room with personal data. Every such column is sealed (AES-GCM); nobody else copies it.

A household belongs to the partner organisation that follows it. The rest of Ordi knows it by its `code`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sealing import Sealer
from ordi.tags import ALPHABET

SEALED = ("name", "phone", "email", "address", "language")
"""The personal columns, each sealed with its own table, column and row as associated data."""


@dataclass(frozen=True)
class Contact:
    """A household as its own service reads it. Never logged, never put in an event, a URL or a label."""

    name: str
    phone: str = ""
    email: str = ""
    address: str = ""
    language: str = "fr"


class Household(Base):
    """A home that asks for a computer."""

    __tablename__ = "households"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    """`F-7Q2XK`: what everyone but its own service and coordinator calls it."""
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """Keyed blind index: finds the same name in the same partner organisation without opening a file."""
    created_at: Mapped[datetime]
    last_contact_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    partner: Mapped[Organisation] = relationship()


class HouseholdReading(Base):
    """Who opened a household's file, and when."""

    __tablename__ = "household_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def open_file(
    session: Session, partner: Organisation, contact: Contact, *, sealer: Sealer, by: Person, at: datetime
) -> Household:
    """Open a household's file in a partner organisation. Raises `NotAllowed`, `Invalid` without a name."""
    require(by, "requests.write", partner, at=at)
    if not contact.name.strip():
        raise Invalid(field="name", why="missing")
    household = Household(
        uid=uuid4().hex,
        code="F-" + "".join(secrets.choice(ALPHABET) for _ in range(6)),
        partner=partner,
        created_at=at,
        last_contact_at=at,
    )
    _seal(household, contact, sealer)
    session.add(household)
    session.flush()
    return household


def correct(
    session: Session, household: Household, contact: Contact, *, sealer: Sealer, by: Person, at: datetime
) -> None:
    """Replace what is known of a household. Raises `NotAllowed`."""
    require(by, "requests.write", household.partner, at=at)
    _seal(household, contact, sealer)
    household.last_contact_at = at
    session.flush()


def read_file(session: Session, household: Household, *, sealer: Sealer, by: Person, at: datetime) -> Contact:
    """What is known of a household; the reading is kept. Raises `NotAllowed`."""
    require(by, "households.read", household.partner, at=at)
    session.add(HouseholdReading(household_id=household.id, person_id=by.id, at=at))
    session.flush()
    return _opened(household, sealer)


def note_readings(session: Session, households: Iterable[Household], *, by: Person, at: datetime) -> None:
    """Somebody opens several files at once, to print from them. Raises `NotAllowed`."""
    for household in households:
        require(by, "households.read", household.partner, at=at)
        session.add(HouseholdReading(household_id=household.id, person_id=by.id, at=at))
    session.flush()


def for_message(household: Household, *, sealer: Sealer) -> Contact:
    """What a message needs to leave: read by no person, so the message itself is the trace. Never shown on a page."""
    return _opened(household, sealer)


def same_name(session: Session, partner: Organisation, name: str, *, sealer: Sealer) -> list[Household]:
    """Files of the same partner organisation under the same name, so that a family is not filed twice."""
    index = sealer.blind_index(f"households.name/{partner.id}", name)
    return list(
        session.scalars(
            select(Household)
            .where(Household.partner_id == partner.id, Household.name_index == index)
            .order_by(Household.id)
        )
    )


def erase(session: Session, household: Household, *, at: datetime) -> None:
    """Forget who they are; the row stays for anonymous counts."""
    for column in SEALED:
        setattr(household, f"{column}_sealed", None)
    household.name_index = None
    household.erased_at = at
    session.flush()


def _seal(household: Household, contact: Contact, sealer: Sealer) -> None:
    for column in SEALED:
        text = getattr(contact, column)
        sealed = sealer.seal("households", column, household.uid, text) if text else None
        setattr(household, f"{column}_sealed", sealed)
    household.name_index = sealer.blind_index(f"households.name/{household.partner.id}", contact.name)


def _opened(household: Household, sealer: Sealer) -> Contact:
    def text(column: str) -> str:
        blob: bytes | None = getattr(household, f"{column}_sealed")
        return sealer.open("households", column, household.uid, blob) if blob else ""

    return Contact(*(text(column) for column in SEALED))
