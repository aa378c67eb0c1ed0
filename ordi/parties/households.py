"""Households: the only room with personal data. Every such column is sealed (AES-GCM); nobody else copies it.

A household belongs to the partner organisation that follows it. The rest of Ordi knows it by its `code`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
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
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """The same for the telephone, whatever its spaces and prefix."""
    created_at: Mapped[datetime]
    last_contact_at: Mapped[datetime] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]

    partner: Mapped[Organisation] = relationship()


class Opening(StrEnum):
    """What somebody opened a file for."""

    READ = "read"
    CORRECTED = "corrected"
    EXPORTED = "exported"
    ALIKE = "alike"
    """Not opened: somebody filed a family of the same name and telephone, and was told to call this service."""


class HouseholdReading(Base):
    """Who opened a household's file, when, and what for. Kept for its own time, erased file or not."""

    __tablename__ = "household_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(12), default=Opening.READ)

    household: Mapped[Household] = relationship()
    person: Mapped[Person] = relationship()


class FileErased(Refused):
    """Nothing is left in this file to read or to correct."""

    code = "file-erased"


def open_file(
    session: Session, partner: Organisation, contact: Contact, *, sealer: Sealer, by: Person, at: datetime
) -> Household:
    """Open a household's file in a partner organisation. Raises `NotAllowed`, `Invalid` without a name."""
    require(by, "requests.write", partner, at=at)
    if not contact.name.strip():
        raise Invalid(field="name", why="missing")
    household = Household(
        uid=uuid4().hex,
        code=_new_code(),
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
    """Replace what is known of a household; what it replaces is kept nowhere, only that it was corrected.

    Raises `NotAllowed`, `FileErased`, `Invalid` without a name.
    """
    require(by, "requests.write", household.partner, at=at)
    session.refresh(household, with_for_update=True)
    if household.erased_at is not None:
        raise FileErased(household=household.code)
    if not contact.name.strip():
        raise Invalid(field="name", why="missing")
    _seal(household, contact, sealer)
    household.last_contact_at = at
    _note(session, household, Opening.CORRECTED, by=by, at=at)


def told_again(
    session: Session, household: Household, contact: Contact, *, sealer: Sealer, by: Person, at: datetime
) -> None:
    """A known family comes back: what it tells replaces what was known, what it leaves out stays. Raises as `correct`."""
    known = _opened(household, sealer)
    left_out = {column: getattr(known, column) for column in SEALED if not getattr(contact, column).strip()}
    correct(session, household, replace(contact, **left_out), sealer=sealer, by=by, at=at)


def read_file(
    session: Session,
    household: Household,
    *,
    sealer: Sealer,
    by: Person,
    at: datetime,
    what: Opening = Opening.READ,
) -> Contact:
    """What is known of a household; the reading is kept. Raises `NotAllowed`."""
    require(by, "households.read", household.partner, at=at)
    _note(session, household, what, by=by, at=at)
    return _opened(household, sealer)


def note_readings(session: Session, households: Iterable[Household], *, by: Person, at: datetime) -> None:
    """Somebody opens several files at once, to print from them. Raises `NotAllowed`."""
    for household in households:
        require(by, "households.read", household.partner, at=at)
        session.add(HouseholdReading(household_id=household.id, person_id=by.id, at=at))
    session.flush()


def note_alike(session: Session, household: Household, *, by: Person, at: datetime) -> None:
    """Somebody of the same organisation filed a family like this one: kept in its file, once a day for each person."""
    day = (HouseholdReading.at > at - timedelta(days=1), HouseholdReading.what == Opening.ALIKE)
    same = (HouseholdReading.household_id == household.id, HouseholdReading.person_id == by.id)
    if session.scalar(select(HouseholdReading.id).where(*same, *day).limit(1)) is None:
        _note(session, household, Opening.ALIKE, by=by, at=at)


def for_message(household: Household, *, sealer: Sealer) -> Contact:
    """What a message needs to leave: read by no person, so the message itself is the trace. Never shown on a page."""
    return _opened(household, sealer)


def alike(session: Session, partner: Organisation, name: str, phone: str = "", *, sealer: Sealer) -> list[Household]:
    """Files of the same partner organisation under the same name or the same telephone: candidates, never identities.

    No file is opened: only keyed hashes are compared, each of this organisation alone.
    """
    same = [Household.name_index.in_(sealer.blind_indexes(_names(partner.id), name))] if name.strip() else []
    if digits(phone):
        same.append(Household.phone_index.in_(sealer.blind_indexes(_phones(partner.id), digits(phone))))
    if not same:
        return []
    query = select(Household).where(Household.partner_id == partner.id, or_(*same)).order_by(Household.id)
    return list(session.scalars(query))


def family_keys(partner: Organisation, adult: str, phone: str, *, sealer: Sealer) -> list[tuple[bytes, bytes]]:
    """What makes two lines of a list one family: the same adult and the same telephone, one pair a key. No telephone: nothing does."""
    if not digits(phone):
        return []
    names, phones = (
        sealer.blind_indexes(_names(partner.id), adult),
        sealer.blind_indexes(_phones(partner.id), digits(phone)),
    )
    return list(zip(names, phones, strict=True))


def name_keys(partner: Organisation, adult: str, *, sealer: Sealer) -> list[bytes]:
    """What a name's `name_index` may be in a partner organisation, newest key first."""
    return sealer.blind_indexes(_names(partner.id), adult)


def families(session: Session, partner: Organisation) -> dict[tuple[bytes, bytes], Household]:
    """The open files of a partner organisation by their key (`family_keys`); the oldest where there are two."""
    with_phone = (Household.erased_at.is_(None), Household.phone_index.is_not(None), Household.name_index.is_not(None))
    query = select(Household).where(Household.partner_id == partner.id, *with_phone).order_by(Household.id.desc())
    return {(one.name_index or b"", one.phone_index or b""): one for one in session.scalars(query)}


def digits(phone: str) -> str:
    """A telephone as it is compared: digits alone, France's prefix as 0. Fewer than six say nothing."""
    kept = "".join(char for char in phone if char.isdecimal())
    for prefix in ("0033", "33"):
        if kept.startswith(prefix) and len(kept) == len(prefix) + 9:
            kept = "0" + kept.removeprefix(prefix)
    return kept if len(kept) >= 6 else ""


def erase(session: Session, household: Household, *, at: datetime) -> None:
    """Forget who they are. The row stays for anonymous counts, under another code: what was noted elsewhere leads nowhere."""
    for column in SEALED:
        setattr(household, f"{column}_sealed", None)
    household.name_index = household.phone_index = None
    household.code = _new_code()
    household.erased_at = at
    session.flush()


def _new_code() -> str:
    return "F-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


def _note(session: Session, household: Household, what: Opening, *, by: Person, at: datetime) -> None:
    session.add(HouseholdReading(household_id=household.id, person_id=by.id, at=at, what=what))
    session.flush()


def _names(partner_id: int) -> str:
    return f"households.name/{partner_id}"


def _phones(partner_id: int) -> str:
    return f"households.phone/{partner_id}"


def _seal(household: Household, contact: Contact, sealer: Sealer) -> None:
    for column in SEALED:
        text = getattr(contact, column)
        sealed = sealer.seal("households", column, household.uid, text) if text else None
        setattr(household, f"{column}_sealed", sealed)
    told = digits(contact.phone)
    household.name_index = sealer.blind_index(_names(household.partner.id), contact.name)
    household.phone_index = sealer.blind_index(_phones(household.partner.id), told) if told else None


def _opened(household: Household, sealer: Sealer) -> Contact:
    def text(column: str) -> str:
        blob: bytes | None = getattr(household, f"{column}_sealed")
        return sealer.open("households", column, household.uid, blob) if blob else ""

    return Contact(*(text(column) for column in SEALED))
