"""Class lists: the pupils of whole classes, each with a request, filed in one act by who answers for the list.

What is kept of a child is its name, sealed, and its class. Who signs is the family's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import uuid4

from sqlalchemy import Date, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.parties.access import require
from ordi.parties.households import Contact, Household, families, family_keys, note_readings, open_file
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sealing import Sealer
from ordi.sharing.class_reading import Line
from ordi.sharing.filing import Filing, file_request
from ordi.sharing.needs import NeedCode
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import LIVE, Request, RequestState
from ordi.text import folded

LONGEST_NAME = 80


class ListNotOpen(Refused):
    """No coordinator has opened this list to machines yet."""

    code = "class-list-not-open"


class ClassList(Base):
    """The classes of a school, or of several, served under one programme."""

    __tablename__ = "class_lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    form_uuid: Mapped[str] = mapped_column(String(36), unique=True)
    """The form it came with: sent twice because an answer was lost, it is one list."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The coordinator who decided that any ready machine of theirs goes to a child of this list."""
    opened_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship()
    partner: Mapped[Organisation] = relationship()
    opened_by: Mapped[Person | None] = relationship(foreign_keys=[opened_by_id])


class ClassPupil(Base):
    """One child of a list."""

    __tablename__ = "class_pupils"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("class_lists.id"), index=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    class_name: Mapped[str] = mapped_column(String(20))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), unique=True)
    absent_on: Mapped[date | None] = mapped_column(Date)
    """The last day nobody came for this child's machine."""

    household: Mapped[Household] = relationship()
    request: Mapped[Request] = relationship()


@dataclass(frozen=True)
class Filed:
    """What a list became: those who wait now, and the lines whose child already waited or was served under this programme."""

    the_list: ClassList
    new: int
    known: tuple[int, ...]


@dataclass(frozen=True)
class Pupil:
    """A child as the desk reads it."""

    id: int
    class_name: str
    name: str
    household: str
    """The family's code: siblings bear the same."""
    request: str
    served: bool


class Named(Protocol):
    """Whoever is looked for by name or class."""

    @property
    def name(self) -> str:
        """As said."""

    @property
    def class_name(self) -> str:
        """As written on the list."""


_Child = TypeVar("_Child", bound=Named)


def file_list(
    session: Session,
    partner: Organisation,
    programme: Programme,
    name: str,
    lines: Sequence[Line],
    *,
    attested: tuple[str, ...],
    form_uuid: str,
    by: Person,
    at: datetime,
    sealer: Sealer,
) -> Filed:
    """File one request a child. `attested` are the facts that `by` verified for every one of them.

    Two lines are one household when adult and telephone are the same; the same name alone never merges. Raises what `file_request` raises.
    """
    require(by, "requests.write", partner, at=at)
    if not lines or not name.strip():
        raise Invalid(field="list" if name.strip() else "name", why="missing")
    filed = session.scalar(select(ClassList).where(ClassList.form_uuid == form_uuid, ClassList.by_id == by.id))
    if filed is not None:
        return Filed(filed, 0, ())
    the_list = ClassList(
        name=name.strip()[:LONGEST_NAME], programme=programme, partner=partner, form_uuid=form_uuid, by_id=by.id, at=at
    )
    session.add(the_list)
    session.flush()
    homes, waiting = families(session, partner), _waiting(session, partner, programme)
    known: list[int] = []
    for line in lines:
        keys = family_keys(partner, line.adult, line.phone, sealer=sealer)
        home = next((homes[key] for key in keys if key in homes), None)
        indexes = sealer.blind_indexes(children_of(partner.id), line.child)
        if home is not None and any((home.id, index) in waiting for index in indexes):
            known.append(line.number)
            continue
        if home is None:
            home = open_file(session, partner, Contact(line.adult, line.phone), sealer=sealer, by=by, at=at)
            homes.update(dict.fromkeys(keys, home))
        filing = Filing(programme, (NeedCode.SCHOOL,), attested, home, of_class_list=True)
        request, uid = file_request(session, partner, filing, by=by, at=at), uuid4().hex
        sealed = sealer.seal("class_pupils", "name", uid, line.child)
        session.add(
            ClassPupil(
                list_id=the_list.id,
                uid=uid,
                class_name=line.class_name,
                name_sealed=sealed,
                name_index=indexes[0],
                household=home,
                request=request,
            )
        )
        waiting.add((home.id, indexes[0]))
    session.flush()
    return Filed(the_list, len(lines) - len(known), tuple(known))


def open_list(session: Session, the_list: ClassList, *, by: Person, at: datetime) -> None:
    """From now on a desk may give any ready machine of this coordinator's workshops to a child of the list. Raises `NotAllowed`."""
    require(by, "sharing.allocate", the_list.partner, at=at)
    the_list.opened_by, the_list.opened_at = by, at
    session.flush()


def roster(session: Session, the_list: ClassList, *, sealer: Sealer, by: Person, at: datetime) -> list[Pupil]:
    """The children, by class and name. The reading of every family's file is kept. Raises `NotAllowed`."""
    require(by, "households.read", the_list.partner, at=at)
    query = select(ClassPupil).where(ClassPupil.list_id == the_list.id, ClassPupil.name_sealed.is_not(None))
    rows = session.scalars(query.options(joinedload(ClassPupil.household), joinedload(ClassPupil.request))).all()
    note_readings(session, {one.household_id: one.household for one in rows}.values(), by=by, at=at)
    found = [
        Pupil(
            one.id,
            one.class_name,
            child_name(one, sealer),
            one.household.code,
            one.request.code,
            one.request.state == RequestState.HANDED_OVER,
        )
        for one in rows
    ]
    return sorted(found, key=lambda one: (folded(one.class_name), folded(one.name), one.id))


def search(pupils: Sequence[_Child], asked: str) -> list[_Child]:
    """Those whose name or class begins with each word asked for, in any order, whatever the accents; one letter may be wrong."""
    words = folded(asked).split()
    exact = [one for one in pupils if all(any(p.startswith(w) for p in _parts(one)) for w in words)]
    return exact or [one for one in pupils if all(any(_near(p, w) for p in _parts(one)) for w in words)]


def child_name(pupil: ClassPupil, sealer: Sealer) -> str:
    """A child's name; nothing once it was forgotten."""
    return sealer.open("class_pupils", "name", pupil.uid, pupil.name_sealed) if pupil.name_sealed else ""


def _parts(one: Named) -> list[str]:
    return folded(f"{one.class_name} {one.name}").split()


def _near(part: str, word: str) -> bool:
    """Whether a word is the part's beginning but for one letter: another, one too many or one too few."""
    for n in range(len(word)):
        after = word[n + 1 :]
        if part.startswith(word[:n]) and (part[n + 1 :].startswith(after) or part[n:].startswith(after)):
            return len(word) > 2
        if part.startswith(word[:n]) and part[n + 1 :].startswith(word[n:]):
            return len(word) > 2
    return False


def _waiting(session: Session, partner: Organisation, programme: Programme) -> set[tuple[int, bytes]]:
    """The children of this partner organisation who wait or were served under this programme, in any version."""
    rows = session.execute(
        select(ClassPupil.household_id, ClassPupil.name_index)
        .join(Request, Request.id == ClassPupil.request_id)
        .join(Programme, Programme.id == Request.programme_id)
        .where(
            Request.partner_id == partner.id,
            Programme.code == programme.code,
            Request.state.in_((*LIVE, RequestState.HANDED_OVER)),
            ClassPupil.name_index.is_not(None),
        )
    )
    return {(home, index) for home, index in rows if index}


def children_of(partner_id: int) -> str:
    return f"class_pupils.name/{partner_id}"
