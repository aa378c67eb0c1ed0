"""Two records of one computer become one: which of them goes on, why, and the way back while nothing else has happened.

Nothing is moved. Each record keeps its history, its evidence and its drives' sightings; the one that was merged does nothing more,
its tag leads to the other, and every drive ever seen under it counts as inside the other until it is proven clean or recorded as
taken out. Proofs are of drives, and stay theirs; an inventory of one record never speaks for the other.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.jobs import running_in
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import STEPS, Action, Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

MERGEABLE = frozenset(
    {State.PROMISED, State.COLLECTED, State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY}
)
"""Where two records may be merged: with us, and promised to nobody."""


class Cause(StrEnum):
    """Why two records are one computer."""

    TWICE = "entered_twice"
    LABELLED = "labelled_twice"
    BOARD = "board_changed"


class SameMachine(Refused):
    """A record cannot be merged into itself."""

    code = "same-machine"


class NotMergeable(Refused):
    """One of them is promised to somebody, out, or gone: bring it back first."""

    code = "not-mergeable"


class KeepTheOther(Refused):
    """The other record must go on: it holds the gift, the longer past, or records merged into it. `why`: donor, stay, merged."""

    code = "keep-the-other"


class TwoGifts(Refused):
    """Two donors or two lots gave them: they are two computers, or one lot is wrong."""

    code = "two-gifts"


class JobUnderWay(Refused):
    """A drive is being wiped or checked in one of them."""

    code = "merge-job-running"


class TooLateToPart(Refused):
    """Something has happened to it since."""

    code = "too-late-to-part"


class Merge(Base):
    """One merge: which record into which, by whom, why, and where both histories stood just after."""

    __tablename__ = "machine_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    cause: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    gone_seq: Mapped[int]
    kept_seq: Mapped[int]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    gone: Mapped[Machine] = relationship(foreign_keys=[gone_id])
    kept: Mapped[Machine] = relationship(foreign_keys=[kept_id])

    @property
    def open(self) -> bool:
        """Whether it can still be undone: neither record has lived on since."""
        same = (self.gone.head_seq, self.kept.head_seq) == (self.gone_seq, self.kept_seq)
        return self.undone_at is None and same


def merge(session: Session, gone: Machine, kept: Machine, cause: Cause, *, by: Person, at: datetime) -> Merge:
    """`gone` is `kept`: it goes on under `kept`'s tag, looked at afresh when it was further on than received.

    Raises `NotAllowed`, `SameMachine`, `NotMergeable`, `KeepTheOther`, `TwoGifts`, `JobUnderWay`.
    """
    for machine in (gone, kept):
        require(by, "machines.merge", machine.workshop, at=at)
    for machine in sorted(
        {gone, kept}, key=lambda one: one.id
    ):  # always in this order: two merges at once never wait in a ring
        lock(session, machine)
    refusal = in_the_way(session, gone, kept)
    if refusal:
        raise refusal
    for machine in (gone, kept):
        if machine.state in STEPS[Action.REOPEN].sources:
            record(session, machine, Action.REOPEN, by=None, at=at, because="merged")
    record(session, gone, Note.MERGED, by=by, at=at, tag=kept.tag, because=cause)
    gone.merged_into = kept
    session.flush()
    record(session, kept, Note.ABSORBED, by=by, at=at, tag=gone.tag, because=cause)
    done = Merge(gone=gone, kept=kept, cause=cause, by_id=by.id, at=at, gone_seq=gone.head_seq, kept_seq=kept.head_seq)
    session.add(done)
    session.flush()
    return done


def in_the_way(session: Session, gone: Machine, kept: Machine) -> Refused | None:
    """Why `gone` cannot be merged into `kept`, or nothing."""
    if gone.current is kept.current:
        return SameMachine(tag=kept.tag)
    for machine in (gone, kept):
        if machine.state not in MERGEABLE or machine.merged_into_id is not None:
            return NotMergeable(tag=machine.tag, state=machine.state)
        if running_in(session, machine):
            return JobUnderWay(tag=machine.tag)
    for given in ("donor_id", "lot_id"):
        ours, theirs = getattr(gone, given), getattr(kept, given)
        if ours and theirs and ours != theirs:
            return TwoGifts(tag=kept.tag, other=gone.tag)
        if ours and not theirs:
            return KeepTheOther(tag=gone.tag, other=kept.tag, why="donor")
    if gone.stay > kept.stay:
        return KeepTheOther(tag=gone.tag, other=kept.tag, why="stay")
    if merged_into(session, gone):
        return KeepTheOther(tag=gone.tag, other=kept.tag, why="merged")
    return None


def part(session: Session, done: Merge, *, by: Person, at: datetime) -> None:
    """Undo a merge: they are two computers after all. Raises `NotAllowed`, `TooLateToPart`."""
    require(by, "machines.merge", done.kept.workshop, at=at)
    session.refresh(done, with_for_update=True)
    for machine in sorted((done.gone, done.kept), key=lambda one: one.id):
        lock(session, machine)
    if not done.open:
        raise TooLateToPart(tag=done.kept.tag)
    record(session, done.gone, Note.PARTED, by=by, at=at, tag=done.kept.tag)
    done.gone.merged_into = None
    session.flush()
    record(session, done.kept, Note.PARTED, by=by, at=at, tag=done.gone.tag)
    done.undone_at, done.undone_by_id = at, by.id
    session.flush()


def merges_of(session: Session, machine: Machine) -> list[Merge]:
    """The merges into a machine that stand, latest first."""
    query = select(Merge).where(Merge.kept_id == machine.id, Merge.undone_at.is_(None))
    return list(session.scalars(query.order_by(Merge.id.desc())))


def merged_into(session: Session, machine: Machine) -> list[Machine]:
    """The records that go on under this one."""
    return list(session.scalars(select(Machine).where(Machine.merged_into_id == machine.id).order_by(Machine.id)))
