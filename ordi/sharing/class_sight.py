"""Who sees which class list, and how much of it: an office its lists whole, a desk the names of an open list and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Select, func, insert, or_, select
from sqlalchemy.orm import Session, joinedload

from ordi.errors import NotFound
from ordi.papers import PARIS
from ordi.parties.access import grounds, require
from ordi.parties.households import HouseholdReading, Opening
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sealing import Sealer
from ordi.sharing.class_lists import ClassList, ClassPupil, ListNotOpen, child_name
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request, RequestState
from ordi.text import folded


@dataclass(frozen=True)
class Listed:
    """A child as list and desk read it. `family` is the same for siblings and says nothing else."""

    id: int
    class_name: str
    name: str
    family: int
    request: str
    state: str
    absent: bool
    tag: str = ""
    """The machine it was given."""

    @property
    def standing(self) -> str:
        """`given`, `withdrawn`, `absent` or `waits`."""
        if self.state == RequestState.HANDED_OVER:
            return "given"
        if self.state in (RequestState.WITHDRAWN, RequestState.CLOSED):
            return "withdrawn"
        return "absent" if self.absent else "waits"


def lists_seen_by(reader: Person, permission: str, *, at: datetime) -> Select[ClassList]:
    """The lists of the organisations where `reader` holds a permission."""
    reach = [
        Organisation.path.startswith(one.organisation.path, autoescape=True) for one in grounds(reader, permission, at)
    ]
    beneath = select(Organisation.id).where(or_(False, *reach))
    return select(ClassList).where(ClassList.partner_id.in_(beneath))


def seen_list(session: Session, reader: Person, number: int, permission: str, *, at: datetime) -> ClassList:
    """The list under this number. Raises `NotFound` alike for none and not yours."""
    seen = lists_seen_by(reader, permission, at=at).where(ClassList.id == number)
    found = session.scalar(seen.options(joinedload(ClassList.partner), joinedload(ClassList.programme)))
    if found is None:
        raise NotFound(list=number)
    return found


def children(
    session: Session, the_list: ClassList, permission: str, *, sealer: Sealer, by: Person, at: datetime
) -> list[Listed]:
    """The children by class and name, withdrawn ones too. Each family's reading is kept once a person and day.

    Raises `NotAllowed`; `ListNotOpen` for who only holds a desk, while the list is not open.
    """
    require(by, permission, the_list.partner, at=at)
    if the_list.opened_at is None and permission == "classes.desk" and not _whole(by, the_list, at):
        raise ListNotOpen(list=the_list.name)
    query = select(ClassPupil).where(ClassPupil.list_id == the_list.id, ClassPupil.name_sealed.is_not(None))
    rows = session.scalars(query.options(joinedload(ClassPupil.request))).all()
    _note(session, {one.household_id for one in rows}, by, at)
    tags = tags_given(session, the_list)
    found = [
        Listed(
            one.id,
            one.class_name,
            child_name(one, sealer),
            one.household_id,
            one.request.code,
            one.request.state,
            one.absent_on is not None,
            tags.get(one.id, ""),
        )
        for one in rows
    ]
    return sorted(found, key=lambda one: (folded(one.class_name), folded(one.name), one.id))


def tags_given(session: Session, the_list: ClassList) -> dict[int, str]:
    """Child → the machine it has, of those who have one."""
    query = (
        select(ClassPupil.id, Allocation)
        .join(Request, Request.id == ClassPupil.request_id)
        .join(Allocation, Allocation.request_id == Request.id)
        .where(ClassPupil.list_id == the_list.id, Allocation.handed_over_at.is_not(None), Allocation.ended_at.is_(None))
        .options(joinedload(Allocation.machine))
    )
    return {number: promise.machine.tag for number, promise in session.execute(query).tuples()}


def pupil_of(session: Session, the_list: ClassList, number: int) -> ClassPupil:
    """One child of a list. Raises `NotFound`."""
    found = session.scalar(
        select(ClassPupil)
        .where(ClassPupil.id == number, ClassPupil.list_id == the_list.id, ClassPupil.name_sealed.is_not(None))
        .options(joinedload(ClassPupil.request), joinedload(ClassPupil.household))
    )
    if found is None:
        raise NotFound(list=the_list.name)
    return found


def counts_of(session: Session, lists: list[ClassList]) -> dict[int, tuple[int, int]]:
    """Of each list: how many children are expected or served, and how many are served; one query."""
    query = (
        select(ClassPupil.list_id, Request.state, func.count())
        .join(Request, Request.id == ClassPupil.request_id)
        .where(ClassPupil.list_id.in_([one.id for one in lists]))
        .group_by(ClassPupil.list_id, Request.state)
    )
    told: dict[int, tuple[int, int]] = {one.id: (0, 0) for one in lists}
    for number, state, many in session.execute(query).tuples():
        if state not in (RequestState.WITHDRAWN, RequestState.CLOSED):
            expected, given = told[number]
            told[number] = (expected + many, given + (many if state == RequestState.HANDED_OVER else 0))
    return told


def _whole(by: Person, the_list: ClassList, at: datetime) -> bool:
    return any(one.organisation.holds(the_list.partner) for one in grounds(by, "classes.read", at))


def _note(session: Session, households: set[int], by: Person, at: datetime) -> None:
    """Who read, once a family, person and day: a desk that asks again all afternoon says nothing new."""
    today = datetime.combine(at.astimezone(PARIS).date(), time(), PARIS)
    known = select(HouseholdReading.household_id).where(
        HouseholdReading.person_id == by.id, HouseholdReading.at >= today, HouseholdReading.household_id.in_(households)
    )
    new = sorted(households - set(session.scalars(known)))
    if new:
        rows = [{"household_id": one, "person_id": by.id, "at": at, "what": Opening.READ} for one in new]
        session.execute(insert(HouseholdReading), rows)
