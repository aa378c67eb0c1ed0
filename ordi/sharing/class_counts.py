"""How far a class list has come: class after class, desk after desk, and what is left to give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, machines_seen_by
from ordi.machines.quarantine import Quarantine, holds
from ordi.parties.organisations import Organisation, pole_of
from ordi.sharing.blocks import is_like
from ordi.sharing.class_desks import DeskAct
from ordi.sharing.class_lists import ClassList, ClassPupil
from ordi.sharing.naming import Naming
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import LIVE, Request, RequestState
from ordi.text import folded


@dataclass(frozen=True)
class Count:
    """Of a class: children on the list, served, missing on the last day noted, and no longer asking."""

    name: str
    listed: int
    given: int
    absent: int
    withdrawn: int = 0

    @property
    def expected(self) -> int:
        """Those who were served or still may be."""
        return self.listed - self.withdrawn

    @property
    def waiting(self) -> int:
        """Those who still get one, missing or not."""
        return self.expected - self.given

    def __add__(self, other: Count) -> Count:
        """Two classes together, under the name of the first."""
        sums = (getattr(self, part) + getattr(other, part) for part in ("listed", "given", "absent", "withdrawn"))
        return Count(self.name, *sums)


@dataclass(frozen=True)
class Stock:
    """Machines for a list: those any desk may give, and those already promised to one of its children."""

    free: int
    promised: int


def by_class(session: Session, the_list: ClassList) -> list[Count]:
    """Class after class; who was served after an absence is absent no more, who withdrew is not absent either."""
    given = Request.state == RequestState.HANDED_OVER
    asks = Request.state.in_(LIVE)
    kinds = (given, asks & ClassPupil.absent_on.is_not(None), ~(given | asks))
    rows = session.execute(
        select(ClassPupil.class_name, func.count(), *(func.sum(case((kind, 1), else_=0)) for kind in kinds))
        .join(Request, Request.id == ClassPupil.request_id)
        .where(ClassPupil.list_id == the_list.id)
        .group_by(ClassPupil.class_name)
    )
    return sorted((Count(*row) for row in rows), key=lambda one: (folded(one.name), one.name))


def by_desk(session: Session, the_list: ClassList) -> dict[str, dict[str, int]]:
    """Of each desk, how many of each tone."""
    rows = session.execute(
        select(DeskAct.desk, DeskAct.tone, func.count())
        .where(DeskAct.list_id == the_list.id)
        .group_by(DeskAct.desk, DeskAct.tone)
        .order_by(DeskAct.desk, DeskAct.tone)
    )
    found: dict[str, dict[str, int]] = {}
    for desk, tone, many in rows.tuples():
        found.setdefault(desk, {})[tone] = many
    return found


def stock(session: Session, the_list: ClassList, *, at: datetime) -> Stock:
    """What is left to give. Nothing is free for a list that nobody opened. Two queries."""
    children = select(ClassPupil.request_id).where(ClassPupil.list_id == the_list.id)
    promised = select(func.count()).where(
        Allocation.request_id.in_(children), Allocation.ended_at.is_(None), Allocation.handed_over_at.is_(None)
    )
    return Stock(_free(session, the_list, at), session.scalar(promised) or 0)


def _free(session: Session, the_list: ClassList, at: datetime) -> int:
    if the_list.opened_by is None:
        return 0
    pole = select(Organisation.id).where(Organisation.path.startswith(pole_of(the_list.partner).path, autoescape=True))
    kinds = (
        machines_seen_by(the_list.opened_by, "sharing.allocate", at=at)
        .with_only_columns(Machine.form, Machine.memory_bytes, Machine.profile, func.count())
        .where(
            Machine.state == State.READY,
            Machine.held_for == "",
            Machine.workshop_id.in_(pole),
            ~_named(),
            ~exists().where(Quarantine.lifted_at.is_(None), holds()),
        )
        .group_by(Machine.form, Machine.memory_bytes, Machine.profile)
    )
    wanted, software = the_list.programme.rules.configuration, the_list.programme.profile
    rows = session.execute(kinds).tuples()
    if wanted is None:
        return sum(many for *_, many in rows)
    return sum(
        many for form, memory, profile, many in rows if is_like(wanted, form, memory) and software in ("", profile)
    )


def _named() -> ColumnElement[bool]:
    """Whether a machine bears the name of a request that still lives: who withdrew holds nothing."""
    naming = select(Naming.id).join(Request, Request.id == Naming.request_id)
    return naming.where(Naming.machine_id == Machine.id, Naming.ended_at.is_(None), Request.state.in_(LIVE)).exists()
