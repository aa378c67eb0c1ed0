"""The desks of a class list's day: a machine scanned, a signature, the next family. A desk may be without a network.

Each act has the uuid its device drew: sent again, it gets the answer it got. What two desks did at once is no error of
either: the first that arrives holds, the other is a conflict, kept until a coordinator settles it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.access import may, require
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, allocate, current_for, release
from ordi.sharing.class_lists import ClassList, ClassPupil, ListNotOpen
from ordi.sharing.consents import CURRENT_TEXT, give
from ordi.sharing.filing import consent_of
from ordi.sharing.hand_over import Pack, hand_over
from ordi.sharing.requests import LIVE, Request, RequestState
from ordi.sharing.signatures import redrawn
from ordi.tags import read_tag

MOST_AT_ONCE = 8
"""Children of one family on one signature."""


class Tone(StrEnum):
    """What came of one machine of an act."""

    GIVEN = "given"
    REPEAT = "repeat"
    """This child has this very machine already."""
    CONFLICT = "conflict"
    """The child has another machine, or the machine another child."""
    STOP = "stop"
    """A rule refused it: `code` says which."""


class DeskAct(Base):
    """One machine of one act at a desk, and what it was answered."""

    __tablename__ = "desk_acts"
    __table_args__ = (UniqueConstraint("uuid", "pupil_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))
    list_id: Mapped[int] = mapped_column(ForeignKey("class_lists.id"), index=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("class_pupils.id"))
    desk: Mapped[str] = mapped_column(String(20))
    tag: Mapped[str] = mapped_column(String(8))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    happened_at: Mapped[datetime]
    """As the desk's clock said."""
    recorded_at: Mapped[datetime]
    tone: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    settled_at: Mapped[datetime | None]

    pupil: Mapped[ClassPupil] = relationship()

    @property
    def told(self) -> dict[str, Any]:
        """The facts of its answer."""
        told: dict[str, Any] = json.loads(self.facts)
        return told


@dataclass(frozen=True)
class Sent:
    """What a desk says was done: machines for the children of one family, on one signature."""

    uuid: str
    desk: str
    gifts: tuple[tuple[int, str], ...]
    """Child → the machine's tag, as scanned."""
    signature: bytes
    happened_at: datetime
    language: str = "fr"
    """In which consent was read to who signs."""
    bag: tuple[str, ...] = ()
    accepts_check_ins: bool = False
    known: int | None = None
    """What `last_given` said when the desk last heard of the others; nothing: it hears at once."""


def serve(session: Session, the_list: ClassList, sent: Sent, *, by: Person, at: datetime) -> list[DeskAct]:
    """Give what a desk says it gave, each machine once and each child one; the same act again gets the same answer.

    Raises `NotAllowed`, `ListNotOpen`, `NotFound` (a child of another list), `MistypedTag` (of one sibling: nothing is given, the
    tag is read again), `SignatureUnusable`, and `Invalid` for what is no act: no gift, a child or a machine twice, children of several families on one signature.
    """
    require(by, "sharing.hand-over", the_list.partner, at=at)
    if the_list.opened_by is None:
        raise ListNotOpen(list=the_list.name)
    wanted = {pupil: read_tag(tag) for pupil, tag in sent.gifts}
    if not 0 < len(sent.gifts) <= MOST_AT_ONCE or len(set(wanted.values())) < len(sent.gifts):
        raise Invalid(field="gifts", why="not-an-act")
    # children first, in order: two desks that serve the same child, or send the same act, wait for each other here
    chosen = select(ClassPupil).where(ClassPupil.list_id == the_list.id, ClassPupil.id.in_(wanted))
    pupils = session.scalars(chosen.order_by(ClassPupil.id).with_for_update()).all()
    if len(pupils) < len(wanted):
        raise NotFound(list=the_list.name)
    before = session.scalars(select(DeskAct).where(DeskAct.uuid == sent.uuid).order_by(DeskAct.id)).all()
    if before:
        if {(one.by_id, one.list_id) for one in before} != {(by.id, the_list.id)}:
            raise NotFound(list=the_list.name)
        return list(before)
    if len({one.household_id for one in pupils}) > 1:
        raise Invalid(field="gifts", why="several-families")
    redrawn(sent.signature)
    _hold(session, [one.request_id for one in pupils], list(wanted.values()))
    return [_one(session, the_list, sent, one, wanted[one.id], by, at) for one in pupils]


def last_given(session: Session, the_list: ClassList) -> int:
    """How far a list has come, for `Sent.known`: a desk asks it before it reads the children.

    Only gifts count: each holds the series of its paper until it is committed, so their numbers follow the order in which others can know them.
    """
    query = select(func.max(DeskAct.id)).where(DeskAct.list_id == the_list.id, DeskAct.tone == Tone.GIVEN)
    return session.scalar(query) or 0


def given_since(session: Session, the_list: ClassList, known: int) -> list[tuple[int, str]]:
    """Child and machine of each gift that a desk which had heard `known` does not know yet, oldest first; none that came back."""
    query = (
        select(DeskAct.pupil_id, DeskAct.tag)
        .join(ClassPupil, ClassPupil.id == DeskAct.pupil_id)
        .join(Request, Request.id == ClassPupil.request_id)
        .where(DeskAct.list_id == the_list.id, DeskAct.tone == Tone.GIVEN, DeskAct.id > known)
        .where(Request.state == RequestState.HANDED_OVER)
    )
    return [(pupil, tag) for pupil, tag in session.execute(query.order_by(DeskAct.id))]


def conflicts(session: Session, the_list: ClassList) -> list[DeskAct]:
    """What a person still has to settle, oldest first. A refusal is settled once the child was served."""
    later = aliased(DeskAct)
    served = exists().where(
        later.pupil_id == DeskAct.pupil_id, later.id > DeskAct.id, later.tone.in_((Tone.GIVEN, Tone.REPEAT))
    )
    open_ones = or_(DeskAct.tone == Tone.CONFLICT, (DeskAct.tone == Tone.STOP) & ~served)
    query = select(DeskAct).where(DeskAct.list_id == the_list.id, DeskAct.settled_at.is_(None), open_ones)
    return list(session.scalars(query.order_by(DeskAct.id)))


def settle(session: Session, act: DeskAct, the_list: ClassList, *, by: Person, at: datetime) -> None:
    """A coordinator went and saw: the machine was fetched back or given by its own page. Raises `NotAllowed`, `NotFound`."""
    require(by, "sharing.allocate", the_list.partner, at=at)
    if act.list_id != the_list.id:
        raise NotFound(list=the_list.name)
    if act.settled_at is None:
        act.settled_by_id, act.settled_at = by.id, at
    session.flush()


def close_day(session: Session, the_list: ClassList, on: date, *, by: Person, at: datetime) -> int:
    """Note who did not come: they keep their place and are served on another day, as before. How many. Raises `NotAllowed`."""
    require(by, "sharing.hand-over", the_list.partner, at=at)
    unserved = select(Request.id).where(Request.state.in_(LIVE))
    missing = (ClassPupil.list_id == the_list.id, ClassPupil.request_id.in_(unserved))
    session.execute(update(ClassPupil).where(*missing).values(absent_on=on))
    return session.scalar(select(func.count()).where(*missing)) or 0


def _hold(session: Session, requests: list[int], tags: list[str]) -> None:
    """All requests of an act, then all its machines, each in the order of their numbers: siblings take no lock out of turn."""
    asked = select(Request).where(Request.id.in_(requests)).order_by(Request.id)
    session.scalars(asked.with_for_update(of=Request), execution_options={"populate_existing": True}).all()
    session.execute(select(Machine.id).where(Machine.tag.in_(tags)).order_by(Machine.id).with_for_update()).all()


def _one(
    session: Session, the_list: ClassList, sent: Sent, pupil: ClassPupil, tag: str, by: Person, at: datetime
) -> DeskAct:
    happened_at = min(sent.happened_at, at)  # a clock that runs ahead makes nothing happen after it was recorded
    try:
        with session.begin_nested():
            tone, code, facts = _give(session, the_list, sent, pupil, tag, by, at, happened_at)
    except Refused as refusal:
        tone, code, facts = Tone.STOP, refusal.code, dict(refusal.facts)
    act = DeskAct(
        uuid=sent.uuid,
        list_id=the_list.id,
        pupil_id=pupil.id,
        desk=sent.desk[:20],
        tag=tag,
        by_id=by.id,
        happened_at=happened_at,
        recorded_at=at,
        tone=tone,
        code=code,
        facts=canonical(facts),
    )
    session.add(act)
    session.flush()
    return act


def _give(
    session: Session,
    the_list: ClassList,
    sent: Sent,
    pupil: ClassPupil,
    tag: str,
    by: Person,
    at: datetime,
    happened_at: datetime,
) -> tuple[Tone, str, dict[str, Any]]:
    """Promise and hand over in one go: the coordinator who opened the list decided it, who holds the desk does it."""
    decider = the_list.opened_by
    assert decider is not None  # serve asked
    machine = session.scalar(machines_seen_by(decider, "sharing.allocate", at=at).where(Machine.tag == tag))
    promise = current_for(session, pupil.request)
    if promise is not None and promise.handed_over_at is not None:
        if promise.machine.tag == tag:
            return Tone.REPEAT, "already-given", {}
        return Tone.CONFLICT, "child-already-served", {"tag": promise.machine.tag}
    if meanwhile := _meanwhile(session, the_list, sent, pupil, tag):
        return meanwhile
    if machine is None:
        raise NotFound(tag=tag)
    elsewhere = current_for(session, machine)
    if elsewhere is not None and elsewhere.handed_over_at is not None:
        return Tone.CONFLICT, "machine-already-given", {"request": elsewhere.request.code}
    agreed = consent_of(session, pupil.request)
    if agreed is None or not agreed.given:
        asks = "classes.desk" if may(by, "classes.desk", the_list.partner, at=at) else "requests.write"
        give(session, pupil.household, CURRENT_TEXT, sent.language, by=by, at=at, asks=asks)
    promise = _promised(session, promise, machine, pupil.request, decider, at)
    hand_over(
        session,
        promise,
        sent.signature,
        by=by,
        at=at,
        happened_at=happened_at,
        pack=Pack(sent.bag),
        accepts_check_ins=sent.accepts_check_ins,
    )
    return Tone.GIVEN, "", {}


def _meanwhile(
    session: Session, the_list: ClassList, sent: Sent, pupil: ClassPupil, tag: str
) -> tuple[Tone, str, dict[str, Any]] | None:
    """What another desk gave this child, or gave of this machine, since this one last heard: even when it came back meanwhile."""
    if sent.known is None:
        return None
    given = select(DeskAct).where(
        DeskAct.list_id == the_list.id,
        DeskAct.tone == Tone.GIVEN,
        DeskAct.id > sent.known,
        DeskAct.desk != sent.desk[:20],
        or_(DeskAct.pupil_id == pupil.id, DeskAct.tag == tag),
    )
    other = session.scalars(given.order_by(DeskAct.id.desc()).limit(1)).one_or_none()
    if other is None:
        return None
    if other.pupil_id == pupil.id:
        return Tone.CONFLICT, "child-already-served", {"tag": other.tag}
    return Tone.CONFLICT, "machine-already-given", {"request": other.pupil.request.code}


def _promised(
    session: Session, promise: Allocation | None, machine: Machine, request: Request, decider: Person, at: datetime
) -> Allocation:
    """The promise of this machine to this child; another machine that was put aside for it is free again."""
    if promise is not None and promise.machine_id == machine.id:
        return promise
    if promise is not None and promise.standing:
        release(session, promise, by=decider, at=at)
    return allocate(session, machine, request, by=decider, at=at)
